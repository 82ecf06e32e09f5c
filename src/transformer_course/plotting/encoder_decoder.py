"""Pictures of chapter 10: two sentences, what passes, what the memory does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch, Rectangle

from transformer_course.plotting import style

# Pale grounds for numbers, in the colours of their roles.
_GROUND = {
    style.QUERY: "#d3e6f3",
    style.KEY: "#fbedcc",
    style.VALUE: "#cdece3",
    style.GREY: "#eceff2",
}
_CELL, _LINE = 0.92, 0.62  # width and height of a number's box
_PARTS = {  # names of the model's parts, their colours and hatches
    "embedding": ("embedding", style.SKY, None),
    "attention": ("attention", style.ORANGE, "//"),
    "feed_forward": ("feed-forward", style.GREEN, ".."),
    "norm": ("norms", style.GREY, None),
}


def _matrix(
    ax: Axes,
    x: float,
    values: Any,
    title: str,
    color: str,
    rows: Sequence[str],
    columns: Sequence[str],
) -> float:
    """Write a matrix with its left edge at x; return its right edge."""
    grid = np.asarray(values, dtype=float)
    for (i, j), value in np.ndenumerate(grid):
        corner = (x + j * _CELL, -(i + 1) * _LINE)
        ax.add_patch(
            Rectangle(
                corner, _CELL, _LINE, facecolor=_GROUND[color],
                edgecolor=color, linewidth=1.2,
            )
        )  # fmt: skip
        ax.text(
            corner[0] + _CELL / 2, corner[1] + _LINE / 2,
            f"{value:.3f}".removesuffix(".000"), ha="center", va="center",
            fontsize=8.5,
        )  # fmt: skip
    middle = x + grid.shape[1] * _CELL / 2
    ax.text(middle, 0.75, title, ha="center", fontsize=9, weight="bold")
    for i, label in enumerate(rows):
        ax.text(
            x - 0.1, -(i + 0.5) * _LINE, label, ha="right", va="center",
            fontsize=8.5,
        )  # fmt: skip
    for j, label in enumerate(columns):
        ax.text(x + (j + 0.5) * _CELL, 0.18, label, ha="center", fontsize=8)
    return float(x + grid.shape[1] * _CELL)


def worked_example(
    scoring: tuple[Any, Any, Any],
    mixing: tuple[Any, Any, Any],
    asking: Sequence[str],
    asked: Sequence[str],
) -> Figure:
    """Lay cross-attention of a few words out as small matrices.

    Args:
        scoring: Queries (T_q, D), keys (T_k, D) and scores (T_q, T_k).
        mixing: Weights (T_q, T_k), values (T_k, D) and output (T_q, D).
        asking: The T_q words of the decoder.
        asked: The T_k words of the source.

    Returns:
        The figure.
    """
    q, k, scores = scoring
    weights, v, output = mixing
    lines: list[list[tuple[Any, str, str, Sequence[str], Sequence[str]]]] = [
        [
            (q, "queries", style.QUERY, asking, ()),
            (np.asarray(k).T, "keys, a column each", style.KEY, (), asked),
        ],
        [
            (scores, "scores", style.GREY, asking, asked),
            (weights, "weights", style.GREY, asking, asked),
        ],
        [
            (v, "values", style.VALUE, asked, ()),
            (output, "output", style.VALUE, asking, ()),
        ],
    ]
    figure, axes = plt.subplots(3, 1, figsize=(4.8, 4.9))
    for ax, line in zip(axes, lines, strict=True):
        edge = 0.0
        for values, title, color, rows, columns in line:
            edge = _matrix(
                ax, edge + 1.15, values, title, color, rows, columns
            )
        ax.set_xlim(0, 7.9)
        ax.set_ylim(-len(asked) * _LINE - 0.1, 1.1)
        ax.axis("off")
    return figure


def _box(
    ax: Axes, x: float, y: float, text: str, color: str, height: float
) -> None:
    ax.add_patch(
        FancyBboxPatch(
            (x - 0.85, y), 1.7, height, facecolor="white", edgecolor=color,
            boxstyle="round,pad=0,rounding_size=0.06", linewidth=1.6,
        )
    )  # fmt: skip
    ax.text(x, y + height / 2, text, ha="center", va="center", fontsize=8.5)


def flow(n_layers: int) -> Figure:
    """Draw what passes from block to block, and what stays inside.

    Args:
        n_layers: Blocks on each side.

    Returns:
        The figure.

    Raises:
        ValueError: ``n_layers`` is not positive.
    """
    if n_layers < 1:
        raise ValueError(f"n_layers is {n_layers}, wanted at least 1")
    figure, ax = plt.subplots(figsize=(3.8, 1.1 + 1.3 * n_layers))
    step, height, right = 1.3, 0.95, 2.6
    for n in range(n_layers):
        y = n * step
        _box(
            ax, 0, y, f"encoder block {n}\nits own Q, K, V from x",
            style.ENCODER, height,
        )  # fmt: skip
        _box(
            ax, right, y,
            f"decoder block {n}\nits own Q from x,\nK, V from memory",
            style.DECODER, height,
        )  # fmt: skip
        for x in (0.0, right):
            style.connect(ax, (x, y - step + height), (x, y))
            ax.text(x + 0.06, y - 0.2, "hidden states", fontsize=7.5)
    top = n_layers * step - step + height
    style.connect(ax, (right, top), (right, top + 0.35))
    ax.plot([0, 0, 1.3, 1.3], [top, top + 0.2, top + 0.2, height / 2],
            color=style.BLACK, linestyle="-", linewidth=1.4)  # fmt: skip
    ax.text(0.1, top + 0.27, "memory", fontsize=8.5, weight="bold")
    for n in range(n_layers):
        middle = n * step + height / 2
        style.connect(ax, (1.3, middle), (right - 0.85, middle))
    ax.set_xlim(-0.95, right + 0.95)
    ax.set_ylim(-0.4, top + 0.5)
    ax.axis("off")
    return figure


def parameters(counted: Mapping[str, Mapping[str, int]]) -> Figure:
    """Draw where the parameters of some models sit.

    Args:
        counted: For each model, its parameters by part; the parts are
            ``"embedding"``, ``"attention"``, ``"feed_forward"``, ``"norm"``.

    Returns:
        The figure.
    """
    figure, ax = plt.subplots(figsize=(5.2, 2.3))
    for place, parts in enumerate(counted.values()):
        start = 0.0
        for part, (name, color, hatch) in _PARTS.items():
            width = parts[part] / 1e6
            ax.barh(
                place, width, left=start, color=color, hatch=hatch,
                edgecolor=style.BLACK, height=0.6, linewidth=0.6,
                label=name if place == 0 else None,
            )  # fmt: skip
            if width > 5:
                ax.text(
                    start + width / 2, place, f"{width:.1f}", ha="center",
                    va="center", fontsize=8,
                    bbox={"facecolor": "white", "pad": 1, "edgecolor": "none"},
                )  # fmt: skip
            start += width
        ax.text(start + 2, place, f"{start:.1f}", va="center", weight="bold")
    ax.set_yticks(range(len(counted)), list(counted))
    ax.invert_yaxis()
    ax.set_xlabel("parameters, millions")
    ax.set_xlim(0, 240)
    ax.grid(axis="y", visible=False)
    ax.legend(ncols=4, loc="lower center", bbox_to_anchor=(0.5, 1), fontsize=9)
    return figure


def shares(right: Mapping[str, float]) -> Figure:
    """Draw the exact match under each thing that was done to the memory.

    Args:
        right: Share from 0 to 1 by what was done.

    Returns:
        The figure.
    """
    figure, ax = plt.subplots(figsize=(4.8, 2.6))
    best = max(right.values())
    for place, share in enumerate(right.values()):
        kept = share > 0.98 * best
        ax.barh(
            place, 100 * share, height=0.62, edgecolor=style.GREY,
            color=style.RIGHT if kept else style.WRONG,
            hatch=None if kept else "//",
        )  # fmt: skip
        ax.text(100 * share + 1.5, place, f"{100 * share:.0f}", va="center")
    ax.set_yticks(range(len(right)), list(right))
    ax.set_ylim(len(right) - 0.5, -0.5)
    ax.set_xlim(0, 110)
    ax.set_xlabel("exact match, % of test sentences")
    ax.grid(axis="y", visible=False)
    return figure


def alignment(
    weights: Any,
    writes: Sequence[str],
    source: Sequence[str],
    true: Sequence[tuple[int, int]],
) -> Figure:
    """Draw a cross-attention map with frames at the known alignment.

    Args:
        weights: Float (T_q, T_k), a row for each word that is written.
        writes: The word that each row writes.
        source: The T_k source words.
        true: Row and column of each known alignment.

    Returns:
        The figure.
    """
    figure, ax = plt.subplots(figsize=(3.8, 3.6))
    style.heatmap(ax, weights, writes, source, limit=1.0, numbers=".2f")
    for row, column in true:
        ax.add_patch(
            Rectangle(
                (column - 0.47, row - 0.47), 0.94, 0.94, fill=False,
                edgecolor=style.VERMILION, linewidth=2.2,
            )
        )  # fmt: skip
    ax.set_ylabel("word that is written")
    ax.set_xlabel("source word that is asked")
    return figure


def broken(arms: Mapping[str, Sequence[tuple[float, float]]]) -> Figure:
    """Draw training loss and exact match of several arms, a dot a training.

    Args:
        arms: For each arm, last loss and exact match (0 to 1) by training.

    Returns:
        The figure.
    """
    figure, axes = plt.subplots(2, 1, figsize=(4.8, 4.6))
    for column, (ax, scale) in enumerate(zip(axes, (1, 100), strict=True)):
        for place, pairs in enumerate(arms.values()):
            ax.plot(
                [scale * pair[column] for pair in pairs],
                [place] * len(pairs), linestyle="none",
                marker=style.MARKERS[column], markersize=6, alpha=0.75,
                color=(style.BLUE, style.VERMILION)[column],
                markeredgecolor=style.BLACK, markeredgewidth=0.5,
            )  # fmt: skip
        ax.set_yticks(range(len(arms)), list(arms))
        ax.set_ylim(len(arms) - 0.5, -0.5)
    axes[0].set_xscale("log")
    axes[0].set_xlabel("last training losses, nats")
    axes[1].set_xlim(-5, 105)
    axes[1].set_xlabel("exact match, % of test")
    return figure
