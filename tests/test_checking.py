"""Every exercise's check: right answers pass, every mistake is named."""

import re

import pytest

from tests.checking import (
    answers,
    blind_answers,
    fresh_answers,
    late_answers,
    unseen_answers,
)
from tests.checking.notebook import (
    asked_for,
    bound,
    cells_after,
    printed,
    space,
)
from tests.checking.variants import VARIANTS
from transformer_course.checking import (
    Kind,
    judge,
    registry,
    showing,
    trial,
)
from transformer_course.checking.trial import expected, viewed

EXERCISES = {
    name: exercise
    for chapter in registry.chapters()
    for name, exercise in registry.exercises(chapter).items()
}
MISTAKES = [
    (name, mistake)
    for name, exercise in EXERCISES.items()
    for mistake in exercise.mistakes
]
SPACE = space()
every = pytest.mark.parametrize("name", EXERCISES)


@pytest.fixture(autouse=True)
def _patience(monkeypatch):
    """Wait longer: a busy machine must not fail a right answer."""
    monkeypatch.setattr(trial, "LIMIT", 120.0)


def test_each_chapter_has_all_its_exercises():
    assert set(registry.chapters()) >= {f"{n:02d}" for n in range(11)}
    for chapter in registry.chapters():
        names = {e.reference.__name__ for e in EXERCISES.values()
                 if e.chapter == chapter}  # fmt: skip
        assert names == set(printed(chapter)), chapter


@every
def test_level_and_minutes_are_those_of_the_chapter(name):
    exercise = EXERCISES[name]
    label, level, minutes, _ = printed(exercise.chapter)[
        exercise.reference.__name__
    ]
    assert (exercise.label, exercise.level, exercise.minutes) == (
        label,
        level,
        minutes,
    )


@every
def test_the_chapter_checks_the_stub_and_offers_hints_and_solution(name):
    function = EXERCISES[name].reference.__name__
    check, more = cells_after(EXERCISES[name].chapter)[function]
    assert check.source == f'check("{name}", {function})'
    assert more.source == f'hint("{name}")\nsolution("{name}")'
    assert more.metadata["tags"] == ["remove-input"]
    (output,) = check.outputs
    assert output.data["text/plain"] == f"{name}: not attempted"
    assert output.data["text/html"] == "<!--picture--><!--/picture-->"
    assert [o.data["text/plain"] for o in more.outputs] == [
        f"3 hints for {name}", f"a solution of {name}",
    ]  # fmt: skip


@every
def test_the_chapters_stub_is_not_attempted(name):
    exercise = EXERCISES[name]
    function = exercise.reference.__name__
    names = {}
    source = printed(exercise.chapter)[function][3]
    source = source.partition("\ncheck(")[0]
    exec("from __future__ import annotations\n" + source, names)
    verdict = judge(name, names[function])
    assert verdict.kind is Kind.NOT_ATTEMPTED
    assert str(verdict) == f"{name}: not attempted"


@every
def test_the_reference_is_right(name):
    verdict = judge(name, EXERCISES[name].reference, SPACE)
    assert str(verdict) == f"{name}: right"


@pytest.mark.parametrize(
    ("name", "place"),
    [(name, k) for name in EXERCISES for k in range(len(VARIANTS[name]))],
)
def test_a_right_answer_written_differently_passes(name, place):
    verdict = judge(name, VARIANTS[name][place], SPACE)
    assert verdict.kind is Kind.RIGHT, str(verdict)


def test_no_variant_is_without_its_exercise():
    assert VARIANTS.keys() == EXERCISES.keys()
    assert all(len(found) >= 2 for found in VARIANTS.values())


@pytest.mark.parametrize(
    ("name", "mistake"),
    MISTAKES,
    ids=[f"{name}-{m.name.replace(' ', '-')}" for name, m in MISTAKES],
)
def test_a_mistake_is_caught_and_named(name, mistake):
    verdict = judge(name, mistake.run, SPACE)
    assert verdict.kind is Kind.MISTAKE, str(verdict)
    assert verdict.mistake == mistake.name
    assert verdict.title == mistake.title


LEARNERS = [
    (name, function, words)
    for source in (answers, fresh_answers, late_answers, blind_answers)
    for name, some in source.ANSWERS.items()
    for function, words in some
]
UNSEEN = [
    (name, text, words)
    for name, some in unseen_answers.ANSWERS.items()
    for text, words in some
]


def test_learners_answers_are_caught_and_nine_of_ten_are_named():
    """Each in the words that its author wanted to read."""
    unnamed = []
    of_text = ((n, unseen_answers.function(n, t), w) for n, t, w in UNSEEN)
    for name, function, words in (*LEARNERS, *of_text):
        verdict = judge(name, function, SPACE)
        assert verdict.kind not in (Kind.RIGHT, Kind.NOT_ATTEMPTED), (
            name, function.__name__,
        )  # fmt: skip
        text, _, _ = str(verdict).partition("Smallest failing input")
        vague = re.match(
            r"The result is not|Right (in part|on)", verdict.title
        )
        if vague or not re.search(words, text, re.IGNORECASE):
            unnamed.append((name, function.__name__, verdict.title))
    n_answers = len(LEARNERS) + len(UNSEEN)
    assert 2 * n_answers >= len(MISTAKES)  # a third of all is by others
    assert len(unnamed) <= 0.1 * n_answers, unnamed


@every
def test_messages_are_there_and_distinct(name):
    mistakes = EXERCISES[name].mistakes
    assert len(mistakes) >= 3
    titles = [m.title for m in mistakes]
    assert len(set(titles)) == len({m.name for m in mistakes}) == len(titles)
    for mistake in mistakes:
        assert mistake.title.endswith((".", "?"))
        assert re.match(r"[A-Z0-9\"a-z]", mistake.title)
        assert len(mistake.title) <= 79
        text = f"{mistake.title} {mistake.body}"
        assert not re.search(r"\b(simply|obviously|of course|just)\b", text)


@every
def test_hints_are_three_and_distinct(name):
    hints = EXERCISES[name].hints
    assert len(set(hints)) == 3
    for text in hints:
        assert len(text) >= 20
        assert not re.search(r"\b(simply|obviously|of course|just)\b", text)


@every
def test_the_solution_defines_the_function(name):
    exercise = EXERCISES[name]
    source = showing.solution_source(exercise)
    compile(source, name, "exec")
    assert f"def {exercise.reference.__name__}(" in source
    assert "Stands in" not in source


@every
def test_a_pasted_solution_finds_its_names_in_the_chapter(name):
    exercise = EXERCISES[name]
    pasted = compile(showing.solution_source(exercise), name, "exec")
    assert asked_for(pasted) - {"__name__"} <= bound(exercise.chapter)


@every
def test_a_view_says_in_words_what_is_wanted(name):
    exercise = EXERCISES[name]
    inputs = exercise.inputs(SPACE)
    changed = any(
        viewed(exercise, outcome.value) is not outcome.value
        for outcome in expected(exercise, inputs)
    )
    assert bool(exercise.wanted) or not changed


PASTED = [
    name for name, e in EXERCISES.items()
    if e.solution and not e.seconds
]  # fmt: skip


@pytest.mark.parametrize("name", PASTED)
def test_a_solution_for_the_chapters_own_cells_runs(name):
    """Run it beside what it takes from the chapter."""
    exercise = EXERCISES[name]
    names = chapter_names(exercise.chapter)
    exec(exercise.solution, names)
    verdict = judge(name, names[exercise.reference.__name__], names)
    assert verdict.kind is Kind.RIGHT, str(verdict)


def chapter_names(chapter):
    """Give the few names of a chapter that its pasted solutions use."""
    names = {}
    if chapter == "00":
        exec(
            "import torch\n"
            "import torch.nn.functional as F\n"
            "exact = torch.tensor([2.0, 1.0, 0.0]).double()\n"
            "def word_loss(scores):\n"
            "    return F.cross_entropy(scores[None], torch.tensor([0]))\n"
            "knobs = exact.clone().requires_grad_()\n"
            "word_loss(knobs).backward()\n",
            names,
        )
        code = cell_with("00", "def slopes_by_nudging")
        exec(code.partition("\n\n\n")[0], names)
    if chapter == "01":
        exec("from collections import Counter\n"
             "from itertools import pairwise\n", names)  # fmt: skip
        for function in ("count_pairs", "merge", "learn"):
            code = cell_with("01", f"def {function}(")
            exec(code.partition("\n\n\n")[0], names)
        from transformer_course.checking.chapter_01_stream import _gpt2

        names["gpt2"] = _gpt2()
    return names


def cell_with(chapter, text):
    """Find the code cell of a chapter that holds a text."""
    import nbformat

    from tools.notebooks import CHAPTERS

    (path,) = CHAPTERS.glob(f"{chapter}-*.ipynb")
    return next(
        c.source for c in nbformat.read(path, as_version=4).cells
        if c.cell_type == "code" and text in c.source
    )  # fmt: skip
