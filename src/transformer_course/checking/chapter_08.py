"""Exercises of chapter 8: norms."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from transformer_course.checking.exercise import Chapter, Space

EXERCISES = Chapter("08")


def two_features() -> tuple[list[float], list[float]]:
    """LayerNorm of [1, 3] and of [1, 1000]."""

    def layer_norm(x: list[float]) -> list[float]:
        mean = sum(x) / len(x)
        variance = sum((number - mean) ** 2 for number in x) / len(x)
        return [(number - mean) / variance**0.5 for number in x]

    return layer_norm([1, 3]), layer_norm([1, 1000])


_two = EXERCISES.exercise(
    two_features,
    label="ex-08-two-features",
    level="Warm-up",
    minutes=10,
    cases=[()],
    atol=1e-3,
    hints=(
        "First the mean of the two numbers, then how far each lies from it.",
        "The variance is the mean of the squared distances: of 2 numbers, "
        "divide by 2. Its root is the distance itself.",
        "[1, 3] has the mean 2, the distances -1 and 1, and the root of the "
        "variance 1. The second pair has the mean 500.5.",
    ),
)
PAIRS = ([1.0, 3.0], [1.0, 1000.0])


def _by(
    change: Callable[[Tensor], Tensor],
) -> tuple[list[float], list[float]]:
    first, second = (change(torch.tensor(pair)).tolist() for pair in PAIRS)
    return first, second


@_two.mistake
def _unbiased() -> tuple[list[float], list[float]]:
    """You divide by n - 1: that is the unbiased deviation.

    LayerNorm takes the mean of the squared distances: divide by n.
    """
    return _by(lambda x: (x - x.mean()) / x.std())


@_two.mistake
def _centred() -> tuple[list[float], list[float]]:
    """You subtract the mean, but do not divide by the spread.

    After a LayerNorm the variance is 1.
    """
    return _by(lambda x: x - x.mean())


@_two.mistake
def _by_variance() -> tuple[list[float], list[float]]:
    """You divide by the variance, not by its root.

    The variance is made of squares.
    """
    return _by(lambda x: (x - x.mean()) / x.var(correction=0))


@_two.mistake
def _not_centred() -> tuple[list[float], list[float]]:
    """You divide by the spread, but do not subtract the mean.

    After a LayerNorm the mean is 0.
    """
    return _by(lambda x: x / x.std(correction=0))


@_two.mistake
def _rms() -> tuple[list[float], list[float]]:
    """You divide by the root of the mean square: the mean stays in.

    Subtract the mean first.
    """
    return _by(lambda x: x / x.square().mean().sqrt())


@_two.mistake
def _length_one() -> tuple[list[float], list[float]]:
    """You bring the vector to length 1.

    LayerNorm brings the mean to 0 and the variance to 1.
    """
    return _by(lambda x: x / x.norm())


@_two.mistake
def _negative() -> tuple[list[float], list[float]]:
    """Your signs are exchanged.

    The smaller number lies below the mean.
    """
    return _by(lambda x: -(x - x.mean()) / x.std(correction=0))


@_two.mistake
def _zero_to_one() -> tuple[list[float], list[float]]:
    """You stretch the numbers from 0 to 1.

    LayerNorm uses mean and variance, not smallest and largest.
    """
    return _by(lambda x: (x - x.min()) / (x.max() - x.min()))


@_two.mistake
def _over_both() -> tuple[list[float], list[float]]:
    """You normalize across the two words: each feature by itself.

    LayerNorm looks at one word's own features.
    """
    return [0.0, -1.0], [0.0, 1.0]


def shared_axes(norm: nn.Module) -> set[str]:
    """Those of "batch", "words" and "features" that the norm ties."""
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(4, 3, 5, generator=generator)  # (B, T, D)
    changed = x.clone()
    changed[0, 0, 0] += 3.0  # one number
    with torch.no_grad():
        moved = (norm(changed) - norm(x)).abs() > 1e-6  # (B, T, D)
    found = {
        "batch": moved[1:, 0, 0],
        "words": moved[0, 1:, 0],
        "features": moved[0, 0, 1:],
    }
    return {axis for axis, others in found.items() if others.any()}


class Norm(nn.Module):
    """A norm that shares mean and variance over some axes."""

    def __init__(self, *axes: int) -> None:
        super().__init__()
        self.axes = axes

    def forward(self, x: Tensor) -> Tensor:
        """Normalize (B, T, D)."""
        if not self.axes:
            return x.tanh()
        mean = x.mean(dim=self.axes, keepdim=True)
        variance = x.var(dim=self.axes, keepdim=True, correction=0)
        scaled: Tensor = (x - mean) / torch.sqrt(variance + 1e-5)
        return scaled


def _norms(_: Space) -> list[tuple[Any, ...]]:
    axes = [(), (2,), (0,), (1,), (1, 2), (0, 1)]
    made: list[nn.Module] = [Norm(*some) for some in axes]
    return [(norm,) for norm in (*made, nn.LayerNorm(5), nn.LayerNorm([3, 5]))]


def _tied(norm: nn.Module) -> set[str]:
    if isinstance(norm, nn.LayerNorm):
        axes = {1: {"features"}, 2: {"words", "features"}}
        return axes[len(norm.normalized_shape)]
    names = ("batch", "words", "features")
    return {names[a] for a in norm.axes}  # type: ignore[union-attr]


_axes = EXERCISES.exercise(
    shared_axes,
    label="ex-08-who-moves",
    level="Standard",
    minutes=15,
    cases=_norms,
    hints=(
        "Change one number of one word of one sentence. Which other numbers "
        "may move if only features are tied?",
        "After the change, look along each axis in turn: other sentences at "
        "the same word and feature, other words at the same feature, other "
        "features of the same word.",
        "moved = norm(changed) != norm(x). With the change at [0, 0, 0]: "
        '"batch" if moved[1:, 0, 0].any(), and likewise moved[0, 1:, 0] and '
        "moved[0, 0, 1:].",
    ),
)
ALL = {"batch", "words", "features"}


@_axes.mistake
def _complement(norm: nn.Module) -> set[str]:
    """You name the axes that the norm leaves apart.

    An axis is tied if a change at one place moves another place along it.
    """
    return ALL - _tied(norm)


@_axes.mistake
def _everything(norm: nn.Module) -> set[str]:
    """You name all three axes for every norm.

    The number that you changed moves itself: leave it out, and compare
    other places only.
    """
    return ALL


@_axes.mistake
def _none(norm: nn.Module) -> set[str]:
    """You name no axis for any norm.

    Is the copy really changed, and by more than a constant on a whole word?
    """
    return set()


@_axes.mistake
def _features_alone(norm: nn.Module) -> set[str]:
    """You see the features alone.

    Other words and other sentences may move, too.
    """
    return _tied(norm) & {"features"}


@_axes.mistake
def _no_features(norm: nn.Module) -> set[str]:
    """You miss the features.

    Change one number, not a whole word; then look at the word's others.
    """
    return _tied(norm) - {"features"}


@_axes.mistake
def _exchanged(norm: nn.Module) -> set[str]:
    """The names "batch" and "words" are exchanged.

    In (B, T, D) axis 0 is the batch, axis 1 the words.
    """
    other = {"batch": "words", "words": "batch", "features": "features"}
    return {other[name] for name in _tied(norm)}


@_axes.mistake
def _numbers(norm: nn.Module) -> Any:
    """You return numbers of axes; their names are wanted.

    "batch", "words" and "features" are axes 0, 1 and 2.
    """
    places = {"batch": 0, "words": 1, "features": 2}
    return {places[name] for name in _tied(norm)}


@_axes.mistake
def _whole_word(norm: nn.Module) -> set[str]:
    """You name the features for every norm.

    The number that you changed moves itself; only its neighbours count.
    """
    return _tied(norm) | {"features"}
