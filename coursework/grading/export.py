"""Marks for the usual learning-management systems, and the class at a glance.

Each file has the columns that the system's own import of grades asks for.
"""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from coursework.grading import late, picture, records
from coursework.grading.course import Course, CourseError, marks


@dataclass(frozen=True)
class Mark:
    """One line of a class list.

    Args:
        student: Id of the student.
        score: Points, late penalty taken off.
        most: Points of the assignment.
        lost: Points lost for lateness.
        why: Why it could not be graded, or empty.
        by_hand: Questions that still wait for a grader.
        row: The student's row of class/roster.csv.
    """

    student: str
    score: float
    most: float
    lost: float
    why: str
    by_hand: int
    row: dict[str, str]


Table = tuple[list[str], Callable[[Mark], list[object]]]


def tables(hw: str, most: float) -> dict[str, Table]:
    """Return header and line of each system's file."""
    return {
        "plain": (
            ["student", "assignment", "score", "max_score", "late_penalty",
             "needs_manual_grading", "could_not_be_graded"],
            lambda m: [m.student, hw, m.score, m.most, m.lost, m.by_hand,
                       m.why],
        ),
        "canvas": (
            ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", hw],
            lambda m: [m.row.get("name", m.student), m.row.get("number", ""),
                       "", m.student, m.row.get("section", ""), m.score],
        ),
        "moodle": (
            ["Username", "Email address", hw, "Feedback comments"],
            lambda m: [m.student, m.row.get("email", ""), m.score, m.why],
        ),
        "brightspace": (
            ["Username", f"{hw} Points Grade", "End-of-Line Indicator"],
            lambda m: [m.student, m.score, "#"],
        ),
        "blackboard": (
            ["Username", f"{hw} [Total Pts: {most:g} Score]"],
            lambda m: [m.student, m.score],
        ),
    }  # fmt: skip


def roster_rows(folder: Path) -> dict[str, dict[str, str]]:
    """Read class/roster.csv, a row by the student's id."""
    path = folder / "roster.csv"
    if not path.is_file():
        return {}
    with path.open(newline="", encoding="utf-8-sig") as file:
        return {row["student"].strip(): row for row in csv.DictReader(file)}


def class_list(course: Course, hw: str) -> list[Mark]:
    """List all marks; who is on the roster and handed in nothing has 0."""
    rows = roster_rows(course.root / "class")
    runs = records.runs(course.gradebook, hw)
    if not runs:
        raise CourseError(f"nobody is graded: make grade HW={hw} FROM=...")
    found: dict[str, Mark] = {}
    with marks(course.url) as gradebook:
        most = float(gradebook.find_assignment(hw).max_score)
        for submission in gradebook.assignment_submissions(hw):
            student = submission.student.id
            if student not in runs:
                continue
            lost = float(submission.late_submission_penalty or 0)
            waiting = sum(
                grade.needs_manual_grade
                for notebook in submission.notebooks
                for grade in notebook.grades
            )
            found[student] = Mark(
                student,
                max(round(float(submission.score) - lost, 2), 0.0),
                most,
                lost,
                runs[student].why,
                int(waiting),
                rows.get(student, {}),
            )
    for student, row in rows.items():
        missing = Mark(student, 0.0, most, 0.0, "nothing handed in", 0, row)
        found.setdefault(student, missing)
    return [found[student] for student in sorted(found)]


def export(course: Course, hw: str) -> list[Path]:
    """Write the CSV files and the picture of the class.

    Returns:
        The files.

    Raises:
        CourseError: Nobody is graded yet.
    """
    late.refresh(course.url, course.root / "class", hw)
    listed = class_list(course, hw)
    folder = course.root / "exports" / hw
    folder.mkdir(parents=True, exist_ok=True)
    files = []
    for system, (header, line) in tables(hw, listed[0].most).items():
        path = folder / f"{hw}-{system}.csv"
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(header)
            if system == "canvas":
                blank = [""] * (len(header) - 2)
                writer.writerow(
                    ["    Points Possible", *blank, listed[0].most]
                )
            writer.writerows(line(mark) for mark in listed)
        files.append(path)
    scores = [m.score for m in listed if m.why != "nothing handed in"]
    verdicts = records.parts(course.gradebook, hw)
    figure = picture.draw(hw, scores, listed[0].most, verdicts)
    for suffix in ("png", "pdf"):
        path = folder / f"{hw}-class.{suffix}"
        figure.savefig(path, metadata={"Title": f"{hw}: the class"})
        files.append(path)
    return files
