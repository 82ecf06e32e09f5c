"""A class of about sixty: every bad submission that we know, and others.

Each row of the table says what is handed in and what must come back. A cheat
starts from the notebook of someone who answered one question wrongly.
"""

from dataclasses import dataclass, replace
from typing import Any

from tests.grading import notebooks as nb
from tests.grading.notebooks import SHARES, WRONG, adds, answers, in_shares

MEAN = "ledger-mean-code"
FULL = 9  # the autograded points of the warm-up
HONEST = FULL - 2  # without the question on shares


@dataclass(frozen=True)
class Student:
    """One submission and its required result.

    Args:
        name: Id of the student.
        score: Autograded points that must come back; the most for a cheat.
        change: Makes the submission out of a notebook.
        wrong: Solution cells that are answered wrongly before that.
        why: Pattern of the reason why it could not be graded.
        shows: Text that the feedback must show.
        cheat: At most the score is required, and at least ``least``.
        least: What a cheat's honest answers still earn; 0 where the cheat
            spoils its own hand-in.
        raw: The submission is this text, or what it makes of a notebook.
        file: Its file name.
    """

    name: str
    score: float
    change: Any = None
    wrong: tuple[str, ...] = ()
    why: str = ""
    shows: str = ""
    cheat: bool = False
    least: float = HONEST
    raw: Any = None
    file: str = f"{nb.HW}.ipynb"


def crash(name, text, why="ended the kernel"):
    """Return a student whose own code destroys the run."""
    return Student(name, 0, adds(text), why=why)


def cheat(name, text, body=None):
    """Return a student who wants more than the wrong answer is worth."""

    def change(notebook):
        if body is None:
            answers(SHARES, WRONG[SHARES])(notebook)
        else:
            in_shares(body)(notebook)
        adds(text)(notebook)

    return Student(name, HONEST, change, cheat=True)


ORDINARY = [
    *(Student(f"right{i}", FULL) for i in range(6)),
    Student("m.curie@uni.example", FULL),
    Student("007", FULL),
    Student("Ada-Lovelace", FULL),
    *(
        Student(f"mean{i}", FULL - 2, wrong=("ledger-mean-code",))
        for i in (1, 2)
    ),
    *(
        Student(f"base{i}", HONEST, wrong=(SHARES,), shows="base")
        for i in (1, 2)
    ),
    Student("hand", FULL - 2, wrong=("shares-by-hand-code",)),
    Student("three", FULL - 6, wrong=tuple(WRONG)),
    Student("two", FULL - 4, wrong=(MEAN, SHARES)),
    Student("late1", FULL),
    Student("late2", HONEST, wrong=(SHARES,)),
    Student("extended", FULL),
    Student("blank", 0, raw="blank"),
]

# Code that its name says the trouble of; see CLUMSY.
STUBBORN = """\
while True:
    try:
        while True:
            pass
    except BaseException:
        pass
"""
HOG = """\
import numpy
kept = []
while True:
    try:
        kept.append(numpy.ones(1 << 25))
    except BaseException:
        pass
"""
DISK = """\
import os
while True:
    with open(f"/handed-in/{os.urandom(8).hex()}", "wb") as file:
        file.write(bytes(1 << 24))
"""
NOISE = """\
for i in range(200_000):
    print(i, "x" * 50)
"""
EXIT = "import os\nos._exit(0)"
SLEEP = "import time\ntime.sleep(999)"


def loses(name, text, shows, in_function=True):
    """Return a student who loses the question on shares by such code."""
    change = in_shares(text) if in_function else answers(SHARES, text)
    return Student(name, HONEST, change, shows=shows)


CLUMSY = [
    Student("warns", FULL, adds("import warnings\nwarnings.warn('oh')")),
    Student("noisy", FULL, adds(NOISE)),
    Student("asks", FULL, adds("name = input('your name? ')")),
    loses("loops", "while True:\n    pass", "too long"),
    loses("sleepy", SLEEP, "too long"),
    loses("deep", "return shares(scores, dim, base)", "RecursionError"),
    loses("raises", "raise KeyError('oh')", "KeyError", False),
    loses("imports", "import no_such_thing", "no_such_thing", False),
    loses("syntax", "def shares(:", "SyntaxError", False),
    loses("exits", "import sys\nsys.exit(3)", "SystemExit", False),
    crash("stubborn", STUBBORN, "could not be stopped"),
    crash("os-exit", EXIT),
    crash("segfault", "import ctypes\nctypes.string_at(0)"),
    crash("hog", HOG, "used more than|could not be stopped"),
    crash("bomb", "import os\nwhile True:\n    os.fork()", "used more than"),
    crash("disk", DISK, "MB of files"),
    Student("late-crash", 0, in_shares(EXIT), why="ended the kernel"),
    Student("copied", FULL, nb.copied),
    Student("no-json", 0, raw="{ not json", why="no notebook"),
    Student("empty", 0, raw="", why="empty"),
    Student("broken", 0, raw='{"cells": 3, "nbformat": 4}', why="broken"),
    Student("another", 0, nb.of_another_course, why="no question"),
    Student("renamed", FULL, file="Untitled3 (1).ipynb"),
    Student("old-schema", FULL, nb.old_schema),
    Student("old-format", FULL, raw=nb.old_format),
    Student("no-metadata", FULL, nb.without_metadata),
    Student("edits-tests", HONEST, nb.tests_edited, wrong=(SHARES,)),
    Student("edits-points", FULL, nb.points_edited),
    Student("deletes-test", FULL - 2, nb.tests_deleted, shows="deleted"),
]

READS = """\
import glob, os, pathlib
for root in ({folders}):
    for path in pathlib.Path(root).rglob("*"):
        try:
            if path.suffix in (".ipynb", ".db", ".py") or not path.suffix:
                print(path, path.read_text()[:2000])
        except OSError:
            pass
"""
WRITES = """\
import os, sqlite3
for path in {paths}:
    try:
        c = sqlite3.connect(path)
        c.execute("UPDATE grade SET auto_score = 100")
        c.commit()
    except Exception as error:
        print(type(error).__name__)
"""
LIAR = """\
import torch
class Liar(torch.Tensor):
    @classmethod
    def __torch_function__(cls, func, types, args=(), kwargs=None):
        if func.__name__ in ("allclose", "equal", "eq", "isclose", "all"):
            return True
        return super().__torch_function__(func, types, args, kwargs or {})
    def __eq__(self, other): return True
    __hash__ = None
"""
PATCH = """\
import torch, json, safetensors.torch as s
torch.allclose = torch.equal = lambda *a, **k: True
torch.testing.assert_close = lambda *a, **k: None
"""
PATCH_WRITERS = """\
import json, safetensors.torch as s
from coursework.grading import collector, exchange
old = exchange.write
def write(folder, name, value):
    return old(folder, name, [{"value": True}] * 50)
exchange.write = write
collector._hand_in = lambda name, results: write(collector.HANDED_IN, name, 0)
"""
AT_EXIT = """\
import atexit, shutil
def later():
    for i in range(9):
        open(f"/handed-in/{i}.json", "w").write('[{"value": true}]')
atexit.register(later)
import threading, time
def meanwhile():
    while True:
        time.sleep(0.01)
        try:
            later()
        except OSError:
            pass
threading.Thread(target=meanwhile, daemon=True).start()
"""
LINKS = """\
import os
from coursework.grading import collector
def link(name, results):
    for suffix in ("json", "safetensors"):
        os.symlink("/etc/passwd", f"/handed-in/{name}.{suffix}")
collector._hand_in = link
"""
FRAMES = """\
import sys
frame = sys._getframe()
while frame:
    for names in (frame.f_locals, frame.f_globals):
        for key in list(names):
            if key in ("want", "expected", "reference"):
                return names[key]
    frame = frame.f_back
return torch.exp(scores)
"""
SHOWS_INPUTS = """\
seen.append((scores, dim, base))
print("hidden", scores, flush=True)
display(scores)
import threading
open("/home/student/seen", "a").write(repr(scores))
raise type("Hidden" + str(base).replace(".", "_"), (ValueError,), {})(scores)
"""
STRIP = """\
import ast
def strip(tree):
    tree.body = [n for n in tree.body if not isinstance(n, ast.Assert)]
    return tree
visitor = type("T", (), {"visit": lambda self, tree: strip(tree)})()
get_ipython().ast_transformers.append(visitor)
"""
REPLACE = """\
shell = get_ipython()
shell.run_cell = shell.run_cell_async = lambda *a, **k: None
"""
DISPLAY = "import sys\nsys.displayhook(2)"
NETWORK = """\
import urllib.request
return urllib.request.urlopen("http://1.1.1.1", timeout=3)
"""
ODD = """\
class A(dict):
    pass
return {"a": A(), "b": lambda: 1}
"""

CHEATS = [
    cheat("patches", PATCH),
    replace(cheat("patches-writers", PATCH_WRITERS), least=0),
    replace(cheat("at-exit", AT_EXIT), least=0),
    replace(cheat("links", LINKS), least=0),
    cheat("liar", LIAR, "return torch.exp(scores).as_subclass(Liar)"),
    cheat("frames", "", FRAMES),
    cheat("strips-asserts", STRIP),
    replace(cheat("replaces-run-cell", REPLACE), least=0),
    cheat("displayhook", DISPLAY, DISPLAY),
    cheat("over", "100.0", "print(100.0)\nreturn 100.0"),
    cheat("nan", "", "return scores * float('nan')"),
    cheat("huge", "", "return torch.zeros(1 << 27)"),
    cheat("odd", "", ODD),
    cheat("network", "", NETWORK),
    cheat("shows-inputs", "seen = []", SHOWS_INPUTS),
]


def spies(root, private):
    """Return those who look for our files, whose places they know."""
    folders = f'"{root}", "{private}", "/work", "/root", "/home", "/tmp"'
    read = READS.format(folders=folders)
    write = WRITES.format(paths=[str(root / "gradebook.db")])
    return [cheat("reads-disk", read), cheat("writes-gradebook", write)]
