"""Curves of a training: loss, held-out score, rate, length of gradients."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from transformer_course.plotting import style
from transformer_course.training import History


def history(
    trained: History, score_name: str = "held-out score", smooth: int = 25
) -> Figure:
    """Draw what a training left behind.

    Left, the loss of each step, pale, with its running mean; where the
    training was evaluated, the held-out scores and the best of them on the
    right. Below, the learning rate, and the gradient's length before it was
    clipped where something clipped it.

    Args:
        trained: What ``training.train`` returned.
        score_name: What the scores are, with a unit where there is one.
        smooth: Steps in the running mean of the loss.

    Returns:
        The figure.

    Raises:
        ValueError: No step was taken, or ``smooth`` is not positive.
    """
    if not trained.losses:
        raise ValueError("trained holds no step")
    if smooth < 1:
        raise ValueError(f"smooth is {smooth}, wanted at least 1")
    figure, axes = style.panels(2, 2, height=4.6)
    _losses(axes[0, 0], trained.losses, smooth)
    _scores(axes[0, 1], trained, score_name)
    _line(axes[1, 0], trained.learning_rates, "learning rate")
    _line(axes[1, 1], trained.gradient_norms, "gradient's length")
    for ax in axes.flat:
        if not ax.has_data():
            ax.set_axis_off()
        ax.set_xlabel("step")
    return figure


def _losses(ax: Axes, losses: Sequence[float], smooth: int) -> None:
    steps = np.arange(1, len(losses) + 1)
    width = min(smooth, len(losses))
    mean = np.convolve(losses, np.ones(width) / width, mode="valid")
    ax.plot(steps, losses, color=style.PALE, linestyle="-", linewidth=1)
    ax.plot(steps[width - 1 :], mean, color=style.BLUE, linestyle="-")
    ax.set_title(f"loss, mean of {width} steps")


def _scores(ax: Axes, trained: History, name: str) -> None:
    if not trained.scores:
        return
    steps, scores = zip(*trained.scores, strict=True)
    ax.plot(steps, scores, color=style.BLACK, linestyle="-", marker="o", ms=4)
    best = trained.best_step or steps[0]
    ax.plot(
        [best], [dict(trained.scores)[best]], color=style.RIGHT, marker="*",
        markersize=14, linestyle="none",
    )  # fmt: skip
    ax.set_title(f"{name}, best at step {best}")


def _line(ax: Axes, values: Sequence[float], name: str) -> None:
    if values:
        steps = np.arange(1, len(values) + 1)
        ax.plot(steps, values, color=style.BLUE, linestyle="-")
        ax.set_title(name)
