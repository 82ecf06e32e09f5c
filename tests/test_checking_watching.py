"""Checks of answers that train: what an answer calls tells what it did."""

import pytest

from tests.checking.watched import CHAPTER, fake
from tests.checking.watched_answers import ANSWERS
from transformer_course.checking import judge, registry
from transformer_course.checking.verdict import Kind
from transformer_course.checking.watching import Seen, shown, watch

EXERCISES = {
    name: exercise
    for chapter in registry.chapters()
    for name, exercise in registry.exercises(chapter).items()
}
ONE_BY_ONE = [
    (name, text, tell)
    for name, answers in ANSWERS.items()
    for text, tell in answers
]


def judged(name, text):
    """Judge an answer's text in a chapter of fakes."""
    space = CHAPTER[name[:2]]()
    exec(text, space)
    before = dict(space)
    function = space[EXERCISES[name].reference.__name__]
    verdict = judge(name, function)
    if "MIXER_OF" not in space and "ARMS" not in space:
        assert space == before  # the recorders are gone
    return verdict


@pytest.mark.parametrize(
    ("name", "text", "tell"),
    ONE_BY_ONE,
    ids=[f"{name}-{tell.replace(' ', '-')}" for name, _, tell in ONE_BY_ONE],
)
def test_a_telltale_shows_in_the_wrong_answer_alone(name, text, tell):
    verdict = judged(name, text)
    if not tell:
        assert verdict.kind is Kind.RIGHT, str(verdict)
        return
    assert verdict.kind is Kind.MISTAKE, str(verdict)
    assert verdict.mistake == tell


def test_every_telltale_has_an_answer():
    tested = {(name, tell) for name, _, tell in ONE_BY_ONE}
    there = {
        (name, tell.name)
        for name, exercise in EXERCISES.items()
        for tell in exercise.telltales
    }
    assert there
    assert there - tested == set()


def test_titles_are_sentences():
    for exercise in EXERCISES.values():
        known = {mistake.title for mistake in exercise.mistakes}
        for tell in exercise.telltales:
            assert tell.title.endswith(".")
            assert len(tell.title) <= 79
            assert tell.body
            assert tell.title not in known
            known.add(tell.title)


def test_other_parameters_than_the_chapters_show_nothing():
    exercise = EXERCISES["03-accuracy-at-64"]
    space = {"recall_accuracy": lambda model, far: 0.99}
    exec("def recall_accuracy(model, far): return 0.99", space)
    with watch(exercise, space) as seen:
        space["recall_accuracy"]("model", far=16)
    seen.inputs, seen.results = [((64,),)], [0.99]
    assert [call["far"] for call in seen["recall_accuracy"]] == [16]
    assert shown(exercise, seen) is None


def test_what_is_no_function_is_left_alone():
    space = {"recall_accuracy": "nothing to call"}
    with watch(EXERCISES["03-accuracy-at-64"], space) as seen:
        assert space == {"recall_accuracy": "nothing to call"}
    assert isinstance(seen, Seen)
    assert seen["recall_accuracy"] == []


def test_a_renamed_function_is_noticed():
    with pytest.raises(LookupError, match="defines no function fitt"):
        fake("05", "fitt", print)
