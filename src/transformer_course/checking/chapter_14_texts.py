"""Exercises of chapter 14: how likely a text is, and two models mixed."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor

from transformer_course import training
from transformer_course.checking.exercise import Cases, Chapter, Space
from transformer_course.gpt import GPT, GPTConfig

EXERCISES = Chapter("14")


def log_probability(model: GPT, prompt: Tensor, continuation: Tensor) -> float:
    """Sum of the log-probabilities of a continuation (T,)."""
    text = torch.cat([prompt, continuation])
    with torch.no_grad():
        scores: Tensor = model(text[None, :-1]).logits[0]  # (N - 1, V)
    # at the prompt's last token we ask for the continuation's first
    log_p = scores.log_softmax(dim=-1)[len(prompt) - 1 :]  # (T, V)
    return log_p.gather(1, continuation[:, None]).sum().item()


def _model() -> GPT:
    """A small GPT that is far from indifferent."""
    config = GPTConfig(11, 8, 2, 12, 2, max_seq_len=16, dropout=0.0)
    with training.seeded(3):
        model = GPT(config).eval()
    with torch.no_grad():
        for parameter in model.encoder.parameters():
            parameter.mul_(6)
        model.embedding.weight.mul_(6)
    return model


def _texts(_: Space) -> Cases:
    model, ids = _model(), torch.tensor([3, 1, 4, 1, 5, 9, 2, 6, 5, 10])
    cuts = ((1, 2), (1, 5), (3, 4), (2, 8), (5, 10))
    return [(model, ids[:cut], ids[cut:end]) for cut, end in cuts]


_likely = EXERCISES.exercise(
    log_probability,
    label="ex-14-how-likely-is-a-text",
    level="Standard",
    minutes=20,
    cases=_texts,
    atol=1e-4,
    hints=(
        "One pass over prompt and continuation gives a distribution at every "
        "position. Which positions are asked for the continuation's words?",
        "The prompt's last token is asked for the first word, so it begins "
        "at position len(prompt) - 1; the continuation's last word is asked "
        "nothing.",
        "log_p = model(text[None, :-1]).logits[0].log_softmax(-1); take rows "
        "from len(prompt) - 1 on, gather the continuation's ids, sum.",
    ),
)


def _log_p(model: GPT, prompt: Tensor, continuation: Tensor) -> Tensor:
    """After every token of the whole text, (P + T, V)."""
    with torch.no_grad():
        text = torch.cat([prompt, continuation])
        scores: Tensor = model(text[None]).logits[0]
    return scores.log_softmax(dim=-1)


def _words(model: GPT, prompt: Tensor, continuation: Tensor) -> Tensor:
    log_p = _log_p(model, prompt, continuation)[len(prompt) - 1 : -1]
    return log_p.gather(1, continuation[:, None])[:, 0]  # (T,)


@_likely.mistake
def _surprise(model: GPT, prompt: Tensor, continuation: Tensor) -> float:
    """Your sign is turned round: this is the surprise, the sum of the loss.

    The logarithm of a probability is 0 or below.
    """
    return -log_probability(model, prompt, continuation)


@_likely.mistake
def _mean(model: GPT, prompt: Tensor, continuation: Tensor) -> float:
    """You return the mean a word; the sum is wanted.

    The probability of a text is a product of all its steps.
    """
    return _words(model, prompt, continuation).mean().item()


@_likely.mistake
def _mean_loss(model: GPT, prompt: Tensor, continuation: Tensor) -> float:
    """You return the mean loss a word; the sum of logarithms is wanted.

    Two differences: the sign, and the sum over the words.
    """
    return -_words(model, prompt, continuation).mean().item()


@_likely.mistake
def _loss_of_all(model: GPT, prompt: Tensor, continuation: Tensor) -> float:
    """You return the mean loss of the whole text, prompt included.

    Wanted is the sum of logarithms, over the continuation alone.
    """
    text = torch.cat([prompt, continuation])
    log_p = _log_p(model, prompt, continuation)[:-1]
    return -log_p.gather(1, text[1:, None]).mean().item()


@_likely.mistake
def _one_late(model: GPT, prompt: Tensor, continuation: Tensor) -> float:
    """You read each word's probability at the word itself: one too late.

    Position t is asked for word t + 1. Shift by one.
    """
    log_p = _log_p(model, prompt, continuation)[len(prompt) :]
    return log_p.gather(1, continuation[:, None]).sum().item()


@_likely.mistake
def _prompt_counted(model: GPT, prompt: Tensor, continuation: Tensor) -> float:
    """You sum over the prompt's words, too; it is given.

    Only the continuation's words count.
    """
    text = torch.cat([prompt, continuation])
    log_p = _log_p(model, prompt, continuation)[:-1]
    return log_p.gather(1, text[1:, None]).sum().item()


@_likely.mistake
def _first_missing(model: GPT, prompt: Tensor, continuation: Tensor) -> float:
    """The continuation's first word is missing in your sum.

    The prompt's last token is asked for it.
    """
    return _words(model, prompt, continuation)[1:].sum().item()


@_likely.mistake
def _prompt_unread(model: GPT, prompt: Tensor, continuation: Tensor) -> float:
    """Your model does not read the prompt.

    Hand over both, one after the other: torch.cat([prompt, continuation]).
    """
    log_p = _log_p(model, prompt[:0], continuation)[:-1]
    return log_p.gather(1, continuation[1:, None]).sum().item()


@_likely.mistake
def _last_of_prompt(model: GPT, prompt: Tensor, continuation: Tensor) -> float:
    """Your model reads no more of the prompt than its last token.

    All of it changes what comes next.
    """
    return log_probability(model, prompt[-1:], continuation)


@_likely.mistake
def _scores_summed(model: GPT, prompt: Tensor, continuation: Tensor) -> float:
    """You sum logits; they are no logarithms of probabilities yet.

    log_softmax makes them so.
    """
    with torch.no_grad():
        text = torch.cat([prompt, continuation])
        scores: Tensor = model(text[None, :-1]).logits[0, len(prompt) - 1 :]
    return scores.gather(1, continuation[:, None]).sum().item()


@_likely.mistake
def _over_the_text(model: GPT, prompt: Tensor, continuation: Tensor) -> float:
    """Your softmax goes over the positions, not over the vocabulary.

    The probabilities of all words at one position sum to 1: the last axis.
    """
    with torch.no_grad():
        text = torch.cat([prompt, continuation])
        scores: Tensor = model(text[None, :-1]).logits[0]
    log_p = scores.log_softmax(dim=0)[len(prompt) - 1 :]
    return log_p.gather(1, continuation[:, None]).sum().item()


@_likely.mistake
def _product(model: GPT, prompt: Tensor, continuation: Tensor) -> float:
    """You return the probability; its logarithm is wanted.

    For a long text the product is 0 in float32: sum logarithms instead.
    """
    return _words(model, prompt, continuation).sum().exp().item()


@_likely.mistake
def _sum_of_chances(model: GPT, prompt: Tensor, continuation: Tensor) -> float:
    """You sum probabilities; their logarithms are to be summed.

    The logarithm of a product is a sum of logarithms.
    """
    return _words(model, prompt, continuation).exp().sum().item()


@_likely.mistake
def _bits(model: GPT, prompt: Tensor, continuation: Tensor) -> float:
    """Your result is in bits; nats are wanted.

    The natural logarithm.
    """
    return log_probability(model, prompt, continuation) / math.log(2)


@_likely.mistake
def _most_probable(model: GPT, prompt: Tensor, continuation: Tensor) -> float:
    """You take the most probable word of each step, not the given one.

    Gather the continuation's ids.
    """
    log_p = _log_p(model, prompt, continuation)[len(prompt) - 1 : -1]
    return log_p.max(dim=1).values.sum().item()


@_likely.mistake
def _one_step(model: GPT, prompt: Tensor, continuation: Tensor) -> float:
    """All your words are asked for right after the prompt.

    Each word is given all words before it.
    """
    log_p = _log_p(model, prompt, continuation)[len(prompt) - 1]
    return log_p[continuation].sum().item()


@_likely.mistake
def _a_word_each(model: GPT, prompt: Tensor, continuation: Tensor) -> Any:
    """You return a number for each word; their sum is wanted.

    One float.
    """
    return _words(model, prompt, continuation)
