"""Exercises of chapter 0: before we start."""

from __future__ import annotations

import math
from typing import Any

from transformer_course.checking.exercise import Chapter
from transformer_course.checking.watching import Seen

EXERCISES = Chapter("00")
Answer = tuple[list[float], float, float]


def on_paper() -> Answer:
    """Return ([share, share, share, share], bits_third, bits_first)."""
    powers = [1, 2, 4, 1]  # exp of the logits
    shares = [power / sum(powers) for power in powers]
    return shares, -math.log2(shares[2]), -math.log2(shares[0])


_paper = EXERCISES.exercise(
    on_paper,
    label="ex-00-paper",
    level="Warm-up",
    minutes=5,
    cases=[()],
    atol=2e-3,
    hints=(
        "Softmax takes exp of each logit. What is exp(ln 4)?",
        "The powers are 1, 2, 4 and 1: divide each by their sum, 8.",
        "The loss in bits is minus the logarithm to base 2 of the share: "
        "one half has 1 bit, one eighth has ...",
    ),
)


@_paper.mistake
def _nats() -> Answer:
    """The shares are right, but the losses are in nats.

    Bits are made with the logarithm to base 2.
    """
    shares, _, _ = on_paper()
    return shares, -math.log(shares[2]), -math.log(shares[0])


@_paper.mistake
def _linear() -> Answer:
    """You share out the logits themselves: the exponential is missing.

    A logit of 0 is not a share of 0.
    """
    logits = [math.log(x) for x in (1, 2, 4, 1)]
    shares = [x / sum(logits) for x in logits]
    return shares, -math.log2(shares[2]), math.inf


@_paper.mistake
def _powers() -> Answer:
    """Your four numbers do not sum to 1.

    Divide the powers by their sum.
    """
    return [1.0, 2.0, 4.0, 1.0], *on_paper()[1:]


@_paper.mistake
def _perplexity_last() -> Answer:
    """Your last number is the perplexity of the third word.

    The loss of the first word in bits is wanted there.
    """
    shares, third, _ = on_paper()
    return shares, third, 2.0**third


@_paper.mistake
def _second_word() -> Answer:
    """You took the second word for the third.

    The third word has the logit ln 4.
    """
    return on_paper()[0], 2.0, 3.0


@_paper.mistake
def _negative() -> Answer:
    """Your losses are negative.

    A loss is minus the logarithm of a share.
    """
    shares, third, first = on_paper()
    return shares, -third, -first


@_paper.mistake
def _exchanged() -> Answer:
    """The two losses are exchanged.

    The third word's comes first.
    """
    shares, third, first = on_paper()
    return shares, first, third


@_paper.mistake
def _perplexities() -> Answer:
    """These are perplexities, not losses in bits.

    Two to the power of the bits is the perplexity.
    """
    return on_paper()[0], 2.0, 8.0


@_paper.mistake
def _shares_as_losses() -> Answer:
    """You give the shares of the two words as their losses.

    The loss is minus the logarithm of the share.
    """
    return on_paper()[0], 0.5, 0.125


def loop_order() -> str:
    """Return the letters A to F in an order that trains."""
    return "CFEBAD"  # F may stand anywhere but between B and A; D after E


def _broken_rule(order: Any) -> str:
    """Name the first rule that an order breaks."""
    letters = [c for c in order.upper() if c.isalpha()]
    if sorted(letters) != list("ABCDEF"):
        return "not each of the six letters once"
    at = {letter: place for place, letter in enumerate(letters)}
    if at["C"] > at["E"]:
        return "the loss before the batch"
    if at["E"] > at["B"]:
        return "backward before the loss"
    if at["B"] > at["A"]:
        return "the step before backward"
    if at["B"] < at["F"] < at["A"]:
        return "zero_grad between backward and step"
    if at["D"] < at["E"]:
        return "the loss is kept before it is computed"
    return "trains"


_order = EXERCISES.exercise(
    loop_order,
    label="ex-00-shuffled",
    level="Warm-up",
    minutes=5,
    cases=[()],
    view=_broken_rule,
    wanted="a string with each of the letters A to F once",
    hints=(
        "What does each line need that another line makes?",
        "The loss needs the batch, backward needs the loss, the step needs "
        "the gradients. What would zero_grad destroy, and when?",
        "C, E, B, A in this order. F anywhere but between B and A; D "
        "anywhere after E.",
    ),
)


@_order.mistake
def _step_first() -> str:
    """The step (A) stands before backward (B).

    A step needs gradients, and backward makes them.
    """
    return "CFEABD"


@_order.mistake
def _gradients_erased() -> str:
    """zero_grad (F) stands between backward (B) and the step (A).

    What is left of the gradients when the step comes?
    """
    return "CEBFAD"


@_order.mistake
def _no_batch_yet() -> str:
    """The loss (E) is computed before its batch (C) is drawn.

    Which line gives the name `batch` a value?
    """
    return "FECBAD"


@_order.mistake
def _backward_first() -> str:
    """Backward (B) stands before the loss (E).

    Which line gives the name `loss` a value?
    """
    return "CFBEAD"


@_order.mistake
def _kept_too_early() -> str:
    """The loss is appended (D) before it is computed (E).

    Which line gives the name `loss` a value?
    """
    return "CFDEBA"


@_order.mistake
def _letters_missing() -> str:
    """Your string does not have each of the six letters once.

    A to F, every line once.
    """
    return "CEBA"


def nudge_errors(sizes: list[float]) -> list[float]:
    """Return the largest error of the slopes for each nudge in sizes."""
    return [_largest(h) for h in sizes]


def _loss(scores: list[float]) -> float:
    """Chapter's word_loss: minus ln of the first word's share."""
    top = max(scores)
    powers = [math.exp(score - top) for score in scores]
    return top + math.log(sum(powers)) - scores[0]


PLACE = [2.0, 1.0, 0.0]


def _errors(h: float, two_sided: bool = True) -> list[float]:
    powers = [math.exp(score) for score in PLACE]
    errors = []
    for i, power in enumerate(powers):
        up, down = list(PLACE), list(PLACE)
        up[i] += h
        down[i] -= h if two_sided else 0.0
        slope = (_loss(up) - _loss(down)) / (h * (1 + two_sided))
        errors.append(slope - (power / sum(powers) - (i == 0)))
    return errors


def _largest(h: float) -> float:
    return max(abs(error) for error in _errors(h))


def _decades(result: Any) -> list[str]:
    """Say for each error whether it lies where 64 bits put it."""
    bands = [(1.4e-4, 1.8e-4), (1.4e-6, 1.8e-6), (1.2e-8, 2.2e-8)]
    bands += [(1e-9, 2e-5), (1e-5, 0.2)]
    words = []
    for value, (low, high) in zip(result, bands, strict=True):
        number = float(value)
        where = "below" if number < low else "above"
        words.append("inside" if low <= number <= high else where)
    return words


_nudges = EXERCISES.exercise(
    nudge_errors,
    label="ex-00-nudge",
    level="Standard",
    minutes=15,
    cases=[([1e-1, 1e-2, 1e-3, 1e-10, 1e-13],)],
    view=_decades,
    wanted="five errors: with 64 bits they fall from 2e-4 by 100 at each of "
    "the first three sizes, and are larger again at 1e-10 and 1e-13",
    hints=(
        "slopes_by_nudging takes the loss, the place and h, and gives three "
        "slopes. Which Tensor holds the exact ones?",
        "Take the largest absolute difference from knobs.grad, for each h.",
        "[(slopes_by_nudging(word_loss, exact, h) - knobs.grad).abs().max()"
        ".item() for h in sizes]",
    ),
    solution="""
def nudge_errors(sizes):
    return [
        (slopes_by_nudging(word_loss, exact, h) - knobs.grad)
        .abs()
        .max()
        .item()
        for h in sizes
    ]
""",
)


@_nudges.mistake
def _one_sided(sizes: list[float]) -> list[float]:
    """Your errors fall in step with h: the nudge goes to one side only.

    slopes_by_nudging goes up and down, so that its error falls with h².
    """
    return [max(map(abs, _errors(h, two_sided=False))) for h in sizes]


@_nudges.mistake
def _without_abs(sizes: list[float]) -> list[float]:
    """You take the largest error with its sign.

    A large negative error is a large error: take absolute values first.
    """
    return [4.5e-5, 4.5e-7, 4.5e-9, 1e-7, 1e-3]


@_nudges.mistake
def _mean_of_three(sizes: list[float]) -> list[float]:
    """You average the errors of the three slopes; the largest is wanted.

    max() instead of mean().
    """
    return [sum(map(abs, _errors(h))) / 3 for h in sizes]


@_nudges.mistake
def _single_precision(sizes: list[float]) -> list[float]:
    """Your errors are those of 32 bits: they grow from h = 0.01 on.

    First use `exact`, the scores in 64 bits.
    """
    return [1.6e-4, 5e-6, 1e-4, 1.0, 1.0]


@_nudges.mistake
def _nothing_nudged(sizes: list[float]) -> list[float]:
    """Your errors do not depend on h, or are all 0.

    Compare slopes by nudging with slopes by backward.
    """
    return [0.0] * len(sizes)


@_nudges.telltale("slopes_by_nudging")
def _with_their_sign(seen: Seen) -> bool:
    """You take the largest error with its sign: some are negative.

    A large negative error is a large error. Take absolute values first.
    """
    exact = seen.space["knobs"].grad
    errors = [call.result - exact for call in seen["slopes_by_nudging"]]
    signed = [float(error.max()) for error in errors]
    return seen.results[0] == signed and any(
        float(error.abs().max()) != float(error.max()) for error in errors
    )
