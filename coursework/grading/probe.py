"""What an assignment's probe module says: calls, reference, comparison.

A probe module stands in the private folder and holds one ``ASSIGNMENT``. Its
references and mistakes run outside the sandbox only; what the student's code
gets to see are the inputs of the calls, once the rest of the notebook ran. A
part is called with all names as they were where its tests cell stands; what
was changed in place since then stays changed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

import torch

from coursework.grading.compare import Compare, close, exact
from transformer_course.assignments import Variant

__all__ = [
    "Assignment",
    "Call",
    "Calls",
    "Compare",
    "Known",
    "Mistake",
    "Part",
    "Variant",
    "close",
    "exact",
]

Calls = Callable[[Variant, torch.Generator], Sequence["Call"]]
STEP = 0.5  # marks are multiples of this


@dataclass(frozen=True)
class Call:
    """One call of the student's function.

    Args:
        args: Positional arguments: None, bools, numbers, strings, tensors,
            and lists, tuples and dictionaries of these.
        kwargs: Named arguments of the same kinds.
        group: Calls of one group are right together; a call without a
            group is a group by itself.
        build: For ``driver="module"``: named arguments of the class.
        state: For ``driver="module"``: the weights to load, by name.
    """

    args: tuple[Any, ...] = ()
    kwargs: Mapping[str, Any] = field(default_factory=dict)
    group: str = ""
    build: Mapping[str, Any] = field(default_factory=dict)
    state: Mapping[str, torch.Tensor] = field(default_factory=dict)


@dataclass(frozen=True)
class Mistake:
    """A known wrong answer, recognised by what it returns.

    Args:
        name: Short name for the picture of the class: ``"wrong axis"``.
        wrong: The wrong answer, with the arguments of ``expected``.
        says: The sentence for the student; no expected value in it.
        earns: Points for an answer that goes wrong in this one way, where
            its share of right groups would earn less; below full marks.
    """

    name: str
    wrong: Callable[..., Any]
    says: str
    earns: float = 0.0


Known = (
    Mistake
    | tuple[str, Callable[..., Any], str]
    | tuple[str, Callable[..., Any], str, float]
)


def _no_calls(v: Variant, draw: torch.Generator) -> Sequence[Call]:
    return ()


@dataclass(frozen=True)
class Part:
    """One autograded part: one tests cell, whose grade_id is the name.

    Args:
        name: The grade_id of the tests cell in the source notebook.
        points: Full marks of the part.
        target: Name of the function, class or value in the notebook.
        expected: The reference. It takes a call's arguments; with
            ``value`` it takes the Variant; with ``driver="module"`` it is
            the reference class.
        calls: Makes the calls from the student's variant and a generator
            that is fresh in every run. Not with ``value``.
        compare: Says whether a returned value is right.
        value: The target is a value and not called.
        says: Known mistakes, as Mistake or (name, wrong, sentence) or
            (name, wrong, sentence, earns); the first that fits counts.
        partial: Weight of each group of calls; 1 where it is not named.
        driver: How the target is called: ``"function"`` or ``"module"``.
        otherwise: The sentence where nothing was raised, the form is right
            and no known mistake fits; empty for a general one.
    """

    name: str
    points: float
    target: str
    expected: Callable[..., Any]
    calls: Calls = _no_calls
    compare: Compare = field(default_factory=close)
    value: bool = False
    says: Sequence[Known] = ()
    partial: Mapping[str, float] = field(default_factory=dict)
    driver: str = "function"
    otherwise: str = ""

    def __post_init__(self) -> None:
        """Refuse what could never be graded."""
        if self.points <= 0:
            raise ValueError(f"part {self.name!r}: {self.points} points")
        if not self.target.isidentifier():
            raise ValueError(
                f"part {self.name!r}: target {self.target!r} is no name"
            )
        if self.value != (self.calls is _no_calls):
            raise ValueError(
                f"part {self.name!r} needs calls or value=True, not both"
            )
        if self.driver not in ("function", "module"):
            raise ValueError(
                f"part {self.name!r}: driver {self.driver!r} is neither "
                "'function' nor 'module'"
            )
        for mistake in self.mistakes:
            if not 0 <= mistake.earns < self.points or mistake.earns % STEP:
                raise ValueError(
                    f"part {self.name!r}: {mistake.name!r} earns "
                    f"{mistake.earns} of {self.points} points"
                )

    @property
    def mistakes(self) -> tuple[Mistake, ...]:
        """The known mistakes, all as Mistake."""
        return tuple(
            m if isinstance(m, Mistake) else Mistake(*m) for m in self.says
        )


@dataclass(frozen=True)
class Assignment:
    """All autograded parts of an assignment, in the notebook's order.

    Args:
        name: Name of the assignment and of its notebook.
        parts: Its autograded parts; the manual ones stand in the notebook.
        seconds: Longest time that one submission may take in all.
        cell_seconds: Longest time of one of its cells; half of it is the
            longest time of one part's calls.
    """

    name: str
    parts: tuple[Part, ...]
    seconds: float = 60.0
    cell_seconds: float = 20.0

    def __post_init__(self) -> None:
        """Refuse two parts of one name."""
        names = [part.name for part in self.parts]
        if len(names) != len(set(names)):
            raise ValueError(f"{self.name}: two parts of one name in {names}")

    def part(self, name: str) -> Part:
        """Return the part of a name; KeyError where there is none."""
        return {part.name: part for part in self.parts}[name]


def bugs_left(
    wrong: Callable[..., Any],
    bugs: Mapping[str, str],
    earns: Sequence[float],
    whole: str,
) -> list[Mistake]:
    """Make a mistake of every choice of three bugs that were to be found.

    Args:
        wrong: The answer; bugs by name stand behind its own arguments.
        bugs: What is said of each, by name.
        earns: Points with one, with two and with all of them left.
        whole: What is said first where all are left.

    Returns:
        The mistakes, those with one bug left first.
    """
    opening = ("One bug is left. ", "Two bugs are left. ", whole)
    return [
        Mistake(
            "left: " + ", ".join(some),
            lambda *a, some=some: wrong(*a, *some),
            opening[n - 1] + " ".join(bugs[bug] for bug in some),
            earns=earns[n - 1],
        )
        for n in (1, 2, 3)
        for some in combinations(bugs, n)
    ]
