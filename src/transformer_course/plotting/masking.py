"""Pictures of chapter 7: masks, masked scores, leaks and what they cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from transformer_course.plotting import style

_BLOCKED = "////"  # hatch of a forbidden pair
_DOTS = {"color": style.BLUE, "markersize": 6, "linestyle": "none"}


def _block(ax: Axes, mask: np.ndarray) -> None:
    """Hatch the cells of a drawn matrix in which the mask is False."""
    for i, j in np.argwhere(~mask):
        ax.add_patch(
            Rectangle(
                (j - 0.5, i - 0.5), 1, 1, facecolor="#eceff2",
                edgecolor=style.GREY, hatch=_BLOCKED, linewidth=0,
            )
        )  # fmt: skip


def _cells(ax: Axes, rows: int, columns: int) -> None:
    """Draw thin lines between the cells, and put column labels on top."""
    for n in range(1, columns):
        ax.axvline(n - 0.5, color=style.PALE, lw=1, linestyle="-")
    for n in range(1, rows):
        ax.axhline(n - 0.5, color=style.PALE, lw=1, linestyle="-")
    ax.xaxis.tick_top()
    ax.tick_params(length=0, labelsize=8.5)


def worked_example(
    scores: Any, mask: Any, weights: Any, output: Any, words: Sequence[str]
) -> Figure:
    """Lay masked attention out: scores, masked scores, weights, output.

    Args:
        scores: Float (T, T).
        mask: Bool (T, T), True = may attend.
        weights: Float (T, T).
        output: Float (T, 2).
        words: The T words.

    Returns:
        The figure: two tables above, two below; forbidden cells are hatched.
    """
    figure, axes = style.panels(2, 2, height=4.5)
    allowed = np.asarray(mask)
    for ax, title, values in (
        (axes[0, 0], "1. scores", np.asarray(scores)),
        (axes[0, 1], "2. masked scores", np.asarray(scores)),
        (axes[1, 0], "3. weights (softmax of each row)", np.asarray(weights)),
        (axes[1, 1], "4. output = weights × words", np.asarray(output)),
    ):
        is_square = values.shape[1] == len(words)
        columns = list(words) if is_square else ["first", "second"]
        style.heatmap(ax, np.zeros(values.shape), words, columns, limit=1.0)
        _cells(ax, *values.shape)
        hide = is_square and not title.startswith("1")
        if hide:
            _block(ax, allowed)
        for (i, j), value in np.ndenumerate(values):
            barred = hide and not allowed[i, j]
            minus = barred and title.startswith("2")
            ax.text(
                j, i, "−∞" if minus else f"{value:.3f}", ha="center",
                va="center", fontsize=10,
                bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.2},
            )  # fmt: skip
        ax.set_title(title, pad=8)
    return figure


def allowed(grids: Mapping[str, Any], words: Sequence[str]) -> Figure:
    """Draw who may attend to whom, for several masks side by side.

    Args:
        grids: For each mask's name, bool (T, T), True = may attend.
        words: The T words, which label rows and columns.

    Returns:
        The figure: allowed cells are dark, forbidden ones hatched.
    """
    figure, axes = style.panels(1, len(grids), height=2.75)
    for n, (ax, (name, grid)) in enumerate(
        zip(axes[0], grids.items(), strict=True)
    ):
        mask = np.asarray(grid)
        rows = words if n == 0 else ()
        style.heatmap(ax, mask.astype(float), rows, words, limit=1.6)
        if n:
            ax.set_yticks([])
        _block(ax, mask)
        _cells(ax, *mask.shape)
        ax.set_aspect("equal")
        ax.set_title(name, pad=8)
    axes[0, 0].set_ylabel("who asks")
    axes[0, len(grids) // 2].set_xlabel(
        "columns: who is asked; dark: may attend, hatched: may not"
    )
    return figure


def writers(
    losses: Mapping[str, Sequence[float]],
    accepted: Mapping[str, Sequence[float]],
) -> Figure:
    """Draw training losses beside the share of sentences accepted.

    Args:
        losses: For each writer, the loss of each step.
        accepted: For each writer, by seed, the share from 0 to 1 of its
            sentences that the grammar accepts.

    Returns:
        The figure.
    """
    figure, axes = style.panels(1, 2, height=3.0)
    left, right = axes[0]
    for n, (name, curve) in enumerate(losses.items()):
        smooth = np.convolve(curve, np.ones(20) / 20, mode="valid")
        left.plot(
            smooth, color=(style.WRONG, style.RIGHT)[n],
            linestyle=style.DASHES[n], label=name,
        )  # fmt: skip
    left.set_yscale("log")
    left.set_xlabel("step")
    left.set_title("training loss, nats a word")
    left.legend(fontsize=9.5)
    for n, (name, shares) in enumerate(accepted.items()):
        spread = np.linspace(-0.2, 0.2, len(shares))
        right.plot(
            n + spread, 100 * np.asarray(shares), style.MARKERS[n],
            color=(style.WRONG, style.RIGHT)[n], markersize=6, label=name,
        )  # fmt: skip
    right.set_xticks(range(len(accepted)), list(accepted))
    right.set_xlim(-0.6, len(accepted) - 0.4)
    right.set_ylim(-4, 104)
    right.set_title("sentences accepted, %")
    right.grid(axis="x", visible=False)
    return figure


def arms(panels: Mapping[str, Mapping[str, Sequence[float]]]) -> Figure:
    """Draw the accuracy of several arms, a dot a seed, beside chance.

    Args:
        panels: For each panel's title, for each arm, by seed, the accuracy
            by item from 0 to 1, where chance is a half.

    Returns:
        The figure: a panel below the other, one row an arm.
    """
    n_rows = [len(rows) for rows in panels.values()]
    figure, axes = style.panels(
        len(panels), 1, height=0.42 * sum(n_rows) + 1.5, sharex=True,
        gridspec_kw={"height_ratios": n_rows},
    )  # fmt: skip
    for ax, (title, rows) in zip(axes[:, 0], panels.items(), strict=True):
        for n, shares in enumerate(rows.values()):
            spread = np.linspace(-0.22, 0.22, len(shares))
            ax.plot(100 * np.asarray(shares), n + spread, "o", **_DOTS)
        ax.axvline(50, color=style.CHANCE, linestyle="--", lw=1.4)
        ax.set_yticks(range(len(rows)), list(rows))
        ax.set_ylim(len(rows) - 0.5, -0.5)
        ax.set_xlim(36, 104)
        ax.set_title(title)
        ax.grid(axis="y", visible=False)
    axes[-1, 0].set_xlabel("right, % of held-out items (dashed: chance)")
    return figure


def letters(losses: Mapping[str, Sequence[float]], floor: float) -> Figure:
    """Draw losses on random letters beside the best honest loss.

    Args:
        losses: For each arm, by seed, the loss on fresh letters in nats.
        floor: The smallest loss without seeing the answer.

    Returns:
        The figure: one row an arm, a dot a seed.
    """
    figure, axes = style.panels(height=2.7)
    ax = axes[0, 0]
    for n, values in enumerate(losses.values()):
        spread = np.linspace(-0.22, 0.22, len(values))
        honest = min(values) > 0.97 * floor
        ax.plot(
            list(values), n + spread, "o" if honest else "s", markersize=6,
            color=style.RIGHT if honest else style.WRONG,
        )  # fmt: skip
    ax.axvline(floor, color=style.BLACK, linestyle="--", lw=1.4)
    ax.annotate(
        "nobody can\nbe better", (floor, len(losses) - 0.6), xytext=(-6, 0),
        textcoords="offset points", ha="right", va="bottom", fontsize=9,
    )  # fmt: skip
    ax.set_yticks(range(len(losses)), list(losses))
    ax.set_ylim(len(losses) - 0.5, -0.5)
    ax.set_xlim(-0.05, 1.15 * floor)
    ax.set_xlabel("loss on fresh random letters, nats")
    ax.grid(axis="y", visible=False)
    return figure


def influence(moves: Mapping[str, Any]) -> Figure:
    """Draw how far each output moves when each word is exchanged.

    Args:
        moves: For each arm, float (T, T): row t, column s holds how far
            output t moves when word s is exchanged.

    Returns:
        The figure: a cell that holds exactly 0 is white and shows "0".
    """
    figure, axes = style.panels(1, len(moves), height=2.6)
    for n, (ax, (name, grid)) in enumerate(
        zip(axes[0], moves.items(), strict=True)
    ):
        values = np.asarray(grid)
        labels = [str(t + 1) for t in range(len(values))]
        tint = np.where(values > 0, 0.35, 0.0)
        style.heatmap(ax, tint, labels if n == 0 else (), labels, limit=1.0)
        if n:
            ax.set_yticks([])
        _cells(ax, *values.shape)
        for (i, j), value in np.ndenumerate(values):
            text = "0" if value == 0 else f"{value:.2f}".lstrip("0")
            ax.text(j, i, text, ha="center", va="center", fontsize=8.5)
        ax.set_title(name, pad=8)
    axes[0, 0].set_ylabel("output t")
    axes[0, len(moves) // 2].set_xlabel("word s that is exchanged")
    return figure
