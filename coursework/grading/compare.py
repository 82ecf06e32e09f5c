"""Comparisons of returned values with the reference's, outside the sandbox.

The values came through JSON and safetensors, so they are plain: numbers,
strings, lists, dictionaries and tensors, and no code of the student's runs
when they are compared.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor

Compare = Callable[[Any, Any], bool]


def plain(value: Any) -> Any:
    """Bring a reference's value to the form in which returned ones arrive.

    Tuples become lists, numpy arrays and tensors become dense tensors
    without gradient, numpy's single numbers become Python's, and keys of
    dictionaries become strings.
    """
    if isinstance(value, Tensor):
        return value.detach().cpu().contiguous()
    if isinstance(value, np.ndarray):
        return torch.from_numpy(value.copy())
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, list | tuple):
        return [plain(v) for v in value]
    if isinstance(value, dict):
        return {str(k): plain(v) for k, v in value.items()}
    return value


def close(atol: float = 1e-5, rtol: float = 1e-5) -> Compare:
    """Compare numbers to a tolerance, and everything else exactly.

    A tensor is right where it has the reference's shape; float32 and
    float64 count alike. A single number may come as a tensor of one number
    without dimensions. NaN and infinity are right only where the reference
    has the same.

    Args:
        atol: Largest absolute difference, in the values' own unit.
        rtol: Largest difference relative to the reference.
    """

    def same(got: Any, want: Any) -> bool:
        return _same(plain(got), plain(want), atol, rtol)

    return same


def exact(got: Any, want: Any) -> bool:
    """Compare without tolerance: token ids, words, masks, counts."""
    return _same(plain(got), plain(want), 0.0, 0.0)


def _same(got: Any, want: Any, atol: float, rtol: float) -> bool:
    """Compare two plain values, whatever they are."""
    if isinstance(want, Tensor):
        return isinstance(got, Tensor) and _same_tensor(got, want, atol, rtol)
    if isinstance(got, Tensor) and got.dim() == 0:
        got = got.item()
    if isinstance(want, list):
        return (
            isinstance(got, list)
            and len(got) == len(want)
            and all(
                _same(g, w, atol, rtol) for g, w in zip(got, want, strict=True)
            )
        )
    if isinstance(want, dict):
        return (
            isinstance(got, dict)
            and got.keys() == want.keys()
            and all(_same(got[k], want[k], atol, rtol) for k in want)
        )
    if _is_number(want):
        return _is_number(got) and _same_number(got, want, atol, rtol)
    return type(got) is type(want) and bool(got == want)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _same_number(got: float, want: float, atol: float, rtol: float) -> bool:
    if math.isnan(want) or math.isinf(want) or not math.isfinite(got):
        return got == want or (math.isnan(got) and math.isnan(want))
    return abs(got - want) <= atol + rtol * abs(want)


def _same_tensor(got: Tensor, want: Tensor, atol: float, rtol: float) -> bool:
    if got.shape != want.shape:
        return False
    if got.is_complex() or want.is_complex():
        return bool(got.dtype == want.dtype and torch.equal(got, want))
    if (got.dtype == torch.bool) != (want.dtype == torch.bool):
        return False
    return torch.allclose(
        got.double(), want.double(), rtol=rtol, atol=atol, equal_nan=True
    )
