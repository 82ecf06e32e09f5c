"""Pictures of chapter 9: the bend, a block step by step, what may be cut."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from transformer_course.plotting import style

# Which of the two classes a point belongs to, told by its marker too.
_MARKS = ("o", "s")
_COLOURS = (style.BLUE, style.VERMILION)


def _corners(ax: Axes, points: np.ndarray, second: np.ndarray) -> None:
    for kind, name in enumerate(("first noun", "second noun")):
        chosen = points[second == kind]
        ax.plot(
            *chosen.T, linestyle="none", marker=_MARKS[kind], markersize=11,
            color=_COLOURS[kind], label=name, clip_on=False,
        )  # fmt: skip


def bend(facts: Any, hidden: Any, second: Any) -> Figure:
    """Draw four points before and after the bend, by their answer.

    Args:
        facts: Float (4, 2), what "it" fetched.
        hidden: Float (4, 2), the hidden numbers, which ``y = h1 - 2 h2``
            reads; the line y = 1/2 is drawn.
        second: Float (4,), 1 where the answer is the second noun.

    Returns:
        The figure.
    """
    figure, axes = style.panels(1, 2, height=3.0)
    kinds = np.asarray(second, dtype=int)
    before, after = axes[0]
    _corners(before, np.asarray(facts, dtype=float), kinds)
    _corners(after, np.asarray(hidden, dtype=float), kinds)
    before.set(title="fetched", xlabel="a: passive?", ylabel="b: scared?")
    before.set(xlim=(-0.25, 1.25), ylim=(-0.25, 1.25))
    before.legend(loc="center", fontsize=9)
    h_1 = np.array([0.0, 2.4])
    after.plot(
        h_1, (h_1 - 0.5) / 2, color=style.GREY, linestyle="--", linewidth=1.4
    )
    after.text(1.45, 0.28, "y = 1/2", color=style.GREY, fontsize=9)
    after.set(title="after the bend", xlabel="$h_1$", ylabel="$h_2$")
    after.set(xlim=(-0.3, 2.4), ylim=(-0.3, 1.25))
    return figure


def trace(steps: Mapping[str, Any]) -> Figure:
    """Show a block's numbers step by step, as small tables.

    Args:
        steps: Name of each step to its float (T, D), in order; at most 8.

    Returns:
        The figure.
    """
    figure, axes = style.panels(2, 4, height=2.7)
    for ax in axes.flat[len(steps) :]:
        ax.axis("off")
    for number, (ax, (name, values)) in enumerate(
        zip(axes.flat, steps.items(), strict=False)
    ):
        grid = np.asarray(values, dtype=float)
        style.heatmap(ax, grid, signed=True, limit=3.6, numbers=".3g")
        rows = [f"word {i + 1}" for i in range(len(grid))]
        ax.set_xticks([])
        ax.set_yticks(
            range(len(grid)), rows if number % 4 == 0 else [], fontsize=9
        )
        ax.set_title(name.rstrip(" 12"), fontsize=9.5)
    return figure


def arms(
    measured: Mapping[str, Mapping[str, Sequence[float]]],
    chances: Mapping[str, float],
    published: Mapping[str, float],
) -> Figure:
    """Set every arm's scores on our tasks beside the paper's in vision.

    Args:
        measured: Task to arm to accuracies from 0 to 1, one a seed. Every
            task has the same arms in the same order.
        chances: Task to what guessing scores, from 0 to 1.
        published: Arm to the paper's accuracy in percent, for the arms that
            it has.

    Returns:
        The figure: one panel a task, in percent, then the paper's.
    """
    names = list(next(iter(measured.values())))
    places = {name: -row for row, name in enumerate(names)}
    figure, axes = style.panels(1, len(measured) + 1, height=3.5, sharey=True)
    for ax, (task, scores) in zip(axes[0], measured.items(), strict=False):
        for name, values in scores.items():
            xs = [100 * value for value in values]
            ax.plot(
                xs, [places[name]] * len(xs), linestyle="none", marker="o",
                markersize=6, alpha=0.6, color=style.BLUE,
            )  # fmt: skip
        ax.axvline(100 * chances[task], color=style.CHANCE, linestyle=":")
        ax.set_title(task, fontsize=10)
    last = axes[0, -1]
    for name, value in published.items():
        last.plot(
            value, places[name], marker="D", markersize=7,
            linestyle="none", color=style.VERMILION,
        )  # fmt: skip
    last.set_title("paper: ImageNet", fontsize=10, color=style.VERMILION)
    for ax in axes[0]:
        ax.set_xlim(-4, 104)
        ax.set_xticks([0, 50, 100])
    axes[0, 0].set_yticks(list(places.values()), names)
    figure.supxlabel("accuracy in percent", fontsize=10)
    return figure
