"""Pictures of chapter 12: a beam, maps beside the truth, lengths."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from transformer_course.plotting import style

Branch = tuple[float, Mapping[str, float]]


def beam_tree(branches: Mapping[str, Branch]) -> Figure:
    """Draw sentences of two words as a tree, with greedy's path and the best.

    Args:
        branches: For each first word its probability, and the probability of
            each second word behind it.

    Returns:
        The figure. Greedy's path is dashed, the most probable one is thick.
    """
    first = max(branches, key=lambda word: branches[word][0])
    second = max(branches[first][1], key=branches[first][1].__getitem__)
    together = {
        (word, then): p * q
        for word, (p, follow) in branches.items()
        for then, q in follow.items()
    }
    best = max(together, key=together.__getitem__)
    figure, ax = plt.subplots(figsize=(4.8, 2.9))
    heights = {path: float(n) for n, path in enumerate(together)}
    middle = (len(together) - 1) / 2
    for word, (p, follow) in branches.items():
        y = float(np.mean([heights[word, then] for then in follow]))
        _branch(
            ax, (0, middle), (1, y), f"{word} {p:g}", word == first,
            word == best[0],
        )  # fmt: skip
        for then in follow:
            path = (word, then)
            label = f"{then} {together[path]:.2f}"
            _branch(
                ax, (1, y), (2, heights[path]), label,
                path == (first, second), path == best,
            )  # fmt: skip
    ax.set_xlim(-0.1, 2.9)
    ax.invert_yaxis()
    ax.axis("off")
    return figure


def _branch(
    ax: Any,
    start: tuple[float, float],
    end: tuple[float, float],
    label: str,
    greedy: bool,
    best: bool,
) -> None:
    color = style.RIGHT if best else style.WRONG if greedy else style.GREY
    ax.plot(
        *zip(start, end, strict=True), color=color,
        linestyle="--" if greedy else "-",
        linewidth=2.6 if best or greedy else 1.0,
    )  # fmt: skip
    note = " (best)" * (best and end[0] == 2)
    note += " (greedy)" * (greedy and end[0] == 2)
    ax.text(
        end[0] + 0.04, end[1], label + note, va="center", fontsize=10,
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 1},
    )  # fmt: skip


def head_agreement(
    trainings: Mapping[str, tuple[Sequence[Sequence[float]], float]],
    chance: float,
) -> Figure:
    """Draw how often each head's largest weight is on the aligned word.

    Args:
        trainings: For each training the shares (L, H), from 0 to 1, and that
            of the mean of all maps.
        chance: The share that chance gives.

    Returns:
        The figure: a column a training, a marker a layer, a star the mean.
    """
    figure, ax = plt.subplots(figsize=(4.8, 3.2))
    for place, (layers, mean) in enumerate(trainings.values()):
        for number, heads in enumerate(layers):
            offset = 0.16 * (number - (len(layers) - 1) / 2)
            ax.plot(
                [place + offset] * len(heads), [100 * x for x in heads],
                linestyle="none", marker=style.MARKERS[number], alpha=0.8,
                color=style.CYCLE[number], markeredgecolor=style.BLACK,
                label=f"layer {number}, a head" if place == 0 else None,
            )  # fmt: skip
        ax.plot(
            [place + 0.3], [100 * mean], linestyle="none", marker="*",
            markersize=13, color=style.HIGHLIGHT,
            markeredgecolor=style.BLACK,
            label="mean of all maps" if place == 0 else None,
        )  # fmt: skip
    ax.axhline(100 * chance, color=style.CHANCE, linestyle="--")
    ax.text(-0.45, 100 * chance + 2, "chance", color=style.GREY, fontsize=9)
    ax.set_xticks(range(len(trainings)), list(trainings))
    ax.set_ylim(0, 103)
    ax.set_ylabel("largest weight on the\naligned word, % of words")
    ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1), ncols=3, fontsize=8)
    return figure


def two_maps(
    maps: Mapping[str, Any],
    writes: Sequence[str],
    source: Sequence[str],
    truth: Any,
) -> Figure:
    """Draw maps of one sentence, one below the other, with the alignment.

    Args:
        maps: Float (T_q, T_k) by title, a row for each written word.
        writes: The T_q written words.
        source: The T_k source words.
        truth: Bool (T_q, T_k), True where a frame is drawn.

    Returns:
        The figure.
    """
    figure, axes = plt.subplots(
        len(maps), 1, figsize=(4.6, 0.6 + 2.9 * len(maps)), squeeze=False
    )
    for ax, (title, weights) in zip(axes[:, 0], maps.items(), strict=True):
        style.heatmap(ax, weights, writes, source, limit=1.0)
        for row, column in np.argwhere(np.asarray(truth)):
            ax.add_patch(
                Rectangle(
                    (column - 0.46, row - 0.46), 0.92, 0.92, fill=False,
                    edgecolor=style.VERMILION, linewidth=2,
                )
            )  # fmt: skip
        ax.tick_params(axis="x", rotation=45)
        ax.set_title(title)
        ax.set_ylabel("word that is written")
    axes[-1, 0].set_xlabel("source word that is asked")
    return figure


def by_length(
    trainings: Mapping[str, Sequence[Sequence[float]]],
    lengths: Sequence[str],
) -> Figure:
    """Draw the exact match by the length of the source, a dot a training.

    Args:
        trainings: For each kind, for each training the shares (0 to 1) by
            length.
        lengths: The names of the lengths.

    Returns:
        The figure; a line joins the means of a kind.
    """
    figure, ax = plt.subplots(figsize=(4.8, 3.0))
    places = np.arange(len(lengths))
    for number, (name, runs) in enumerate(trainings.items()):
        grid = 100 * np.asarray(runs, dtype=float)  # (runs, lengths)
        ax.plot(
            places, grid.mean(axis=0), color=style.CYCLE[number],
            linestyle=style.DASHES[number], label=name,
        )  # fmt: skip
        for shares in grid:
            ax.plot(
                places, shares, linestyle="none", alpha=0.7,
                marker=style.MARKERS[number], color=style.CYCLE[number],
                markeredgecolor=style.BLACK, markeredgewidth=0.5,
            )  # fmt: skip
    ax.set_xticks(places, list(lengths))
    ax.set_xlabel("English words of the number")
    ax.set_ylabel("exact match, %")
    ax.set_ylim(-4, 104)
    ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1), ncols=2, fontsize=9)
    return figure
