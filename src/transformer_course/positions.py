"""Where a word stands: sinusoidal, learned, rotary, and ALiBi."""

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


def rotary_angles(
    n_positions: int, d_head: int, *, base: float = 10000.0, start: int = 0
) -> Tensor:
    """Say by how much each pair of a head's features turns at each position.

    Pair i turns at position t by t base^(-2i / d_head) radians: the angles
    of the sinusoidal encoding. They are computed in float32, as those of
    published models are, so that late positions agree with theirs.

    Args:
        n_positions: How many positions.
        d_head: Width of a head; even.
        base: The larger, the slower the slow pairs turn.
        start: Number of the first position.

    Returns:
        Float32 (n_positions, d_head / 2), in radians.

    Raises:
        ValueError: ``d_head`` is odd or not positive, ``n_positions`` or
            ``base`` is not positive, or ``start`` is negative.

    Source:
        Su et al. (2021), section 3.2.2.

    Example:
        >>> rotary_angles(3, 4, base=100.0)
        tensor([[0.0000, 0.0000],
                [1.0000, 0.1000],
                [2.0000, 0.2000]])
    """
    if n_positions < 1:
        raise ValueError(f"n_positions is {n_positions}, wanted at least 1")
    if d_head < 2 or d_head % 2:
        raise ValueError(f"d_head is {d_head}, wanted a positive even number")
    if not base > 0:
        raise ValueError(f"base is {base}, wanted a positive number")
    if start < 0:
        raise ValueError(f"start is {start}, wanted at least 0")
    two_i = torch.arange(0, d_head, 2, dtype=torch.float32)
    speed = 1.0 / (base ** (two_i / d_head))  # (D_h / 2,)
    position = torch.arange(start, start + n_positions, dtype=torch.float32)
    return position[:, None] * speed  # (T, D_h / 2)


def rotate(x: Tensor, angles: Tensor) -> Tensor:
    """Turn queries or keys by their position, so that distances remain.

    Features i and i + D_h / 2 are the two coordinates of a point, which
    turns by its angle. The dot product of a turned query with a turned key
    then depends on how far apart they stand, not on where. Su et al. pair
    neighbouring features instead; published Llama weights in Hugging Face
    layout pair these, and the order makes no difference to what can be
    learned.

    Args:
        x: Float (..., T, D_h), queries or keys.
        angles: Float (T, D_h / 2), from :func:`rotary_angles`.

    Returns:
        Float (..., T, D_h), every vector as long as before.

    Raises:
        ValueError: The shapes do not fit together.

    Source:
        Su et al. (2021), section 3.2.2, equation 15.

    Example:
        >>> quarter = torch.tensor([[torch.pi / 2]])
        >>> rotate(torch.tensor([[3.0, 1.0]]), quarter).round()
        tensor([[-1.,  3.]])
    """
    if x.dim() < 2 or (x.size(-2), x.size(-1) / 2) != tuple(angles.shape):
        raise ValueError(
            f"x has shape {tuple(x.shape)} and angles "
            f"{tuple(angles.shape)}, wanted (..., T, D_h) and (T, D_h / 2)"
        )
    first, second = x.chunk(2, dim=-1)  # (..., T, D_h / 2) each
    cos, sin = angles.cos().to(x.dtype), angles.sin().to(x.dtype)
    turned = (first * cos - second * sin, second * cos + first * sin)
    return torch.cat(turned, dim=-1)


def alibi_slopes(n_heads: int) -> Tensor:
    """Say how much each head minds distance.

    With 8 heads 1/2, 1/4, ... 1/256; with n heads powers of 2^(-8 / n).

    Args:
        n_heads: Heads H.

    Returns:
        Float (H,) of the default dtype, the steepest first.

    Raises:
        ValueError: ``n_heads`` is not positive.

    Source:
        Press, Smith and Lewis (2022), section 3. Where H is no power of two,
        their program takes other slopes than this formula of the paper.

    Example:
        >>> alibi_slopes(4).tolist()
        [0.25, 0.0625, 0.015625, 0.00390625]
    """
    if n_heads < 1:
        raise ValueError(f"n_heads is {n_heads}, wanted at least 1")
    number = torch.arange(1, n_heads + 1, dtype=torch.float64)
    return (2.0 ** (-8 * number / n_heads)).to(torch.get_default_dtype())


def alibi_biases(n_heads: int, n_positions: int) -> Tensor:
    """Make far words less likely to be attended to, by numbers nobody learns.

    They are added to the scores before the softmax, and take the place of
    any other encoding of positions.

    Args:
        n_heads: Heads H.
        n_positions: How many positions T.

    Returns:
        Float (H, T, T) of the default dtype: minus the head's slope times
        the distance between query (row) and key (column).

    Raises:
        ValueError: Either number is not positive.

    Source:
        Press, Smith and Lewis (2022), section 3.

    Example:
        >>> alibi_biases(1, 3) * 256
        tensor([[[-0., -1., -2.],
                 [-1., -0., -1.],
                 [-2., -1., -0.]]])
    """
    if n_positions < 1:
        raise ValueError(f"n_positions is {n_positions}, wanted at least 1")
    position = torch.arange(n_positions)
    distance = (position[:, None] - position).abs()  # (T, T)
    return -alibi_slopes(n_heads)[:, None, None] * distance
