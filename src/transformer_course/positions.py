"""Where a word stands: sinusoidal and learned positional encodings."""

from __future__ import annotations

import torch
from torch import Tensor, nn


def sinusoidal_positions(n_positions: int, d_model: int) -> Tensor:
    """Give every position its own smooth fingerprint of sines and cosines.

    Dimension pair i turns at wavelength 2 pi 10000^(2i / d_model), so that
    moving by a fixed offset is one rotation per pair, whatever the position.
    The angles are computed in float64: in float32 those of late positions
    would be off in the fourth decimal.

    Args:
        n_positions: How many positions, counted from 0.
        d_model: Width of the table; even.

    Returns:
        Float (n_positions, d_model) of the default dtype: sines in even
        columns, cosines in odd ones.

    Raises:
        ValueError: d_model is odd, or either number is not positive.

    Source:
        Vaswani et al. (2017), section 3.5.

    Example:
        >>> sinusoidal_positions(3, 2)
        tensor([[ 0.0000,  1.0000],
                [ 0.8415,  0.5403],
                [ 0.9093, -0.4161]])
    """
    if n_positions < 1:
        raise ValueError(f"n_positions is {n_positions}, wanted at least 1")
    if d_model < 2 or d_model % 2:
        raise ValueError(
            f"d_model is {d_model}, wanted a positive even number"
        )
    position = torch.arange(n_positions, dtype=torch.float64)
    two_i = torch.arange(0, d_model, 2, dtype=torch.float64)
    speed = 10000.0 ** (-two_i / d_model)  # (D / 2,) radians a position
    angle = position[:, None] * speed  # (T, D / 2)
    table = torch.stack([angle.sin(), angle.cos()], dim=-1)  # (T, D / 2, 2)
    return table.flatten(1).to(torch.get_default_dtype())  # (T, D)


def _check_input(
    x: Tensor, start: int, max_seq_len: int, d_model: int
) -> None:
    if x.dim() != 3 or x.size(-1) != d_model:
        raise ValueError(
            f"x has shape {tuple(x.shape)}, wanted (B, T, d_model) "
            f"with d_model {d_model}"
        )
    if start < 0:
        raise ValueError(f"start is {start}, wanted at least 0")
    if start + x.size(1) > max_seq_len:
        earlier = f" after {start} earlier ones" if start else ""
        raise ValueError(
            f"x is {x.size(1)} positions long{earlier}, "
            f"wanted at most max_seq_len {max_seq_len}"
        )


class SinusoidalPositions(nn.Module):
    """Add the sinusoidal encoding of its place to each word's vector.

    Nothing is learned, and the table is not part of the saved weights. The
    dropout that the paper applies to the sum (section 5.4) is left to the
    model that uses this layer.

    Args:
        max_seq_len: Longest input.
        d_model: Width of the vectors; even.

    Raises:
        ValueError: d_model is odd, or either number is not positive.

    Source:
        Vaswani et al. (2017), section 3.5.
    """

    table: Tensor

    def __init__(self, max_seq_len: int, d_model: int) -> None:
        super().__init__()
        table = sinusoidal_positions(max_seq_len, d_model)
        self.register_buffer("table", table, persistent=False)

    def forward(self, x: Tensor, start: int = 0) -> Tensor:
        """Add row t of the table to every vector at position t.

        Args:
            x: Float (B, T, D); start + T is at most max_seq_len.
            start: Position of the first vector: how many words came before,
                where a text is fed piece by piece (chapter 14).

        Returns:
            Float (B, T, D).

        Raises:
            ValueError: x is too long or not of shape (B, T, D), or start is
                negative.
        """
        _check_input(x, start, *self.table.shape)
        end = start + x.size(1)
        return x + self.table[start:end]  # (B, T, D) + (T, D)


class LearnedPositions(nn.Module):
    """Add a trained vector of its place to each word's vector.

    A position that no training input reaches keeps its random start, and one
    beyond ``max_seq_len`` has no vector at all. The start is normal with
    standard deviation 0.02, as in GPT-1.

    Args:
        max_seq_len: Longest input.
        d_model: Width of the vectors.

    Raises:
        ValueError: Either number is not positive.

    Source:
        Gehring et al. (2017), section 3.1; Vaswani et al. (2017), table 3,
        row E; Radford et al. (2018), section 4.1.
    """

    def __init__(self, max_seq_len: int, d_model: int) -> None:
        super().__init__()
        if max_seq_len < 1:
            raise ValueError(
                f"max_seq_len is {max_seq_len}, wanted at least 1"
            )
        if d_model < 1:
            raise ValueError(f"d_model is {d_model}, wanted at least 1")
        self.weight = nn.Parameter(torch.empty(max_seq_len, d_model))
        nn.init.normal_(self.weight, std=0.02)

    def forward(self, x: Tensor, start: int = 0) -> Tensor:
        """Add row t of the weight to every vector at position t.

        Args:
            x: Float (B, T, D); start + T is at most max_seq_len.
            start: Position of the first vector: how many words came before,
                where a text is fed piece by piece (chapter 14).

        Returns:
            Float (B, T, D).

        Raises:
            ValueError: x is too long or not of shape (B, T, D), or start is
                negative.
        """
        _check_input(x, start, *self.weight.shape)
        end = start + x.size(1)
        return x + self.weight[start:end]  # (B, T, D) + (T, D)
