"""Exercises of chapter 4: the base, and empty places."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from transformer_course.checking.exercise import Chapter

EXERCISES = Chapter("04")


def table_with_base(n_positions: int, d_model: int, base: float) -> Tensor:
    """Compute the sinusoidal table (T, D) with another base than 10000."""
    p = torch.arange(n_positions)
    i = torch.arange(d_model // 2)
    angle = p[:, None] / base ** (2 * i / d_model)  # (T, D / 2)
    return torch.stack([angle.sin(), angle.cos()], dim=-1).flatten(1)


_base = EXERCISES.exercise(
    table_with_base,
    label="ex-04-base",
    level="Standard",
    minutes=15,
    cases=[(1, 2, 10.0), (3, 4, 10.0), (5, 6, 1000.0), (4, 8, 100000.0)],
    atol=1e-4,
    hints=(
        "Take table_at_once. Which number of it has to become an argument?",
        "The speed of pair i is 1 / base ** (2 i / D): with a small base the "
        "hands hardly differ in speed.",
        "angle = p[:, None] / base ** (2 * i / d_model); sines and cosines "
        "are stacked in a last axis and flattened.",
    ),
)


def _table(angle: Tensor) -> Tensor:
    return torch.stack([angle.sin(), angle.cos()], dim=-1).flatten(1)


def _grid(n: int, d: int) -> tuple[Tensor, Tensor]:
    return torch.arange(n)[:, None], torch.arange(d // 2)


@_base.mistake
def _still_10000(n: int, d: int, base: float) -> Tensor:
    """Your table does not depend on the base: it is that of 10000.

    Is the argument used, or a number of the chapter?
    """
    return table_with_base(n, d, 10000.0)


@_base.mistake
def _single_exponent(n: int, d: int, base: float) -> Tensor:
    """Your exponent is half of what it should be.

    i counts pairs; the exponent is 2 i / D.
    """
    p, i = _grid(n, d)
    return _table(p / base ** (i / d))


@_base.mistake
def _not_divided(n: int, d: int, base: float) -> Tensor:
    """Your exponent is not divided by the width D.

    The slowest hand should be slower by nearly the base, not by a power.
    """
    p, i = _grid(n, d)
    return _table(p / base ** (2 * i))


@_base.mistake
def _by_the_pairs(n: int, d: int, base: float) -> Tensor:
    """You divide the exponent by the number of pairs, and still take 2 i.

    Either i / (D / 2) or 2 i / D, not both.
    """
    p, i = _grid(n, d)
    return _table(p / base ** (2 * i / (d // 2)))


@_base.mistake
def _faster(n: int, d: int, base: float) -> Tensor:
    """Your hands become faster from pair to pair.

    The speed is one divided by the power of the base.
    """
    p, i = _grid(n, d)
    return _table(p * base ** (2 * i / d))


@_base.mistake
def _halves(n: int, d: int, base: float) -> Tensor:
    """All sines stand first, then all cosines.

    Even columns hold sines, odd ones cosines: stack in a new last axis,
    then flatten.
    """
    p, i = _grid(n, d)
    angle = p / base ** (2 * i / d)
    return torch.cat([angle.sin(), angle.cos()], dim=1)


@_base.mistake
def _cosine_first(n: int, d: int, base: float) -> Tensor:
    """Cosines stand in the even columns.

    The row of position 0 starts with a sine, which is 0.
    """
    right = table_with_base(n, d, base).view(n, -1, 2)
    return right.flip(-1).flatten(1)


@_base.mistake
def _from_one(n: int, d: int, base: float) -> Tensor:
    """Your positions count from 1.

    The first row belongs to position 0: sines of 0, cosines of 1.
    """
    return table_with_base(n + 1, d, base)[1:]


@_base.mistake
def _speed_by_column(n: int, d: int, base: float) -> Tensor:
    """Each column has its own speed; a pair should share one.

    Sine and cosine of a pair are the two coordinates of one hand.
    """
    p, column = torch.arange(n)[:, None], torch.arange(d)
    angle = p / base ** (column / d)
    return torch.where(column % 2 == 0, angle.sin(), angle.cos())


Batch = tuple[Tensor, ...]


def with_empty_places(
    batch: Batch, most: int, generator: torch.Generator
) -> Batch:
    """Put 0 to `most` empty places in front of each sentence at random."""
    token_ids, pad_mask, *rest = batch  # (B, T) each, and the others
    size, length = token_ids.shape
    empty = torch.randint(most + 1, (size, 1), generator=generator)
    place = torch.arange(length + most) - empty  # (B, T + most): old place
    inside = (place >= 0) & (place < length)
    old = place.clamp(0, length - 1)
    moved_ids = token_ids.gather(1, old) * inside
    return moved_ids, pad_mask.gather(1, old) & inside, *rest


def _batch(n: int = 60) -> Batch:
    generator = torch.Generator().manual_seed(4)
    lengths = torch.randint(3, 6, (n, 1), generator=generator)
    pad_mask = torch.arange(5) < lengths  # (n, 5)
    ids = torch.randint(5, 90, (n, 5), generator=generator) * pad_mask
    choices = torch.randint(5, 90, (n, 2), generator=generator)
    return ids, pad_mask, choices, choices[:, 0] % 2


MOST = 3


def _moves(result: Any) -> str:
    """Say what became of the batch; the draws themselves may differ."""
    ids, mask, *rest = result
    old_ids, old_mask, *old_rest = _batch()
    if len(rest) != len(old_rest) or any(
        not torch.equal(a, b) for a, b in zip(rest, old_rest, strict=True)
    ):
        return "choices and labels are changed or missing"
    if mask.dtype != torch.bool:
        return "the mask is not bool"
    if ids.shape != mask.shape:
        return f"ids {tuple(ids.shape)}, mask {tuple(mask.shape)}"
    if ids.shape != (len(old_ids), 5 + MOST):
        return f"shape {tuple(ids.shape)}"
    real = [row[keep].tolist() for row, keep in zip(ids, mask, strict=True)]
    words = [
        row[keep].tolist() for row, keep in zip(old_ids, old_mask, strict=True)
    ]
    if real != words:
        return "the words under the mask are not the sentence"
    return _spread(mask.int().argmax(dim=1).tolist())


def _spread(shifts: list[int]) -> str:
    found = set(shifts)
    if found == set(range(MOST + 1)):
        return "random for each sentence, 0 to most"
    if len(found) == 1:
        alone = {0: "none in front", MOST: "always most"}
        return alone.get(shifts[0], "one number for all")
    return f"only {sorted(found)}"


_empty = EXERCISES.exercise(
    with_empty_places,
    label="ex-04-shift",
    level="Stretch",
    minutes=30,
    cases=lambda _: [(_batch(), MOST, torch.Generator().manual_seed(1))],
    view=_moves,
    wanted="the batch's tuple: ids and mask (B, T + most), moved to the right "
    "by 0 to `most` places, a number drawn for each sentence; the rest as it "
    "was",
    hints=(
        "Which parts of the batch have a place for every word, and which do "
        "not change when the sentence moves?",
        "Draw one number a sentence, torch.randint(most + 1, (B, 1), "
        "generator=generator). The new place minus this number is the old "
        "place: what if it is negative?",
        "old = torch.arange(T + most) - empty has the shape (B, T + most). "
        "Clamp it to 0 .. T - 1, gather ids and mask with it, and set both "
        "to 0 / False where old was outside.",
    ),
)


def _shifted(batch: Batch, by: Tensor, width: int) -> Batch:
    token_ids, pad_mask, *rest = batch
    place = torch.arange(token_ids.size(1) + width) - by  # (B, T + width)
    inside = (place >= 0) & (place < token_ids.size(1))
    old = place.clamp(0, token_ids.size(1) - 1)
    ids = token_ids.gather(1, old) * inside
    return ids, pad_mask.gather(1, old) & inside, *rest


@_empty.mistake
def _behind(batch: Batch, most: int, g: torch.Generator) -> Batch:
    """All empty places stand behind the sentences: nothing moves.

    A sentence in its old place gives the model nothing new. Move the words
    to the right.
    """
    return _shifted(batch, torch.zeros(len(batch[0]), 1).long(), most)


@_empty.mistake
def _one_for_all(batch: Batch, most: int, g: torch.Generator) -> Batch:
    """All sentences of the batch move by the same number of places.

    Draw a number for each sentence.
    """
    return _shifted(batch, torch.ones(len(batch[0]), 1).long(), most)


@_empty.mistake
def _always_most(batch: Batch, most: int, g: torch.Generator) -> Batch:
    """Every sentence moves by `most` places.

    The number is drawn at random, for each sentence: 0 to `most`.
    """
    return _shifted(batch, torch.full((len(batch[0]), 1), most), most)


@_empty.mistake
def _never_most(batch: Batch, most: int, g: torch.Generator) -> Batch:
    """No sentence moves by `most` places.

    torch.randint leaves out its upper end.
    """
    by = torch.randint(most, (len(batch[0]), 1), generator=g)
    return _shifted(batch, by, most)


@_empty.mistake
def _never_zero(batch: Batch, most: int, g: torch.Generator) -> Batch:
    """Every sentence moves: 0 empty places never occur.

    The docstring says 0 to `most`.
    """
    by = torch.randint(1, most + 1, (len(batch[0]), 1), generator=g)
    return _shifted(batch, by, most)


@_empty.mistake
def _mask_stays(batch: Batch, most: int, g: torch.Generator) -> Batch:
    """The words under your mask are not the sentence.

    Words and mask must move together: a place is real exactly where a word
    of the sentence stands.
    """
    ids, _, *rest = with_empty_places(batch, most, g)
    return ids, torch.nn.functional.pad(batch[1], (0, most)), *rest


@_empty.mistake
def _too_narrow(batch: Batch, most: int, g: torch.Generator) -> Batch:
    """Your sentences keep the old width: some lose their last words.

    Every sentence gets the width T + `most`.
    """
    ids, mask, *rest = with_empty_places(batch, most, g)
    return ids[:, :-most], mask[:, :-most], *rest


@_empty.mistake
def _two_parts(batch: Batch, most: int, g: torch.Generator) -> Batch:
    """You return ids and mask alone, or change choices and labels.

    The batch has four parts; two of them stay as they are.
    """
    return with_empty_places(batch, most, g)[:2]
