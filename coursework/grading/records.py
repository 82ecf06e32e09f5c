"""What grading knows, in the gradebook beside nbgrader's own tables.

A submission counts as graded once its row stands in ``course_runs``; the row
is written last, in one transaction, so that a grader killed at any moment
grades that submission again and no other.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from coursework.grading.judge import Verdict

SCHEMA = """
CREATE TABLE IF NOT EXISTS course_runs (
  assignment TEXT, student TEXT, sha TEXT, seed INTEGER, why TEXT, notes TEXT,
  finished TEXT, seconds REAL, PRIMARY KEY (assignment, student));
CREATE TABLE IF NOT EXISTS course_parts (
  assignment TEXT, student TEXT, part TEXT, score REAL, points REAL,
  message TEXT, mistake TEXT, PRIMARY KEY (assignment, student, part));
CREATE TABLE IF NOT EXISTS course_regrades (
  assignment TEXT, student TEXT, finished TEXT, before REAL, after REAL,
  reason TEXT);
CREATE TABLE IF NOT EXISTS course_due (
  assignment TEXT PRIMARY KEY, due TEXT);
"""


@dataclass(frozen=True)
class Run:
    """The last complete run of one submission.

    Args:
        assignment: Name of the assignment.
        student: Id of the student.
        sha: sha256 of what was handed in.
        seed: What the calls were drawn from.
        why: Why it could not be graded, or empty.
        notes: What was mended.
        finished: When, in UTC.
        seconds: How long it took.
    """

    assignment: str
    student: str
    sha: str
    seed: int
    why: str
    notes: tuple[str, ...]
    finished: str
    seconds: float


@contextmanager
def opened(gradebook: Path) -> Iterator[sqlite3.Connection]:
    """Open the gradebook for one transaction."""
    with closing(sqlite3.connect(gradebook, timeout=60)) as connection:
        connection.executescript(SCHEMA)
        with connection:
            yield connection


def runs(gradebook: Path, hw: str) -> dict[str, Run]:
    """Return the complete runs of an assignment by student."""
    with opened(gradebook) as connection:
        rows = connection.execute(
            "SELECT * FROM course_runs WHERE assignment = ?", (hw,)
        ).fetchall()
    found: dict[str, Run] = {}
    for name, student, digest, seed, why, notes, finished, seconds in rows:
        mended = tuple(json.loads(notes))
        found[student] = Run(
            name, student, digest, seed, why, mended, finished, seconds
        )
    return found


def finish(gradebook: Path, run: Run, verdicts: Sequence[Verdict]) -> None:
    """Say that a submission is graded, and how each part went."""
    key = (run.assignment, run.student)
    with opened(gradebook) as connection:
        connection.execute(
            "DELETE FROM course_parts WHERE assignment = ? AND student = ?",
            key,
        )
        connection.executemany(
            "INSERT INTO course_parts VALUES (?, ?, ?, ?, ?, ?, ?)",
            [
                (*key, v.part, v.score, v.points, v.message, v.mistake)
                for v in verdicts
            ],
        )
        connection.execute(
            "INSERT OR REPLACE INTO course_runs"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                *key,
                run.sha,
                run.seed,
                run.why,
                json.dumps(run.notes),
                run.finished,
                run.seconds,
            ),
        )


def parts(gradebook: Path, hw: str) -> dict[str, list[Verdict]]:
    """Return the verdicts of an assignment by student."""
    found: dict[str, list[Verdict]] = {}
    with opened(gradebook) as connection:
        rows = connection.execute(
            "SELECT student, part, score, points, message, mistake"
            " FROM course_parts WHERE assignment = ? ORDER BY rowid",
            (hw,),
        )
        for student, *verdict in rows:
            found.setdefault(student, []).append(Verdict(*verdict))
    return found


def regraded(
    gradebook: Path,
    key: tuple[str, str],
    change: tuple[float, float],
    reason: str,
) -> None:
    """Keep a regrade: before, after, and what it was asked for."""
    with opened(gradebook) as connection:
        connection.execute(
            "INSERT INTO course_regrades VALUES (?, ?, ?, ?, ?, ?)",
            (*key, now(), *change, reason),
        )


def regrades(gradebook: Path, hw: str) -> list[tuple[str, float, float, str]]:
    """Return student, before, after and reason of every regrade."""
    with opened(gradebook) as connection:
        return connection.execute(
            "SELECT student, before, after, reason FROM course_regrades"
            " WHERE assignment = ? ORDER BY rowid",
            (hw,),
        ).fetchall()


def set_due(gradebook: Path, hw: str, due: datetime) -> None:
    """Keep when an assignment is due, in its own zone; nbgrader keeps UTC."""
    with opened(gradebook) as connection:
        connection.execute(
            "INSERT OR REPLACE INTO course_due VALUES (?, ?)",
            (hw, due.isoformat()),
        )


def due(gradebook: Path, hw: str) -> datetime | None:
    """Return when an assignment is due, in its own zone; None if unknown."""
    with opened(gradebook) as connection:
        row = connection.execute(
            "SELECT due FROM course_due WHERE assignment = ?", (hw,)
        ).fetchone()
    return datetime.fromisoformat(row[0]) if row else None


def now() -> str:
    """Return the time in UTC as the gradebook keeps it."""
    return datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S")


def sha(folder: Path) -> str:
    """Return the sha256 of a submission: names and contents of its files."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink():
            digest.update(str(path.relative_to(folder)).encode() + b"\0")
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()
