"""Exercises of chapter 16: two norms, and lengths that fit."""

from __future__ import annotations

import math
from typing import Any

import torch

from transformer_course.checking.exercise import Chapter

EXERCISES = Chapter("16")
WORDS = [1.0, 2.0, 2.0, 3.0]

Lists = tuple[list[float], list[float], list[float]]


def two_norms() -> tuple[list[float], list[float], list[float]]:
    """LayerNorm, RMSNorm, and a vector on which they agree."""
    x = torch.tensor([1.0, 2.0, 2.0, 3.0])
    centred = x - x.mean()
    layer = centred / centred.square().mean().sqrt()
    rms = x / x.square().mean().sqrt()
    return layer.tolist(), rms.tolist(), [1.0, -1.0, 2.0, -2.0]


def _three(result: Any) -> tuple[list[float], list[float], str]:
    """Two lists of two digits, and what the third vector is."""
    layer, rms, agreed = ([float(x) for x in part] for part in result)
    return (
        [round(x, 2) + 0.0 for x in layer],
        [round(x, 2) + 0.0 for x in rms],
        _kind(agreed),
    )


def _kind(x: list[float]) -> str:
    if len(x) != 4:
        return f"{len(x)} numbers"
    if max(map(abs, x)) < 1e-9:
        return "nothing but 0"
    middle = abs(sum(x)) < 1e-3 * max(map(abs, x))
    return "mean 0" if middle else "mean not 0"


_norms = EXERCISES.exercise(
    two_norms,
    label="ex-16-the-other-norm-on-paper",
    level="Warm-up",
    minutes=10,
    cases=[()],
    atol=0.011,
    view=_three,
    wanted="three lists of four numbers: LayerNorm, RMSNorm, and a vector "
    "on which both agree",
    hints=(
        "LayerNorm: mean away first, then divide by the root of the mean "
        "squared deviation. RMSNorm: divide by the root of the mean square.",
        "The mean is 2 and the squared deviations 1, 0, 0, 1. The squares "
        "are 1, 4, 4, 9: their mean is 4.5. When does taking the mean away "
        "change nothing?",
        "[-1, 0, 0, 1] divided by the root of 0.5; [1, 2, 2, 3] divided by "
        "the root of 4.5; any four numbers of mean 0 that are not all 0.",
    ),
)


def _with(
    layer: list[float] | None = None,
    rms: list[float] | None = None,
    third: list[float] | None = None,
) -> Lists:
    right = two_norms()
    return layer or right[0], rms or right[1], third or right[2]


@_norms.mistake
def _divided_by_three() -> Lists:
    """Your LayerNorm divides by n - 1 under the root: the norm takes n.

    torch.var and torch.std do so, unless you write correction=0.
    """
    return _with(layer=[(x - 2) / math.sqrt(2 / 3) for x in WORDS])


@_norms.mistake
def _by_the_variance() -> Lists:
    """Your LayerNorm divides by the variance: the root is missing.

    After LayerNorm the mean square is 1. Check it.
    """
    return _with(layer=[(x - 2) / 0.5 for x in WORDS])


@_norms.mistake
def _centred_alone() -> Lists:
    """Your LayerNorm takes the mean away and does not divide.

    After LayerNorm the mean square is 1. Check it.
    """
    return _with(layer=[x - 2 for x in WORDS])


@_norms.mistake
def _not_centred() -> Lists:
    """Your LayerNorm keeps the mean: it divides and does not subtract.

    After LayerNorm the mean is 0. Check it.
    """
    return _with(layer=[x / math.sqrt(0.5) for x in WORDS])


@_norms.mistake
def _by_the_length() -> Lists:
    """Your RMSNorm divides by the vector's length, not by its mean size.

    The root of the *mean* square: sum of squares, divided by 4, root.
    """
    return _with(rms=[x / math.sqrt(18) for x in WORDS])


@_norms.mistake
def _by_the_mean_square() -> Lists:
    """Your RMSNorm divides by the mean square: the root is missing.

    After RMSNorm the mean square is 1. Check it.
    """
    return _with(rms=[x / 4.5 for x in WORDS])


@_norms.mistake
def _by_the_mean() -> Lists:
    """Your RMSNorm divides by the mean of the numbers.

    Square first, then the mean, then the root.
    """
    return _with(rms=[x / 2 for x in WORDS])


@_norms.mistake
def _rms_is_centred() -> Lists:
    """Your RMSNorm takes the mean away, as LayerNorm does.

    That is the one thing which it does not do.
    """
    return _with(rms=two_norms()[0])


@_norms.mistake
def _exchanged() -> Lists:
    """The two norms are exchanged: LayerNorm comes first.

    The one whose numbers sum to 0 is LayerNorm.
    """
    layer, rms, third = two_norms()
    return rms, layer, third


@_norms.mistake
def _do_not_agree() -> Lists:
    """The norms do not agree on your third vector.

    What does LayerNorm do before it divides? For which vectors does that
    change nothing?
    """
    return _with(third=[1.0, 1.0, 1.0, 1.0])


@_norms.mistake
def _of_zeros() -> Lists:
    """Your third vector is 0: both norms divide 0 by 0.

    Its mean must be 0, its numbers must not.
    """
    return _with(third=[0.0, 0.0, 0.0, 0.0])


@_norms.mistake
def _of_two() -> Lists:
    """Your third vector has another number of features than four.

    Four numbers are asked for.
    """
    return _with(third=[1.0, -1.0])


def longest(room: int, n_kv_heads: int) -> tuple[int, int]:
    """Tokens for the written-out path, and tokens for the cache."""
    written_out = math.isqrt(room // (2 * 4))  # two (T, T), four bytes each
    a_token = 2 * 32 * n_kv_heads * 128 * 2  # keys and values, two bytes
    return written_out, room // a_token


_longest = EXERCISES.exercise(
    longest,
    label="ex-16-how-long-a-text-fits",
    level="Warm-up",
    minutes=10,
    cases=[
        (72 * 16_384, 1),
        (8 * 3001**2 - 1, 1),
        (2**30, 8),
        (10**9 + 7, 2),
        (3 * 2**33, 32),
    ],
    hints=(
        "How many numbers do scores and weights of T tokens hold together, "
        "and how many bytes is that? How many bytes does the cache need for "
        "one more token?",
        "Written out: 2 T T numbers of four bytes. Cache: a key and a value "
        "in each of 32 layers for each head, 128 wide, two bytes a number.",
        "T is the root of room / 8, rounded down: math.isqrt. A token of the "
        "cache takes 2 * 32 * n_kv_heads * 128 * 2 bytes.",
    ),
)


def _first(room: int, size: int) -> int:
    return math.isqrt(room // size)


def _second(room: int, n_kv_heads: int, size: int) -> int:
    return room // (32 * n_kv_heads * 128 * size)


@_longest.mistake
def _one_table(room: int, n_kv_heads: int) -> tuple[int, int]:
    """You count four bytes a place: one table, or two with two bytes.

    Scores and weights are there at once, and float32 takes four bytes.
    """
    return _first(room, 4), longest(room, n_kv_heads)[1]


@_longest.mistake
def _numbers_not_bytes(room: int, n_kv_heads: int) -> tuple[int, int]:
    """You count the numbers of the two tables, not their bytes.

    float32 takes four bytes a number.
    """
    return _first(room, 2), longest(room, n_kv_heads)[1]


@_longest.mistake
def _no_root(room: int, n_kv_heads: int) -> tuple[int, int]:
    """You give the number of entries of a table, not its side.

    A table of T words has T times T entries: the root is missing.
    """
    return room // 8, longest(room, n_kv_heads)[1]


@_longest.mistake
def _rounded(room: int, n_kv_heads: int) -> tuple[int, int]:
    """You round to the nearest: one token more may not fit.

    The longest text that fits is rounded down.
    """
    a_token = 2 * 32 * n_kv_heads * 128 * 2
    return round(math.sqrt(room / 8)), round(room / a_token)


@_longest.mistake
def _keys_alone(room: int, n_kv_heads: int) -> tuple[int, int]:
    """Your cache holds keys or values; it needs both.

    Each token leaves a key and a value in every layer.
    """
    return longest(room, n_kv_heads)[0], _second(room, n_kv_heads, 2)


@_longest.mistake
def _cache_in_float(room: int, n_kv_heads: int) -> tuple[int, int]:
    """Your cache takes four bytes a number; bfloat16 takes two.

    Half of float32.
    """
    return longest(room, n_kv_heads)[0], _second(room, n_kv_heads, 8)


@_longest.mistake
def _cache_numbers(room: int, n_kv_heads: int) -> tuple[int, int]:
    """You count the numbers of the cache, not their bytes.

    bfloat16 takes two bytes a number. And are keys and values both there?
    """
    return longest(room, n_kv_heads)[0], _second(room, n_kv_heads, 1)


@_longest.mistake
def _one_layer(room: int, n_kv_heads: int) -> tuple[int, int]:
    """You count the cache of one layer; there are 32.

    Every layer keeps keys and values of its own.
    """
    return longest(room, n_kv_heads)[0], room // (n_kv_heads * 512)


@_longest.mistake
def _one_head(room: int, n_kv_heads: int) -> tuple[int, int]:
    """You count one head of keys and values, whatever n_kv_heads says.

    The cache grows with their number.
    """
    return longest(room, n_kv_heads)[0], longest(room, 1)[1]


@_longest.mistake
def _no_width(room: int, n_kv_heads: int) -> tuple[int, int]:
    """You count one number a head; a key has 128.

    A key and a value of width 128 each.
    """
    return longest(room, n_kv_heads)[0], room // (128 * n_kv_heads)
