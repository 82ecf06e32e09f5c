"""Pictures of chapter 13: what BERT reads, restores, finds and points at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from transformer_course.plotting import style

_DOTS: dict[str, Any] = {"markersize": 5.5, "alpha": 0.85}
_LETTERS = "AB"


def inputs(tokens: Sequence[str], segments: Sequence[int]) -> Figure:
    """Draw the three rows of vectors that BERT adds up, as labelled boxes.

    Args:
        tokens: The T tokens of an input.
        segments: For each of them 0 or 1, the part that it belongs to.

    Returns:
        The figure: tokens, segments and positions from the top down, a
        column a token; the second part is hatched.

    Raises:
        ValueError: The two lists differ in length.
    """
    if len(tokens) != len(segments):
        raise ValueError(
            f"{len(tokens)} tokens came with {len(segments)} segments"
        )
    figure, axes = style.panels(height=2.0)
    ax = axes[0, 0]
    rows = (
        ("token", list(tokens), "#d3e6f3"),
        ("segment", [_LETTERS[s] for s in segments], "#fbedcc"),
        ("position", [str(t) for t in range(len(tokens))], "#cdece3"),
    )
    for row, (name, texts, ground) in enumerate(rows):
        ax.text(-0.15, row, name, ha="right", va="center", fontsize=9)
        if row:
            ax.text(-0.35, row - 0.5, "+", ha="center", va="center")
        for column, text in enumerate(texts):
            second = name == "segment" and segments[column] == 1
            ax.add_patch(
                Rectangle(
                    (column + 0.03, row - 0.32), 0.94, 0.64, facecolor=ground,
                    edgecolor=style.GREY, hatch="//" if second else None,
                )
            )  # fmt: skip
            ax.text(
                column + 0.5, row, text, ha="center", va="center", fontsize=8,
                bbox={"facecolor": ground, "edgecolor": "none", "pad": 0.6},
            )  # fmt: skip
    ax.set_xlim(-1.3, len(tokens) + 0.05)
    ax.set_ylim(2.5, -0.5)
    ax.axis("off")
    return figure


def _dots(ax: Axes, rows: Mapping[str, Sequence[float]]) -> None:
    """Draw a row of dots for each arm; markers tell the arms apart."""
    for n, (shares, marker, color) in enumerate(
        zip(
            rows.values(),
            (style.MARKERS * 3)[: len(rows)],
            (style.CYCLE * 3)[: len(rows)],
            strict=True,
        )
    ):
        spread = np.linspace(-0.2, 0.2, len(shares)) if len(shares) > 1 else 0
        ax.plot(
            100 * np.asarray(shares), n + spread, marker, color=color,
            linestyle="none", **_DOTS,
        )  # fmt: skip
    ax.set_yticks(range(len(rows)), list(rows))
    ax.set_ylim(len(rows) - 0.5, -0.5)
    ax.grid(axis="y", visible=False)


def arms(
    panels: Mapping[str, Mapping[str, Sequence[float]]],
    label: str,
    line: float | None = None,
    span: tuple[float, float] = (0.0, 1.0),
) -> Figure:
    """Draw a score of several arms, a dot a training.

    Args:
        panels: For each panel's title, for each arm, one score a training,
            from 0 to 1.
        label: What the axis shows, in percent.
        line: A score to draw as a dashed line, such as chance.
        span: Smallest and largest score of the axis.

    Returns:
        The figure: one panel below the other, one row an arm.
    """
    n_rows = [len(rows) for rows in panels.values()]
    figure, axes = style.panels(
        len(panels), 1, height=0.36 * sum(n_rows) + 0.42 * len(panels) + 0.6,
        sharex=True, gridspec_kw={"height_ratios": n_rows},
    )  # fmt: skip
    low, high = 100 * span[0], 100 * span[1]
    for ax, (title, rows) in zip(axes[:, 0], panels.items(), strict=True):
        _dots(ax, rows)
        if line is not None:
            ax.axvline(100 * line, color=style.CHANCE, linestyle="--", lw=1.4)
        ax.set_xlim(low - 0.03 * (high - low), high + 0.03 * (high - low))
        if title:
            ax.set_title(title)
    axes[-1, 0].set_xlabel(label)
    return figure


def pointers(
    words: Sequence[str], start: Any, end: Any, right: tuple[int, int]
) -> Figure:
    """Draw where the start and the end of an answer are pointed at.

    Args:
        words: The T words of a text.
        start: Probability of each to begin the answer (T,).
        end: Probability of each to end it (T,).
        right: The true first and last place.

    Returns:
        The figure: two rows of cells, darker where the probability is
        larger; the true places are framed.
    """
    figure, axes = style.panels(2, 1, height=2.6)
    for ax, name, chances, place in zip(
        axes[:, 0], ("start", "end"), (start, end), right, strict=True
    ):
        style.heatmap(ax, np.asarray(chances)[None], [name], limit=1.0)
        ax.add_patch(
            Rectangle(
                (place - 0.5, -0.5), 1, 1, fill=False, lw=2.2,
                edgecolor=style.VERMILION,
            )
        )  # fmt: skip
        ax.set_xticks([])
    axes[1, 0].set_xticks(range(len(words)), words, rotation=90, fontsize=7.5)
    return figure


def likeness(grid: Any, names: Sequence[str], title: str = "cosine") -> Figure:
    """Draw the cosines of some sentences with each other.

    Args:
        grid: Cosines (n, n).
        names: The n sentences.
        title: What the numbers are.

    Returns:
        The figure: a table of numbers on tints, sentences at its left.
    """
    values = np.asarray(grid, dtype=float)
    figure, axes = style.panels(height=0.5 * len(names) + 0.8)
    ax = axes[0, 0]
    numbers = [str(n + 1) for n in range(len(names))]
    style.heatmap(
        ax, values, [f"{n}  {s}" for n, s in zip(numbers, names, strict=True)],
        numbers, signed=True, limit=1.0, numbers=".2f",
    )  # fmt: skip
    ax.xaxis.tick_top()
    ax.set_title(title)
    plt.setp(ax.get_yticklabels(), fontsize=9)
    return figure
