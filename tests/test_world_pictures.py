"""Squatch World's pictures show what they are given."""

import matplotlib.pyplot as plt
import pytest

from transformer_course.plotting import world as pictures
from transformer_course.world import lexicon, tasks
from transformer_course.world.baselines import Row


@pytest.fixture(autouse=True)
def _close_figures():
    yield
    plt.close("all")


def test_the_rule_of_the_colours_is_drawn_as_it_is():
    (ax,) = pictures.held_out_pairs().axes
    told = {tuple(map(int, t.get_position())): t.get_text() for t in ax.texts}
    assert len(told) == 25
    names = {"train": "train", "validation": "valid.", "test": "TEST"}
    for (noun, predicate), text in told.items():
        some_noun = next(n for n in lexicon.NOUNS if lexicon.colour(n) == noun)
        some_verb = next(
            v for v in lexicon.VERBS if lexicon.colour(v) == predicate
        )
        assert text == names[lexicon.split_of(some_noun, some_verb)]


def test_a_baseline_above_chance_is_named():
    tables = {
        "first task": [
            Row("blind", 0.51, 0.0, 0.5),
            Row("seer", 0.9, 0.8, 0.5),
        ],
        "second task": [Row("dull", 0.26, 0.0, 0.25)],
    }
    (ax,) = pictures.shortcuts(tables).axes
    assert [text.get_text() for text in ax.texts] == ["seer"]
    points = [x for line in ax.lines[1:] for x in line.get_xdata()]
    assert sorted(points) == pytest.approx([1, 1, 40])
    assert [t.get_text() for t in ax.get_yticklabels()] == list(tables)


def test_what_differs_between_twins_is_marked(monkeypatch):
    shown = []
    monkeypatch.setattr(pictures, "show_html", lambda *a: shown.append(a))
    made = tasks.make("pronoun-typed", 1, 0)
    pictures.show_twins({"typed": (made[0], made[1])})
    ((markup, description),) = shown
    for item, twin in (made, made[::-1]):
        for word in set(item.words) ^ set(twin.words):
            assert f"<mark>{word}</mark>" in markup
        assert "<mark>it</mark>" not in markup
        assert f"typed: {item.text} -> {item.answer}" in description


def test_words_that_one_twin_has_more_are_marked(monkeypatch):
    shown = []
    monkeypatch.setattr(pictures, "show_html", lambda *a: shown.append(a))
    made = tasks.make("entailment", 40, 0)
    pair = next(
        (one, two)
        for one, two in zip(made[::2], made[1::2], strict=True)
        if one.edit == "negation"
    )
    pictures.show_twins({"entailment": pair})
    ((markup, _),) = shown
    assert markup.count("<mark>") == markup.count("<mark>not</mark>") == 1
    assert markup.count('class="tc-part"') == 4
