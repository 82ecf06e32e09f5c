"""Exercises of chapter 11: what is scored, and two words of many."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812

from transformer_course.checking.exercise import Chapter

EXERCISES = Chapter("11")

Counts = tuple[int, int, float]


def what_is_scored(n_prompt: int, n_answer: int) -> tuple[int, int, float]:
    """Scored words, where the first is asked for, the share of <eos>."""
    n_scored = n_answer + 1  # the answer and <eos>
    return n_scored, n_prompt - 1, 1 / n_scored


_scored = EXERCISES.exercise(
    what_is_scored,
    label="ex-11-what-is-scored",
    level="Warm-up",
    minutes=10,
    cases=[(2, 1), (2, 11), (7, 1), (5, 3), (9, 6)],
    hints=(
        "Write the whole row of tokens for the summary: the prompt, eleven "
        "words, <eos>. Underline what the model has to write.",
        "Scored are the answer's words and <eos>. Each word is asked for at "
        "the word before it: which token stands before the first one?",
        "A + 1 scored words; the first is asked for at the prompt's last "
        "token, and counting starts at 0; all shares are alike.",
    ),
)


@_scored.mistake
def _without_the_end(n_prompt: int, n_answer: int) -> Counts:
    """You do not count <eos> among the scored words.

    The model has to write it, too: who else would stop it?
    """
    return n_answer, n_prompt - 1, 1 / n_answer


@_scored.mistake
def _every_token(n_prompt: int, n_answer: int) -> Counts:
    """You count the tokens of the prompt as scored.

    They are given, not written: a mask leaves them out of the loss.
    """
    n = n_prompt + n_answer + 1
    return n, 0, 1 / n


@_scored.mistake
def _every_word_asked_for(n_prompt: int, n_answer: int) -> Counts:
    """You count all that follows <bos>: the prompt's words are given.

    Scored is what the model has to write: the answer and <eos>.
    """
    n = n_prompt + n_answer
    return n, 0, 1 / n


@_scored.mistake
def _at_the_word_itself(n_prompt: int, n_answer: int) -> Counts:
    """Your position is P: there the first word stands, if 0 is counted.

    It is asked for at the token before it. Or did you count from 1?
    """
    return n_answer + 1, n_prompt, 1 / (n_answer + 1)


@_scored.mistake
def _bos_beside_the_prompt(n_prompt: int, n_answer: int) -> Counts:
    """Your position is one too early.

    P counts <bos> already. Where does the prompt's last token stand, if the
    first one stands at 0?
    """
    return n_answer + 1, n_prompt - 2, 1 / (n_answer + 1)


@_scored.mistake
def _bos_added(n_prompt: int, n_answer: int) -> Counts:
    """Your position is two too late: is <bos> counted twice?

    P counts <bos>, and a word is asked for at the token before it.
    """
    return n_answer + 1, n_prompt + 1, 1 / (n_answer + 1)


@_scored.mistake
def _among_the_scored(n_prompt: int, n_answer: int) -> Counts:
    """Your position counts among the scored words; the input is meant.

    The decoder reads the prompt, too, and that stands in front.
    """
    return n_answer + 1, 0, 1 / (n_answer + 1)


@_scored.mistake
def _share_of_the_words(n_prompt: int, n_answer: int) -> Counts:
    """Your share is that of the words; <eos> has what is left.

    One of the scored words is <eos>.
    """
    return n_answer + 1, n_prompt - 1, n_answer / (n_answer + 1)


@_scored.mistake
def _share_of_the_row(n_prompt: int, n_answer: int) -> Counts:
    """Your share divides by all tokens; the loss is a mean over the scored.

    How many are these?
    """
    return n_answer + 1, n_prompt - 1, 1 / (n_prompt + n_answer + 1)


@_scored.mistake
def _share_in_percent(n_prompt: int, n_answer: int) -> Counts:
    """Your share is in percent; a number from 0 to 1 is wanted.

    Divide by 100.
    """
    return n_answer + 1, n_prompt - 1, 100 / (n_answer + 1)


@_scored.mistake
def _nothing_for_the_end(n_prompt: int, n_answer: int) -> Counts:
    """You give <eos> no share of the loss.

    It is scored like each word of the answer.
    """
    return n_answer + 1, n_prompt - 1, 0.0


def first_of_two(hidden: Tensor, first: Tensor, second: Tensor) -> Tensor:
    """Float (B,): probability of the first of two words; rows (D,)."""
    return torch.sigmoid(hidden @ (first - second))


def _random(n: int, width: int, size: float) -> tuple[Tensor, ...]:
    generator = torch.Generator().manual_seed(n * width)
    hidden = size * torch.randn(n, width, generator=generator)
    rows = torch.randn(2, width, generator=generator)
    return hidden, rows[0], rows[1]


PAGE = (
    torch.tensor([[1.0, 2.0]]),
    torch.tensor([0.5, 1.0]),
    torch.tensor([1.0, -0.5]),
)

_two = EXERCISES.exercise(
    first_of_two,
    label="ex-11-two-words",
    level="Standard",
    minutes=15,
    cases=[PAGE, _random(3, 4, 1), _random(5, 3, 1), _random(4, 6, 100)],
    hints=(
        "What is the score of one word? Which two scores does a softmax over "
        "these two words alone need?",
        "The scores are hidden @ first and hidden @ second, (B,) each. A "
        "softmax of two is the sigmoid of a difference.",
        "torch.sigmoid(hidden @ (first - second)); on the page it is 0.924.",
    ),
)


def _scores(hidden: Tensor, first: Tensor, second: Tensor) -> Tensor:
    return hidden @ torch.stack([first, second], dim=1)  # (B, 2)


@_two.mistake
def _the_second(hidden: Tensor, first: Tensor, second: Tensor) -> Tensor:
    """You return the probability of the second word.

    The first one's is wanted: which score is taken from which?
    """
    return first_of_two(hidden, second, first)


@_two.mistake
def _difference(hidden: Tensor, first: Tensor, second: Tensor) -> Tensor:
    """You return the difference of the scores, not a probability.

    What makes a number between 0 and 1 of it?
    """
    return hidden @ (first - second)


@_two.mistake
def _one_score(hidden: Tensor, first: Tensor, second: Tensor) -> Tensor:
    """Your result is the sigmoid of the first score alone.

    The second word's score belongs into it: only their difference counts.
    """
    return torch.sigmoid(hidden @ first)


@_two.mistake
def _sum_of_rows(hidden: Tensor, first: Tensor, second: Tensor) -> Tensor:
    """You add the two rows; their difference is wanted.

    A softmax does not change if both scores grow by the same.
    """
    return torch.sigmoid(hidden @ (first + second))


@_two.mistake
def _share(hidden: Tensor, first: Tensor, second: Tensor) -> Tensor:
    """You divide a score by the sum of scores: exp is missing.

    Scores may be negative. Softmax first takes exp of each.
    """
    scores = _scores(hidden, first, second)
    return scores[:, 0] / scores.sum(dim=1)


@_two.mistake
def _infinite(hidden: Tensor, first: Tensor, second: Tensor) -> Tensor:
    """Your result is NaN where a score is large: exp runs over.

    Otherwise it is right. torch.sigmoid and softmax take care of that.
    """
    scores = _scores(hidden, first, second).exp()
    return scores[:, 0] / scores.sum(dim=1)


@_two.mistake
def _both(hidden: Tensor, first: Tensor, second: Tensor) -> Tensor:
    """You return both probabilities, (B, 2); the first's are wanted, (B,).

    Take one column.
    """
    return _scores(hidden, first, second).softmax(dim=1)


@_two.mistake
def _over_the_batch(hidden: Tensor, first: Tensor, second: Tensor) -> Tensor:
    """Your softmax goes over the batch, not over the two words.

    Each example has two scores of its own, and these two compete.
    """
    return _scores(hidden, first, second).softmax(dim=0)[:, 0]


@_two.mistake
def _logarithm(hidden: Tensor, first: Tensor, second: Tensor) -> Tensor:
    """You return the logarithm of the probability.

    Take exp of it, or use sigmoid in the place of logsigmoid.
    """
    return F.logsigmoid(hidden @ (first - second))


@_two.mistake
def _decided(hidden: Tensor, first: Tensor, second: Tensor) -> Tensor:
    """You decide for one of the words: 0 or 1.

    The probability is wanted, not the choice.
    """
    return (hidden @ (first - second) > 0).float()


@_two.mistake
def _scaled(hidden: Tensor, first: Tensor, second: Tensor) -> Tensor:
    """You divide the scores by the root of D; that belongs to attention.

    The score of a word is the dot product as it is.
    """
    return torch.sigmoid(hidden @ (first - second) / len(first) ** 0.5)


@_two.mistake
def _mean(hidden: Tensor, first: Tensor, second: Tensor) -> Tensor:
    """You return one number, the mean; one for each example is wanted.

    The shape is (B,).
    """
    return first_of_two(hidden, first, second).mean()
