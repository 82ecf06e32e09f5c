"""Exercise of chapter 15: a gain, and its error with and without pairs."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from transformer_course.checking.exercise import Cases, Chapter, Space

EXERCISES = Chapter("15")

Three = tuple[float, float, float]
Error = Callable[[Tensor, int], Tensor]


def gain_and_errors(one: Tensor, other: Tensor) -> tuple[float, float, float]:
    """Mean gain, standard error in pairs, and without pairs."""
    each, n = one - other, len(one)  # (seeds,)
    in_pairs = each.std() / n**0.5
    apart = ((one.var() + other.var()) / n).sqrt()
    return each.mean().item(), in_pairs.item(), apart.item()


def _arms(_: Space) -> Cases:
    cases = (
        ([0.8, 0.6], [0.5, 0.4]),
        ([0.75, 0.84, 0.62, 0.91, 0.7], [0.53, 0.65, 0.38, 0.72, 0.5]),
        ([0.91, 0.88, 0.93, 0.9], [0.52, 0.61, 0.44, 0.58]),
        ([0.4, 0.52, 0.61], [0.66, 0.5, 0.57]),
    )
    return [(torch.tensor(a), torch.tensor(b)) for a, b in cases]


_gain = EXERCISES.exercise(
    gain_and_errors,
    label="ex-15-in-pairs",
    level="Standard",
    minutes=20,
    cases=_arms,
    atol=1e-5,
    hints=(
        "What do you subtract before you take a deviation, and what after "
        "it? That is the whole difference between the two errors.",
        "In pairs: (one - other).std() / n ** 0.5, with n the number of "
        "seeds. Without: the squared deviation of each arm is .var().",
        "each = one - other; the three results are each.mean(), each.std() / "
        "n ** 0.5 and ((one.var() + other.var()) / n) ** 0.5.",
    ),
)


def _gained(
    one: Tensor,
    other: Tensor,
    sign: float = 1.0,
    pairs: Error = lambda d, n: d.std() / n**0.5,
    apart: Error = lambda v, n: (v.sum() / n).sqrt(),
) -> Three:
    """Give the three, with another rule for one of them.

    Args:
        one: Shares (seeds,).
        other: Shares (seeds,).
        sign: Of the gain.
        pairs: Error from differences (seeds,) and their number.
        apart: Error from the variances of the arms (2,) and the number.
    """
    each, n = one - other, len(one)
    variances = torch.stack([one.var(), other.var()])
    gain = sign * each.mean()
    return gain.item(), pairs(each, n).item(), apart(variances, n).item()


@_gain.mistake
def _sign(one: Tensor, other: Tensor) -> Three:
    """Your gain has the wrong sign: it is one minus other.

    What the first arm is better by is positive.
    """
    return _gained(one, other, sign=-1)


@_gain.mistake
def _gain_without_sign(one: Tensor, other: Tensor) -> Three:
    """You drop the signs of the differences: some seeds may lose.

    A mean of absolute differences is never below 0, even by pure chance.
    """
    return (one - other).abs().mean().item(), *_gained(one, other)[1:]


@_gain.mistake
def _through_n(one: Tensor, other: Tensor) -> Three:
    """Your deviations divide by n; a sample's divides by n - 1.

    .std() and .var() of PyTorch do, with correction=1, as on the page.
    """
    return _gained(
        one, other,
        pairs=lambda d, n: d.std(correction=0) / n**0.5,
        apart=lambda v, n: (v.sum() * (n - 1)).sqrt() / n,
    )  # fmt: skip


@_gain.mistake
def _no_root_of_n(one: Tensor, other: Tensor) -> Three:
    """Your errors are deviations of one seed: not divided by the root of n.

    The mean of n seeds is more certain than one of them.
    """
    return _gained(
        one, other,
        pairs=lambda d, n: d.std(),
        apart=lambda v, n: v.sum().sqrt(),
    )  # fmt: skip


@_gain.mistake
def _by_n(one: Tensor, other: Tensor) -> Three:
    """You divide a deviation by n; the root of n is wanted.

    Inside the root it is n, outside it is the root of n.
    """
    return _gained(
        one, other,
        pairs=lambda d, n: d.std() / n,
        apart=lambda v, n: v.sum().sqrt() / n,
    )  # fmt: skip


@_gain.mistake
def _squared(one: Tensor, other: Tensor) -> Three:
    """Your errors are squares: the root is missing.

    A variance is in squared points; an error is in points, as the gain is.
    """
    return _gained(
        one, other,
        pairs=lambda d, n: d.var() / n,
        apart=lambda v, n: v.sum() / n,
    )  # fmt: skip


@_gain.mistake
def _root_of_n_minus_one(one: Tensor, other: Tensor) -> Three:
    """You take n - 1 off twice: .std() has it, the root takes n.

    n - 1 belongs to the deviation alone.
    """
    return _gained(
        one, other,
        pairs=lambda d, n: d.std() / (n - 1) ** 0.5,
        apart=lambda v, n: (v.sum() / (n - 1)).sqrt(),
    )  # fmt: skip


@_gain.mistake
def _sum_of_squares(one: Tensor, other: Tensor) -> Three:
    """Your squares are summed over the seeds, and never divided by n - 1.

    An arm's squared deviation is its variance, a mean: .var().
    """
    return _gained(
        one, other,
        pairs=lambda d, n: (d.var() * (n - 1) / n).sqrt(),
        apart=lambda v, n: (v.sum() * (n - 1) / n).sqrt(),
    )  # fmt: skip


@_gain.mistake
def _deviations_added(one: Tensor, other: Tensor) -> Three:
    """Without pairs you add the two deviations; their squares are added.

    Two arms seldom err to opposite sides at once: the root of the sum of
    squares is less than the sum.
    """
    return _gained(
        one, other, apart=lambda v, n: v.sqrt().sum() / n**0.5
    )  # fmt: skip


@_gain.mistake
def _two_n(one: Tensor, other: Tensor) -> Three:
    """Without pairs you divide by all 2n runs; each arm's mean has n.

    The variance of a difference is the sum of both means' variances.
    """
    return _gained(one, other, apart=lambda v, n: (v.sum() / 2 / n).sqrt())


@_gain.mistake
def _one_arm(one: Tensor, other: Tensor) -> Three:
    """Without pairs you count the first arm alone; both of them vary.

    Add the squared deviations of the two.
    """
    return _gained(one, other, apart=lambda v, n: (v[0] / n).sqrt())


@_gain.mistake
def _squares_subtracted(one: Tensor, other: Tensor) -> Three:
    """You subtract one arm's squares from the other's; they add up.

    The means are subtracted. Their errors do not cancel out.
    """
    return _gained(
        one, other, apart=lambda v, n: ((v[0] - v[1]).abs() / n).sqrt()
    )


@_gain.mistake
def _thrown_together(one: Tensor, other: Tensor) -> Three:
    """Without pairs you throw both arms together: the gain counts as chance.

    Take each arm's deviation from its own mean.
    """
    both = torch.cat([one, other])
    return *_gained(one, other)[:2], (both.std() / len(both) ** 0.5).item()


@_gain.mistake
def _same_twice(one: Tensor, other: Tensor) -> Three:
    """Your two errors are both from pairs.

    The third result knows each arm's own deviation, and no differences.
    """
    gain, pairs, _ = gain_and_errors(one, other)
    return gain, pairs, pairs


@_gain.mistake
def _never_paired(one: Tensor, other: Tensor) -> Three:
    """Your two errors are both without pairs.

    The second result comes from the differences, seed by seed.
    """
    gain, _, apart = gain_and_errors(one, other)
    return gain, apart, apart


@_gain.mistake
def _exchanged(one: Tensor, other: Tensor) -> Three:
    """Your two errors are exchanged: the one in pairs comes first.

    Subtract first, then take the deviation: that is in pairs.
    """
    gain, pairs, apart = gain_and_errors(one, other)
    return gain, apart, pairs
