"""An exercise: its right answer, its usual wrong ones and what probes it."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

Function = TypeVar("Function", bound=Callable[..., Any])
Space = Mapping[str, Any]  # the learner's notebook: its names and values
Cases = Iterable[tuple[Any, ...]]


@dataclass(frozen=True)
class Mistake:
    """A wrong answer that runs, with what to tell those who wrote it.

    Args:
        name: Short name, for tests and statistics.
        run: The wrong answer itself.
        title: One sentence that says what the answer does.
        body: What to look at, without the answer.
    """

    name: str
    run: Callable[..., Any]
    title: str
    body: str


@dataclass(frozen=True)
class Telltale:
    """A wrong answer that shows in how it calls the chapter's functions.

    For answers that train: a number alone may lie in the right band however
    it came about.

    Args:
        name: Short name, for tests and statistics.
        watched: Names of the chapter's functions that the test asks for.
        shows: Says of all that was seen whether the mistake shows.
        title: One sentence that says what the answer does.
        body: What to look at, without the answer.
    """

    name: str
    watched: tuple[str, ...]
    shows: Callable[..., bool]
    title: str
    body: str


@dataclass
class Exercise:
    """Everything that a check knows of one exercise.

    Args:
        chapter: Two digits.
        reference: A right answer; its name is the exercise's name.
        label: Label of the exercise in the chapter.
        level: "Warm-up", "Standard" or "Stretch".
        minutes: As printed in the chapter.
        cases: Inputs from the smallest to the largest, or a function that
            makes them from the learner's notebook.
        hints: Three, from a nudge to nearly the answer.
        atol: Largest difference of two numbers that count as equal.
        view: What of a result counts; for answers that may differ.
        wanted: What a result must look like, where view fails on it.
        solution: Text to show where the reference is a stand-in for a
            solution that needs the chapter's own cells.
        seconds: How long the learner's answer trains; 0 if it does not.
        needs: Names of the chapter that must exist before a check.
    """

    chapter: str
    reference: Callable[..., Any]
    label: str
    level: str
    minutes: int
    cases: Cases | Callable[[Space], Cases]
    hints: tuple[str, str, str]
    atol: float = 1e-5
    view: Callable[[Any], Any] = lambda result: result
    wanted: str = ""
    solution: str = ""
    seconds: int = 0
    needs: tuple[str, ...] = ()
    mistakes: list[Mistake] = field(default_factory=list)
    telltales: list[Telltale] = field(default_factory=list)

    @property
    def name(self) -> str:
        """Name under which the exercise is checked: "07-window-mask"."""
        words = self.reference.__name__.strip("_").replace("_", "-")
        return f"{self.chapter}-{words}"

    def mistake(self, function: Function) -> Function:
        """Take a function as a usual wrong answer; its docstring is said.

        Args:
            function: The wrong answer. The docstring's first line says what
                it does, the rest what to look at.

        Returns:
            The same function.
        """
        name, title, body = _said(function)
        self.mistakes.append(Mistake(name, function, title, body))
        return function

    def telltale(self, *watched: str) -> Callable[[Function], Function]:
        """Take a function as the test of what was called, and with what.

        Args:
            watched: Names of functions of the chapter, such as ``"fit"`` or
                ``"training.row_sampler"``, or of a module's class,
                ``"class:OurBERT"``; their calls are recorded while the answer
                runs.

        Returns:
            A decorator for a function of ``watching.Seen``; its docstring
            is said, as that of a mistake.
        """

        def keep(shows: Function) -> Function:
            name, title, body = _said(shows)
            self.telltales.append(Telltale(name, watched, shows, title, body))
            return shows

        return keep

    def inputs(self, space: Space) -> list[tuple[Any, ...]]:
        """Make the inputs on which answers are compared.

        Args:
            space: Names and values of the learner's notebook.

        Returns:
            Argument lists, the smallest first.
        """
        made = self.cases(space) if callable(self.cases) else self.cases
        return list(made)


def _said(function: Callable[..., Any]) -> tuple[str, str, str]:
    """Split a function's docstring; its own name comes first."""
    doc = inspect.cleandoc(function.__doc__ or "")
    title, _, body = doc.partition("\n")
    name = function.__name__.strip("_").replace("_", " ")
    return name, title, body.strip()


class Chapter(dict[str, Exercise]):
    """The exercises of one chapter by name."""

    def __init__(self, number: str) -> None:
        super().__init__()
        self.number = number

    def exercise(
        self, reference: Callable[..., Any], **about: Any
    ) -> Exercise:
        """Add an exercise.

        Args:
            reference: Its right answer.
            about: The other arguments of ``Exercise``.

        Returns:
            The exercise, to hang mistakes on.
        """
        made = Exercise(self.number, reference, **about)
        self[made.name] = made
        return made
