"""Mark one submission in Gradescope's container; write results.json."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from coursework.gradescope import two_users
from coursework.grading.course import Course
from coursework.grading.execute import Job
from coursework.hub.outside import FAULTS, mark

TRIAL = ("bwrap", "--unshare-all", "--ro-bind", "/", "/", "true")


def student_of(metadata: dict[str, Any]) -> str:
    """Return the id of who handed in: the part of the e-mail before the @.

    It has to be what the student wrote into STUDENT.
    """
    users = metadata.get("users") or [{}]
    mail = str(users[0].get("email") or "")
    return mail.partition("@")[0].casefold() or "unknown"


def notebook_in(folder: Path, hw: str) -> Path:
    """Find the notebook among what was uploaded."""
    named = folder / f"{hw}.ipynb"
    found = sorted(folder.glob("*.ipynb"))
    return found[0] if len(found) == 1 and not named.exists() else named


def sandboxed() -> bool:
    """Say whether bubblewrap works in this container."""
    try:
        done = subprocess.run(TRIAL, capture_output=True, check=False)
    except OSError:
        return False
    return done.returncode == 0


def results(job: Job, how: str) -> dict[str, Any]:
    """Put the verdicts into Gradescope's form."""
    lines = list(job.intake.notes)
    if job.why:
        lines.insert(0, f"This could not be graded: {job.why}.")
    return {
        "output": "\n".join(lines),
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "extra_data": {"sandbox": how},
        "tests": [
            {
                "name": verdict.part,
                "score": verdict.score,
                "max_score": verdict.points,
                "output": verdict.message,
            }
            for verdict in job.verdicts
        ],
    }


def failed(error: Exception) -> dict[str, Any]:
    """Say that it was not the student's fault; no score, so no 0."""
    print(error, file=sys.stderr)
    return {
        "output": "The grader failed, not your notebook. Tell the teacher.",
        "stdout_visibility": "hidden",
        "tests": [],
    }


def main() -> int:
    """Mark what was uploaded."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hw", required=True)
    for name in ("submission", "metadata", "results"):
        parser.add_argument(f"--{name}", required=True, type=Path)
    options = parser.parse_args()
    metadata = json.loads(options.metadata.read_text())
    course = Course.here()
    release = course.source(options.hw)
    submitted = notebook_in(options.submission, options.hw)
    student = student_of(metadata)
    if not (how := "bubblewrap" if sandboxed() else ""):
        two_users.replace()
        how = "another user"
    try:
        _, job = mark(course, options.hw, student, release, submitted)
        outcome = results(job, how)
    except FAULTS as error:
        outcome = failed(error)
    options.results.parent.mkdir(parents=True, exist_ok=True)
    options.results.write_text(json.dumps(outcome, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
