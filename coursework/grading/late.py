"""Late days and extensions, through nbgrader's own plugin.

``class/late.toml`` holds the rule of the course, ``class/extensions.csv``
what single students were granted: student, assignment, days.
"""

from __future__ import annotations

import csv
import math
import tomllib
from dataclasses import dataclass
from datetime import UTC, tzinfo
from pathlib import Path

from nbgrader.api import Gradebook
from nbgrader.plugins import LateSubmissionPlugin
from traitlets import Unicode

from coursework.grading import records
from coursework.grading.course import marks

DAY = 86_400


@dataclass(frozen=True)
class Rule:
    """What lateness costs.

    Args:
        free_days: Late days that each student has for the whole course.
        per_day: Share of the score that each further day costs.
        last_day: After so many days late nothing is earned.
        grace_minutes: Minutes that are not counted as late.
    """

    free_days: int = 0
    per_day: float = 0.1
    last_day: int = 7
    grace_minutes: float = 5

    def penalty(self, score: float, days: int, free: int) -> float:
        """Return the points lost.

        Args:
            score: Points before the penalty.
            days: Days late, extensions already taken off.
            free: Free days that are left for this assignment.
        """
        if days > self.last_day:
            return score
        return round(score * min(1.0, self.per_day * max(days - free, 0)), 2)


def rule(folder: Path) -> Rule:
    """Read the course's rule; without a file the defaults hold."""
    path = folder / "late.toml"
    return (
        Rule(**tomllib.loads(path.read_text())) if path.is_file() else Rule()
    )


def extensions(folder: Path) -> dict[tuple[str, str], float]:
    """Read the days granted, by student and assignment."""
    path = folder / "extensions.csv"
    granted: dict[tuple[str, str], float] = {}
    if path.is_file():
        with path.open(newline="", encoding="utf-8-sig") as file:
            for row in csv.DictReader(file):
                key = (row["student"].strip(), row["assignment"].strip())
                granted[key] = granted.get(key, 0) + float(row["days"])
    return granted


def due_zone(gradebook: Path, hw: str) -> tzinfo:
    """Return the zone in which an assignment's due date was given.

    Args:
        gradebook: Where the release has put it.
        hw: Name of the assignment.

    Returns:
        Its distance from UTC, the same before and after clocks change; UTC
        where there is no due date.
    """
    due = records.due(gradebook, hw)
    return (due.tzinfo if due else None) or UTC


def days_late(seconds: float, grace_minutes: float) -> int:
    """Count the started days after the due date and the grace."""
    late = seconds - grace_minutes * 60
    return math.ceil(late / DAY) if late > 0 else 0


def extend(gradebook: Gradebook, folder: Path, hw: str, student: str) -> None:
    """Tell nbgrader of the extension that a student was granted, or of none.

    Args:
        gradebook: Open; it has the submission.
        folder: Holds extensions.csv.
        hw: Name of the assignment.
        student: Id of the student.
    """
    days = extensions(folder).get((student, hw), 0)
    gradebook.grant_extension(hw, student, days=days)


def points_lost(
    gradebook: Gradebook, folder: Path, hw: str, student: str, score: float
) -> float | None:
    """Return what a late submission loses; None where it loses nothing.

    Args:
        gradebook: Open; it has the submission, with its time and extension.
        folder: Holds late.toml.
        hw: Name of the assignment.
        student: Id of the student.
        score: Points before the penalty.
    """
    terms = rule(folder)
    submission = gradebook.find_submission(hw, student)
    days = days_late(submission.total_seconds_late, terms.grace_minutes)
    free = terms.free_days
    for other in gradebook.student_submissions(student) if free else ():
        earlier = other.assignment.duedate
        if earlier and earlier < submission.assignment.duedate:
            used = days_late(other.total_seconds_late, terms.grace_minutes)
            free -= min(used, free)
    return terms.penalty(score, days, free) or None


class LateDays(LateSubmissionPlugin):  # type: ignore[misc]
    """The course's rule, in the place where nbgrader asks for one."""

    folder = Unicode("class", help="Holds late.toml, extensions.csv").tag(
        config=True
    )

    def late_submission_penalty(
        self, student_id: str, score: float, total_seconds_late: float
    ) -> float | None:
        """Return the points that a late submission loses, None for none."""
        hw, folder = self.parent.assignment_id, Path(self.folder)
        with marks(self.parent.db_url) as gradebook:
            return points_lost(gradebook, folder, hw, student_id, score)


def refresh(url: str, folder: Path, hw: str) -> None:
    """Compute all penalties again: after marks by hand or new extensions."""
    with marks(url) as gradebook:
        for submission in gradebook.assignment_submissions(hw):
            student = submission.student.id
            extend(gradebook, folder, hw, student)
            for notebook in submission.notebooks:
                notebook.late_submission_penalty = points_lost(
                    gradebook, folder, hw, student, notebook.score
                )
        gradebook.db.commit()
