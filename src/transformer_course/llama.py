"""Llama: the decoder-only model with the parts of today."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

from transformer_course.attention import (
    KeyValueCache,
    scaled_dot_product_attention,
)
from transformer_course.embeddings import TokenEmbedding
from transformer_course.masks import decoder_mask
from transformer_course.norms import RMSNorm
from transformer_course.positions import rotary_angles, rotate
from transformer_course.transformer import (
    DecoderOutput,
    check_config,
    one_a_block,
)

START_STD = 0.02  # of every matrix at the start


@dataclass(frozen=True)
class LlamaConfig:
    """The sizes of a Llama; the defaults are those of the first, with 7B.

    Attributes:
        vocab_size: Entries V of the vocabulary; 32,000 in the first Llama.
        d_model: Width D.
        n_heads: Heads H of the queries.
        n_kv_heads: Heads of keys and values, which divides ``n_heads``; None
            for as many as queries have.
        d_head: Width of a head, even; None for ``d_model / n_heads``.
        d_ff: Width inside the feed-forward layers.
        n_layers: Blocks.
        max_seq_len: Longest input.
        base: Of the rotary angles.
        qk_norm: Whether each head's queries and keys are normalized.
        tied: Whether the embedding's matrix serves as the last layer too.
        eps: Added to the mean square in every norm.

    Raises:
        ValueError: A size is not positive, or one does not divide another.

    Source: Touvron et al. (2023), table 2 and sec. 2.2; Ainslie et al.
    (2023) for ``n_kv_heads``; Henry et al. (2020) for ``qk_norm``, here with
    a weight as in Qwen 3.
    """

    vocab_size: int
    d_model: int = 4096
    n_heads: int = 32
    n_kv_heads: int | None = None
    d_head: int | None = None
    d_ff: int = 11_008
    n_layers: int = 32
    max_seq_len: int = 2048
    base: float = 10_000.0
    qk_norm: bool = False
    tied: bool = False
    eps: float = 1e-6

    def __post_init__(self) -> None:
        """Refuse what no model can have."""
        check_config(
            self, "vocab_size", "d_model", "n_heads", "d_ff", "n_layers",
            "max_seq_len",
        )  # fmt: skip
        for name in ("n_kv_heads", "d_head"):
            size = getattr(self, name)
            if size is not None and size < 1:
                raise ValueError(f"{name} is {size}, wanted at least 1")
        if self.n_heads % self.kv_heads:
            raise ValueError(
                f"n_heads {self.n_heads} is not divisible by n_kv_heads "
                f"{self.n_kv_heads}"
            )
        if self.head_width % 2:
            raise ValueError(
                f"d_head is {self.head_width}, wanted an even number: rotary "
                "positions turn pairs"
            )
        if not self.base > 0:
            raise ValueError(f"base is {self.base}, wanted a positive number")

    @property
    def kv_heads(self) -> int:
        """How many heads of keys and values there are."""
        return self.n_heads if self.n_kv_heads is None else self.n_kv_heads

    @property
    def head_width(self) -> int:
        """How wide a head is."""
        if self.d_head is None:
            return self.d_model // self.n_heads
        return self.d_head


class GroupedQueryAttention(nn.Module):
    """Let several heads of queries share one head of keys and values.

    The fewer heads of keys and values, the smaller the cache. With as many
    as queries have, this is multi-head attention; with one it is called
    multi-query attention. No projection adds a bias.

    Args:
        d_model: Width D of inputs and outputs.
        n_heads: Heads H of the queries.
        n_kv_heads: Heads of keys and values; divides ``n_heads``.
        d_head: Width of a head; None for ``d_model / n_heads``.
        qk_norm: Whether each head's queries and keys are brought to one
            size, so that no score can grow without bound.
        eps: Of these norms.

    Raises:
        ValueError: A size is not positive, or one does not divide another.

    Source: Ainslie et al. (2023), sec. 2.2; Henry et al. (2020), sec. 2.2.

    Example:
        >>> import torch
        >>> attention = GroupedQueryAttention(12, n_heads=6, n_kv_heads=2)
        >>> attention(torch.zeros(3, 5, 12)).shape
        torch.Size([3, 5, 12])
        >>> attention.q_proj.weight.shape, attention.k_proj.weight.shape
        (torch.Size([12, 12]), torch.Size([4, 12]))
    """

    def __init__(
        self,
        d_model: int,
        n_heads: int,
        n_kv_heads: int,
        *,
        d_head: int | None = None,
        qk_norm: bool = False,
        eps: float = 1e-6,
    ) -> None:
        super().__init__()
        for name, size in (
            ("d_model", d_model), ("n_heads", n_heads),
            ("n_kv_heads", n_kv_heads),
            ("d_head", 1 if d_head is None else d_head),
        ):  # fmt: skip
            if size < 1:
                raise ValueError(f"{name} is {size}, wanted at least 1")
        if d_head is None and d_model % n_heads:
            raise ValueError(
                f"d_model {d_model} is not divisible by n_heads {n_heads}"
            )
        if n_heads % n_kv_heads:
            raise ValueError(
                f"n_heads {n_heads} is not divisible by n_kv_heads "
                f"{n_kv_heads}"
            )
        self.d_model, self.n_heads = d_model, n_heads
        self.n_kv_heads = n_kv_heads
        self.d_head = d_model // n_heads if d_head is None else d_head
        wide, narrow = n_heads * self.d_head, n_kv_heads * self.d_head
        self.q_proj = nn.Linear(d_model, wide, bias=False)
        self.k_proj = nn.Linear(d_model, narrow, bias=False)
        self.v_proj = nn.Linear(d_model, narrow, bias=False)
        self.out_proj = nn.Linear(wide, d_model, bias=False)
        self.q_norm = RMSNorm(self.d_head, eps) if qk_norm else nn.Identity()
        self.k_norm = RMSNorm(self.d_head, eps) if qk_norm else nn.Identity()

    def forward(
        self,
        x: Tensor,
        angles: Tensor | None = None,
        attn_mask: Tensor | None = None,
        *,
        cache: KeyValueCache | None = None,
    ) -> Tensor:
        """Let every word fetch from the words that the mask allows.

        Args:
            x: Float (B, T, D).
            angles: Float (T, D_h / 2), by which queries and keys turn, from
                ``positions.rotary_angles``; None leaves them as they are.
            attn_mask: Bool, True = may attend; (T, T_k) or four sizes that
                broadcast to (B, H, T, T_k).
            cache: Keys and values of earlier words, to which these are
                appended. T_k then counts all of them.

        Returns:
            Float (B, T, D).

        Raises:
            TypeError: The mask is not bool.
            ValueError: The shapes do not fit together.
        """
        if x.dim() != 3 or x.size(-1) != self.d_model:
            raise ValueError(
                f"x has shape {tuple(x.shape)}, wanted (B, T, {self.d_model})"
            )
        q = self.q_norm(self._split_heads(self.q_proj(x)))  # (B, H, T, D_h)
        k = self.k_norm(self._split_heads(self.k_proj(x)))
        v = self._split_heads(self.v_proj(x))  # (B, H_kv, T, D_h)
        if angles is not None:
            q, k = rotate(q, angles), rotate(k, angles)
        if cache is not None:
            k, v = cache.append(k, v)
        sharing = self.n_heads // self.n_kv_heads
        k = k.repeat_interleave(sharing, dim=1)  # (B, H, T_k, D_h)
        v = v.repeat_interleave(sharing, dim=1)
        heads, _ = scaled_dot_product_attention(q, k, v, attn_mask)
        merged = heads.transpose(1, 2).flatten(2)  # (B, T, H D_h)
        mixed: Tensor = self.out_proj(merged)
        return mixed

    def _split_heads(self, x: Tensor) -> Tensor:
        """Turn (B, T, H D_h) into (B, H, T, D_h), for either H."""
        B, T, _ = x.shape
        return x.view(B, T, -1, self.d_head).transpose(1, 2)


class SwiGLU(nn.Module):
    """Let every word compute by itself, each feature behind its own gate.

    ``(swish(x W) * x V) W_2`` with swish(x) = x sigmoid(x), without biases.
    Three matrices instead of two, so d_ff is usually taken 2/3 as wide.

    Args:
        d_model: Width D of inputs and outputs.
        d_ff: Width between.

    Raises:
        ValueError: A width is not positive.

    Source: Shazeer (2020), eq. 6.
    """

    def __init__(self, d_model: int, d_ff: int) -> None:
        super().__init__()
        if d_model < 1 or d_ff < 1:
            raise ValueError(
                f"d_model {d_model} and d_ff {d_ff} must be positive"
            )
        self.gate = nn.Linear(d_model, d_ff, bias=False)
        self.widen = nn.Linear(d_model, d_ff, bias=False)
        self.narrow = nn.Linear(d_ff, d_model, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """Compute on every position apart.

        Args:
            x: Float (..., D).

        Returns:
            Float (..., D).
        """
        hidden = F.silu(self.gate(x)) * self.widen(x)  # (..., d_ff)
        narrowed: Tensor = self.narrow(hidden)
        return narrowed


class LlamaBlock(nn.Module):
    """Attention, then feed-forward, each behind its norm and added back.

    Args:
        config: The sizes.

    Source: Touvron et al. (2023), sec. 2.2.
    """

    def __init__(self, config: LlamaConfig) -> None:
        super().__init__()
        c = config
        self.attention = GroupedQueryAttention(
            c.d_model,
            c.n_heads,
            c.kv_heads,
            d_head=c.head_width,
            qk_norm=c.qk_norm,
            eps=c.eps,
        )
        self.feed_forward = SwiGLU(c.d_model, c.d_ff)
        self.attention_norm = RMSNorm(c.d_model, c.eps)
        self.feed_forward_norm = RMSNorm(c.d_model, c.eps)

    def forward(
        self,
        x: Tensor,
        angles: Tensor,
        attn_mask: Tensor | None = None,
        *,
        cache: KeyValueCache | None = None,
    ) -> Tensor:
        """Pass a batch through the block.

        Args:
            x: Float (B, T, D).
            angles: Float (T, D_h / 2).
            attn_mask: Bool, True = may attend.
            cache: Of the attention.

        Returns:
            Float (B, T, D).
        """
        normed = self.attention_norm(x)
        x = x + self.attention(normed, angles, attn_mask, cache=cache)
        fed: Tensor = self.feed_forward(self.feed_forward_norm(x))
        return x + fed


class Llama(nn.Module):
    """Read tokens from left to right and score the next one everywhere.

    Against GPT-2: rotary positions in every attention instead of learned
    ones at the bottom, RMSNorm, SwiGLU, keys and values shared between
    heads, no biases. The paper does not say how its weights start: here all
    matrices are normal with standard deviation 0.02, and norms multiply by 1.

    Args:
        config: The sizes.
        head: Whether there are logits at the end, or hidden states alone.

    Source: Touvron et al. (2023), sec. 2.2.

    Example:
        >>> import torch
        >>> model = Llama(LlamaConfig(
        ...     vocab_size=7, d_model=8, n_heads=4, n_kv_heads=2, d_ff=5,
        ...     n_layers=1,
        ... ))
        >>> model(torch.tensor([[1, 2, 3]])).logits.shape
        torch.Size([1, 3, 7])
    """

    def __init__(self, config: LlamaConfig, *, head: bool = True) -> None:
        super().__init__()
        self.config = config
        self.has_head = head
        c = config
        self.embedding = TokenEmbedding(c.vocab_size, c.d_model)
        self.blocks = nn.ModuleList(LlamaBlock(c) for _ in range(c.n_layers))
        self.norm = RMSNorm(c.d_model, c.eps)
        self.head = (
            nn.Linear(c.d_model, c.vocab_size, bias=False)
            if head and not c.tied
            else None
        )
        for parameter in self.parameters():
            if parameter.dim() == 2:
                nn.init.normal_(parameter, std=START_STD)

    def forward(
        self,
        token_ids: Tensor,
        pad_mask: Tensor | None = None,
        *,
        cache: Sequence[KeyValueCache] | None = None,
    ) -> DecoderOutput:
        """Score every entry of the vocabulary as the next token.

        With ``cache``, ``token_ids`` are the tokens that are new since the
        last call; the output is that of these tokens, as it would be without
        a cache.

        Args:
            token_ids: int64 (B, T).
            pad_mask: Bool (B, T), True = real token; None where all are
                real. Padding may stand on either side, for only distances
                count. With ``cache``, of all tokens so far.
            cache: From ``new_cache``, the same in all calls for one text.

        Returns:
            Logits and hidden states; those of padding mean nothing.

        Raises:
            TypeError: ``pad_mask`` is not bool, or ``token_ids`` are not
                whole numbers.
            ValueError: An id is no entry of the vocabulary, the text is
                longer than ``max_seq_len``, or the shapes do not fit
                together.
        """
        parts = one_a_block(cache, self.blocks)
        start = cache[0].length if cache else 0
        mask = decoder_mask(token_ids, pad_mask, start)
        T = token_ids.size(1)
        if start + T > self.config.max_seq_len:
            raise ValueError(
                f"token_ids reach position {start + T}, wanted at most "
                f"max_seq_len {self.config.max_seq_len}"
            )
        angles = rotary_angles(
            T, self.config.head_width, base=self.config.base, start=start
        ).to(token_ids.device)
        x = self.embedding(token_ids)  # (B, T, D)
        for block, part in zip(self.blocks, parts, strict=True):
            x = block(x, angles, mask, cache=part)
        hidden = self.norm(x)
        if not self.has_head:
            return DecoderOutput(None, hidden)
        last = self.embedding if self.head is None else self.head
        return DecoderOutput(F.linear(hidden, last.weight), hidden)

    def new_cache(self) -> list[KeyValueCache]:
        """Make an empty cache for ``forward``.

        Returns:
            One part for each block.
        """
        return [KeyValueCache() for _ in self.blocks]
