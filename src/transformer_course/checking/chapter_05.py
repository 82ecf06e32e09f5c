"""Exercises of chapter 5: self-attention."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor

from transformer_course.checking.bands import band
from transformer_course.checking.exercise import Chapter

EXERCISES = Chapter("05")
X = torch.tensor([[0.2, 0.9], [0.3, 0.4]])  # let's, go
W_Q = torch.tensor([[-0.116, 0.2], [0.637, 0.7]])


def weights_of_go() -> list[float]:
    """Weights of "go" on let's and go: undivided, then divided."""
    scores = [0.22 * 0.2 + 0.34 * 0.9, 0.22 * 0.3 + 0.34 * 0.4]
    weights = []
    for divisor in (1, math.sqrt(2)):
        powers = [math.exp(score / divisor) for score in scores]
        weights += [power / sum(powers) for power in powers]
    return weights


_go = EXERCISES.exercise(
    weights_of_go,
    label="ex-05-go-asks",
    level="Warm-up",
    minutes=10,
    cases=[()],
    atol=1.5e-3,
    hints=(
        "The query of go is the row [0.3, 0.4] times W_Q. Its two numbers "
        "stand in the chapter's table.",
        "A score is the product of this query with a word's row. Both words "
        "are asked, let's and go itself.",
        "The scores are 0.350 and 0.202. Take exp of each and divide by the "
        "sum; then once more with 0.350 / 1.414 and 0.202 / 1.414.",
    ),
)


def _both(scores: Tensor, second: Tensor) -> list[float]:
    rows = [scores.softmax(dim=-1), second.softmax(dim=-1)]
    return torch.cat(rows).tolist()


SCORES = X @ W_Q @ X.T  # (T, T)


@_go.mistake
def _row_of_lets() -> list[float]:
    """This is the row of let's.

    Go asks: take the second row of the queries.
    """
    return _both(SCORES[0], SCORES[0] / math.sqrt(2))


@_go.mistake
def _asked() -> list[float]:
    """This is the column of go: how much the words attend to it.

    Go asks: a row of scores belongs to the word that asks. The same comes
    out where the word stands on the wrong side of W_Q.
    """
    return _both(SCORES[:, 1], SCORES[:, 1] / math.sqrt(2))


@_go.mistake
def _wrong_axis() -> list[float]:
    """Your weights sum to 1 over the queries: the wrong axis.

    The two weights of go, on let's and on itself, must sum to 1.
    """
    divided = (SCORES / math.sqrt(2)).softmax(dim=0)[1]
    return torch.cat([SCORES.softmax(dim=0)[1], divided]).tolist()


@_go.mistake
def _by_two() -> list[float]:
    """You divide by 2; the exercise divides by the root of 2.

    The divisor is the square root of the width.
    """
    return _both(SCORES[1], SCORES[1] / 2)


@_go.mistake
def _times_root() -> list[float]:
    """You multiply by the root of 2 instead of dividing.

    Smaller scores move the weights together.
    """
    return _both(SCORES[1], SCORES[1] * math.sqrt(2))


@_go.mistake
def _weights_divided() -> list[float]:
    """You divide the weights, not the scores: they no longer sum to 1.

    Divide before the softmax.
    """
    weights = SCORES[1].softmax(dim=-1)
    return torch.cat([weights, weights / math.sqrt(2)]).tolist()


@_go.mistake
def _no_query() -> list[float]:
    """You use the word itself as its query, without W_Q.

    Which vector asks?
    """
    scores = (X @ X.T)[1]
    return _both(scores, scores / math.sqrt(2))


@_go.mistake
def _no_exponential() -> list[float]:
    """You divide each score by their sum: the exponential is missing.

    Softmax takes exp first.
    """
    shares = SCORES[1] / SCORES[1].sum()
    return torch.cat([shares, shares]).tolist()


@_go.mistake
def _divided_first() -> list[float]:
    """The divided weights stand first.

    The two undivided ones come first.
    """
    return _both(SCORES[1] / math.sqrt(2), SCORES[1])


@_go.mistake
def _scores_alone() -> list[float]:
    """These are scores, not weights.

    Weights are shares: each pair sums to 1.
    """
    return torch.cat([SCORES[1], SCORES[1] / math.sqrt(2)]).tolist()


def largest_difference(x: Tensor, order: Tensor) -> float:
    """Largest |attention(x)[order] - attention(x[order])| of all entries."""

    def attention(x: Tensor) -> Tensor:
        scores = x @ x.T / math.sqrt(x.size(1))  # (T, T)
        return scores.softmax(dim=-1) @ x  # (T, D)

    apart = attention(x)[order] - attention(x[order])
    return apart.abs().max().item()


def _attend(x: Tensor) -> Tensor:
    return (x @ x.T / math.sqrt(x.size(1))).softmax(dim=-1) @ x


_THREE = torch.tensor([[0.2, 0.9], [0.3, 0.4], [2.0, -0.8]])

_bag = EXERCISES.exercise(
    largest_difference,
    label="ex-05-a-bag-after-all",
    level="Warm-up",
    minutes=10,
    cases=[
        (_THREE, torch.tensor(order))
        for order in ([0, 1, 2], [1, 0, 2], [1, 2, 0], [2, 0, 1], [0, 0, 2])
    ],
    view=band(-1e-5, 1e-5),
    wanted="one number: the largest difference, which is 0 up to rounding "
    "where rows change places, and above 0 for the rows 0, 0, 2, which leave "
    "a word out",
    hints=(
        "Call self-attention twice: on x, and on x[order]. Which of the two "
        "outputs must still be brought into the new order?",
        "output[order] takes rows of the output in the new order. Compare "
        "like with like: the first row of both belongs to the same word.",
        "(attention(x)[order] - attention(x[order])).abs().max().item(), "
        "with queries, keys and values all made from the same x.",
    ),
)


@_bag.mistake
def _always_nothing(x: Tensor, order: Tensor) -> float:
    """You return 0 whatever comes in.

    Where a row stands twice and another one is missing, as with the rows
    0, 0, 2, the outputs differ. Compute both.
    """
    return 0.0


@_bag.mistake
def _not_reordered(x: Tensor, order: Tensor) -> float:
    """You compare rows of different words: the first output is not shuffled.

    Both outputs must stand in the same order before you subtract, and the
    weights of the shuffled words must mix the shuffled values.
    """
    return (_attend(x) - _attend(x[order])).abs().max().item()


@_bag.mistake
def _other_way_round(x: Tensor, order: Tensor) -> float:
    """You shuffle one of the outputs the wrong way round.

    attention(x) is shuffled by the order, or attention(x[order]) put back by
    its inverse, order.argsort(). With two words exchanged both are the same;
    try [1, 2, 0].
    """
    back = order.argsort()
    return (_attend(x)[back] - _attend(x[order])).abs().max().item()


@_bag.mistake
def _with_the_input(x: Tensor, order: Tensor) -> float:
    """You compare an output of attention with an input.

    Even with the order unchanged your number is not 0.
    """
    return (_attend(x)[order] - x[order]).abs().max().item()


@_bag.mistake
def _says_yes(x: Tensor, order: Tensor) -> Any:
    """You return True or False; a number is wanted.

    How large is the largest difference?
    """
    return bool(largest_difference(x, order) < 1e-5)
