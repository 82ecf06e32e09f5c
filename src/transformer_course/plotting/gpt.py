"""Chapter 14's pictures: next tokens, rules of choice, losses, the cache."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from transformer_course.plotting import style


def next_tokens(
    steps: Sequence[tuple[str, Mapping[str, float], str]],
) -> Figure:
    """Draw, for a text that grows, what the model says of its next token.

    Args:
        steps: One a panel: the text so far, probabilities by token, and the
            token that is appended, one of these.

    Returns:
        The figure: a panel of horizontal bars each, the appended token
        hatched.

    Raises:
        ValueError: There is no step, or a chosen token has no probability.
    """
    if not steps:
        raise ValueError("steps is empty, wanted at least one")
    longest = max(len(shown) for _, shown, _ in steps)
    figure, axes = style.panels(
        len(steps), 1, height=0.55 + 0.34 * longest * len(steps), sharex=True
    )
    for ax, (text, shown, chosen) in zip(axes.flat, steps, strict=True):
        if chosen not in shown:
            raise ValueError(f"chosen {chosen!r} is none of {list(shown)}")
        _bars(ax, shown, chosen)
        ax.set_title(f'"{text}" + "{chosen}"')
    axes[-1, 0].set_xlabel("probability of the next token")
    axes[0, 0].set_xlim(0, 1)
    return figure


def _bars(ax: Axes, shown: Mapping[str, float], chosen: str) -> None:
    ordered = sorted(shown.items(), key=lambda item: -item[1])
    names = [name for name, _ in ordered]
    values = [value for _, value in ordered]
    bars = ax.barh(names, values, color=style.SKY, edgecolor=style.BLACK)
    for name, bar, value in zip(names, bars, values, strict=True):
        if name == chosen:
            bar.set_facecolor(style.HIGHLIGHT)
            bar.set_hatch("//")
        ax.text(value + 0.01, bar.get_y() + 0.4, f"{value:.2f}", va="center")
    ax.invert_yaxis()
    ax.grid(False, axis="y")


def choices(tokens: Sequence[str], rules: Mapping[str, object]) -> Figure:
    """Draw one distribution as several rules of choice leave it.

    Args:
        tokens: The V tokens.
        rules: Name to probabilities (V,).

    Returns:
        The figure: a row for each rule, a column for each token.

    Raises:
        ValueError: A rule has not one probability a token.
    """
    grid = np.asarray([np.asarray(p, dtype=float) for p in rules.values()])
    figure, axes = style.panels(height=0.7 + 0.36 * len(rules))
    ax = axes[0, 0]
    style.heatmap(ax, grid, list(rules), tokens, limit=1.0, numbers=".3f")
    ax.xaxis.tick_top()
    ax.tick_params(length=0)
    return figure


def losses(found: Mapping[str, float | Sequence[float]]) -> Figure:
    """Draw held-out losses side by side, in nats and in bits.

    Args:
        found: Name to a loss in nats a character, or to one a training. A
            name that begins with a digit is an n-gram's.

    Returns:
        The figure: a row for each name in the order given, a dot for each
        loss; nats below, bits above.

    Raises:
        ValueError: There is nothing to draw.
    """
    if not found:
        raise ValueError("found is empty, wanted at least one loss")
    figure, axes = style.panels(height=0.9 + 0.32 * len(found))
    ax = axes[0, 0]
    for row, (name, given) in enumerate(found.items()):
        values = np.atleast_1d(np.asarray(given, dtype=float))
        counted = name[0].isdigit()
        ax.plot(
            values, [row] * len(values), linestyle="none", markersize=8,
            marker="s" if counted else "o",
            color=style.GREY if counted else style.DECODER,
            markeredgecolor=style.BLACK,
        )  # fmt: skip
        ax.annotate(
            f"{values.mean():.2f}", (values.max(), row), xytext=(9, 0),
            textcoords="offset points", va="center",
        )  # fmt: skip
    ax.set_yticks(range(len(found)), list(found))
    ax.invert_yaxis()
    ax.margins(x=0.12)
    ax.set_xlabel("held-out loss, nats a character")
    bits = ax.secondary_xaxis(
        "top", functions=(lambda x: x / math.log(2), lambda x: x * math.log(2))
    )
    bits.set_xlabel("bits a character")
    return figure


def learning(
    scores: Sequence[tuple[int, float]], levels: Mapping[str, float]
) -> Figure:
    """Draw a training's held-out loss, and levels that it has to pass.

    Args:
        scores: Step and held-out loss of each evaluation.
        levels: Name to a loss that is drawn as a level line.

    Returns:
        The figure.

    Raises:
        ValueError: There is no score.
    """
    if not scores:
        raise ValueError("scores is empty, wanted at least one")
    figure, axes = style.panels(height=3.0)
    ax = axes[0, 0]
    steps, values = zip(*scores, strict=True)
    ax.plot(steps, values, color=style.DECODER, linestyle="-")
    dashes = style.DASHES[1:]
    for number, (name, level) in enumerate(levels.items()):
        ax.axhline(
            level, color=style.GREY, linestyle=dashes[number % len(dashes)]
        )
        ax.annotate(
            name, (steps[-1], level), xytext=(0, 3), ha="right",
            textcoords="offset points",
        )  # fmt: skip
    ax.set_xlabel("step")
    ax.set_ylabel("nats a character")
    return figure


def recomputed(n_positions: int) -> Figure:
    """Draw which keys and values each step of writing has to compute.

    Args:
        n_positions: Tokens of the text.

    Returns:
        The figure: without a cache and with one; a row for each step, a
        column for each position. Hatched is what is computed, pale what is
        taken from the cache.

    Raises:
        ValueError: ``n_positions`` is not positive.
    """
    if n_positions < 1:
        raise ValueError(f"n_positions is {n_positions}, wanted at least 1")
    figure, axes = style.panels(1, 2, height=3.2, sharey=True)
    for ax, cached in zip(axes.flat, (False, True), strict=True):
        n_computed = 0
        for step in range(1, n_positions + 1):
            for position in range(1, step + 1):
                computed = not cached or position == step
                n_computed += computed
                ax.barh(
                    step, 0.9, height=0.9, left=position - 0.45,
                    color=style.KEY if computed else "white",
                    hatch="//" if computed else None,
                    edgecolor=style.BLACK,
                )  # fmt: skip
        ax.set_title(
            f"{'with' if cached else 'without'} cache: {n_computed} computed"
        )
        ax.set_xlabel("position")
        ax.set_xticks(range(1, n_positions + 1))
        ax.grid(False)
    axes[0, 0].set_yticks(range(1, n_positions + 1))
    axes[0, 0].set_ylabel("step of writing")
    axes[0, 0].invert_yaxis()
    return figure


def speeds(
    lengths: Sequence[int],
    uncached: Sequence[float],
    cached: Sequence[float],
) -> Figure:
    """Draw how long one more token takes, by the length of the text.

    Args:
        lengths: Tokens of the text so far.
        uncached: Milliseconds where all of it is read again.
        cached: Milliseconds where keys and values are kept.

    Returns:
        The figure, with the ratio of the two at each length.

    Raises:
        ValueError: The three differ in length.
    """
    sizes = (len(lengths), len(uncached), len(cached))
    if len(set(sizes)) != 1:
        raise ValueError(
            "came with {} lengths, {} uncached, {} cached".format(*sizes)
        )
    figure, axes = style.panels(height=3.2)
    ax = axes[0, 0]
    for name, values, dash, mark in (
        ("without cache", uncached, "-", "s"),
        ("with cache", cached, "--", "o"),
    ):
        ax.plot(lengths, values, linestyle=dash, marker=mark, label=name)
    for length, slow, fast in zip(lengths, uncached, cached, strict=True):
        ax.annotate(
            f"{slow / fast:.1f}x", (length, slow), xytext=(0, 8), ha="center",
            textcoords="offset points",
        )  # fmt: skip
    ax.set_xlabel("tokens so far")
    ax.set_ylabel("milliseconds for the next token")
    ax.margins(y=0.15)
    ax.set_ylim(bottom=0)
    ax.legend(loc="upper left", bbox_to_anchor=(0.0, 0.9))
    return figure


def repeats(found: Mapping[str, Sequence[float]]) -> Figure:
    """Draw which share of a text's stretches occurs in it more than once.

    Args:
        found: Name of a way of writing to shares from 0 to 1, one a seed.

    Returns:
        The figure: a row for each way, a dot for each seed.

    Raises:
        ValueError: There is nothing to draw.
    """
    if not found:
        raise ValueError("found is empty, wanted at least one way of writing")
    figure, axes = style.panels(height=0.8 + 0.34 * len(found))
    ax = axes[0, 0]
    for row, (name, shares) in enumerate(found.items()):
        person = name.startswith("Shakespeare")
        ax.plot(
            shares, [row] * len(shares), linestyle="none", markersize=8,
            marker="D" if person else "o", alpha=0.8,
            color=style.RIGHT if person else style.DECODER,
            markeredgecolor=style.BLACK,
        )  # fmt: skip
    ax.set_yticks(range(len(found)), list(found))
    ax.invert_yaxis()
    ax.set_xlim(-0.03, 1.03)
    ax.set_xlabel("share of stretches that came before")
    return figure
