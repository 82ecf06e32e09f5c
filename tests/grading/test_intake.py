"""What students hand in is mended where there is no doubt."""

import json

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from coursework.grading.course import grade_id, kind
from coursework.grading.intake import resemblance, take_in


def named(cell, name, **what):
    meta = {
        "grade": False,
        "solution": False,
        "locked": False,
        "schema_version": 3,
        "task": False,
        "grade_id": name,
    }
    cell.metadata.nbgrader = nbformat.from_dict(meta | what)
    return cell


def another(cell):
    """Copy a cell as JupyterLab does: with an id of its own."""
    return nbformat.from_dict(cell | {"id": f"{cell.id}-copy"})


def the_release():
    return new_notebook(
        cells=[
            named(new_markdown_cell("# Title"), "title", locked=True),
            named(new_code_cell("# blank a"), "a-code", solution=True),
            named(new_code_cell("assert a"), "a", grade=True, points=2),
            named(new_code_cell("# blank b"), "b-code", solution=True),
            named(new_code_cell("assert b"), "b", grade=True, points=1),
            named(
                new_markdown_cell("Your answer"),
                "why",
                grade=True,
                solution=True,
                points=1,
            ),
        ]
    )


def submitted(tmp_path, change=None, text=None):
    notebook = the_release()
    notebook.cells[1].source = "a = 1"
    notebook.cells[3].source = "b = 2"
    notebook.cells[5].source = "Because."
    if change:
        change(notebook.cells)
    path = tmp_path / "hw.ipynb"
    path.write_text(nbformat.writes(notebook) if text is None else text)
    return take_in(path, the_release())


def sources(intake):
    return {grade_id(c): c.source for c in intake.notebook.cells if kind(c)}


WHOLE = {
    "title": "# Title",
    "a-code": "a = 1",
    "a": "assert a",
    "b-code": "b = 2",
    "b": "assert b",
    "why": "Because.",
}


def test_what_is_whole_stays(tmp_path):
    intake = submitted(tmp_path)
    assert sources(intake) == WHOLE
    assert (intake.why, intake.notes, intake.deleted) == ("", (), frozenset())


def test_tests_and_points_are_restored(tmp_path):
    def change(cells):
        cells[2].source = "2"
        cells[2].metadata.nbgrader.points = 90
        cells[2].metadata.nbgrader.solution = True

    intake = submitted(tmp_path, change)
    assert sources(intake) == WHOLE
    assert intake.notebook.cells[2].metadata.nbgrader.points == 2


def test_a_deleted_tests_cell_comes_back_and_is_known(tmp_path):
    intake = submitted(tmp_path, lambda cells: cells.pop(2))
    assert sources(intake) == WHOLE
    assert intake.deleted == {"a"}
    assert [grade_id(c) for c in intake.notebook.cells][1:3] == ["a-code", "a"]


def test_a_copied_cell_counts_once(tmp_path):
    def change(cells):
        cells.insert(2, another(cells[1]))
        cells[2].source = "a = 3"
        cells.insert(4, another(cells[3]))

    intake = submitted(tmp_path, change)
    assert sources(intake) == WHOLE | {"a-code": "a = 3"}
    assert "a = 1" in [c.source for c in intake.notebook.cells]
    assert len(intake.notes) == 2


def test_an_empty_copy_of_an_answer_does_not_count(tmp_path):
    def change(cells):
        cells.append(another(cells[5]))
        cells[-1].source = "Your answer"

    assert sources(submitted(tmp_path, change)) == WHOLE


def test_lost_metadata_is_found_by_text_and_place(tmp_path):
    def change(cells):
        for cell in cells:
            cell.metadata = nbformat.from_dict({})

    intake = submitted(tmp_path, change)
    assert sources(intake) == WHOLE
    assert intake.deleted == frozenset()


def test_where_it_is_not_certain_nothing_is_guessed(tmp_path):
    def change(cells):
        for cell in cells:
            cell.metadata = nbformat.from_dict({})
        cells[2].source = "assert a == 1"  # no longer the release's text
        cells.insert(1, new_code_cell("mine = 0"))

    intake = submitted(tmp_path, change)
    assert "a" in intake.deleted
    assert intake.why == ""


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "empty"),
        ("  \n", "empty"),
        ("{", "no JSON"),
        ("[" * 100_000, "no JSON"),
        ("[]", "broken"),
        ("{}", "broken"),
        ('{"cells": [{"cell_type": "code"}], "nbformat": 4}', "broken"),
        ('{"nbformat": 99, "cells": []}', "broken"),
        (json.dumps(new_notebook(nbformat_minor=5)), "no question"),
    ],
)
def test_what_is_no_notebook_says_why(tmp_path, text, why):
    intake = submitted(tmp_path, text=text)
    assert why in intake.why
    assert sources(intake)["a-code"] == "# blank a"


def test_links_binaries_and_nothing_say_why(tmp_path):
    (tmp_path / "bytes.ipynb").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "link.ipynb").symlink_to("/etc/passwd")
    for name, why in (("bytes", "no JSON"), ("link", "no file")):
        intake = take_in(tmp_path / f"{name}.ipynb", the_release())
        assert why in intake.why
    assert "no notebook" in take_in(None, the_release()).why


def test_resemblance_tells_assignments_apart(tmp_path):
    submitted(tmp_path)
    assert resemblance(tmp_path / "hw.ipynb", the_release()) == 6
    other = new_notebook(cells=[new_code_cell("x"), new_markdown_cell("y")])
    assert resemblance(tmp_path / "hw.ipynb", other) == 0
