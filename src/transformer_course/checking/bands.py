"""Views of results that are measured: inside their band, below or above."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any


def place(value: Any, low: float, high: float) -> str:
    """Say where a number lies.

    Args:
        value: A number.
        low: Smallest value inside.
        high: Largest value inside.

    Returns:
        "below", "inside", "above" or "not a number".

    Raises:
        TypeError: ``value`` is no number.
    """
    if isinstance(value, bool | str):
        raise TypeError(f"{value!r} is no number")
    number = float(value)
    if math.isnan(number):
        return "not a number"
    if number < low:
        return "below"
    return "above" if number > high else "inside"


def band(low: float, high: float) -> Callable[[Any], str]:
    """Make the view of one number.

    Args:
        low: Smallest value inside.
        high: Largest value inside.

    Returns:
        A view for an exercise.
    """
    return lambda value: place(value, low, high)


def share(kind: Callable[[float], str]) -> Callable[[Any], str]:
    """Make the view of a share from its kinds; a decorator.

    Args:
        kind: From a number between 0 and 1 to what it is called.

    Returns:
        A view for an exercise; what is not from 0 to 1 is "no share".
    """

    def view(value: Any) -> str:
        if place(value, 0, 1) != "inside":
            return "no share"
        return kind(float(value))

    return view


def each(
    bands: Mapping[Any, tuple[float, float]],
) -> Callable[[Any], dict[Any, str]]:
    """Make the view of a dictionary or a sequence of numbers.

    Args:
        bands: Smallest and largest value by key, or by place.

    Returns:
        A view; it raises where the result has other keys.
    """

    def view(result: Any) -> dict[Any, str]:
        if isinstance(result, str):
            raise TypeError(result)
        keys = result if isinstance(result, Mapping) else range(len(result))
        if set(keys) != set(bands):
            raise KeyError(set(keys))
        return {k: place(result[k], *bands[k]) for k in bands}

    return view
