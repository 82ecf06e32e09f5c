"""Paper quizzes: numbers of one's own, right keys, a page each."""

import re
from pathlib import Path

import pytest

from coursework.inventory import quizzes, sheets
from coursework.inventory.__main__ import main
from coursework.inventory.sums import evaluate, show
from transformer_course.assignments import Variant

NAMES = [
    "hw1-embeddings",
    "hw2-attention",
    "hw3-heads",
    "hw4-block",
    "hw5-translator",
    "hw6-bert",
    "hw7-pretraining",
]
CLASS = [f"student{i:02}" for i in range(40)]
ORALS = quizzes.FOLDER.parent / "orals"


@pytest.fixture(params=NAMES)
def quiz(request):
    return quizzes.load(request.param)


def test_there_is_a_quiz_and_an_oral_for_each_homework():
    assert quizzes.names() == NAMES
    assert sorted(p.stem for p in ORALS.glob("hw*.md")) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_an_oral_has_four_questions_with_three_answers(name):
    text = (ORALS / f"{name}.md").read_text("utf-8")
    parts = re.split(r"^## \d\. ", text, flags=re.MULTILINE)[1:]
    assert len(parts) == 4
    for part in parts:
        marks = re.findall(r"\*\*(Ask\.|[A-Z][a-z]+ \(\d\)\.)\*\*", part)
        assert marks == ["Ask.", "Good (2).", "Middling (1).", "Weak (0)."]


def test_a_quiz_is_ten_minutes_and_ten_points(quiz):
    assert quiz.minutes == 10
    assert quiz.points == 10
    assert len(quiz.problems) == 4
    assert all(problem.slips for problem in quiz.problems)


def test_every_student_gets_whole_sentences(quiz):
    for student in CLASS:
        sheet = quizzes.fill(quiz, student)
        for problem in sheet.problems:
            for text in (problem.text, problem.answer, *problem.slips):
                assert "{" not in text
                assert not re.search(r"\b(nan|inf|True|False)\b", text)


def test_numbers_are_a_students_own_and_stay(quiz):
    sheet = quizzes.fill(quiz, "ada")
    assert quizzes.fill(quiz, " Ada").problems == sheet.problems
    texts = {
        tuple(p.text for p in quizzes.fill(quiz, student).problems)
        for student in CLASS
    }
    assert len(texts) >= 0.9 * len(CLASS)


def test_a_quiz_does_not_repeat_the_notebooks_numbers():
    # A quiz draws under a name of its own.
    recipe = {"integers": [-(10**6), 10**6], "size": 3}
    own = quizzes._draw(Variant("ada", "quiz/hw2-attention"), "q/0", recipe)
    theirs = Variant("ada", "hw2-attention").integers("q", -(10**6), 10**6, 3)
    assert own != list(theirs)


def test_command_writes_a_page_a_student_and_the_key(quiz, tmp_path):
    students = tmp_path / "students.txt"
    students.write_text("ada\n# a comment\n\nbob  # repeats\n")
    out = tmp_path / "out"
    assert main(["quiz", quiz.name, str(students), str(out)]) == 0
    pages = out / "pages"
    assert sorted(p.name for p in pages.iterdir()) == ["ada.html", "bob.html"]
    key = (out / "key.html").read_text("utf-8")
    for student in ("ada", "bob"):
        page = (pages / f"{student}.html").read_text("utf-8")
        sheet = quizzes.fill(quiz, student)
        assert f"<b>{student}</b>" in page
        for problem in sheet.problems:
            assert sheets.block(problem.text) in page
            assert sheets.block(problem.answer) in key
            assert sheets.block(problem.answer) not in page


def test_every_sheet_fits_on_one_page(quiz, browser):
    filled = [quizzes.fill(quiz, student) for student in CLASS[:12]]
    page = browser.new_page()
    try:
        page.set_content(sheets.quiz_papers(filled))
        pdf = page.pdf(prefer_css_page_size=True)
        wide = page.evaluate(
            "document.documentElement.scrollWidth > innerWidth"
        )
    finally:
        page.close()
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) == len(filled)
    assert not wide


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "names no student"),
        ("ada\nADA\n", "ADA comes twice"),
        ("../ada\n", "'../ada' is no id"),
        ("ada lovelace\n", "is no id"),
    ],
)
def test_a_faulty_list_of_students_is_refused(tmp_path, text, complaint):
    path = tmp_path / "students.txt"
    path.write_text(text)
    with pytest.raises(ValueError, match=complaint):
        quizzes.read_students(path)


def test_an_unknown_quiz_is_named_with_the_known_ones(tmp_path, capsys):
    path = tmp_path / "students.txt"
    path.write_text("ada\n")
    assert main(["quiz", "hw9", str(path), str(tmp_path)]) == 1
    assert "no quiz 'hw9'; there are: hw1-" in capsys.readouterr().err


SOURCE = """
title: T
minutes: 1
tools: none
numbers:
  n: {kind: [1, 1]}
again_if: %s
questions:
  - {points: 1, lines: 1, text: "{n}", answer: "%s"}
"""


@pytest.mark.parametrize(
    ("kind", "again", "answer", "complaint"),
    [
        ("integer", "n == 1", "{n}", "no numbers for ada"),
        ("integer", "n == 2", "{m}", "'m': name 'm' is not defined"),
        ("integer", "n == 2", "{open}", "'open': name 'open'"),
        ("dice", "n == 2", "{n}", "nothing is drawn by 'dice'"),
    ],
)
def test_a_faulty_quiz_is_refused(tmp_path, kind, again, answer, complaint):
    text = (SOURCE % (again, answer)).replace("kind", kind)
    (tmp_path / "hw.yaml").write_text(text)
    quiz = quizzes.load("hw", Path(tmp_path))
    with pytest.raises(ValueError, match=complaint):
        quizzes.fill(quiz, "ada")


def test_a_quiz_without_a_part_is_refused(tmp_path):
    (tmp_path / "hw.yaml").write_text("title: T\nquestions: []\n")
    with pytest.raises(quizzes.SourceError, match="minutes"):
        quizzes.load("hw", tmp_path)


def test_numbers_are_written_as_on_paper():
    assert show([0.5, -1.0]) == "[0.5,\N{NO-BREAK SPACE}−1]"
    assert show(-0.0001) == "0"
    assert show(2 / 3, 2) == "0.67"
    assert show("−x") == "−x"
    with pytest.raises(TypeError, match="neither text nor number"):
        show(None)
    assert evaluate("dot([1, 2], [3, 4]) + n", {"n": 1}) == 12
