"""Exercises of chapter 4: positions."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from transformer_course.checking.exercise import Chapter
from transformer_course.positions import sinusoidal_positions

EXERCISES = Chapter("04")


def placed_word(word: list[float], position: int) -> list[float]:
    """Add the two-dimensional sinusoidal encoding of a position to a word."""
    return [word[0] + math.sin(position), word[1] + math.cos(position)]


_placed = EXERCISES.exercise(
    placed_word,
    label="ex-04-fourth-place",
    level="Warm-up",
    minutes=5,
    cases=[
        ([0.0, 0.0], 0),
        ([0.2, 0.8], 1),
        ([0.9, 0.2], 2),
        ([0.6, 0.6], 3),
        ([-1.0, 2.0], 10),
    ],
    atol=1e-3,
    hints=(
        "The first place has the number 0. Which number has the fourth?",
        "With two dimensions there is one hand, of speed 1. Its angle at "
        "position p is p, in radians: sine first, then cosine.",
        "Add math.sin(position) to word[0] and math.cos(position) to word[1].",
    ),
)


@_placed.mistake
def _from_one(word: list[float], position: int) -> list[float]:
    """Your positions are one too large.

    `position` counts from 0 already: at position 0 the sine is 0.
    """
    return placed_word(word, position + 1)


@_placed.mistake
def _one_too_small(word: list[float], position: int) -> list[float]:
    """Your positions are one too small.

    `position` counts from 0 already: nothing needs to be subtracted.
    """
    return placed_word(word, position - 1)


@_placed.mistake
def _cosine_first(word: list[float], position: int) -> list[float]:
    """Sine and cosine are exchanged.

    Even dimensions (the first is number 0) get one, odd ones the other.
    Which encoding has position 0 in the worked example?
    """
    return [word[0] + math.cos(position), word[1] + math.sin(position)]


@_placed.mistake
def _degrees(word: list[float], position: int) -> list[float]:
    """You take the position as degrees.

    The hand turns by 1 radian a position; math.sin takes radians.
    """
    return placed_word(word, math.radians(position))  # type: ignore[arg-type]


@_placed.mistake
def _encoding_alone(word: list[float], position: int) -> list[float]:
    """You return the position's encoding without the word.

    Where do the word's own numbers come in?
    """
    return [math.sin(position), math.cos(position)]


@_placed.mistake
def _sine_twice(word: list[float], position: int) -> list[float]:
    """Both dimensions get the sine.

    A hand has two coordinates, and they differ.
    """
    return [x + math.sin(position) for x in word]


@_placed.mistake
def _multiplied(word: list[float], position: int) -> list[float]:
    """You multiply the word by the encoding.

    Word and position are added, number by number.
    """
    return [word[0] * math.sin(position), word[1] * math.cos(position)]


@_placed.mistake
def _slow_cosine(word: list[float], position: int) -> list[float]:
    """Your cosine turns at another speed than your sine.

    Dimensions 2 i and 2 i + 1 are one hand and share its speed; with two
    dimensions there is one hand, of speed 1.
    """
    slow = position / 10000
    return [word[0] + math.sin(position), word[1] + math.cos(slow)]


@_placed.mistake
def _plain_number(word: list[float], position: int) -> list[float]:
    """You add the position itself, not its sine and cosine.

    The encoding of a position is [sin, cos] of it.
    """
    return [number + position for number in word]


def sum_of_concatenated(words: Tensor, places: Tensor) -> Tensor:
    """Concatenate each word (T, D) with its place (T, P), then sum over T."""
    return torch.cat([words, places], dim=1).sum(dim=0)  # (D + P,)


def _rows(n: int, width: int, seed: int) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(n, width, generator=generator)


_concatenated = EXERCISES.exercise(
    sum_of_concatenated,
    label="ex-04-concatenate",
    level="Standard",
    minutes=10,
    cases=[
        (torch.tensor([[0.2, 0.8]]), torch.tensor([[0.0, 1.0]])),
        (_rows(3, 2, 0), sinusoidal_positions(3, 2)),
        (_rows(3, 3, 2), _rows(3, 3, 3)),
        (_rows(5, 2, 4), _rows(5, 4, 5)),
    ],
    hints=(
        "Where does each of the D + P sums get its numbers from? Does one of "
        "them mix words with places?",
        "Concatenate along the features, so that T stays; then sum over the "
        "words, so that T goes.",
        "torch.cat([words, places], dim=1) has the shape (T, D + P); sum it "
        "over dim=0.",
    ),
)


@_concatenated.mistake
def _added(words: Tensor, places: Tensor) -> Tensor:
    """You add words and places; your friend puts them side by side.

    The result has D + P numbers: each word's row becomes longer. Rows laid
    below one another and summed are added, too.
    """
    return (words + places).sum(dim=0)


@_concatenated.mistake
def _no_sum(words: Tensor, places: Tensor) -> Tensor:
    """You concatenate, but the sum over the words is missing.

    One vector is left of the T rows.
    """
    return torch.cat([words, places], dim=1)


@_concatenated.mistake
def _over_features(words: Tensor, places: Tensor) -> Tensor:
    """You sum over the features: one number a word is left.

    The words, axis 0, are to be summed away.
    """
    return torch.cat([words, places], dim=1).sum(dim=1)


@_concatenated.mistake
def _places_first(words: Tensor, places: Tensor) -> Tensor:
    """Places stand in front of the words.

    Your friend puts the position's numbers behind the word's.
    """
    return torch.cat([places, words], dim=1).sum(dim=0)


@_concatenated.mistake
def _mean(words: Tensor, places: Tensor) -> Tensor:
    """You take the mean over the words, not the sum.

    Compare with a sentence of one word, and then of three.
    """
    return torch.cat([words, places], dim=1).mean(dim=0)


@_concatenated.mistake
def _everything(words: Tensor, places: Tensor) -> Tensor:
    """You sum everything to one number.

    Sum over the words alone; D + P numbers stay.
    """
    return torch.cat([words, places], dim=1).sum()


def advance(rows: Tensor, offset: int) -> Tensor:
    """Turn sinusoidal rows (T, D) into those `offset` positions on."""
    d_model = rows.size(1)
    i = torch.arange(d_model // 2)
    angle = offset / 10000 ** (2 * i / d_model)  # (D / 2,)
    sine, cosine = rows[:, 0::2], rows[:, 1::2]  # (T, D / 2) each
    turned = [
        sine * angle.cos() + cosine * angle.sin(),
        cosine * angle.cos() - sine * angle.sin(),
    ]
    return torch.stack(turned, dim=-1).flatten(start_dim=1)  # (T, D)


def _turned(
    rows: Tensor, speeds: Tensor, offset: int, signs: tuple[int, int]
) -> Tensor:
    angle = offset * speeds
    s, c = rows[:, 0::2], rows[:, 1::2]
    first = s * angle.cos() + signs[0] * c * angle.sin()
    second = c * angle.cos() + signs[1] * s * angle.sin()
    return torch.stack([first, second], dim=-1).flatten(start_dim=1)


def _speeds(d_model: int, power: float = 2, base: float = 10000) -> Tensor:
    speeds: Tensor = base ** (-power * torch.arange(d_model // 2) / d_model)
    return speeds


_advance = EXERCISES.exercise(
    advance,
    label="ex-04-advance",
    level="Standard",
    minutes=15,
    cases=[
        (sinusoidal_positions(1, 2), 0),
        (sinusoidal_positions(1, 2), 1),
        (sinusoidal_positions(7, 4)[4:], 2),
        (sinusoidal_positions(20, 8)[5:10], 7),
        (sinusoidal_positions(20, 8)[9:12], -7),
    ],
    atol=1e-4,
    hints=(
        "Each pair of columns (2i, 2i + 1) is one hand. By which angle does "
        "hand i move on, whatever its position?",
        "sin(a + b) = sin a cos b + cos a sin b, and cos(a + b) = cos a cos b "
        "- sin a sin b. Here sin a and cos a stand in the rows.",
        "With angle = offset / 10000 ** (2 * i / D), s = rows[:, 0::2] and c "
        "= rows[:, 1::2], compute both lines of hint 2 and interleave them "
        "with torch.stack([...], dim=-1).flatten(1).",
    ),
)


@_advance.mistake
def _backwards(rows: Tensor, offset: int) -> Tensor:
    """Your hands turn backwards.

    An offset of 1 makes the row of position 0 that of position 1. Look at
    the two signs in sin(a + b) and cos(a + b).
    """
    return _turned(rows, _speeds(rows.size(1)), offset, (-1, 1))


@_advance.mistake
def _rolled_up(rows: Tensor, offset: int) -> Tensor:
    """You move the rows within the table; they have to be turned.

    Given is one row or some, of unknown positions: the row `offset` places
    on need not be among them.
    """
    return rows.roll(-offset, dims=0)


@_advance.mistake
def _both_plus(rows: Tensor, offset: int) -> Tensor:
    """One sign is wrong: the hands change their length.

    Of the formulas for sin(a + b) and cos(a + b), one has a minus.
    """
    return _turned(rows, _speeds(rows.size(1)), offset, (1, 1))


@_advance.mistake
def _same_speed(rows: Tensor, offset: int) -> Tensor:
    """All your hands turn at the speed of the first.

    Hand i is slower. What is its speed in the chapter's formula?
    """
    return _turned(rows, torch.ones(rows.size(1) // 2), offset, (1, -1))


@_advance.mistake
def _single_exponent(rows: Tensor, offset: int) -> Tensor:
    """Your speeds fall too slowly from hand to hand.

    Compare your exponent with 2 i / D, where i counts pairs.
    """
    return _turned(rows, _speeds(rows.size(1), power=1), offset, (1, -1))


@_advance.mistake
def _halves(rows: Tensor, offset: int) -> Tensor:
    """You take the first half of the columns as sines.

    In this book sines and cosines alternate: even columns, odd columns.
    """
    angle = offset * _speeds(rows.size(1))
    s, c = rows.chunk(2, dim=1)
    first = s * angle.cos() + c * angle.sin()
    return torch.cat([first, c * angle.cos() - s * angle.sin()], dim=1)


@_advance.mistake
def _exchanged(rows: Tensor, offset: int) -> Tensor:
    """Your result has cosines in the even columns.

    The sine comes first, as in the rows that came in.
    """
    right = advance(rows, offset).view(len(rows), -1, 2)
    return right.flip(-1).flatten(1)


@_advance.mistake
def _not_interleaved(rows: Tensor, offset: int) -> Tensor:
    """All sines stand first, then all cosines.

    Interleave them again: pair by pair, as in the rows that came in.
    """
    right = advance(rows, offset)
    return torch.cat([right[:, 0::2], right[:, 1::2]], dim=1)


@_advance.mistake
def _table_added(rows: Tensor, offset: int) -> Tensor:
    """You add the row of the offset; the hands must be turned.

    sin(a + b) is not sin a + sin b.
    """
    return rows + sinusoidal_positions(abs(offset) + 1, rows.size(1))[-1]


@_advance.mistake
def _rolled(rows: Tensor, offset: int) -> Tensor:
    """You move rows up or down; their numbers stay as they were.

    Each row turns into another one: none of the given rows is the answer.
    """
    return rows.roll(offset, dims=0)
