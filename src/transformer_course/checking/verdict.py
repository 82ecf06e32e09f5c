"""What a check says."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """The kinds of verdict."""

    NOT_ATTEMPTED = "not attempted"
    RIGHT = "right"
    MISTAKE = "mistake"  # behaves like one of the exercise's usual mistakes
    WRONG = "wrong"  # in another way: a failing input is shown
    FAILED = "failed"  # an exception, or the time was up


SAID = {
    Kind.NOT_ATTEMPTED: "not attempted",
    Kind.RIGHT: "right",
    Kind.MISTAKE: "not yet",
    Kind.WRONG: "not yet",
    Kind.FAILED: "could not be checked",
}


@dataclass(frozen=True)
class Verdict:
    """What the check of one answer found.

    Args:
        exercise: Name of the exercise, such as ``"07-window-mask"``.
        kind: Kind of verdict.
        title: One sentence; empty where the kind says it all.
        body: What to look at; any number of lines.
        mistake: Name of the recognised wrong answer, or nothing.
    """

    exercise: str
    kind: Kind
    title: str = ""
    body: str = ""
    mistake: str = ""

    def __str__(self) -> str:
        """Write the verdict as the plain text of a notebook."""
        lines = [f"{self.exercise}: {SAID[self.kind]}", self.title]
        return "\n".join(part for part in (*lines, self.body) if part)
