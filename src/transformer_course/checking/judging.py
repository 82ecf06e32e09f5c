"""Decides what an answer is: not attempted, right, or wrong in which way."""

from __future__ import annotations

import dis
import inspect
from collections.abc import Callable, Mapping
from types import CodeType
from typing import Any

from torch import nn

from transformer_course.checking import describing, explaining
from transformer_course.checking.comparing import difference, named, same
from transformer_course.checking.exercise import Exercise, Mistake
from transformer_course.checking.recognising import (
    recognised,
    recognised_elsewhere,
)
from transformer_course.checking.registry import find
from transformer_course.checking.running import TimeUp, run
from transformer_course.checking.trial import (
    Trial,
    expected,
    limit,
    viewed,
)
from transformer_course.checking.verdict import Kind, Verdict
from transformer_course.checking.watching import Seen, shown, watch

EMPTY = {
    "RESUME", "NOP", "LOAD_CONST", "RETURN_CONST", "RETURN_VALUE", "POP_TOP",
    "CACHE",
}  # fmt: skip


def judge(
    name: str,
    function: Callable[..., Any],
    space: Mapping[str, Any] | None = None,
) -> Verdict:
    """Judge an answer.

    Args:
        name: Name of the exercise, such as ``"07-window-mask"``.
        function: The learner's function.
        space: Names and values of the chapter; by default those that the
            function itself sees.

    Returns:
        The verdict. Nothing that the answer raises escapes.

    Raises:
        UnknownExerciseError: There is no such exercise.
    """
    exercise = find(name)
    if space is None:
        space = _globals(function)
    refused = _before(exercise, function, space)
    if refused is not None:
        return refused
    inputs = exercise.inputs(space)
    outcomes = []
    with watch(exercise, _globals(function)) as seen:
        for args in inputs:
            outcomes.append(run(function, args, limit(exercise)))
            if isinstance(outcomes[-1].error, TimeUp | KeyboardInterrupt):
                break
    seen.inputs = inputs = inputs[: len(outcomes)]
    seen.results = [outcome.value for outcome in outcomes]
    wanted = [viewed(exercise, e.value) for e in expected(exercise, inputs)]
    trial = Trial(exercise, inputs, outcomes, wanted)
    return (
        _nothing(trial, function)
        or _endless(trial, function)
        or _seen(trial, seen)
        or _right(trial, function)
        or _named(trial, recognised(trial))
        or _raised(trial, function)
        or explaining.another_structure(trial)
        or _changing(trial, function)
        or explaining.diagnosed(trial, function)
        or explaining.unknown(trial)
    )


def _globals(function: Any) -> Any:
    """Give the dictionary in which a function looks up its names."""
    return getattr(inspect.unwrap(function), "__globals__", {})


def _before(
    exercise: Exercise, function: Any, space: Mapping[str, Any]
) -> Verdict | None:
    """Give the verdict of what cannot or need not be run."""
    name = exercise.name
    if not callable(function):
        return Verdict(
            name,
            Kind.FAILED,
            f"The check got {named(function)}, not a function.",
            f'Write check("{name}", function) without calling it: no '
            "parentheses after the function's name.",
        )
    if is_stub(function):
        return Verdict(name, Kind.NOT_ATTEMPTED)
    missing = [need for need in exercise.needs if need not in space]
    if missing:
        return Verdict(
            name,
            Kind.FAILED,
            f"The check needs {', '.join(missing)} of the chapter.",
            "Run the chapter's cells above first.",
        )
    return None


def is_stub(function: Callable[..., Any]) -> bool:
    """Say whether a function is as the chapter left it, or empty.

    Args:
        function: Any function.

    Returns:
        Whether its body is nothing but a docstring, ``pass``, ``...``, or
        the raising of NotImplementedError.
    """
    code = getattr(inspect.unwrap(function), "__code__", None)
    if not isinstance(code, CodeType):
        return False
    if code.co_names == ("NotImplementedError",):
        return True
    operations = {i.opname for i in dis.get_instructions(code)}
    returned = [c for c in code.co_consts if c is not None and c is not ...]
    documented = function.__doc__
    return operations <= EMPTY and all(
        isinstance(c, str) and c == documented for c in returned
    )


def _nothing(trial: Trial, function: Callable[..., Any]) -> Verdict | None:
    name, first = trial.exercise.name, trial.outcomes[0]
    if isinstance(first.error, NotImplementedError) and (
        str(first.error) in ("", "your turn")  # torch raises it, too
    ):
        return Verdict(name, Kind.NOT_ATTEMPTED)
    if first.error is not None or first.value not in (None, Ellipsis):
        return None
    if trial.wanted[0] is None:
        return None
    if first.printed:
        return Verdict(
            name,
            Kind.WRONG,
            "Your function prints its result but returns None.",
            "Put return where print stands.",
        )
    return Verdict(
        name,
        Kind.WRONG,
        "Your function returns None.",
        "Is the return missing, or on a path that was not taken?",
    )


def _endless(trial: Trial, function: Callable[..., Any]) -> Verdict | None:
    error = trial.outcomes[-1].error
    if not isinstance(error, TimeUp | KeyboardInterrupt):
        return None
    title, body = describing.explained(error, function, limit(trial.exercise))
    return Verdict(trial.exercise.name, Kind.FAILED, title, body)


def _seen(trial: Trial, seen: Seen) -> Verdict | None:
    """Name a mistake that shows in the calls, though not in the number."""
    if any(outcome.error is not None for outcome in trial.outcomes):
        return None
    tell = shown(trial.exercise, seen)
    if tell is None:
        return None
    name = trial.exercise.name
    return Verdict(name, Kind.MISTAKE, tell.title, tell.body, tell.name)


def _right(trial: Trial, function: Callable[..., Any]) -> Verdict | None:
    if any(trial.fails(place) for place in range(len(trial.inputs))):
        return None
    name = trial.exercise.name
    for outcome, wanted in zip(trial.outcomes, trial.wanted, strict=True):
        if outcome.changed:
            return _changed(trial, outcome.changed)
        if trial.exercise.wanted:
            continue
        found = difference(outcome.value, wanted, trial.exercise.atol)
        if found is not None and found.kind == "dtype-width":
            return Verdict(name, Kind.WRONG, found.text)
    return _changing(trial, function) or Verdict(name, Kind.RIGHT)


def _changed(trial: Trial, place: int) -> Verdict:
    """Tell that an argument is another one after the call."""
    model = isinstance(trial.inputs[0][place - 1], nn.Module)
    return Verdict(
        trial.exercise.name,
        Kind.WRONG,
        "The result is right, but your function changes its argument number "
        f"{place}.",
        "The model that it was given is trained along: freeze it, compute "
        "its vectors under torch.no_grad()."
        if model
        else "Methods that end in _ and assignments such as x[0] = 1 change "
        "the caller's values: work on a copy, such as x.clone().",
    )


def _named(trial: Trial, found: list[Mistake]) -> Verdict | None:
    if not found:
        return None
    body = found[0].body
    for also in found[1:]:
        body = f"{body}\n\nBesides: {also.title}\n{also.body}"
    return Verdict(
        trial.exercise.name,
        Kind.MISTAKE,
        found[0].title,
        body.strip(),
        " + ".join(mistake.name for mistake in found),
    )


def _raised(trial: Trial, function: Callable[..., Any]) -> Verdict | None:
    for args, outcome in zip(trial.inputs, trial.outcomes, strict=True):
        if outcome.error is None:
            continue
        title, body = describing.explained(
            outcome.error, function, limit(trial.exercise)
        )
        shown = describing.call(trial.exercise.reference.__name__, args)
        where = f"The call was {shown}." if args else ""
        text = "\n".join(part for part in (body, where) if part)
        besides = recognised_elsewhere(trial)
        if besides is None:
            return Verdict(trial.exercise.name, Kind.FAILED, title, text)
        return Verdict(
            trial.exercise.name,
            Kind.MISTAKE,
            besides.title,
            f"{besides.body}\n\nBesides: {title}\n{text}",
            besides.name,
        )
    return None


def _changing(trial: Trial, function: Callable[..., Any]) -> Verdict | None:
    if trial.exercise.seconds:
        return None
    for place, args in enumerate(trial.inputs):
        again = run(function, args, limit(trial.exercise))
        if again.error is not None or not same(
            viewed(trial.exercise, again.value),
            trial.got(place),
            trial.exercise.atol,
        ):
            return Verdict(
                trial.exercise.name,
                Kind.WRONG,
                "Called twice with the same input, your function gives two "
                "results.",
                "Does it draw random numbers, or keep something from one "
                "call to the next?",
            )
    return None
