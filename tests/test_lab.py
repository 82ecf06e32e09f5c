"""JupyterLab, started as a learner starts it, runs a chapter to its end."""

import shutil
import time

import pytest

from tests import lab_server
from tests.lab_server import PATIENCE
from tools import notebooks

CHAPTER = "05-self-attention.ipynb"


@pytest.fixture
def lab():
    """Start `make lab` and give its address; end it with its children."""
    with lab_server.started("lab", root=notebooks.ROOT) as (server, path):
        yield server + path


@pytest.mark.site
def test_a_learner_opens_a_chapter_and_runs_every_cell(lab, browser):
    folder = notebooks.ROOT / "work"
    name = f"test-{CHAPTER}"
    source = notebooks.without_outputs(
        notebooks.read(notebooks.CHAPTERS / CHAPTER)
    )
    notebooks.write(source, folder / name)
    lab_server.fetch(f"{lab}?token=test")
    try:
        with browser.new_context(
            viewport={"width": 1280, "height": 900}
        ) as context:
            page = context.new_page()
            page.goto(f"{lab}/tree/{name}?token=test&reset")
            run_all(page)
            counts = wait_for_counts(page, folder / name)
        n_code = sum(c.cell_type == "code" for c in source.cells)
        assert counts == list(range(1, n_code + 1))
        done = notebooks.read(folder / name)
        errors = [
            output
            for cell in done.cells
            for output in cell.get("outputs", [])
            if output.output_type == "error"
        ]
        assert errors == []
    finally:
        (folder / name).unlink(missing_ok=True)
        shutil.rmtree(folder / ".ipynb_checkpoints", ignore_errors=True)


def run_all(page):
    """Choose "Run All Cells" from the menu, once the kernel is there."""
    page.wait_for_selector(
        ".jp-NotebookPanel .jp-Notebook-cell", timeout=PATIENCE * 1000
    )
    page.get_by_text("Python 3 (ipykernel) | Idle").wait_for(
        timeout=PATIENCE * 1000
    )
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()


def wait_for_counts(page, path):
    """Save until the file shows that the last cell ran, or one failed."""
    end = time.monotonic() + PATIENCE
    while True:
        page.keyboard.press("Control+s")
        page.wait_for_timeout(2000)
        try:
            read = notebooks.read(path)
        except notebooks.CellFailedError:  # it is being written
            if time.monotonic() > end:
                raise
            continue
        cells = [c for c in read.cells if c.cell_type == "code"]
        counts = [c.execution_count for c in cells]
        failed = any(
            output.output_type == "error"
            for c in cells
            for output in c.outputs
        )
        if counts[-1] is not None or failed or time.monotonic() > end:
            return counts
