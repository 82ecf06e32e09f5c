"""What a block is made of: feed-forward, the way round it, the block."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from torch import Tensor, nn

from transformer_course.attention import KeyValueCache, MultiHeadAttention
from transformer_course.norms import LayerNorm

# What models' configurations call the bend between the feed-forward layers.
# The GPTs' is an approximation of BERT's (Hendrycks and Gimpel, 2016).
ACTIVATIONS: dict[str, Callable[[], nn.Module]] = {
    "relu": nn.ReLU,
    "gelu": nn.GELU,
    "gelu_tanh": partial(nn.GELU, approximate="tanh"),
}


class FeedForward(nn.Module):
    """Let every word compute by itself: widen, bend, narrow.

    ``max(0, x W_1 + b_1) W_2 + b_2``, the same at every position.

    Args:
        d_model: Width D of inputs and outputs.
        d_ff: Width between the two layers.
        activation: Makes the bend; ReLU in the paper.

    Raises:
        ValueError: A width is not positive.

    Source: Vaswani et al. (2017), sec. 3.3, eq. 2.
    """

    def __init__(
        self,
        d_model: int,
        d_ff: int,
        activation: Callable[[], nn.Module] = nn.ReLU,
    ) -> None:
        super().__init__()
        if d_model < 1 or d_ff < 1:
            raise ValueError(
                f"d_model {d_model} and d_ff {d_ff} must be positive"
            )
        self.widen = nn.Linear(d_model, d_ff)
        self.bend = activation()
        self.narrow = nn.Linear(d_ff, d_model)

    def forward(self, x: Tensor) -> Tensor:
        """Compute on every position apart.

        Args:
            x: Float (..., D).

        Returns:
            Float (..., D).
        """
        hidden = self.bend(self.widen(x))  # (..., d_ff)
        return self.narrow(hidden)  # type: ignore[no-any-return]


class Residual(nn.Module):
    """Carry a copy round a sublayer, add it back, and normalize.

    Post-norm, as published in 2017: ``norm(x + sublayer(x))``. Pre-norm, as
    most models have it today: ``x + sublayer(norm(x))``; then the copy goes
    from the first block to the last without ever being normalized, so a
    stack of pre-norm blocks needs one more norm at its end.

    Args:
        d_model: Width D.
        dropout: Share of the sublayer's output set to 0 in training, before
            it is added.
        norm_first: Where the norm stands: False is post-norm.
        eps: Added to the variance in the norm.

    Raises:
        ValueError: ``dropout`` is not from 0 to 1, or ``d_model`` or ``eps``
            not positive.

    Source: He et al. (2016), sec. 3.1; Vaswani et al. (2017), sec. 3.1 and
    5.4; Xiong et al. (2020), sec. 3.1 on where the norm stands.
    """

    def __init__(
        self,
        d_model: int,
        *,
        dropout: float = 0.0,
        norm_first: bool = False,
        eps: float = 1e-5,
    ) -> None:
        super().__init__()
        if not 0 <= dropout <= 1:
            raise ValueError(f"dropout is {dropout}, wanted 0 to 1")
        self.norm = LayerNorm(d_model, eps)
        self.dropout = nn.Dropout(dropout)
        self.norm_first = norm_first

    def forward(
        self, x: Tensor, sublayer: Callable[[Tensor], Tensor]
    ) -> Tensor:
        """Apply the sublayer and add what went round it.

        Args:
            x: Float (B, T, D).
            sublayer: Takes and gives (B, T, D).

        Returns:
            Float (B, T, D).
        """
        if self.norm_first:
            changed: Tensor = self.dropout(sublayer(self.norm(x)))
            return x + changed
        normed: Tensor = self.norm(x + self.dropout(sublayer(x)))
        return normed


class EncoderBlock(nn.Module):
    """Let words exchange what they hold, then let each compute on it.

    Self-attention, then feed-forward, each with its way round.

    Args:
        d_model: Width D.
        n_heads: Heads of the attention; divides ``d_model``.
        d_ff: Width inside the feed-forward layer.
        dropout: Share set to 0 in training on each sublayer's output.
        norm_first: False is post-norm as in 2017, True is pre-norm.
        activation: Makes the feed-forward layer's bend.
        eps: Added to the variance in both norms.

    Raises:
        ValueError: A size does not fit; see the parts.

    Source: Vaswani et al. (2017), sec. 3.1 and figure 1, left.
    """

    def __init__(
        self,
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
        self.attention = MultiHeadAttention(d_model, n_heads)
        self.feed_forward = FeedForward(d_model, d_ff, activation)
        self.around_attention = Residual(
            d_model, dropout=dropout, norm_first=norm_first, eps=eps
        )
        self.around_feed_forward = Residual(
            d_model, dropout=dropout, norm_first=norm_first, eps=eps
        )

    def forward(
        self,
        x: Tensor,
        attn_mask: Tensor | None = None,
        *,
        cache: KeyValueCache | None = None,
    ) -> Tensor:
        """Pass a batch of sentences through the block.

        Args:
            x: Float (B, T, D).
            attn_mask: Bool, True = may attend; (T, T) or broadcasting to
                (B, H, T, T). A causal mask makes this the block of a
                decoder-only model.
            cache: Of the attention, where ``x`` goes on from earlier words
                (chapter 14); the mask's last size then counts all of them.

        Returns:
            Float (B, T, D).

        Raises:
            TypeError: The mask is not bool.
            ValueError: The shapes do not fit together.
        """
        x = self.around_attention(
            x, lambda y: self.attention(y, attn_mask=attn_mask, cache=cache)[0]
        )
        fed: Tensor = self.around_feed_forward(x, self.feed_forward)
        return fed


@dataclass
class DecoderCache:
    """Keep what a decoder block need not compute again (chapter 14).

    Attributes:
        own: Keys and values of the words written so far.
        fetched: Keys and values of the encoder's output, computed once.
    """

    own: KeyValueCache = field(default_factory=KeyValueCache)
    fetched: KeyValueCache = field(default_factory=KeyValueCache)

    @property
    def length(self) -> int:
        """How many words have been written."""
        return self.own.length

    def unread(self, memory: Tensor) -> Tensor:
        """Give the part of ``memory`` that has no keys and values yet.

        Args:
            memory: Float (B, T_k, D), the encoder's output, the same in all
                calls.

        Returns:
            ``memory`` at the first call, nothing of it, (B, 0, D), later.

        Raises:
            ValueError: ``memory`` is not as long as at the first call.
        """
        if self.fetched.length not in (0, memory.size(1)):
            raise ValueError(
                f"memory is {memory.size(1)} positions long, the cache was "
                f"filled from one with {self.fetched.length}"
            )
        return memory[:, self.fetched.length :]

    def select(self, rows: Tensor) -> None:
        """Put other rows of the batch in the place of these.

        Args:
            rows: int64 (B_new,): row i becomes a copy of row ``rows[i]``.
        """
        self.own.select(rows)
        self.fetched.select(rows)


class DecoderBlock(nn.Module):
    """Let words exchange what they hold, fetch from the encoder, compute.

    Self-attention, then cross-attention whose queries come from the decoder
    and whose keys and values come from the encoder's output, then
    feed-forward; each with its way round.

    Args:
        d_model: Width D, of the encoder's output too.
        n_heads: Heads of both attentions; divides ``d_model``.
        d_ff: Width inside the feed-forward layer.
        dropout: Share set to 0 in training on each sublayer's output.
        norm_first: False is post-norm as in 2017, True is pre-norm.

    Raises:
        ValueError: A size does not fit; see the parts.

    Source: Vaswani et al. (2017), sec. 3.1 and 3.2.3, figure 1, right.
    """

    def __init__(
        self,
        d_model: int,
        n_heads: int,
        d_ff: int,
        *,
        dropout: float = 0.0,
        norm_first: bool = False,
    ) -> None:
        super().__init__()
        self.attention = MultiHeadAttention(d_model, n_heads)
        self.cross_attention = MultiHeadAttention(d_model, n_heads)
        self.feed_forward = FeedForward(d_model, d_ff)
        self.around_attention = Residual(
            d_model, dropout=dropout, norm_first=norm_first
        )
        self.around_cross_attention = Residual(
            d_model, dropout=dropout, norm_first=norm_first
        )
        self.around_feed_forward = Residual(
            d_model, dropout=dropout, norm_first=norm_first
        )

    def forward(
        self,
        x: Tensor,
        memory: Tensor,
        attn_mask: Tensor | None = None,
        memory_mask: Tensor | None = None,
        *,
        cache: DecoderCache | None = None,
    ) -> Tensor:
        """Pass a batch of beginnings through the block.

        Args:
            x: Float (B, T_q, D), the words so far.
            memory: Float (B, T_k, D), the encoder's output.
            attn_mask: Bool, True = may attend; who of ``x`` sees whom of
                ``x``: (T_q, T_q) or broadcasting to (B, H, T_q, T_q).
            memory_mask: Bool, True = may attend; who of ``x`` sees whom of
                ``memory``: (T_q, T_k) or broadcasting to (B, H, T_q, T_k).
            cache: Of both attentions, where ``x`` goes on from earlier words
                (chapter 14); ``attn_mask``'s last size then counts all of
                them.

        Returns:
            Float (B, T_q, D).

        Raises:
            TypeError: A mask is not bool.
            ValueError: The shapes do not fit together.
        """
        own, fetched = (cache.own, cache.fetched) if cache else (None, None)
        memory = cache.unread(memory) if cache else memory
        x = self.around_attention(
            x, lambda y: self.attention(y, attn_mask=attn_mask, cache=own)[0]
        )
        x = self.around_cross_attention(
            x,
            lambda y: self.cross_attention(
                y, memory, memory_mask, cache=fetched
            )[0],
        )
        fed: Tensor = self.around_feed_forward(x, self.feed_forward)
        return fed
