"""Exercises of chapter 2: pairs and analogies."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from transformer_course.checking.exercise import Chapter, Space
from transformer_course.embeddings import WordSpace

EXERCISES = Chapter("02")


def count_pairs(n_words: int, window: int) -> int:
    """Return the number of (centre, neighbour) pairs, by a formula."""
    # Each of the N words would have 2 w neighbours; the first and the last
    # w words lack w, w - 1, ..., 1 of them.
    return 2 * window * n_words - window * (window + 1)


_pairs = EXERCISES.exercise(
    count_pairs,
    label="ex-02-trace",
    level="Warm-up",
    minutes=5,
    cases=[(2, 1), (3, 1), (3, 2), (7, 2), (10, 3), (1000, 10)],
    hints=(
        "Most words have w neighbours on each side. Which have fewer?",
        "The first word lacks w neighbours, the second w - 1, and so on; at "
        "the end the same. What is w + (w - 1) + ... + 1?",
        "2 w N, less twice w (w + 1) / 2.",
    ),
)


@_pairs.mistake
def _no_edges(n: int, w: int) -> int:
    """You give every word 2 w neighbours.

    The first word has none on its left. How many are missing at each end?
    """
    return 2 * w * n


@_pairs.mistake
def _one_way(n: int, w: int) -> int:
    """You count each pair once.

    (squatch, eats) and (eats, squatch) are two pairs: either is a centre.
    """
    return w * n - w * (w + 1) // 2


@_pairs.mistake
def _both_edges_whole(n: int, w: int) -> int:
    """You take away w neighbours from each of w words at both ends.

    The second word lacks one fewer than the first.
    """
    return 2 * w * n - 2 * w * w


@_pairs.mistake
def _one_edge(n: int, w: int) -> int:
    """You take away the missing neighbours of one end alone.

    The last words lack neighbours, too.
    """
    return 2 * w * n - w * (w + 1) // 2


@_pairs.mistake
def _all_pairs(n: int, w: int) -> int:
    """You pair every word with every other: the window has no effect.

    A pair is at most w places apart.
    """
    return n * (n - 1)


@_pairs.mistake
def _with_itself(n: int, w: int) -> int:
    """You count each word as a neighbour of itself.

    Centre and neighbour stand in different places.
    """
    return count_pairs(n, w) + n


@_pairs.mistake
def _next_alone(n: int, w: int) -> int:
    """You count pairs exactly w places apart.

    All words up to w places away are neighbours.
    """
    return 2 * (n - w)


@_pairs.mistake
def _edge_only_outer(n: int, w: int) -> int:
    """You take away w (w - 1): one too few at each of the first w words.

    The first word lacks w neighbours on its left, not w - 1.
    """
    return 2 * w * n - w * (w - 1)


@_pairs.mistake
def _inner_words(n: int, w: int) -> int:
    """You count the inner words alone, those with a whole window.

    Words at the ends have fewer neighbours, but some.
    """
    return 2 * w * (n - 2 * w)


@_pairs.mistake
def _half_square(n: int, w: int) -> int:
    """You take away w² at the ends: a little too few.

    At one end w + (w - 1) + ... + 1 neighbours are missing. What is that
    for w = 1?
    """
    return 2 * w * n - w * w


@_pairs.mistake
def _one_word_less(n: int, w: int) -> int:
    """You give all words but one 2 w neighbours.

    That is right for w = 1 alone. List the pairs for w = 2.
    """
    return 2 * w * (n - 1)


def analogy_by_product(space: Any, a: str, b: str, c: str) -> str:
    """Return the word that the multiplicative rule answers."""
    of_a, of_b, of_c = (
        (1 + space.vectors @ vector) / 2 for vector in space.units([a, b, c])
    )  # (V,) each, from 0 to 1
    scores = of_b * of_c / (of_a + 0.001)
    scores[space.ids([a, b, c])] = -1.0  # inputs left out
    return space.words[int(scores.argmax())]  # type: ignore[no-any-return]


NAMES = [f"word{i}" for i in range(14)]


def _questions(_: Space) -> list[tuple[Any, ...]]:
    generator = torch.Generator().manual_seed(5)
    vectors = torch.randn(len(NAMES), 3, generator=generator)
    space = WordSpace(NAMES, vectors)
    asked = [torch.randperm(14, generator=generator)[:3] for _ in range(30)]
    return [(space, *(NAMES[i] for i in three)) for three in asked]


_product = EXERCISES.exercise(
    analogy_by_product,
    label="ex-02-multiply",
    level="Standard",
    minutes=20,
    cases=_questions,
    hints=(
        "space.vectors have length 1. How do you get the cosine of all words "
        "with one word in a single product?",
        "Three rows of cosines, each moved by (1 + cos) / 2; then multiply "
        "and divide as the formula says, for all words at once.",
        "Set the scores of space.ids([a, b, c]) to -1 and return "
        "space.words[scores.argmax()].",
    ),
)


def _cosines(space: Any, *words: str) -> list[Tensor]:
    return [space.vectors @ v for v in space.units(list(words))]


def _best(space: Any, scores: Tensor, *out: str) -> str:
    if out:
        scores[space.ids(list(out))] = -9e9
    word: str = space.words[int(scores.argmax())]
    return word


@_product.mistake
def _added(space: Any, a: str, b: str, c: str) -> str:
    """You answer by the old rule: b - a + c.

    Here similarities are multiplied, and divided.
    """
    x, y, z = _cosines(space, a, b, c)
    return _best(space, y - x + z, a, b, c)


@_product.mistake
def _inputs_allowed(space: Any, a: str, b: str, c: str) -> str:
    """You let the inputs be answers.

    The exercise leaves them out.
    """
    x, y, z = ((1 + s) / 2 for s in _cosines(space, a, b, c))
    return _best(space, y * z / (x + 0.001))


@_product.mistake
def _not_moved(space: Any, a: str, b: str, c: str) -> str:
    """You multiply plain cosines: two negative ones make a large product.

    Move them first, to run from 0 to 1.
    """
    x, y, z = _cosines(space, a, b, c)
    return _best(space, y * z / (x + 0.001), a, b, c)


@_product.mistake
def _a_and_b(space: Any, a: str, b: str, c: str) -> str:
    """The words a and b are exchanged.

    The similarity to a stands below the line.
    """
    return analogy_by_product(space, b, a, c)


@_product.mistake
def _not_divided(space: Any, a: str, b: str, c: str) -> str:
    """You do not divide: a has no effect but that it is left out.

    The answer should be unlike a.
    """
    _, y, z = ((1 + s) / 2 for s in _cosines(space, a, b, c))
    return _best(space, y * z, a, b, c)


@_product.mistake
def _all_multiplied(space: Any, a: str, b: str, c: str) -> str:
    """You multiply by the similarity to a.

    The answer should be unlike a: divide.
    """
    x, y, z = ((1 + s) / 2 for s in _cosines(space, a, b, c))
    return _best(space, x * y * z, a, b, c)


@_product.mistake
def _only_c_out(space: Any, a: str, b: str, c: str) -> str:
    """You leave out c alone.

    a and b are inputs, too.
    """
    x, y, z = ((1 + s) / 2 for s in _cosines(space, a, b, c))
    return _best(space, y * z / (x + 0.001), c)


@_product.mistake
def _smallest(space: Any, a: str, b: str, c: str) -> str:
    """You return the word with the smallest score.

    The largest one answers.
    """
    x, y, z = ((1 + s) / 2 for s in _cosines(space, a, b, c))
    return _best(space, -y * z / (x + 0.001), a, b, c)


@_product.mistake
def _a_and_c(space: Any, a: str, b: str, c: str) -> str:
    """The words a and c are exchanged.

    The similarity to a stands below the line.
    """
    return analogy_by_product(space, c, b, a)
