"""Students' notebooks, made from a source: right, partly right, hostile."""

import json
import re

import nbformat
from nbformat.v4 import new_code_cell

from coursework.grading.course import REPOSITORY, grade_id, kind

HW = "warmup"
SOURCE = REPOSITORY / "coursework" / "private" / "source" / HW
MARKER = re.compile(r"^\s*### (BEGIN|END) SOLUTION\n?", re.MULTILINE)
SHARES = "shares-any-base-code"

# Wrong answers to three questions, as an honest student gives them.
WRONG = {
    "ledger-mean-code": """\
def plates_a_meal_day(ledger):
    return ledger.sum(dim=2).sum(dim=0)
""",
    "shares-by-hand-code": """\
my_shares = (0.5, 0.25, 0.25)
powers_of_two = [4]
""",
    SHARES: """\
def shares(scores, dim, base):
    return scores.softmax(dim=dim)  # powers of e, whatever the base
""",
}
# What it costs: bits by hand are computed from the same powers.
COST = {"ledger-mean-code": 2, "shares-by-hand-code": 2, SHARES: 2}


def source():
    return nbformat.read(SOURCE / f"{HW}.ipynb", as_version=4)


def token(student):
    """Something that only this student's notebook holds."""
    return f"word-of-{student}-{sum(student.encode()) * 7919}"


def solved(student, wrong=(), blank=None):
    """Write the notebook of a student.

    Args:
        student: The id that it names.
        wrong: Names of the solution cells that are answered wrongly.
        blank: The release, for a notebook that answers nothing.
    """
    notebook = source() if blank is None else blank
    for cell in notebook.cells:
        cell.source = MARKER.sub("", cell.source)
        if cell.source.startswith("STUDENT ="):
            cell.source = f'STUDENT = "{student}"\nprint("{token(student)}")'
        if grade_id(cell) in wrong:
            cell.source = WRONG[grade_id(cell)]
    return notebook


def cell_of(notebook, name):
    return next(c for c in notebook.cells if grade_id(c) == name)


def answers(name, text, before=""):
    """Return a change that answers one question with some code."""

    def change(notebook):
        cell = cell_of(notebook, name)
        cell.source = f"{before}{text}"

    return change


def adds(text, at=3):
    """Return a change that puts a cell of the student's own in front."""

    def change(notebook):
        notebook.cells.insert(at, new_code_cell(text))

    return change


def in_shares(body):
    """Return a change after which ``shares`` has this body."""
    lines = "\n".join(f"    {line}" for line in body.splitlines())
    return answers(SHARES, f"def shares(scores, dim, base):\n{lines}\n")


def another(cell):
    """Copy a cell as JupyterLab does: with an id of its own."""
    return nbformat.from_dict(cell | {"id": f"{cell.id}-copy"})


def copied(notebook):
    index = notebook.cells.index(cell_of(notebook, "ledger-mean-code"))
    notebook.cells.insert(index, another(notebook.cells[index]))
    index = notebook.cells.index(cell_of(notebook, "ledger-mean"))
    notebook.cells.insert(index, another(notebook.cells[index]))


def tests_edited(notebook):
    cell_of(notebook, "shares-any-base").source = "assert True\n2"


def points_edited(notebook):
    cell_of(notebook, "ledger-mean").metadata.nbgrader.points = 50


def tests_deleted(notebook):
    notebook.cells.remove(cell_of(notebook, "ledger-mean"))


def old_schema(notebook):
    for cell in notebook.cells:
        meta = cell.metadata.get("nbgrader")
        if meta:
            for key in ("schema_version", "task", "cell_type"):
                meta.pop(key, None)
            meta["schema_version"] = 1
            if kind(cell) == "tests":
                meta["checksum"] = "0" * 32


def without_metadata(notebook):
    for cell in notebook.cells:
        cell.metadata = nbformat.from_dict({})


def of_another_course(notebook):
    notebook.cells = [new_code_cell("print('hello')")]


def old_format(notebook):
    """As notebook format 3 wrote it."""
    return nbformat.writes(nbformat.convert(notebook, 3), version=3)


def text_of(notebook):
    return json.dumps(notebook)
