"""No release but of an assignment that its own grading holds."""

import re
from datetime import UTC, datetime
from pathlib import Path

import nbformat
import pytest

from coursework.grading import leaks
from coursework.grading.course import CourseError, marks
from coursework.grading.release import (
    ReleaseError,
    due_time,
    faults,
    generate,
    release,
)
from tests.grading import notebooks as nb
from tests.grading.conftest import a_course

ROOT = Path(__file__).parents[2]


@pytest.fixture
def course(tmp_path):
    return a_course(tmp_path)


def edit(path, old, new):
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def test_a_broken_reference_stops_the_release(course):
    edit(course.source(nb.HW), "clamp(min=1)", "clamp(min=9)")
    with pytest.raises(ReleaseError, match="the reference earns"):
        release(course, nb.HW)
    assert not course.released(nb.HW).exists()
    assert not course.gradebook.exists()


def test_a_solution_that_is_given_away_stops_the_release(course):
    path = course.source(nb.HW)
    notebook = nbformat.read(path, 4)
    cell = nb.cell_of(notebook, "ledger-mean-code")
    given_away = nbformat.v4.new_code_cell(nb.MARKER.sub("", cell.source))
    notebook.cells.insert(notebook.cells.index(cell) + 1, given_away)
    nbformat.write(notebook, path)
    with pytest.raises(ReleaseError, match="the empty release earns 2"):
        release(course, nb.HW)


def test_a_solution_on_the_site_stops_the_release(course):
    course.site.mkdir()
    notebook = nb.source()
    solution = nb.cell_of(notebook, "mended-loop-code").source
    page = re.sub("lr", "<span class='n'>lr</span>", solution)
    (course.site / "page.html").write_text(f"<pre>{page}</pre>")
    with pytest.raises(ReleaseError, match=r"page\.html shows text of a sol"):
        release(course, nb.HW)


@pytest.mark.parametrize(
    "due",
    [
        "2026-11-28 23:59 +0100",
        "2026-11-28 23:59+01:00",
        "2026-11-28T22:59Z",
        "2026-11-28 22:59:00 UTC",
        " 2026-11-28 17:59:00 -05:00 ",
    ],
)
def test_a_due_date_is_read_with_its_zone(due):
    right = datetime(2026, 11, 28, 22, 59, tzinfo=UTC)
    assert due_time(due) == right


@pytest.mark.parametrize("due", ["tomorrow", "2026-11-28 23:59", "23:59 +01"])
def test_a_due_date_without_a_zone_is_refused(course, due):
    with pytest.raises(ReleaseError, match="is no due date such as"):
        release(course, nb.HW, due)
    assert not course.gradebook.exists()


def test_the_due_date_is_kept_in_utc(course):
    release(course, nb.HW, "2026-11-28 23:59 +0100")
    with marks(course.url) as gradebook:
        kept = gradebook.find_assignment(nb.HW).duedate
    assert kept == datetime(2026, 11, 28, 22, 59)


def test_there_is_nothing_to_release(course):
    with pytest.raises(CourseError, match="there is no"):
        release(course, "nothing")


def found(course):
    private = leaks.secrets(
        course.source(nb.HW), course.private / "probes" / "warmup.py"
    )
    return leaks.found(course.released(nb.HW).parent, course.site, private)


def test_a_release_shows_nothing_and_what_it_shows_is_found(course):
    generate(course, nb.HW)
    assert found(course) == []
    notebook = nbformat.read(course.released(nb.HW), 4)
    solution = nb.cell_of(nb.source(), "shares-by-hand-code").source
    notebook.cells[3].outputs = (
        [nbformat.v4.new_output("stream", text=nb.MARKER.sub("", solution))]
        if notebook.cells[3].cell_type == "code"
        else []
    )
    notebook.cells[0].source += "\n" + nb.MARKER.sub("", solution)
    nbformat.write(notebook, course.released(nb.HW))
    assert any("shows text of a solution" in line for line in found(course))


def test_probe_text_is_found_in_any_file(course):
    generate(course, nb.HW)
    probes = (course.private / "probes" / "warmup.py").read_text()
    folder = course.released(nb.HW).parent
    (folder / "notes.txt").write_text(probes[2000:4000])
    assert any("the probes" in line for line in found(course))
    (folder / "notes.txt").unlink()
    (folder / "rubrics").mkdir()
    assert any("rubrics is there" in line for line in found(course))


def test_a_common_line_is_no_secret(course):
    generate(course, nb.HW)
    course.site.mkdir()
    (course.site / "page.html").write_text(
        "<pre>import torch\nlosses = []\nfor _ in range(n_steps):</pre>"
    )
    assert found(course) == []


def test_notebook_and_probes_must_agree(course):
    assignment = course.assignment(nb.HW)
    assert faults(nb.source(), assignment) == []
    notebook = nb.source()
    nb.cell_of(notebook, "chance").metadata.nbgrader.points = 3
    notebook.cells.remove(nb.cell_of(notebook, "mended-loop"))
    nb.cell_of(notebook, "ledger-mean").metadata.nbgrader.grade_id = "other"
    notebook.cells.append(nb.another(notebook.cells[0]))
    notebook.cells[1].source = ""
    text = "\n".join(faults(notebook, assignment))
    for says in (
        "chance has 3 points in the notebook and 1 in the probes",
        "part mended-loop has no tests cell",
        "tests cell other has no part",
        "part ledger-mean has no tests cell",
        "is there 2 times",
        "STUDENT",
    ):
        assert says in text


SOURCES = sorted(
    (ROOT / "coursework" / "private" / "source").glob("*/*.ipynb")
)
SHOWN = [
    path
    for folder in ("src", "chapters", "book")
    for path in (ROOT / folder).rglob("*")
    if path.suffix in {".py", ".ipynb", ".md"}
]


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_the_site_holds_no_secret_of_an_assignment(source):
    probes = source.parents[2] / "probes" / f"{source.stem}.py"
    private = leaks.secrets(
        source, probes.with_stem(source.stem.replace("-", "_"))
    )
    assert len(private) > 20
    for path in SHOWN:
        text = leaks.visible(path)
        assert not [window for window in private if window in text], path


def test_imports_are_no_secret_and_what_follows_them_is():
    lines = [
        "from a import (",
        "    first,",
        ")",
        "import b",
        "from c import d",
        "x = 1",
    ]
    assert list(leaks.without_imports(lines)) == ["x = 1"]
