"""A whole class: several submissions at a time, each in its own sandbox."""

from __future__ import annotations

import ctypes
import multiprocessing
import os
import signal
import sqlite3
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, field
from pathlib import Path

from nbgrader.api import MissingEntry
from sqlalchemy.exc import OperationalError
from tqdm import tqdm

from coursework.grading import late, records, sandbox
from coursework.grading.collect import collect
from coursework.grading.course import Course, CourseError, marks
from coursework.grading.execute import SandboxFailedError
from coursework.grading.judge import OTHER, ProbeError
from coursework.grading.submission import Outcome, grade_one

PR_SET_PDEATHSIG = 1


@dataclass(frozen=True)
class Order:
    """What is to be graded.

    Args:
        hw: Name of the assignment.
        origin: Folder or zip to collect from; None for what is there.
        student: Only this one; None for all.
        again: Also those that are graded already.
        reason: Why one student is graded again; kept with the marks.
        workers: How many at a time.
    """

    hw: str
    origin: Path | None = None
    student: str | None = None
    again: bool = False
    reason: str = ""
    workers: int = 2


@dataclass
class Report:
    """What one call did.

    Args:
        graded: Outcomes of this call.
        skipped: How many were graded already.
        failed: Students who were not graded, and why: not their fault.
        unknown: Files that belong to nobody.
        changed: Marks before and after, where they were graded again.
        strangers: Students who lost points by another id in STUDENT.
    """

    graded: list[Outcome] = field(default_factory=list)
    skipped: int = 0
    failed: dict[str, str] = field(default_factory=dict)
    unknown: list[str] = field(default_factory=list)
    changed: list[tuple[str, float, float]] = field(default_factory=list)
    strangers: list[str] = field(default_factory=list)

    def lines(self) -> Iterator[str]:
        """Yield what the instructor wants to read."""
        yield f"graded {len(self.graded)}, graded before {self.skipped}"
        for outcome in sorted(self.graded, key=lambda o: o.student):
            if outcome.why:
                yield f"  flagged, 0 points: {outcome.student}: {outcome.why}"
        for student, before, after in self.changed:
            yield f"  {student}: {before:g} before, {after:g} now"
        if self.strangers:
            n, names = len(self.strangers), ", ".join(self.strangers)
            hold, were = "notebooks hold", "they were"
            if n == 1:
                hold, were = "notebook holds", "it was"
            yield (
                f"  {n} {hold} another id in STUDENT than {were} handed in by"
                f" (by-hand questions earn 0 there): {names}."
                " Is class/roster.csv missing, or are they not in it?"
            )
        for name in self.unknown:
            yield f"  nobody's file, not graded: {name}"
        for student, why in sorted(self.failed.items()):
            yield f"  NOT GRADED, try again: {student}: {why}"


def grade(course: Course, order: Order) -> Report:
    """Grade what is not graded yet, and remember each when it is done.

    Raises:
        CourseError: There is nothing to grade, or no such student.
        NoSandboxError: This machine has no sandbox.
    """
    sandbox.require()
    course.release_notebook(order.hw)
    course.assignment(order.hw)
    report = Report()
    if order.origin is not None:
        report.unknown = collect(course, order.hw, order.origin)
    todo = pending(course, order, report)
    before = {s: mark(course, order.hw, s) for s in todo}
    _run(course, order, todo, report)
    report.strangers = strangers(course, order)
    late.refresh(course.url, course.root / "class", order.hw)
    for student, old in before.items():
        if old is not None and student not in report.failed:
            new = mark(course, order.hw, student) or 0.0
            report.changed.append((student, old, new))
            key = (order.hw, student)
            records.regraded(course.gradebook, key, (old, new), order.reason)
    return report


def pending(course: Course, order: Order, report: Report) -> list[str]:
    """List who is not graded, or has handed in something else since."""
    students = course.students("submitted", order.hw)
    if order.student is not None:
        if order.student not in students:
            raise CourseError(
                f"{order.student} has handed in nothing for {order.hw};"
                f" these have: {', '.join(students) or 'nobody'}"
            )
        students = [order.student]
    if not students:
        raise CourseError(f"nothing of {order.hw} to grade: FROM=...")
    done = records.runs(course.gradebook, order.hw)
    todo = [
        s
        for s in students
        if order.again
        or s not in done
        or done[s].sha != records.sha(course.folder("submitted", s, order.hw))
    ]
    report.skipped = len(students) - len(todo)
    return todo


def strangers(course: Course, order: Order) -> list[str]:
    """List who lost points because STUDENT is not the id of the hand-in.

    Also those who were graded by an earlier call: the cause is still there.
    """
    verdicts = records.parts(course.gradebook, order.hw)
    asked = course.students("submitted", order.hw)
    if order.student is not None:
        asked = [order.student]
    return [
        student
        for student in asked
        if any(v.mistake == OTHER for v in verdicts.get(student, ()))
    ]


def mark(course: Course, hw: str, student: str) -> float | None:
    """Return a student's mark, late penalty taken off; None without one."""
    if student not in records.runs(course.gradebook, hw):
        return None
    with marks(course.url) as gradebook:
        try:
            submission = gradebook.find_submission(hw, student)
        except MissingEntry:
            return None
        lost = sum(
            n.late_submission_penalty or 0 for n in submission.notebooks
        )
        return float(submission.score - lost)


def _run(
    course: Course, order: Order, todo: list[str], report: Report
) -> None:
    """Grade a list of students by several processes."""
    if not todo:
        return
    with (
        ProcessPoolExecutor(
            max_workers=min(order.workers, len(todo)),
            mp_context=multiprocessing.get_context("spawn"),
            initializer=end_with,
            initargs=(os.getpid(),),
        ) as pool,
        tqdm(total=len(todo), desc=order.hw, unit="notebook") as bar,
    ):
        futures = {pool.submit(attempt, course, order.hw, s): s for s in todo}
        for future in as_completed(futures):
            student = futures[future]
            try:
                result = future.result()
            except Exception as error:  # a worker that died
                result = f"{type(error).__name__}: {error}"
            if isinstance(result, Outcome):
                report.graded.append(result)
            else:
                report.failed[student] = result
            bar.update()


def attempt(course: Course, hw: str, student: str) -> Outcome | str:
    """Grade one; say what stood in the way where it is not the student's.

    A submission on which nbgrader itself fails is flagged with 0 points.
    """
    ours = (
        CourseError,
        ProbeError,
        SandboxFailedError,
        OSError,
        OperationalError,
        sqlite3.Error,
    )
    try:
        return grade_one(course, hw, student)
    except ours as error:
        return f"{type(error).__name__}: {error}"
    except Exception as error:
        why = f"nbgrader cannot process it ({type(error).__name__})"
        try:
            return grade_one(course, hw, student, why)
        except Exception as second:
            return f"{type(second).__name__}: {second}"


def end_with(parent: int) -> None:
    """Let a worker end when the grader ends, however it ends."""
    os.environ["OMP_NUM_THREADS"] = "1"
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os.kill(os.getpid(), signal.SIGKILL)
    signal.signal(signal.SIGINT, signal.SIG_DFL)
