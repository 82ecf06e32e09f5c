"""Pictures of chapter 5: scores, mixtures, maps and what cutting them does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from transformer_course.plotting import style

# Pale grounds for numbers, in the colours of their roles.
_GROUND = {
    style.QUERY: "#d3e6f3",
    style.KEY: "#fbedcc",
    style.VALUE: "#cdece3",
    style.GREY: "#eceff2",
}
_CELL = 0.92  # width of a number's box
_LABELS = {"pronoun-typed": "typed", "pronoun-role-bound": "role-bound"}


def dot_products(
    scores: Sequence[tuple[str, float]], asker: str, marked: Sequence[str]
) -> Figure:
    """Draw one word's dot product with each word of a sentence.

    Args:
        scores: Words and their dot products, in the sentence's order.
        asker: The word that all are multiplied with; its own bar is hatched.
        marked: Words whose bars stand out.

    Returns:
        The figure.
    """
    figure, axes = style.panels(height=2.9)
    ax = axes[0, 0]
    for place, (word, score) in enumerate(scores):
        ax.bar(
            place, score, width=0.7, edgecolor=style.GREY,
            color=style.KEY if word in marked else style.PALE,
            hatch="///" if word == asker else None,
        )  # fmt: skip
        ax.text(place, score + 0.5, f"{score:.1f}", ha="center", fontsize=9)
    ax.set_xticks(range(len(scores)), [word for word, _ in scores])
    ax.set_ylabel(f'dot product with "{asker}"')
    ax.set_ylim(0, 1.12 * max(score for _, score in scores))
    ax.grid(axis="x", visible=False)
    return figure


def _matrix(
    ax: Axes,
    x: float,
    values: Any,
    title: str,
    color: str,
    shape: str,
    digits: int = 3,
) -> None:
    """Write a 2 x 2 matrix with its left edge at x."""
    for (i, j), value in np.ndenumerate(np.asarray(values, dtype=float)):
        corner = (x + j * _CELL, -i * 0.62)
        ax.add_patch(
            Rectangle(
                corner, _CELL, 0.62, facecolor=_GROUND[color],
                edgecolor=color, linewidth=1.2,
            )
        )  # fmt: skip
        ax.text(
            corner[0] + _CELL / 2, corner[1] + 0.31, f"{value:.{digits}f}",
            ha="center", va="center", fontsize=9.5,
        )  # fmt: skip
    ax.text(x + _CELL, 0.78, title, ha="center", fontsize=9.5, weight="bold")
    ax.text(x + _CELL, -0.92, shape, ha="center", fontsize=8.5)


def _product(ax: Axes, matrices: Sequence[Any], words: Sequence[str]) -> None:
    """Write two matrices and their product, rows labelled by words."""
    step = 2 * _CELL + 0.8
    for place, matrix in enumerate(matrices):
        _matrix(ax, place * step, *matrix)
    for place, sign in enumerate("×="):
        middle = (place + 1) * step - 0.4
        ax.text(middle, 0, sign, ha="center", va="center", fontsize=14)
    for row, word in enumerate(words):
        y = 0.31 - row * 0.62
        ax.text(-0.15, y, word, ha="right", va="center", fontsize=9.5)
        end = 3 * step - 0.8 + 0.15
        ax.text(end, y, word, ha="left", va="center", fontsize=9.5)
    ax.set_xlim(-1.0, 8.2)
    ax.set_ylim(-1.1, 1.05)
    ax.axis("off")


def worked_example(
    queries: Any,
    vectors: Any,
    scores: Any,
    weights: Any,
    output: Any,
    words: Sequence[str],
) -> Figure:
    """Lay self-attention of two words out as small matrices, in two lines.

    Args:
        queries: Float (2, 2), one query a row.
        vectors: Float (2, 2), one word's vector a row; keys and values here.
        scores: Float (2, 2).
        weights: Float (2, 2).
        output: Float (2, 2).
        words: The two words, which label the rows.

    Returns:
        The figure.
    """
    figure, axes = style.panels(2, 1, height=3.6)
    keys = np.asarray(vectors).T
    first = [
        (queries, "queries $Q$", style.QUERY, "$(T_q, D)$", 2),
        (keys, "words $X^⊤$", style.KEY, "$(D, T_k)$", 1),
        (scores, "scores", style.GREY, "$(T_q, T_k)$"),
    ]
    second = [
        (weights, "weights", style.GREY, "$(T_q, T_k)$"),
        (vectors, "words $X$", style.VALUE, "$(T_k, D)$", 1),
        (output, "output", style.VALUE, "$(T_q, D)$"),
    ]
    _product(axes[0, 0], first, words)
    _product(axes[1, 0], second, words)
    axes[1, 0].text(
        -0.95, 1.15, "softmax of each row ↓", fontsize=9.5, style="italic"
    )
    return figure


def mixture(vectors: Any, outputs: Any, words: Sequence[str]) -> Figure:
    """Show that outputs lie between the vectors that they mix.

    Args:
        vectors: Float (2, 2), one word's vector a row.
        outputs: Float (2, 2), one output a row.
        words: The two words.

    Returns:
        The figure.
    """
    figure, axes = style.panels(height=3.0)
    ax = axes[0, 0]
    points = np.asarray(vectors)
    ax.plot(*points.T, color=style.GREY, linestyle=":", zorder=1)
    for point, word in zip(points, words, strict=True):
        ax.plot(*point, "o", color=style.GREY, markersize=9)
        ax.annotate(
            f"{word} [{point[0]:.1f}, {point[1]:.1f}]", point,
            xytext=(12, -4), textcoords="offset points",
        )  # fmt: skip
    offsets = ((12, 6), (-172, -16))
    for point, word, offset in zip(
        np.asarray(outputs), words, offsets, strict=True
    ):
        ax.plot(*point, "D", color=style.VALUE, markersize=8, zorder=3)
        ax.annotate(
            f"output of {word} [{point[0]:.3f}, {point[1]:.3f}]", point,
            xytext=offset, textcoords="offset points", color="#00704f",
        )  # fmt: skip
    ax.set_xlim(0.1, 0.45)
    ax.set_ylim(0.3, 1.0)
    ax.set_xlabel("first number")
    ax.set_ylabel("second number")
    return figure


def scaling(
    widths: Sequence[int],
    spreads: Mapping[tuple[str, int], float],
    slopes: Mapping[tuple[str, int], float],
) -> Figure:
    """Draw the spread of scores and the softmax's slope by width.

    Args:
        widths: The widths d_k.
        spreads: Standard deviation by ("raw" or "divided", d_k).
        slopes: Mean slope of a weight, by the same keys.

    Returns:
        The figure.
    """
    figure, axes = style.panels(1, 2, height=2.9)
    for ax, values, label, below in (
        (axes[0, 0], spreads, "standard deviation of scores", 8),
        (axes[0, 1], slopes, "slope of a weight, w(1 - w)", -18),
    ):
        for n, (name, color, drop) in enumerate(
            (("raw", style.WRONG, 8), ("divided", style.RIGHT, below))
        ):
            heights = [values[name, width] for width in widths]
            ax.plot(
                widths, heights, color=color, marker=style.MARKERS[n],
                linestyle=style.DASHES[n],
            )  # fmt: skip
            ax.annotate(
                name, (widths[2], heights[2]), xytext=(0, drop),
                textcoords="offset points", color=color, ha="center",
            )  # fmt: skip
        ax.set_xscale("log", base=4)
        ax.set_xticks(list(widths), [str(width) for width in widths])
        ax.set_xlabel("width $d_k$")
        ax.set_title(label)
        ax.set_ylim(bottom=0)
    return figure


def accuracies(table: Mapping[str, Mapping[str, Sequence[bool]]]) -> Figure:
    """Draw the accuracy of several methods on several tasks.

    Args:
        table: For each task, for each method, whether each item was right.

    Returns:
        The figure.
    """
    figure, axes = style.panels(1, len(table), height=2.7, sharey=True)
    for ax, (task, methods) in zip(axes[0], table.items(), strict=True):
        names = list(methods)
        for place, name in enumerate(names):
            share = 100 * sum(methods[name]) / len(methods[name])
            solved = share > 75
            ax.barh(
                place, share, height=0.62, edgecolor=style.GREY,
                color=style.RIGHT if solved else style.PALE,
                hatch=None if solved else "//",
            )  # fmt: skip
            ax.text(
                max(share, 50) + 2, place, f"{share:.0f}", va="center",
                fontsize=9,
            )  # fmt: skip
        _chance(ax, vertical=True)
        ax.set_yticks(range(len(names)), names)
        ax.set_ylim(len(names) - 0.5, -0.9)
        ax.set_xlim(0, 118)
        ax.set_xticks([0, 25, 50, 75, 100])
        ax.set_xlabel("right, % of items")
        ax.set_title(_LABELS.get(task, task))
        ax.grid(axis="y", visible=False)
    return figure


def _chance(ax: Axes, *, vertical: bool = False, right: bool = False) -> None:
    if vertical:
        ax.axvline(50, color=style.BLACK, linestyle="--", linewidth=1.2)
        ax.text(51, -0.65, "chance", va="center", fontsize=9)
        return
    ax.axhline(50, color=style.BLACK, linestyle="--", linewidth=1.2)
    ax.annotate(
        "chance", (int(right), 50), xycoords=ax.get_yaxis_transform(),
        xytext=(-4 if right else 4, 3), textcoords="offset points",
        ha="right" if right else "left", fontsize=9,
    )  # fmt: skip


def rows_of(
    sentences: Mapping[str, tuple[Sequence[str], Mapping[str, Any]]],
    asker: str,
) -> Figure:
    """Draw one word's row of every map, for several sentences.

    Args:
        sentences: For each sentence its T words and its maps by name, each
            float (T, T).
        asker: The word whose row is drawn.

    Returns:
        The figure.
    """
    figure, axes = style.panels(len(sentences), 1, height=3.6)
    for ax, (words, maps) in zip(axes[:, 0], sentences.values(), strict=True):
        place = list(words).index(asker)
        rows = np.stack([np.asarray(grid)[place] for grid in maps.values()])
        style.heatmap(ax, rows, list(maps), limit=1.0)
        for (i, j), weight in np.ndenumerate(rows):
            if weight >= 0.005:
                ax.text(
                    j, i, f"{weight:.2f}".lstrip("0"), ha="center",
                    va="center", fontsize=9,
                    color="white" if weight > 0.6 else style.BLACK,
                )  # fmt: skip
        ax.set_xticks(range(len(words)), list(words), fontsize=9)
        ax.set_xlabel(f'word that is asked; "{asker}" asks')
        ax.get_xticklabels()[place].set_fontweight("bold")
    return figure


def scissors(cuts: Mapping[str, Mapping[str, float]]) -> Figure:
    """Draw each reader's accuracy under each cut.

    Args:
        cuts: For each reader, accuracy from 0 to 1 by what was cut.

    Returns:
        The figure.
    """
    figure, axes = style.panels(height=3.0)
    ax = axes[0, 0]
    names = list(next(iter(cuts.values())))
    for number, accuracy in enumerate(cuts.values()):
        # Side by side, so that equal values do not hide each other.
        shift = 0.5 * (number / max(len(cuts) - 1, 1) - 0.5)
        ax.plot(
            [place + shift for place in range(len(names))],
            [100 * accuracy[name] for name in names],
            linestyle="none", marker="o", markersize=6,
            color=style.CYCLE[number % len(style.CYCLE)],
            markeredgecolor=style.BLACK, markeredgewidth=0.6,
        )  # fmt: skip
        for place, name in enumerate(names):
            ax.text(
                place + shift, 100 * accuracy[name] + 2.5,
                list(cuts)[number], ha="center", fontsize=7.5,
            )  # fmt: skip
    ax.set_xticks(range(len(names)), names)
    ax.set_xlabel("who may not fetch what is said of “it”")
    ax.set_ylabel("right, % of items")
    ax.set_ylim(40, 108)
    _chance(ax)
    ax.grid(axis="x", visible=False)
    return figure


def broken(
    losses: Mapping[str, Sequence[float]], accuracy: Mapping[str, float]
) -> Figure:
    """Draw training losses beside held-out accuracy.

    Args:
        losses: For each reader, the loss of each step.
        accuracy: For each reader, held-out accuracy from 0 to 1.

    Returns:
        The figure.
    """
    figure, axes = style.panels(1, 2, height=3.0)
    left, right = axes[0]
    for n, (name, curve) in enumerate(losses.items()):
        smooth = np.convolve(curve, np.ones(25) / 25, mode="valid")
        left.plot(
            np.maximum(smooth, 1e-4), color=style.CYCLE[n],
            linestyle=style.DASHES[n], label=name,
        )  # fmt: skip
        right.bar(
            n, 100 * accuracy[name], width=0.6, color=style.CYCLE[n],
            edgecolor=style.GREY, hatch=("", "//", "..")[n % 3],
        )  # fmt: skip
        right.text(
            n, 100 * accuracy[name] + 2, f"{100 * accuracy[name]:.0f}",
            ha="center", fontsize=9,
        )  # fmt: skip
    left.set_yscale("log")
    left.set_ylim(0.7e-4, 30)
    left.set_xlabel("step")
    left.set_title("training loss (mean of 25 steps)")
    left.legend(fontsize=9)
    right.set_xticks(range(len(losses)), list(losses))
    right.set_ylim(0, 112)
    right.set_title("role-bound, right, % of items")
    _chance(right, right=True)
    right.grid(axis="x", visible=False)
    return figure
