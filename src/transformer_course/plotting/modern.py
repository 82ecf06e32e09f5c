"""Chapter 16's pictures: turning, reaching far, sharing, growing, gaining."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import ScalarFormatter

from transformer_course.plotting import style

MEBI = 2**20
PLAIN = "{x:,g}"  # 1,000 rather than a power of ten


def turning(
    places: Sequence[tuple[str, Sequence[float], Sequence[float], float]],
) -> Figure:
    """Draw a query and a key as they turn with their positions.

    Args:
        places: One a panel: its title, the turned query (2,), the turned
            key (2,) and their dot product.

    Returns:
        The figure: two arrows a panel, the dot product below.

    Raises:
        ValueError: There is no place.
    """
    if not places:
        raise ValueError("places is empty, wanted at least one")
    figure, axes = style.panels(1, len(places), height=2.7)
    reach = 0.6 + max(abs(x) for _, q, k, _ in places for x in (*q, *k))
    for ax, (title, q, k, score) in zip(axes.flat, places, strict=True):
        style.arrow(ax, q, "q", style.QUERY)
        style.arrow(ax, k, "k", style.KEY, linestyle="--")
        ax.set_xlim(-reach, reach)
        ax.set_ylim(-reach, reach)
        ax.set_aspect("equal")
        ax.set_title(title, fontsize=9.5)
        ax.set_xlabel(f"q · k = {score:g}")
        ax.tick_params(labelbottom=False, labelleft=False)
    return figure


def reach(
    tasks: Mapping[str, Mapping[str, Sequence[Mapping[str, float]]]],
    trained: int,
    chance: Mapping[str, float],
) -> Figure:
    """Draw how far beyond the trained length each encoding answers.

    Args:
        tasks: By task and encoding, one mapping a seed from the length of
            the text to the share of right answers.
        trained: Length of the training's texts.
        chance: By task, the share that guessing gets right.

    Returns:
        The figure: a panel a task, a line through each encoding's mean with
        a faint point for each seed.

    Raises:
        ValueError: There is no task.
    """
    if not tasks:
        raise ValueError("tasks is empty, wanted at least one")
    figure, axes = style.panels(1, len(tasks), height=3.6, sharey=True)
    for ax, (task, arms) in zip(axes.flat, tasks.items(), strict=True):
        for number, (arm, seeds) in enumerate(arms.items()):
            _reaching(ax, arm, seeds, number)
        ax.axvline(trained, color=style.GREY, linestyle=":")
        ax.axhline(chance[task], color=style.CHANCE, linestyle="--", lw=1)
        lengths = [int(length) for length in next(iter(arms.values()))[0]]
        _lengths(ax, lengths)
        ax.set_title(task)
        ax.set_xlabel("letters in the text")
        ax.set_ylim(0, 1.05)
    axes[0, 0].set_ylabel("right, at the last 12")
    handles, names = axes[0, 0].get_legend_handles_labels()
    figure.legend(
        handles, names, loc="outside upper center", ncols=len(names),
        fontsize=9.5,
    )  # fmt: skip
    return figure


def _reaching(
    ax: Axes, arm: str, seeds: Sequence[Mapping[str, float]], number: int
) -> None:
    lengths = [int(length) for length in seeds[0]]
    color = style.CYCLE[number]
    for seed in seeds:
        ax.plot(
            lengths, list(seed.values()), color=color, linestyle="none",
            marker=style.MARKERS[number], markersize=4, alpha=0.35,
        )  # fmt: skip
    means = [statistics.mean(each) for each in zip(
        *(seed.values() for seed in seeds), strict=True
    )]  # fmt: skip
    ax.plot(
        lengths, means, color=color, linestyle=style.DASHES[number],
        marker=style.MARKERS[number], label=arm,
    )  # fmt: skip


def _lengths(ax: Axes, lengths: Sequence[int]) -> None:
    """Mark these lengths, and no others, on an axis of powers."""
    ax.set_xscale("log", base=2)
    ax.set_xticks(lengths)
    ax.xaxis.set_major_formatter(ScalarFormatter())
    ax.minorticks_off()


def groups(n_heads: int, kv_heads: Sequence[int]) -> Figure:
    """Draw which heads of queries share which head of keys and values.

    Args:
        n_heads: Heads of the queries.
        kv_heads: One a panel: how many heads of keys and values there are.

    Returns:
        The figure: queries above, keys and values below, joined.

    Raises:
        ValueError: A number does not divide ``n_heads``.
    """
    for number in kv_heads:
        if number < 1 or n_heads % number:
            raise ValueError(f"{number} does not divide n_heads {n_heads}")
    figure, axes = style.panels(1, len(kv_heads), height=1.9)
    for ax, number in zip(axes.flat, kv_heads, strict=True):
        sharing = n_heads // number
        for head in range(n_heads):
            below = (head // sharing + 0.5) * sharing - 0.5
            ax.plot(
                [head, below], [1, 0], color=style.GREY, linestyle="-",
                linewidth=1,
            )  # fmt: skip
            _label(ax, head, 1, "q", style.QUERY)
        for group in range(number):
            place = (group + 0.5) * sharing - 0.5
            _label(ax, place, 0, "k v", style.KEY)
        ax.set_title(f"{number} of keys and values", fontsize=9.5)
        ax.set_xlim(-0.6, n_heads - 0.4)
        ax.set_ylim(-0.4, 1.4)
        ax.axis("off")
    return figure


def _label(ax: Axes, x: float, y: float, text: str, color: str) -> None:
    ax.text(
        x, y, text, ha="center", va="center", fontsize=9,
        bbox={
            "boxstyle": "round", "facecolor": "white", "edgecolor": color,
            "linewidth": 1.6,
        },
    )  # fmt: skip


def growth(
    measured: Mapping[str, Mapping[str, Sequence[float] | None]], limit: int
) -> Figure:
    """Draw memory and time of attention as the text grows.

    Args:
        measured: By length and by path, bytes and seconds, or None where
            the path did not fit into the limit.
        limit: Bytes that a process had for it.

    Returns:
        The figure: memory on the left with the limit, time on the right; a
        cross where a path did not fit.

    Raises:
        ValueError: Nothing was measured.
    """
    if not measured:
        raise ValueError("measured is empty, wanted at least one length")
    figure, axes = style.panels(1, 2, height=3.4)
    left, right = axes[0]
    for number, path in enumerate(next(iter(measured.values()))):
        found = {int(n): paths[path] for n, paths in measured.items()}
        fits = {n: pair for n, pair in found.items() if pair is not None}
        for ax, which, unit in ((left, 0, MEBI), (right, 1, 1e-3)):
            ax.plot(
                list(fits), [pair[which] / unit for pair in fits.values()],
                color=style.CYCLE[1 - number], label=path, markersize=5,
                linestyle=style.DASHES[number], marker=style.MARKERS[number],
            )  # fmt: skip
        full = [n for n in found if n not in fits]
        if full:
            left.plot(
                full, [limit / MEBI] * len(full), color=style.WRONG,
                marker="x", markersize=9, linestyle="none", label="no room",
            )  # fmt: skip
    left.axhline(limit / MEBI, color=style.GREY, linestyle=":")
    for ax, name in ((left, "MiB at the peak"), (right, "milliseconds")):
        _lengths(ax, [int(n) for n in measured])
        ax.set_yscale("log")
        ax.yaxis.set_major_formatter(PLAIN)
        ax.tick_params(axis="x", rotation=60)
        ax.set_xlabel("tokens")
        ax.set_title(name)
    left.legend(fontsize=8.5)
    return figure


def gains(arms: Mapping[str, Sequence[float]], unit: str) -> Figure:
    """Draw what each arm gains over the plain one, seed by seed.

    Args:
        arms: By name, the gain of each seed, two at least; above 0 is
            better.
        unit: What a gain is counted in.

    Returns:
        The figure: a row an arm, best last, a point each seed, and the mean
        with two standard errors, hatched apart where that bar crosses 0.

    Raises:
        ValueError: An arm has fewer than two seeds.
    """
    for name, each in arms.items():
        if len(each) < 2:
            raise ValueError(f"{name} has {len(each)} seeds, wanted 2 or more")
    figure, axes = style.panels(height=0.9 + 0.36 * len(arms))
    ax = axes[0, 0]
    ordered = sorted(arms, key=lambda name: statistics.mean(arms[name]))
    for row, name in enumerate(ordered):
        each = arms[name]
        mean = statistics.mean(each)
        error = 2 * statistics.stdev(each) / len(each) ** 0.5
        clear = abs(mean) > error
        color = style.GREY
        if clear:
            color = style.RIGHT if mean > 0 else style.WRONG
        ax.errorbar(
            mean, row, xerr=error, color=color, capsize=5, linewidth=2,
            marker="D" if clear else "o", linestyle="none",
            markerfacecolor=color if clear else "white",
        )  # fmt: skip
        ax.plot(
            each, [row - 0.28] * len(each), color=style.BLACK, marker=".",
            linestyle="none", alpha=0.6,
        )  # fmt: skip
    ax.axvline(0, color=style.BLACK, linestyle="-", linewidth=1)
    ax.set_yticks(range(len(ordered)), ordered)
    ax.set_ylim(-0.7, len(ordered) - 0.4)
    ax.set_xlabel(unit)
    return figure
