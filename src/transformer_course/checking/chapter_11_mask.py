"""Exercise of chapter 11: a wider mask."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from transformer_course.checking.exercise import Chapter
from transformer_course.tokenization.words import WordTokenizer
from transformer_course.world import tasks

EXERCISES = Chapter("11")
JOBS = ("<feel>", "<answer>", "<summarize>", "<continue>")  # as on the page
ENCODE = WordTokenizer([*JOBS, *tasks.vocabulary()]).encode_words
(STOP,) = ENCODE(["."])
PAD = 0


def sentence_and_place(token_ids: Tensor) -> tuple[Tensor, None]:
    """Stands in for the chapter's: number each word's sentence."""
    stops = token_ids == STOP
    return stops.cumsum(dim=1) - stops.long(), None


def this_and_the_last(token_ids: Tensor) -> Tensor:
    """Bool (B, 1, T, T): own sentence and the one before."""
    number, _ = sentence_and_place(token_ids)  # (B, T)
    back = number[:, None, :, None] - number[:, None, None, :]
    return (back == 0) | (back == 1)


STORIES = (
    ("the fox is happy .",),
    ("the cow is calm . it is kind .", "the owl is not calm ."),
    (
        "the fox has eaten the pie . the cow is happy . it is kind .",
        "the owl is calm . it is not happy . the cow is kind . it is calm .",
        "the cow is not calm .",
    ),
)


def _ids(stories: tuple[str, ...]) -> Tensor:
    rows = [ENCODE(story.split()) for story in stories]
    length = max(map(len, rows)) + 2
    return torch.tensor([row + [PAD] * (length - len(row)) for row in rows])


CASES = [_ids(stories) for stories in STORIES]


def _rows_of_words(result: Any) -> Tensor | str:
    """What the real words may attend to; padding may read what it likes."""
    mask = torch.as_tensor(result)
    for ids in CASES:
        b, t = ids.shape
        if mask.shape == (b, t, t):
            return "no axis of heads"
        if mask.shape == (b, 1, t, t):
            words = mask[:, 0][ids != PAD]  # (real words, T)
            return words if words.dtype == torch.bool else "no bool"
    raise ValueError(mask.shape)


_wider = EXERCISES.exercise(
    this_and_the_last,
    label="ex-11-a-wider-mask",
    level="Standard",
    minutes=15,
    cases=[(ids,) for ids in CASES],
    view=_rows_of_words,
    wanted="a bool mask (B, 1, T, T), a row for each word that reads: True "
    "for the words of its own sentence and of the one before",
    hints=(
        "sentence_and_place numbers each word's sentence. Which difference "
        "of two numbers means: the same sentence? Which one: the one before?",
        "A row for the word that reads, a column for the word that is read: "
        "number[:, None, :, None] - number[:, None, None, :].",
        "That difference is 0 or 1 where a word may look. Padding comes "
        "after the last full stop, so its number is larger than that of each "
        "real word.",
    ),
)


def _back(token_ids: Tensor) -> Tensor:
    number, _ = sentence_and_place(token_ids)
    return number[:, None, :, None] - number[:, None, None, :]


@_wider.mistake
def _own_alone(token_ids: Tensor) -> Tensor:
    """Your mask allows the own sentence alone, as the page's.

    The sentence before is to be added.
    """
    return _back(token_ids) == 0


@_wider.mistake
def _last_alone(token_ids: Tensor) -> Tensor:
    """Your mask allows the sentence before alone.

    A word also attends to its own sentence; in the first one there is
    nothing else.
    """
    return _back(token_ids) == 1


@_wider.mistake
def _both_neighbours(token_ids: Tensor) -> Tensor:
    """Your mask also allows the sentence after.

    And behind the last sentence stands padding: real words reach it. Only
    one sign of the difference is allowed.
    """
    return _back(token_ids).abs() <= 1


@_wider.mistake
def _all_after(token_ids: Tensor) -> Tensor:
    """Your mask also allows all sentences after, and padding.

    The difference of the two numbers may be 0 or 1, and not below.
    """
    return _back(token_ids) <= 1


@_wider.mistake
def _everything(token_ids: Tensor) -> Tensor:
    """Your mask allows everything, padding included.

    Two numbers of sentences decide, that of the word which reads and that
    of the word which is read.
    """
    return torch.ones_like(_back(token_ids)).bool()


@_wider.mistake
def _next(token_ids: Tensor) -> Tensor:
    """Your words see their own sentence and the one after it.

    Rows are the words that read, columns those that are read: which number
    is taken from which?
    """
    back = _back(token_ids)
    return (back == 0) | (back == -1)


@_wider.mistake
def _all_before(token_ids: Tensor) -> Tensor:
    """Your mask allows all sentences before; one is asked for.

    A difference of 2 or more is too far.
    """
    return _back(token_ids) >= 0


@_wider.mistake
def _two_before(token_ids: Tensor) -> Tensor:
    """Your mask allows two sentences before; one is asked for.

    The difference may be 0 or 1.
    """
    back = _back(token_ids)
    return (back >= 0) & (back <= 2)


@_wider.mistake
def _stop_begins(token_ids: Tensor) -> Tensor:
    """Your full stops belong to the next sentence.

    A cumulative sum counts the stop itself: take it away again.
    """
    number = (token_ids == STOP).cumsum(dim=1)
    back = number[:, None, :, None] - number[:, None, None, :]
    return (back == 0) | (back == 1)


@_wider.mistake
def _inside_out(token_ids: Tensor) -> Tensor:
    """Your mask is inside out: True means that a word may look.

    Turn it round with ~.
    """
    return ~this_and_the_last(token_ids)


@_wider.mistake
def _no_head_axis(token_ids: Tensor) -> Tensor:
    """The axis of the heads is missing: the shape is (B, 1, T, T).

    Without it the batch would meet the heads.
    """
    return this_and_the_last(token_ids)[:, 0]


@_wider.mistake
def _causal_too(token_ids: Tensor) -> Tensor:
    """Your words do not see the later words of their own sentence.

    An encoder reads both sides: no triangle is wanted.
    """
    return this_and_the_last(token_ids).tril()


@_wider.mistake
def _of_the_first_row(token_ids: Tensor) -> Tensor:
    """You use the first story's sentences for all stories of the batch.

    Each row of ids has numbers of its own.
    """
    return this_and_the_last(token_ids[:1].expand_as(token_ids))


@_wider.mistake
def _numbers(token_ids: Tensor) -> Tensor:
    """Your mask holds numbers; bool is wanted.

    A comparison gives bool; two of them are joined by |, not by +.
    """
    return this_and_the_last(token_ids).float()
