"""grader-service's step "autograde", with our engine in the middle.

The rest stays grader-service's: it fetches the submission, keeps the marks,
pushes the graded notebook and builds the feedback. Runs in the hub's
environment; the engine runs in the course's, in a process of its own.
"""

# mypy: disable-error-code="import-not-found"

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from grader_service.autograding.local_grader import LocalAutogradeExecutor
from grader_service.autograding.utils import collect_logs
from grader_service.convert.converters.autograde import Autograde
from grader_service.convert.preprocessors import (
    CheckCellMetadata,
    LimitOutput,
    OverwriteCells,
    SaveAutoGrades,
)
from traitlets import Int, Unicode


class MarkedAutograde(Autograde):  # type: ignore[misc]
    """Takes over marks from a notebook that already ran.

    OverwriteCells comes first, so that neither points nor tests are what a
    student made of them.
    """

    def __init__(self, *args: Any, **kw: Any) -> None:
        super().__init__(*args, **kw)
        self.sanitize_preprocessors = [OverwriteCells, CheckCellMetadata]
        self.autograde_preprocessors = [
            LimitOutput,
            SaveAutoGrades,
            CheckCellMetadata,
        ]


class OutsideAutogradeExecutor(LocalAutogradeExecutor):  # type: ignore[misc]
    """Runs a submission in the sandbox and compares outside of it."""

    course_python = Unicode(
        help="The Python of the course's environment, with nbgrader."
    ).tag(config=True)
    repository = Unicode(help="Where the package coursework is.").tag(
        config=True
    )
    longest = Int(600, help="Seconds after which an engine is ended.").tag(
        config=True
    )

    def _run(self) -> None:
        """Let the engine mark each notebook, then keep the marks.

        Raises:
            RuntimeError: Not the student's fault; can be tried again.
        """
        logs = []
        with tempfile.TemporaryDirectory(prefix="hub-") as name:
            marked = Path(name)
            for hw in self._notebooks():
                logs.append(self._engine(hw, marked))
                self.grading_logs = "\n".join(logs)
            graded = MarkedAutograde(
                str(marked),
                self.output_path,
                "*.ipynb",
                assignment_settings=self.assignment.settings,
            )
            with collect_logs(graded.log) as stream:
                try:
                    graded.start()
                finally:
                    logs.append(stream.getvalue())
                    self.grading_logs = "\n".join(logs)

    def _notebooks(self) -> list[str]:
        """List the assignment's notebooks: what was released counts."""
        path = Path(self.output_path) / "gradebook.json"
        return sorted(json.loads(path.read_text())["notebooks"])

    def _engine(self, hw: str, marked: Path) -> str:
        """Run the engine on one notebook; return what it says."""
        release = marked / f"{hw}.release"
        release.write_bytes(self._released(f"{hw}.ipynb"))
        done = subprocess.run(
            [
                self.course_python,
                "-m",
                "coursework.hub.outside",
                f"--hw={hw}",
                f"--student={self.submission.user.name}",
                f"--release={release}",
                f"--submitted={Path(self.input_path) / f'{hw}.ipynb'}",
                f"--marked={marked / f'{hw}.ipynb'}",
            ],
            cwd=self.repository,
            env=os.environ | {"OMP_NUM_THREADS": "1"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=self.longest,
            check=False,
        )
        if done.returncode:
            self.log.error(done.stderr)
            raise RuntimeError(f"not graded, try again: {done.stderr}")
        return done.stdout

    def _released(self, name: str) -> bytes:
        """Return a file as the students got it."""
        repository = (
            Path(self.grader_service_dir)
            / "git"
            / self.assignment.lecture.code
            / str(self.assignment.id)
            / "release"
        )
        return subprocess.run(
            ["git", "-C", str(repository), "show", f"main:{name}"],
            capture_output=True,
            check=True,
        ).stdout
