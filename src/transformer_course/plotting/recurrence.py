"""Pictures of recurrent networks: states, fading, bottleneck, alignment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from torch import Tensor

from transformer_course.plotting import style

# One look for each reader and writer, in chapter 3 and in chapter 5.
_LOOKS: dict[str, dict[str, Any]] = {
    "RNN": {"color": style.ORANGE, "linestyle": ":", "marker": "s"},
    "LSTM": {"color": style.VERMILION, "linestyle": "--", "marker": "o"},
    "LSTM, forget bias 1": {
        "color": style.PURPLE, "linestyle": "-.", "marker": "^",
    },
    "LSTM, forget bias 4": {
        "color": style.BLUE, "linestyle": (0, (5, 1, 1, 1)), "marker": "v",
    },
    "attention": {"color": style.GREEN, "linestyle": "-", "marker": "D"},
    "one vector": {
        "color": style.VERMILION, "linestyle": "--", "marker": "o",
    },
    "with attention": {
        "color": style.GREEN, "linestyle": "-", "marker": "D",
    },
}  # fmt: skip

# For each reader, what was measured in each seed, by distance or length.
Curves = Mapping[str, Mapping[int, Sequence[float]]]


def curves(
    measured: Mapping[str, Mapping[str, Any]], names: Sequence[str]
) -> dict[str, dict[int, Any]]:
    """Take some readers out of a committed run, with numbers as keys.

    Args:
        measured: For each reader, by distance or length as JSON writes it,
            what was measured.
        names: The readers.

    Returns:
        For each of the readers, by the number: what was measured.
    """
    return {
        name: {int(k): value for k, value in measured[name].items()}
        for name in names
    }


def over_seeds(
    run: Mapping[str, Any], part: str, names: Sequence[str]
) -> dict[str, dict[int, list[float]]]:
    """Collect each seed's recall accuracy from the run 03-distance.

    Args:
        run: The committed run.
        part: ``"alone"``, a training for each distance, or ``"mixed"``, one
            training for all distances.
        names: The readers.

    Returns:
        For each reader, by distance: the accuracy of each seed.

    Raises:
        ValueError: ``part`` is neither of the two.
    """
    if part not in ("alone", "mixed"):
        raise ValueError(f"part is {part!r}, wanted 'alone' or 'mixed'")
    found: dict[str, dict[int, list[float]]] = {}
    for name in names:
        arms = [seed[part][name] for seed in run["runs"].values()]
        by_seed = [
            arm["accuracy"]
            if part == "mixed"
            else {k: arm[k]["accuracy"][k] for k in arm}
            for arm in arms
        ]
        found[name] = {
            int(k): [accuracy[k] for accuracy in by_seed] for k in by_seed[0]
        }
    return found


def unrolled(
    words: Sequence[str], inputs: Sequence[float], states: Sequence[float]
) -> Figure:
    """Draw a recurrent network with one number a word, step by step.

    Args:
        words: The words in the order in which they are read.
        inputs: The number of each word.
        states: The state after each word.

    Returns:
        The figure: words below, states above, an arrow for each hand-over.

    Raises:
        ValueError: The three are not equally long.
    """
    if not len(words) == len(inputs) == len(states):
        raise ValueError(
            f"{len(words)} words, {len(inputs)} inputs and {len(states)} "
            "states, wanted one of each a step"
        )
    figure, axes = style.panels(height=2.1)
    ax = axes[0, 0]
    _box(ax, -1, 1, "0", style.GREY)
    for t, (word, x, h) in enumerate(zip(words, inputs, states, strict=True)):
        _box(ax, t, 0, f"{word}  {x:g}", style.GREY)
        _box(ax, t, 1, f"{h:.3f}", style.BLUE)
        for start in ((t - 1 + 0.36, 1.0), (t, 0.24)):
            end = (t - 0.36, 1.0) if start[1] == 1 else (t, 0.76)
            ax.annotate(
                "", xy=end, xytext=start,
                arrowprops={"arrowstyle": "-|>", "color": style.BLACK},
            )  # fmt: skip
    ax.text(-1.45, 1, "state", ha="right", va="center")
    ax.text(-1.45, 0, "word", ha="right", va="center")
    ax.set_xlim(-1.9, len(words) - 0.5)
    ax.set_ylim(-0.4, 1.4)
    ax.axis("off")
    return figure


def _box(ax: Axes, x: float, y: float, text: str, edge: str) -> None:
    ax.add_patch(
        Rectangle(
            (x - 0.36, y - 0.24), 0.72, 0.48, facecolor="white",
            edgecolor=edge, linewidth=1.6,
        )
    )  # fmt: skip
    ax.text(x, y, text, ha="center", va="center")


def gradients(ratios: Curves) -> Figure:
    """Draw how much the first input counts beside the last, by length.

    Args:
        ratios: For each reader, by length: the ratio of both gradients in
            each seed, all positive.

    Returns:
        The figure: the middle seed as a line, the range of seeds as a band.
    """
    figure, axes = style.panels(height=3.6)
    ax = axes[0, 0]
    _gradients(ax, ratios)
    figure.legend(loc="outside upper center", ncols=2, fontsize=9.5)
    return figure


def _gradients(ax: Axes, ratios: Curves) -> None:
    for name, by_length in ratios.items():
        values = np.array(list(by_length.values()))  # (lengths, seeds)
        lengths = list(by_length)
        ax.plot(lengths, np.median(values, axis=1), label=name, **_LOOKS[name])
        ax.fill_between(
            lengths, values.min(axis=1), values.max(axis=1),
            color=_LOOKS[name]["color"], alpha=0.2, linewidth=0,
        )  # fmt: skip
    ax.set_yscale("log")
    _powers_of_two(ax)
    ax.set_xlabel("words read")
    ax.set_ylabel("gradient, first / last")


def recall(accuracies: Curves, chance: float) -> Figure:
    """Draw how often the first word is recalled, by distance.

    Args:
        accuracies: For each reader, by distance: accuracy of each seed, from
            0 to 1.
        chance: The chance level, from 0 to 1.

    Returns:
        The figure: means as lines, each seed as a small point.
    """
    figure, axes = style.panels(height=3.7)
    ax = axes[0, 0]
    _accuracies(ax, accuracies, "words between", "right, percent")
    ax.axhline(
        100 * chance, color=style.CHANCE, linestyle="--", lw=1.2,
        label="chance",
    )  # fmt: skip
    _powers_of_two(ax)
    figure.legend(loc="outside upper center", ncols=3, fontsize=9.5)
    return figure


def _accuracies(
    ax: Axes, accuracies: Curves, across: str, upwards: str
) -> None:
    for name, by_distance in accuracies.items():
        places = list(by_distance)
        means = [100 * np.mean(v) for v in by_distance.values()]
        ax.plot(places, means, label=name, **_LOOKS[name])
        for place, values in by_distance.items():
            ax.plot(
                [place] * len(values), 100 * np.asarray(values), ".",
                color=_LOOKS[name]["color"], markersize=4, alpha=0.6,
            )  # fmt: skip
    ax.set_ylim(-4, 104)
    ax.set_xlabel(across)
    ax.set_ylabel(upwards)


def _powers_of_two(ax: Axes) -> None:
    ax.set_xscale("log", base=2)
    ax.xaxis.set_major_formatter(lambda x, _: f"{x:g}")


def seconds(times: Mapping[str, Mapping[int, float]]) -> Figure:
    """Draw how long one sentence takes to read, by its length.

    Args:
        times: For each reader, by length: seconds.

    Returns:
        The figure, both axes logarithmic.
    """
    figure, axes = style.panels(height=3.3)
    ax = axes[0, 0]
    _seconds(ax, times)
    ax.legend()
    return figure


def _seconds(ax: Axes, times: Mapping[str, Mapping[int, float]]) -> None:
    for name, by_length in times.items():
        ax.plot(
            list(by_length), [1000 * s for s in by_length.values()],
            label=name, **_LOOKS[name],
        )  # fmt: skip
    _powers_of_two(ax)
    ax.set_yscale("log")
    ax.yaxis.set_major_formatter(lambda x, _: f"{x:g}")
    ax.set_xlabel("words in the sentence")
    ax.set_ylabel("milliseconds")


def beside(
    accuracies: Curves,
    ratios: Curves,
    times: Mapping[str, Mapping[int, float]],
    chance: float,
) -> Figure:
    """Draw accuracy, gradient and time of all readers side by side.

    Args:
        accuracies: As for ``recall``.
        ratios: As for ``gradients``.
        times: As for ``seconds``.
        chance: The chance level, from 0 to 1.

    Returns:
        The figure: three panels, and one legend for all of them.
    """
    figure, axes = style.panels(rows=2, columns=2, height=6.2)
    top, right, low, corner = axes.flat
    _accuracies(top, accuracies, "words between", "right, percent")
    top.axhline(100 * chance, color=style.CHANCE, linestyle="--", lw=1.2)
    _powers_of_two(top)
    top.set_title("accuracy")
    _gradients(right, ratios)
    right.set_title("gradient, untrained")
    _seconds(low, times)
    low.set_title("time")
    corner.axis("off")
    corner.legend(*top.get_legend_handles_labels(), loc="center")
    return figure


def by_length(shares: Curves) -> Figure:
    """Draw how many items are right from end to end, by their length.

    Args:
        shares: For each writer, by length: the share of each seed, 0 to 1.

    Returns:
        The figure: means as lines, each seed as a small point.
    """
    figure, axes = style.panels(height=3.3)
    ax = axes[0, 0]
    _accuracies(
        ax, shares, "words to reverse", "every word right, percent of items"
    )
    ax.set_xticks(next(iter(map(list, shares.values()))))
    ax.legend(loc="lower left")
    return figure


def alignment(
    weights: Tensor, source: Sequence[str], written: Sequence[str]
) -> Figure:
    """Draw an alignment map with each word's own source word framed.

    Args:
        weights: Float (T_q, T_k), rows that sum to 1, for a reversal: row i
            belongs to column T_k - 1 - i.
        source: The T_k words that were read.
        written: The T_q words that were written.

    Returns:
        The figure: rows are written words, columns source words.
    """
    figure, axes = style.panels(height=4.4)
    ax = axes[0, 0]
    image = style.heatmap(ax, weights, written, source, limit=1.0)
    ax.set_xticks(
        range(len(source)), source, rotation=45, ha="right",
        rotation_mode="anchor",
    )  # fmt: skip
    for i in range(len(written)):
        ax.add_patch(
            Rectangle(
                (len(source) - 1 - i - 0.5, i - 0.5), 1, 1, fill=False,
                edgecolor=style.VERMILION, linewidth=1.6,
            )
        )  # fmt: skip
    ax.set_xlabel("source, as it was read")
    ax.set_ylabel("written, from the top")
    figure.colorbar(image, ax=ax).set_label("weight")
    return figure


def gradient_beside_effect(
    shares: Sequence[float], effects: Sequence[float]
) -> Figure:
    """Draw each place's share of the input gradient, and its effect.

    Args:
        shares: Share of the gradient's length at each place; they sum to 1.
        effects: How often another word at that place changes the answer,
            from 0 to 1.

    Returns:
        The figure: shares above, effects below.

    Raises:
        ValueError: The two are not equally long.
    """
    if len(shares) != len(effects):
        raise ValueError(
            f"{len(shares)} shares and {len(effects)} effects, wanted one of "
            "each a place"
        )
    figure, axes = style.panels(rows=2, height=3.9, sharex=True)
    places = range(len(shares))
    for ax, values, color, hatch, label in (
        (axes[0, 0], shares, style.BLUE, "", "share of the\ngradient, %"),
        (axes[1, 0], effects, style.GREEN, "//", "answers\nchanged, %"),
    ):
        ax.bar(
            places, 100 * np.asarray(values), color=color, hatch=hatch,
            edgecolor="white",
        )  # fmt: skip
        ax.set_ylim(0, 104)
        ax.set_ylabel(label)
    axes[1, 0].set_xlabel("place of the word (0 is the creature in question)")
    return figure


def cuts(accuracies: Mapping[str, Sequence[float]], chance: float) -> Figure:
    """Draw what a writer gets right under each cut, a point a seed.

    Args:
        accuracies: For each cut, each seed's share of right words, 0 to 1.
        chance: The chance level, from 0 to 1.

    Returns:
        The figure: a row for each cut.
    """
    figure, axes = style.panels(height=0.9 + 0.45 * len(accuracies))
    ax = axes[0, 0]
    for row, values in enumerate(accuracies.values()):
        ax.plot(
            100 * np.asarray(values),
            row + np.linspace(-0.15, 0.15, len(values)), "o",
            color=style.BLUE,
        )  # fmt: skip
    ax.axvline(100 * chance, color=style.CHANCE, linestyle="--", lw=1.2)
    ax.set_yticks(range(len(accuracies)), list(accuracies))
    ax.set_ylim(len(accuracies) - 0.5, -0.5)
    ax.set_xlim(-2, 102)
    ax.set_xlabel("words right, percent (dashed: chance)")
    return figure
