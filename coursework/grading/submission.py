"""One submission through nbgrader's autograder, from file to gradebook."""

from __future__ import annotations

import io
import logging
import shutil
import tempfile
import time
import warnings
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbconvert.preprocessors import ClearMetadataPreprocessor
from nbformat import NotebookNode
from nbgrader.converters import Autograde
from nbgrader.converters.base import BaseConverter, NbGraderException
from nbgrader.preprocessors import (
    AssignLatePenalties,
    CheckCellMetadata,
    ClearOutput,
    LimitOutput,
    OverwriteCells,
    OverwriteKernelspec,
    SaveAutoGrades,
)
from nbgrader.utils import parse_utc
from sqlalchemy.exc import SAWarning

from coursework.grading import judge, late, records
from coursework.grading.course import Course, directory, marks
from coursework.grading.execute import Job, RunInSandbox
from coursework.grading.intake import Intake, take_in
from coursework.grading.late import LateDays
from coursework.grading.sandbox import Limits


@dataclass(frozen=True)
class Outcome:
    """What one run gave.

    Args:
        student: Id of the student.
        score: Autograded points.
        why: Why it could not be graded, or empty.
        seconds: How long it took.
    """

    student: str
    score: float
    why: str
    seconds: float


class SandboxedAutograde(Autograde):  # type: ignore[misc]
    """nbgrader's autograder, its kernel replaced and its marks ours."""

    def use(self, job: Job) -> None:
        """Take the steps for one submission."""
        self.force = True
        self.sanitize_preprocessors = [
            ClearOutput,
            OverwriteKernelspec,
            OverwriteCells,
            CheckCellMetadata,
        ]
        self.autograde_preprocessors = [
            RunInSandbox(job),
            ClearMetadataPreprocessor,
            LimitOutput,
            SaveAutoGrades,
            AssignLatePenalties,
            CheckCellMetadata,
        ]


def grade_one(course: Course, hw: str, student: str, why: str = "") -> Outcome:
    """Grade what a student handed in, and remember that it is graded.

    Args:
        course: The course.
        hw: Name of the assignment, released.
        student: Id of the student.
        why: Do not run it, for this reason.

    Raises:
        SandboxFailedError: The sandbox does not start here.
    """
    started = time.monotonic()
    submitted = course.folder("submitted", student, hw)
    sha = records.sha(submitted)
    release = course.release_notebook(hw)
    if why:
        intake = Intake(release, why=why)
    else:
        intake = take_in(course_file(submitted, hw), release)
    assignment = course.assignment(hw)
    plan = judge.draw(assignment, student)
    job = Job(
        intake,
        plan,
        course.source(hw).parent,
        Limits(seconds=assignment.seconds, cell=assignment.cell_seconds),
    )
    autograde(course, hw, student, job)
    flag(course, hw, student, job.why)
    seconds = time.monotonic() - started
    run = records.Run(
        hw,
        student,
        sha,
        plan.seed,
        job.why,
        intake.notes,
        records.now(),
        seconds,
    )
    records.finish(course.gradebook, run, job.verdicts)
    return Outcome(student, judge.total(job.verdicts), job.why, seconds)


def course_file(folder: Path, hw: str) -> Path | None:
    """Return the notebook in a student's folder."""
    path = folder / f"{hw}.ipynb"
    return path if path.exists() or path.is_symlink() else None


def autograde(course: Course, hw: str, student: str, job: Job) -> None:
    """Let nbgrader write one submission's marks and its graded notebook.

    It works in a folder of its own; the graded notebook replaces an earlier
    one in one step.
    """
    with tempfile.TemporaryDirectory(prefix="grade-") as name:
        root = Path(name)
        folder = root / "submitted" / student / hw
        folder.mkdir(parents=True)
        stamp = course.folder("submitted", student, hw) / "timestamp.txt"
        if stamp.is_file():
            shutil.copy(stamp, folder)
        write(job.intake, folder / f"{hw}.ipynb")
        nbgrader, config = directory(root, course.url, hw, student)
        config.AssignLatePenalties.plugin_class = LateDays
        config.LateDays.folder = str(course.root / "class")
        enter(course, hw, student, stamp)
        app = SandboxedAutograde(coursedir=nbgrader, config=config)
        app.use(job)
        quietly(app)
        graded = root / "autograded" / student / hw
        target = course.folder("autograded", student, hw)
        target.mkdir(parents=True, exist_ok=True)
        new = target / f".{hw}.new"
        shutil.copyfile(graded / f"{hw}.ipynb", new)
        new.replace(target / f"{hw}.ipynb")


def enter(course: Course, hw: str, student: str, stamp: Path) -> None:
    """Put student, time and extension into the gradebook."""
    with marks(course.url) as gradebook:
        gradebook.update_or_create_student(student)
        time_of = stamp.read_text() if stamp.is_file() else None
        gradebook.update_or_create_submission(
            hw, student, timestamp=parse_utc(time_of)
        )
        late.extend(gradebook, course.root / "class", hw, student)


def flag(course: Course, hw: str, student: str, why: str) -> None:
    """Flag in nbgrader's own pages what could not be graded."""
    with marks(course.url) as gradebook:
        submission = gradebook.find_submission(hw, student)
        for notebook in submission.notebooks:
            notebook.flagged = bool(why)
        gradebook.db.commit()


def write(intake: Intake, path: Path) -> None:
    """Write a mended notebook."""
    notebook: NotebookNode = intake.notebook
    nbformat.write(notebook, path)


def quietly(app: BaseConverter) -> None:
    """Run one of nbgrader's converters; its log is shown where it fails.

    Raises:
        NbGraderException: It failed; the log stands in the message.
    """
    log = io.StringIO()
    handler = logging.StreamHandler(log)
    logger = logging.Logger("quiet", logging.ERROR)
    logger.addHandler(handler)
    app.log = logger
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SAWarning)
            app.start()
    except NbGraderException as error:
        raise NbGraderException(f"{error}\n{log.getvalue()}") from error
