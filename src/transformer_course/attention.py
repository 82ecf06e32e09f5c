"""Attention: every word's output is a weighted sum of all words' values."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812


def scaled_dot_product_attention(
    q: Tensor,
    k: Tensor,
    v: Tensor,
    attn_mask: Tensor | None = None,
    *,
    need_weights: bool = False,
) -> tuple[Tensor, Tensor | None]:
    """Mix the values of all words, in proportions that each query chooses.

    ``softmax(q k^T / sqrt(D_h)) v``. The written-out path runs where the
    weights are asked for; PyTorch's fused function, which never stores them,
    runs otherwise. Both give the same output and the same gradients.

    A query whose row of the mask is False everywhere has nothing to attend
    to: its weights and its output are 0, and so is its gradient.

    Args:
        q: Float (..., T_q, D_h), the queries.
        k: Float (..., T_k, D_h), the keys.
        v: Float (..., T_k, D_v), the values.
        attn_mask: Bool, True = may attend; (T_q, T_k), or as many dimensions
            as ``q`` and broadcasting to (..., T_q, T_k). None allows all.
        need_weights: Whether to return the weights too.

    Returns:
        The output, float (..., T_q, D_v), and the weights, float
        (..., T_q, T_k), or None where they were not asked for.

    Raises:
        TypeError: Dtypes differ or are not floats; the mask is not bool.
        ValueError: The shapes do not fit together.

    Source: Vaswani et al. (2017), sec. 3.2.1, eq. 1.

    Example:
        >>> x = torch.tensor([[0.2, 0.9], [0.3, 0.4]])
        >>> output, weights = scaled_dot_product_attention(
        ...     x, x, x, need_weights=True
        ... )
        >>> output.shape, weights.shape
        (torch.Size([2, 2]), torch.Size([2, 2]))
    """
    _check_inputs(q, k, v)
    if attn_mask is not None:
        _check_mask(attn_mask, (*q.shape[:-1], k.size(-2)))
    if need_weights:
        return written_out_attention(q, k, v, attn_mask)
    return F.scaled_dot_product_attention(q, k, v, attn_mask), None


def written_out_attention(
    q: Tensor, k: Tensor, v: Tensor, attn_mask: Tensor | None
) -> tuple[Tensor, Tensor]:
    """Compute attention step by step, so that the weights can be looked at.

    ``scaled_dot_product_attention`` checks what comes in; this does not.

    Args:
        q: Float (..., T_q, D_h).
        k: Float (..., T_k, D_h).
        v: Float (..., T_k, D_v).
        attn_mask: Bool, broadcasting to (..., T_q, T_k); None allows all.

    Returns:
        The output, float (..., T_q, D_v), and the weights, float
        (..., T_q, T_k).

    Source: Vaswani et al. (2017), sec. 3.2.1, eq. 1.
    """
    scores = q @ k.transpose(-2, -1)  # (..., T_q, T_k)
    scores = scores / math.sqrt(q.size(-1))
    if attn_mask is None:
        attn_weights = scores.softmax(dim=-1)  # (..., T_q, T_k)
    else:
        # A softmax over nothing but -inf would be NaN, forwards and
        # backwards, so an empty row gets equal scores first, then weight 0.
        empty = ~attn_mask.any(dim=-1, keepdim=True)  # (..., T_q, 1)
        scores = scores.masked_fill(~attn_mask, -math.inf)
        scores = scores.masked_fill(empty, 0.0)
        attn_weights = scores.softmax(dim=-1).masked_fill(empty, 0.0)
    return attn_weights @ v, attn_weights  # (..., T_q, D_v)


def _check_inputs(q: Tensor, k: Tensor, v: Tensor) -> None:
    shapes = f"q {tuple(q.shape)}, k {tuple(k.shape)}, v {tuple(v.shape)}"
    if not q.dtype == k.dtype == v.dtype or not q.is_floating_point():
        raise TypeError(
            f"q, k and v are {q.dtype}, {k.dtype} and {v.dtype}, "
            "wanted one floating-point dtype"
        )
    if min(q.dim(), k.dim(), v.dim()) < 2:
        raise ValueError(f"{shapes}: wanted at least two dimensions, (T, D)")
    if q.size(-1) != k.size(-1):
        raise ValueError(
            f"{shapes}: the last size of q and k must agree, "
            "for each query is multiplied with each key"
        )
    if k.size(-2) != v.size(-2):
        raise ValueError(
            f"{shapes}: k and v must have as many rows as each other, "
            "one key and one value a word"
        )
    if not q.shape[:-2] == k.shape[:-2] == v.shape[:-2]:
        raise ValueError(
            f"{shapes}: the sizes before the last two (batch, heads) differ"
        )


def _check_mask(attn_mask: Tensor, shape: tuple[int, ...]) -> None:
    if attn_mask.dtype != torch.bool:
        raise TypeError(
            f"attn_mask is {attn_mask.dtype}, wanted bool with "
            "True = may attend (nn.MultiheadAttention's masks say the "
            "opposite: invert them)"
        )
    # A mask (B, T_q, T_k) would be read as (H, T_q, T_k), in silence
    # where B equals H.
    sizes = tuple(attn_mask.shape)
    if len(sizes) not in (2, len(shape)) or any(
        size not in (1, wanted)
        for size, wanted in zip(reversed(sizes), reversed(shape), strict=False)
    ):
        raise ValueError(
            f"attn_mask has shape {sizes}, wanted {shape[-2:]} or "
            f"{len(shape)} sizes that broadcast to {shape}"
        )


class KeyValueCache:
    """Keep the keys and values of the words read so far (chapter 14).

    A causal model's keys and values of earlier words do not change when a
    word is added, so a model that writes word by word computes each once and
    appends it here: one cache for each attention. The room grows by
    doubling, so that most words are written without copying the earlier
    ones. It is written in place: decode without gradients.

    Attributes:
        length: How many words it holds, T.

    Source: Shazeer (2019), sec. 2.4.

    Example:
        >>> cache, one_word = KeyValueCache(), torch.zeros(3, 2, 1, 5)
        >>> _ = cache.append(one_word, one_word)
        >>> k, v = cache.append(one_word, one_word)
        >>> k.shape, cache.length
        (torch.Size([3, 2, 2, 5]), 2)
    """

    def __init__(self) -> None:
        self.length = 0
        self._k: Tensor | None = None  # (B, H, room for T or more, D_h)
        self._v: Tensor | None = None

    def append(self, k: Tensor, v: Tensor) -> tuple[Tensor, Tensor]:
        """Add the keys and values of new words; return those of all words.

        Args:
            k: Float (B, H, T_new, D_h). H is any number of heads, the same
                in all calls.
            v: Float (B, H, T_new, D_v).

        Returns:
            All keys, float (B, H, T, D_h), and all values, float
            (B, H, T, D_v), in the order in which they came.

        Raises:
            TypeError: The dtype is not that of the words before.
            ValueError: The shapes do not fit together, or not to the words
                before.
        """
        if k.dim() != 4 or v.dim() != 4 or k.shape[:3] != v.shape[:3]:
            raise ValueError(
                f"k has shape {tuple(k.shape)} and v {tuple(v.shape)}, "
                "wanted (B, H, T, D) with the same B, H and T"
            )
        self._k = _write("k", self._k, k, self.length)
        self._v = _write("v", self._v, v, self.length)
        self.length += k.size(2)
        return self._k[:, :, : self.length], self._v[:, :, : self.length]

    def select(self, rows: Tensor) -> None:
        """Put other rows of the batch in the place of these.

        Beam search calls it: a row is named twice where two beams go on from
        it, and not at all where none does.

        Args:
            rows: int64 (B_new,): row i becomes a copy of row ``rows[i]``.
        """
        if self._k is not None and self._v is not None:
            self._k = self._k.index_select(0, rows)
            self._v = self._v.index_select(0, rows)


def _write(name: str, room: Tensor | None, new: Tensor, start: int) -> Tensor:
    """Put ``new`` behind the first ``start`` words, where there is room."""
    if room is None:
        return new
    before = (*room.shape[:2], room.size(3))
    if before != (*new.shape[:2], new.size(3)):
        raise ValueError(
            f"{name} has shape {tuple(new.shape)}, the cache holds "
            f"(B, H, T, D) = ({before[0]}, {before[1]}, {start}, "
            f"{before[2]}): wanted the same B, H and D"
        )
    if new.dtype != room.dtype:
        raise TypeError(f"{name} is {new.dtype}, the cache holds {room.dtype}")
    end = start + new.size(2)
    if end > room.size(2):
        larger = room.new_empty(*room.shape[:2], 2 * end, room.size(3))
        larger[:, :, :start] = room[:, :, :start]
        room = larger
    room[:, :, start:end] = new
    return room


class MultiHeadAttention(nn.Module):
    """Several attentions side by side, each in its own part of the width.

    The input is projected to queries, keys and values, cut into ``n_heads``
    parts of width ``d_head = d_model / n_heads``, each part attends on its
    own, and one more projection mixes what the heads fetched. With
    ``n_heads=1`` it is plain self-attention with four weight matrices.

    A query with nothing to attend to fetches 0 in every head, so its output
    is ``out_proj``'s bias alone, 0 without a bias.

    Args:
        d_model: Width of inputs and outputs.
        n_heads: Number of heads; divides ``d_model``.
        bias: Whether the four projections add a bias.

    Raises:
        ValueError: ``d_model`` or ``n_heads`` is not positive, or
            ``n_heads`` does not divide ``d_model``.

    Source: Vaswani et al. (2017), sec. 3.2.2.

    Example:
        >>> attention = MultiHeadAttention(d_model=6, n_heads=2)
        >>> x, memory = torch.zeros(3, 5, 6), torch.zeros(3, 7, 6)
        >>> output, weights = attention(x, memory, need_weights=True)
        >>> output.shape, weights.shape
        (torch.Size([3, 5, 6]), torch.Size([3, 2, 5, 7]))
    """

    def __init__(
        self, d_model: int, n_heads: int, *, bias: bool = True
    ) -> None:
        super().__init__()
        if d_model < 1 or n_heads < 1:
            raise ValueError(
                f"d_model {d_model} and n_heads {n_heads} must be positive"
            )
        if d_model % n_heads:
            raise ValueError(
                f"d_model {d_model} is not divisible by n_heads {n_heads}"
            )
        self.d_model, self.n_heads = d_model, n_heads
        self.d_head = d_model // n_heads
        self.q_proj = nn.Linear(d_model, d_model, bias=bias)
        self.k_proj = nn.Linear(d_model, d_model, bias=bias)
        self.v_proj = nn.Linear(d_model, d_model, bias=bias)
        self.out_proj = nn.Linear(d_model, d_model, bias=bias)

    def forward(
        self,
        x: Tensor,
        memory: Tensor | None = None,
        attn_mask: Tensor | None = None,
        *,
        need_weights: bool = False,
        cache: KeyValueCache | None = None,
    ) -> tuple[Tensor, Tensor | None]:
        """Let every word of ``x`` fetch from ``memory``, or from ``x``.

        Args:
            x: Float (B, T_q, D), who asks.
            memory: Float (B, T_k, D), who is asked: another sequence for
                cross-attention; None for self-attention, where it is ``x``.
            attn_mask: Bool, True = may attend; (T_q, T_k) or four sizes that
                broadcast to (B, H, T_q, T_k), as ``masks`` makes them.
            need_weights: Whether to return each head's weights too.
            cache: Keys and values of words before those of ``memory``, to
                which these are appended (chapter 14). T_k then counts all of
                them.

        Returns:
            The output, float (B, T_q, D), and the weights, float
            (B, H, T_q, T_k), or None where they were not asked for.

        Raises:
            TypeError: The mask is not bool.
            ValueError: The shapes do not fit together.
        """
        memory = x if memory is None else memory
        for name, given in (("x", x), ("memory", memory)):
            if given.dim() != 3 or given.size(-1) != self.d_model:
                raise ValueError(
                    f"{name} has shape {tuple(given.shape)}, "
                    f"wanted (B, T, {self.d_model})"
                )
        q = self._split_heads(self.q_proj(x))  # (B, H, T_q, D_h)
        k = self._split_heads(self.k_proj(memory))  # (B, H, T_k, D_h)
        v = self._split_heads(self.v_proj(memory))  # (B, H, T_k, D_h)
        if cache is not None:
            k, v = cache.append(k, v)
        heads, attn_weights = scaled_dot_product_attention(
            q, k, v, attn_mask, need_weights=need_weights
        )  # (B, H, T_q, D_h)
        merged = heads.transpose(1, 2).flatten(2)  # (B, T_q, D)
        return self.out_proj(merged), attn_weights

    def _split_heads(self, x: Tensor) -> Tensor:
        """Turn (B, T, D) into (B, H, T, D_h)."""
        B, T, _ = x.shape
        split = x.view(B, T, self.n_heads, self.d_head)  # (B, T, H, D_h)
        return split.transpose(1, 2)
