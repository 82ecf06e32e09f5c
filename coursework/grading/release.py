"""An assignment goes out only when its own grading holds it.

The source is graded twice on the very path that students' work takes, in a
gradebook that is thrown away: as it is it must earn full marks, as released
it must earn nothing. What goes out is then searched for what must not.
"""

from __future__ import annotations

import re
import shutil
import tempfile
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbgrader.converters import GenerateAssignment

from coursework.grading import leaks, records
from coursework.grading.course import (
    Course,
    CourseError,
    directory,
    grade_id,
    kind,
    marks,
    points,
)
from coursework.grading.probe import Assignment
from coursework.grading.submission import grade_one, quietly

STUDENT = re.compile(r"^STUDENT = .*$", re.MULTILINE)


class ReleaseError(CourseError):
    """What is wrong with the assignment; nothing was released."""


def release(course: Course, hw: str, due: str | None = None) -> Path:
    """Check an assignment and write what students get.

    Args:
        course: The course.
        hw: Name of the assignment.
        due: When it is due, with time zone; None leaves it as it is.

    Returns:
        The released notebook.

    Raises:
        ReleaseError: The assignment, its reference, its release or the due
            date is at fault; nothing has changed.
    """
    end = due_time(due) if due else None
    path = course.source(hw)
    if not path.is_file():
        raise ReleaseError(f"there is no {path}")
    source = nbformat.read(path, as_version=4)
    assignment = course.assignment(hw)
    stop(hw, faults(source, assignment))
    with tempfile.TemporaryDirectory(prefix="release-") as name:
        trial = replace(course, root=Path(name))
        generate(trial, hw)
        stop(hw, graded_faults(trial, hw, source))
        private = leaks.secrets(path, probes(course, hw))
        stop(hw, leaks.found(trial.released(hw).parent, course.site, private))
        generate(course, hw)
    if end:
        with marks(course.url) as gradebook:
            naive = end.astimezone(UTC).replace(tzinfo=None)
            gradebook.update_or_create_assignment(hw, duedate=naive)
        records.set_due(course.gradebook, hw, end)
    return course.released(hw)


def due_time(text: str) -> datetime:
    """Read when an assignment is due.

    Args:
        text: Date, time and zone: ``"2026-10-01 23:59 +0200"``. The blank
            before the zone and the colon in it may be there or not; ``UTC``
            is a zone.

    Returns:
        The time, with its zone.

    Raises:
        ReleaseError: It is no such time, or has no zone.
    """
    wanted = f"{text!r} is no due date such as 2026-10-01 23:59 +0200"
    plain = re.sub(r"\s*(?:UTC|GMT)$", "Z", text.strip())
    plain = re.sub(r"\s+(?=(?:[+-]\d\d:?\d\d|Z)$)", "", plain)
    try:
        time = datetime.fromisoformat(plain)
    except ValueError:
        raise ReleaseError(wanted) from None
    if time.tzinfo is None:
        raise ReleaseError(f"{wanted}: the time zone is missing")
    return time


def stop(hw: str, problems: list[str]) -> None:
    """Raise where there is a problem."""
    if problems:
        raise ReleaseError(
            f"{hw} is not released:\n  " + "\n  ".join(problems)
        )


def probes(course: Course, hw: str) -> Path:
    """Return the file of an assignment's probes."""
    return course.private / "probes" / f"{hw.replace('-', '_')}.py"


def faults(source: NotebookNode, assignment: Assignment) -> list[str]:
    """List where notebook and probes do not agree."""
    named = [cell for cell in source.cells if grade_id(cell)]
    counts = Counter(grade_id(cell) for cell in named)
    problems = [
        f"cell {n} is there {k} times" for n, k in counts.items() if k > 1
    ]
    tests = {grade_id(c): points(c) for c in named if kind(c) == "tests"}
    parts = {part.name: part.points for part in assignment.parts}
    for name in tests.keys() - parts.keys():
        problems.append(f"tests cell {name} has no part in the probes")
    for name in parts.keys() - tests.keys():
        problems.append(f"part {name} has no tests cell in the notebook")
    for name in tests.keys() & parts.keys():
        if tests[name] != parts[name]:
            problems.append(
                f"{name} has {tests[name]:g} points in the notebook"
                f" and {parts[name]:g} in the probes"
            )
    if not STUDENT.search("\n".join(c.source for c in source.cells)):
        problems.append('no cell says STUDENT = "your-id"')
    return sorted(problems)


def generate(course: Course, hw: str) -> None:
    """Let nbgrader strip the solutions and fill the gradebook."""
    course.root.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="release-") as name:
        root = Path(name)
        shutil.copytree(course.source(hw).parent, root / "source" / hw)
        nbgrader, config = directory(root, course.url, hw)
        quietly(GenerateAssignment(coursedir=nbgrader, config=config))
        target = course.released(hw).parent
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(root / "release" / hw, target)


def graded_faults(trial: Course, hw: str, source: NotebookNode) -> list[str]:
    """Grade the reference and the empty release; list what is wrong."""
    for cell in source.cells:
        cell.source = STUDENT.sub('STUDENT = "reference"', cell.source)
    empty = nbformat.read(trial.released(hw), as_version=4)
    problems = []
    for student, notebook in (("reference", source), ("empty", empty)):
        folder = trial.folder("submitted", student, hw)
        folder.mkdir(parents=True)
        nbformat.write(notebook, folder / f"{hw}.ipynb")
        outcome = grade_one(trial, hw, student)
        if outcome.why:
            problems.append(f"the {student} notebook: {outcome.why}")
    verdicts = records.parts(trial.gradebook, hw)
    for v in verdicts["reference"]:
        if v.score != v.points:
            problems.append(
                f"the reference earns {v.score:g} of {v.points:g} points"
                f" in {v.part}: {v.message}"
            )
    for v in verdicts["empty"]:
        if v.score:
            problems.append(f"the empty release earns {v.score:g} in {v.part}")
    return problems
