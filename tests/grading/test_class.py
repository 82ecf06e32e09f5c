"""A class of about sixty, and what must come back to each."""

import csv
import re

import pytest

from coursework.grading import judge, records
from coursework.grading.course import CourseError, marks
from coursework.grading.export import export
from coursework.grading.feedback import feedback
from coursework.grading.grade import Order, grade
from tests.grading import notebooks as nb
from tests.grading import students as st
from tests.grading.conftest import LATE, rows

NAMES = [s.name for s in (*st.ORDINARY, *st.CLUMSY, *st.CHEATS)]
NAMES += ["reads-disk", "writes-gradebook"]


@pytest.fixture(scope="module")
def pages(the_class):
    """Return the feedback of everybody, as text."""
    paths = feedback(the_class.course, nb.HW)
    return {path.parents[1].name: path.read_text() for path in paths}


def grades(course):
    """Return auto score and penalty of everybody from nbgrader's tables."""
    with marks(course.url) as gradebook:
        return {
            s.student.id: (
                sum(g.auto_score or 0 for n in s.notebooks for g in n.grades),
                s.late_submission_penalty or 0,
                any(n.flagged for n in s.notebooks),
            )
            for s in gradebook.assignment_submissions(nb.HW)
        }


def test_the_class_is_about_sixty():
    assert len(NAMES) == len(set(NAMES)) >= 60
    assert len(st.ORDINARY) == 20


@pytest.mark.parametrize("name", NAMES)
def test_what_comes_back(the_class, pages, name):
    student = the_class.students[name]
    score, _, flagged = grades(the_class.course)[name]
    run = records.runs(the_class.course.gradebook, nb.HW)[name]
    if student.cheat:
        assert student.least <= score <= student.score
    else:
        assert score == student.score, run.why
        assert bool(run.why) == bool(student.why)
    assert flagged == bool(run.why)
    assert re.search(student.why, run.why)
    assert student.shows in pages[name]
    assert run.why in pages[name]


def test_a_notebook_takes_bounded_time(the_class):
    runs = records.runs(the_class.course.gradebook, nb.HW).values()
    assert max(run.seconds for run in runs) < 45 + 120


def test_the_grader_that_was_killed_lost_and_doubled_nothing(the_class):
    after = records.runs(the_class.course.gradebook, nb.HW)
    assert set(after) == set(NAMES)
    for name, run in the_class.killed.items():
        assert after[name] == run, "graded twice"
    with marks(the_class.course.url) as gradebook:
        submissions = gradebook.assignment_submissions(nb.HW)
        ids = [s.student.id for s in submissions]
        assert sorted(ids) == sorted(NAMES)
        n_grades = {len(n.grades) for s in submissions for n in s.notebooks}
    assert n_grades == {7}


def test_the_gradebook_changed_but_for_marks(the_class):
    after = rows(the_class.course.gradebook)
    for table, before in the_class.before.items():
        if table not in (
            "student",
            "submitted_assignment",
            "grade",
            "submitted_notebook",
            "comment",
            "course_runs",
            "course_parts",
            "course_regrades",
        ):
            assert after[table] == before, table
    assert len(after["student"]) == len(NAMES)
    given = grades(the_class.course)
    for name, verdicts in records.parts(
        the_class.course.gradebook, nb.HW
    ).items():
        assert given[name][0] == judge.total(verdicts)


def test_late_work_loses_its_share(the_class):
    given = grades(the_class.course)
    lost = {name: given[name][1] for name in LATE}
    assert lost == {
        "late1": pytest.approx(0.1 * st.FULL),
        "late2": pytest.approx(0.3 * st.HONEST),
        "extended": 0,
        "right0": 0,
        "right1": 0,
    }


def condensed(text):
    return re.sub(r"[^0-9a-zA-Z]+", "", re.sub(r"<[^>]*>", "", str(text)))


def hidden(course, name):
    """List the hidden inputs and expected values of a student's run."""
    run = records.runs(course.gradebook, nb.HW)[name]
    plan = judge.draw(course.assignment(nb.HW), name, run.seed)
    for part in plan.assignment.parts:
        for call in plan.calls[part.name]:
            want = judge.answer(part, part.expected, call, plan.variant)
            for value in (*call.args, *call.kwargs.values(), want):
                numbers = getattr(value, "tolist", lambda v=value: v)()
                text = condensed(value)[:60], condensed(numbers)[:60]
                yield from (t for t in text if len(t) >= 16)


@pytest.mark.parametrize("name", NAMES)
def test_feedback_shows_nothing_hidden(the_class, pages, name):
    page = condensed(pages[name])
    secrets = set(hidden(the_class.course, name))
    assert len(secrets) > 10
    assert [secret for secret in secrets if secret in page] == []
    others = [nb.token(other) for other in NAMES if other != name]
    assert [token for token in others if token in pages[name]] == []


def test_feedback_is_the_students_own(pages):
    assert nb.token("right0") in pages["right0"]
    assert "<script" not in pages["right0"].split("<body")[1]


def test_known_mistakes_are_named(the_class):
    parts = records.parts(the_class.course.gradebook, nb.HW)
    by_name = {v.part: v for v in parts["base1"]}
    assert by_name["shares-any-base"].mistake
    assert by_name["ledger-mean"].mistake == ""


def table(path):
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.reader(file))


def test_marks_of_the_class_leave(the_class):
    course = the_class.course
    path = course.root / "class" / "roster.csv"
    path.write_text(
        "student,name,number,email\n"
        "right2,Wright Two,77,two@uni.example\nabsent,Ab Sent,78,\n"
    )
    files = {f.stem.rsplit("-", 1)[1]: f for f in export(course, nb.HW)}
    path.unlink()
    plain = {row[0]: row for row in table(files["plain"])[1:]}
    assert plain["right2"][2] == str(float(st.FULL))
    assert plain["absent"][2] == "0.0"
    assert float(plain["late1"][2]) == pytest.approx(st.FULL * 0.9)
    assert "no notebook" in plain["no-json"][6]
    canvas = table(files["canvas"])
    assert canvas[1][0].strip() == "Points Possible"
    assert ["Wright Two", "77", "", "right2", "", "9.0"] in canvas
    assert ["right2", "9.0", "#"] in table(files["brightspace"])
    assert table(files["blackboard"])[0][1] == "warmup [Total Pts: 10 Score]"
    moodle = table(files["moodle"])
    assert ["right2", "two@uni.example", "9.0", ""] in moodle
    assert (course.root / "exports" / nb.HW / "warmup-class.pdf").is_file()


def test_one_student_is_graded_again_and_the_reason_kept(the_class):
    """Last in this file: it draws new inputs for one student."""
    course = the_class.course
    before = records.runs(course.gradebook, nb.HW)
    order = Order(nb.HW, student="base1", again=True, reason="asked for it")
    report = grade(course, order)
    assert report.changed == [("base1", st.HONEST, st.HONEST)]
    kept = ("base1", st.HONEST, st.HONEST, "asked for it")
    assert records.regrades(course.gradebook, nb.HW)[-1] == kept
    after = records.runs(course.gradebook, nb.HW)
    assert after.pop("base1").seed != before.pop("base1").seed
    assert after == before
    with pytest.raises(CourseError, match="nobody-here has handed in no"):
        grade(course, Order(nb.HW, student="nobody-here"))
