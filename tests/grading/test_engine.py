"""The engine keeps the library's limits, and its code stays in its place."""

import ast
import sys

import pytest

from coursework.grading import __main__ as command
from coursework.grading import grade as grading
from coursework.grading import records, sandbox
from coursework.grading.course import REPOSITORY, CourseError
from coursework.grading.judge import OTHER, OTHER_ID, Verdict
from coursework.grading.release import generate
from tests.grading import notebooks as nb
from tests.grading.conftest import a_course
from tests.test_sizes import (
    LONGEST_FILE,
    LONGEST_FUNCTION,
    docstring_lines,
    functions,
)

FILES = sorted((REPOSITORY / "coursework" / "grading").glob("*.py"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_file_is_short(path):
    text = path.read_text(encoding="utf-8")
    tree = ast.parse(text)
    assert len(text.splitlines()) - docstring_lines(tree) <= LONGEST_FILE
    assert [f for f in functions(tree) if f[1] > LONGEST_FUNCTION] == []


@pytest.mark.parametrize("name", ["collector.py", "drivers.py", "exchange.py"])
def test_what_goes_into_the_sandbox_imports_nothing_of_ours(name):
    tree = ast.parse((FILES[0].parent / name).read_text(encoding="utf-8"))
    imported = {
        f"{node.module}.{alias.name}"
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
        if (node.module or "").startswith("coursework")
    }
    assert imported <= {
        "coursework.grading.exchange",
        "coursework.grading.drivers.DRIVERS",
    }


def test_the_sandbox_binds_nothing_of_ours(tmp_path):
    words = sandbox.command(tmp_path, None, sandbox.Limits())
    bound = [w for w in words if w.startswith("/")]
    for path in ("coursework", "tests", ".git"):
        assert str(REPOSITORY / path) not in bound
    assert str(REPOSITORY) not in bound
    assert "/" not in bound
    assert "/tmp" in bound  # its own, empty
    assert words[words.index("/tmp") - 1] == "--tmpfs"
    assert "--unshare-all" in words


@pytest.mark.parametrize(
    ("platform", "program", "says"),
    [("darwin", "/bin/x", "container"), ("linux", None, "tools/sandbox.sh")],
)
def test_without_a_sandbox_nothing_is_graded(
    monkeypatch, platform, program, says
):
    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setattr(sandbox.shutil, "which", lambda name: program)
    with pytest.raises(sandbox.NoSandboxError, match=says) as caught:
        sandbox.require()
    assert "\n" not in str(caught.value)


@pytest.fixture
def handed_in(tmp_path, monkeypatch):
    """A course of four; grading gives two of them another's numbers."""

    def run(course, order, todo, report):
        for student in todo:
            strange = student in ("li", "zoe")
            verdict = Verdict("a", 1, 1, "")
            if strange:
                verdict = Verdict("a", 0, 1, OTHER_ID, OTHER)
            sha = records.sha(course.folder("submitted", student, nb.HW))
            done = records.Run(nb.HW, student, sha, 1, "", (), "", 1.0)
            records.finish(course.gradebook, done, [verdict])

    course = a_course(tmp_path)
    generate(course, nb.HW)
    for student in ("zoe", "amy", "li", "bo"):
        course.folder("submitted", student, nb.HW).mkdir(parents=True)
    monkeypatch.setattr(grading, "_run", run)
    monkeypatch.setattr(grading.sandbox, "require", lambda: None)
    return course


def test_grading_names_whose_notebook_holds_another_id(handed_in):
    said = (
        "  2 notebooks hold another id in STUDENT than they were handed in by"
        " (by-hand questions earn 0 there): li, zoe."
        " Is class/roster.csv missing, or are they not in it?"
    )
    for skipped in (0, 4):  # an earlier call's, too
        report = grading.grade(handed_in, grading.Order(nb.HW))
        assert report.skipped == skipped
        assert said in list(report.lines())


@pytest.mark.parametrize("student", ["li", "amy"])
def test_grading_one_student_speaks_of_no_other(handed_in, student):
    grading.grade(handed_in, grading.Order(nb.HW))
    order = grading.Order(nb.HW, student=student, again=True)
    text = "\n".join(grading.grade(handed_in, order).lines())
    assert "zoe" not in text
    assert ("1 notebook holds another id" in text) == (student == "li")


def test_who_handed_in_nothing_is_told_so(handed_in):
    says = "cy has handed in nothing for warmup; these have: amy, bo, li, zoe"
    with pytest.raises(CourseError, match=says):
        grading.grade(handed_in, grading.Order(nb.HW, student="cy"))


@pytest.mark.parametrize(("n", "says"), [(1, "1 page: "), (2, "2 pages: ")])
def test_one_page_is_no_pages(handed_in, monkeypatch, capsys, n, says):
    monkeypatch.setattr(command, "feedback", lambda *of: ["page"] * n)
    options = command.parser().parse_args(["feedback", nb.HW])
    assert command.run(options, handed_in) == 0
    assert capsys.readouterr().out.startswith(says)
