"""nbgrader's pages over this course: they show it, and run nothing."""

import json

import nbformat
import pytest

from coursework.grading.course import REPOSITORY, marks
from coursework.grading.grade import Order, grade
from coursework.grading.release import release
from tests import lab_server
from tests.grading import notebooks as nb
from tests.grading import students as st
from tests.grading.conftest import a_course, hand_in
from tests.lab_server import PATIENCE, fetch

ANSWER = """$\\frac{1}{2}$ of it.

<img src="nope" onerror="document.title='PWNED'">
<script>window.pwned = 1</script>
[press](javascript:alert(1))
"""


def nosy(notebook):
    """Answer the question in words with a script."""
    for cell in notebook.cells:
        about = cell.metadata.get("nbgrader", {})
        if about.get("grade") and about.get("solution"):
            cell.source = ANSWER


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """Grade one student whose answer in words would like to run."""
    root = tmp_path_factory.mktemp("formgrader")
    course = a_course(root)
    release(course, nb.HW)
    origin = root / "handed-in"
    origin.mkdir()
    student = next(s for s in st.ORDINARY if s.name == "right0")
    hand_in(course, student, origin)
    path = origin / student.name / student.file
    notebook = nbformat.read(path, 4)
    nosy(notebook)
    nbformat.write(notebook, path)
    grade(course, Order(nb.HW, origin))
    return course


@pytest.fixture(scope="module")
def address(course):
    """Start `make formgrader` and give its address; end it."""
    with lab_server.started(
        "formgrader",
        f"COURSEWORK={course.root}",
        root=REPOSITORY,
        env={
            "COURSEWORK": str(course.root),
            "COURSEWORK_PRIVATE": str(course.private),
        },
    ) as (server, path):
        assert path.startswith("/formgrader")
        yield server


@pytest.mark.slow
def test_the_list_shows_the_assignment(address):
    found = fetch(f"{address}/formgrader/api/assignments?token=test")
    assert [a["name"] for a in json.loads(found)] == [nb.HW]


@pytest.mark.slow
def test_an_answer_does_not_run_and_can_be_marked(address, course, browser):
    fetch(f"{address}/formgrader?token=test")
    with marks(course.url) as gradebook:
        (submission,) = gradebook.notebook_submissions(nb.HW, nb.HW)
        number = submission.id
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(f"{address}/formgrader?token=test")
        page.goto(f"{address}/formgrader/submissions/{number}/")
        points = page.locator("input.score").last
        points.wait_for(timeout=PATIENCE * 1000)
        answer = page.locator(".text_cell_render", has_text="of it.")
        assert answer.locator("math").count() == 1
        assert answer.locator("img").get_attribute("onerror") is None
        assert page.locator("a[href^='javascript:alert']").count() == 0
        assert page.evaluate("window.pwned") is None
        assert page.title() != "PWNED"
        points.fill("1")
        points.press("Tab")
        page.locator(".score-saved:visible").first.wait_for()
    with marks(course.url) as gradebook:
        (submission,) = gradebook.notebook_submissions(nb.HW, nb.HW)
        assert submission.written_score + submission.task_score == 1
