"""Squatch World's simplest tasks: order, voice and pronouns."""

from collections import Counter

import pytest

from transformer_course.world import lexicon, tasks
from transformer_course.world.facts import ROLE_OF


@pytest.mark.parametrize("split", lexicon.SPLITS)
def test_active_sentences_are_three_words_of_two_classes(split):
    for item in tasks.make("who-eats-whom-active", 300, 0, split):
        assert len(item.words) == 3
        living, food = (lexicon.NOUNS[noun].kind for noun in item.choices)
        assert living in ("creature", "person")
        assert food == "food"
        assert item.answer == item.words[0]
        assert item.marks == {"eater": 0, "eaten": 2}


@pytest.mark.parametrize("task", ["who-eats-whom-active", "who-eats-whom"])
def test_twins_hold_the_same_bag_of_words(task):
    made = tasks.make(task, 300, 1)
    for item, twin in zip(made[::2], made[1::2], strict=True):
        assert Counter(item.words) == Counter(twin.words)


def test_each_ordered_pair_of_nouns_comes_as_often_as_its_reverse():
    made = tasks.make("who-eats-whom", 3000, 1)
    ordered = Counter(
        (item.words[i["eater"]], item.words[i["eaten"]])
        for item in made
        for i in [item.marks]
    )
    assert len({noun for pair in ordered for noun in pair}) == len(
        lexicon.NOUNS
    )
    assert all(ordered[a, b] == ordered[b, a] for a, b in ordered)
    # About equally often: 6,000 items over 2,450 ordered pairs.
    assert max(ordered.values()) < 20
    assert len(ordered) > 2100


def test_half_of_the_items_are_passive_and_read_from_the_verb():
    made = tasks.make("who-eats-whom", 500, 2)
    passive = [item for item in made if "by" in item.words]
    assert len(passive) == 500
    for item in made:
        doer = item.words[-1] if item in passive else item.words[0]
        assert item.answer == doer


def _reread(item):
    """What "it" is, worked out from the words: voice, then predicate."""
    before = item.words[: item.words.index("it")]
    first, second = (w for w in before if w in lexicon.NOUNS)
    agent = second if "by" in before else first
    after = " ".join(item.words[item.words.index("it") :])
    (kind,) = {
        p.kind
        for p in lexicon.PREDICATES.values()
        if after.endswith(f" {p.name} .") and p.kind in ROLE_OF
    }
    if kind == "hunter":
        return agent
    return first if agent == second else second


@pytest.mark.parametrize("split", lexicon.SPLITS)
def test_role_bound_pronouns_follow_voice_and_predicate(split):
    made = tasks.make("pronoun-role-bound", 300, 3, split)
    assert [_reread(item) for item in made] == [item.answer for item in made]
    assert {
        lexicon.NOUNS[noun].kind for item in made for noun in item.choices
    } == {"creature"}


def _edit_distance(a, b):
    row = list(range(len(b) + 1))
    for i, x in enumerate(a):
        last, row[0] = row[0], i + 1
        for j, y in enumerate(b):
            last, row[j + 1] = (
                row[j + 1],
                min(last + (x != y), row[j] + 1, row[j + 1] + 1),
            )
    return row[-1]


def test_role_bound_twins_change_one_thing():
    made = tasks.make("pronoun-role-bound", 600, 4)
    words = {"predicate": 1, "roles": 2, "voice": 2}
    for item, twin in zip(made[::2], made[1::2], strict=True):
        assert _edit_distance(item.words, twin.words) == words[item.edit]
    assert set(Counter(item.edit for item in made).values()) == {400}


def test_typed_pronouns_mean_the_noun_that_the_predicate_fits():
    made = tasks.make("pronoun-typed", 400, 5)
    for item in made:
        said = " ".join(item.words[item.marks["pronoun"] + 1 : -1])
        kind = lexicon.PREDICATES[said].kind
        assert lexicon.NOUNS[item.answer].kind == kind
        assert [lexicon.NOUNS[noun].kind for noun in item.choices] == [
            "food",
            "machine",
        ]
    food_first = [
        item.words.index(item.choices[0]) < item.words.index(item.choices[1])
        for item in made
    ]
    assert sum(food_first) == 400


@pytest.mark.parametrize("task", ["pronoun-typed", "pronoun-role-bound"])
def test_marks_point_at_the_words(task):
    for item in tasks.make(task, 200, 6):
        at = {name: item.words[i] for name, i in item.marks.items()}
        assert at["pronoun"] == "it"
        assert at["antecedent"] == item.answer
        assert {at["antecedent"], at["other"]} == set(item.choices)
        said = item.words[item.marks["predicate"] : -1]
        name = " ".join(said)
        assert name in lexicon.PREDICATES or f"was {name}" in (
            lexicon.PREDICATES
        )


def test_fillers_shift_the_positions():
    made = tasks.make("pronoun-role-bound", 400, 7)
    assert len({item.marks["pronoun"] for item in made}) >= 8
    assert len({item.marks["antecedent"] for item in made}) >= 8
