"""Where everything of a course stands, and how nbgrader is told."""

from __future__ import annotations

import importlib.util
import os
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbgrader.api import Gradebook
from nbgrader.coursedir import CourseDirectory
from sqlalchemy.exc import SAWarning
from traitlets.config import Config

from coursework.grading.probe import Assignment

REPOSITORY = Path(__file__).resolve().parents[2]

# nbgrader starts alembic by its name when it makes a gradebook.
_PROGRAMS = str(Path(sys.executable).parent)
if _PROGRAMS not in os.environ.get("PATH", "").split(os.pathsep):
    os.environ["PATH"] = f"{_PROGRAMS}{os.pathsep}{os.environ.get('PATH', '')}"


class CourseError(Exception):
    """Something that the instructor can mend; the message says how."""


@dataclass(frozen=True)
class Course:
    """The folders of a course.

    Args:
        root: Holds release, submitted, autograded, feedback, exports,
            class and gradebook.db.
        private: Holds source, probes and rubrics; may stand elsewhere.
        site: The built site, searched for what must not be public.
    """

    root: Path
    private: Path
    site: Path

    @classmethod
    def here(cls) -> Course:
        """Return this repository's course.

        ``COURSEWORK`` and ``COURSEWORK_PRIVATE`` name other folders.
        """
        root = Path(os.environ.get("COURSEWORK") or REPOSITORY / "coursework")
        private = os.environ.get("COURSEWORK_PRIVATE") or root / "private"
        return cls(
            root.resolve(),
            Path(private).resolve(),
            REPOSITORY / "_build" / "html",
        )

    @property
    def gradebook(self) -> Path:
        """The one file that holds every mark and the state of grading."""
        return self.root / "gradebook.db"

    @property
    def url(self) -> str:
        """The gradebook as nbgrader names it."""
        return f"sqlite:///{self.gradebook}"

    def source(self, hw: str) -> Path:
        """Return the source notebook of an assignment."""
        return self.private / "source" / hw / f"{hw}.ipynb"

    def released(self, hw: str) -> Path:
        """Return the released notebook of an assignment."""
        return self.root / "release" / hw / f"{hw}.ipynb"

    def folder(self, step: str, student: str, hw: str) -> Path:
        """Return a student's folder: submitted, autograded or feedback."""
        return self.root / step / student / hw

    def students(self, step: str, hw: str) -> list[str]:
        """List the students who have such a folder, sorted."""
        found = (self.root / step).glob(f"*/{hw}")
        return sorted(path.parent.name for path in found if path.is_dir())

    def release_notebook(self, hw: str) -> NotebookNode:
        """Read the released notebook.

        Raises:
            CourseError: There is none yet.
        """
        path = self.released(hw)
        if not path.is_file() or not self.gradebook.is_file():
            raise CourseError(f"{hw} is not released: make release HW={hw}")
        notebook: NotebookNode = nbformat.read(path, as_version=4)
        return notebook

    def assignment(self, hw: str) -> Assignment:
        """Load the probes of an assignment.

        Raises:
            CourseError: There are none, or they are of another name.
        """
        path = self.private / "probes" / f"{hw.replace('-', '_')}.py"
        if not path.is_file():
            raise CourseError(f"no probes for {hw}: {path} is not there")
        name = f"coursework_probes_{path.stem}"
        spec = importlib.util.spec_from_file_location(name, path)
        assert spec is not None, path
        assert spec.loader is not None, path
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
        found = getattr(module, "ASSIGNMENT", None)
        if not isinstance(found, Assignment) or found.name != hw:
            raise CourseError(f"{path} holds no ASSIGNMENT named {hw}")
        return found


def directory(
    root: Path, url: str, hw: str, student: str = "*"
) -> tuple[CourseDirectory, Config]:
    """Make nbgrader's view of a course folder.

    Args:
        root: The folder that holds source, submitted and so on.
        url: The gradebook.
        hw: Name of the assignment.
        student: Id of the student; ``"*"`` for all.
    """
    config = Config()
    config.CourseDirectory.root = str(root)
    config.CourseDirectory.db_url = url
    config.CourseDirectory.assignment_id = hw
    config.CourseDirectory.student_id = student
    return CourseDirectory(config=config), config


@contextmanager
def marks(url: str) -> Iterator[Gradebook]:
    """Open nbgrader's gradebook, without SQLAlchemy's remarks on its code."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SAWarning)
        with Gradebook(url) as gradebook:
            yield gradebook


def kind(cell: NotebookNode) -> str:
    """Say what a cell is for: tests, manual, solution, text or empty."""
    meta = cell.metadata.get("nbgrader", {})
    if meta.get("grade"):
        return "manual" if meta.get("solution") else "tests"
    if meta.get("solution"):
        return "solution"
    return "text" if meta.get("locked") else ""


def grade_id(cell: NotebookNode) -> str:
    """Return the cell's name in nbgrader, empty where it has none."""
    return str(cell.metadata.get("nbgrader", {}).get("grade_id") or "")


def points(cell: NotebookNode) -> float:
    """Return what a cell is worth."""
    return float(cell.metadata.get("nbgrader", {}).get("points") or 0)
