"""The stretch exercise of chapter 15: an ending without fine-tuning."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812

from transformer_course import training
from transformer_course.checking.chapter_15_texts import (
    PAD,
    START,
    joined,
    words,
)
from transformer_course.checking.exercise import Cases, Chapter, Space
from transformer_course.gpt import GPT, GPTConfig
from transformer_course.world import tasks
from transformer_course.world.items import Item

EXERCISES = Chapter("15")
SEED, N_PAIRS = 5, 6  # with these every usual mistake chooses otherwise


def most_probable_ending(gpt: GPT, item: Item) -> str:
    """The choice with the smallest surprise after the context."""
    before = [START, *words.encode_words(item.segments["context"])]
    surprises = []
    for choice in item.choices:
        ending = words.encode_words(choice.split())
        with torch.no_grad():
            logits = gpt(torch.tensor([before + ending])).logits[0]
        # the context's last word is asked for the ending's first
        asked = logits[len(before) - 1 : -1]  # (words of the ending, V)
        loss = F.cross_entropy(asked, torch.tensor(ending), reduction="sum")
        surprises.append(loss.item())
    return item.choices[surprises.index(min(surprises))]


def _small() -> GPT:
    """A small GPT with random weights that is far from indifferent."""
    config = GPTConfig(words.vocab_size, 8, 2, 12, 1, 64, dropout=0.0)
    with training.seeded(SEED):
        model = GPT(config).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.mul_(5)
    return model


def _uneven(item: Item, number: int) -> Item:
    """Give an item endings that differ in length and in all places."""
    *before, mood, _ = item.choices[0].split()
    told = [
        " ".join([*before, mood, "."]),
        f"it was still {mood} .",
        f"the {item.choices[1].split()[1]} was not {mood} for long .",
        f"at last it was {mood} ?",
    ]
    choices = told[number % 4 :] + told[: number % 4]
    segments = {"context": item.segments["context"]}
    for place, choice in enumerate(choices):
        segments[f"option {place}"] = tuple(choice.split())
    return replace(
        item,
        words=tuple(word for part in segments.values() for word in part),
        answer=choices[item.label],
        choices=tuple(choices),
        segments=segments,
        target=(),
    )


def _items(_: Space) -> Cases:
    """Items as in the chapter, then some with uneven endings."""
    model = _small()
    items = tasks.make("multiple-choice", N_PAIRS, 0, "test")
    uneven = [_uneven(item, n) for n, item in enumerate(items[N_PAIRS:])]
    return [(model, item) for item in (*items[:N_PAIRS], *uneven)]


_ending = EXERCISES.exercise(
    most_probable_ending,
    label="ex-15-without-fine-tuning",
    level="Stretch",
    minutes=40,
    cases=_items,
    hints=(
        "The context is the same for all four endings. What does the model "
        "give at each place of a text, and at which places are the words of "
        "an ending asked for?",
        "Read start, the context and one ending as one text, without delim "
        "and extract. The first word of the ending is asked for at the "
        "context's last; sum the surprises of the ending's words.",
        "before = [START, *words.encode_words(item.segments['context'])]; "
        "logits[len(before) - 1 : -1] against the ending's ids, with "
        "F.cross_entropy(..., reduction='sum'); return the choice with the "
        "smallest sum.",
    ),
)


def _logits(gpt: GPT, ids: list[int]) -> Tensor:
    with torch.no_grad():
        logits: Tensor = gpt(torch.tensor([ids])).logits[0]
    return logits  # (T, V)


def _context(item: Item) -> list[int]:
    return [START, *words.encode_words(item.segments["context"])]


def _chosen(item: Item, loss: Callable[[list[int]], Tensor]) -> str:
    """Give the choice whose ids have the smallest loss."""
    losses = torch.stack(
        [loss(words.encode_words(c.split())) for c in item.choices]
    )
    return item.choices[int(losses.argmin())]


def _asked(gpt: GPT, before: list[int], ending: list[int]) -> Tensor:
    """Logits (T, V) at the places where an ending's words are asked for."""
    return _logits(gpt, before + ending)[len(before) - 1 : -1]


def _picked(scores: Tensor, ending: list[int]) -> Tensor:
    """Of each word its own score, (T,)."""
    return scores.gather(1, torch.tensor(ending)[:, None])[:, 0]


def _surprises(gpt: GPT, before: list[int], ending: list[int]) -> Tensor:
    """Of each word of an ending, (T,)."""
    log_p = _asked(gpt, before, ending).log_softmax(dim=-1)
    return -_picked(log_p, ending)


@_ending.mistake
def _largest(gpt: GPT, item: Item) -> str:
    """You choose the ending with the largest surprise.

    The most probable one has the smallest.
    """
    before = _context(item)
    return _chosen(item, lambda e: -_surprises(gpt, before, e).sum())


@_ending.mistake
def _label_used(gpt: GPT, item: Item) -> str:
    """You return the item's own answer: no label is to be used.

    Choose by the model's surprises; how often that is right is the question.
    """
    return item.answer


@_ending.mistake
def _without_context(gpt: GPT, item: Item) -> str:
    """Your endings are read without the context.

    The same ending is likely after one story and unlikely after another.
    """
    return _chosen(item, lambda e: _surprises(gpt, [START], e).sum())


@_ending.mistake
def _without_start(gpt: GPT, item: Item) -> str:
    """Your texts begin without <start>.

    The model has never read a text that did not begin with it.
    """
    before = _context(item)[1:]
    return _chosen(item, lambda e: _surprises(gpt, before, e).sum())


@_ending.mistake
def _delimited(gpt: GPT, item: Item) -> str:
    """You read texts with <delim>: pre-training has never shown it.

    Context and ending follow each other as sentences of a story do.
    """
    before = joined(" ".join(item.segments["context"]), "")[:-1]
    return _chosen(item, lambda e: _surprises(gpt, before, e).sum())


@_ending.mistake
def _special_tokens_counted(gpt: GPT, item: Item) -> str:
    """You count the surprises at <delim> and <extract>, too.

    Pre-training has shown neither. Only the ending's words are asked for.
    """
    first, *told, end = joined(" ".join(item.segments["context"]), "")
    return _chosen(
        item, lambda e: _surprises(gpt, [first], [*told, *e, end]).sum()
    )


@_ending.mistake
def _mean(gpt: GPT, item: Item) -> str:
    """You take the mean surprise a word: a long ending gets off lightly.

    The probability of all words is a product, its logarithm a sum. On the
    task's own items, with endings of one length, both choose the same.
    """
    before = _context(item)
    return _chosen(item, lambda e: _surprises(gpt, before, e).mean())


@_ending.mistake
def _mean_of_all(gpt: GPT, item: Item) -> str:
    """You take the mean over the whole text: a long ending gets off lightly.

    The context's surprises drop out of a sum, but not out of a mean.
    """
    _, *told = _context(item)
    return _chosen(item, lambda e: _surprises(gpt, [START], told + e).mean())


@_ending.mistake
def _chances_added(gpt: GPT, item: Item) -> str:
    """You add up probabilities; their logarithms are to be added.

    One very improbable word makes a text improbable: a product.
    """
    before = _context(item)
    return _chosen(item, lambda e: -(-_surprises(gpt, before, e)).exp().sum())


@_ending.mistake
def _bare_logits(gpt: GPT, item: Item) -> str:
    """You add up logits; a softmax must come before the logarithm.

    Logits of two places cannot be compared: each place has a sum of its own.
    """
    before = _context(item)
    return _chosen(item, lambda e: -_picked(_asked(gpt, before, e), e).sum())


@_ending.mistake
def _not_shifted(gpt: GPT, item: Item) -> str:
    """Each word is asked for at its own place, where it has been read.

    Take the logits from one place further left.
    """
    before = _context(item)

    def loss(ending: list[int]) -> Tensor:
        log_p = _logits(gpt, before + ending).log_softmax(dim=-1)
        return -_picked(log_p[len(before) :], ending).sum()

    return _chosen(item, loss)


@_ending.mistake
def _first_word_left_out(gpt: GPT, item: Item) -> str:
    """You leave out the ending's first word: the context's last is asked it.

    The logits begin at len(before) - 1.
    """
    before = _context(item)
    return _chosen(item, lambda e: _surprises(gpt, before, e)[1:].sum())


@_ending.mistake
def _last_word_left_out(gpt: GPT, item: Item) -> str:
    """You leave out the ending's last word.

    A slice that ends at -1 takes the last one off: off the logits, but not
    off the ids.
    """
    before = _context(item)
    return _chosen(item, lambda e: _surprises(gpt, before, e)[:-1].sum())


@_ending.mistake
def _one_place(gpt: GPT, item: Item) -> str:
    """All your words are asked for right after the context.

    Each word is given the context and the words of the ending before it.
    """
    log_p = _logits(gpt, _context(item))[-1].log_softmax(dim=0)
    return _chosen(item, lambda e: -log_p[e].sum())


@_ending.mistake
def _padding_counted(gpt: GPT, item: Item) -> str:
    """You count the surprises at padding.

    Endings of several lengths in one batch: leave out what is PAD.
    """
    before, longest = _context(item), max(len(c.split()) for c in item.choices)

    def loss(ending: list[int]) -> Tensor:
        padded = ending + [PAD] * (longest - len(ending))
        return _surprises(gpt, before, padded).sum()

    return _chosen(item, loss)
