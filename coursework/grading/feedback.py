"""A page for each student: their notebook, their marks, what went wrong."""

from __future__ import annotations

from pathlib import Path

from nbgrader.converters import GenerateFeedback
from nbgrader.preprocessors import ClearHiddenTests
from tqdm import tqdm

from coursework.grading import late, records
from coursework.grading.course import Course, CourseError, directory
from coursework.grading.page import FeedbackExporter, Grades, Readable
from coursework.grading.submission import quietly


class StudentFeedback(GenerateFeedback):  # type: ignore[misc]
    """nbgrader's feedback, without hidden tests and without scripts."""

    preprocessors = [  # noqa: RUF012 (a trait of nbgrader's)
        Grades,
        ClearHiddenTests,
        Readable,
    ]
    exporter_class = FeedbackExporter
    force = True


def feedback(
    course: Course, hw: str, student: str | None = None
) -> list[Path]:
    """Write the feedback of everyone who is graded.

    Args:
        course: The course.
        hw: Name of the assignment.
        student: Only this one; None for all.

    Returns:
        The pages.

    Raises:
        CourseError: Nobody is graded yet, or this student is not.
    """
    late.refresh(course.url, course.root / "class", hw)
    done = records.runs(course.gradebook, hw)
    students = sorted(done) if student is None else [student]
    if not students or not set(students) <= done.keys():
        raise CourseError(f"{student or hw} is not graded: make grade HW={hw}")
    pages = []
    for name in tqdm(students, desc=f"{hw} feedback", unit="page"):
        nbgrader, config = directory(course.root, course.url, hw, name)
        config.FeedbackExporter.sanitize_html = True
        config.FeedbackExporter.embed_images = True
        quietly(StudentFeedback(coursedir=nbgrader, config=config))
        pages.append(course.folder("feedback", name, hw) / f"{hw}.html")
    return pages
