"""Exercise of chapter 13: the best span."""

from __future__ import annotations

import torch
from torch import Tensor

from transformer_course.checking.exercise import Chapter

EXERCISES = Chapter("13")


def best_span(scores: Tensor, longest: int = 5) -> tuple[int, int]:
    """First and last place of the best span, from scores (T, 2)."""
    start, end = scores.T  # (T,) each
    sums = start[:, None] + end  # (T, T): a row for each start
    allowed = torch.ones_like(sums).bool().triu().tril(longest - 1)
    best = sums.masked_fill(~allowed, -torch.inf).argmax()
    first, last = divmod(int(best), len(scores))
    return first, last


def _rows(*rows: tuple[float, float]) -> Tensor:
    return torch.tensor(rows)


def _random(n: int, seed: int) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return 3 * torch.randn(n, 2, generator=generator)


_span = EXERCISES.exercise(
    best_span,
    label="ex-13-the-best-span",
    level="Standard",
    minutes=20,
    cases=[
        (_rows((1.0, 2.0)), 5),
        (_rows((0.0, 3.0), (2.0, 0.0), (0.5, 1.5)), 5),
        (_rows((0.0, 3.0), (4.0, 2.5), (0.0, 0.0)), 5),
        (_rows((3.0, 0), (0, 0), (0, 0), (0, 0), (0.5, 1), (2, 2.5)), 5),
        (_rows((3.0, 0), (0, 0), (0, 1), (0, 2)), 3),
        (_rows((2.0, 0), (0, 1.0), (0.5, 2.0)), 1),
        *((_random(9, seed), 3) for seed in range(4)),
        *((_random(13, seed), 5) for seed in range(4, 8)),
    ],
    hints=(
        "Which pairs of start and end are allowed? Write down the sum of "
        "scores of every pair, and look only at those.",
        "Make a table of sums (T, T), a row for each start and a column for "
        "each end. The allowed pairs are a band from the diagonal upwards.",
        "sums = scores[:, 0, None] + scores[:, 1]; allowed = "
        "torch.ones_like(sums).bool().triu().tril(longest - 1); fill the rest "
        "with -inf, argmax, and divmod(best, T).",
    ),
)


def _best(scores: Tensor, allowed: Tensor) -> tuple[int, int]:
    sums = scores[:, 0, None] + scores[:, 1]
    best = int(sums.masked_fill(~allowed, -torch.inf).argmax())
    return best // len(scores), best % len(scores)


def _all(scores: Tensor) -> Tensor:
    return torch.ones(len(scores), len(scores)).bool()


@_span.mistake
def _apart(scores: Tensor, longest: int = 5) -> tuple[int, int]:
    """You pick start and end apart: the end may come before the start.

    Compare the sums of pairs, and only of the pairs that are allowed.
    """
    first, last = scores.argmax(dim=0).tolist()
    return first, last


@_span.mistake
def _any_length(scores: Tensor, longest: int = 5) -> tuple[int, int]:
    """Your spans may be longer than `longest`.

    From first to last, both counted, there are at most `longest` tokens.
    """
    return _best(scores, _all(scores).triu())


@_span.mistake
def _one_too_long(scores: Tensor, longest: int = 5) -> tuple[int, int]:
    """Your spans may have one token too many.

    A span from i to j has j - i + 1 tokens: both ends count.
    """
    return _best(scores, _all(scores).triu().tril(longest))


@_span.mistake
def _one_too_short(scores: Tensor, longest: int = 5) -> tuple[int, int]:
    """Your spans are at most longest - 1 tokens long.

    A span from i to j has j - i + 1 tokens, and `longest` are allowed.
    """
    return _best(scores, _all(scores).triu().tril(max(0, longest - 2)))


@_span.mistake
def _never_one_token(scores: Tensor, longest: int = 5) -> tuple[int, int]:
    """Your spans have two tokens or more.

    The end may be the start itself: it must not be before it.
    """
    if len(scores) == 1 or longest == 1:
        return 0, 0
    return _best(scores, _all(scores).triu(1).tril(longest - 1))


@_span.mistake
def _backwards_too(scores: Tensor, longest: int = 5) -> tuple[int, int]:
    """You hold the distance below `longest`, but in both directions.

    The end must not be before the start.
    """
    near = _all(scores).triu(1 - longest).tril(longest - 1)
    return _best(scores, near)


@_span.mistake
def _start_first(scores: Tensor, longest: int = 5) -> tuple[int, int]:
    """You pick the best start and then the best end for it.

    A start with a lower score may have a better end: compare the sums of
    all pairs.
    """
    first = int(scores[:, 0].argmax())
    return first, first + int(scores[first : first + longest, 1].argmax())


@_span.mistake
def _end_first(scores: Tensor, longest: int = 5) -> tuple[int, int]:
    """You pick the best end and then the best start for it.

    Compare the sums of all pairs.
    """
    last = int(scores[:, 1].argmax())
    low = max(0, last - longest + 1)
    return low + int(scores[low : last + 1, 0].argmax()), last


@_span.mistake
def _sorted_ends(scores: Tensor, longest: int = 5) -> tuple[int, int]:
    """You pick start and end apart and exchange them if they are swapped.

    Scores of starts are no scores of ends. Compare the sums of pairs.
    """
    first, last = sorted(scores.argmax(dim=0).tolist())
    return first, last


@_span.mistake
def _columns_exchanged(scores: Tensor, longest: int = 5) -> tuple[int, int]:
    """You read column 0 as the end and column 1 as the start.

    Column 0 has the scores of starts.
    """
    return best_span(scores.flip(1), longest)


@_span.mistake
def _product(scores: Tensor, longest: int = 5) -> tuple[int, int]:
    """You multiply the two scores; their sum is wanted.

    Scores are logarithms of shares: two negative ones make no good span.
    """
    allowed = _all(scores).triu().tril(longest - 1)
    sums = scores[:, 0, None] * scores[:, 1]
    best = int(sums.masked_fill(~allowed, -torch.inf).argmax())
    return best // len(scores), best % len(scores)


@_span.mistake
def _end_not_included(scores: Tensor, longest: int = 5) -> tuple[int, int]:
    """Your end is one place behind the span, as in a slice.

    Wanted is the last place of the span itself.
    """
    first, last = best_span(scores, longest)
    return first, last + 1


@_span.mistake
def _length_given(scores: Tensor, longest: int = 5) -> tuple[int, int]:
    """Your second number is the span's length, not its last place.

    Wanted are the first and the last place.
    """
    first, last = best_span(scores, longest)
    return first, last - first + 1


@_span.mistake
def _always_five(scores: Tensor, longest: int = 5) -> tuple[int, int]:
    """You always allow 5 tokens: `longest` is not used.

    5 is only its default.
    """
    return best_span(scores, 5)


@_span.mistake
def _cut_off(scores: Tensor, longest: int = 5) -> tuple[int, int]:
    """You look for the best span of any length and cut it off.

    The best of the allowed spans may lie elsewhere.
    """
    first, last = _best(scores, _all(scores).triu())
    return first, min(last, first + longest - 1)
