"""The sources of the graded assignments, against their probes, in-process.

What the engine does in its sandbox is tested beside this file. Here: the
solution in each source is the reference, the known mistakes are mistakes,
the stub earns nothing, the points add up, and no chapter gives it away.
"""

import copy
import functools
import importlib
import json
import re
from pathlib import Path

import pytest
import torch

from coursework.grading.probe import Assignment, Call, Part, Variant

ROOT = Path(__file__).parents[2]
SOURCES = sorted((ROOT / "coursework/private/source").glob("*/*.ipynb"))
STUDENTS = ("ada", "grace", "emmy-7", "42", "sofja")
POINTS = {"warmup": 10, "capstone": 40}  # 20 for all others
REGION = re.compile(
    r"^([ \t]*)### BEGIN SOLUTION\n(.*?)^[ \t]*### END SOLUTION$", re.M | re.S
)


def read(path: Path) -> list[dict]:
    """Cells of a notebook, their sources as one text each."""
    cells = json.loads(path.read_text("utf-8"))["cells"]
    return [c | {"source": "".join(c["source"])} for c in cells]


def grading(cell: dict) -> dict:
    return cell["metadata"].get("nbgrader", {})


@functools.lru_cache
def assignment(name: str) -> Assignment:
    stem = name.replace("-", "_")
    return importlib.import_module(
        f"coursework.private.probes.{stem}"
    ).ASSIGNMENT


@functools.lru_cache
def solved(path: Path, student: str) -> dict:
    """The names that a source defines when this student's cells all run."""
    names: dict = {"__name__": "__main__"}
    for cell in read(path):
        if cell["cell_type"] == "code":
            code = re.sub(r'^STUDENT = ".*?"', f'STUDENT = "{student}"',
                          cell["source"], flags=re.M)  # fmt: skip
            exec(compile(code, f"{path.stem} {cell['id']}", "exec"), names)
    return names


def calls_of(part: Part, student: str, name: str, seed: int) -> list[Call]:
    draw = torch.Generator().manual_seed(seed)
    return list(part.calls(Variant(student, name), draw))


def answer(part: Part, target: object, call: Call) -> object:
    """What a target returns for a call; an exception is an answer too."""
    call = copy.deepcopy(call)
    try:
        if part.driver == "module":
            target = target(**call.build)
            with torch.no_grad():
                for own, given in zip(
                    target.parameters(), call.state.values(), strict=True
                ):
                    own.copy_(given)
        return target(*call.args, **call.kwargs)
    except Exception as error:
        return f"{type(error).__name__}: {error}"


def agrees(
    part: Part, target: object, student: str, name: str, seed: int = 0
) -> list[bool]:
    """Whether a target answers each call (or its value) like the reference."""
    if part.value:
        wanted = part.expected(Variant(student, name))
        return [part.compare(target, wanted)]
    return [
        part.compare(
            answer(part, target, call), answer(part, part.expected, call)
        )
        for call in calls_of(part, student, name, seed)
    ]


def wrong_answer(part: Part, wrong: object, student: str, name: str) -> object:
    return wrong(Variant(student, name)) if part.value else wrong


def has_probe(path: Path) -> bool:
    stem = path.stem.replace("-", "_")
    return (ROOT / f"coursework/private/probes/{stem}.py").is_file()


PARTS = [
    pytest.param(path, part, id=f"{path.stem}:{part.name}")
    for path in SOURCES
    if has_probe(path)  # one that has none fails below, by itself
    for part in assignment(path.stem).parts
]


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_source_is_clean_and_its_points_add_up(path: Path) -> None:
    cells = read(path)
    graded = {
        grading(c)["grade_id"]: c for c in cells if grading(c).get("grade")
    }
    auto = {n for n, c in graded.items() if not grading(c)["solution"]}
    parts = assignment(path.stem).parts
    assert assignment(path.stem).name == path.stem
    assert auto == {part.name for part in parts}
    for part in parts:
        assert grading(graded[part.name])["points"] == part.points
    total = sum(grading(c)["points"] for c in graded.values())
    assert total == POINTS.get(path.stem, 20)
    assert len(auto) >= (4 if path.stem == "warmup" else 6)
    assert len(graded) - len(auto) >= 1
    for cell in cells:
        if cell["cell_type"] == "code":
            assert cell["outputs"] == []
            assert cell["execution_count"] is None
    ids = [grading(c)["grade_id"] for c in cells if grading(c)]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_every_manual_question_has_a_rubric(path: Path) -> None:
    rubric = ROOT / "coursework/private/rubrics" / f"{path.stem}.md"
    text = rubric.read_text("utf-8")
    for cell in read(path):
        note = grading(cell)
        if note.get("grade") and note["solution"]:
            assert f"`{note['grade_id']}`" in text
            assert f"{note['points']:g} point" in text


@pytest.mark.parametrize(("path", "part"), PARTS)
@pytest.mark.parametrize("student", STUDENTS[:3])
def test_the_solution_earns_full_marks(
    path: Path, part: Part, student: str
) -> None:
    target = solved(path, student)[part.target]
    for seed in (0, 1):
        right = agrees(part, target, student, path.stem, seed)
        assert right
        assert all(right)


@pytest.mark.parametrize(("path", "part"), PARTS)
def test_every_known_mistake_is_one(path: Path, part: Part) -> None:
    assert len(part.mistakes) >= 2
    for student in STUDENTS:
        for mistake in part.mistakes:
            wrong = wrong_answer(part, mistake.wrong, student, path.stem)
            right = agrees(part, wrong, student, path.stem, seed=3)
            assert not all(right), mistake.name


@pytest.mark.parametrize(("path", "part"), PARTS)
def test_known_mistakes_can_be_told_apart(path: Path, part: Part) -> None:
    name, student = path.stem, STUDENTS[0]
    given = []
    for mistake in part.mistakes:
        if part.value:
            given.append([mistake.wrong(Variant(student, name))])
        else:
            calls = calls_of(part, student, name, 3)
            given.append([answer(part, mistake.wrong, c) for c in calls])
    for i, one in enumerate(given):
        for j, other in enumerate(given[:i]):
            pairs = zip(one, other, strict=True)
            names = part.mistakes[i].name, part.mistakes[j].name
            assert not all(part.compare(a, b) for a, b in pairs), names


@pytest.mark.parametrize(("path", "part"), PARTS)
def test_the_inputs_are_fresh_in_every_run(path: Path, part: Part) -> None:
    if part.value:
        values = [part.expected(Variant(s, path.stem)) for s in STUDENTS]
        assert not all(part.compare(values[0], v) for v in values[1:])
    else:
        first, second = (
            [answer(part, part.expected, c) for c in calls_of(
                part, "ada", path.stem, seed)] for seed in (5, 6)
        )  # fmt: skip
        assert len(first) != len(second) or not all(
            part.compare(a, b) for a, b in zip(first, second, strict=True)
        )


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_the_stub_earns_nothing(path: Path) -> None:
    names: dict = {"__name__": "__main__"}
    for cell in read(path):
        if cell["cell_type"] == "code" and not grading(cell).get("grade"):
            stub = REGION.sub(r"\1raise NotImplementedError", cell["source"])
            try:
                exec(compile(stub, "stub", "exec"), names)
            except Exception:  # a cell below one that the student left open
                continue
    for part in assignment(path.stem).parts:
        target = names.get(part.target)
        assert not any(agrees(part, target, "ada", path.stem)), part.name


def lines_of(text: str) -> list[str]:
    stripped = (line.split("#")[0].strip() for line in text.splitlines())
    return [line for line in stripped if line]


@functools.lru_cache
def chapter_lines() -> str:
    texts = [
        c["source"]
        for path in sorted((ROOT / "chapters").glob("*.ipynb"))
        for c in read(path)
    ]
    return "\n".join(line for text in texts for line in lines_of(text))


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_no_chapter_holds_a_solution(path: Path) -> None:
    regions = [
        lines_of(body)
        for cell in read(path)
        for _, body in REGION.findall(cell["source"])
    ]
    assert regions
    for lines in regions:
        if len(lines) > 1:
            assert "\n".join(lines) not in chapter_lines()
        for three in zip(lines, lines[1:], lines[2:], strict=False):
            assert "\n".join(three) not in chapter_lines(), three
