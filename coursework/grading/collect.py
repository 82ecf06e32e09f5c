"""From a folder or a learning-management system's zip to ``submitted``.

nbgrader's own plugins unpack archives and read file names; here stand the
patterns of the usual systems, the roster, and the choice among several files
of one student.
"""

from __future__ import annotations

import csv
import re
import shutil
import tempfile
import zipfile
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path

from nbformat import NotebookNode
from nbgrader.plugins import FileNameCollectorPlugin
from nbgrader.utils import parse_utc, unzip

from coursework.grading.course import Course, CourseError, marks
from coursework.grading.intake import resemblance
from coursework.grading.late import due_zone

LARGEST = 4 << 30  # bytes of an archive, unpacked
# File names of Blackboard, Brightspace and Canvas, in this order.
PATTERNS = (
    r".*?_(?P<student_id>[^_/]+)_attempt_(?P<timestamp>[0-9-]{19})"
    r"(_(?P<file_id>.+))?",
    r"[0-9]+-[0-9]+ ?- ?(?P<student_id>[^-/]+?) ?- ?"
    r"(?P<timestamp>[A-Z][a-z]{2}[a-z]* [0-9]{1,2}, [0-9]{4},? [0-9]{3,4}"
    r" [AP]M) ?- ?(?P<file_id>.+)",
    r"(?P<student_id>[^_/]+)(_(?P<late1>LATE))?_(?P<number>[0-9]+)"
    r"(_(?P<late2>LATE))?(_[0-9]+)?_(?P<file_id>.+)",
)
UNPACKED = ".unpacked"  # after the name of a student's own archive
JUNK = {".DS_Store", "__MACOSX", ".ipynb_checkpoints", "Thumbs.db"}


@dataclass(frozen=True)
class Found:
    """One file that was handed in.

    Args:
        path: Where it is.
        student: Whose it is, as the roster says.
        time: When it was handed in, in UTC, where that is known.
        late: The system marked it late.
    """

    path: Path
    student: str
    time: datetime | None
    late: bool

    @property
    def attempt(self) -> int:
        """Number of the attempt, from ``hw1 (2)`` or ``hw1-2``."""
        match = re.search(r"(?: \((\d+)\)|-(\d+))$", self.path.stem)
        return int(match[1] or match[2]) if match else 0


def collect(course: Course, hw: str, origin: Path) -> list[str]:
    """Bring what students handed in to ``submitted``; what is there stays.

    Args:
        course: The course.
        hw: Name of the assignment, released.
        origin: A folder (a folder a student, or a file a student), or a zip.

    Returns:
        Names of files that belong to nobody.

    Raises:
        CourseError: ``origin`` is neither, or two students share an id.
    """
    release = course.release_notebook(hw)
    with marks(course.url) as gradebook:
        due = gradebook.find_assignment(hw).duedate
    zone = due_zone(course.gradebook, hw)
    with unpacked(origin) as folder:
        files, unknown = find(folder, roster(course.root / "class"), zone)
        for student, of_student in files.items():
            take(course, hw, student, (choose(of_student, hw, release), due))
    return unknown


@contextmanager
def unpacked(origin: Path) -> Iterator[Path]:
    """Yield a folder with what is in a folder or an archive."""
    if origin.is_dir():
        yield origin
        return
    if not zipfile.is_zipfile(origin):
        raise CourseError(f"FROM={origin} is neither a folder nor a zip")
    with tempfile.TemporaryDirectory(prefix="collect-") as name:
        inner = Path(name, "all")
        inner.mkdir()
        try:
            unpack(origin, inner)
        except Exception as error:  # whatever a broken archive brings about
            raise CourseError(f"cannot unpack {origin}: {error}") from error
        for archive in sorted(inner.rglob("*.zip")):
            folder = archive.with_name(archive.stem + UNPACKED)
            folder.mkdir(exist_ok=True)
            # A student's own archive that is broken stays what it is.
            with suppress(Exception):
                unpack(archive, folder)
        folders = [p for p in inner.iterdir() if p.name not in JUNK]
        one = len(folders) == 1 and folders[0].is_dir()
        nested = one and any(p.is_dir() for p in folders[0].iterdir())
        yield folders[0] if nested else inner


def unpack(archive: Path, folder: Path) -> None:
    """Unpack an archive of bounded size; nbgrader refuses paths outside.

    Raises:
        CourseError: It is too large.
    """
    with zipfile.ZipFile(archive) as members:
        size = sum(member.file_size for member in members.infolist())
    if size > LARGEST:
        raise CourseError(f"it unpacks to {size >> 20} MB")
    unzip(str(archive), str(folder), zip_ext=[archive.suffix])


def find(
    folder: Path, known: dict[str, str], zone: tzinfo
) -> tuple[dict[str, list[Found]], list[str]]:
    """Sort all files of a folder by student.

    Args:
        folder: What was handed in.
        known: The student's id by every other name.
        zone: Whose clock the times in file names were read off.

    Returns:
        The files by student, and the names of those that are nobody's.
    """
    files: dict[str, list[Found]] = defaultdict(list)
    unknown: list[str] = []
    spelled: dict[str, str] = {}
    for path in sorted(folder.rglob("*")):
        inner = path.relative_to(folder)
        if JUNK & set(inner.parts) or path.is_symlink() or not path.is_file():
            continue
        if path.name == "timestamp.txt":
            continue
        found = owner(path, inner, known, zone)
        if found is None or not found.student:
            unknown.append(str(inner))
            continue
        raw = inner.parts[0]
        if raw.endswith(UNPACKED) or len(inner.parts) == 1:
            raw = found.student
        if spelled.setdefault(found.student, raw) != raw:
            raise CourseError(
                f"{spelled[found.student]} and {raw} are both"
                f" {found.student}: tell them apart in class/roster.csv"
            )
        files[found.student].append(found)
    return files, unknown


def owner(
    path: Path, inner: Path, known: dict[str, str], zone: tzinfo = UTC
) -> Found | None:
    """Say whose file it is: by its folder, else by its name."""
    folder = inner.parts[0]
    if len(inner.parts) > 1 and not folder.endswith(UNPACKED):
        name = folder.split("_assignsubmission_")[0]
        moodle = name.rsplit("_", 1) if name != folder else [folder]
        return Found(path, identify(moodle, known), stamp(path), False)
    for pattern in PATTERNS:
        plugin = FileNameCollectorPlugin(
            named_regexp=pattern, valid_ext=[Path(folder).suffix]
        )
        plugin.log.setLevel("CRITICAL")
        match = plugin.collect(folder)
        if match:
            names = [match["student_id"], match.get("number") or ""]
            late = bool(match.get("late1") or match.get("late2"))
            time = when(match.get("timestamp"), zone)
            return Found(path, identify(names, known), time, late)
    stem = squeezed(Path(folder).stem)
    if stem in known:
        return Found(path, known[stem], None, False)
    return None


def identify(names: list[str], known: dict[str, str]) -> str:
    """Return the student's id: what the roster says, else the first name."""
    for name in names:
        student = known.get(squeezed(name))
        if student:
            return student
    return re.sub(r"[^A-Za-z0-9._@-]+", "-", names[0].strip()).strip("-.")


def squeezed(name: str) -> str:
    """Spell a name as systems do that drop blanks and case."""
    return re.sub(r"\s+", "", name).casefold()


def roster(folder: Path) -> dict[str, str]:
    """Read class/roster.csv: column ``student``, and any other names.

    Returns:
        The student's id by every other name of the row.
    """
    path = folder / "roster.csv"
    known: dict[str, str] = {}
    if path.is_file():
        with path.open(newline="", encoding="utf-8-sig") as file:
            for row in csv.DictReader(file):
                for name in row.values():
                    if name and name.strip():
                        known[squeezed(name)] = row["student"].strip()
    return known


def stamp(path: Path) -> datetime | None:
    """Read nbgrader's timestamp.txt beside a file."""
    beside = path.parent / "timestamp.txt"
    return when(beside.read_text().strip()) if beside.is_file() else None


def when(text: str | None, zone: tzinfo = UTC) -> datetime | None:
    """Read a time in any system's spelling; None where it is none.

    Args:
        text: The time.
        zone: Whose clock a text without a zone was read off.

    Returns:
        The time in UTC, without a zone, as nbgrader keeps it.
    """
    if not text:
        return None
    try:
        if re.fullmatch(r"[0-9]{4}(-[0-9]{2}){5}", text):
            read = datetime.strptime(text, "%Y-%m-%d-%H-%M-%S")
        else:
            clock = r"\b(\d{1,2})(\d{2}) ([AP]M)$"
            read = parse_utc(re.sub(clock, r"\1:\2 \3", text))
        return read.replace(tzinfo=zone).astimezone(UTC).replace(tzinfo=None)
    except (ValueError, OverflowError):
        return None


def choose(files: list[Found], hw: str, release: NotebookNode) -> Found:
    """Choose among one student's files the one to grade, the newest best."""
    notebooks = [f for f in files if f.path.suffix == ".ipynb"]
    if len(notebooks) <= 1:
        return (notebooks or files)[0]
    return max(
        notebooks,
        key=lambda f: (
            resemblance(f.path, release),
            f.time or datetime.min,
            f.attempt,
            f.path.stem == hw,
        ),
    )


def take(
    course: Course,
    hw: str,
    student: str,
    chosen: tuple[Found, datetime | None],
) -> None:
    """Copy a file to where it is graded, unless it is there already."""
    found, due = chosen
    folder = course.folder("submitted", student, hw)
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"{hw}.ipynb"
    if found.path.resolve() != target.resolve():
        shutil.copyfile(found.path, target)
    time = found.time
    if time is None and found.late and due is not None:
        time = due + timedelta(hours=1)
    if time is not None:
        text = time.strftime("%Y-%m-%d %H:%M:%S UTC")
        (folder / "timestamp.txt").write_text(text)
