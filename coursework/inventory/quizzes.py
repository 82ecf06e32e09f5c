"""Paper quizzes: one source, a page of its own for each student."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from coursework.inventory.questions import PRIVATE, SourceError
from coursework.inventory.sums import evaluate, show
from transformer_course.assignments import Variant

FOLDER = PRIVATE / "quizzes"
MOST_DRAWS = 1000
STUDENT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@+-]*")
FIELD = re.compile(r"\{([^{}]+?)(?::(\d))?\}")


@dataclass(frozen=True)
class Problem:
    """One question of a quiz, with or without its numbers filled in.

    Attributes:
        points: What it counts.
        lines: Ruled lines below it, for the answer.
        text: The question, in Markdown.
        answer: The right answer, for the key.
        slips: Usual mistakes and what they are worth, for the key.
    """

    points: int
    lines: int
    text: str
    answer: str
    slips: tuple[str, ...]


@dataclass(frozen=True)
class Quiz:
    """A quiz as its source has it.

    Attributes:
        name: Name of the assignment, such as ``hw2-attention``.
        title: What stands on the sheet.
        minutes: Time allowed.
        tools: What may be used.
        table: ``"exp"`` for a table of powers of e on the sheet, or nothing.
        numbers: Name to what is drawn for it from the student's variant.
        work: Name to expression, worked out in order.
        again_if: Numbers for which this holds are drawn again.
        problems: The questions, with fields ``{expression}`` or
            ``{expression:decimals}``.
    """

    name: str
    title: str
    minutes: int
    tools: str
    table: str
    numbers: Mapping[str, Mapping[str, Any]]
    work: Mapping[str, str]
    again_if: str
    problems: tuple[Problem, ...]

    @property
    def points(self) -> int:
        """Sum of the questions' points."""
        return sum(problem.points for problem in self.problems)


@dataclass(frozen=True)
class Sheet:
    """A quiz with one student's numbers.

    Attributes:
        student: The id, as given.
        quiz: The quiz.
        problems: Its questions, their fields filled in.
        numbers: What was drawn and worked out, by name.
    """

    student: str
    quiz: Quiz
    problems: tuple[Problem, ...]
    numbers: Mapping[str, Any]


def names(folder: Path = FOLDER) -> list[str]:
    """List the assignments that have a quiz."""
    return sorted(path.stem for path in folder.glob("*.yaml"))


def load(name: str, folder: Path = FOLDER) -> Quiz:
    """Read a quiz.

    Args:
        name: Name of its assignment, such as ``hw2-attention``.
        folder: Where the sources are.

    Returns:
        The quiz, its fields not filled in.

    Raises:
        SourceError: There is no quiz of that name, or a part is missing.
    """
    path = folder / f"{name}.yaml"
    if not path.is_file():
        known = ", ".join(names(folder))
        raise SourceError(f"no quiz {name!r}; there are: {known}")
    raw = yaml.safe_load(path.read_text("utf-8"))
    try:
        problems = tuple(
            Problem(**{**entry, "slips": tuple(entry.get("slips", ()))})
            for entry in raw.pop("questions")
        )
        defaults = {"table": "", "work": {}, "again_if": "False"}
        return Quiz(name=name, problems=problems, **(defaults | raw))
    except (KeyError, TypeError) as error:
        raise SourceError(f"{path}: {error}") from error


def fill(quiz: Quiz, student: str) -> Sheet:
    """Make the sheet of one student.

    The numbers follow the student's id and the quiz's name, so that the key
    can be printed again at any time; they are not those of the notebook.

    Args:
        quiz: The quiz.
        student: The student's id.

    Returns:
        The sheet.

    Raises:
        SourceError: No numbers fit, or an expression has no value.
    """
    variant = Variant(student, f"quiz/{quiz.name}")
    for attempt in range(MOST_DRAWS):
        scope = _numbers(quiz, variant, attempt)
        if not evaluate(quiz.again_if, scope):
            filled = tuple(
                Problem(
                    points=problem.points,
                    lines=problem.lines,
                    text=_filled(problem.text, scope),
                    answer=_filled(problem.answer, scope),
                    slips=tuple(_filled(s, scope) for s in problem.slips),
                )
                for problem in quiz.problems
            )
            return Sheet(student, quiz, filled, scope)
    raise SourceError(
        f"{quiz.name}: no numbers for {student} after {MOST_DRAWS} draws; "
        f"again_if rules too much out"
    )


def read_students(path: Path) -> list[str]:
    """Read the ids of a class: one a line, # starts a comment.

    Raises:
        ValueError: An id comes twice, cannot be a file's name, or there is
            none.
    """
    lines = path.read_text("utf-8-sig").splitlines()
    ids = [line.partition("#")[0].strip() for line in lines]
    students = [student for student in ids if student]
    seen: set[str] = set()
    for student in students:
        if not STUDENT.fullmatch(student):
            raise ValueError(
                f"{path}: {student!r} is no id; wanted letters, digits and "
                "any of . _ @ + -"
            )
        if student.casefold() in seen:
            raise ValueError(f"{path}: {student} comes twice")
        seen.add(student.casefold())
    if not students:
        raise ValueError(f"{path} names no student")
    return students


def _numbers(quiz: Quiz, variant: Variant, attempt: int) -> dict[str, Any]:
    scope: dict[str, Any] = {}
    for name, recipe in quiz.numbers.items():
        own = f"{name}/{attempt}"
        scope[name] = _draw(variant, own, recipe)
    for name, expression in quiz.work.items():
        scope[name] = evaluate(str(expression), scope)
    return scope


def _draw(variant: Variant, name: str, recipe: Mapping[str, Any]) -> Any:
    """Draw what one line under ``numbers`` asks for."""
    rest = dict(recipe)
    kind = next(iter(rest))
    first: Sequence[Any] = rest.pop(kind)
    match kind:
        case "integer":
            return variant.integer(name, *first)
        case "integers":
            return list(variant.integers(name, *first, **rest))
        case "numbers":
            return list(variant.numbers(name, *first, **rest))
        case "choice":
            return variant.choice(name, first)
        case "sample":
            return list(variant.sample(name, first, **rest))
    raise SourceError(f"{name}: nothing is drawn by {kind!r}")


def _filled(text: str, scope: Mapping[str, Any]) -> str:
    """Put values into the fields of a text."""

    def value(field: re.Match[str]) -> str:
        digits = int(field[2]) if field[2] else None
        return show(evaluate(field[1], scope), digits)

    return FIELD.sub(value, text).strip()
