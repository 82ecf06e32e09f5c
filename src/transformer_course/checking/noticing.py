"""Notices what sets a wrong result's numbers apart from the wanted ones.

Rows that do not sum to 1, numbers that are all equal, shares above 1, even
columns that are right: weaker than a named mistake, and more than nothing.
"""

from __future__ import annotations

import difflib
import math
from collections.abc import Callable, Sequence, Set

import torch
from torch import Tensor

from transformer_course.checking.comparing import family
from transformer_course.checking.diagnosing import Pair, numbers

Found = tuple[str, str] | None
Tensors = list[tuple[Tensor, Tensor]]  # wanted and got, of one shape

FUNCTIONS: tuple[tuple[str, Callable[[Tensor], Tensor], str], ...] = (
    ("1 minus the wanted", lambda x: 1 - x, "Which of two shares is meant?"),
    ("the wanted squared", torch.square, "Is a root missing?"),
    ("the roots of the wanted", torch.sqrt, "Is there a root too many?"),
    ("1 / the wanted", torch.reciprocal, "Is a division the other way?"),
    ("the wanted without their sign", torch.abs, "Where is a sign lost?"),
    ("e to the wanted", torch.exp, "Is the logarithm missing?"),
    ("e to minus the wanted", lambda x: (-x).exp(), "Is -log missing?"),
    ("2 to the wanted", torch.exp2, "Is the logarithm missing?"),
    ("2 to minus the wanted", lambda x: (-x).exp2(), "Is -log2 missing?"),
    ("the logarithms of the wanted", torch.log, "Is exp missing?"),
    ("the logarithms of the wanted, in bits", torch.log2, "Is exp missing?"),
)


def noticed(pairs: Sequence[Pair], atol: float) -> Found:
    """Say what is peculiar to an answer's numbers.

    Args:
        pairs: Arguments, wanted and got of every input.
        atol: Largest difference of two equal numbers.

    Returns:
        A sentence and what to look at, or None.
    """
    found = _names(pairs)
    tensors = _tensors(pairs)
    if found or tensors is None:
        return found
    for notice in (_all_equal, _sums, _range, _where):
        found = found or notice(tensors, max(atol, 1e-6))
    return found


def function_of(pairs: Sequence[Pair], atol: float) -> Found:
    """Name a function of the wanted numbers that the answer gives.

    Args:
        pairs: Arguments, wanted and got of every input.
        atol: Largest difference of two equal numbers.

    Returns:
        A sentence and what to look at, or None.
    """
    tensors = _tensors(pairs)
    if tensors is None:
        return None
    wanted = torch.cat([one.flatten() for one, _ in tensors])
    got = torch.cat([other.flatten() for _, other in tensors])
    if len(set(wanted.tolist())) < 2:
        return None
    for digits in range(3):
        if torch.allclose(got, wanted.round(decimals=digits), atol=1e-9):
            return (
                f"Your numbers are rounded to {digits} digits.",
                "Give at least three: rounding in between adds up.",
            )
    for text, function, body in FUNCTIONS:
        made = function(wanted)
        if made.isfinite().all() and torch.allclose(
            got, made, atol=atol, rtol=1e-4
        ):
            return f"Your numbers are {text}.", body
    return None


def _tensors(pairs: Sequence[Pair]) -> Tensors | None:
    found = []
    for _, wanted, got in pairs:
        if isinstance(wanted, Tensor) and family(wanted.dtype) == "bool":
            if not isinstance(got, Tensor) or got.shape != wanted.shape:
                return None
            found.append((wanted.double(), got.double()))
            continue
        one, other = numbers(wanted), numbers(got)
        if one is None or other is None or one.shape != other.shape:
            return None
        if not (one.isfinite().all() and other.isfinite().all()):
            return None
        found.append((one, other))
    return found


def _names(pairs: Sequence[Pair]) -> Found:
    """Find a name in a set that is never wanted, always there, or never."""
    if not all(isinstance(v, Set) for _, w, g in pairs for v in (w, g)):
        return None
    known = sorted({str(name) for _, wanted, _ in pairs for name in wanted})
    for _, _, got in pairs:
        for name in sorted(map(str, got)):
            if known and name not in known:
                near = difflib.get_close_matches(name, known, n=1, cutoff=0)
                return (
                    f"Your result holds {name!r}, which is never wanted.",
                    f"Is {near[0]!r} meant?",
                )
    for name in known:
        others = [
            ({*map(str, w)} - {name}, {*map(str, g)} - {name})
            for _, w, g in pairs
        ]
        if all(w == g for w, g in others):
            return (
                f"Your result is right but for {name!r}.",
                "When does it belong to the result? It is there too often, "
                "or too seldom.",
            )
    return None


def _all_equal(tensors: Tensors, atol: float) -> Found:
    several = [(w, g) for w, g in tensors if w.numel() > 1]
    if not several or not all(
        torch.allclose(g, g.flatten()[0].expand_as(g), atol=atol)
        and not torch.allclose(w, w.flatten()[0].expand_as(w), atol=atol)
        for w, g in several
    ):
        return None
    return (
        "The numbers of your result are all equal; the wanted ones are not.",
        "Is something summed or averaged that must be kept apart, or one "
        "thing used twice?",
    )


def _sum_to(x: Tensor, axis: int, value: float, atol: float) -> bool:
    sums = x.sum(dim=axis)
    near = 1e-3 + atol * x.shape[axis]
    return torch.allclose(sums, torch.full_like(sums, value), atol=near)


def _sums(tensors: Tensors, atol: float) -> Found:
    """Compare what rows sum to: 1 where shares are wanted, 0 where centred."""
    several = [(w, g) for w, g in tensors if w.ndim and w.shape[-1] > 1]
    if not several:
        return None
    rows = "Your rows" if several[0][0].ndim > 1 else "Your numbers"
    total = float(several[0][0].sum(dim=-1).flatten()[0])
    if (
        abs(total - 1) > 0.01
        and all(_sum_to(w, -1, total, atol) for w, _ in several)
        and all(_sum_to(g, -1, 1, atol) for _, g in several)
    ):
        return (
            f"{rows} sum to 1; the wanted ones sum to {total:.3g}.",
            "Are all of them shares of one whole?",
        )
    for value, wrong, advice in (
        (1.0, "do not sum to 1", "Divide by the sum, along the right axis."),
        (0.0, "do not sum to 0", "Is the mean taken away?"),
    ):
        if not all(_sum_to(w, -1, value, atol) for w, _ in several):
            continue
        if all(_sum_to(g, -1, value, atol) for _, g in several):
            continue
        if all(g.ndim > 1 and _sum_to(g, -2, value, atol) for _, g in several):
            return (
                f"Your columns sum to {value:g}; the rows should.",
                "Over which axis do you normalize?",
            )
        return f"{rows} {wrong}, as the wanted ones do.", advice
    return None


def _range(tensors: Tensors, atol: float) -> Found:
    wanted = torch.cat([w.flatten() for w, _ in tensors])
    got = torch.cat([g.flatten() for _, g in tensors])
    low, high = wanted.min().item(), wanted.max().item()
    if low < 0 or high > 1 or math.isclose(low, high):
        return None
    if got.max() > 1 + atol:
        return (
            f"Your numbers go up to {got.max().item():.3g}; none that is "
            "wanted is above 1.",
            "Is something counted twice, or not divided?",
        )
    if got.min() < -atol:
        return (
            f"Your numbers go down to {got.min().item():.3g}; none that is "
            "wanted is below 0.",
            "What keeps them from becoming negative?",
        )
    return None


def _where(tensors: Tensors, atol: float) -> Found:
    """Say which rows, columns or entries are wrong, if it is a pattern."""
    if all(w.ndim == 1 for w, _ in tensors):
        return _which(tensors, atol)
    masks = [
        (~torch.isclose(g, w, atol=atol, rtol=1e-4)).reshape(-1, w.shape[-1])
        for w, g in tensors
        if w.ndim and w.numel() > 1
    ]
    for name, inside in PLACES:
        fits = [(mask, inside(mask)) for mask in masks]
        if (
            any(bool(mask.any()) for mask in masks)
            and not any(bool((mask & ~place).any()) for mask, place in fits)
            and not all(bool(place.all()) for _, place in fits)
        ):
            return (
                f"Your result is wrong in {name} alone.",
                "What is special about that place?",
            )
    return None


def _which(tensors: Tensors, atol: float) -> Found:
    """Say which number of a list is wrong, if it is one of several."""
    if len({len(w) for w, _ in tensors}) > 1 or len(tensors[0][0]) < 2:
        return None
    wrong = torch.stack(
        [~torch.isclose(g, w, atol=atol, rtol=1e-4) for w, g in tensors]
    ).any(dim=0)
    if int(wrong.sum()) != 1:
        return None
    return (
        "All numbers of your result are right but number "
        f"{int(wrong.int().argmax()) + 1}.",
        "What is special about that one?",
    )


def _columns(chosen: Callable[[int], slice]) -> Callable[[Tensor], Tensor]:
    def inside(mask: Tensor) -> Tensor:
        found = torch.zeros_like(mask)
        found[:, chosen(mask.shape[1])] = True
        return found

    return inside


def _rows(chosen: slice) -> Callable[[Tensor], Tensor]:
    def inside(mask: Tensor) -> Tensor:
        found = torch.zeros_like(mask)
        if len(mask) > 1:
            found[chosen] = True
        return found

    return inside


def _band(low: int, high: int) -> Callable[[Tensor], Tensor]:
    def inside(mask: Tensor) -> Tensor:
        if mask.shape[0] != mask.shape[1]:
            return torch.zeros_like(mask)
        return torch.ones_like(mask).triu(low).tril(high)

    return inside


MOST = 10**6
PLACES: tuple[tuple[str, Callable[[Tensor], Tensor]], ...] = (
    ("the diagonal", _band(0, 0)),
    ("the first row", _rows(slice(0, 1))),
    ("the last row", _rows(slice(-1, None))),
    ("the first column", _columns(lambda n: slice(0, 1))),
    ("the last column", _columns(lambda n: slice(n - 1, n))),
    ("the entries above the diagonal", _band(1, MOST)),
    ("the entries below the diagonal", _band(-MOST, -1)),
    ("the even columns", _columns(lambda n: slice(0, n, 2))),
    ("the odd columns", _columns(lambda n: slice(1, n, 2))),
    ("the first half of the columns", _columns(lambda n: slice(0, n // 2))),
    ("the second half of the columns", _columns(lambda n: slice(n // 2, n))),
)
