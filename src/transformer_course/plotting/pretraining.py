"""Pictures of chapter 15: rewritten inputs, accuracy by labels, gains."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from transformer_course.plotting import style

_GROUNDS = {"start": "#d3e6f3", "delim": "#fbedcc", "extract": "#cdece3"}
_LABEL = 18  # characters that a task's name takes
_CHARACTER = 0.602  # width of a character over its size
_HATCHES = {"start": "//", "delim": "..", "extract": "\\\\"}


def transformations(rows: Mapping[str, Sequence[Sequence[str]]]) -> Figure:
    """Draw what a model reads for each task, token by token.

    Args:
        rows: For each task its texts, each a list of tokens; ``"<start>"``,
            ``"<delim>"`` and ``"<extract>"`` are coloured and hatched, the
            tokens between two of them share one box.

    Returns:
        The figure: a row a text, a dot at the vector that the linear layer
        reads.

    Raises:
        ValueError: A text does not end with ``"<extract>"``.
    """
    texts = [
        (task if not i else "", text)
        for task, several in rows.items()
        for i, text in enumerate(several)
    ]
    for task, text in texts:
        if not text or text[-1] != "<extract>":
            raise ValueError(f"a text of {task!r} does not end with <extract>")
    span = _LABEL + 4 + max(_width(_parts(text)) for _, text in texts)
    size = min(8.0, 75 * style.WIDTH / span / _CHARACTER)
    figure, axes = style.panels(height=0.36 * len(texts) + 0.5)
    ax = axes[0, 0]
    for row, (task, text) in enumerate(texts):
        ax.text(-1, row, task, ha="right", va="center", fontsize=9)
        left = 0
        for content, special in _parts(text):
            _box(ax, left, row, content, special, size)
            left += _width([(content, special)])
        ax.plot([left + 1], [row], "o", color=style.BLACK, ms=5)
    ax.text(0, len(texts) - 0.25, "dot: read by the linear head", fontsize=8)
    ax.set_xlim(-_LABEL, span - _LABEL)
    ax.set_ylim(len(texts), -0.6)
    ax.axis("off")
    return figure


def _parts(text: Sequence[str]) -> list[tuple[str, bool]]:
    """Join the words between special tokens; say which parts are special."""
    parts: list[tuple[str, bool]] = []
    for token in text:
        special = token.startswith("<")
        if parts and not special and not parts[-1][1]:
            parts[-1] = (f"{parts[-1][0]} {token}", False)
        else:
            parts.append((token.strip("<>"), special))
    return parts


def _width(parts: Sequence[tuple[str, bool]]) -> int:
    """Count the characters that boxes take, margins included."""
    return sum(len(content) + 2 for content, _ in parts)


def _box(
    ax: Axes, left: int, row: int, content: str, special: bool, size: float
) -> None:
    """Draw one box as wide as its content."""
    width = _width([(content, special)])
    ground = _GROUNDS[content] if special else "white"
    ax.add_patch(
        Rectangle(
            (left + 0.15, row - 0.36), width - 0.3, 0.72, facecolor=ground,
            edgecolor=style.GREY,
            hatch=_HATCHES[content] if special else None,
        )
    )  # fmt: skip
    ax.text(
        left + width / 2, row, content, ha="center", va="center",
        fontsize=size, family="monospace",
        bbox={"facecolor": ground, "edgecolor": "none", "pad": 0.3},
    )  # fmt: skip


@dataclass(frozen=True)
class Level:
    """A score to draw as a line across a panel.

    Attributes:
        name: What it is, such as ``"chance"``.
        score: From 0 to 1.
    """

    name: str
    score: float


def by_labels(
    scores: Mapping[str, Mapping[str, Mapping[int, Sequence[float]]]],
    levels: Mapping[str, Sequence[Level]],
) -> Figure:
    """Draw accuracy by number of labels: a dot a seed, a line of means.

    Args:
        scores: For each task, for each arm, for each number of labels one
            score a seed, from 0 to 1.
        levels: For each task the scores to draw as lines across.

    Returns:
        The figure: a panel a task, two in a row, in percent.

    Raises:
        ValueError: The tasks of the two differ.
    """
    if list(scores) != list(levels):
        raise ValueError(f"tasks {list(scores)} are not {list(levels)}")
    n_rows = (len(scores) + 1) // 2
    figure, axes = style.panels(n_rows, 2, height=2.5 * n_rows + 0.5)
    for ax in axes.flat[len(scores) :]:
        ax.set_axis_off()
    for ax, (task, arms) in zip(axes.flat, scores.items(), strict=False):
        for n, (arm, sizes) in enumerate(arms.items()):
            _line(ax, n, arm, sizes)
        for dash, level in zip((":", "--"), levels[task], strict=False):
            ax.axhline(
                100 * level.score, color=style.CHANCE, linestyle=dash,
                label=level.name,
            )  # fmt: skip
        ax.set_title(task, loc="left")
        ax.set(xscale="log", xlabel="labels", ylabel="% right")
        ticks = list(next(iter(arms.values())))
        ax.set_xticks(ticks, [f"{tick:,}" for tick in ticks])
        ax.minorticks_off()
        ax.set_ylim(0, 103)
    handles, names = axes[0, 0].get_legend_handles_labels()
    figure.legend(
        handles, names, loc="outside lower center", ncols=3, fontsize=9
    )
    return figure


def _line(
    ax: Axes, n: int, arm: str, sizes: Mapping[int, Sequence[float]]
) -> None:
    colour, marker = style.CYCLE[n], style.MARKERS[n]
    means = [100 * float(np.mean(values)) for values in sizes.values()]
    ax.plot(
        list(sizes), means, color=colour, linestyle=style.DASHES[n],
        marker=marker, ms=5, label=arm,
    )  # fmt: skip
    for size, values in sizes.items():
        ax.scatter(
            [size * (0.94 + 0.04 * n)] * len(values),
            100 * np.asarray(values), s=9, color=colour, alpha=0.5,
        )  # fmt: skip


def gains(rows: Mapping[str, Sequence[float]], label: str) -> Figure:
    """Draw paired differences: a dot a seed, the mean with two errors.

    Args:
        rows: For each row one difference a seed, from -1 to 1.
        label: What the axis shows, in points of percent.

    Returns:
        The figure: a row a name, a line at zero.

    Raises:
        ValueError: A row has fewer than two differences.
    """
    figure, axes = style.panels(height=0.42 * len(rows) + 0.9)
    ax = axes[0, 0]
    ax.axvline(0, color=style.GREY, linestyle="--", lw=1.4)
    for row, (name, values) in enumerate(rows.items()):
        if len(values) < 2:
            raise ValueError(f"row {name!r} has {len(values)} differences")
        points = 100 * np.asarray(values, dtype=float)
        error = points.std(ddof=1) / len(points) ** 0.5
        ax.plot(
            points, [row + 0.18] * len(points), "o", color=style.BLUE, ms=5,
            alpha=0.6, linestyle="none",
        )  # fmt: skip
        ax.errorbar(
            points.mean(), row - 0.12, xerr=2 * error, fmt="D", ms=5,
            color=style.BLACK, capsize=4,
        )  # fmt: skip
    ax.set_yticks(range(len(rows)), list(rows))
    ax.set_ylim(len(rows) - 0.5, -0.5)
    ax.set_xlabel(label)
    return figure
