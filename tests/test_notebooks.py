"""Every chapter keeps the rules; every rule can be broken."""

import json

import nbformat
import pytest
from nbformat.v4 import (
    new_code_cell,
    new_markdown_cell,
    new_notebook,
    new_output,
)

from tools import hygiene, notebooks

OPENING = """# Title

*What is it?*

**You will be able to**

- compute one
- explain two
- predict three

**Builds on:** school

**Reading:** 15 minutes · **Running:** 7 seconds on two CPU cores
"""
EXERCISE = """:::{exercise} Name
:label: ex-99-name
*Warm-up · 5 minutes · good for the start*

Do it.
:::
"""
FIGURE = {
    "mystnb": {
        "image": {"alt": "The line rises from left to right, twice."},
        "figure": {"caption": "The loss falls by half in ten steps."},
    }
}


def code(source, count, outputs=(), **metadata):
    return new_code_cell(
        source,
        execution_count=count,
        outputs=list(outputs),
        metadata=metadata,
    )


def sound():
    """Build the smallest chapter without a fault."""
    cells = [new_markdown_cell(OPENING), code("import torch", 1)]
    cells += [new_markdown_cell(f"## {s}") for s in hygiene.SECTIONS]
    for number in (2, 3, 4):
        cells += [new_markdown_cell(EXERCISE), code("x = 1", number)]
        cells[-1].metadata["tags"] = ["exercise"]
    picture = new_output("display_data", {"text/plain": "<Figure>"})
    cells.append(code("plt.show()", 5, [picture], **FIGURE))
    return notebooks.normalise(new_notebook(cells=cells))


def faults(notebook):
    return list(hygiene.faults("99-name.ipynb", notebook))


@pytest.mark.parametrize(
    "path", notebooks.all_notebooks(), ids=lambda path: path.stem
)
def test_chapter_keeps_every_rule(path):
    assert list(hygiene.faults(path.name, notebooks.read(path))) == []


@pytest.mark.parametrize(
    "path", notebooks.all_notebooks(), ids=lambda path: path.stem
)
def test_chapter_is_stored_normalised(path):
    stored = notebooks.read(path)
    assert nbformat.writes(notebooks.normalise(notebooks.read(path))) == (
        nbformat.writes(stored)
    )


def test_sound_chapter_has_no_fault():
    assert faults(sound()) == []


def set_count(nb):
    nb.cells[1].execution_count = None


def store_image(nb):
    nb.cells[-1].outputs[0].data["image/png"] = "iVBORw0KGgo="


def store_stderr(nb):
    nb.cells[1].outputs = [new_output("stream", name="stderr", text="w")]


def store_error(nb):
    nb.cells[1].outputs = [
        new_output("error", ename="E", evalue="v", traceback=[])
    ]


def store_html_picture(nb):
    html = "<!--picture--><b>big</b><!--/picture-->"
    nb.cells[1].outputs = [new_output("display_data", {"text/html": html})]


def lose_alt(nb):
    nb.cells[-1].metadata["mystnb"]["image"]["alt"] = "figure_5.png"


def lose_caption(nb):
    del nb.cells[-1].metadata["mystnb"]["figure"]


def late_import(nb):
    nb.cells[-1].source = "import math\nplt.show()"


def star_import(nb):
    nb.cells[1].source = "from math import *"


def long_cell(nb):
    nb.cells[1].source = "import torch\n" + "x = 1\n" * 31


def magic(nb):
    nb.cells[1].source = "%pip install torch"


def skipped_heading(nb):
    nb.cells[2].source = "#### deep"


def second_title(nb):
    nb.cells[2].source = "# Another"


def lose_section(nb):
    nb.cells[2].source = "## Something else"


def lose_goals(nb):
    nb.cells[0].source = OPENING.replace("- ", "* ")


def lose_minutes(nb):
    nb.cells[0].source = OPENING.replace("15 minutes", "a while")


def too_slow(nb):
    nb.cells[0].source = OPENING.replace("7 seconds", "61 seconds")


def lose_builds_on(nb):
    nb.cells[0].source = OPENING.replace("Builds on", "After")


def unwanted_word(nb):
    nb.cells[2].source += "\nWe simply add."


def too_few_exercises(nb):
    del nb.cells[-3:-1]
    nb.cells[-1].execution_count = 4


def exercise_without_minutes(nb):
    nb.cells[-3].source = EXERCISE.replace("5 minutes", "short")


def exercise_without_stub(nb):
    nb.cells[-2].metadata["tags"] = []


def excused_report(nb):
    nb.cells[1].metadata["tags"] = ["nbval-ignore-output"]
    nb.cells[1].source = "report('a', 1, 0, 2)"
    nb.cells[1].outputs = [new_output("stream", text="a")]


def excused_without_output(nb):
    nb.cells[1].metadata["tags"] = ["nbval-ignore-output"]


def too_many_excused(nb):
    for number in range(6, 10):
        out = new_output("stream", text="1")
        nb.cells.append(
            code("print(1)", number, [out], tags=["nbval-ignore-output"])
        )


def skip_tag(nb):
    nb.cells[1].metadata["tags"] = ["nbval-skip"]


def timing_metadata(nb):
    nb.cells[1].metadata["execution"] = {"started": "now"}


def broken_code(nb):
    nb.cells[1].source = "import torch\nfor"


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (set_count, "execution counts"),
        (store_image, "stores an image"),
        (store_stderr, "stores stderr"),
        (store_error, "stores an error"),
        (store_html_picture, "stores a picture made of HTML"),
        (lose_alt, "alt text"),
        (lose_caption, "caption"),
        (late_import, "an import outside"),
        (star_import, "star import"),
        (long_cell, "more than 30"),
        (magic, "magic"),
        (skipped_heading, "heading level is skipped"),
        (second_title, "its one title"),
        (lose_section, "no section"),
        (lose_goals, "objectives"),
        (lose_minutes, "reading minutes"),
        (too_slow, "runs 61 s"),
        (lose_builds_on, "builds on"),
        (unwanted_word, "the word 'simply'"),
        (too_few_exercises, "fewer than 3"),
        (exercise_without_minutes, "difficulty and minutes"),
        (exercise_without_stub, "not followed by its stub"),
        (excused_report, "a report()"),
        (excused_without_output, "puts nothing out"),
        (too_many_excused, "cells whose output is not compared"),
        (skip_tag, "tags that let errors pass"),
        (timing_metadata, "metadata other than"),
        (broken_code, "does not parse"),
    ],
)
def test_each_rule_can_be_broken(spoil, message):
    notebook = sound()
    spoil(notebook)
    assert any(message in fault for fault in faults(notebook))


def write(folder, *sources, metadata=None):
    cells = [new_code_cell(source) for source in sources]
    if metadata:
        cells[-1].metadata.update(metadata)
    path = folder / "chapter.ipynb"
    notebooks.write(new_notebook(cells=cells), path)
    return path


def test_execution_names_the_cell_that_fails(tmp_path):
    path = write(tmp_path, "a = 1", "b = a / 0")
    with pytest.raises(
        notebooks.CellFailedError,
        match=r"chapter\.ipynb, code cell 2 .*ZeroDivisionError",
    ):
        notebooks.execute(path)


def test_execution_names_the_cell_that_warns(tmp_path):
    path = write(tmp_path, "import warnings\nwarnings.warn('old')")
    with pytest.raises(
        notebooks.CellFailedError, match=r"(?s)code cell 1.*warning.*old"
    ):
        notebooks.execute(path)


def test_execution_names_the_figure_without_picture(tmp_path):
    path = write(tmp_path, "a = 1", metadata=FIGURE)
    with pytest.raises(
        notebooks.CellFailedError, match=r"code cell 1 .*no picture"
    ):
        notebooks.execute(path)


def test_execution_names_the_cell_that_killed_its_kernel(tmp_path):
    path = write(
        tmp_path,
        "import os, signal",
        "os.kill(os.getpid(), signal.SIGKILL)",
    )
    with pytest.raises(notebooks.CellFailedError, match="code cell 2"):
        notebooks.execute(path)


def test_stored_text_hides_the_measured_value_and_keeps_its_band(tmp_path):
    path = write(
        tmp_path,
        "from transformer_course import reporting\n"
        "reporting.report('share', 0.97, 0.95, 1)\n"
        "reporting.show_source(reporting.report)",
    )
    executed, seconds = notebooks.execute(path)
    assert seconds > 0
    assert "0.97" in json.dumps(executed)
    assert "library-source" in json.dumps(executed)
    stored = json.dumps(notebooks.normalise(executed), ensure_ascii=False)
    assert "share = …  (band 0.95 to 1)" in stored
    assert "0.97" not in stored.replace("0.97, 0.95, 1", "")
    assert "library-source" not in stored


def test_streams_that_the_kernel_cut_are_joined():
    parts = [new_output("stream", text=text) for text in ("one\n", "two\n")]
    picture = new_output("display_data", {"text/plain": "<Figure>"})
    cell = code("f()", 1, [*parts, picture, new_output("stream", text="3")])
    stored = notebooks.normalise(new_notebook(cells=[cell]))
    kinds = [o.get("text", "-") for o in stored.cells[0].outputs]
    assert kinds == ["one\ntwo\n", "-", "3"]


def test_copies_are_empty_and_never_overwrite_work(tmp_path, monkeypatch):
    chapters = tmp_path / "chapters"
    chapters.mkdir()
    monkeypatch.setattr(notebooks, "CHAPTERS", chapters)
    path = chapters / "01-one.ipynb"

    def publish(source):
        output = new_output("stream", text="done")
        notebooks.write(new_notebook(cells=[code(source, 1, [output])]), path)

    publish("first = 1")
    work = tmp_path / "work"
    notebooks.copy_for_work(work)
    copy = notebooks.read(work / path.name)
    assert copy.cells[0].source == "first = 1"
    assert copy.cells[0].outputs == []
    assert copy.cells[0].execution_count is None

    publish("second = 2")
    notebooks.copy_for_work(work)
    assert "second" in (work / path.name).read_text()

    copy.cells[0].source = "mine = 3"
    notebooks.write(copy, work / path.name)
    publish("third = 4")
    notebooks.copy_for_work(work)
    assert "mine" in (work / path.name).read_text()
