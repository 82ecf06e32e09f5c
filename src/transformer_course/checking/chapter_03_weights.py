"""Exercises of chapter 3: attention of all states at once."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor, nn

from transformer_course.checking.exercise import Chapter, Space

EXERCISES = Chapter("03")


def all_weights(layer: Any, states: Tensor, memory: Tensor) -> Tensor:
    """Weights (B, T_q, T_k) of every state at once."""
    asks = layer.W(states)[:, :, None]  # (B, T_q, 1, d_score)
    asked = layer.U(memory)[:, None]  # (B, 1, T_k, d_score)
    scores = layer.v(torch.tanh(asks + asked)).squeeze(-1)  # (B, T_q, T_k)
    return scores.softmax(dim=-1)  # type: ignore[no-any-return]


class Additive(nn.Module):
    """Additive attention as the chapter builds it."""

    def __init__(self, width: int, d_score: int, seed: int) -> None:
        super().__init__()
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            self.W = nn.Linear(width, d_score, bias=False)
            self.U = nn.Linear(width, d_score, bias=False)
            self.v = nn.Linear(d_score, 1, bias=False)
            for part in (self.W, self.U, self.v):
                nn.init.normal_(part.weight)

    def forward(
        self, s: Tensor, memory: Tensor, cut: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        """Attend from one state (B, d): the context, and the weights."""
        added = self.W(s)[:, None] + self.U(memory)  # (B, T_k, d_score)
        scores = self.v(torch.tanh(added)).squeeze(2)  # (B, T_k)
        if cut is not None:
            scores = scores.masked_fill(cut, -math.inf)
        weights = scores.softmax(dim=1)
        return (weights[:, None] @ memory).squeeze(1), weights


def _cases(_: Space) -> list[tuple[Any, ...]]:
    generator = torch.Generator().manual_seed(3)
    sizes = [(1, 1, 2, 3), (1, 3, 3, 2), (2, 3, 5, 4), (3, 4, 2, 5)]
    return [
        (
            Additive(width, 3, seed=width),
            torch.randn(b, t_q, width, generator=generator),
            torch.randn(b, t_k, width, generator=generator),
        )
        for b, t_q, t_k, width in sizes
    ]


_weights = EXERCISES.exercise(
    all_weights,
    label="ex-03-one-step",
    level="Standard",
    minutes=15,
    cases=_cases,
    hints=(
        "Every state meets every word of the memory. Which shape has the sum "
        "before the tanh?",
        "Give W(states) an axis for the words asked, and U(memory) one for "
        "the states that ask: broadcasting adds all pairs.",
        "layer.W(states)[:, :, None] + layer.U(memory)[:, None] has the shape "
        "(B, T_q, T_k, d_score); then tanh, v, squeeze(-1), softmax over the "
        "last axis.",
    ),
)


def _score(layer: Any, states: Tensor, memory: Tensor) -> Tensor:
    added = layer.W(states)[:, :, None] + layer.U(memory)[:, None]
    scores: Tensor = layer.v(torch.tanh(added)).squeeze(-1)
    return scores


@_weights.mistake
def _over_queries(layer: Any, states: Tensor, memory: Tensor) -> Tensor:
    """Your weights sum to 1 over the queries: you normalized the wrong axis.

    Each state shares out 1 among the words of the memory.
    """
    return _score(layer, states, memory).softmax(dim=1)


@_weights.mistake
def _over_batch(layer: Any, states: Tensor, memory: Tensor) -> Tensor:
    """Your weights sum to 1 over the sentences of the batch.

    The words of the memory are the last axis.
    """
    return _score(layer, states, memory).softmax(dim=0)


@_weights.mistake
def _scores(layer: Any, states: Tensor, memory: Tensor) -> Tensor:
    """You return scores: the softmax is missing.

    Print the sum of a row.
    """
    return _score(layer, states, memory)


@_weights.mistake
def _transposed(layer: Any, states: Tensor, memory: Tensor) -> Tensor:
    """Your result has the words of the memory as rows.

    Wanted is (B, T_q, T_k): a row for each state.
    """
    return all_weights(layer, states, memory).transpose(1, 2)


@_weights.mistake
def _no_tanh(layer: Any, states: Tensor, memory: Tensor) -> Tensor:
    """The tanh is missing: every state has the same weights.

    Without the bend the state adds the same to all scores of its row.
    """
    added = layer.W(states)[:, :, None] + layer.U(memory)[:, None]
    weights: Tensor = layer.v(added).squeeze(-1).softmax(dim=-1)
    return weights


@_weights.mistake
def _exchanged(layer: Any, states: Tensor, memory: Tensor) -> Tensor:
    """W and U are exchanged.

    In the chapter W reads the state that asks, U the memory.
    """
    added = layer.U(states)[:, :, None] + layer.W(memory)[:, None]
    weights: Tensor = layer.v(torch.tanh(added)).squeeze(-1).softmax(dim=-1)
    return weights


@_weights.mistake
def _contexts(layer: Any, states: Tensor, memory: Tensor) -> Tensor:
    """You return contexts, mixtures of the memory.

    The weights themselves are wanted.
    """
    return all_weights(layer, states, memory) @ memory


@_weights.mistake
def _product(layer: Any, states: Tensor, memory: Tensor) -> Tensor:
    """You multiply states and memory; additive attention adds them.

    Look at the first line of AdditiveAttention.forward.
    """
    scores = layer.W(states) @ layer.U(memory).transpose(1, 2)
    weights: Tensor = scores.softmax(dim=-1)
    return weights


@_weights.mistake
def _summed(layer: Any, states: Tensor, memory: Tensor) -> Tensor:
    """You sum the tanh over its numbers: v has no effect.

    v weighs the numbers before they are summed.
    """
    added = layer.W(states)[:, :, None] + layer.U(memory)[:, None]
    weights: Tensor = torch.tanh(added).sum(dim=-1).softmax(dim=-1)
    return weights


@_weights.mistake
def _last_axis_kept(layer: Any, states: Tensor, memory: Tensor) -> Tensor:
    """Your result has a fourth axis, of length 1, and its softmax is all 1.

    v gives one number a pair: squeeze the last axis before the softmax.
    """
    return _score(layer, states, memory)[..., None].softmax(dim=-1)
