"""One class, handed in, graded, killed in the middle, graded to its end."""

import dataclasses
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pytest

from coursework.grading import records
from coursework.grading.course import REPOSITORY, Course
from coursework.grading.grade import Order, grade
from coursework.grading.release import release
from tests.grading import notebooks as nb
from tests.grading import students as st

DUE = "2026-10-01 23:59:00 UTC"
LATE = {
    "late1": "2026-10-02 12:00:00 UTC",  # one day: 10 %
    "late2": "2026-10-04 12:00:00 UTC",  # three days: 30 %
    "extended": "2026-10-02 12:00:00 UTC",
    "right0": "2026-10-01 20:00:00 UTC",
    "right1": "2026-10-02 00:01:00 UTC",  # within the grace
}
KILL_AFTER = 6  # submissions

if sys.platform != "linux":
    collect_ignore_glob = ["test_class.py", "test_release.py"]


@dataclasses.dataclass
class Graded:
    """The class after grading, and what was seen on the way."""

    course: Course
    students: dict
    before: dict
    killed: dict
    seconds: float


def private_copy(folder: Path) -> Path:
    """Copy what the warm-up needs, with shorter limits of time."""
    source = REPOSITORY / "coursework" / "private"
    shutil.copytree(source / "source" / nb.HW, folder / "source" / nb.HW)
    (folder / "probes").mkdir()
    text = (source / "probes" / f"{nb.HW}.py").read_text()
    text += (
        "\nimport dataclasses\nASSIGNMENT = dataclasses.replace("
        "ASSIGNMENT, seconds=45, cell_seconds=8)\n"
    )
    (folder / "probes" / f"{nb.HW}.py").write_text(text)
    return folder


def a_course(folder: Path) -> Course:
    """Make an empty course, beside a private folder of its own."""
    private = private_copy(folder / "private")
    return Course(folder / "course", private, folder / "site")


def hand_in(course: Course, student: st.Student, folder: Path) -> None:
    """Write what a student hands in."""
    blank = None
    if student.raw == "blank":
        blank = course.release_notebook(nb.HW)
    notebook = nb.solved(student.name, student.wrong, blank)
    if student.change is not None:
        student.change(notebook)
    path = folder / student.name / student.file
    path.parent.mkdir()
    if blank is None and isinstance(student.raw, str):
        path.write_text(student.raw)
    elif student.raw is nb.old_format:
        path.write_text(nb.old_format(notebook))
    else:
        path.write_text(nbformat.writes(notebook, version=4))
    if student.name in LATE:
        (path.parent / "timestamp.txt").write_text(LATE[student.name])


def rows(gradebook: Path, but=()) -> dict:
    """Return every table of the gradebook, sorted."""
    with sqlite3.connect(gradebook) as connection:
        names = connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table'"
        ).fetchall()
        return {
            name: sorted(
                map(repr, connection.execute(f"SELECT * FROM {name}"))
            )
            for (name,) in names
            if name not in but
        }


def grade_and_kill(course: Course, origin: Path) -> dict:
    """Grade until a few are done, then kill; return those that were done."""
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "coursework.grading"),
            *("grade", nb.HW, "--from", str(origin)),
        ],
        cwd=REPOSITORY,
        env=os.environ
        | {
            "COURSEWORK": str(course.root),
            "COURSEWORK_PRIVATE": str(course.private),
            "OMP_NUM_THREADS": "1",
            "TQDM_DISABLE": "1",
        },
    )
    try:
        while len(records.runs(course.gradebook, nb.HW)) < KILL_AFTER:
            assert process.poll() is None, "it ended before it was killed"
            time.sleep(0.2)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    time.sleep(1.5)  # its workers end with it
    return records.runs(course.gradebook, nb.HW)


@pytest.fixture(scope="session")
def the_class(tmp_path_factory):
    """Release, hand in, grade: killed in the middle, then to the end."""
    root = tmp_path_factory.mktemp("grading")
    course = a_course(root)
    release(course, nb.HW, DUE)
    spies = st.spies(course.root, course.private)
    everyone = [*st.ORDINARY, *st.CLUMSY, *st.CHEATS, *spies]
    (course.root / "class").mkdir()
    (course.root / "class" / "extensions.csv").write_text(
        f"student,assignment,days\nextended,{nb.HW},2\n"
    )
    origin = root / "handed-in"
    origin.mkdir()
    for student in everyone:
        hand_in(course, student, origin)
    before = rows(course.gradebook)
    started = time.monotonic()
    killed = grade_and_kill(course, origin)
    report = grade(course, Order(nb.HW, origin))
    seconds = time.monotonic() - started
    assert report.failed == {}
    assert report.skipped == len(killed)
    named = {student.name: student for student in everyone}
    return Graded(course, named, before, killed, seconds)
