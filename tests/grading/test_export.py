"""Marks for other systems, and the picture of the class."""

import pytest

from coursework.grading import export as ex
from coursework.grading import picture
from coursework.grading.course import CourseError
from coursework.grading.judge import Verdict
from coursework.grading.release import generate
from tests.grading import notebooks as nb
from tests.grading.conftest import a_course

VERDICTS = {
    f"s{i}": [
        Verdict("a", 2 if i % 2 else 0, 2, "", "" if i % 2 else "wrong axis"),
        Verdict("b", 1, 1, ""),
    ]
    for i in range(9)
}


def test_hardest_question_and_mistakes_are_counted():
    parts, mistakes = picture.gather(VERDICTS)
    assert list(parts) == ["a", "b"]
    assert parts["a"] == pytest.approx(4 / 9)
    assert mistakes == {"a: wrong axis": 5}


@pytest.mark.parametrize(
    "verdicts", [VERDICTS, {"s": [Verdict("a", 1, 1, "")]}]
)
def test_the_picture_says_it_in_words(verdicts):
    figure = picture.draw("hw", [1.0, 2.5, 3.0], 3.0, verdicts)
    titles = [axes.get_title("left") for axes in figure.axes]
    assert titles[0] == "Distribution"
    assert titles[1] == "Hardest question: a"
    assert figure.get_suptitle() == "hw: 3 submissions"


def test_nobody_is_graded_yet(tmp_path):
    course = a_course(tmp_path)
    generate(course, nb.HW)
    with pytest.raises(CourseError, match="nobody is graded"):
        ex.export(course, nb.HW)
