"""Exercises of chapter 7: masks."""

from __future__ import annotations

import torch
from torch import Tensor

from transformer_course.checking.exercise import Chapter

EXERCISES = Chapter("07")


def window_mask(n_positions: int, width: int) -> Tensor:
    """Bool (T, T), True = may attend: the last `width` words, itself last."""
    place = torch.arange(n_positions)  # (T,)
    back = place[:, None] - place  # (T, T): how far the asked word lies back
    return (back >= 0) & (back < width)


_window = EXERCISES.exercise(
    window_mask,
    label="ex-07-a-short-memory",
    level="Warm-up",
    minutes=10,
    cases=[(1, 1), (2, 1), (3, 2), (5, 3), (4, 4), (4, 7)],
    hints=(
        "Write the 4 × 4 mask for width 2 on paper first. How many True has "
        "the first row, how many the third?",
        "For row t and column s, how far back is s? It is t - s. For which "
        "values of t - s is the answer True? There are two conditions.",
        "With place = torch.arange(n_positions), the distances are "
        "place[:, None] - place. They must be at least 0 and below width.",
    ),
)


def _back(n_positions: int) -> Tensor:
    place = torch.arange(n_positions)
    return place[:, None] - place


@_window.mistake
def _inside_out(n_positions: int, width: int) -> Tensor:
    """Your mask is inside out: True stands where attention is forbidden.

    In this book True means "may attend". Every word may attend to itself:
    what does your mask say on its diagonal?
    """
    return ~window_mask(n_positions, width)


@_window.mistake
def _both_sides(n_positions: int, width: int) -> Tensor:
    """Your window opens to both sides: words see the future.

    Look at the first row: which words has the first word before it?
    """
    return _back(n_positions).abs() < width


@_window.mistake
def _itself_extra(n_positions: int, width: int) -> Tensor:
    """Your window is one word too wide.

    The word itself counts as one of the `width` words. Count the True of
    the last row.
    """
    back = _back(n_positions)
    return (back >= 0) & (back <= width)


@_window.mistake
def _one_too_few(n_positions: int, width: int) -> Tensor:
    """Your window is one word too narrow.

    With width 1 a word still sees itself. Count the True of the last row.
    """
    back = _back(n_positions)
    return (back >= 0) & (back < width - 1)


@_window.mistake
def _without_itself(n_positions: int, width: int) -> Tensor:
    """Your words see `width` words before them, but not themselves.

    The docstring says: itself last. What stands on the diagonal?
    """
    back = _back(n_positions)
    return (back >= 1) & (back <= width)


@_window.mistake
def _causal_alone(n_positions: int, width: int) -> Tensor:
    """Your mask is the causal one: `width` has no effect.

    A window forgets, too. Which words lie too far back?
    """
    return _back(n_positions) >= 0


@_window.mistake
def _open_to_the_future(n_positions: int, width: int) -> Tensor:
    """Your window bars words too far back, but lets in the whole future.

    Two conditions are needed, one for each side.
    """
    return _back(n_positions) < width


@_window.mistake
def _forward(n_positions: int, width: int) -> Tensor:
    """Your window looks forward: rows and columns are exchanged.

    Row t says what word t may attend to. Which words does row 0 let in?
    """
    return window_mask(n_positions, width).T


@_window.mistake
def _only_the_farthest(n_positions: int, width: int) -> Tensor:
    """Your mask lets in one word a row: the farthest of the window.

    The window holds all words from there up to the word itself.
    """
    return _back(n_positions) == width - 1


@_window.mistake
def _blocks(n_positions: int, width: int) -> Tensor:
    """Your words are cut into blocks of `width`, each a memory of its own.

    The window moves with the word: it always holds `width` words, except
    at the start.
    """
    block = torch.arange(n_positions) // width
    return (block[:, None] == block) & (_back(n_positions) >= 0)


@_window.mistake
def _itself_alone(n_positions: int, width: int) -> Tensor:
    """Your words see nothing but themselves.

    `width` says how many words the window holds.
    """
    return torch.eye(n_positions, dtype=torch.bool)


def has_nothing(pad_mask: Tensor) -> Tensor:
    """Bool (B, T) from a padding mask (B, T), True = real."""
    real_so_far = pad_mask.cumsum(dim=1)  # (B, T): itself included
    return real_so_far == 0


_REAL = [
    [[1]],
    [[0]],
    [[1, 1, 0]],
    [[0, 1, 1]],
    [[0, 1, 0, 1], [1, 0, 0, 0]],
    [[0, 0, 1, 1, 0], [0, 0, 0, 0, 0], [1, 1, 1, 1, 1]],
]

_nothing = EXERCISES.exercise(
    has_nothing,
    label="ex-07-who-has-nothing",
    level="Standard",
    minutes=10,
    cases=[(torch.tensor(rows).bool(),) for rows in _REAL],
    hints=(
        "A position may attend to itself and to what stands before it, if "
        "it is real. When is there none of these?",
        "Try the row [padding, word, padding, word]. Only its first place "
        "has nothing: the third still sees the word before it.",
        "Count the real words up to and with each place: a running sum, "
        "torch.cumsum, along the words. Where is it 0?",
    ),
)


@_nothing.mistake
def _every_padding(pad_mask: Tensor) -> Tensor:
    """You name every padding place, but padding at the end sees words.

    A padding place after a word may attend to that word. The mask says who
    is attended to, not who asks.
    """
    return ~pad_mask


@_nothing.mistake
def _has_something(pad_mask: Tensor) -> Tensor:
    """Your result is inside out: True where there is something to see.

    Read the function's name once more.
    """
    return ~has_nothing(pad_mask)


@_nothing.mistake
def _future(pad_mask: Tensor) -> Tensor:
    """You count the words from each place on: that is the future.

    Under the causal mask a place sees itself and what stands before it.
    """
    return pad_mask.flip(1).cumsum(dim=1).flip(1) == 0


@_nothing.mistake
def _whole_row(pad_mask: Tensor) -> Tensor:
    """You find sentences of padding alone: the causal mask is forgotten.

    With padding in front, the first places have nothing, although there are
    words later in the sentence.
    """
    return ~pad_mask.any(dim=1, keepdim=True).expand_as(pad_mask)


@_nothing.mistake
def _not_itself(pad_mask: Tensor) -> Tensor:
    """You leave out the place itself: a first word would have nothing.

    The causal mask is True on its diagonal.
    """
    return pad_mask.cumsum(dim=1) - pad_mask.long() == 0


@_nothing.mistake
def _over_the_batch(pad_mask: Tensor) -> Tensor:
    """You sum over the sentences of the batch, not over the words.

    Axis 0 is the batch, B; the words are axis 1, T.
    """
    return pad_mask.cumsum(dim=0) == 0


@_nothing.mistake
def _neighbour(pad_mask: Tensor) -> Tensor:
    """You look at the place and its neighbour alone.

    Any real word before the place will do, however far back.
    """
    before = torch.zeros_like(pad_mask)
    before[:, 1:] = pad_mask[:, :-1]
    return ~pad_mask & ~before


@_nothing.mistake
def _one_a_sentence(pad_mask: Tensor) -> Tensor:
    """You give one answer a sentence; wanted is one for every place.

    The result has the shape of the padding mask, (B, T).
    """
    return ~pad_mask.any(dim=1)


@_nothing.mistake
def _some_padding(pad_mask: Tensor) -> Tensor:
    """You find places with some padding at or before them.

    One real word is enough to attend to.
    """
    return (~pad_mask).cumsum(dim=1) > 0


def repaired(scores: Tensor, mask: Tensor) -> Tensor:
    """Softmax first, mask second, then one division; (T, T)."""
    weights = scores.softmax(dim=-1) * mask  # rows sum to less than 1
    return weights / weights.sum(dim=-1, keepdim=True)


def _scores(n: int, seed: int) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(n, n, dtype=torch.float64, generator=generator)


_UNEVEN = torch.tensor([[1, 0, 1], [0, 1, 1], [1, 1, 0]]).bool()

_repaired = EXERCISES.exercise(
    repaired,
    label="ex-07-late-but-right",
    level="Standard",
    minutes=15,
    cases=[
        (_scores(2, 0), torch.ones(2, 2).bool().tril()),
        (_scores(3, 1), torch.ones(3, 3).bool().tril()),
        (_scores(3, 2), _UNEVEN),
        (_scores(5, 3), torch.ones(5, 5).bool().tril()),
    ],
    hints=(
        "What should each row of weights sum to, and what does it sum to "
        "once some weights are set to 0?",
        "Divide each row by what is missing. Which axis does a row's sum "
        "run over, and how do you keep it for broadcasting?",
        "weights = scores.softmax(dim=-1) * mask, then divide by "
        "weights.sum(dim=-1, keepdim=True).",
    ),
)


@_repaired.mistake
def _no_division(scores: Tensor, mask: Tensor) -> Tensor:
    """Your rows sum to less than 1: the division is missing or too early.

    Print the sums of the rows after the mask. What is lost must be given
    back to those that stay.
    """
    return scores.softmax(dim=-1) * mask


@_repaired.mistake
def _columns(scores: Tensor, mask: Tensor) -> Tensor:
    """You divide by the sums of the columns: the rows do not sum to 1.

    A row belongs to the word that asks. Which axis is summed away?
    """
    weights = scores.softmax(dim=-1) * mask
    return weights / weights.sum(dim=0, keepdim=True)


@_repaired.mistake
def _no_keepdim(scores: Tensor, mask: Tensor) -> Tensor:
    """Each of your columns is divided by the sum of a row.

    Sums of shape (T,) are broadcast along the rows. Give them the shape
    (T, 1), so that each row meets its own sum.
    """
    weights = scores.softmax(dim=-1) * mask
    return weights / weights.sum(dim=-1)


@_repaired.mistake
def _softmax_over_queries(scores: Tensor, mask: Tensor) -> Tensor:
    """Your softmax runs over the queries: you normalized the wrong axis.

    Before the mask, each row should sum to 1. Do yours, or do the columns?
    """
    weights = scores.softmax(dim=0) * mask
    return weights / weights.sum(dim=-1, keepdim=True)


@_repaired.mistake
def _all_over_queries(scores: Tensor, mask: Tensor) -> Tensor:
    """Your columns sum to 1: softmax and division run over the queries.

    The weights of one asking word, a row, share out 1.
    """
    weights = scores.softmax(dim=0) * mask
    return weights / weights.sum(dim=0, keepdim=True)


@_repaired.mistake
def _by_the_total(scores: Tensor, mask: Tensor) -> Tensor:
    """You divide by the sum of all weights: the whole table sums to 1.

    Every row must sum to 1 by itself.
    """
    weights = scores.softmax(dim=-1) * mask
    return weights / weights.sum()


@_repaired.mistake
def _softmax_again(scores: Tensor, mask: Tensor) -> Tensor:
    """You take a second softmax: the forbidden zeros get weight again.

    The softmax of 0 is not 0. The exercise asks for one division.
    """
    return (scores.softmax(dim=-1) * mask).softmax(dim=-1)


@_repaired.mistake
def _mask_inverted(scores: Tensor, mask: Tensor) -> Tensor:
    """You keep what is forbidden: the mask is taken inside out.

    True means "may attend": these weights stay.
    """
    weights = scores.softmax(dim=-1) * ~mask
    return weights / weights.sum(dim=-1, keepdim=True)


@_repaired.mistake
def _no_mask(scores: Tensor, mask: Tensor) -> Tensor:
    """Your weights are those without any mask.

    Something is computed with the mask, perhaps, but not used.
    """
    return scores.softmax(dim=-1)


@_repaired.mistake
def _by_the_count(scores: Tensor, mask: Tensor) -> Tensor:
    """You divide by how many words are allowed.

    Divide by how much weight they have: the sum of the weights that stay.
    """
    weights = scores.softmax(dim=-1) * mask
    return weights / mask.sum(dim=-1, keepdim=True)


@_repaired.mistake
def _zero_scores(scores: Tensor, mask: Tensor) -> Tensor:
    """You set scores to 0 where they are forbidden: that is still a score.

    A score of 0 has weight exp(0) = 1 before it is shared out.
    """
    return (scores * mask).softmax(dim=-1)


@_repaired.mistake
def _no_softmax(scores: Tensor, mask: Tensor) -> Tensor:
    """You divide the scores themselves: the softmax is missing.

    Scores may be negative; weights may not.
    """
    kept = scores * mask
    return kept / kept.sum(dim=-1, keepdim=True)
