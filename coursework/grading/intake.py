"""What students hand in, brought to the form that can be graded.

A file is mended where there is no doubt: copied cells, lost or old metadata,
edited or deleted tests. Where there is doubt it is not graded, and says why.
"""

from __future__ import annotations

import copy
import json
import warnings
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from coursework.grading.course import grade_id, kind

LARGEST = 50 << 20


class UnreadableError(ValueError):
    """A file that is no notebook; the message says what it is."""


@dataclass(frozen=True)
class Intake:
    """A notebook that can go through nbgrader.

    Args:
        notebook: The mended notebook, or the blank release.
        why: Why the submission cannot be graded, or empty.
        notes: What was mended.
        deleted: Names of the tests cells that were put back.
    """

    notebook: NotebookNode
    why: str = ""
    notes: tuple[str, ...] = ()
    deleted: frozenset[str] = frozenset()


def take_in(path: Path | None, release: NotebookNode) -> Intake:
    """Read and mend a submission, whatever it holds.

    Args:
        path: The submitted file; None where there is none.
        release: The notebook that the students got.
    """
    try:
        if path is None:
            raise UnreadableError("there is no notebook in the submission")
        submitted = read(path)
    except UnreadableError as error:
        return Intake(copy.deepcopy(release), why=str(error))
    matched = _Match(submitted.cells, release.cells)
    tests = [grade_id(c) for c in release.cells if kind(c) == "tests"]
    if not any(name in matched.place for name in tests):
        why = "no question of this assignment is in the notebook"
        return Intake(copy.deepcopy(release), why=why)
    return matched.mend(release)


def resemblance(path: Path, release: NotebookNode) -> int:
    """Count the questions of an assignment that a file has."""
    try:
        submitted = read(path)
    except UnreadableError:
        return 0
    place = _Match(submitted.cells, release.cells).place
    return sum(grade_id(c) in place for c in release.cells if kind(c))


def read(path: Path) -> NotebookNode:
    """Read a notebook of any age, keeping its cells' sources only.

    Raises:
        UnreadableError: It is none.
    """
    try:
        if path.is_symlink() or not path.is_file():
            raise UnreadableError("the submission is no file")
        if path.stat().st_size > LARGEST:
            raise UnreadableError(
                f"the file is larger than {LARGEST >> 20} MB"
            )
        text = path.read_text(encoding="utf-8-sig")
        if not text.strip():
            raise UnreadableError("the file is empty")
        json.loads(text)
    except (ValueError, RecursionError, OSError) as error:
        if isinstance(error, UnreadableError):
            raise
        raise UnreadableError("the file is no notebook (no JSON)") from error
    try:
        with warnings.catch_warnings(action="ignore"):
            found = nbformat.reads(text, as_version=4)
        cells = [_clean(cell) for cell in found.cells]
    except Exception as error:  # whatever a broken notebook brings about
        raise UnreadableError("the file is a broken notebook") from error
    notebook: NotebookNode = new_notebook(cells=cells)
    return notebook


def _clean(cell: NotebookNode) -> NotebookNode:
    """Keep of a cell what grading needs: source, name, pictures."""
    if not isinstance(cell.source, str):
        raise UnreadableError("the file is a broken notebook")
    if cell.cell_type == "code":
        clean: NotebookNode = new_code_cell(cell.source)
    else:
        clean = new_markdown_cell(cell.source)
        if isinstance(cell.get("attachments"), dict):
            clean.attachments = cell.attachments
    meta = cell.get("metadata", {}).get("nbgrader")
    if isinstance(meta, dict) and isinstance(meta.get("grade_id"), str):
        clean.metadata.nbgrader = NotebookNode(grade_id=meta["grade_id"])
    return clean


@dataclass
class _Match:
    """Which submitted cell is which cell of the release.

    Args:
        cells: The submitted cells.
        release: The release's cells.
    """

    cells: list[NotebookNode]
    release: list[NotebookNode]
    place: dict[str, int] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Match by name, then by text, then by position."""
        self.named = [cell for cell in self.release if kind(cell)]
        self._by_name()
        self._by_text()
        self._by_position()

    def _by_name(self) -> None:
        places = defaultdict(list)
        for index, cell in enumerate(self.cells):
            places[grade_id(cell)].append(index)
        for cell in self.named:
            name, found = grade_id(cell), places.get(grade_id(cell), [])
            if len(found) > 1:
                self.notes.append(f"copied cell {name}: the last one counts")
                changed = [
                    i for i in found if self.cells[i].source != cell.source
                ]
                found = changed if changed and kind(cell) != "tests" else found
            if found:
                self.place[name] = found[-1]

    def _by_text(self) -> None:
        for cell in self.named:
            name = grade_id(cell)
            if name in self.place or kind(cell) not in ("tests", "text"):
                continue
            same = [
                index
                for index, mine in enumerate(self.cells)
                if mine.source.strip() == cell.source.strip()
                and index not in self.place.values()
            ]
            if same:
                self.place[name] = same[-1]
                self.notes.append(f"cell {name}: known by its text")

    def _by_position(self) -> None:
        """Match what stands between two known cells, where numbers agree."""
        known = set(self.place.values())
        texts = {cell.source.strip() for cell in self.release}
        gap: list[NotebookNode] = []
        before = -1
        for cell in [*self.named, None]:
            if cell is not None and grade_id(cell) not in self.place:
                gap.append(cell)
                continue
            after = len(self.cells)
            if cell is not None:
                after = self.place[grade_id(cell)]
            for of in ("code", "markdown"):
                wanted = [c for c in gap if c.cell_type == of]
                free = [
                    i
                    for i in range(before + 1, after)
                    if i not in known
                    and self.cells[i].cell_type == of
                    and self.cells[i].source.strip() not in texts
                ]
                if len(wanted) == len(free):
                    for missing, i in zip(wanted, free, strict=True):
                        self.place[grade_id(missing)] = i
                        self.notes.append(
                            f"cell {grade_id(missing)}: known by its place"
                        )
            gap, before = [], after

    def mend(self, release: NotebookNode) -> Intake:
        """Give every known cell its metadata, and put back what is lost."""
        cells = [copy.deepcopy(cell) for cell in self.cells]
        for cell in cells:
            cell.metadata.pop("nbgrader", None)
        lost: dict[int, list[NotebookNode]] = defaultdict(list)
        deleted, last = set(), -1
        for original in self.named:
            name = grade_id(original)
            if name in self.place:
                last = max(last, self.place[name])
                cells[self.place[name]] = _restored(
                    cells[self.place[name]], original
                )
            elif kind(original) in ("tests", "manual"):
                lost[last].append(copy.deepcopy(original))
                self.notes.append(f"cell {name}: deleted, put back")
                if kind(original) == "tests":
                    deleted.add(name)
        whole = list(lost[-1])
        for index, cell in enumerate(cells):
            whole += [cell, *lost[index]]
        notebook = copy.deepcopy(release)
        notebook.cells = whole
        return Intake(
            notebook, notes=tuple(self.notes), deleted=frozenset(deleted)
        )


def _restored(cell: NotebookNode, original: NotebookNode) -> NotebookNode:
    """Return the student's cell with the release's metadata and kind."""
    restored: NotebookNode = copy.deepcopy(original)
    if kind(original) in ("tests", "text"):
        return restored
    restored.source = cell.source
    if "attachments" in cell and restored.cell_type == "markdown":
        restored.attachments = cell.attachments
    return restored
