"""GPT: a decoder-only model that scores the next token at every position."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

from transformer_course.attention import KeyValueCache
from transformer_course.embeddings import TokenEmbedding
from transformer_course.layers import ACTIVATIONS
from transformer_course.masks import decoder_mask
from transformer_course.positions import LearnedPositions
from transformer_course.transformer import (
    DecoderOutput,
    Encoder,
    check_config,
)

START_STD = 0.02  # of every matrix at the start
_LAST = ("out_proj.weight", "narrow.weight")  # of a sublayer


@dataclass(frozen=True)
class GPTConfig:
    """The sizes of a GPT; the defaults are those of GPT-2, the small one.

    GPT-1 has ``max_seq_len=512`` and ``norm_first=False``, and is otherwise
    the same.

    Attributes:
        vocab_size: Entries V of the vocabulary; 50,257 in GPT-2 and 40,478
            in GPT-1.
        d_model: Width D.
        n_heads: Heads; divides ``d_model``.
        d_ff: Width inside the feed-forward layers.
        n_layers: Blocks.
        max_seq_len: Longest input.
        dropout: Share set to 0 in training, on each sublayer's output and
            on the sums of embeddings and positions. The published models
            drop attention weights too; this one does not.
        norm_first: True is pre-norm as in GPT-2, with a norm after the last
            block; False is post-norm as in GPT-1.
        tied: Whether the embedding's matrix serves as the last layer too.
        activation: The feed-forward layers' bend, a name among
            ``layers.ACTIVATIONS``; in both GPTs GELU by its tanh formula.
        eps: Added to the variance in every norm.

    Raises:
        ValueError: A size is not positive, ``n_heads`` does not divide
            ``d_model``, ``dropout`` is not from 0 to 1, or there is no such
            activation.

    Source: Radford et al. (2018), sec. 4.1; Radford et al. (2019), sec. 2.3.
    """

    vocab_size: int
    d_model: int = 768
    n_heads: int = 12
    d_ff: int = 3072
    n_layers: int = 12
    max_seq_len: int = 1024
    dropout: float = 0.1
    norm_first: bool = True
    tied: bool = True
    activation: str = "gelu_tanh"
    eps: float = 1e-5

    def __post_init__(self) -> None:
        """Refuse what no model can have."""
        check_config(
            self, "vocab_size", "d_model", "n_heads", "d_ff", "n_layers",
            "max_seq_len",
        )  # fmt: skip


class GPT(nn.Module):
    """Read tokens from left to right and score the next one everywhere.

    The encoder's stack of blocks with a causal mask: no cross-attention, for
    there is nothing else to attend to. All matrices start normal with
    standard deviation 0.02 and all biases at 0. In a pre-norm model the last
    layer of each sublayer starts smaller, by the root of the number of
    sublayers, since the copy that goes round adds up all their outputs.

    Args:
        config: The sizes.
        head: Whether there are logits at the end, or hidden states alone.

    Source: Radford et al. (2018), sec. 3.1 and 4.1; Radford et al. (2019),
    sec. 2.3.

    Example:
        >>> import torch
        >>> model = GPT(GPTConfig(vocab_size=7, d_model=6, n_heads=2, d_ff=5))
        >>> output = model(torch.tensor([[1, 2, 3]]))
        >>> output.logits.shape, output.hidden.shape
        (torch.Size([1, 3, 7]), torch.Size([1, 3, 6]))
    """

    def __init__(self, config: GPTConfig, *, head: bool = True) -> None:
        super().__init__()
        self.config = config
        self.has_head = head
        c = config
        self.embedding = TokenEmbedding(c.vocab_size, c.d_model)
        self.positions = LearnedPositions(c.max_seq_len, c.d_model)
        self.dropout = nn.Dropout(c.dropout)
        self.encoder = Encoder(
            c.n_layers,
            c.d_model,
            c.n_heads,
            c.d_ff,
            dropout=c.dropout,
            norm_first=c.norm_first,
            activation=ACTIVATIONS[c.activation],
            eps=c.eps,
        )
        self.head = (
            nn.Linear(c.d_model, c.vocab_size, bias=False)
            if head and not c.tied
            else None
        )
        self._start()

    def _start(self) -> None:
        """Draw the starting weights."""
        for name, parameter in self.named_parameters():
            if name.endswith("bias"):
                nn.init.zeros_(parameter)
            elif name.endswith(_LAST) and self.config.norm_first:
                std = START_STD / (2 * self.config.n_layers) ** 0.5
                nn.init.normal_(parameter, std=std)
            elif parameter.dim() == 2:
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
                real. Pad on the right: a position is a column's number, so
                padding on the left would shift a sentence's positions. With
                ``cache``, of all tokens so far.
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
        start = cache[0].length if cache else 0
        mask = decoder_mask(token_ids, pad_mask, start)
        x = self.positions(self.embedding(token_ids), start)  # (B, T, D)
        hidden = self.encoder(self.dropout(x), mask, cache=cache)
        if not self.has_head:
            return DecoderOutput(None, hidden)
        last = self.embedding if self.head is None else self.head
        return DecoderOutput(F.linear(hidden, last.weight), hidden)

    def new_cache(self) -> list[KeyValueCache]:
        """Make an empty cache for ``forward``.

        Returns:
            One part for each block.
        """
        return self.encoder.new_cache()
