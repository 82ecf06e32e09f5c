"""The Transformer: stacks of blocks, and the whole model of 2017."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

from transformer_course.attention import KeyValueCache
from transformer_course.embeddings import TokenEmbedding
from transformer_course.layers import (
    ACTIVATIONS,
    DecoderBlock,
    DecoderCache,
    EncoderBlock,
)
from transformer_course.masks import decoder_mask, padding_mask
from transformer_course.norms import LayerNorm
from transformer_course.positions import SinusoidalPositions


class Encoder(nn.Module):
    """A stack of encoder blocks, each working on what the one below gives.

    The published model is post-norm and has nothing after its last block. In
    a pre-norm stack the copy that goes round is never normalized on its way
    up, so one more norm stands at the end. With a causal mask this is the
    body of a decoder-only model.

    Args:
        n_layers: Number of blocks.
        d_model: Width D.
        n_heads: Heads of each block's attention; divides ``d_model``.
        d_ff: Width inside the feed-forward layers.
        dropout: Share set to 0 in training on each sublayer's output.
        norm_first: False is post-norm as in 2017, True is pre-norm.
        activation: Makes each feed-forward layer's bend.
        eps: Added to the variance in every norm.

    Raises:
        ValueError: ``n_layers`` is not positive, or another size does not
            fit; see ``layers.EncoderBlock``.

    Source: Vaswani et al. (2017), sec. 3.1; Xiong et al. (2020), sec. 3.1 on
    the last norm.
    """

    def __init__(
        self,
        n_layers: int,
        d_model: int,
        n_heads: int,
        d_ff: int,
        *,
        dropout: float = 0.0,
        norm_first: bool = False,
        activation: Callable[[], nn.Module] = nn.ReLU,
        eps: float = 1e-5,
    ) -> None:
        super().__init__()
        if n_layers < 1:
            raise ValueError(f"n_layers is {n_layers}, wanted at least 1")
        self.blocks = nn.ModuleList(
            EncoderBlock(
                d_model,
                n_heads,
                d_ff,
                dropout=dropout,
                norm_first=norm_first,
                activation=activation,
                eps=eps,
            )
            for _ in range(n_layers)
        )
        self.norm = LayerNorm(d_model, eps) if norm_first else nn.Identity()

    def forward(
        self,
        x: Tensor,
        attn_mask: Tensor | None = None,
        *,
        cache: Sequence[KeyValueCache] | None = None,
    ) -> Tensor:
        """Pass a batch of sentences through all blocks.

        Args:
            x: Float (B, T, D).
            attn_mask: Bool, True = may attend; (T, T) or broadcasting to
                (B, H, T, T). Every block gets the same one.
            cache: From ``new_cache``, where ``x`` goes on from earlier words
                (chapter 14); the mask's last size then counts all of them.

        Returns:
            Float (B, T, D).

        Raises:
            TypeError: The mask is not bool.
            ValueError: The shapes do not fit together.
        """
        for block, own in zip(
            self.blocks, one_a_block(cache, self.blocks), strict=True
        ):
            x = block(x, attn_mask, cache=own)
        normed: Tensor = self.norm(x)
        return normed

    def new_cache(self) -> list[KeyValueCache]:
        """Make an empty cache for each block (chapter 14)."""
        return [KeyValueCache() for _ in self.blocks]


class Decoder(nn.Module):
    """A stack of decoder blocks, all reading the same encoder output.

    As in ``Encoder``, a pre-norm stack ends in one more norm.

    Args:
        n_layers: Number of blocks.
        d_model: Width D.
        n_heads: Heads of each attention; divides ``d_model``.
        d_ff: Width inside the feed-forward layers.
        dropout: Share set to 0 in training on each sublayer's output.
        norm_first: False is post-norm as in 2017, True is pre-norm.

    Raises:
        ValueError: ``n_layers`` is not positive, or another size does not
            fit; see ``layers.DecoderBlock``.

    Source: Vaswani et al. (2017), sec. 3.1.
    """

    def __init__(
        self,
        n_layers: int,
        d_model: int,
        n_heads: int,
        d_ff: int,
        *,
        dropout: float = 0.0,
        norm_first: bool = False,
    ) -> None:
        super().__init__()
        if n_layers < 1:
            raise ValueError(f"n_layers is {n_layers}, wanted at least 1")
        self.blocks = nn.ModuleList(
            DecoderBlock(
                d_model, n_heads, d_ff, dropout=dropout, norm_first=norm_first
            )
            for _ in range(n_layers)
        )
        self.norm = LayerNorm(d_model) if norm_first else nn.Identity()

    def forward(
        self,
        x: Tensor,
        memory: Tensor,
        attn_mask: Tensor | None = None,
        memory_mask: Tensor | None = None,
        *,
        cache: Sequence[DecoderCache] | None = None,
    ) -> Tensor:
        """Pass a batch of beginnings through all blocks.

        Args:
            x: Float (B, T_q, D), the words so far.
            memory: Float (B, T_k, D), the encoder's output.
            attn_mask: Bool, True = may attend, among ``x``.
            memory_mask: Bool, True = may attend, from ``x`` to ``memory``.
            cache: From ``new_cache``, where ``x`` goes on from earlier words
                (chapter 14).

        Returns:
            Float (B, T_q, D).

        Raises:
            TypeError: A mask is not bool.
            ValueError: The shapes do not fit together.
        """
        for block, own in zip(
            self.blocks, one_a_block(cache, self.blocks), strict=True
        ):
            x = block(x, memory, attn_mask, memory_mask, cache=own)
        normed: Tensor = self.norm(x)
        return normed

    def new_cache(self) -> list[DecoderCache]:
        """Make an empty cache for each block (chapter 14)."""
        return [DecoderCache() for _ in self.blocks]


Cache = TypeVar("Cache")


def one_a_block(
    cache: Sequence[Cache] | None, blocks: nn.ModuleList
) -> Sequence[Cache | None]:
    """Give each block its part of a cache, or nothing (chapter 14).

    Args:
        cache: From the model's ``new_cache``; None where nothing is kept.
        blocks: The blocks, which read the parts in this order.

    Returns:
        A part or None for each block.

    Raises:
        ValueError: There are not as many parts as blocks.
    """
    if cache is None:
        return [None] * len(blocks)
    if len(cache) != len(blocks):
        raise ValueError(
            f"cache has {len(cache)} parts, wanted one for each of "
            f"{len(blocks)} blocks"
        )
    return cache


@dataclass(frozen=True)
class DecoderOutput:
    """What a decoder-only model gives (chapter 14).

    Attributes:
        logits: Float (B, T, V): those at position t score the token at
            position t + 1; None where the model has no head.
        hidden: Float (B, T, D): the last block's states, behind the last
            norm where there is one, from which the logits are made.
    """

    logits: Tensor | None
    hidden: Tensor


@dataclass(frozen=True)
class TransformerConfig:
    """The sizes of a Transformer; the defaults are the paper's base model.

    Attributes:
        vocab_size: Entries V of the vocabulary that both languages share.
        d_model: Width D; even.
        n_heads: Heads; divides ``d_model``.
        d_ff: Width inside the feed-forward layers.
        n_layers: Blocks of the encoder, and as many of the decoder.
        max_seq_len: Longest input and longest output.
        dropout: Share set to 0 in training, on each sublayer's output and
            on the sums of embeddings and positions.
        norm_first: False is post-norm as published, True is pre-norm.

    Source: Vaswani et al. (2017), table 3, first row.
    """

    vocab_size: int
    d_model: int = 512
    n_heads: int = 8
    d_ff: int = 2048
    n_layers: int = 6
    max_seq_len: int = 512
    dropout: float = 0.1
    norm_first: bool = False

    def __post_init__(self) -> None:
        """Refuse sizes that no model can have."""
        check_config(
            self, "vocab_size", "d_model", "n_heads", "d_ff", "n_layers",
            "max_seq_len",
        )  # fmt: skip
        if self.d_model % 2:
            raise ValueError(
                f"d_model is {self.d_model}, wanted an even number: sines "
                "and cosines come in pairs"
            )


def check_config(config: Any, *sizes: str) -> None:
    """Refuse a configuration that no model can have.

    Args:
        config: Has ``d_model`` and ``n_heads``, and may have ``d_head``,
            ``dropout``, ``activation`` and ``eps``.
        sizes: Names of its attributes that must be positive.

    Raises:
        ValueError: One of these is not positive, ``n_heads`` does not divide
            ``d_model`` where ``d_head`` is not given, ``dropout`` is not
            from 0 to 1, there is no such activation, or ``eps`` is not
            positive.
    """
    for name in sizes:
        if getattr(config, name) < 1:
            raise ValueError(
                f"{name} is {getattr(config, name)}, wanted at least 1"
            )
    d_head = getattr(config, "d_head", None)
    if d_head is None and config.d_model % config.n_heads:
        raise ValueError(
            f"d_model {config.d_model} is not divisible by n_heads "
            f"{config.n_heads}"
        )
    dropout = getattr(config, "dropout", 0.0)
    if not 0 <= dropout <= 1:
        raise ValueError(f"dropout is {dropout}, wanted 0 to 1")
    activation = getattr(config, "activation", "relu")
    if activation not in ACTIVATIONS:
        raise ValueError(
            f"activation is {activation!r}, wanted one of "
            f"{sorted(ACTIVATIONS)}"
        )
    eps = getattr(config, "eps", 1.0)
    if not eps > 0:
        raise ValueError(f"eps is {eps}, wanted a positive number")


class Transformer(nn.Module):
    """The encoder-decoder model of 2017, from token ids to logits.

    One matrix serves as the embedding of both sides and as the last layer;
    embeddings are multiplied by the root of ``d_model``. It starts normal
    with standard deviation ``d_model ** -0.5``, so that the multiplied
    embeddings start with variance 1. All other matrices start as in Glorot
    and Bengio (2010); the paper does not say how its own did.

    Args:
        config: The sizes.

    Source: Vaswani et al. (2017), sec. 3.1, 3.4 and 5.4, figure 1.

    Example:
        >>> import torch
        >>> sizes = {"d_model": 6, "n_heads": 2, "d_ff": 5, "n_layers": 1}
        >>> model = Transformer(TransformerConfig(vocab_size=7, **sizes))
        >>> source = torch.tensor([[1, 2, 3]])
        >>> model(source, torch.tensor([[0, 4]])).shape
        torch.Size([1, 2, 7])
    """

    def __init__(self, config: TransformerConfig) -> None:
        super().__init__()
        self.config = config
        c = config
        sizes = (c.n_layers, c.d_model, c.n_heads, c.d_ff)
        self.embedding = TokenEmbedding(c.vocab_size, c.d_model)
        self.positions = SinusoidalPositions(c.max_seq_len, c.d_model)
        self.dropout = nn.Dropout(c.dropout)
        self.encoder = Encoder(
            *sizes, dropout=c.dropout, norm_first=c.norm_first
        )
        self.decoder = Decoder(
            *sizes, dropout=c.dropout, norm_first=c.norm_first
        )
        for stack in (self.encoder, self.decoder):
            for parameter in stack.parameters():
                if parameter.dim() == 2:
                    nn.init.xavier_uniform_(parameter)
        nn.init.normal_(self.embedding.weight, std=c.d_model**-0.5)

    def embed(self, token_ids: Tensor, start: int = 0) -> Tensor:
        """Turn ids into scaled embeddings with their positions added.

        Args:
            token_ids: int64 (B, T).
            start: Position of the first (chapter 14).

        Returns:
            Float (B, T, D).

        Raises:
            ValueError: An id is no entry of the vocabulary, or start + T is
                longer than ``max_seq_len``.
        """
        scaled = self.embedding(token_ids) * math.sqrt(self.config.d_model)
        summed: Tensor = self.dropout(self.positions(scaled, start))
        return summed

    def encode(
        self, source_ids: Tensor, source_pad_mask: Tensor | None = None
    ) -> Tensor:
        """Read the source, once for a whole output.

        Args:
            source_ids: int64 (B, T_k).
            source_pad_mask: Bool (B, T_k), True = real token; None where
                all are real.

        Returns:
            Float (B, T_k, D), the memory.
        """
        seen = _padding(source_pad_mask)
        memory: Tensor = self.encoder(self.embed(source_ids), seen)
        return memory

    def decode(
        self,
        target_ids: Tensor,
        memory: Tensor,
        source_pad_mask: Tensor | None = None,
        target_pad_mask: Tensor | None = None,
        *,
        cache: Sequence[DecoderCache] | None = None,
    ) -> Tensor:
        """Score every entry of the vocabulary as the next token.

        With ``cache``, ``target_ids`` are the tokens that are new since the
        last call, and what was computed for those before is not computed
        again; the logits are the same (chapter 14).

        Args:
            target_ids: int64 (B, T_q), the output so far, start token first.
            memory: Float (B, T_k, D), from ``encode``.
            source_pad_mask: Bool (B, T_k), True = real token.
            target_pad_mask: Bool (B, T_q), True = real token; with
                ``cache``, of all tokens so far.
            cache: From ``new_cache``, the same in all calls for one output.

        Returns:
            Logits, float (B, T_q, V): those at position t follow from the
            tokens 0 to t and from the whole source.
        """
        start = cache[0].length if cache else 0
        mask = decoder_mask(target_ids, target_pad_mask, start)
        hidden = self.decoder(
            self.embed(target_ids, start),
            memory,
            mask,
            _padding(source_pad_mask),
            cache=cache,
        )  # (B, T_q, D)
        return F.linear(hidden, self.embedding.weight)

    def new_cache(self) -> list[DecoderCache]:
        """Make an empty cache for ``decode`` (chapter 14).

        Returns:
            One part for each block of the decoder.
        """
        return self.decoder.new_cache()

    def forward(
        self,
        source_ids: Tensor,
        target_ids: Tensor,
        source_pad_mask: Tensor | None = None,
        target_pad_mask: Tensor | None = None,
    ) -> Tensor:
        """Encode the source and score the next token at every position.

        Args:
            source_ids: int64 (B, T_k).
            target_ids: int64 (B, T_q), shifted: start token first.
            source_pad_mask: Bool (B, T_k), True = real token.
            target_pad_mask: Bool (B, T_q), True = real token.

        Returns:
            Logits, float (B, T_q, V).

        Raises:
            TypeError: A mask is not bool.
            ValueError: The shapes do not fit together, or an id is none.
        """
        memory = self.encode(source_ids, source_pad_mask)
        return self.decode(
            target_ids, memory, source_pad_mask, target_pad_mask
        )


def _padding(pad_mask: Tensor | None) -> Tensor | None:
    return None if pad_mask is None else padding_mask(pad_mask)
