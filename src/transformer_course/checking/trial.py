"""An answer's results beside the reference's, input by input."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from transformer_course.checking.comparing import named, same
from transformer_course.checking.exercise import Exercise, Mistake
from transformer_course.checking.running import Outcome, run

LIMIT = 10.0  # seconds a call, where nothing is trained
PATIENCE = 300.0  # seconds for a reference: only a busy machine needs them


class NoView(str):
    """A result of which the exercise can make nothing: its type's name."""


@dataclass
class Trial:
    """An answer's outcomes beside the reference's, input by input."""

    exercise: Exercise
    inputs: list[tuple[Any, ...]]
    outcomes: list[Outcome]
    wanted: list[Any]
    _theirs: dict[tuple[str, int], Outcome] = field(default_factory=dict)

    def of(self, mistake: Mistake, place: int) -> Outcome:
        """Give what a usual mistake does with an input, run once."""
        key = mistake.name, place
        if key not in self._theirs:
            self._theirs[key] = run(
                mistake.run, self.inputs[place], limit(self.exercise)
            )
        return self._theirs[key]

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
