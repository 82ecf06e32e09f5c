"""Recognises what goes wrong in any exercise: order, sign, factor, axis.

A pattern is a change of the wanted result. It is named when the answer
returns the changed result on every input.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from transformer_course.checking.comparing import difference, family, same

Pair = tuple[tuple[Any, ...], Any, Any]  # arguments, wanted, got

FACTORS = {
    100.0: "Your numbers are 100 times too large: percent, not shares?",
    0.01: "Your numbers are 100 times too small: shares, not percent?",
    math.log(2): "Your numbers are ln 2 times the wanted: nats, not bits?",
    1 / math.log(2): "Your numbers are the wanted divided by ln 2: bits, not "
    "nats?",
    2.0: "Your numbers are twice the wanted: is something counted twice?",
    0.5: "Your numbers are half the wanted: is something left out or "
    "divided once too often?",
}


def numbers(value: Any) -> Tensor | None:
    """Read a result as numbers.

    Args:
        value: A number, nested lists of numbers, or a Tensor.

    Returns:
        Float64 of the same shape, or None where it is not made of numbers.
    """
    if isinstance(value, bool | str) or value is None:
        return None
    try:
        if isinstance(value, Tensor) and value.dtype == torch.bool:
            return None
        return torch.as_tensor(value, dtype=torch.float64).detach()
    except Exception:  # not numbers, or of different lengths
        return None


def _inside_out(wanted: Any) -> Any:
    if isinstance(wanted, bool):
        return not wanted
    if isinstance(wanted, Tensor) and wanted.dtype == torch.bool:
        return ~wanted
    return None


def _transposed(wanted: Any) -> Any:
    if isinstance(wanted, Tensor) and wanted.ndim >= 2:
        return wanted.transpose(-2, -1)
    return None


def _reversed(wanted: Any) -> Any:
    if isinstance(wanted, Tensor):
        return wanted.flip(0) if wanted.ndim else None
    if isinstance(wanted, list | tuple) and len(wanted) > 1:
        return list(wanted)[::-1]
    return None


def _negative(wanted: Any) -> Any:
    found = numbers(wanted)
    if found is None:
        return None
    return (-found).tolist() if not isinstance(wanted, Tensor) else -wanted


CHANGES: tuple[tuple[Callable[[Any], Any], str, str], ...] = (
    (
        _inside_out,
        "Your result is inside out: True and False are exchanged.",
        "Read once more what True stands for.",
    ),
    (
        _transposed,
        "Rows and columns of your result are exchanged.",
        "Which axis asks, and which is asked? Print the smallest case.",
    ),
    (
        _negative,
        "All your numbers have the wrong sign.",
        "Look at the order of a subtraction, or at a minus before a log.",
    ),
    (
        _reversed,
        "Your values are right, but they stand in reverse order.",
        "The docstring says which comes first.",
    ),
)


def diagnosis(pairs: Sequence[Pair], atol: float) -> tuple[str, str] | None:
    """Name the pattern that an answer's results follow.

    Args:
        pairs: Arguments, wanted and got of every input.
        atol: Largest difference of two equal numbers.

    Returns:
        A sentence and what to look at, or None.
    """
    for change, title, body in CHANGES:
        if _follows(pairs, change, atol):
            return title, body
    return (
        _echo(pairs, atol)
        or _constant(pairs, atol)
        or _scaled(pairs, atol)
        or _shifted(pairs, atol)
        or _another_order(pairs, atol)
        or _nearly(pairs)
    )


def _follows(
    pairs: Sequence[Pair], change: Callable[[Any], Any], atol: float
) -> bool:
    changed = [change(wanted) for _, wanted, _ in pairs]
    if any(c is None for c in changed):
        return False
    return all(
        same(got, c, atol)
        for (_, _, got), c in zip(pairs, changed, strict=True)
    )


def _echo(pairs: Sequence[Pair], atol: float) -> tuple[str, str] | None:
    for place in range(len(pairs[0][0])):
        if all(same(got, args[place], atol) for args, _, got in pairs):
            return (
                "Your function gives back what it was given.",
                "Something is computed, perhaps, but not returned.",
            )
    return None


def _constant(pairs: Sequence[Pair], atol: float) -> tuple[str, str] | None:
    _, wanted, got = pairs[0]
    if len(pairs) < 3 or all(same(w, wanted, atol) for _, w, _ in pairs):
        return None
    if all(same(g, got, atol) for _, _, g in pairs):
        return (
            "Your function gives the same result for every input.",
            "Does it use its arguments, or a value of the chapter?",
        )
    return None


def _flat(pairs: Sequence[Pair]) -> tuple[Tensor, Tensor] | None:
    ours, theirs = [], []
    for _, wanted, got in pairs:
        one, other = numbers(wanted), numbers(got)
        if one is None or other is None or one.shape != other.shape:
            return None
        ours.append(one.flatten())
        theirs.append(other.flatten())
    wanted, got = torch.cat(ours), torch.cat(theirs)
    finite = wanted.isfinite().all() and got.isfinite().all()
    return (wanted, got) if finite else None


def _scaled(pairs: Sequence[Pair], atol: float) -> tuple[str, str] | None:
    flat = _flat(pairs)
    if flat is None or not (flat[0] != 0).any():
        return None
    wanted, got = flat
    largest = wanted.abs().argmax()
    factor = float(got[largest] / wanted[largest])
    if factor == 0 or not torch.allclose(
        got, wanted * factor, atol=atol * abs(factor), rtol=1e-4
    ):
        return None
    body = "Look at what you divide by or multiply with."
    for known, title in FACTORS.items():
        if math.isclose(factor, known, rel_tol=max(1e-3, atol)):
            return title, body
    if (wanted.abs() > atol).sum() < 2:
        return None
    return f"Your numbers are all {factor:.3g} times the wanted.", body


def _shifted(pairs: Sequence[Pair], atol: float) -> tuple[str, str] | None:
    flat = _flat(pairs)
    if flat is None or len(flat[0]) < 2:
        return None
    apart = flat[1] - flat[0]
    if not torch.allclose(apart, apart[:1], atol=atol, rtol=1e-4):
        return None
    by = float(apart[0])
    word = "large" if by > 0 else "small"
    return (
        f"Your numbers are all {abs(by):.3g} too {word}.",
        "Look at where a count begins, and at what is added once.",
    )


def _another_order(
    pairs: Sequence[Pair], atol: float
) -> tuple[str, str] | None:
    for _, wanted, got in pairs:
        one, other = numbers(wanted), numbers(got)
        if one is None or other is None or one.shape != other.shape:
            return None
        if one.numel() < 2 or not same(
            other.flatten().sort().values, one.flatten().sort().values, atol
        ):
            return None
    return (
        "Your numbers are right, but they stand in another order.",
        "Compare the order with the docstring, and which axis is which.",
    )


def _nearly(pairs: Sequence[Pair]) -> tuple[str, str] | None:
    flat = _flat(pairs)
    if flat is None or any(
        isinstance(wanted, int)
        or (isinstance(wanted, Tensor) and family(wanted.dtype) != "float")
        for _, wanted, _ in pairs
    ):
        return None
    wanted, got = flat
    if torch.allclose(got, wanted, rtol=0.02, atol=5e-3):
        return (
            "Your numbers are close to the wanted, but not equal.",
            "Rounding in between adds up, and so does an eps: keep all "
            "digits to the end.",
        )
    return None


def structure(pairs: Sequence[Pair], atol: float) -> tuple[str, str] | None:
    """Explain a wrong type, shape, dtype or device, or NaN.

    Args:
        pairs: Arguments, wanted and got of every input.
        atol: Largest difference of two equal numbers.

    Returns:
        A sentence and an empty body, or None.
    """
    for _, wanted, got in pairs:
        found = difference(got, wanted, atol)
        if found is not None:
            return None if found.kind == "value" else (found.text, "")
    return None
