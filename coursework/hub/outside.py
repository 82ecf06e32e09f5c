"""Mark one notebook for grader-service: run it inside, compare outside.

Runs in the course's environment. The marked notebook has, where a tests cell
stands, its score as output: nbgrader's and grader-service's way of partial
credit.
"""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path

import nbformat

from coursework.grading import judge, sandbox
from coursework.grading.course import Course, CourseError
from coursework.grading.execute import Job, RunInSandbox, SandboxFailedError
from coursework.grading.intake import take_in
from coursework.grading.sandbox import Limits, NoSandboxError

FAULTS = (CourseError, NoSandboxError, SandboxFailedError, judge.ProbeError)
STUDENT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@+-]*")


def mark(
    course: Course, hw: str, student: str, release: Path, submitted: Path
) -> tuple[nbformat.NotebookNode, Job]:
    """Run a submission in the sandbox and write its scores into it.

    Args:
        course: Where the probes are.
        hw: Name of the assignment and of its notebook.
        student: Id of the student; their numbers follow from it.
        release: The notebook that the students got.
        submitted: What the student handed in; it may be missing or broken.

    Returns:
        The marked notebook, and how each part went.
    """
    sandbox.require()
    assignment = course.assignment(hw)
    given = nbformat.read(release, as_version=4)
    there = submitted.is_file() and not submitted.is_symlink()
    job = Job(
        take_in(submitted if there else None, given),
        judge.draw(assignment, student),
        course.source(hw).parent,
        Limits(seconds=assignment.seconds, cell=assignment.cell_seconds),
    )
    notebook = job.intake.notebook
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    notebook, _ = RunInSandbox(job).preprocess(notebook, {})
    return notebook, job


def main() -> int:
    """Mark a notebook; say on stdout how it went, without hidden values."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("hw", "student"):
        parser.add_argument(f"--{name}", required=True)
    for name in ("release", "submitted", "marked"):
        parser.add_argument(f"--{name}", required=True, type=Path)
    options = parser.parse_args()
    if not STUDENT.fullmatch(options.student):
        parser.error(f"{options.student!r} is no name of a student")
    try:
        notebook, job = mark(
            Course.here(),
            options.hw,
            options.student,
            options.release,
            options.submitted,
        )
    except FAULTS as error:
        print(error, file=sys.stderr)
        return 1
    nbformat.write(notebook, options.marked)
    if job.why:
        print(f"could not be graded: {job.why}")
    for note in job.intake.notes:
        print(note)
    for verdict in job.verdicts:
        score = f"{verdict.score:g} of {verdict.points:g}"
        print(f"{verdict.part}: {score}. {verdict.message}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
