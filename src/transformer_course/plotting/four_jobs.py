"""Pictures of one model with four jobs: learning, baselines, wrong tokens."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure

from transformer_course.plotting import style


def learning(
    steps: Sequence[int], shares: Mapping[str, Sequence[float]]
) -> Figure:
    """Draw what each job has reached while a model was trained.

    Args:
        steps: At which steps it was measured, n of them.
        shares: For each job n shares from 0 to 1.

    Returns:
        The figure, a line a job.

    Raises:
        ValueError: There are more jobs than signs, or a job has not n shares.
    """
    _check_jobs(shares)
    figure, axes = style.panels(height=3.0)
    ax = axes[0, 0]
    for (job, values), colour, marker, dash in zip(
        shares.items(), style.CYCLE, style.MARKERS, style.DASHES, strict=False
    ):
        if len(values) != len(steps):
            raise ValueError(
                f"job {job!r} has {len(values)} shares for {len(steps)} steps"
            )
        ax.plot(
            steps, 100 * np.asarray(values), color=colour, marker=marker,
            linestyle=dash, markersize=4, label=job,
        )  # fmt: skip
    ax.set(xlabel="training step", ylabel="% right", ylim=(-3, 103))
    ax.legend(loc="best", frameon=False)
    return figure


def _check_jobs(jobs: Mapping[str, object]) -> None:
    if len(jobs) > len(style.MARKERS):
        raise ValueError(
            f"{len(jobs)} jobs came, there are signs for {len(style.MARKERS)}"
        )


def beside_baselines(
    baselines: Mapping[str, Sequence[float]], models: Mapping[str, float]
) -> Figure:
    """Draw a model's share of pairs beside those of partial readers.

    Args:
        baselines: For each job the shares of its baselines, from 0 to 1.
        models: For each of the same jobs the share of the model.

    Returns:
        The figure: a row a job, a circle a baseline, a square the model.

    Raises:
        ValueError: The jobs differ.
    """
    if list(baselines) != list(models):
        raise ValueError(
            f"jobs {list(baselines)} of the baselines are not {list(models)}"
        )
    figure, axes = style.panels(height=0.6 + 0.5 * len(models))
    ax = axes[0, 0]
    for row, (job, shares) in enumerate(baselines.items()):
        ax.scatter(
            100 * np.asarray(shares), [row] * len(shares), s=36,
            facecolors="none", edgecolors=style.VERMILION,
            label=None if row else "partial-input baselines",
        )  # fmt: skip
        ax.scatter(
            [100 * models[job]], [row], s=40, marker="s", color=style.BLUE,
            label=None if row else "the model",
        )  # fmt: skip
    ax.set_yticks(range(len(models)), list(models))
    ax.invert_yaxis()
    ax.set(xlabel="% of pairs right", xlim=(-3, 103))
    ax.legend(loc="center", frameon=False)
    return figure


def token_grid(
    shares: np.ndarray, tokens: Sequence[str], forms: Sequence[str]
) -> Figure:
    """Draw which form of output a task token brings out of one input.

    Args:
        shares: Float (n_tokens, n_forms), from 0 to 1.
        tokens: The tokens, one a row.
        forms: The forms, one a column.

    Returns:
        The figure, a heat map with its numbers.
    """
    figure, axes = style.panels(height=0.9 + 0.45 * len(tokens))
    style.heatmap(
        axes[0, 0], shares, row_labels=tokens, column_labels=forms,
        limit=1.0, numbers=".2f",
    )  # fmt: skip
    return figure


def one_and_four(
    one: Mapping[str, Sequence[float]], four: Mapping[str, Sequence[float]]
) -> Figure:
    """Draw a model for all jobs beside a model for each, a mark a training.

    Args:
        one: For each job the shares that a model of all jobs reached, from 0
            to 1, one a seed.
        four: The same of a model that has this job alone.

    Returns:
        The figure: a row a job.

    Raises:
        ValueError: The jobs differ.
    """
    if list(one) != list(four):
        raise ValueError(f"jobs {list(one)} are not {list(four)}")
    figure, axes = style.panels(height=0.6 + 0.5 * len(one))
    ax = axes[0, 0]
    for name, arms, colour, marker, shift in (
        ("one model for four jobs", one, style.BLUE, "s", -0.13),
        ("a model for each job", four, style.VERMILION, "o", 0.13),
    ):
        for row, shares in enumerate(arms.values()):
            ax.scatter(
                100 * np.asarray(shares), [row + shift] * len(shares), s=34,
                color=colour, marker=marker, label=None if row else name,
            )  # fmt: skip
    ax.set_yticks(range(len(one)), list(one))
    ax.invert_yaxis()
    ax.set(xlabel="% right", xlim=(-3, 103))
    ax.legend(loc="best", frameon=False)
    return figure
