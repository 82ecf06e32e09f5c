"""The stretch exercise of chapter 7: a detector of leaks."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor, nn

from transformer_course.checking.exercise import Chapter, Space

EXERCISES = Chapter("07")


def leaks(
    model: Callable[[Tensor], Tensor], n_positions: int, vocab_size: int
) -> set[tuple[int, int]]:
    """Pairs (t, s), s > t, in which word s moves output t."""
    generator = torch.Generator().manual_seed(0)
    size = (8, n_positions)
    token_ids = torch.randint(vocab_size, size, generator=generator)
    found = set()
    with torch.no_grad():
        before = model(token_ids)  # (B, T, D)
        for s in range(n_positions):
            changed = token_ids.clone()
            changed[:, s] = (changed[:, s] + 1) % vocab_size
            moved = (model(changed) - before).abs().amax(dim=(0, 2))  # (T,)
            found |= {(t, s) for t in range(s) if moved[t] > 1e-6}
    return found


class Mixer(nn.Module):
    """Output t is a known mixture of the words, in known proportions."""

    def __init__(self, shares: Iterable[Iterable[float]]) -> None:
        super().__init__()
        generator = torch.Generator().manual_seed(7)
        self.register_buffer("shares", torch.tensor(shares))
        self.register_buffer("table", torch.randn(11, 3, generator=generator))

    def forward(self, token_ids: Tensor) -> Tensor:
        """Mix: (B, T) ids to (B, T, 3)."""
        n = token_ids.shape[1]
        shares, table = self.get_buffer("shares"), self.get_buffer("table")
        mixed: Tensor = shares[:n, :n] @ table[token_ids]
        return mixed


def _models(_: Space) -> list[tuple[Any, ...]]:
    ones = torch.ones(5, 5)
    one_leak, weak, blind = ones.tril(), ones.tril(), torch.eye(5)
    one_leak[1, 4] = 1.0
    weak[0, 2] = weak[2, 3] = 0.01
    blind[3, 1] = blind[0, 3] = 1.0
    tables = (ones.tril(), one_leak, ones.tril(1), weak, ones, blind)
    return [(Mixer(table.tolist()), 5, 11) for table in tables]


_leaks = EXERCISES.exercise(
    leaks,
    label="ex-07-a-detector",
    level="Stretch",
    minutes=30,
    cases=_models,
    view=lambda found: {(int(t), int(s)) for t, s in found},
    wanted="a set of pairs of numbers (t, s), s > t: word s moves output t",
    hints=(
        "Change one word of the input and nothing else. Which outputs should "
        "stay exactly as they are under a causal mask?",
        "For each s: run the model on ids and on a copy in which word s is "
        "another word. Every t < s whose vector moved is a leak.",
        "Take the largest difference over batch and features, "
        "(after - before).abs().amax(dim=(0, 2)), and add (t, s) for every "
        "t < s where it is above a small number such as 1e-6.",
    ),
)


def _moved(model: Any, n: int) -> Tensor:
    """Bool (T, T): output t, row, is moved by word s, column."""
    moved: Tensor = model.shares[:n, :n] != 0
    return moved


def _pairs(table: Tensor) -> set[tuple[int, int]]:
    return {(int(t), int(s)) for t, s in table.nonzero()}


@_leaks.mistake
def _exchanged(model: Any, n: int, size: int) -> set[tuple[int, int]]:
    """Your pairs are exchanged: (s, t) instead of (t, s).

    The output comes first, then the later word that moves it.
    """
    return {(s, t) for t, s in _pairs(_moved(model, n).triu(1))}


@_leaks.mistake
def _past_too(model: Any, n: int, size: int) -> set[tuple[int, int]]:
    """You also name words of the past, which may move an output.

    A leak comes from the future: s > t.
    """
    return _pairs(_moved(model, n))


@_leaks.mistake
def _past_but_not_itself(model: Any, n: int, size: int) -> Any:
    """You name all words that move an output, those of the past, too.

    A leak comes from the future: s > t.
    """
    return _pairs(_moved(model, n) & ~torch.eye(n).bool())


@_leaks.mistake
def _itself(model: Any, n: int, size: int) -> set[tuple[int, int]]:
    """You also name a word that moves its own output.

    That is no leak: only s > t counts.
    """
    return _pairs(_moved(model, n).triu(0))


@_leaks.mistake
def _next_alone(model: Any, n: int, size: int) -> set[tuple[int, int]]:
    """You find leaks from the next word alone.

    Word s may move any earlier output, not only the one before it.
    """
    return _pairs(_moved(model, n).triu(1).tril(1))


@_leaks.mistake
def _past_alone(model: Any, n: int, size: int) -> set[tuple[int, int]]:
    """You name the words of the past; a leak comes from the future.

    Under a causal mask a word may move later outputs. Look at the sign of
    your comparison of t and s.
    """
    return _pairs(_moved(model, n).tril(-1))


@_leaks.mistake
def _nothing_found(model: Any, n: int, size: int) -> set[tuple[int, int]]:
    """You find no leak in any model, not even without a mask.

    Are the two inputs really different? A copy made by = is no copy, and
    the last output alone has no future.
    """
    return set()


@_leaks.mistake
def _all_later(model: Any, n: int, size: int) -> set[tuple[int, int]]:
    """You find which outputs leak, but blame every later word.

    Cutting off or changing all later words at once does not tell which of
    them moved the output. Change one word at a time.
    """
    leaky = _moved(model, n).triu(1).any(dim=1)  # (T,)
    return _pairs(leaky[:, None] & torch.ones(n, n).bool().triu(1))


@_leaks.mistake
def _only_large(model: Any, n: int, size: int) -> set[tuple[int, int]]:
    """You miss weak leaks: your threshold is too large.

    An output that may not depend on a word does not move at all, up to
    rounding. A leak of one percent is still a leak.
    """
    return _pairs((model.shares[:n, :n] > 0.1).triu(1))
