"""Explains a wrong answer that behaves like no usual mistake."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from transformer_course.checking import (
    counting,
    describing,
    diagnosing,
    noticing,
    supposing,
)
from transformer_course.checking.comparing import same
from transformer_course.checking.recognising import parts, picks
from transformer_course.checking.trial import NoView, Trial
from transformer_course.checking.verdict import Kind, Verdict


def _pairs(trial: Trial) -> list[diagnosing.Pair]:
    return [
        (args, trial.wanted[place], trial.got(place))
        for place, args in enumerate(trial.inputs)
    ]


def another_structure(trial: Trial) -> Verdict | None:
    """Explain a result of another type, shape or dtype.

    Args:
        trial: The answer's outcomes.

    Returns:
        A verdict, or None where the structure is the wanted one.
    """
    exercise = trial.exercise
    if any(isinstance(got, NoView) for _, _, got in _pairs(trial)):
        return Verdict(
            exercise.name,
            Kind.WRONG,
            "Your result has another form than the docstring says.",
            _example(trial, ""),
        )
    found = diagnosing.structure(_pairs(trial), exercise.atol)
    return _wrong(trial, found)


def diagnosed(trial: Trial, function: Callable[..., Any]) -> Verdict | None:
    """Look for patterns in the whole result, then in each wrong part.

    Args:
        trial: The answer's outcomes.
        function: The answer.

    Returns:
        A verdict that names the pattern, or None.
    """
    atol, pairs = trial.exercise.atol, _pairs(trial)
    names = supposing.arguments(trial.exercise.reference)
    selected = picks(trial)
    parted = [
        (before, [(a, pick(wanted), pick(got)) for a, wanted, got in pairs])
        for before, pick in selected
    ]
    plain = [] if trial.exercise.wanted else parted
    alone = plain[1:] or plain  # where there are parts, not across them
    return _wrong(
        trial,
        _first(plain, lambda part: diagnosing.diagnosis(part, atol))
        or _first(plain, lambda part: noticing.function_of(part, atol))
        or supposing.as_if(trial, selected)
        or _first(parted, lambda part: counting.missing(names, part))
        or supposing.unused(trial, function)
        or _first(alone, lambda part: noticing.noticed(part, atol)),
    )


def _first(
    parted: list[tuple[str, list[diagnosing.Pair]]],
    look: Callable[[list[diagnosing.Pair]], tuple[str, str] | None],
) -> tuple[str, str] | None:
    """Look at the whole result, then at each wrong part."""
    for before, part in parted:
        found = look(part)
        if found is not None:
            return before + found[0], found[1]
    return None


def _wrong(trial: Trial, found: tuple[str, str] | None) -> Verdict | None:
    if found is None:
        return None
    title, advice = found
    return Verdict(
        trial.exercise.name, Kind.WRONG, title, _example(trial, advice)
    )


def unknown(trial: Trial) -> Verdict:
    """Say as much as can be said of any wrong answer.

    Args:
        trial: The answer's outcomes.

    Returns:
        A verdict that shows the smallest failing input.
    """
    title = "The result is not the wanted one."
    failing = [p for p in range(len(trial.inputs)) if trial.fails(p)]
    atol = trial.exercise.atol
    right = [
        part + 1
        for part in range(parts(trial))
        if all(
            same(trial.got(p)[part], trial.wanted[p][part], atol)
            for p in failing
        )
    ]
    if right:
        numbers = " and ".join(map(str, right))
        title = f"Right in part: number {numbers} of your results."
    elif len(trial.inputs) > len(failing):
        title = (
            f"Right on {len(trial.inputs) - len(failing)} of "
            f"{len(trial.inputs)} inputs, but not on all."
        )
    return Verdict(trial.exercise.name, Kind.WRONG, title, _example(trial, ""))


def _example(trial: Trial, advice: str) -> str:
    """Write the first failing input, what was wanted and what came."""
    place = next(p for p in range(len(trial.inputs)) if trial.fails(p))
    args, exercise = trial.inputs[place], trial.exercise
    name = exercise.reference.__name__
    got = describing.shown(trial.outcomes[place].value)
    if exercise.wanted:
        lines = [advice, f"Got: {got}", f"Wanted: {exercise.wanted}"]
    elif args:
        lines = [
            advice,
            f"Smallest failing input: {describing.call(name, args)}",
            f"Wanted: {describing.shown(trial.wanted[place])}",
            f"Got:    {got}",
        ]
    else:
        lines = [advice, f"Got: {got}", 'hint("' + exercise.name + '") helps.']
    return "\n".join(line for line in lines if line)
