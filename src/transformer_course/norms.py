"""Normalization: bring each word's vector back to one size."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812


class LayerNorm(nn.Module):
    """Centre and scale each word's own features, then stretch them again.

    For every vector by itself: subtract the mean of its D features, divide
    by the root of their variance plus ``eps``, multiply by ``weight`` and
    add ``bias``. The variance is the biased one (divided by D, not D - 1)
    and ``eps`` stands inside the root. Nothing is shared between words or
    between the sentences of a batch.

    Args:
        d_model: Number of features D of a vector.
        eps: Added to the variance, so that a constant vector gives 0.

    Raises:
        ValueError: ``d_model`` or ``eps`` is not positive.

    Source: Ba, Kiros and Hinton (2016), sec. 3, eq. 3.

    Example:
        >>> LayerNorm(2, eps=1e-9)(torch.tensor([[1.0, 3.0]])).round().tolist()
        [[-1.0, 1.0]]
    """

    def __init__(self, d_model: int, eps: float = 1e-5) -> None:
        super().__init__()
        _check_sizes(d_model, eps)
        self.eps = eps
        self.weight = nn.Parameter(torch.ones(d_model))
        self.bias = nn.Parameter(torch.zeros(d_model))

    def forward(self, x: Tensor) -> Tensor:
        """Normalize the last dimension.

        Args:
            x: Float (..., D).

        Returns:
            Float (..., D).

        Raises:
            ValueError: The last size is not D.
        """
        _check_width(x, self.weight.numel())
        # All these steps in one pass over memory (chapter 8 writes them out).
        D = self.weight.shape
        return F.layer_norm(x, D, self.weight, self.bias, self.eps)


class RMSNorm(nn.Module):
    """Scale each word's own features to one size, without centring them.

    For every vector by itself: divide by the root of the mean of its squared
    features plus ``eps``, then multiply by ``weight``. Against LayerNorm, the
    mean is not taken away and there is no bias: fewer steps for the same
    steadying of sizes. In bfloat16 and float16 the size is computed in
    float32, whose squares do not overflow.

    Args:
        d_model: Number of features D of a vector.
        eps: Added to the mean square, so that a zero vector gives 0.

    Raises:
        ValueError: ``d_model`` or ``eps`` is not positive.

    Source: Zhang and Sennrich (2019), sec. 4, eq. 4.

    Example:
        >>> RMSNorm(2, eps=1e-9)(torch.tensor([[1.0, 7.0]])).tolist()
        [[0.20000000298023224, 1.399999976158142]]
    """

    def __init__(self, d_model: int, eps: float = 1e-6) -> None:
        super().__init__()
        _check_sizes(d_model, eps)
        self.eps = eps
        self.weight = nn.Parameter(torch.ones(d_model))

    def forward(self, x: Tensor) -> Tensor:
        """Normalize the last dimension.

        Args:
            x: Float (..., D).

        Returns:
            Float (..., D).

        Raises:
            ValueError: The last size is not D.
        """
        _check_width(x, self.weight.numel())
        exact = x.to(torch.promote_types(x.dtype, torch.float32))
        mean_square = exact.square().mean(dim=-1, keepdim=True)  # (..., 1)
        scaled = exact * torch.rsqrt(mean_square + self.eps)  # (..., D)
        return self.weight * scaled.to(x.dtype)


def _check_sizes(d_model: int, eps: float) -> None:
    if d_model < 1:
        raise ValueError(f"d_model is {d_model}, wanted at least 1")
    if not eps > 0:
        raise ValueError(f"eps is {eps}, wanted a positive number")


def _check_width(x: Tensor, d_model: int) -> None:
    if x.dim() < 1 or x.size(-1) != d_model:
        raise ValueError(
            f"x has shape {tuple(x.shape)}, wanted (..., {d_model})"
        )
