"""Pictures of word vectors: windows, maps, distances and bars."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import FancyBboxPatch

from transformer_course.embeddings import WordSpace
from transformer_course.plotting import style

_Rectangle = tuple[float, float, float, float]  # left, low, right, high
_LABEL = 8.5  # font size on maps

_HATCHES = ("", "///", "...")
_PALES = ("#0072b2", "#8fd0ba", "#e4e7eb")


def window(
    ax: Axes, words: Sequence[str], centre: int, size: int, drawn: str
) -> None:
    """Draw one training example: a centre, its neighbours, a drawn word.

    Args:
        ax: Where to draw.
        words: The words of the text, in order.
        centre: Place of the centre word.
        size: How many places the window reaches to either side.
        drawn: A word drawn at random, for contrast.
    """
    near = [
        i for i in range(len(words)) if i != centre and abs(i - centre) <= size
    ]
    for i, word in enumerate(words):
        is_near, is_centre = i in near, i == centre
        _box(
            ax, i, 0.0, word,
            face=style.HIGHLIGHT if is_centre else "white",
            edge=style.RIGHT if is_near else style.GREY,
            bold=is_centre or is_near,
        )  # fmt: skip
    for i in near:
        _bow(ax, (centre, 0.32), (i, 0.32), style.RIGHT, "-", 0.45)
    _box(ax, centre, -1.5, drawn, face="white", edge=style.WRONG, bold=True)
    _bow(ax, (centre, -0.3), (centre, -1.2), style.WRONG, "--", 0.0)
    ax.text(
        centre, 1.12, "+  true neighbours: push together", ha="center",
        color=style.RIGHT,
    )  # fmt: skip
    ax.text(
        centre + 0.55, -1.5, "−  drawn at random: push apart", va="center",
        color=style.WRONG,
    )  # fmt: skip
    ax.set_xlim(-0.6, len(words) - 0.4)
    ax.set_ylim(-1.9, 1.45)
    ax.axis("off")


def _box(
    ax: Axes, x: float, y: float, text: str, *, face: str, edge: str,
    bold: bool,
) -> None:  # fmt: skip
    ax.add_patch(
        FancyBboxPatch(
            (x - 0.42, y - 0.28), 0.84, 0.56,
            boxstyle="round,pad=0,rounding_size=0.08",
            facecolor=face, edgecolor=edge, linewidth=2.0 if bold else 1.0,
        )
    )  # fmt: skip
    ax.text(
        x, y, text, ha="center", va="center", fontsize=10,
        fontweight="bold" if bold else "normal",
    )  # fmt: skip


def _bow(
    ax: Axes, start: tuple[float, float], end: tuple[float, float],
    color: str, dash: str, bend: float,
) -> None:  # fmt: skip
    bend = math.copysign(bend, start[0] - end[0])
    ax.annotate(
        "", xy=end, xytext=start,
        arrowprops={
            "arrowstyle": "-|>", "color": color, "linestyle": dash, "lw": 1.8,
            "connectionstyle": f"arc3,rad={bend}",
        },
    )  # fmt: skip


def flat_map(
    ax: Axes, points: object, words: Sequence[str], kinds: Sequence[str]
) -> None:
    """Draw words as points on a plane, a colour and a marker for each kind.

    Args:
        ax: Where to draw.
        points: Float (n, 2).
        words: n words.
        kinds: The kind of each word; at most six different ones.
    """
    places = np.asarray(points, dtype=float)
    for k, kind in enumerate(dict.fromkeys(kinds)):
        rows = [i for i, other in enumerate(kinds) if other == kind]
        ax.plot(
            *places[rows].T, linestyle="", marker=style.MARKERS[k],
            color=style.CYCLE[k], label=kind,
        )  # fmt: skip
    for i, shift in enumerate(_label_shifts(ax, places, words)):
        ax.annotate(
            words[i], places[i], xytext=shift, fontsize=_LABEL,
            textcoords="offset points",
        )  # fmt: skip
    ax.set_xlabel("first direction of largest spread")
    ax.set_ylabel("second direction")
    ax.legend(
        loc="upper center", bbox_to_anchor=(0.5, 1.12),
        ncols=len(set(kinds)), handletextpad=0.1, columnspacing=1.0,
    )  # fmt: skip


def _label_shifts(
    ax: Axes, places: np.ndarray, words: Sequence[str]
) -> list[tuple[float, float]]:
    """Choose a place beside each point where its label overlaps least."""
    low, high = places.min(axis=0), places.max(axis=0)
    figure = ax.get_figure(root=True)
    assert figure is not None
    size = figure.get_size_inches()
    points = (places - low) / (high - low) * size * 72 * 0.82  # in points
    taken = [(x - 4, y - 4, x + 4, y + 4) for x, y in points]
    shifts = []
    for (x, y), word in zip(points, words, strict=True):
        wide, tall = 0.58 * _LABEL * len(word), 1.1 * _LABEL
        options = [
            (dx, dy)
            for far in (6, 14)
            for dx in (far, -far - wide, -wide / 2)
            for dy in (-tall / 2, far - 2, -far - tall + 4)
            if dx != -wide / 2 or dy != -tall / 2
        ]
        boxes = [
            (x + dx, y + dy, x + dx + wide, y + dy + tall)
            for dx, dy in options
        ]
        costs = [sum(_overlap(box, t) for t in taken) for box in boxes]
        best = costs.index(min(costs))
        taken.append(boxes[best])
        shifts.append(options[best])
    return shifts


def _overlap(one: _Rectangle, other: _Rectangle) -> float:
    wide = min(one[2], other[2]) - max(one[0], other[0])
    tall = min(one[3], other[3]) - max(one[1], other[1])
    return max(wide, 0.0) * max(tall, 0.0)


def step_and_answer(
    ax: Axes, space: WordSpace, a: str, b: str, c: str, answer: str
) -> None:
    """Draw b, the target b - a + c and the answer at their true distances.

    Three points always lie in one plane, so nothing is lost in the picture.

    Args:
        ax: Where to draw.
        space: Where the vectors come from.
        a: The word that is taken away.
        b: The word that the step starts from.
        c: The word that is added.
        answer: The word hoped for.
    """
    at_a, at_b, at_c, there = space.units([a, b, c, answer]).double()
    step = float((at_c - at_a).norm())
    apart = float((there - at_b).norm())
    missing = float((there - (at_b - at_a + at_c)).norm())
    x = (apart**2 + step**2 - missing**2) / (2 * step)
    y = math.sqrt(max(apart**2 - x**2, 0.0))
    lines = (
        ((0, 0), (step, 0), f"step {step:.3f}", style.BLUE, "-"),
        ((step, 0), (x, y), f"{missing:.3f}", style.VERMILION, "--"),
        ((0, 0), (x, y), f"{apart:.3f}", style.GREY, ":"),
    )
    sides = (((0, -13), "center"), ((7, 0), "left"), ((-7, 4), "right"))
    for line, (shift, side) in zip(lines, sides, strict=True):
        (x0, y0), (x1, y1), text, color, dash = line
        ax.plot([x0, x1], [y0, y1], color=color, linestyle=dash)
        ax.annotate(
            text, ((x0 + x1) / 2, (y0 + y1) / 2), color=color, ha=side,
            xytext=shift, textcoords="offset points",
        )  # fmt: skip
    names = ((0.0, 0.0, b), (step, 0.0, "target"), (x, y, answer))
    for px, py, name in names:
        ax.plot(px, py, "o", color=style.BLACK)
        ax.annotate(
            name, (px, py), xytext=(0, 9 if py else -28), ha="center",
            textcoords="offset points", fontweight="bold",
        )  # fmt: skip
    ax.set_title(f"{b} − {a} + {c}")
    ax.set_aspect("equal")
    ax.set_xlim(-0.15, 0.85)
    ax.set_ylim(-0.17, 0.76)
    ax.axis("off")


def grouped_bars(
    ax: Axes,
    groups: Sequence[str],
    series: Mapping[str, Sequence[float]],
    label: str,
) -> None:
    """Draw up to three bars for each of several groups, side by side.

    Args:
        ax: Where to draw.
        groups: Names below the bars.
        series: Name to one value, from 0 to 1, for each group.
        label: What the height is.
    """
    width = 0.8 / len(series)
    for k, (name, values) in enumerate(series.items()):
        left = [i - 0.4 + (k + 0.5) * width for i in range(len(groups))]
        bars = ax.bar(
            left, values, width, label=name, color=_PALES[k],
            hatch=_HATCHES[k], edgecolor=style.BLACK, linewidth=0.8,
        )  # fmt: skip
        texts = [f"{100 * value:.0f}" for value in values]
        ax.bar_label(bars, texts, fontsize=8.5, padding=1)
    ax.set_xticks(range(len(groups)), groups)
    ax.set_ylabel(label)
    ax.set_ylim(0, 1.0)
    ax.grid(axis="x", visible=False)
    ax.legend(loc="upper right")


def dumbbells(
    ax: Axes,
    rows: Sequence[str],
    first: tuple[str, Sequence[float]],
    second: tuple[str, Sequence[float]],
) -> None:
    """Draw two values on each of many rows, joined by a line.

    Args:
        ax: Where to draw.
        rows: Name of each row, from the top.
        first: Name of the first value, and one for each row.
        second: The same for the second value.
    """
    heights = list(range(len(rows)))[::-1]
    for y, low, high in zip(heights, first[1], second[1], strict=True):
        ax.plot([low, high], [y, y], "-", color=style.PALE, lw=4, zorder=1)
    ax.plot(
        first[1], heights, linestyle="", marker="o", color=style.BLUE,
        label=first[0], markersize=7,
    )  # fmt: skip
    ax.plot(
        second[1], heights, linestyle="", marker="X", color=style.VERMILION,
        label=second[0], markersize=8,
    )  # fmt: skip
    ax.set_yticks(heights, rows)
    ax.grid(axis="y", visible=False)
    ax.legend(
        loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2,
        handletextpad=0.1,
    )  # fmt: skip


def leanings(
    ax: Axes,
    words: Sequence[str],
    values: Sequence[float],
    ends: Sequence[str],
) -> None:
    """Draw a bar to the left or right of zero for each word, sorted.

    Args:
        ax: Where to draw.
        words: One word a bar.
        values: How far each leans; negative leans left.
        ends: What left and right mean.
    """
    order = sorted(range(len(words)), key=lambda i: values[i])
    for y, i in enumerate(order):
        right = values[i] > 0
        ax.barh(
            y, values[i], color=_PALES[1] if right else _PALES[2],
            hatch=_HATCHES[1] if right else "", edgecolor=style.BLACK,
            linewidth=0.8,
        )  # fmt: skip
    ax.set_yticks(range(len(words)), [words[i] for i in order], fontsize=9)
    ax.axvline(0, color=style.BLACK, linewidth=1, linestyle="-")
    ax.grid(axis="y", visible=False)
    ax.set_xlabel(f"← {ends[0]}        {ends[1]} →")
