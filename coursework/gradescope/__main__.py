"""Pack an assignment's autograder: python -m coursework.gradescope HW."""

from __future__ import annotations

import argparse
import re
import stat
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

from coursework.grading.course import REPOSITORY, Course, CourseError

CONTAINER = Path(__file__).parent / "container"
# What the engine imports; the versions are those of requirements.lock.
PACKAGES = (
    "ipykernel",
    "jupyter-client",
    "matplotlib",
    "nbclient",
    "nbconvert",
    "nbformat",
    "nbgrader",
    "numpy",
    "psutil",
    "safetensors",
    "scikit-learn",
    "sqlalchemy",
    "tokenizers",
    "torch",
    "tqdm",
    "traitlets",
)
LIBRARY = ("src", "coursework/grading", "coursework/hub", "chapters/runs")
SINGLE = (
    "pyproject.toml",
    "README.md",
    "coursework/__init__.py",
    "coursework/gradescope/__init__.py",
    "coursework/gradescope/run.py",
    "coursework/gradescope/two_users.py",
)
KEPT = (".py", ".json", ".csv", ".txt", ".safetensors", ".typed")


def members(course: Course, hw: str) -> Iterator[tuple[str, Path]]:
    """Yield names in the zip and the files that go there.

    Raises:
        CourseError: The assignment is not released, or has no probes.
    """
    course.release_notebook(hw)
    course.assignment(hw)
    for path in sorted(CONTAINER.iterdir()):
        yield path.name, path
    for name in SINGLE:
        yield f"course/{name}", REPOSITORY / name
    for name in LIBRARY:
        for path in sorted((REPOSITORY / name).rglob("*")):
            if path.suffix in KEPT and path.is_file():
                yield f"course/{path.relative_to(REPOSITORY)}", path
    private = "course/coursework/private"
    probes = course.private / "probes" / f"{hw.replace('-', '_')}.py"
    yield f"{private}/probes/{probes.name}", probes
    for path in sorted(course.released(hw).parent.iterdir()):
        yield f"{private}/source/{hw}/{path.name}", path


def constraints() -> str:
    """Return the engine's packages with the versions of the lock.

    Raises:
        CourseError: The lock lacks one of them.
    """
    lock = (REPOSITORY / "requirements.lock").read_text()
    found = []
    for package in PACKAGES:
        line = re.search(rf"(?im)^{package.replace('-', '[-_]')}==\S+", lock)
        if line is None:
            raise CourseError(f"{package} is not in requirements.lock")
        found.append(line[0])
    return "\n".join(found) + "\n"


def pack(course: Course, hw: str, target: Path) -> Path:
    """Write the zip of an assignment.

    Args:
        course: The course.
        hw: Name of the assignment, released.
        target: Folder of the zip.

    Returns:
        The zip.
    """
    target.mkdir(parents=True, exist_ok=True)
    path = target / f"{hw}-gradescope.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, file in members(course, hw):
            info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            mode = 0o755 if file.parent == CONTAINER else 0o644
            info.external_attr = (stat.S_IFREG | mode) << 16
            archive.writestr(info, file.read_bytes(), zipfile.ZIP_DEFLATED)
        archive.writestr("requirements.txt", constraints())
        archive.writestr("assignment", f"{hw}\n")
    return path


def main() -> int:
    """Pack one assignment and say where the zip is."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("hw")
    parser.add_argument("--into", type=Path)
    options = parser.parse_args()
    course = Course.here()
    try:
        path = pack(
            course, options.hw, options.into or course.root / "exports"
        )
    except CourseError as error:
        print(error, file=sys.stderr)
        return 1
    print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
