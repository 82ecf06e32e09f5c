"""From whatever the system gives to one folder a student."""

import sys
import zipfile
from datetime import datetime, timedelta, timezone
from pathlib import Path

import nbformat
import pytest

from coursework.grading import collect as col
from coursework.grading import late, records
from coursework.grading.course import Course, CourseError, marks
from coursework.grading.release import generate, release
from tests.grading import notebooks as nb
from tests.grading.conftest import a_course


@pytest.fixture(scope="module")
def course(tmp_path_factory) -> Course:
    found = a_course(tmp_path_factory.mktemp("collect"))
    generate(found, nb.HW)
    return found


@pytest.mark.parametrize(
    ("name", "student", "late", "time"),
    [
        ("jones_99_LATE_warmup (1).ipynb", "jones", False, None),
        ("jones_99_12345_warmup-2.ipynb", "jones", False, None),
        ("jones_LATE_99_12345_warmup.ipynb", "jones", True, None),
        (
            "warmup_jones_attempt_2026-01-30-15-00-00_warmup.ipynb",
            "jones",
            False,
            datetime(2026, 1, 30, 15),
        ),
        (
            "1234-567 - Amy Jones - Oct 1, 2026 1159 PM - warmup.ipynb",
            "Amy-Jones",
            False,
            datetime(2026, 10, 1, 23, 59),
        ),
    ],
)
def test_names_of_the_usual_systems(name, student, late, time):
    found = col.owner(Path(name), Path(name), {})
    assert (found.student, found.time) == (student, time)
    assert found.late == late or "LATE" in name


def test_a_name_that_says_late_is_late():
    name = "jones_99_LATE_warmup (1).ipynb"
    assert col.owner(Path(name), Path(name), {}).late


BLACKBOARD = "warmup_{}_attempt_2026-11-28-23-{}-00_warmup.ipynb"
BRIGHTSPACE = "1234-567 - {} - Nov 28, 2026 11{} PM - warmup.ipynb"


@pytest.mark.parametrize("name", [BLACKBOARD, BRIGHTSPACE])
@pytest.mark.parametrize(("hours", "utc_hour"), [(0, 23), (1, 22), (-5, 4)])
def test_a_name_tells_the_time_of_the_due_dates_zone(name, hours, utc_hour):
    path, zone = Path(name.format("amy", 30)), timezone(timedelta(hours=hours))
    found = col.owner(path, path, {}, zone)
    assert found.time == datetime(2026, 11, 28 + (hours < 0), utc_hour, 30)


def test_half_an_hour_before_a_due_date_elsewhere_is_early(tmp_path):
    course = a_course(tmp_path)
    generate(course, nb.HW)
    zone = timezone(timedelta(hours=1))
    due = datetime(2026, 11, 28, 23, 59, tzinfo=zone)
    with marks(course.url) as gradebook:
        gradebook.update_or_create_assignment(
            nb.HW, duedate="2026-11-28 22:59 UTC"
        )
    records.set_due(course.gradebook, nb.HW, due)
    names = [BLACKBOARD.format("amy", 30), BRIGHTSPACE.format("bo", 30)]
    for name in names:
        (tmp_path / "in").mkdir(exist_ok=True)
        (tmp_path / "in" / name).write_text(nbformat.writes(nb.solved("x")))
    # What nbgrader writes names its zone.
    (tmp_path / "in" / "cy").mkdir()
    (tmp_path / "in" / "cy" / "x.ipynb").write_text("{}")
    stamp = "2026-11-28 22:30:00 UTC"
    (tmp_path / "in" / "cy" / "timestamp.txt").write_text(stamp)
    assert col.collect(course, nb.HW, tmp_path / "in") == []
    for student in ("amy", "bo", "cy"):
        path = course.folder("submitted", student, nb.HW) / "timestamp.txt"
        assert path.read_text() == stamp


@pytest.mark.skipif(sys.platform != "linux", reason="the sandbox is Linux's")
def test_a_release_keeps_the_zone_of_its_due_date(tmp_path):
    course = a_course(tmp_path)
    for due in ("2026-11-28 23:59 +0100", None):
        release(course, nb.HW, due)
        zone = late.due_zone(course.gradebook, nb.HW)
        assert zone.utcoffset(None) == timedelta(hours=1)


def test_the_roster_knows_everybody(tmp_path):
    (tmp_path / "roster.csv").write_text(
        "student,name,number\namy7,Amy Jones,99\nbo,Bo Li,98\n"
    )
    known = col.roster(tmp_path)
    for name in ("amyjones_99_1_warmup.ipynb", "x_98_1_warmup.ipynb"):
        found = col.owner(Path(name), Path(name), known)
        assert found.student in ("amy7", "bo")
    folder = Path("Amy Jones_99_assignsubmission_file_", "w.ipynb")
    assert col.owner(folder, folder, known).student == "amy7"


def test_a_strangers_file_is_nobodys():
    assert col.owner(Path("warmup.ipynb"), Path("warmup.ipynb"), {}) is None


def a_zip(path, files):
    with zipfile.ZipFile(path, "w") as archive:
        for name, notebook in files.items():
            text = notebook
            if not isinstance(notebook, str):
                text = nbformat.writes(notebook)
            archive.writestr(name, text)
    return path


def test_a_zip_becomes_submissions(course, tmp_path):
    old, new = nb.solved("jones"), nb.solved("jones")
    new.cells[1].source = "# the second attempt"
    archive = a_zip(
        tmp_path / "all.zip",
        {
            "jones_99_LATE_warmup (1).ipynb": old,
            "jones_99_LATE_warmup (2).ipynb": new,
            "jones_99_LATE_notes.ipynb": '{"cells": []}',
            "li_98_warmup.ipynb": nb.solved("li"),
            "__MACOSX/._x": "",
            "warmup.ipynb": nb.solved("nobody"),
        },
    )
    assert col.collect(course, nb.HW, archive) == ["warmup.ipynb"]
    assert course.students("submitted", nb.HW) == ["jones", "li"]
    taken = course.folder("submitted", "jones", nb.HW) / "warmup.ipynb"
    assert "the second attempt" in taken.read_text()


def test_folders_become_submissions(course, tmp_path):
    folder = tmp_path / "in"
    for student, name in (("ann", "warmup/warmup.ipynb"), ("ben", "x.ipynb")):
        path = folder / student / name
        path.parent.mkdir(parents=True)
        path.write_text(nbformat.writes(nb.solved(student)))
    (folder / "ann" / "warmup" / "timestamp.txt").write_text(
        "2026-10-01 10:00:00 UTC"
    )
    (folder / "cid").mkdir()
    (folder / "cid" / "answer.pdf").write_bytes(b"%PDF")
    (folder / "ben" / "link.ipynb").symlink_to("/etc/passwd")
    assert col.collect(course, nb.HW, folder) == []
    assert {"ann", "ben", "cid"} <= set(course.students("submitted", nb.HW))
    stamp = course.folder("submitted", "ann", nb.HW) / "timestamp.txt"
    assert stamp.read_text() == "2026-10-01 10:00:00 UTC"


def test_two_students_of_one_id_stop_it(course, tmp_path):
    for name in ("a b", "a-b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "x.ipynb").write_text("{}")
    with pytest.raises(CourseError, match=r"roster\.csv"):
        col.collect(course, nb.HW, tmp_path)


def test_what_is_no_archive_is_refused(course, tmp_path):
    path = tmp_path / "x.zip"
    path.write_text("no zip")
    with pytest.raises(CourseError, match="neither a folder nor a zip"):
        col.collect(course, nb.HW, path)


def test_a_zip_does_not_write_outside(course, tmp_path):
    archive = a_zip(
        tmp_path / "evil.zip",
        {"../../evil.ipynb": "{}", "zoe/x.ipynb": nb.solved("zoe")},
    )
    with pytest.raises(CourseError, match="cannot unpack"):
        col.collect(course, nb.HW, archive)
    assert not list(tmp_path.parent.glob("evil.ipynb"))


def test_a_students_own_zip_is_opened(course, tmp_path):
    inner = a_zip(tmp_path / "i.zip", {"w/warmup.ipynb": nb.solved("yan")})
    evil = a_zip(tmp_path / "e.zip", {"../x.ipynb": nb.solved("xia")})
    outer = tmp_path / "outer.zip"
    with zipfile.ZipFile(outer, "w") as archive:
        archive.write(inner, "yan_97_1_warmup.zip")
        archive.write(evil, "xia_96_1_warmup.zip")
    assert col.collect(course, nb.HW, outer) == []
    assert {"xia", "yan"} <= set(course.students("submitted", nb.HW))
    for student, start in (("yan", b"{"), ("xia", b"PK")):
        path = course.folder("submitted", student, nb.HW) / "warmup.ipynb"
        assert path.read_bytes().startswith(start)
