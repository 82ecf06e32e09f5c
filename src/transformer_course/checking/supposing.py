"""Recognises a right answer to another question.

Does the answer give what the reference would give for one argument more,
for two arguments exchanged, for a mask inside out? Or does it never look at
one of its arguments?
"""

from __future__ import annotations

import dis
import inspect
import itertools
import time
from collections.abc import Callable, Iterator
from types import CodeType
from typing import Any

import torch
from torch import Tensor

from transformer_course.checking.comparing import same
from transformer_course.checking.running import run
from transformer_course.checking.trial import Trial, limit, viewed

Found = tuple[str, str] | None
Pick = Callable[[Any], Any]
Change = Callable[[tuple[Any, ...]], tuple[Any, ...]]
LONGEST = 5.0  # seconds for all suppositions together


def arguments(function: Callable[..., Any]) -> list[str]:
    """List the names of a function's arguments."""
    try:
        return list(inspect.signature(function).parameters)
    except (TypeError, ValueError):
        return []


def unused(trial: Trial, function: Callable[..., Any]) -> Found:
    """Name an argument that the reference reads and the answer does not.

    Args:
        trial: The answer's outcomes.
        function: The answer.

    Returns:
        A sentence and what to look at, or None.
    """
    ours, theirs = _read(function), _read(trial.exercise.reference)
    if ours is None or theirs is None:
        return None
    names = arguments(function)
    for place, name in enumerate(arguments(trial.exercise.reference)):
        if place >= len(names) or name not in theirs:
            continue
        if names[place] not in ours:
            return (
                f"Your function never uses its argument {names[place]}.",
                "Is a number of the chapter written in its place, or a name "
                "of the notebook?",
            )
    return None


def _read(function: Callable[..., Any]) -> set[str] | None:
    """Names of local values that a function reads."""
    code = getattr(inspect.unwrap(function), "__code__", None)
    if not isinstance(code, CodeType):
        return None
    found = set(code.co_cellvars)
    for instruction in dis.get_instructions(code):
        if instruction.opname.startswith("LOAD_"):
            value = instruction.argval
            found |= set(value if isinstance(value, tuple) else (value,))
    return {name for name in found if isinstance(name, str)}


def _of_number(value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, int):
        yield "one larger", value + 1
        yield "one smaller", value - 1
    yield "twice as large", 2 * value
    yield "negative", -value
    yield "0", 0 * value
    yield "1", type(value)(1)
    if isinstance(value, int) and value % 2 == 0:
        yield "half as large", value // 2
    elif isinstance(value, float):
        yield "half as large", value / 2
        if value:
            yield "1 / itself", 1 / value


def _of_tensor(value: Tensor) -> Iterator[tuple[str, Any]]:
    if value.dtype == torch.bool:
        yield "inside out", ~value
        yield "True everywhere", torch.ones_like(value)
    elif value.dtype.is_floating_point:
        yield "negative", -value
    if value.ndim >= 2:
        yield "transposed", value.transpose(-2, -1)
    if value.ndim:
        yield "in reverse order", value.flip(0)


def _others(value: Any) -> dict[str, Any]:
    if isinstance(value, Tensor):
        return dict(_of_tensor(value))
    if isinstance(value, bool) or not isinstance(value, int | float):
        return {}
    return dict(_of_number(value))


def _exchange(one: int, other: int) -> Change:
    def change(args: tuple[Any, ...]) -> tuple[Any, ...]:
        changed = list(args)
        changed[one], changed[other] = args[other], args[one]
        return tuple(changed)

    return change


def _replace(place: int, word: str) -> Change:
    def change(args: tuple[Any, ...]) -> tuple[Any, ...]:
        value = _others(args[place]).get(word, args[place])
        return (*args[:place], value, *args[place + 1 :])

    return change


def _suppositions(trial: Trial) -> Iterator[tuple[str, Change]]:
    """What the answer may have taken for something else."""
    names = arguments(trial.exercise.reference)
    first = trial.inputs[0]
    for one, other in itertools.combinations(range(len(first)), 2):
        if type(first[one]) is type(first[other]):
            words = f"{names[one]} and {names[other]} were exchanged"
            yield words, _exchange(one, other)
    for place, value in enumerate(first):
        for word in _others(value):
            yield f"{names[place]} were {word}", _replace(place, word)


def as_if(trial: Trial, picks: list[tuple[str, Pick]]) -> Found:
    """Name an argument that the answer takes for another value.

    Args:
        trial: The answer's outcomes.
        picks: What is said before the sentence, and what of a result is
            compared: the whole, or one part.

    Returns:
        A sentence and what to look at, or None.
    """
    exercise, places = trial.exercise, range(len(trial.inputs))
    if exercise.seconds or len(trial.inputs) < 2 or not trial.inputs[0]:
        return None
    ends = time.monotonic() + LONGEST
    for words, changed in _suppositions(trial):
        if time.monotonic() > ends:
            return None
        theirs = list[Any]()
        for args in trial.inputs:
            other = run(exercise.reference, changed(args), limit(exercise))
            if other.error is not None:
                break
            theirs.append(viewed(exercise, other.value))
        if len(theirs) < len(trial.inputs):
            continue
        for before, pick in picks:
            if all(
                same(pick(trial.got(p)), pick(theirs[p]), exercise.atol)
                for p in places
            ) and not all(
                same(pick(theirs[p]), pick(trial.wanted[p]), exercise.atol)
                for p in places
            ):
                return (
                    f"{before}Your result is the right one if {words}.",
                    "Look at every place where your function uses it.",
                )
    return None
