"""Probes of the warm-up: inputs, references and known mistakes."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from coursework.grading.probe import Assignment, Call, Part, Variant, close

# --- 1. plates a meal day


def ledger_calls(v: Variant, draw: torch.Generator) -> list[Call]:
    """Ledgers in which all eat, some sleep, or one sleeps throughout."""

    def plates(days: int, creatures: int, dishes: int) -> Tensor:
        size = (days, creatures, dishes)
        return torch.randint(1, 9, size, generator=draw).float()

    awake = plates(5, 3, 2)
    naps = plates(7, 5, 3)
    naps[torch.rand(7, 5, generator=draw) < 0.4] = 0
    naps[0], naps[1, 2] = 1, 0
    naps[:, 0, 1] = 0  # a dish that one creature never takes
    sleeper = plates(3, 5, 2)
    sleeper[:, int(torch.randint(5, (), generator=draw))] = 0
    return [
        Call((awake,), group="all awake"),
        Call((naps,), group="some sleep"),
        Call((sleeper,), group="one never eats"),
    ]


def plates_a_meal_day(ledger: Tensor) -> Tensor:
    """Mean plates over the days on which a creature ate."""
    a_day = ledger.sum(dim=-1)
    days = (a_day != 0).double().sum(dim=0)
    return torch.where(
        days > 0, a_day.double().sum(dim=0) / days.clamp(min=1), 0.0
    )


def each_dish_counts(ledger: Tensor) -> Tensor:
    """Divide by the dishes that were taken."""
    taken = (ledger > 0).sum(dim=(0, 2))
    return ledger.sum(dim=(0, 2)) / taken.clamp(min=1)


# --- 2. by hand


def my_scores(v: Variant) -> tuple[int, ...]:
    """The scores of the student's three dishes."""
    return v.sample("scores", range(6), 3)


def my_dish(v: Variant) -> int:
    """The dish that was ordered."""
    return v.integer("dish", 0, 2)


def my_shares(v: Variant, base: float = 2.0) -> list[float]:
    """Shares in powers of a base."""
    powers = [base**score for score in my_scores(v)]
    return [power / sum(powers) for power in powers]


def my_bits(v: Variant) -> float:
    """The loss of the ordered dish."""
    return -math.log2(my_shares(v)[my_dish(v)])


def numbers(atol: float) -> Callable[[Any, Any], bool]:
    """Compare numbers worked out by hand; a tensor counts as a list."""
    same = close(atol, 0.0)

    def compare(got: Any, want: Any) -> bool:
        return same(got.tolist() if isinstance(got, Tensor) else got, want)

    return compare


# --- 3. any base


def base_calls(v: Variant, draw: torch.Generator) -> list[Call]:
    """Tables of scores: both dimensions, large scores, a base below 1."""

    def scores(*size: int) -> Tensor:
        return 2 * torch.randn(*size, generator=draw, dtype=torch.float64)

    def base(low: float) -> float:
        return low + torch.rand((), generator=draw).item()

    apart = scores(2, 7)
    apart[:, 2:4] -= 1900  # the two that win, for a base below 1
    return [
        Call((scores(3, 5), 1, base(1.5)), group="last dimension"),
        Call((scores(3, 5, 2), 1, base(4.0)), group="middle dimension"),
        Call((scores(5, 3), 0, base(2.0)), group="middle dimension"),
        Call((scores(2, 7) + 1900, 1, base(2.0)), group="large scores"),
        Call((scores(2, 7), 1, base(0.1) / 2), group="base below 1"),
        Call((apart, 1, 0.3), group="base below 1"),
    ]


def shares(scores: Tensor, dim: int, base: float) -> Tensor:
    """Softmax of the scores times ln base."""
    return torch.softmax(scores * math.log(base), dim=dim)


def powers_of_e(scores: Tensor, dim: int, base: float) -> Tensor:
    """Forget the base."""
    return torch.softmax(scores, dim=dim)


def always_last(scores: Tensor, dim: int, base: float) -> Tensor:
    """Forget the dimension."""
    return shares(scores, -1, base)


def too_large(scores: Tensor, dim: int, base: float) -> Tensor:
    """Take powers of scores as they are."""
    powers = torch.exp(scores * math.log(base))
    return powers / powers.sum(dim=dim, keepdim=True)


def largest_score(scores: Tensor, dim: int, base: float) -> Tensor:
    """Subtract the largest score, also where the base is below 1."""
    top = scores.amax(dim=dim, keepdim=True)
    powers = base ** (scores - top)
    return powers / powers.sum(dim=dim, keepdim=True)


# --- 4. the loop


def loop_calls(v: Variant, draw: torch.Generator) -> list[Call]:
    """Points near a line; one step, several steps, one point."""

    def points(n: int) -> tuple[Tensor, Tensor]:
        x = torch.randn(n, 1, generator=draw, dtype=torch.float64)
        noise = torch.randn(n, generator=draw, dtype=torch.float64)
        return x, 3 * x[:, 0] - 2 + noise

    return [
        Call((*points(7), 0.1, 1), group="one step"),
        Call((*points(5), 0.05, 7), group="several steps"),
        Call((*points(11), 0.1, 13), group="several steps"),
    ]


def fit(
    x: Tensor, y: Tensor, lr: float, n_steps: int, *bugs: str
) -> tuple[list[float], float, float]:
    """Gradient descent by formula, with the bugs that are named."""
    w = c = sum_w = sum_c = 0.0
    size, losses = x[:, 0], []
    for _ in range(n_steps):
        errors = w * size + c - y  # (n,)
        if "broadcast" in bugs:
            errors = (w * size + c)[:, None] - y  # (n, n)
            size_of = size[:, None]
        else:
            size_of = size
        losses.append((errors**2).mean().item())
        slope_w = 2 * (errors * size_of).mean().item()
        slope_c = 2 * errors.mean().item()
        keep = 1.0 if "pile up" in bugs else 0.0
        sum_w, sum_c = keep * sum_w + slope_w, keep * sum_c + slope_c
        w, c = w - lr * sum_w, c - lr * sum_c
    return losses, w, c


# --- 5. the worth of a guess

SONNET = """shall i compare thee to a summer's day
thou art more lovely and more temperate
rough winds do shake the darling buds of may
and summer's lease hath all too short a date
sometime too hot the eye of heaven shines
and often is his gold complexion dimm'd
and every fair from fair sometime declines
by chance or nature's changing course untrimm'd
but thy eternal summer shall not fade
nor lose possession of that fair thou ow'st
nor shall death brag thou wander'st in his shade
when in eternal lines to time thou grow'st
so long as men can breathe or eyes can see
so long lives this and this gives life to thee""".splitlines()


def chance(v: Variant) -> float:
    """Share of held-out words with the first letter that leads training."""
    return _right(v, held_out=True)


def _right(v: Variant, held_out: bool) -> float:
    """Score the guess on held-out or on training lines."""
    order = v.sample("lines", range(14), 14)
    train, test = (
        [word[0] for i in some for word in SONNET[i].split()]
        for some in (order[:10], order[10:])
    )
    guess = max(sorted(set(train)), key=train.count)
    judged = test if held_out else train
    return judged.count(guess) / len(judged)


ASSIGNMENT = Assignment(
    "warmup",
    parts=(
        Part(
            "ledger-mean",
            points=2,
            target="plates_a_meal_day",
            calls=ledger_calls,
            expected=plates_a_meal_day,
            says=[
                (
                    "all days count",
                    lambda ledger: ledger.sum(dim=2).mean(dim=0),
                    "You divide by all days. Days on which the creature did "
                    "not eat do not count.",
                ),
                (
                    "dishes kept",
                    lambda ledger: ledger.mean(dim=0),
                    "Your result has one number for each creature and dish. "
                    "A creature's plates are summed over its dishes.",
                ),
                (
                    "creatures summed away",
                    lambda ledger: plates_a_meal_day(ledger.transpose(1, 2)),
                    "Your result has one number for each dish. Dimension 1 "
                    "counts the creatures, and it has to stay.",
                ),
                (
                    "days and dishes counted",
                    each_dish_counts,
                    "You divide by the number of dishes that were taken. A "
                    "day with two dishes is still one day.",
                ),
            ],
        ),
        Part(
            "shares-by-hand",
            points=1,
            target="my_shares",
            value=True,
            expected=my_shares,
            compare=numbers(5e-3),
            says=[
                (
                    "powers of e",
                    lambda v: my_shares(v, math.e),
                    "These are shares in powers of e. The menu counts in "
                    "powers of two.",
                ),
                (
                    "no powers",
                    lambda v: [s / sum(my_scores(v)) for s in my_scores(v)],
                    "These are the scores divided by their sum. Take the "
                    "powers first.",
                ),
                (
                    "squares",
                    lambda v: [
                        s**2 / sum(t**2 for t in my_scores(v))
                        for s in my_scores(v)
                    ],
                    "You squared the scores. 2 to the power of s is meant, "
                    "not s to the power of 2.",
                ),
            ],
        ),
        Part(
            "bits-by-hand",
            points=1,
            target="my_bits",
            value=True,
            expected=my_bits,
            compare=numbers(2e-3),
            says=[
                (
                    "nats",
                    lambda v: my_bits(v) * math.log(2),
                    "This is the loss in nats. For bits, the logarithm has "
                    "the base 2.",
                ),
                (
                    "sign",
                    lambda v: -my_bits(v),
                    "Your loss is negative. The logarithm of a share is "
                    "negative, and the loss is minus that.",
                ),
                (
                    "the share itself",
                    lambda v: my_shares(v)[my_dish(v)],
                    "This is the share of the dish. The loss is minus its "
                    "logarithm.",
                ),
            ],
        ),
        Part(
            "shares-any-base",
            points=2,
            target="shares",
            calls=base_calls,
            expected=shares,
            says=[
                (
                    "powers of e",
                    powers_of_e,
                    "Your shares do not depend on the base. Which number x "
                    "makes e to the x equal to base to the s?",
                ),
                (
                    "always the last dimension",
                    always_last,
                    "Your shares sum to 1 along the last dimension, whatever "
                    "dim says.",
                ),
                (
                    "overflow",
                    too_large,
                    "Large scores give no numbers. Subtract the largest "
                    "exponent before you take powers.",
                ),
                (
                    "wrong end below 1",
                    largest_score,
                    "For a base below 1 the largest power belongs to the "
                    "smallest score. Subtract after you have multiplied by "
                    "the logarithm of the base.",
                ),
            ],
        ),
        Part(
            "mended-loop",
            points=2,
            target="mended_fit",
            calls=loop_calls,
            expected=fit,
            says=[
                (
                    "slopes pile up",
                    lambda *a: fit(*a, "pile up"),
                    "The shapes are mended. But backward() adds to .grad, "
                    "and nothing clears it before the next step.",
                ),
                (
                    "every prediction with every y",
                    lambda *a: fit(*a, "broadcast"),
                    "The slopes are mended. But prediction has the shape "
                    "(n, 1) and y has (n,): print the shape of their "
                    "difference.",
                ),
                (
                    "as it was",
                    lambda *a: fit(*a, "broadcast", "pile up"),
                    "This loop gives what the broken one gives.",
                ),
            ],
        ),
        Part(
            "chance",
            points=1,
            target="my_chance",
            value=True,
            expected=chance,
            compare=numbers(5e-4),
            says=[
                (
                    "measured on the training lines",
                    lambda v: _right(v, held_out=False),
                    "This is the share among the training lines. The guess "
                    "is chosen there and measured on the held-out ones.",
                ),
                (
                    "1 in 26",
                    lambda v: 1 / 26,
                    "1 in 26 would be right if all letters began equally "
                    "many words.",
                ),
                (
                    "percent",
                    lambda v: 100 * chance(v),
                    "This looks like percent. A share from 0 to 1 is asked "
                    "for.",
                ),
            ],
        ),
    ),
)
