"""Compares a result with the wanted one and says in words what differs."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from numbers import Number
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

FAMILIES = {"torch.bool": "bool", "torch.complex64": "complex"}


@dataclass(frozen=True)
class Difference:
    """How two results differ.

    Args:
        kind: "type", "length", "keys", "shape", "dtype", "device", "nan" or
            "value".
        text: One or two sentences for the learner.
    """

    kind: str
    text: str


def plain(value: Any) -> Any:
    """Turn numbers in disguise into Python's: NumPy's, 0-dimensional ones.

    Args:
        value: Anything.

    Returns:
        A Python number where ``value`` is one number, else ``value``.
    """
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, np.ndarray) and value.ndim == 0:
        return value.item()
    if isinstance(value, Tensor) and value.ndim == 0:
        return value.item() if value.device.type != "meta" else value
    return value


def family(dtype: torch.dtype) -> str:
    """Name the family of a dtype: floats, whole numbers or bool."""
    if dtype.is_floating_point:
        return "float"
    return FAMILIES.get(str(dtype), "int")


def same(got: Any, wanted: Any, atol: float) -> bool:
    """Say whether two results count as equal.

    Args:
        got: A result.
        wanted: The other one.
        atol: Largest difference of two equal numbers.

    Returns:
        Whether they are; never raises.
    """
    try:
        found = difference(got, wanted, atol)
    except Exception:  # a result whose own methods raise is not equal
        return got is wanted
    return found is None or found.kind == "dtype-width"


def difference(got: Any, wanted: Any, atol: float) -> Difference | None:
    """Say how a result differs from the wanted one.

    Lists and tuples count alike, and so do the ways to write one number.

    Args:
        got: The learner's result.
        wanted: The reference's.
        atol: Largest difference of two equal numbers.

    Returns:
        The first difference, or None.
    """
    got = plain(got)
    if isinstance(wanted, Tensor) and wanted.ndim > 0:
        return _tensors(got, wanted, atol)
    return _others(got, plain(wanted), atol)


def _others(got: Any, wanted: Any, atol: float) -> Difference | None:
    if isinstance(wanted, bool | str | bytes) or wanted is None:
        return _exactly(got, wanted)
    if isinstance(wanted, Number):
        return _numbers(got, wanted, atol)
    if isinstance(wanted, Mapping):
        return _mappings(got, wanted, atol)
    if isinstance(wanted, Set):
        return _sets(got, wanted)
    if isinstance(wanted, Sequence):
        return _sequences(got, wanted, atol)
    if isinstance(wanted, nn.Module):
        equal = isinstance(got, nn.Module) and same(
            got.state_dict(), wanted.state_dict(), atol
        )
        return None if equal else Difference("value", "The model differs.")
    if got is wanted or isinstance(got, type(wanted)):
        return None
    return _type(got, wanted)


def named(value: Any) -> str:
    """Name the type of a value as a learner calls it.

    Args:
        value: Anything.

    Returns:
        Such as "a Tensor" or "an int".
    """
    name = type(value).__name__
    if value is None:
        return "None"
    if isinstance(value, np.ndarray):
        return "a NumPy array"
    return f"an {name}" if name[0].lower() in "aeiou" else f"a {name}"


def _type(got: Any, wanted: Any) -> Difference:
    return Difference(
        "type",
        f"Your function returns {named(got)}; {named(wanted)} is wanted.",
    )


def _exactly(got: Any, wanted: Any) -> Difference | None:
    if type(got) is not type(wanted):
        return _type(got, wanted)
    return None if got == wanted else Difference("value", "")


def _numbers(got: Any, wanted: Any, atol: float) -> Difference | None:
    if isinstance(got, Tensor) and got.numel() == 1:
        return Difference(
            "shape",
            f"Your function returns a Tensor of shape {tuple(got.shape)}; a "
            "number is wanted.",
        )
    if isinstance(got, bool) or not isinstance(got, Number):
        return _type(got, wanted)
    if isinstance(got, complex) or isinstance(wanted, complex):
        return None if got == wanted else Difference("value", "")
    one, other = float(got), float(wanted)  # type: ignore[arg-type]
    if math.isnan(one) and not math.isnan(other):
        return Difference("nan", "Your result is NaN, not a number.")
    close = (
        one == other
        or (math.isnan(one) and math.isnan(other))
        or math.isclose(
            one, other, rel_tol=1e-9 if atol == 0 else 1e-5, abs_tol=atol
        )
    )
    if isinstance(wanted, int):
        close = one == other
    return None if close else Difference("value", "")


def _mappings(got: Any, wanted: Any, atol: float) -> Difference | None:
    if not isinstance(got, Mapping):
        return _type(got, wanted)
    if set(got) != set(wanted):
        return Difference(
            "keys",
            f"Your dictionary has the keys {sorted(map(repr, got))[:8]}; "
            f"wanted are {sorted(map(repr, wanted))[:8]}.",
        )
    for key in wanted:
        if found := difference(got[key], wanted[key], atol):
            return Difference(found.kind, f"At {key!r}: {found.text}")
    return None


def _sets(got: Any, wanted: Any) -> Difference | None:
    if not isinstance(got, Set):
        return _type(got, wanted)
    return None if set(got) == set(wanted) else Difference("value", "")


def _sequences(got: Any, wanted: Any, atol: float) -> Difference | None:
    if isinstance(got, Tensor | np.ndarray):
        got = got.tolist()
    if not isinstance(got, Sequence) or isinstance(got, str | bytes):
        return _type(got, wanted)
    if len(got) != len(wanted):
        return Difference(
            "length",
            f"Your function returns {len(got)} things, wanted are "
            f"{len(wanted)}.",
        )
    for one, other in zip(got, wanted, strict=True):
        if found := difference(one, other, atol):
            return found
    return None


def _tensors(got: Any, wanted: Tensor, atol: float) -> Difference | None:
    if not isinstance(got, Tensor):
        return _type(got, wanted)
    if got.shape != wanted.shape:
        return Difference(
            "shape",
            f"Your result has the shape {tuple(got.shape)}, wanted is "
            f"{tuple(wanted.shape)}.",
        )
    if got.device != wanted.device:
        return Difference(
            "device",
            f"Your result lies on the device {got.device}, the input on "
            f"{wanted.device}: make new tensors with device=x.device.",
        )
    if family(got.dtype) != family(wanted.dtype):
        return Difference(
            "dtype",
            f"Your result holds {got.dtype}, wanted is {wanted.dtype}.",
        )
    return _entries(got.detach(), wanted.detach(), atol)


def _entries(one: Tensor, other: Tensor, atol: float) -> Difference | None:
    """Compare two Tensors of one shape, device and family of dtypes."""
    if bool(one.isnan().any()) and not bool(other.isnan().any()):
        return Difference(
            "nan",
            "Your result holds NaN, which is not a number. It comes from "
            "0 / 0, from inf - inf, or from a softmax over nothing but -inf.",
        )
    try:
        torch.testing.assert_close(
            one,
            other,
            atol=atol,
            rtol=0 if atol == 0 else 1e-5,
            equal_nan=True,
            check_dtype=False,
        )
    except AssertionError:
        return Difference("value", "")
    if one.dtype != other.dtype:
        return Difference(
            "dtype-width",
            f"The numbers are right, but they are {one.dtype} where the "
            f"input is {other.dtype}: keep the input's dtype.",
        )
    return None
