"""The small sums that paper quizzes are made of, and numbers as text."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

Vector = Sequence[float]
NO_BREAK = "\N{NO-BREAK SPACE}"


def dot(a: Vector, b: Vector) -> float:
    """Sum the products of corresponding numbers."""
    return sum(x * y for x, y in zip(a, b, strict=True))


def length(a: Vector) -> float:
    """Take the root of a vector's dot product with itself."""
    return math.sqrt(dot(a, a))


def add(*vectors: Vector) -> list[float]:
    """Add vectors number by number."""
    return [sum(numbers) for numbers in zip(*vectors, strict=True)]


def times(factor: float, vector: Vector) -> list[float]:
    """Multiply every number of a vector."""
    return [factor * x for x in vector]


def mix(weights: Vector, vectors: Sequence[Vector]) -> list[float]:
    """Weigh vectors and add them up."""
    return add(*(times(w, v) for w, v in zip(weights, vectors, strict=True)))


def softmax(scores: Vector) -> list[float]:
    """Turn scores into shares."""
    powers = [math.exp(x - max(scores)) for x in scores]
    return [p / sum(powers) for p in powers]


def relu(vector: Vector) -> list[float]:
    """Set what is negative to 0."""
    return [max(x, 0) for x in vector]


def zeros(n: int) -> list[float]:
    """Give n zeros."""
    return [0.0] * n


def show(value: object, digits: int | None = None) -> str:
    """Write a value as it stands on a sheet.

    Args:
        value: Text, a number, or a sequence of these, nested or not.
        digits: Decimals; without it three at most, and no zeros behind.

    Returns:
        ``"−0.5"``, ``"[2, 0.667]"``, or the text itself.

    Example:
        >>> show(2 / 3), show(-0.5), show(0.5, 2), show([[1.0], [0.25]])
        ('0.667', '−0.5', '0.50', '[[1], [0.25]]')
    """
    if isinstance(value, str):
        return value
    if isinstance(value, (list, tuple)):
        flat = all(isinstance(x, (int, float)) for x in value)
        comma = f",{NO_BREAK}" if flat else ", "  # a vector stays on a line
        return "[" + comma.join(show(x, digits) for x in value) + "]"
    if not isinstance(value, (int, float)):
        raise TypeError(f"{value!r} is neither text nor number nor sequence")
    written = f"{value:.{3 if digits is None else digits}f}"
    if digits is None:
        written = written.rstrip("0").rstrip(".")
    if float(written) == 0:
        written = written.lstrip("-")
    return written.replace("-", "−")


SUMS: Mapping[str, Callable[..., Any]] = {
    function.__name__: function
    for function in (
        add, dot, length, mix, relu, show, softmax, times, zeros,
        abs, len, list, max, min, range, round, set, sum, zip,
    )
} | {"sqrt": math.sqrt}  # fmt: skip


def evaluate(expression: str, names: Mapping[str, Any]) -> Any:
    """Work out one expression of a quiz.

    A quiz is the instructor's own source, as trusted as a module; only these
    sums and the quiz's own names are at hand, so that a slip is found.

    Args:
        expression: Python, without assignment.
        names: Numbers drawn and worked out so far.

    Returns:
        Its value.

    Raises:
        ValueError: It cannot be worked out; says which expression it is.
    """
    scope = {"__builtins__": {}, **SUMS, **names}
    try:
        return eval(expression, scope)
    except Exception as error:
        raise ValueError(f"{expression!r}: {error}") from error
