"""Comparisons of returned values with the reference's, outside the sandbox.

The values came through JSON and safetensors, so they are plain: numbers,
strings, lists, dictionaries and tensors, and no code of the student's runs
when they are compared.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
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


@dataclass(frozen=True)
class Close:
    """What ``close`` returns; a class, so that it can be told from others.

    Args:
        atol: Largest absolute difference.
        rtol: Largest difference relative to the reference.
    """

    atol: float
    rtol: float

    def __call__(self, got: Any, want: Any) -> bool:
        """Say whether a returned value is right."""
        return _same(plain(got), plain(want), self.atol, self.rtol)


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
    return Close(atol, rtol)


def exact(got: Any, want: Any) -> bool:
    """Compare without tolerance: token ids, words, masks, counts."""
    return _same(plain(got), plain(want), 0.0, 0.0)


def form(compare: Compare, got: Any, want: Any) -> str:
    """Say how a returned value differs in kind or shape, not in what it is.

    Args:
        compare: How the two were compared. A comparison of an assignment's
            own may accept several kinds, so nothing is said then.
        got: What was returned.
        want: What the reference returns.

    Returns:
        ``"floats where tensors are wanted"``, without a value of either; or
        empty where only values differ.
    """
    if isinstance(compare, Close) or compare is exact:
        return _form(got, want)
    return ""


def _form(got: Any, want: Any) -> str:
    """Return the first difference in form of two values, or nothing."""
    got_kind, want_kind = _kind(got), _kind(want)
    if got_kind == "tensors" and want_kind == "numbers" and got.ndim == 0:
        return ""
    if got_kind != want_kind:
        got_kind = f"{type(got).__name__}s" if _is_number(got) else got_kind
        want_kind = "tuples" if isinstance(want, tuple) else want_kind
        return f"{got_kind} where {want_kind} are wanted"
    if want_kind == "tensors":
        return _form_of_tensors(plain(got), plain(want))
    if want_kind == "dictionaries":
        got, want = plain(got), plain(want)
        if got.keys() != want.keys():
            return "other keys than the wanted ones"
        got, want = list(got.values()), [want[key] for key in got]
    elif want_kind != "lists":
        return ""
    if len(got) != len(want):
        if isinstance(want, tuple):
            s = "" if len(got) == 1 else "s"
            return f"{len(got)} value{s} where {len(want)} are wanted"
        return "a list that is too long or too short"
    pairs = zip(got, want, strict=True)
    return next(filter(None, (_form(g, w) for g, w in pairs)), "")


def _form_of_tensors(got: Tensor, want: Tensor) -> str:
    """Return the difference in shape, or that only one of them is bool."""
    if got.shape != want.shape:
        shapes = tuple(got.shape), tuple(want.shape)
        return f"shape {shapes[0]} where {shapes[1]} is wanted"
    if got.dtype != want.dtype and torch.bool in (got.dtype, want.dtype):
        one, other = (
            "bools" if tensor.dtype == torch.bool else "numbers"
            for tensor in (got, want)
        )
        return f"a tensor of {one} where {other} are wanted"
    return ""


def _kind(value: Any) -> str:
    """Name what kind of value it is, in the plural."""
    if isinstance(value, Tensor | np.ndarray):
        return "tensors"
    if _is_number(value) or isinstance(value, np.number):
        return "numbers"
    if isinstance(value, list | tuple):
        return "lists"
    if isinstance(value, dict):
        return "dictionaries"
    names = {bool: "bools", np.bool_: "bools", str: "strings"}
    return names.get(type(value), "None")


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
