"""Answer sheets as CSV: reading them, and finding what was chosen."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from coursework.inventory.forms import FORMS, LETTERS, Form, Item, build
from coursework.inventory.questions import Inventory, Option
from coursework.inventory.text import plain

WHEN = ("before", "after")
NEEDED = ("student", "when")
CANVAS = re.compile(r"^\d+\s*:\s*")  # "4711: The question's text"


@dataclass(frozen=True)
class Paper:
    """What one student chose at one time.

    Attributes:
        student: The id, as the file has it.
        when: ``"before"`` or ``"after"``.
        chosen: Question key to option; a question left out is missing.
    """

    student: str
    when: str
    chosen: Mapping[str, Option]


def read(path: Path, inventory: Inventory) -> list[Paper]:
    """Read a class's answers.

    The columns ``student`` and ``when`` (before, after) are needed; ``form``
    is A where it is missing. Every other column is a question: its number on
    the form, its key (q07), or its text. A cell is a letter, the option's
    text, or empty. Columns that are no question are passed over.

    Args:
        path: The CSV file.
        inventory: What was asked.

    Returns:
        One paper a row, in order.

    Raises:
        ValueError: A column is missing, no column is a question, a cell is
            no option of its question, or a student has two papers of a time.
    """
    forms = {name: build(inventory, name) for name in FORMS}
    papers: dict[tuple[str, str], Paper] = {}
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = csv.DictReader(file, strict=True)
        header = rows.fieldnames or []
        missing = [name for name in NEEDED if name not in header]
        if missing:
            raise ValueError(f"{path} has no column {missing[0]!r}")
        for row in rows:
            place = f"{path}, line {rows.line_num}"
            paper = _paper(row, forms, place)
            key = (paper.student.casefold(), paper.when)
            if key in papers:
                raise ValueError(
                    f"{place}: {paper.student} has a second paper "
                    f"{paper.when!r}"
                )
            papers[key] = paper
    return list(papers.values())


def _paper(
    row: Mapping[str | None, str | None], forms: Mapping[str, Form], place: str
) -> Paper:
    cells = {k: (v or "").strip() for k, v in row.items() if k is not None}
    when = cells["when"].casefold()
    if when not in WHEN:
        raise ValueError(f"{place}: when is {cells['when']!r}, not {WHEN}")
    name = cells.get("form", "").upper() or "A"
    if name not in forms:
        raise ValueError(f"{place}: there is no form {name!r}")
    if not cells["student"]:
        raise ValueError(f"{place}: the student is missing")
    chosen: dict[str, Option] = {}
    asked = 0
    for column, cell in cells.items():
        item = _item(column, forms[name])
        asked += item is not None
        if item is not None and cell:
            chosen[item.question.key] = _option(cell, item, place)
    if not asked:
        raise ValueError(f"{place}: no column is a question")
    return Paper(cells["student"], when, chosen)


def _item(column: str, form: Form) -> Item | None:
    """Find the question that a column is about."""
    name = column.strip().casefold()
    text = plain(CANVAS.sub("", column.strip()))
    for item in form.items:
        question = item.question
        if name in (str(item.number), question.key) or text == plain(
            question.stem
        ):
            return item
    return None


def _option(cell: str, item: Item, place: str) -> Option:
    """Find the option that a cell stands for."""
    if cell.upper() in LETTERS and len(cell) == 1:
        return item.option(cell.upper())
    for option in item.options:
        if plain(cell) == plain(option.text):
            return option
    raise ValueError(
        f"{place}: {cell!r} is no answer to {item.question.key}; wanted one "
        f"of {', '.join(LETTERS)}, the answer's text, or nothing"
    )
