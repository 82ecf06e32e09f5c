"""Exercises of chapter 6: several heads."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor, nn

from transformer_course.checking.exercise import Chapter, Space

EXERCISES = Chapter("06")


def softer_heads() -> list[float]:
    """Outputs of head 1 and head 2 for the queries -1 and 1."""
    keys, values = [-1, 0, 1], [2, 1, 0]  # where and what; Squatch first
    outputs = []
    for query in (-1, 1):
        powers = [math.exp(query * key) for key in keys]
        weights = [power / sum(powers) for power in powers]
        mixed = zip(weights, values, strict=True)
        outputs.append(sum(w * v for w, v in mixed))
    return outputs


_softer = EXERCISES.exercise(
    softer_heads,
    label="ex-06-two-heads",
    level="Warm-up",
    minutes=10,
    cases=[()],
    atol=3e-3,
    hints=(
        "Only the queries change. Keys (where) and values (what) stay those "
        "of the example.",
        "Head 1 asks with -1: its scores with Squatch, eats, pizza are 1, 0 "
        "and -1. Take the softmax of these three.",
        "The weights are 0.665, 0.245, 0.090. Mix the values 2, 1, 0 with "
        "them; head 2 has the same weights in reverse order.",
    ),
)


def _heads(scores: list[float], values: list[float]) -> list[float]:
    both = torch.tensor([scores, scores[::-1]]).softmax(dim=-1)  # (2, 3)
    return (both @ torch.tensor(values)).tolist()


@_softer.mistake
def _old_queries() -> list[float]:
    """These are the outputs of the old queries, -2 and 2.

    What becomes of the scores if the query is half as large?
    """
    return _heads([2.0, 0.0, -2.0], [2.0, 1.0, 0.0])


@_softer.mistake
def _keys_mixed() -> list[float]:
    """You mix the keys, where; mixed are the values, what.

    Keys are compared with the query. What comes out is made of the values
    2, 1, 0.
    """
    return _heads([1.0, 0.0, -1.0], [-1.0, 0.0, 1.0])


@_softer.mistake
def _one_head_twice() -> list[float]:
    """Both outputs of yours are those of one head.

    Head 2 asks with 1, not with -1.
    """
    return [softer_heads()[0]] * 2


@_softer.mistake
def _exchanged() -> list[float]:
    """The heads are exchanged, or the sentence is.

    Head 1 asks with -1, and Squatch stands first.
    """
    return softer_heads()[::-1]


@_softer.mistake
def _divided_by_root() -> list[float]:
    """You divide by the root of 2.

    The divisor is the root of a head's width. How wide is a head here?
    """
    root = math.sqrt(2)
    return _heads([1 / root, 0.0, -1 / root], [2.0, 1.0, 0.0])


@_softer.mistake
def _old_halved() -> list[float]:
    """You halve the old outputs.

    The softmax is no straight line: go back to the scores.
    """
    return [x / 2 for x in _old_queries()]


@_softer.mistake
def _half_way() -> list[float]:
    """You take the old outputs half way to the middle, as on a straight line.

    The softmax is none: half the query does not move the output half as far.
    Go back to the scores.
    """
    return [1 + (x - 1) / 2 for x in _old_queries()]


@_softer.mistake
def _weights() -> list[float]:
    """These are weights on Squatch, not outputs.

    Each head's output mixes the values 2, 1, 0 with its three weights.
    """
    shares = torch.tensor([1.0, 0.0, -1.0]).softmax(dim=0).tolist()
    return [shares[0], shares[2]]


@_softer.mistake
def _no_softmax() -> list[float]:
    """You mix the values with scores: the softmax is missing.

    Weights are positive and sum to 1.
    """
    return [2.0, -2.0]


@_softer.mistake
def _equal() -> list[float]:
    """Both your heads fetch the plain mean.

    The scores 1, 0, -1 are not equal.
    """
    return [1.0, 1.0]


def moves_with_its_words(layer: Any) -> bool:
    """Does the layer give shuffled outputs for shuffled words?"""
    generator = torch.Generator().manual_seed(0)
    width = layer.q_proj.weight.size(1)
    x = torch.randn(2, 5, width, generator=generator)  # (B, T, D)
    order = torch.tensor([2, 0, 4, 1, 3])
    moved = x[:, order]
    with torch.no_grad():
        before, after = layer(x, x)[0], layer(moved, moved)[0]
    return torch.allclose(before[:, order], after, atol=1e-5)


class Heads(nn.Module):
    """Multi-head attention as the chapter builds it, with or without a bug."""

    def __init__(self, n_heads: int, bug: str = "") -> None:
        super().__init__()
        self.n_heads, self.bug = n_heads, bug
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(6)
            for name in ("q_proj", "k_proj", "v_proj", "out_proj"):
                setattr(self, name, nn.Linear(16, 16))

    def split(self, x: Tensor) -> Tensor:
        """Cut each word: (B, T, D) to (B, H, T, D_h)."""
        if self.bug == "no transpose":
            return x.view(len(x), self.n_heads, x.size(1), -1)
        return x.view(*x.shape[:2], self.n_heads, -1).transpose(1, 2)

    def merge(self, heads: Tensor) -> Tensor:
        """Glue the heads: (B, H, T, D_h) to (B, T, D)."""
        if self.bug == "no transpose back":
            return heads.reshape(len(heads), heads.size(2), -1)
        return heads.transpose(1, 2).flatten(2)

    def forward(
        self, x: Tensor, memory: Tensor, mask: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        """Attend: the output, and the weights."""
        q = self.split(self.get_submodule("q_proj")(x))
        k = self.split(self.get_submodule("k_proj")(memory))
        v = self.split(self.get_submodule("v_proj")(memory))
        scores = q @ k.transpose(-2, -1) / math.sqrt(q.size(-1))
        weights = scores.softmax(dim=-1)
        merged = self.merge(weights @ v)
        return self.get_submodule("out_proj")(merged), weights


def _layers(_: Space) -> list[tuple[Any, ...]]:
    bugs = ("", "no transpose", "no transpose back")
    return [(Heads(h, bug),) for h in (2, 4, 1) for bug in bugs]


_moves = EXERCISES.exercise(
    moves_with_its_words,
    label="ex-06-catch",
    level="Standard",
    minutes=20,
    cases=_layers,
    hints=(
        "What does a right layer give for the same words in another order, "
        "compared with what it gave before?",
        "Call the layer on x and on x[:, order], as words that ask and as "
        "words that are asked. Then bring the first output into the order.",
        "torch.allclose(layer(x, x)[0][:, order], layer(x[:, order], "
        "x[:, order])[0], atol=1e-5), with x of shape (2, 5, 16) and its "
        "width read from layer.q_proj.weight.size(1).",
    ),
)


@_moves.mistake
def _always_true(layer: Any) -> bool:
    """Your test is True for every layer: it catches neither bug.

    Are there at least two words, and are they really shuffled? An order of
    one word, or of the sentences of the batch, changes nothing.
    """
    return True


@_moves.mistake
def _always_false(layer: Any) -> bool:
    """Your test is False for every layer, even a right one.

    Is the first output brought into the same order? And are the numbers
    compared with a tolerance, as torch.allclose does?
    """
    return False


@_moves.mistake
def _inside_out(layer: Any) -> bool:
    """Your test is inside out: True where there is a bug.

    Read the function's name as a question.
    """
    return not (layer.bug == "" or layer.n_heads == 1)


@_moves.mistake
def _split_alone(layer: Any) -> bool:
    """Your test finds the first bug, but not the missing transpose back.

    That bug leaves the weights as they are. Look at the output.
    """
    return bool(layer.bug != "no transpose" or layer.n_heads == 1)


@_moves.mistake
def _merge_alone(layer: Any) -> bool:
    """Your test finds the missing transpose back, but not the other bug.

    Shuffle the words in x and in the memory alike, and keep T different
    from H.
    """
    return bool(layer.bug != "no transpose back" or layer.n_heads == 1)


@_moves.mistake
def _looks_inside(layer: Any) -> bool:
    """Your test reads what the layer is called, not what it does.

    With one head there is nothing to mix up: test the outputs.
    """
    return bool(layer.bug == "")
