"""Exercise of chapter 16: heads that share keys and values."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812

from transformer_course import llama, training
from transformer_course.checking.exercise import Chapter

EXERCISES = Chapter("16")


def shared_in_turn(
    layer: llama.GroupedQueryAttention,
) -> tuple[Tensor, Tensor]:
    """New weights of q_proj and of out_proj."""
    sharing = layer.n_heads // layer.n_kv_heads
    heads = torch.arange(layer.n_heads).view(-1, sharing)  # a row a group
    order = heads.T.flatten()  # 0, 2, 1, 3 for four heads in two groups
    q_heads = layer.q_proj.weight.chunk(layer.n_heads, dim=0)  # (D_h, D) each
    out_heads = layer.out_proj.weight.chunk(layer.n_heads, dim=1)
    return (
        torch.cat([q_heads[head] for head in order]),
        torch.cat([out_heads[head] for head in order], dim=1),
    )


def _layer(d_model: int) -> llama.GroupedQueryAttention:
    with training.seeded(d_model):
        return llama.GroupedQueryAttention(d_model, n_heads=4, n_kv_heads=2)


def _outputs(result: Any) -> Tensor:
    """What code that shares in turn makes of the new weights, (T, D)."""
    q_weight, out_weight = (w.detach() for w in result)
    layer = _layer(len(q_weight))
    d_model, d_head = layer.d_model, layer.d_head
    for weight in (q_weight, out_weight):
        if weight.shape != (d_model, d_model):
            raise ValueError("not the shape of the layer's own weights")
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(5, d_model, generator=generator)
    with torch.no_grad():
        q = F.linear(x, q_weight).view(5, 4, d_head).transpose(0, 1)
        k, v = (
            p(x).view(5, 2, d_head).transpose(0, 1).repeat(2, 1, 1)
            for p in (layer.k_proj, layer.v_proj)
        )  # (4, T, D_h): heads 0, 1, 0, 1
    fetched = F.scaled_dot_product_attention(q, k, v)
    return F.linear(fetched.transpose(0, 1).flatten(1), out_weight)


_turns = EXERCISES.exercise(
    shared_in_turn,
    label="ex-16-shared-in-turn",
    level="Standard",
    minutes=20,
    cases=lambda _: [(_layer(12),), (_layer(20),)],
    view=_outputs,
    wanted="two weights (D, D), of q_proj and of out_proj, with which code "
    "that shares in turn gives the layer's own outputs",
    hints=(
        "Which old heads may stand in places 0 and 2 of the new order, where "
        "the first head of keys is used? And in places 1 and 3?",
        "The order of heads 0, 2, 1, 3 will do. Each head is a block of "
        "d_head rows of q_proj, and a block of d_head columns of out_proj.",
        "Cut with layer.q_proj.weight.chunk(4, dim=0) and "
        "layer.out_proj.weight.chunk(4, dim=1), and put the pieces 0, 2, 1, "
        "3 together with torch.cat, along dim 0 and dim 1.",
    ),
)
ORDER = torch.tensor([0, 2, 1, 3])


def _rows(weight: Tensor, order: Tensor = ORDER) -> Tensor:
    blocks = weight.chunk(4, dim=0)
    return torch.cat([blocks[head] for head in order], dim=0)


def _columns(weight: Tensor, order: Tensor = ORDER) -> Tensor:
    blocks = weight.chunk(4, dim=1)
    return torch.cat([blocks[head] for head in order], dim=1)


@_turns.mistake
def _queries_alone(layer: Any) -> tuple[Tensor, Tensor]:
    """You reorder the queries alone: out_proj mixes up the heads.

    It reads head 1 where head 2 now stands, without any error. Reorder its
    columns in the same way.
    """
    return _rows(layer.q_proj.weight), layer.out_proj.weight


@_turns.mistake
def _outputs_alone(layer: Any) -> tuple[Tensor, Tensor]:
    """You reorder out_proj alone: the queries still meet the wrong keys.

    The rows of q_proj decide which head asks which keys.
    """
    return layer.q_proj.weight, _columns(layer.out_proj.weight)


@_turns.mistake
def _untouched(layer: Any) -> tuple[Tensor, Tensor]:
    """Your weights are the old ones.

    A copy must be returned in which the blocks have changed places.
    """
    return layer.q_proj.weight, layer.out_proj.weight


@_turns.mistake
def _rows_of_out(layer: Any) -> tuple[Tensor, Tensor]:
    """You reorder rows of out_proj; the heads are its columns.

    A weight has the shape (outputs, inputs), and the heads come in.
    """
    return _rows(layer.q_proj.weight), _rows(layer.out_proj.weight)


@_turns.mistake
def _columns_of_q(layer: Any) -> tuple[Tensor, Tensor]:
    """You reorder columns of q_proj; the heads are its rows.

    A weight has the shape (outputs, inputs), and the heads come out.
    """
    return _columns(layer.q_proj.weight), _columns(layer.out_proj.weight)


@_turns.mistake
def _axes_exchanged(layer: Any) -> tuple[Tensor, Tensor]:
    """You reorder columns of q_proj and rows of out_proj: the other way.

    A weight has the shape (outputs, inputs): heads are rows of q_proj and
    columns of out_proj.
    """
    return _columns(layer.q_proj.weight), _rows(layer.out_proj.weight)


@_turns.mistake
def _features_in_turn(layer: Any) -> tuple[Tensor, Tensor]:
    """You deal single features in turn; whole heads change places.

    A head is a block of d_head rows that stay together.
    """
    order = torch.arange(layer.d_model).view(-1, 4).T.flatten()
    return layer.q_proj.weight[order], layer.out_proj.weight[:, order]


@_turns.mistake
def _features_of_groups(layer: Any) -> tuple[Tensor, Tensor]:
    """You deal single rows of the two groups in turn: every head is torn.

    Whole heads change places: a head is a block of d_head rows that stay
    together.
    """
    order = torch.arange(layer.d_model).view(2, -1).T.flatten()
    return layer.q_proj.weight[order], layer.out_proj.weight[:, order]


@_turns.mistake
def _four_rows(layer: Any) -> tuple[Tensor, Tensor]:
    """You move four single rows and columns; a head has d_head of them.

    Cut the weight into blocks first, and reorder the blocks.
    """
    order = torch.arange(layer.d_model)
    order[1:3] = torch.tensor([2, 1])
    return layer.q_proj.weight[order], layer.out_proj.weight[:, order]


@_turns.mistake
def _another_order(layer: Any) -> tuple[Tensor, Tensor]:
    """You exchange heads of one group: each asks the same keys as before.

    Places 0 and 2 need the heads 0 and 1; places 1 and 3 the others.
    """
    order = torch.tensor([1, 0, 3, 2])
    weight = layer.q_proj.weight
    return _rows(weight, order), _columns(layer.out_proj.weight, order)
