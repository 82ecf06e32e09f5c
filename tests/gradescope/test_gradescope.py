"""The autograder zip, run as Gradescope's container would."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from coursework.gradescope.__main__ import constraints, pack
from coursework.gradescope.run import notebook_in, student_of
from coursework.grading.course import REPOSITORY, Course, CourseError
from coursework.grading.release import release
from tests.hub.running import solved

HW = "warmup"
PRIVATE = REPOSITORY / "coursework" / "private"
SOURCE = PRIVATE / "source" / HW / f"{HW}.ipynb"
# A second user can only be had by the superuser, as in the container.
MODES = ["bubblewrap"] + (["another user"] if os.geteuid() == 0 else [])


@pytest.fixture(scope="module")
def packed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("gradescope")
    course = Course(folder / "course", PRIVATE, folder / "site")
    release(course, HW)
    return course, pack(course, HW, folder)


def unpacked(archive, folder):
    """Unpack, with the permissions that setup.sh gives."""
    source = folder / "source"
    with zipfile.ZipFile(archive) as members:
        members.extractall(source)
    subprocess.run(
        ["chmod", "-R", "go-rwx", source / "course/coursework/private"],
        check=True,
    )
    return source / "course"


def handed_in(course, folder, edit):
    """Upload a notebook; write who did."""
    (folder / "submission").mkdir()
    text = solved(course.released(HW), SOURCE, "ada", edit)
    (folder / "submission" / "my notebook.ipynb").write_text(text)
    who = {"users": [{"email": "Ada@example.org"}]}
    (folder / "metadata.json").write_text(json.dumps(who))


def container(folder):
    """Return a command that runs what follows as in a container.

    It has a root of its own with the superuser and a student in it, and no
    bubblewrap.
    """
    users = folder / "passwd"
    users.write_text(
        "root:x:0:0::/root:/bin/sh\nstudent:x:4711:4711::/home/student:/bin/sh\n"
    )
    parts = ["bwrap", "--unshare-pid", "--cap-add", "ALL", "--tmpfs", "/"]
    parts += ["--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp"]
    parts += ["--chmod", "1777", "/tmp", "--ro-bind", "/usr", "/usr"]
    parts += ["--ro-bind", "/etc", "/etc", "--ro-bind", users, "/etc/passwd"]
    for name in ("bin", "sbin", "lib", "lib64"):
        if Path("/", name).is_symlink():
            parts += ["--symlink", os.readlink(f"/{name}"), f"/{name}"]
    shown = [Path(sys.prefix), Path(sys.base_prefix), REPOSITORY / "src"]
    for path in [*shown, folder]:
        for parent in reversed(path.parents[:-1]):
            if parent != Path("/tmp") and Path("/usr") not in path.parents:
                parts += ["--perms", "0755", "--dir", parent]
    for path in shown:
        parts += ["--ro-bind", path, path]
    parts += ["--bind", folder, folder, "--perms", "000"]
    return [*parts, "--ro-bind-data", "0", "/usr/bin/bwrap", "--"]


def run(course_folder, folder, before=()):
    """Do what run_autograder does; return results.json."""
    done = subprocess.run(
        [
            *before,
            *(sys.executable, "-m", "coursework.gradescope.run"),
            f"--hw={HW}",
            f"--submission={folder / 'submission'}",
            f"--metadata={folder / 'metadata.json'}",
            f"--results={folder / 'results' / 'results.json'}",
        ],
        cwd=course_folder,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads((folder / "results" / "results.json").read_text())


@pytest.mark.parametrize("mode", MODES)
def test_a_nosy_notebook_gets_its_marks_and_no_answers(packed, tmp_path, mode):
    course, archive = packed
    course_folder = unpacked(archive, tmp_path)
    probes = course_folder / "coursework" / "private" / "probes"

    def edit(text):
        if text.startswith("my_letter") or "my_chance =" in text:
            looks = f"__import__('os').access({str(probes)!r}, 4)"
            text += f"\nmy_chance = -1 if {looks} else my_chance\n"
        return text.replace("meal_days.clamp(min=1)", "ledger.shape[0]")

    handed_in(course, tmp_path, edit)
    before = container(tmp_path) if mode == "another user" else ()
    found = run(course_folder, tmp_path, before)
    scores = {t["name"]: (t["score"], t["max_score"]) for t in found["tests"]}
    assert scores.pop("ledger-mean") == (1.5, 2)
    assert scores.pop("chance") == (1, 1), "it could read the probes"
    assert all(score == most for score, most in scores.values())
    assert "divide by all days" in found["tests"][0]["output"]
    assert found["extra_data"]["sandbox"] == mode
    assert found["stdout_visibility"] == "hidden"


def test_the_zip_holds_no_solution(packed):
    _, archive = packed
    with zipfile.ZipFile(archive) as members:
        names = members.namelist()
        text = b"".join(members.read(n) for n in names if "ipynb" in n)
        assert members.getinfo("run_autograder").external_attr >> 16 & 0o100
    assert {"setup.sh", "run_autograder", "requirements.txt"} <= set(names)
    assert b"YOUR CODE HERE" in text
    assert b"BEGIN SOLUTION" not in text
    assert b"clamp(min=1)" not in text
    assert not [n for n in names if "probes/" in n and HW not in n]


def test_what_the_engine_imports_is_pinned():
    lines = constraints().splitlines()
    assert "torch==" in " ".join(lines)
    assert all("==" in line for line in lines)


def test_an_assignment_that_is_not_released_is_not_packed(tmp_path):
    course = Course(tmp_path, PRIVATE, tmp_path / "site")
    with pytest.raises(CourseError, match="make release HW=warmup"):
        pack(course, HW, tmp_path)


def test_the_student_is_the_address_before_the_at():
    assert student_of({"users": [{"email": "Ada.L@uni.org"}]}) == "ada.l"
    assert student_of({"users": []}) == "unknown"


def test_one_notebook_of_another_name_is_taken(tmp_path):
    assert notebook_in(tmp_path, HW).name == "warmup.ipynb"
    (tmp_path / "mine.ipynb").touch()
    assert notebook_in(tmp_path, HW).name == "mine.ipynb"
    (tmp_path / "warmup.ipynb").touch()
    assert notebook_in(tmp_path, HW).name == "warmup.ipynb"
