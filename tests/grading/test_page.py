"""The feedback page: formulas and messages can be read, anywhere."""

import nbformat.v4 as nbf
import pytest
from bs4 import BeautifulSoup
from nbgrader.coursedir import CourseDirectory

from coursework.grading.feedback import StudentFeedback
from coursework.grading.page import FeedbackExporter, Readable


def page(*cells):
    """Render cells as nbgrader renders feedback."""
    notebook = nbf.new_notebook(cells=list(cells))
    for cell in cells:
        kind = cell.metadata.setdefault("nbgrader", {"grade_id": "x"})
        kind |= {"score": 1, "points": kind.get("points", 2)}
    notebook, resources = Readable().preprocess(notebook, {})
    resources["nbgrader"] = {
        "notebook": "hw", "score": 1, "max_score": 2, "late_penalty": 0,
    }  # fmt: skip
    config = StudentFeedback(coursedir=CourseDirectory()).config
    exporter = FeedbackExporter(config=config)
    html, _ = exporter.from_notebook_node(notebook, resources)
    return html


@pytest.mark.parametrize(
    ("text", "tag"),
    [
        (r"so $\frac{q}{2}$ it is", "<mfrac>"),
        ("$$\nx_1 + 2\n$$", 'display="block"'),
        (r"\begin{align}a &= b \\ c &= d\end{align}", "<mtable"),
    ],
)
def test_a_formula_is_mathml(text, tag):
    html = page(nbf.new_markdown_cell(text))
    assert tag in html
    assert "$" not in html.partition("<body")[2]


def test_what_is_no_formula_stays_readable():
    html = page(nbf.new_markdown_cell(r"then $\frac{1<b}$ is wrong"))
    assert r"<code>\frac{1&lt;b}</code>" in html


def test_no_script_of_another_host_is_asked_for():
    html = page(nbf.new_markdown_cell("$x$"))
    assert "cdnjs" not in html
    assert 'src="http' not in html


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script> $x$",
        '<img src="x" onerror="alert(1)">',
        "[press](javascript:alert(1))",
        '<a href="javascript:alert(1)">press</a>',
        '<svg onload="alert(1)">',
        "$<img src=x onerror=alert(1)>$",
        r"$\text{<script>alert(1)</script>}$",
        '<iframe srcdoc="<script>alert(1)</script>"></iframe>',
    ],
)
def test_nothing_that_a_student_wrote_runs(text):
    body = BeautifulSoup(page(nbf.new_markdown_cell(text)), "html.parser").body
    assert not body.find_all(["script", "svg", "iframe"])
    for tag in body.find_all(True):
        assert not [name for name in tag.attrs if name.startswith("on")]
        for name in ("href", "src"):
            assert not str(tag.get(name, "")).startswith("javascript")


def test_text_pictures_and_tables_stay():
    text = "# A\n\n![a](data:image/png;base64,AA==)\n\n|a|\n|-|\n|*b*|\n"
    body = BeautifulSoup(page(nbf.new_markdown_cell(text)), "html.parser").body
    assert body.find("img")["src"].startswith("data:image/png")
    assert body.find("h1").text.startswith("A")
    assert body.find("td").em.text == "b"


def graded(**about):
    cell = nbf.new_code_cell(
        "assert f(1) == 2",
        outputs=[
            nbf.new_output("stream", name="stdout", text="1 of 2 points."),
            nbf.new_output("execute_result", data={"text/plain": "1.0125"}),
        ],
    )
    kind = {"grade": True, "solution": False, "locked": True} | about
    cell.metadata["nbgrader"] = {"grade_id": "f", "points": 2, **kind}
    return cell


def test_a_score_is_told_once():
    html = page(graded())
    assert "1 of 2 points." in html
    assert "1.0125" not in html


def test_a_students_own_output_stays():
    assert "1.0125" in page(graded(solution=True, locked=False))


def test_a_long_message_is_wrapped():
    _, resources = Readable().preprocess(nbf.new_notebook(), {})
    assert "pre-wrap" in resources["inlining"]["css"][0]


def test_what_nobody_has_marked_is_not_called_zero():
    cell = nbf.new_markdown_cell("Because.")
    cell.metadata["nbgrader"] = {
        "grade_id": "explain", "grade": True, "solution": True,
        "points": 3, "waits": True,
    }  # fmt: skip
    text = BeautifulSoup(page(graded(), cell), "html.parser")
    assert text.find("h4").text.endswith("; 3 points are not marked yet")
    one, two = text.select("#toc li")
    assert one.text == "f (Score: 1.0 / 2.0)"
    assert two.text == "explain (3 points, not marked yet)"
    scores = [score.text for score in text.find_all(class_="pull-right")]
    assert any("3 points, not marked yet" in score for score in scores)


def test_a_marked_answer_shows_its_score():
    cell = nbf.new_markdown_cell("Because.")
    cell.metadata["nbgrader"] = {
        "grade_id": "explain", "grade": True, "solution": True,
        "points": 3, "waits": False,
    }  # fmt: skip
    assert "not marked yet" not in page(cell)
