"""Exercises of chapter 9: the block."""

from __future__ import annotations

import torch
from torch import Tensor

from transformer_course.checking.exercise import Chapter

EXERCISES = Chapter("09")


def both_and_either(a: float, b: float) -> tuple[float, float]:
    """Two feed-forward layers with ReLU: a and b; a or b."""

    def relu(number: float) -> float:
        return max(0.0, number)

    both = relu(a + b - 1)  # one hidden unit
    either = relu(a + b) - relu(a + b - 1)  # two hidden units
    return both, either


_either = EXERCISES.exercise(
    both_and_either,
    label="ex-09-either",
    level="Warm-up",
    minutes=10,
    cases=[(0.0, 0.0), (0.0, 1.0), (1.0, 0.0), (1.0, 1.0)],
    hints=(
        "The chapter's two hidden units are relu(a + b) and relu(a + b - 1). "
        "Write their values for the four pairs of facts in a small table.",
        "One of the two columns is already one of the two answers. For the "
        "other answer the first column is too large in one row only.",
        "Both is relu(a + b - 1). Either is relu(a + b) - relu(a + b - 1).",
    ),
)


@_either.mistake
def _exchanged(a: float, b: float) -> tuple[float, float]:
    """The two results are exchanged.

    "Both" comes first.
    """
    return both_and_either(a, b)[::-1]


@_either.mistake
def _exclusive(a: float, b: float) -> tuple[float, float]:
    """Your second layer is the chapter's: one of the two, but not both.

    "At least one" is also true when both hold.
    """
    return both_and_either(a, b)[0], float(a != b)


@_either.mistake
def _both_is_any(a: float, b: float) -> tuple[float, float]:
    """Your "both" is above 0 where one fact holds.

    It must be cut off below 2: what is added before the bend?
    """
    return max(0.0, a + b), both_and_either(a, b)[1]


@_either.mistake
def _sum(a: float, b: float) -> tuple[float, float]:
    """Your second layer gives 2 when both facts hold.

    The answer is 0 or 1. What must be taken away when both hold?
    """
    return both_and_either(a, b)[0], a + b


@_either.mistake
def _average(a: float, b: float) -> tuple[float, float]:
    """Your layers give one half where one fact holds.

    The answers are 0 or 1: the bend must cut the half off.
    """
    return (a + b) / 2, (a + b) / 2


@_either.mistake
def _no_bend(a: float, b: float) -> tuple[float, float]:
    """Your "both" is negative when no fact holds: the bend is missing.

    ReLU makes 0 of everything below 0.
    """
    return a + b - 1, both_and_either(a, b)[1]


@_either.mistake
def _no_bend_exclusive(a: float, b: float) -> tuple[float, float]:
    """Your "both" misses its bend, and the second layer says 2 for both.

    ReLU makes 0 of everything below 0; the answers are 0 or 1.
    """
    return a + b - 1, a + b


@_either.mistake
def _not_both(a: float, b: float) -> tuple[float, float]:
    """Your results are inside out: 1 where the fact does not hold.

    y is 1 when both facts hold.
    """
    both, either = both_and_either(a, b)
    return 1 - both, 1 - either


@_either.mistake
def _both_twice(a: float, b: float) -> tuple[float, float]:
    """Your second layer is right only when both facts hold or none.

    "At least one": it is 1 in three of the four rows.
    """
    both = both_and_either(a, b)[0]
    return both, both


@_either.mistake
def _either_twice(a: float, b: float) -> tuple[float, float]:
    """Your first layer says 1 as soon as one fact holds.

    "Both": it is 1 in one of the four rows.
    """
    either = both_and_either(a, b)[1]
    return either, either


W_1 = torch.tensor([[1.0, 0.0], [0.0, 1.0], [0.0, 0.0]])  # (D, d_ff)
W_2 = torch.tensor([[0.0, 2.0, 0.0], [0.0, 0.0, 2.0]])  # (d_ff, D)


def pre_norm_trace(words: Tensor) -> Tensor:
    """Output (T, D) of the small block, with norms before the sublayers."""

    def normalize(x: Tensor) -> Tensor:
        centred = x - x.mean(dim=-1, keepdim=True)
        variance = centred.square().mean(dim=-1, keepdim=True)
        return centred / torch.sqrt(variance + 1e-5)

    weights = torch.full((len(words), len(words)), 1 / len(words))
    x = words + weights @ normalize(words)
    return x + (normalize(x) @ W_1).clamp_min(0) @ W_2


def _normalize(x: Tensor) -> Tensor:
    centred = x - x.mean(dim=-1, keepdim=True)
    variance = centred.square().mean(dim=-1, keepdim=True)
    return centred / torch.sqrt(variance + 1e-5)


def _fetched(x: Tensor) -> Tensor:
    return x.mean(dim=0, keepdim=True).expand_as(x)


def _computed(x: Tensor) -> Tensor:
    return (x @ W_1).clamp_min(0) @ W_2


_trace = EXERCISES.exercise(
    pre_norm_trace,
    label="ex-09-pre-norm",
    level="Standard",
    minutes=20,
    cases=[
        (torch.tensor(rows),)
        for rows in (
            [[2.0, 0.0, 1.0], [0.0, 2.0, 1.0]],
            [[1.0, 4.0, 0.0], [2.0, 0.0, 7.0]],
            [[3.0, -1.0, 0.5], [-2.0, 1.0, 4.0]],
        )
    ],
    atol=2e-3,
    hints=(
        "In pre-norm nothing is normalized on the way round: the copy goes "
        "through untouched. What do the two sublayers read?",
        "x = words + attention(normalize(words)), where attention is half "
        "of each row; then the second sublayer in the same way.",
        "x = words + half @ normalize(words); the output is x + "
        "(normalize(x) @ W_1).clamp_min(0) @ W_2, with no norm after it.",
    ),
)


@_trace.mistake
def _post_norm(words: Tensor) -> Tensor:
    """This is the post-norm block of the chapter.

    Pre-norm: norms stand before the sublayers, and none after the sum.
    """
    x = _normalize(words + _fetched(words))
    return _normalize(x + _computed(x))


@_trace.mistake
def _normed_copy(words: Tensor) -> Tensor:
    """You normalize the copy, too: what goes round must stay as it was.

    Only what the sublayer reads is normalized.
    """
    x = _normalize(words)
    x = _normalize(x + _fetched(x))
    return x + _computed(x)


@_trace.mistake
def _norm_at_the_end(words: Tensor) -> Tensor:
    """You normalize the block's output.

    A pre-norm block ends with a sum. The last norm stands after the whole
    stack.
    """
    return _normalize(pre_norm_trace(words))


@_trace.mistake
def _second_norm_missing(words: Tensor) -> Tensor:
    """The feed-forward layer reads x without a norm.

    Both sublayers have a norm in front.
    """
    x = words + _fetched(_normalize(words))
    return x + _computed(x)


@_trace.mistake
def _first_norm_missing(words: Tensor) -> Tensor:
    """Attention reads the words without a norm.

    Both sublayers have a norm in front.
    """
    x = words + _fetched(words)
    return x + _computed(_normalize(x))


@_trace.mistake
def _no_norms(words: Tensor) -> Tensor:
    """There is no norm in your block.

    Each sublayer reads a normalized copy.
    """
    x = words + _fetched(words)
    return x + _computed(x)


@_trace.mistake
def _after_sublayers(words: Tensor) -> Tensor:
    """You normalize what the sublayers give, not what they read.

    x + norm(f(x)) is a third place; pre-norm is x + f(norm(x)).
    """
    x = words + _normalize(_fetched(words))
    return x + _normalize(_computed(x))


@_trace.mistake
def _no_way_round(words: Tensor) -> Tensor:
    """There is no way round the sublayers.

    The sublayer's result is added to the copy.
    """
    return _computed(_normalize(_fetched(_normalize(words))))


@_trace.mistake
def _straight(words: Tensor) -> Tensor:
    """The bend is missing between the two layers of the feed-forward part.

    Negative hidden numbers become 0.
    """
    x = words + _fetched(_normalize(words))
    return x + _normalize(x) @ W_1 @ W_2


@_trace.mistake
def _half_way(words: Tensor) -> Tensor:
    """You stop after attention: the feed-forward part is missing.

    A block has two sublayers.
    """
    return words + _fetched(_normalize(words))
