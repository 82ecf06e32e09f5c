"""Pictures of chapter 0: words as arrows, ways downhill, runs of training."""

from __future__ import annotations

import html
from collections.abc import Callable, Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
import torch
from matplotlib.figure import Figure
from torch import Tensor

from transformer_course.plotting import stepper, style

_BARS = """
.tc-shares { display: grid; gap: 0.3rem 0.6rem; align-items: center;
  grid-template-columns: max-content 1fr 3.2rem; margin: 0; }
.tc-shares i { display: block; height: 1.3rem; background: #0072b2;
  min-width: 1px; }
.tc-shares b { text-align: right; font-weight: 400; }
"""
_CURVE = """
.tc-descent { display: block; width: 100%; max-width: 34rem; height: auto; }
.tc-descent .bowl { fill: none; stroke: var(--tc-line); stroke-width: 2; }
.tc-descent .way { fill: none; stroke: #d55e00; stroke-width: 1.5;
  stroke-dasharray: 4 3; }
.tc-descent circle { fill: #0072b2; stroke: var(--tc-back); }
"""


def arrows(vectors: Tensor, names: Sequence[str]) -> Figure:
    """Draw words as arrows from one origin, each with its length.

    Args:
        vectors: Float (n, 2), coordinates from 0 to 1.
        names: One a vector.

    Returns:
        The figure.
    """
    figure, ax = plt.subplots(figsize=(5.2, 3.6))
    colors = (style.BLUE, style.VERMILION, style.GREEN)
    for vector, name, color in zip(vectors, names, colors, strict=True):
        length = vector.norm().item()
        style.arrow(ax, vector, f"{name}, length {length:.2f}", color)
    ax.set(
        xlim=(0, 1.45), ylim=(0, 1.0), aspect="equal",
        xlabel="first coordinate", ylabel="second coordinate",
    )  # fmt: skip
    return figure


def temperatures(
    names: Sequence[str], values: Sequence[float], shares: Tensor
) -> None:
    """Show how the temperature of a softmax sharpens or levels its shares.

    Args:
        names: What the shares go to.
        values: The temperatures, one a frame.
        shares: Float (frames, names), each row sums to 1.
    """
    frames = []
    for row in shares.tolist():
        cells = "".join(
            f'<span>{html.escape(name)}</span><i style="width:{share:.1%}">'
            f"</i><b>{share:.1%}</b>"
            for name, share in zip(names, row, strict=True)
        )
        frames.append(f'<div class="tc-shares">{cells}</div>')
    sharp, level = shares[0].max().item(), shares[-1].max().item()
    stepper.show(
        frames,
        "softmax at several temperatures",
        f"Seven temperatures: at {values[0]:g} the largest share is "
        f"{sharp:.1%}, at {values[-1]:g} it is {level:.1%}.",
        captions=[f"temperature {value:g}" for value in values],
        css=_BARS,
        start=list(values).index(1.0),
    )


def descent(
    loss: Callable[[Tensor], Tensor], rates: Sequence[float], paths: Tensor
) -> None:
    """Show where gradient descent goes at several learning rates.

    Args:
        loss: From places (n,) to heights (n,).
        rates: The learning rates, one a frame.
        paths: Float (frames, steps + 1): where the knob stood.
    """
    low, high = paths.min().item() - 0.5, paths.max().item() + 0.5
    bowl = torch.linspace(low, high, 81, dtype=paths.dtype)
    top = loss(bowl).max().item()

    def place(knob: Tensor) -> list[str]:
        x = 20 + 500 * (knob - low) / (high - low)
        y = 200 - 180 * loss(knob) / top
        return [f"{a:.1f},{b:.1f}" for a, b in zip(x, y, strict=True)]

    frames, captions = [], []
    for rate, path in zip(rates, paths, strict=True):
        dots = "".join(
            '<circle cx="{}" cy="{}" r="6"/>'.format(*point.split(","))
            for point in place(path)
        )
        frames.append(
            '<svg class="tc-descent" viewBox="0 0 540 212" role="img" '
            f'aria-label="path at learning rate {rate:g}">'
            f'<polyline class="bowl" points="{" ".join(place(bowl))}"/>'
            f'<polyline class="way" points="{" ".join(place(path))}"/>{dots}'
            f"</svg><div>Left to right: the knob w from {low:.1f} to "
            f"{high:.1f}. Height: the loss.</div>"
        )
        captions.append(
            f"learning rate {rate:g}: the loss goes from "
            f"{loss(path[:1]).item():.2f} to {loss(path[-1:]).item():.2f} "
            f"in {len(path) - 1} steps"
        )
    stepper.show(
        frames, "gradient descent at several learning rates",
        "; ".join(captions), captions=captions, css=_CURVE, pause=2.0,
    )  # fmt: skip


def valley(
    loss: Callable[[Tensor], Tensor], paths: Mapping[str, Tensor]
) -> Figure:
    """Draw the ways of several methods on one map of a loss.

    Args:
        loss: From places (..., 2) to heights (...).
        paths: Method to its way, float (steps + 1, 2).

    Returns:
        The figure, a panel for each method.
    """
    figure, axes = style.panels(1, len(paths), height=2.9, sharey=True)
    ways = torch.cat(list(paths.values()))
    low, high = ways.min(dim=0).values - 0.5, ways.max(dim=0).values + 0.5
    x = torch.linspace(low[0], high[0], 121, dtype=ways.dtype)
    y = torch.linspace(low[1], high[1], 121, dtype=ways.dtype)
    heights = loss(torch.stack(torch.meshgrid(x, y, indexing="xy"), dim=-1))
    levels = np.linspace(0.03, 1, 7) ** 2 * heights.max().item()
    for ax, (name, way) in zip(axes[0], paths.items(), strict=True):
        ax.contour(x, y, heights, levels, colors=style.GREY, linewidths=0.7)
        ax.plot(*way.T, color=style.BLUE, marker="o", markersize=3, lw=1)
        ax.plot(*way[0], "s", color=style.BLACK)
        ax.plot(0, 0, "*", color=style.VERMILION, markersize=13)
        ax.set(title=name, xlabel="first knob")
        ax.grid(False)
    axes[0, 0].set_ylabel("second knob")
    return figure


def overfitting(
    steps: Sequence[int],
    losses: Mapping[str, Sequence[float]],
    level: tuple[str, float],
) -> Figure:
    """Draw losses measured on several texts during one training.

    Args:
        steps: When the losses were measured.
        losses: Name of the text to its losses in nats, one a measurement.
        level: Name and height of a horizontal line to compare with.

    Returns:
        The figure; the lowest point of each curve but the first is marked.
    """
    figure, ax = plt.subplots(figsize=(5.8, 3.0))
    for i, (name, values) in enumerate(losses.items()):
        (line,) = ax.plot(steps, values)
        ax.annotate(
            f" {name}", (steps[-1], values[-1]), color=line.get_color(),
            va="center",
        )  # fmt: skip
        if i:
            best = int(np.argmin(values))
            ax.plot(steps[best], values[best], "v", color=line.get_color())
            ax.annotate(
                f"lowest, step {steps[best]}", (steps[best], values[best]),
                xytext=(0, -16), textcoords="offset points", ha="center",
            )  # fmt: skip
    ax.axhline(level[1], color=style.CHANCE, linestyle=":")
    ax.annotate(
        level[0], (steps[0], level[1]), xytext=(0, 4),
        textcoords="offset points", color=style.CHANCE,
    )  # fmt: skip
    ax.set(xlabel="training steps", ylabel="loss (nats a letter)")
    ax.set_xlim(0, steps[-1] * 1.17)
    return figure


def runs(
    groups: Mapping[str, Sequence[float]],
    levels: Mapping[str, float],
    xlabel: str = "validation loss (nats a letter)",
) -> Figure:
    """Draw one dot a training run, a row for each group of runs.

    Args:
        groups: Name of the group to the result of each of its seeds.
        levels: Name to value of lines to compare with.
        xlabel: What the dots measure.

    Returns:
        The figure; a bar marks each group's mean.
    """
    figure, ax = plt.subplots(figsize=(5.8, 0.9 + 0.4 * len(groups)))
    for row, results in enumerate(groups.values()):
        ax.plot(
            results, [row] * len(results), linestyle="none",
            marker=style.MARKERS[row], color=style.CYCLE[row], alpha=0.7,
        )  # fmt: skip
        ax.plot([np.mean(results)], [row], "|", color=style.BLACK, ms=18)
    for name, value in levels.items():
        ax.axvline(value, color=style.CHANCE, linestyle=":")
        ax.annotate(
            name, (value, -0.75), color=style.CHANCE, ha="center",
            va="bottom", fontsize=9,
        )  # fmt: skip
    ax.set_yticks(range(len(groups)), list(groups))
    ax.set_ylim(len(groups) - 0.5, -0.9)
    ax.set_xlabel(xlabel)
    ax.grid(axis="y", visible=False)
    return figure
