"""The Transformer: stacks of blocks."""

from __future__ import annotations

from torch import Tensor, nn

from transformer_course.layers import EncoderBlock
from transformer_course.norms import LayerNorm


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
    ) -> None:
        super().__init__()
        if n_layers < 1:
            raise ValueError(f"n_layers is {n_layers}, wanted at least 1")
        self.blocks = nn.ModuleList(
            EncoderBlock(
                d_model, n_heads, d_ff, dropout=dropout, norm_first=norm_first
            )
            for _ in range(n_layers)
        )
        self.norm = LayerNorm(d_model) if norm_first else nn.Identity()

    def forward(self, x: Tensor, attn_mask: Tensor | None = None) -> Tensor:
        """Pass a batch of sentences through all blocks.

        Args:
            x: Float (B, T, D).
            attn_mask: Bool, True = may attend; (T, T) or broadcasting to
                (B, H, T, T). Every block gets the same one.

        Returns:
            Float (B, T, D).

        Raises:
            TypeError: The mask is not bool.
            ValueError: The shapes do not fit together.
        """
        for block in self.blocks:
            x = block(x, attn_mask)
        normed: Tensor = self.norm(x)
        return normed
