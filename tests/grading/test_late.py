"""Late days, extensions, grace."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from coursework.grading import late, records
from coursework.grading.course import marks
from coursework.grading.release import generate
from tests.grading import notebooks as nb
from tests.grading.conftest import a_course

DAY = 86_400


@pytest.mark.parametrize(
    ("seconds", "days"),
    [(0, 0), (299, 0), (301, 1), (DAY, 1), (DAY + 400, 2), (3 * DAY, 3)],
)
def test_started_days_count(seconds, days):
    assert late.days_late(seconds, 5) == days


@pytest.mark.parametrize(
    ("days", "free", "lost"),
    [(1, 0, 1), (3, 0, 3), (3, 2, 1), (2, 2, 0), (8, 9, 10), (7, 0, 7)],
)
def test_penalty(days, free, lost):
    assert late.Rule().penalty(10.0, days, free) == pytest.approx(lost)


@pytest.fixture
def course(tmp_path):
    found = a_course(tmp_path)
    generate(found, nb.HW)
    (found.root / "class").mkdir()
    with marks(found.url) as gradebook:
        gradebook.update_or_create_assignment(
            nb.HW, duedate="2026-10-01 12:00 UTC"
        )
        gradebook.update_or_create_assignment(
            "before", duedate="2026-09-01 12:00 UTC"
        )
        for student in ("ann", "ben"):
            gradebook.update_or_create_student(student)
            gradebook.update_or_create_submission(
                nb.HW, student, timestamp="2026-10-03 11:00 UTC"
            )
        gradebook.update_or_create_submission(
            "before", "ann", timestamp="2026-09-02 11:00 UTC"
        )
    return found


def lost(course, student):
    with marks(course.url) as gradebook:
        late.extend(gradebook, course.root / "class", nb.HW, student)
        return late.points_lost(
            gradebook, course.root / "class", nb.HW, student, 10.0
        )


def test_two_days_cost_a_fifth(course):
    assert lost(course, "ben") == pytest.approx(2)


def test_extensions_are_taken_off_and_can_be_taken_back(course):
    path = course.root / "class" / "extensions.csv"
    path.write_text(f"student,assignment,days\nben,{nb.HW},1\n")
    assert lost(course, "ben") == pytest.approx(1)
    path.write_text(f"student,assignment,days\nben,{nb.HW},2\n")
    assert lost(course, "ben") is None
    path.unlink()
    assert lost(course, "ben") == pytest.approx(2)


def test_free_days_are_used_up_by_earlier_assignments(course):
    (course.root / "class" / "late.toml").write_text("free_days = 2\n")
    assert lost(course, "ben") is None
    assert lost(course, "ann") == pytest.approx(1)


def test_the_zone_is_that_of_the_due_date(course):
    assert late.due_zone(course.gradebook, nb.HW) == UTC
    for hours in (1, -5):
        zone = timezone(timedelta(hours=hours))
        due = datetime(2026, 11, 28, 23, 59, tzinfo=zone)
        records.set_due(course.gradebook, nb.HW, due)
        assert records.due(course.gradebook, nb.HW) == due
        assert late.due_zone(course.gradebook, nb.HW) == zone
    assert late.due_zone(course.gradebook, "before") == UTC


def test_an_unknown_rule_is_refused(course):
    (course.root / "class" / "late.toml").write_text("free_day = 2\n")
    with pytest.raises(TypeError, match="free_day"):
        late.rule(course.root / "class")
