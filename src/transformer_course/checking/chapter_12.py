"""Exercises of chapter 12: the floor of a loss, and a beam that loses."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor, nn

from transformer_course import generation
from transformer_course.checking.exercise import Chapter

EXERCISES = Chapter("12")


def least_loss(epsilon: float, vocab_size: int) -> float:
    """Entropy of a smoothed target, in nats."""
    other = epsilon / vocab_size
    target = [1 - epsilon + other] + [other] * (vocab_size - 1)
    return -sum(q * math.log(q) for q in target if q > 0)


def _term(q: float) -> float:
    return -q * math.log(q) if q > 0 else 0.0


_least = EXERCISES.exercise(
    least_loss,
    label="ex-12-smooth-it-further",
    level="Warm-up",
    minutes=10,
    cases=[(0.1, 4), (0.1, 61), (0.3, 5), (1.0, 7), (0.0, 11)],
    hints=(
        "The loss is least where the model's probabilities are the target. "
        "Which number does the target give the right word, and which number "
        "each other one?",
        "q is 1 - epsilon + epsilon / V for one word and epsilon / V for "
        "V - 1 words. Try epsilon = 0.1 and V = 4: the page has 0.349.",
        "-q ln q of the right word, plus V - 1 times the same of one other. "
        "Where q is 0, leave the term out: math.log(0) raises.",
    ),
)


@_least.mistake
def _others_share_all(epsilon: float, vocab_size: int) -> float:
    """You spread epsilon over the other words alone.

    The page spreads it over all V words; the right one gets a part back.
    """
    other = epsilon / (vocab_size - 1)
    return _term(1 - epsilon) + (vocab_size - 1) * _term(other)


@_least.mistake
def _part_not_given_back(epsilon: float, vocab_size: int) -> float:
    """Your target does not sum to 1: the right word lacks its epsilon / V.

    All V words share epsilon, the right one, too.
    """
    other = epsilon / vocab_size
    return _term(1 - epsilon) + (vocab_size - 1) * _term(other)


@_least.mistake
def _one_too_many(epsilon: float, vocab_size: int) -> float:
    """You count V other words; beside the right one there are V - 1.

    What do your probabilities sum to?
    """
    other = epsilon / vocab_size
    return _term(1 - epsilon + other) + vocab_size * _term(other)


@_least.mistake
def _one_other_word(epsilon: float, vocab_size: int) -> float:
    """You count one other word; there are V - 1 of them.

    What do your probabilities sum to?
    """
    other = epsilon / vocab_size
    return _term(1 - epsilon + other) + _term(other)


@_least.mistake
def _right_word_alone(epsilon: float, vocab_size: int) -> float:
    """You count the term of the right word alone.

    The other words have a target above 0, and each gives a term.
    """
    return _term(1 - epsilon + epsilon / vocab_size)


@_least.mistake
def _not_weighted(epsilon: float, vocab_size: int) -> float:
    """This is -ln q of the right word, not weighted by its target.

    Each word's log-probability counts with its target, and all are summed.
    """
    return -math.log(1 - epsilon + epsilon / vocab_size)


@_least.mistake
def _hard_target(epsilon: float, vocab_size: int) -> float:
    """This is the loss of a model that is sure by 1 - epsilon: -ln of that.

    The least smoothed loss is the entropy of the target itself.
    """
    return -math.log(1 - epsilon) if epsilon < 1 else math.inf


@_least.mistake
def _log_of_zero(epsilon: float, vocab_size: int) -> float:
    """Your function fails for epsilon = 0: it takes the logarithm of 0.

    Otherwise it is right. 0 ln 0 counts as 0: leave such terms out.
    """
    if epsilon == 0:
        raise ValueError("math domain error")
    return least_loss(epsilon, vocab_size)


@_least.mistake
def _nan_at_zero(epsilon: float, vocab_size: int) -> float:
    """Your result is NaN for epsilon = 0: it comes from 0 times -inf.

    Otherwise it is right. 0 ln 0 counts as 0: leave such terms out.
    """
    return math.nan if epsilon == 0 else least_loss(epsilon, vocab_size)


def table_that_fools_two() -> list[list[float]]:
    """Next-word probabilities (9, 9), as in the chapter's table."""
    rows = [[0.0] * 9 for _ in range(9)]
    rows[1][2:5] = [0.4, 0.35, 0.25]  # la, le, pizza: the last is sure
    rows[2][5:7] = [0.5, 0.5]
    rows[3][7:9] = [0.5, 0.5]
    rows[4][8] = 1.0
    for noun in range(5, 9):
        rows[noun][0] = 1.0
    return rows


END, BOS, LONGEST = 0, 1, 3


class _Table:
    """The chapter's decoder whose next word depends on the last alone."""

    model: nn.Module = nn.Identity()
    max_seq_len: int | None = None

    def __init__(self, table: Tensor) -> None:
        self.logits = table.log()  # (V, V)

    def begin(self) -> None:
        """Keep nothing."""

    def feed(self, new_ids: Tensor) -> Tensor:
        """Score the next word: (B, T) to (B, V)."""
        return self.logits[new_ids[:, -1]]

    def select(self, rows: Tensor) -> None:
        """Keep nothing."""


def _found(table: Tensor, width: int) -> float:
    """Probability of the sentence that a beam finds."""
    beams = generation.beam_search(
        _Table(table),
        torch.tensor([[BOS]]),
        max_new_tokens=LONGEST,
        beam_width=width,
        alpha=0,
        eos_id=END,
    )
    return beams.scores[0, 0].exp().item()


def _largest(table: Tensor) -> float:
    """Probability of the best sentence of at most three tokens."""
    going, best = table[BOS].clone(), 0.0
    for _ in range(LONGEST):
        best = max(best, going[END].item())
        going[END] = 0
        going = (going[:, None] * table).amax(dim=0)  # (V,)
    return best


def _beams(result: Any) -> str:
    """Say what beams of two and of three make of a table."""
    table = torch.as_tensor(result, dtype=torch.float32).clone()
    if table.shape != (9, 9):
        return f"a table of shape {tuple(table.shape)}"
    sums = table.sum(dim=1)
    whole = ((sums - 1).abs() < 1e-3) | (sums == 0)
    if (table < 0).any() or not whole.all() or sums[BOS] == 0:
        return "no probabilities"
    empty = sums == 0
    if (empty & (table.sum(dim=0) > 0))[1:].any():
        return "no sentence ends"
    table[empty, END] = 1.0  # never asked; a row of -inf has no softmax
    best = _largest(table)
    if best == 0:
        return "no sentence ends"
    two, three = (_found(table, w) > best * (1 - 1e-4) for w in (2, 3))
    return f"two finds it: {two}, three finds it: {three}"


_fools = EXERCISES.exercise(
    table_that_fools_two,
    label="ex-12-a-beam-that-loses",
    level="Standard",
    minutes=20,
    cases=[()],
    view=_beams,
    wanted="9 rows of 9 probabilities, each row of sum 1 (or 0, if nothing "
    "follows): a beam of 2 misses the likeliest sentence, one of 3 finds it",
    hints=(
        "What does a beam of two throw away after the first word? Give the "
        "best sentence a beginning that is thrown away.",
        "Three first words: the best sentence begins with the third. Its "
        "continuation must make up for that, those of the others must not.",
        "First words .4, .35, .25. After the third one word is sure (1.0): "
        ".25 together. After the first two, split the continuation in "
        "halves: .20 and .175.",
    ),
)


@_fools.mistake
def _two_finds_it() -> list[list[float]]:
    """A beam of two finds your most probable sentence.

    It must be thrown away early: after the first word, two other beginnings
    must be more probable than its own.
    """
    rows = table_that_fools_two()
    rows[1][2:5] = [0.6, 0.4, 0.0]
    rows[2][5:7], rows[3][7:9] = [0.5, 0.5], [0.9, 0.1]
    return rows


@_fools.mistake
def _three_misses_it() -> list[list[float]]:
    """A beam of three misses your most probable sentence, too.

    Its beginning must be among the best three at every step: how many
    beginnings are more probable after the first word?
    """
    rows = table_that_fools_two()
    rows[1] = [0.0, 0, 0.27, 0.26, 0.22, 0.25, 0, 0, 0]
    rows[5] = [0.0, 0, 0, 0, 0, 0, 0.5, 0.5, 0]
    return rows


@_fools.mistake
def _no_shares() -> list[list[float]]:
    """A row of yours does not sum to 1.

    Each row holds the probabilities of all words that may come next.
    """
    rows = table_that_fools_two()
    rows[1][2:5] = [0.6, 0.4, 0.3]
    return rows


@_fools.mistake
def _never_ends() -> list[list[float]]:
    """No sentence of your table ends: <end> is never probable.

    The chapter's nouns have 1.0 in column 0.
    """
    rows = table_that_fools_two()
    for noun in range(5, 9):
        rows[noun] = [0.0] * 9
    return rows


@_fools.mistake
def _first_words_alone() -> list[float]:
    """You return one row; Table wants all nine.

    Row i holds the probabilities of the words after word i.
    """
    return table_that_fools_two()[1]
