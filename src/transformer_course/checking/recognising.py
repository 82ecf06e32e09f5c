"""Recognises an answer by what it returns: which mistake behaves like it?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import itemgetter
from typing import Any

import torch
from torch import Tensor

from transformer_course.checking.comparing import same
from transformer_course.checking.exercise import Mistake
from transformer_course.checking.trial import Trial, viewed


def recognised(trial: Trial) -> list[Mistake]:
    """Find the mistake that an answer behaves like, or one a part.

    Args:
        trial: The answer's outcomes.

    Returns:
        One mistake; several where the parts of a result have one each; none
        where the answer is wrong in another way.
    """
    for mistake in trial.exercise.mistakes:
        if behaves_like(trial, mistake):
            return [mistake]
    return _part_by_part(trial)


def _part_by_part(trial: Trial) -> list[Mistake]:
    """Explain each wrong part of a result of several by a mistake."""
    atol, found = trial.exercise.atol, list[Mistake]()
    for part in range(parts(trial)):
        got = [trial.got(place)[part] for place in range(len(trial.inputs))]
        wanted = [value[part] for value in trial.wanted]
        if _alike(got, wanted, atol):
            continue
        for mistake in trial.exercise.mistakes:
            if _alike(got, _part(trial, mistake, part), atol):
                found += [] if mistake in found else [mistake]
                break
        else:
            return []
    return found


def _part(trial: Trial, mistake: Mistake, part: int) -> list[Any]:
    places = range(len(trial.inputs))
    values = [trial.of(mistake, place).value for place in places]
    size = len(trial.wanted[0])
    return [v[part] if _sized(v, size) else None for v in values]


def _alike(some: list[Any], others: list[Any], atol: float) -> bool:
    return all(same(a, b, atol) for a, b in zip(some, others, strict=True))


def _sized(value: Any, size: int) -> bool:
    return isinstance(value, tuple | list) and len(value) == size


def parts(trial: Trial) -> int:
    """Count the parts of a result that is a tuple of two or three.

    Args:
        trial: The answer's outcomes.

    Returns:
        2 or 3; 0 for any other result.
    """
    size = len(trial.wanted[0]) if isinstance(trial.wanted[0], tuple) else 0
    whole = size in (2, 3) and all(
        trial.outcomes[place].error is None and _sized(trial.got(place), size)
        for place in range(len(trial.inputs))
    )
    return size if whole and not trial.exercise.wanted else 0


def picks(trial: Trial) -> list[tuple[str, Callable[[Any], Any]]]:
    """List what of a result can be looked at alone.

    Args:
        trial: The answer's outcomes.

    Returns:
        The whole, and each wrong part where there are several parts; each
        with what is said before a sentence on it.
    """
    found: list[tuple[str, Callable[[Any], Any]]] = [("", lambda value: value)]
    wrong = [
        part
        for part in range(parts(trial))
        if not all(
            same(
                trial.got(p)[part], trial.wanted[p][part], trial.exercise.atol
            )
            for p in range(len(trial.inputs))
        )
    ]
    if len(wrong) > 1:
        numbers = " and ".join(str(part + 1) for part in wrong)
        found.append(
            (
                f"Number {numbers} of your results: ",
                lambda value: [value[part] for part in wrong],
            )
        )
    for part in wrong:
        found.append(
            (f"Number {part + 1} of your results: ", itemgetter(part))
        )
    return found


def recognised_elsewhere(trial: Trial) -> Mistake | None:
    """Find a mistake that an answer behaves like where it does not raise.

    Args:
        trial: The answer's outcomes, of which some are errors.

    Returns:
        The mistake; None where fewer than two results tell.
    """
    told = [p for p, o in enumerate(trial.outcomes) if o.error is None]
    if len(told) < 2 or not any(trial.fails(place) for place in told):
        return None
    for mistake in trial.exercise.mistakes:
        if behaves_like(trial, mistake, told):
            return mistake
    return None


def behaves_like(
    trial: Trial, mistake: Mistake, places: Sequence[int] | None = None
) -> bool:
    """Say whether an answer gives a mistake's results on all inputs.

    Args:
        trial: The answer's outcomes.
        mistake: The usual mistake.
        places: Inputs on which they are compared; None for all.

    Returns:
        Whether they are equal, exceptions by their type.
    """
    if places is None:
        places = range(len(trial.outcomes))
    for place in places:
        ours, theirs = trial.outcomes[place], trial.of(mistake, place)
        if theirs.error is not None or ours.error is not None:
            if type(theirs.error) is not type(ours.error):
                return False
        elif not same(
            _as_dtype_of(theirs.value, trial.got(place)),
            viewed(trial.exercise, theirs.value),
            trial.exercise.atol,
        ):
            return False
    return True


def _as_dtype_of(theirs: Any, got: Any) -> Any:
    """Read a mask of 0 and 1 as bool: its dtype is told another time."""
    if (
        isinstance(theirs, Tensor)
        and isinstance(got, Tensor)
        and theirs.dtype == torch.bool
        and got.device == theirs.device
        and bool(((got == 0) | (got == 1)).all())
    ):
        return got.bool()
    return got
