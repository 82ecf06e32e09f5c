"""Pictures of chapter 8: the way round, shared means, curves by depth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch, Rectangle
from matplotlib.ticker import MaxNLocator
from torch import Tensor

from transformer_course.plotting import style

_PLACEMENTS = {
    "bare\nf(x)": ("f",),
    "post-norm\nnorm(x + f(x))": ("f", "+", "norm"),
    "pre-norm\nx + f(norm(x))": ("norm", "f", "+"),
}
_AXES: dict[str, Any] = {
    "LayerNorm:\none word": (0, 1, slice(None)),
    "over the words:\none sentence": (0, slice(None), 1),
    "over the batch:\nall sentences": (slice(None), 1, 1),
}
# The arms of the chapter's experiment, each with a colour and a dash.
_ARMS = ("bare", "norm only", "copy only", "post-norm", "pre-norm")


def placements() -> Figure:
    """Draw a bare layer, a post-norm and a pre-norm one, side by side.

    Returns:
        The figure: time runs upwards, the copy goes round on the right.
    """
    figure, axes = style.panels(1, len(_PLACEMENTS), height=3.3)
    for ax, (title, parts) in zip(axes[0], _PLACEMENTS.items(), strict=True):
        top = len(parts) + 0.6
        ax.annotate(
            "", xy=(0, top), xytext=(0, -0.9),
            arrowprops={"arrowstyle": "-|>", "color": style.GREY, "lw": 1.6},
        )  # fmt: skip
        for height, part in enumerate(parts):
            _part(ax, part, height)
        if "+" in parts:
            _way_round(ax, -0.6, parts.index("+"))
        ax.text(0.1, -0.95, "x", va="bottom", fontsize=10)
        ax.set_title(title, fontsize=10)
        ax.set_xlim(-1.2, 1.7)
        ax.set_ylim(-1.0, 3.8)
        ax.axis("off")
    return figure


def _part(ax: Axes, part: str, height: int) -> None:
    half, face = (0.28, "white") if part == "+" else (0.62, "white")
    if part == "norm":
        face = style.HIGHLIGHT
    ax.add_patch(
        FancyBboxPatch(
            (-half, height - 0.28), 2 * half, 0.56, zorder=3,
            boxstyle="round,pad=0,rounding_size=0.1", facecolor=face,
            edgecolor=style.BLACK, linewidth=1.4,
        )
    )  # fmt: skip
    ax.text(0, height, part, ha="center", va="center", zorder=4)


def _way_round(ax: Axes, low: float, high: float) -> None:
    ax.plot(
        [0, 1.1, 1.1], [low, low, high], color=style.BLUE, lw=2.2,
        linestyle="-",
    )  # fmt: skip
    ax.annotate(
        "", xy=(0.28, high), xytext=(1.13, high),
        arrowprops={"arrowstyle": "-|>", "color": style.BLUE, "lw": 2.2},
    )  # fmt: skip
    ax.text(1.2, (low + high) / 2, "copy", color=style.BLUE, fontsize=9.5)


def shared_means(
    n_sentences: int = 2, n_words: int = 3, n_features: int = 4
) -> Figure:
    """Mark, for three norms, the numbers that share one mean.

    Args:
        n_sentences: Sentences in the batch, at least 2.
        n_words: Words in each, at least 2.
        n_features: Numbers in a word's vector, at least 2.

    Returns:
        The figure: a panel a norm; in each, a grid a sentence, with words
        down and features across.
    """
    figure, axes = style.panels(1, len(_AXES), height=3.2)
    for ax, (title, chosen) in zip(axes[0], _AXES.items(), strict=True):
        marked = np.zeros((n_sentences, n_words, n_features), dtype=bool)
        marked[chosen] = True
        for (b, t, d), lit in np.ndenumerate(marked):
            y = -(b * (n_words + 0.9) + t)
            ax.add_patch(
                Rectangle(
                    (d, y), 1, -1, edgecolor=style.GREY, linewidth=1,
                    facecolor=style.BLUE if lit else "white",
                    hatch="//" if lit else None,
                )
            )  # fmt: skip
        for b in range(n_sentences):
            ax.text(
                0, -b * (n_words + 0.9) + 0.12, f"sentence {b}", fontsize=8.5
            )
        ax.set_title(title, fontsize=10)
        ax.set_xlim(-0.2, n_features + 0.2)
        ax.set_ylim(-n_sentences * (n_words + 0.9) + 0.7, 0.8)
        ax.axis("off")
    return figure


def by_depth(
    panels: Mapping[str, Mapping[str, Sequence[float]]],
    *,
    x_label: str,
    logarithmic: Sequence[str] = (),
    floor: float = 1e-20,
) -> Figure:
    """Draw a curve over depth for every arm, in one panel a measure.

    Args:
        panels: For each measure's name, for each arm, one value a depth.
        x_label: What the depths count.
        logarithmic: The measures whose axis is logarithmic.
        floor: Where such an axis ends below; smaller values lie on it.

    Returns:
        The figure, with one legend for all panels.

    Raises:
        ValueError: An arm is none of the chapter's five.
    """
    figure, axes = style.panels(1, len(panels), height=3.5)
    for ax, (measure, arms) in zip(axes[0], panels.items(), strict=True):
        for arm, values in arms.items():
            n = _number(arm)
            heights = np.asarray(values, dtype=float)
            if measure in logarithmic:
                heights = np.maximum(heights, floor)
            ax.plot(
                range(len(heights)), heights, color=style.CYCLE[n],
                linestyle=style.DASHES[n], marker=style.MARKERS[n],
                markersize=4.5, markevery=(n % 3, 3), label=arm,
            )  # fmt: skip
        if measure in logarithmic:
            ax.set_yscale("log")
        else:
            ax.set_ylim(bottom=min(0.0, ax.get_ylim()[0]))
        ax.xaxis.set_major_locator(MaxNLocator(7, integer=True))
        ax.set_title(measure)
        ax.set_xlabel(x_label)
    handles, labels = axes[0, 0].get_legend_handles_labels()
    figure.legend(
        handles, labels, loc="outside upper center", ncols=3, fontsize=9.5
    )
    return figure


def _number(arm: str) -> int:
    if arm not in _ARMS:
        raise ValueError(f"arm {arm!r} is none of {', '.join(_ARMS)}")
    return _ARMS.index(arm)


def accuracy_by_depth(
    runs: Mapping[str, Mapping[str, Sequence[float | None]]],
) -> Figure:
    """Draw the accuracy of every arm, depth and seed.

    Args:
        runs: For each arm, for each depth, one accuracy a seed, from 0 to 1;
            None where the training broke off.

    Returns:
        The figure: dots are seeds; a cross on the floor is a training that
        broke off.
    """
    figure, axes = style.panels(1, len(runs), height=3.3, sharey=True)
    for ax, (arm, depths) in zip(axes[0], runs.items(), strict=True):
        color = style.CYCLE[_number(arm)]
        for place, values in enumerate(depths.values()):
            shifts = np.linspace(-0.22, 0.22, len(values))
            for shift, value in zip(shifts, values, strict=True):
                ax.plot(
                    place + shift, 42 if value is None else 100 * value,
                    marker="x" if value is None else "o", linestyle="none",
                    color=style.WRONG if value is None else color,
                    markeredgecolor=None if value is None else style.BLACK,
                    markeredgewidth=1.5 if value is None else 0.5,
                    markersize=6,
                )  # fmt: skip
        ax.axhline(50, color=style.CHANCE, linestyle="--", lw=1.2)
        ax.set_xticks(range(len(depths)), list(depths))
        ax.set_xlim(-0.5, len(depths) - 0.5)
        ax.set_ylim(38, 103)
        ax.set_title(arm, fontsize=10)
        ax.set_xlabel("layers")
        ax.grid(axis="x", visible=False)
    axes[0, 0].set_ylabel("right, % of items")
    axes[0, 0].text(-0.45, 51, "chance", fontsize=8.5)
    return figure


def in_company(
    table: Mapping[str, tuple[Sequence[float], Sequence[float]]],
) -> Figure:
    """Draw accuracy in a batch beside accuracy of each sentence alone.

    Args:
        table: For each model its accuracies, from 0 to 1, one a seed: in a
            batch, and alone.

    Returns:
        The figure: a row a model; squares in a batch, dots alone.
    """
    figure, axes = style.panels(height=0.9 + 0.5 * len(table))
    ax = axes[0, 0]
    for row, pair in enumerate(table.values()):
        for values, drop, marker, color, label in zip(
            pair, (-0.15, 0.15), "so", (style.BLUE, style.VERMILION),
            ("in a batch of 1,000", "each sentence alone"), strict=True,
        ):  # fmt: skip
            spread = np.linspace(-0.08, 0.08, len(values))
            ax.plot(
                100 * np.asarray(values), row + drop + spread, marker,
                color=color, markerfacecolor="white" if marker == "s" else
                color, label=None if row else label,
            )  # fmt: skip
    ax.axvline(50, color=style.CHANCE, linestyle="--", lw=1.4, label="a coin")
    ax.set_yticks(range(len(table)), list(table))
    ax.set_ylim(len(table) - 0.5, -0.5)
    ax.set_xlim(40, 103)
    ax.set_xlabel("right, % of items")
    figure.legend(loc="outside upper right", ncols=3, fontsize=9.5)
    return figure


def weights_of_norms(
    norms: Mapping[str, tuple[Tensor, Tensor]],
) -> Figure:
    """Draw the spread of every norm's weight and bias.

    Args:
        norms: For each norm's name its weight and its bias, float (D,).

    Returns:
        The figure: for each norm a line from the 1st to the 99th percentile
        and a dot at the median; dashed, where an untrained norm starts.
    """
    figure, axes = style.panels(1, 2, height=3.6, sharey=True)
    for ax, which, title, start in (
        (axes[0, 0], 0, "weight", 1.0), (axes[0, 1], 1, "bias", 0.0)
    ):  # fmt: skip
        for row, pair in enumerate(norms.values()):
            low, middle, high = np.percentile(pair[which].numpy(), (1, 50, 99))
            ax.plot(
                [low, high], [row, row], color=style.BLUE, linestyle="-",
                lw=3, solid_capstyle="butt",
            )  # fmt: skip
            ax.plot(middle, row, "o", color=style.BLACK, markersize=5)
        ax.axvline(start, color=style.GREY, linestyle="--", lw=1.4)
        ax.set_title(f"{title} (starts at {start:.0f})", fontsize=10)
    axes[0, 0].set_yticks(range(len(norms)), list(norms), fontsize=8.5)
    axes[0, 0].set_ylim(len(norms) - 0.5, -0.5)
    return figure
