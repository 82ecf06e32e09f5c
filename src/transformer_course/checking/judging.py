"""Decides what an answer is: not attempted, right, or wrong in which way."""

from __future__ import annotations

import dis
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import CodeType
from typing import Any

from torch import nn

from transformer_course.checking import describing, diagnosing
from transformer_course.checking.comparing import difference, named, same
from transformer_course.checking.exercise import Exercise, Mistake
from transformer_course.checking.registry import find
from transformer_course.checking.running import Outcome, TimeUp, run
from transformer_course.checking.verdict import Kind, Verdict

LIMIT = 10.0  # seconds a call, where nothing is trained
PATIENCE = 300.0  # seconds for a reference: only a busy machine needs them
EMPTY = {
    "RESUME", "NOP", "LOAD_CONST", "RETURN_CONST", "RETURN_VALUE", "POP_TOP",
    "CACHE",
}  # fmt: skip


class NoView(str):
    """A result of which the exercise can make nothing: its type's name."""


@dataclass
class Trial:
    """An answer's outcomes beside the reference's, input by input."""

    exercise: Exercise
    inputs: list[tuple[Any, ...]]
    outcomes: list[Outcome]
    wanted: list[Any]

    def got(self, place: int) -> Any:
        """Give what counts of a result."""
        return viewed(self.exercise, self.outcomes[place].value)

    def fails(self, place: int) -> bool:
        """Say whether an input gives another result than it should."""
        if self.outcomes[place].error is not None:
            return True
        return not same(
            self.got(place), self.wanted[place], self.exercise.atol
        )


def viewed(exercise: Exercise, value: Any) -> Any:
    """Apply the exercise's view.

    Args:
        exercise: The exercise.
        value: A result.

    Returns:
        What of it counts, or NoView where it has another structure.
    """
    try:
        return exercise.view(value)
    except Exception:  # any value may come in; a view knows the wanted kind
        return NoView(named(value))


def limit(exercise: Exercise) -> float:
    """Give the time limit of one call in seconds."""
    return LIMIT if not exercise.seconds else 20.0 * exercise.seconds + 60


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
    if not callable(function):
        return Verdict(
            name,
            Kind.FAILED,
            f"The check got {named(function)}, not a function.",
            f'Write check("{name}", function) without calling it: no '
            "parentheses after the function's name.",
        )
    if space is None:
        space = getattr(inspect.unwrap(function), "__globals__", {})
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
    inputs = exercise.inputs(space)
    outcomes = []
    for args in inputs:
        outcomes.append(run(function, args, limit(exercise)))
        if isinstance(outcomes[-1].error, TimeUp | KeyboardInterrupt):
            break
    inputs = inputs[: len(outcomes)]
    wanted = [viewed(exercise, e.value) for e in expected(exercise, inputs)]
    trial = Trial(exercise, inputs, outcomes, wanted)
    return (
        _nothing(trial, function)
        or _endless(trial, function)
        or _right(trial, function)
        or _recognised(trial)
        or _raised(trial, function)
        or _another_structure(trial)
        or _changing(trial, function)
        or _diagnosed(trial)
        or _unknown(trial)
    )


def expected(
    exercise: Exercise, inputs: list[tuple[Any, ...]]
) -> list[Outcome]:
    """Run the reference; it must not fail.

    Args:
        exercise: The exercise.
        inputs: Argument lists.

    Returns:
        An outcome for each.

    Raises:
        RuntimeError: The reference raised.
    """
    outcomes = [run(exercise.reference, args, PATIENCE) for args in inputs]
    for outcome in outcomes:
        if outcome.error is not None:
            raise RuntimeError(
                f"the reference of {exercise.name} failed"
            ) from outcome.error
    return outcomes


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


def _recognised(trial: Trial) -> Verdict | None:
    for mistake in trial.exercise.mistakes:
        if behaves_like(trial, mistake):
            return Verdict(
                trial.exercise.name,
                Kind.MISTAKE,
                mistake.title,
                mistake.body,
                mistake.name,
            )
    return None


def behaves_like(trial: Trial, mistake: Mistake) -> bool:
    """Say whether an answer gives a mistake's results on all inputs.

    Args:
        trial: The answer's outcomes.
        mistake: The usual mistake.

    Returns:
        Whether they are equal, exceptions by their type.
    """
    for place, args in enumerate(trial.inputs):
        theirs, ours = run(mistake.run, args, LIMIT), trial.outcomes[place]
        if theirs.error is not None or ours.error is not None:
            if type(theirs.error) is not type(ours.error):
                return False
        elif not same(
            trial.got(place),
            viewed(trial.exercise, theirs.value),
            trial.exercise.atol,
        ):
            return False
    return True


def _raised(trial: Trial, function: Callable[..., Any]) -> Verdict | None:
    for args, outcome in zip(trial.inputs, trial.outcomes, strict=True):
        if outcome.error is not None:
            title, body = describing.explained(
                outcome.error, function, limit(trial.exercise)
            )
            shown = describing.call(_name(trial), args)
            where = f"The call was {shown}." if args else ""
            text = "\n".join(part for part in (body, where) if part)
            return Verdict(trial.exercise.name, Kind.FAILED, title, text)
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


def _pairs(trial: Trial) -> list[diagnosing.Pair]:
    return [
        (args, trial.wanted[place], trial.got(place))
        for place, args in enumerate(trial.inputs)
    ]


def _another_structure(trial: Trial) -> Verdict | None:
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


def _diagnosed(trial: Trial) -> Verdict | None:
    if trial.exercise.wanted:
        return None
    found = diagnosing.diagnosis(_pairs(trial), trial.exercise.atol)
    return _wrong(trial, found)


def _wrong(trial: Trial, found: tuple[str, str] | None) -> Verdict | None:
    if found is None:
        return None
    title, advice = found
    return Verdict(
        trial.exercise.name, Kind.WRONG, title, _example(trial, advice)
    )


def _unknown(trial: Trial) -> Verdict:
    title = "The result is not the wanted one."
    failing = [p for p in range(len(trial.inputs)) if trial.fails(p)]
    if len(trial.inputs) > len(failing):
        title = (
            f"Right on {len(trial.inputs) - len(failing)} of "
            f"{len(trial.inputs)} inputs, but not on all."
        )
    return Verdict(trial.exercise.name, Kind.WRONG, title, _example(trial, ""))


def _example(trial: Trial, advice: str) -> str:
    """Write the first failing input, what was wanted and what came."""
    place = next(p for p in range(len(trial.inputs)) if trial.fails(p))
    args, exercise = trial.inputs[place], trial.exercise
    got = describing.shown(trial.outcomes[place].value)
    if exercise.wanted:
        lines = [advice, f"Got: {got}", f"Wanted: {exercise.wanted}"]
    elif args:
        lines = [
            advice,
            f"Smallest failing input: {describing.call(_name(trial), args)}",
            f"Wanted: {describing.shown(trial.wanted[place])}",
            f"Got:    {got}",
        ]
    else:
        lines = [advice, f"Got: {got}", 'hint("' + exercise.name + '") helps.']
    return "\n".join(line for line in lines if line)


def _name(trial: Trial) -> str:
    return trial.exercise.reference.__name__
