"""Recognises which term a formula lacks, or has too much.

The difference of two counts is compared with products of the arguments:
``d_model * d_ff`` too small says more than "not the wanted number".
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from fractions import Fraction

from transformer_course.checking.diagnosing import Pair

Found = tuple[str, str] | None
HIGHEST = 3  # arguments in one product
LARGEST = 8  # times a product may be missing


def missing(names: Sequence[str], pairs: Sequence[Pair]) -> Found:
    """Name one term, or two, that make an answer's numbers right.

    Args:
        names: The arguments' names.
        pairs: Arguments, wanted and got of every input; only where all of
            them are whole numbers is a term looked for.

    Returns:
        A sentence and what to look at, or None.
    """
    inputs = [args for args, _, _ in pairs]
    if len(pairs) < 3 or not all(
        type(n) is int for args, w, g in pairs for n in (*args, w, g)
    ):
        return None
    apart = [got - wanted for _, wanted, got in pairs]
    products = _products(names, inputs)
    for text, values in products.items():
        factor = _factor(apart, values)
        if factor:
            return _said([(text, factor)])
    if len(inputs) < 4:
        return None
    for one, other in itertools.combinations(products, 2):
        factors = _factors(apart, products[one], products[other])
        if factors:
            return _said([(one, factors[0]), (other, factors[1])])
    return None


def _products(
    names: Sequence[str], inputs: Sequence[tuple[int, ...]]
) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for size in range(HIGHEST + 1):
        for chosen in itertools.combinations_with_replacement(
            range(len(names)), size
        ):
            values = []
            for args in inputs:
                value = 1
                for place in chosen:
                    value *= args[place]
                values.append(value)
            if values not in found.values():
                found[" * ".join(names[p] for p in chosen) or "1"] = values
    return found


def _small(factor: Fraction) -> bool:
    return factor.denominator <= 2 and 0 < abs(factor) <= LARGEST


def _factor(apart: list[int], values: list[int]) -> Fraction | None:
    if not values[0]:
        return None
    factor = Fraction(apart[0], values[0])
    whole = all(a == factor * v for a, v in zip(apart, values, strict=True))
    return factor if whole and _small(factor) else None


def _factors(
    apart: list[int], one: list[int], other: list[int]
) -> tuple[Fraction, Fraction] | None:
    for i, j in itertools.combinations(range(len(apart)), 2):
        below = one[i] * other[j] - one[j] * other[i]
        if not below:
            continue
        a = Fraction(apart[i] * other[j] - apart[j] * other[i], below)
        b = Fraction(one[i] * apart[j] - one[j] * apart[i], below)
        whole = all(
            x == a * v + b * w
            for x, v, w in zip(apart, one, other, strict=True)
        )
        return (a, b) if whole and _small(a) and _small(b) else None
    return None


def _said(terms: list[tuple[str, Fraction]]) -> tuple[str, str]:
    parts = []
    for text, factor in terms:
        size = abs(factor)
        times = "" if size == 1 else f"{size} * "
        what = str(size) if text == "1" else times + text
        parts.append(f"{what} too {'large' if factor > 0 else 'small'}")
    return (
        f"Your numbers are {' and '.join(parts)}.",
        "Which part of the whole has that size? Is it missing, counted "
        "twice, or no part of it?",
    )
