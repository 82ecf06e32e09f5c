"""Exercise of chapter 14: how large a cache gets."""

from __future__ import annotations

import math

from transformer_course.checking.exercise import Chapter

EXERCISES = Chapter("14")


def length_as_large_as_the_weights(n_texts: int) -> int:
    """Tokens at which the caches outgrow the weights."""
    a_token = 2 * 12 * 768  # a key and a value in each block
    return math.ceil(124_439_808 / (a_token * n_texts))


_length = EXERCISES.exercise(
    length_as_large_as_the_weights,
    label="ex-14-count-the-cache",
    level="Warm-up",
    minutes=10,
    cases=[(1,), (7,), (100,), (1000,)],
    hints=(
        "How many numbers does one token leave in the caches of one text? "
        "Which sizes of GPT-2 does that need?",
        "2 for keys and values, 12 blocks, 768 numbers each. Both weights "
        "and cache take four bytes a number, so bytes drop out.",
        "124,439,808 divided by 2 * 12 * 768 * n_texts, rounded up: "
        "math.ceil.",
    ),
)
WEIGHTS = 124_439_808
A_TOKEN = 2 * 12 * 768


@_length.mistake
def _rounded_down(n_texts: int) -> int:
    """You round down: there the caches are still smaller.

    The smallest length is wanted at which they are as large.
    """
    return WEIGHTS // (A_TOKEN * n_texts)


@_length.mistake
def _rounded(n_texts: int) -> int:
    """You round to the nearest; round up.

    math.ceil does it.
    """
    return round(WEIGHTS / (A_TOKEN * n_texts))


@_length.mistake
def _rounded_too_early(n_texts: int) -> int:
    """You round for one text first, and divide by n_texts then.

    Divide by both, and round up once, at the end.
    """
    return math.ceil(WEIGHTS / A_TOKEN) // n_texts


@_length.mistake
def _not_rounded(n_texts: int) -> float:
    """You do not round: a length is a whole number of tokens.

    Round up, with math.ceil.
    """
    return WEIGHTS / (A_TOKEN * n_texts)


@_length.mistake
def _keys_alone(n_texts: int) -> int:
    """Your cache holds keys or values; it needs both.

    Each token leaves a key and a value in every block.
    """
    return math.ceil(2 * WEIGHTS / (A_TOKEN * n_texts))


@_length.mistake
def _one_block(n_texts: int) -> int:
    """You count one block, or one head: your length is 12 times too large.

    GPT-2 has 12 blocks, each with keys and values as wide as the model.
    """
    return math.ceil(12 * WEIGHTS / (A_TOKEN * n_texts))


@_length.mistake
def _heads_and_width(n_texts: int) -> int:
    """You multiply by the heads as well: they share the width of 768.

    Or do you count the blocks twice? Both are 12.
    """
    return math.ceil(WEIGHTS / (12 * A_TOKEN * n_texts))


@_length.mistake
def _weights_not_in_bytes(n_texts: int) -> int:
    """You compare bytes of the cache with the number of weights.

    A weight takes four bytes, too.
    """
    return math.ceil(WEIGHTS / (4 * A_TOKEN * n_texts))


@_length.mistake
def _cache_not_in_bytes(n_texts: int) -> int:
    """You compare bytes of the weights with the numbers of the cache.

    A number of the cache takes four bytes, too.
    """
    return math.ceil(4 * WEIGHTS / (A_TOKEN * n_texts))


@_length.mistake
def _one_text(n_texts: int) -> int:
    """You give the length for one text, whatever n_texts says.

    Each text has caches of its own, and all must be kept at once.
    """
    return math.ceil(WEIGHTS / A_TOKEN)


@_length.mistake
def _longer_with_texts(n_texts: int) -> int:
    """Your length grows with the number of texts; it falls.

    Each text takes its share of the room.
    """
    return math.ceil(WEIGHTS * n_texts / A_TOKEN)
