"""The four commands: release, grade, feedback, export (see the Makefile)."""

from __future__ import annotations

import argparse
import sys
import warnings
from pathlib import Path

from nbgrader.converters.base import NbGraderException

from coursework.grading.course import Course, CourseError
from coursework.grading.execute import SandboxFailedError
from coursework.grading.export import export
from coursework.grading.feedback import feedback
from coursework.grading.grade import Order, grade
from coursework.grading.judge import ProbeError
from coursework.grading.release import release
from coursework.grading.sandbox import NoSandboxError

FAULTS = (
    CourseError,
    NbGraderException,
    NoSandboxError,
    ProbeError,
    SandboxFailedError,
)


def parser() -> argparse.ArgumentParser:
    """Describe the command line."""
    top = argparse.ArgumentParser(
        prog="coursework.grading", description=__doc__
    )
    commands = top.add_subparsers(dest="command", required=True)
    for name in ("release", "grade", "feedback", "export"):
        command = commands.add_parser(name)
        command.add_argument(
            "hw", help="name of the assignment: hw2-attention"
        )
        if name == "release":
            command.add_argument("--due", help="2026-10-01 23:59 +0200")
        if name in ("grade", "feedback"):
            command.add_argument("--student", help="only this one")
        if name == "grade":
            command.add_argument("--from", dest="origin", type=Path)
            command.add_argument("--again", action="store_true")
            command.add_argument("--reason", default="")
            command.add_argument("--workers", type=int, default=2)
    return top


def run(options: argparse.Namespace, course: Course) -> int:
    """Carry out a command and print what it did."""
    hw = options.hw
    if options.command == "release":
        path = release(course, hw, options.due)
        print(f"{hw}: the reference earns full marks, the empty release 0")
        print(f"no solution and no probe in release, page or site\n{path}")
        return 0
    if options.command == "grade":
        order = Order(
            hw,
            options.origin,
            options.student,
            options.again,
            options.reason,
            options.workers,
        )
        report = grade(course, order)
        print("\n".join(report.lines()))
        return 1 if report.failed else 0
    if options.command == "feedback":
        pages = feedback(course, hw, options.student)
        count = "1 page" if len(pages) == 1 else f"{len(pages)} pages"
        print(f"{count}: {course.root}/feedback/*/{hw}/{hw}.html")
        return 0
    print("\n".join(str(path) for path in export(course, hw)))
    return 0


def main() -> int:
    """Run a command; what the instructor can mend is one clear message."""
    options = parser().parse_args()
    warnings.filterwarnings("ignore", category=FutureWarning)
    try:
        return run(options, Course.here())
    except FAULTS as error:
        print(error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
