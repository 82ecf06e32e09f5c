"""The engine keeps the library's limits, and its code stays in its place."""

import ast
import sys

import pytest

from coursework.grading import sandbox
from coursework.grading.course import REPOSITORY
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
