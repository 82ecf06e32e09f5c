"""One page: how the class did, on what it stumbled, and how."""

from __future__ import annotations

import textwrap
from collections import Counter, defaultdict
from collections.abc import Sequence

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from coursework.grading.judge import Verdict
from transformer_course.plotting import style

MOST_MISTAKES = 8


def draw(
    hw: str,
    scores: Sequence[float],
    most: float,
    verdicts: dict[str, list[Verdict]],
) -> Figure:
    """Draw distribution, hardest question and most frequent mistakes.

    Args:
        hw: Name of the assignment.
        scores: One a student who handed in, penalties taken off.
        most: Points of the assignment.
        verdicts: How each part went, by student.
    """
    with mpl.rc_context():
        style.use()
        figure = Figure(figsize=(8.27, 11.69), layout="constrained")
        figure.suptitle(f"{hw}: {len(scores)} submissions", fontsize=14)
        parts, mistakes = gather(verdicts)
        axes = figure.subplots(
            3, 1, height_ratios=[3, 1 + len(parts) / 3, 1 + MOST_MISTAKES / 3]
        )
        distribution(axes[0], scores, most)
        questions(axes[1], parts)
        misconceptions(axes[2], mistakes, len(verdicts))
    return figure


def gather(
    verdicts: dict[str, list[Verdict]],
) -> tuple[dict[str, float], Counter[str]]:
    """Return the mean share of points by part, and the mistakes counted."""
    shares: dict[str, list[float]] = defaultdict(list)
    mistakes: Counter[str] = Counter()
    for of_student in verdicts.values():
        for v in of_student:
            shares[v.part].append(v.score / v.points)
            if v.mistake:
                mistakes[f"{v.part}: {v.mistake}"] += 1
    means = {part: float(np.mean(of)) for part, of in shares.items()}
    return dict(sorted(means.items(), key=lambda item: item[1])), mistakes


def distribution(axes: Axes, scores: Sequence[float], most: float) -> None:
    """Draw how many students have how many points."""
    edges = np.linspace(0, most, 11)
    axes.hist(scores, bins=list(edges), color=style.BLUE, edgecolor="white")
    median = float(np.median(scores))
    axes.axvline(median, color=style.VERMILION, linestyle="--")
    axes.text(
        median,
        axes.get_ylim()[1],
        f" median {median:g} of {most:g} ",
        va="top",
        ha="right" if median > most / 2 else "left",
        color=style.VERMILION,
    )
    axes.set(xlabel="points", ylabel="students", title="Distribution")
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))


def questions(axes: Axes, parts: dict[str, float]) -> None:
    """Draw the mean share of points of each part, the hardest on top."""
    names = list(parts)
    axes.barh(names, [parts[n] for n in names], color=style.SKY)
    for place, name in enumerate(names):
        axes.text(parts[name], place, f" {parts[name]:.0%}", va="center")
    axes.invert_yaxis()
    axes.set(xlim=(0, 1.15), xlabel="mean share of the points")
    axes.set_title(f"Hardest question: {names[0]}" if names else "Questions")


def misconceptions(axes: Axes, mistakes: Counter[str], students: int) -> None:
    """Draw the most frequent known mistakes."""
    axes.set_title("Most frequent misconceptions")
    common = mistakes.most_common(MOST_MISTAKES)
    if not common:
        axes.text(0.5, 0.5, "none recognised", ha="center", va="center")
        axes.set_axis_off()
        return
    names = [textwrap.fill(name, 34) for name, _ in common]
    counts = [count for _, count in common]
    axes.barh(names, counts, color=style.ORANGE, hatch="//", edgecolor="white")
    for place, count in enumerate(counts):
        axes.text(count, place, f" {count} of {students}", va="center")
    axes.invert_yaxis()
    axes.set(xlabel="students", xlim=(0, max(counts) * 1.2))
