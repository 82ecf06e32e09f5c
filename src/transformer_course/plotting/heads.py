"""Chapter 6's pictures: several attentions side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure

from transformer_course.plotting import style

_WORD_GROUNDS = ("#cfe8f7", "#fbe3b3", "#c9ebdd")


def two_rows(
    sentences: Mapping[str, tuple[Sequence[str], Any, Sequence[float]]],
    rows: Sequence[str],
) -> Figure:
    """Draw rows of weights with what comes out of each, per sentence.

    Args:
        sentences: For each sentence its T words, float (R, T) weights, a row
            a head, and R outputs.
        rows: R names.

    Returns:
        The figure.
    """
    figure, axes = style.panels(1, len(sentences), height=2.3)
    for ax, (words, weights, outputs) in zip(
        axes[0], sentences.values(), strict=True
    ):
        first = ax is axes[0, 0]
        style.heatmap(
            ax, weights, rows if first else (), words, limit=1.0,
            numbers=".2f",
        )  # fmt: skip
        if not first:
            ax.set_yticks([])
        for row, output in enumerate(outputs):
            ax.text(
                len(words) - 0.4, row, f"→ {output:.2f}", va="center",
                color="#00704f", fontweight="bold",
            )  # fmt: skip
        ax.set_title("“eats” asks; output of “what”", fontsize=9.5)
        ax.xaxis.tick_bottom()
    return figure


def _torn(ax: Axes, grid: Any, title: str) -> None:
    """Write entries in squares, coloured by the word they are from."""
    entries = np.asarray(grid)
    ax.imshow(
        entries // 10, cmap=ListedColormap(list(_WORD_GROUNDS)), vmin=0,
        vmax=2, aspect="auto",
    )  # fmt: skip
    for (i, j), entry in np.ndenumerate(entries):
        ax.text(j, i, f"{entry:02d}", ha="center", va="center")
    edges = np.array(entries.shape)
    ax.set_xticks(np.arange(edges[1] + 1) - 0.5, minor=True)
    ax.set_yticks(np.arange(edges[0] + 1) - 0.5, minor=True)
    ax.grid(False)
    ax.grid(which="minor", color="white", linewidth=2)
    ax.tick_params(which="both", length=0)
    ax.set_xticks([])
    ax.set_yticks([])
    ax.spines[:].set_visible(False)
    ax.set_title(title, fontsize=9.5)


def reshapes(words: Any, right: Any, wrong: Any) -> Figure:
    """Draw where the numbers of three words go when they are split.

    Args:
        words: Int (3, D), entry 10 t + c for number c of word t.
        right: Int (2, 3, D_h), the heads after view and transpose.
        wrong: Int (2, 3, D_h), the heads after view alone.

    Returns:
        The figure.
    """
    figure, axes = style.panels(
        2, 3, height=3.2, gridspec_kw={"width_ratios": [2, 1.2, 1.2]}
    )
    for line, (heads, title) in enumerate(
        ((right, "view, transpose"), (wrong, "view alone"))
    ):
        _torn(axes[line, 0], words, f"three words, one a row ({title})")
        for head in range(2):
            _torn(axes[line, head + 1], heads[head], f"head {head}")
    return figure


def times(sizes: Sequence[Mapping[str, Any]]) -> Figure:
    """Draw time by number of heads, relative to one head.

    Args:
        sizes: For each size its number of ``"words"`` and, by path
            (``"written out"``, ``"fused"``), a mapping from the number of
            heads to the ratio.

    Returns:
        The figure.
    """
    figure, axes = style.panels(1, len(sizes), height=2.9, sharey=True)
    for ax, size in zip(axes[0], sizes, strict=True):
        for n, path in enumerate(("written out", "fused")):
            heads = [int(h) for h in size[path]]
            ratios = list(size[path].values())
            ax.plot(
                heads, ratios, color=style.CYCLE[n], label=path,
                marker=style.MARKERS[n], linestyle=style.DASHES[n],
            )  # fmt: skip
        ax.axhline(1, color=style.BLACK, linestyle=":", linewidth=1.3)
        ax.text(1, 0.93, "multiply-adds", fontsize=9, va="top")
        ax.set_xscale("log", base=2)
        ax.set_yscale("log", base=2)
        ax.set_xticks(heads, [str(h) for h in heads])
        ax.set_yticks([1, 2, 4, 8, 16], ["1", "2", "4", "8", "16"])
        ax.set_ylim(0.6, 18)
        ax.set_xlabel("number of heads")
        ax.set_title(f"{size['words']} words")
    axes[0, 0].set_ylabel("time / time of one head")
    axes[0, 0].legend(fontsize=9, loc="upper left")
    return figure


def _points(
    ax: Axes, place: float, values: Sequence[float], n: int, label: str = ""
) -> None:
    """Draw a column of points, side by side so that none hides another."""
    shifts = np.linspace(-0.14, 0.14, len(values))
    ax.plot(
        place + shifts, list(values), linestyle="none", markersize=6,
        marker=style.MARKERS[n], color=style.CYCLE[n],
        markeredgecolor=style.BLACK, markeredgewidth=0.6, label=label,
    )  # fmt: skip


def by_heads(shares: Mapping[str, Sequence[float]]) -> Figure:
    """Draw each training's score by number of heads.

    Args:
        shares: For each number of heads, in percent, a value a training.

    Returns:
        The figure.
    """
    figure, axes = style.panels(height=2.9)
    ax = axes[0, 0]
    for place, values in enumerate(shares.values()):
        _points(ax, place, values, 0)
    ax.set_xticks(range(len(shares)), list(shares))
    ax.set_xlabel("number of heads (width 16 in all)")
    ax.set_ylabel("both nouns right, %")
    ax.set_ylim(-5, 107)
    ax.grid(axis="x", visible=False)
    return figure


def cuts(points: Mapping[str, Sequence[tuple[float, float]]]) -> Figure:
    """Draw what is still right when one head is cut out.

    Args:
        points: For each kind of model, a point a head: percent of subjects
            and of objects that are still right.

    Returns:
        The figure.
    """
    figure, axes = style.panels(1, len(points), height=3.0, sharey=True)
    for n, (ax, (name, heads)) in enumerate(
        zip(axes[0], points.items(), strict=True)
    ):
        subjects, objects = zip(*heads, strict=True)
        ax.plot(
            subjects, objects, linestyle="none", marker=style.MARKERS[n],
            color=style.CYCLE[n], markeredgecolor=style.BLACK, alpha=0.8,
            markeredgewidth=0.6,
        )  # fmt: skip
        ax.set_title(f"{name}, one cut out")
        ax.set_xlabel("subjects right, %")
        ax.set_xlim(-6, 106)
        ax.set_ylim(-6, 106)
    axes[0, 0].set_ylabel("objects right, %")
    return figure


def broken(shares: Mapping[str, Sequence[Sequence[float]]]) -> Figure:
    """Draw each model's scores on the test and with more padding.

    Args:
        shares: For each model two lists of percentages, a value a training:
            on the test, and on the test with more padding.

    Returns:
        The figure.
    """
    figure, axes = style.panels(height=3.2)
    ax = axes[0, 0]
    for place, pair in enumerate(shares.values()):
        for n, (values, label) in enumerate(
            zip(pair, ("as in training", "more padding"), strict=True)
        ):
            _points(
                ax, place + 0.4 * n - 0.2, values, n,
                label if place == 0 else "",
            )  # fmt: skip
    names = [name.replace(" ", "\n", 1) for name in shares]
    ax.set_xticks(range(len(shares)), names, fontsize=9.5)
    ax.set_ylabel("both nouns right, %")
    ax.set_ylim(-5, 107)
    ax.legend(fontsize=9, loc="lower left")
    ax.grid(axis="x", visible=False)
    return figure


def maps(grids: Mapping[str, Any], words: Sequence[str]) -> Figure:
    """Draw some heads' maps of one sentence.

    Args:
        grids: For each head, float (T, T): who asks down, who is asked
            across.
        words: The T words.

    Returns:
        The figure.
    """
    figure, axes = style.panels(1, len(grids), height=3.6)
    for ax, (name, grid) in zip(axes[0], grids.items(), strict=True):
        first = ax is axes[0, 0]
        style.heatmap(ax, grid, words if first else (), words, limit=1.0)
        if not first:
            ax.set_yticks([])
        ax.tick_params(axis="x", rotation=90)
        ax.set_title(name)
        ax.set_xlabel("is asked")
    axes[0, 0].set_ylabel("asks")
    return figure


def previous_word(shares: Mapping[str, Any]) -> Figure:
    """Draw how often each head's largest weight is on the word before.

    Args:
        shares: For each kind of text, float (H,), from 0 to 1.

    Returns:
        The figure.
    """
    figure, axes = style.panels(height=2.9)
    ax = axes[0, 0]
    width = 0.8 / len(shares)
    for n, (name, values) in enumerate(shares.items()):
        heights = 100 * np.asarray(values)
        places = np.arange(len(heights)) + 1 + (n - 1) * width
        ax.bar(
            places, heights, width=width, color=style.CYCLE[n], label=name,
            edgecolor=style.GREY, hatch=("", "//", "..")[n % 3],
        )  # fmt: skip
    ax.set_xticks(range(1, len(heights) + 1))
    ax.set_xlabel("head")
    ax.set_ylabel("largest weight on\nthe word before, %")
    ax.legend(fontsize=9)
    ax.grid(axis="x", visible=False)
    return figure
