"""Exercise of chapter 15: the losses on paper."""

from __future__ import annotations

import math

import torch

from transformer_course.checking.exercise import Chapter

EXERCISES = Chapter("15")

Three = tuple[float, float, float]


def losses_by_hand() -> tuple[float, float, float]:
    """L2, L3 at 0.5, and the weight that makes both parts equal."""
    scores = torch.tensor([0.0, 1.0, 3.0, 1.0])
    chances = scores.exp() / scores.exp().sum()  # the third: 20.09 of 26.52
    l1, l2 = 0.8, -chances[2].log().item()
    return l2, l2 + 0.5 * l1, l2 / l1  # L2 = weight * L1


_losses = EXERCISES.exercise(
    losses_by_hand,
    label="ex-15-the-loss-on-paper",
    level="Warm-up",
    minutes=10,
    cases=[()],
    atol=0.004,
    hints=(
        "Which of the two losses asks for the ending, and which for the next "
        "words? Only one of them needs the four scores.",
        "L2 is minus the natural logarithm of the third ending's share: e^3 "
        "of e^0 + e^1 + e^3 + e^1. L3 adds half of 0.8.",
        "The share is 20.09 / 26.52 = 0.757, and L2 = -ln 0.757. Both parts "
        "are equal if the weight times 0.8 is L2: divide.",
    ),
)
L1 = 0.8
L2 = losses_by_hand()[0]


def _from(l2: float) -> Three:
    """Go on from another L2."""
    return l2, l2 + 0.5 * L1, l2 / L1


def _share(right: int) -> float:
    return torch.tensor([0.0, 1.0, 3.0, 1.0]).softmax(dim=0)[right].item()


@_losses.mistake
def _other_logarithm() -> Three:
    """Your logarithm has base 10; the loss has the natural one.

    In Python math.log and .log() are natural, on many pocket calculators
    the key is ln.
    """
    return _from(-math.log10(_share(2)))


@_losses.mistake
def _bits() -> Three:
    """Your logarithm has base 2: the loss is in bits; nats are wanted.

    The natural logarithm, ln.
    """
    return _from(-math.log2(_share(2)))


@_losses.mistake
def _no_minus() -> Three:
    """Your L2 is negative: the minus before the logarithm is missing.

    A share is below 1, so its logarithm is below 0, and a loss is above.
    """
    return _from(math.log(_share(2)))


@_losses.mistake
def _no_logarithm() -> Three:
    """Your L2 is the share of the right ending; the loss is -ln of it.

    The more probable the right ending, the smaller the loss.
    """
    return _from(_share(2))


@_losses.mistake
def _rest() -> Three:
    """Your L2 is the share of the wrong endings; the loss is -ln of the rest.

    1 minus a share is no surprise.
    """
    return _from(1 - _share(2))


@_losses.mistake
def _counted_from_zero() -> Three:
    """Your L2 belongs to an ending with score 1; the third has score 3.

    The list 0, 1, 3, 1 has its third number at place 2.
    """
    return _from(-math.log(_share(3)))


@_losses.mistake
def _first_ending() -> Three:
    """Your L2 belongs to the first ending; the third is right.

    On the page the first was.
    """
    return _from(-math.log(_share(0)))


@_losses.mistake
def _no_softmax() -> Three:
    """You divide the scores by their sum; a softmax takes exp first.

    A score of 0 is no share of 0: e^0 is 1.
    """
    return _from(-math.log(3 / 5))


@_losses.mistake
def _odds() -> Three:
    """You divide by the other endings; the right one belongs to the sum.

    Shares sum to 1 over all four endings.
    """
    return _from(-math.log(_share(2) / (1 - _share(2))))


@_losses.mistake
def _each_alone() -> Three:
    """You judge the ending alone, with a sigmoid; all four are compared.

    Multiple choice has a softmax over the options.
    """
    return _from(math.log(1 + math.exp(-3)))


@_losses.mistake
def _mean_of_four() -> Three:
    """You divide L2 by the four endings; it is the loss of one item.

    A mean is taken over items and over words, not over options.
    """
    return _from(L2 / 4)


@_losses.mistake
def _without_lambda() -> Three:
    """Your L3 adds all of L1: its weight of 0.5 is missing.

    Half of 0.8.
    """
    return L2, L2 + L1, L2 / L1


@_losses.mistake
def _other_part_weighed() -> Three:
    """You weigh L2 and add all of L1; the weight stands before L1.

    The task counts in full, the language model in part.
    """
    return L2, 0.5 * L2 + L1, L1 / L2


@_losses.mistake
def _lambda_inverted() -> Three:
    """Your weight is inverted: it is L1 divided by L2.

    The weight times 0.8 is to be L2. As L2 is the smaller one, the weight
    is below 1.
    """
    return L2, L2 + 0.5 * L1, L1 / L2


@_losses.mistake
def _halved_twice() -> Three:
    """Your weight is for L1 halved already; it takes the place of 0.5.

    The weight times 0.8, not times 0.4, is to be L2.
    """
    return L2, L2 + 0.5 * L1, L2 / (0.5 * L1)


@_losses.mistake
def _shared_weights() -> Three:
    """Your two weights sum to 1; L2 has none.

    L3 is L2 plus the weight times L1.
    """
    return L2, 0.5 * L2 + 0.5 * L1, L2 / (L1 + L2)


@_losses.mistake
def _mean_surprise_again() -> Three:
    """You take the logarithm of 0.8; it is a mean of surprises already.

    L1 is 0.8.
    """
    l1 = -math.log(0.8)
    return L2, L2 + 0.5 * l1, L2 / l1
