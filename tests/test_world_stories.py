"""Squatch World's tasks on stories, their answers worked out again from text.

The facts behind an item are never looked at here: ``grammar`` reads the words
and the rules of each task are applied to what it read.
"""

from collections import Counter

import pytest

from transformer_course.world import grammar, lexicon, tasks
from transformer_course.world.facts import Event

SPLITS = lexicon.SPLITS
N = 240


def _read(words):
    facts = grammar.parse(words)
    assert facts is not None, " ".join(words)
    return facts


def _twins(made):
    return zip(made[::2], made[1::2], strict=True)


@pytest.mark.parametrize("split", SPLITS)
def test_questions_are_answered_by_the_text(split):
    for item in tasks.make("question-answering", N, 1, split):
        what, has, *rest = item.segments["question"]
        participle = next(w for w in rest if w not in ("the", "?")
                          and w not in lexicon.NOUNS)  # fmt: skip
        noun = next(word for word in rest if word in lexicon.NOUNS)
        doer = rest[0] == "the"
        found = [
            fact.patient if doer else fact.agent
            for fact in _read(item.segments["story"])
            if lexicon.VERBS[fact.verb].participle == participle
            and noun == (fact.agent if doer else fact.patient)
        ]
        assert (what, has, found) == ("what", "has", [item.answer])
        assert item.words[item.marks["answer"]] == item.answer


def test_a_question_has_two_eaters_two_foods_and_a_distractor():
    made = tasks.make("question-answering", N, 2)
    for item in made:
        facts = _read(item.segments["story"])
        assert Counter(Counter(f.verb for f in facts).values()) == {3: 2}
        assert item.segments["story"].count("by") == 3
        for verb in {fact.verb for fact in facts}:
            of_verb = [fact for fact in facts if fact.verb == verb]
            assert len({fact.agent for fact in of_verb}) == 3
            assert len({fact.patient for fact in of_verb}) == 3
    for item, twin in _twins(made):
        assert item.segments["story"] == twin.segments["story"]
        assert item.choices == twin.choices
    # The sentence with the answer is any of the six, equally often.
    places = Counter(
        item.words[: item.marks["answer"]].count(".") for item in made
    )
    assert set(places) == set(range(6))
    assert max(places.values()) < 2 * N / 6 * 1.4


@pytest.mark.parametrize("split", SPLITS)
def test_entailment_follows_from_what_the_premise_states(split):
    for item in tasks.make("entailment", N, 3, split):
        premise = _read(item.segments["premise"])
        (claim,) = _read(item.segments["hypothesis"])
        about = [
            fact
            for fact in premise
            if (fact.verb, fact.agent, fact.patient)
            == (claim.verb, claim.agent, claim.patient)
        ]
        expected = "maybe"
        if about:
            expected = "yes" if about[0].holds == claim.holds else "no"
        assert item.answer == expected
        assert item.segments["premise"].count("not") == 1
        assert set(claim.nouns) == set(premise[0].nouns)


def test_every_kind_of_hypothesis_comes_under_every_label():
    made = tasks.make("entailment", 1440, 4)
    kinds = Counter(
        ("not" in claim, "by" in claim, item.answer)
        for item in made
        for claim in [item.segments["hypothesis"]]
    )
    assert set(kinds.values()) == {len(made) // 12}
    for item, twin in _twins(made):
        assert item.segments["premise"] == twin.segments["premise"]
        assert (item.edit == "roles") == (
            "maybe" in (item.answer, twin.answer)
        )


@pytest.mark.parametrize("split", SPLITS)
def test_similar_sentences_tell_the_same_event(split):
    made = tasks.make("similarity", N, 5, split)
    for item in made:
        first, second = (_read(part) for part in item.segments.values())
        assert (item.answer == "same") == (first == second)
    kinds = Counter(
        (*("by" in part for part in item.segments.values()), item.answer)
        for item in made
    )
    assert set(kinds.values()) == {len(made) // 8}


_ROLES = {
    "hunter": ("hunt", "agent"),
    "hunted": ("hunt", "patient"),
    "helper": ("help", "agent"),
    "helped": ("help", "patient"),
}


@pytest.mark.parametrize("split", SPLITS)
def test_the_right_ending_is_the_one_of_the_right_role(split):
    made = tasks.make("multiple-choice", N, 6, split)
    for item in made:
        events = _read(item.segments["context"])
        options = [_read(choice.split())[0] for choice in item.choices]
        kind, role = _ROLES[lexicon.PREDICATES[options[0].predicate].kind]
        true = [
            getattr(event, role)
            for event in events
            if lexicon.VERBS[event.verb].kind == kind
        ]
        assert [options[item.label].noun] == true
        # Options of one type, one for each creature of the story, all alike.
        assert sorted(option.noun for option in options) == sorted(
            noun for event in events for noun in event.nouns
        )
        assert len({option.predicate for option in options}) == 1
        assert len({len(choice.split()) for choice in item.choices}) == 1
    for item, twin in _twins(made):
        assert item.label != twin.label
        same = item.segments["context"] == twin.segments["context"]
        assert same == (item.edit == "predicate")


@pytest.mark.parametrize("split", SPLITS)
def test_a_summary_merges_the_deeds_of_the_only_double_doer(split):
    for item in tasks.make("summary", N, 7, split):
        facts = _read(item.words)
        doers = Counter(fact.agent for fact in facts)
        (hero,) = (noun for noun, deeds in doers.items() if deeds == 2)
        deeds = tuple(fact for fact in facts if fact.agent == hero)
        assert _read(item.target) == deeds
        assert item.answer == " ".join(item.target)
        named = Counter(noun for fact in facts for noun in fact.nouns)
        assert set(named.values()) == {2}


def test_the_sentences_of_a_summary_stand_anywhere():
    made = tasks.make("summary", 480, 8)
    places = Counter(
        tuple(item.words[:start].count(".") for start in item.marks.values())
        for item in made
    )
    assert len(places) == 6
    assert set(places.values()) == {len(made) // 6}
    for item, twin in _twins(made):
        assert item.choices == twin.choices
        assert Counter(item.words) == Counter(twin.words)


@pytest.mark.parametrize("split", SPLITS)
def test_feelings_are_read_with_their_negation(split):
    made = tasks.make("feeling", N, 9, split)
    for item in made:
        feels = {}
        for state in _read(item.segments["story"]):
            good = lexicon.PREDICATES[state.predicate].kind == "good"
            feels[state.noun] = "good" if good == state.holds else "bad"
        assert sorted(feels.values()) == ["bad", "good"]
        assert item.answer == feels[item.words[-3]]
        assert item.words[item.marks["feeling"]] in lexicon.PREDICATES
    told = Counter(
        (item.words[: item.words.index("how")].count("not"), item.answer)
        for item in made
    )
    for nots in (0, 1, 2):
        assert told[nots, "good"] == pytest.approx(
            told[nots, "bad"], abs=N / 4
        )


def test_feeling_twins_change_what_their_edit_says():
    for item, twin in _twins(tasks.make("feeling", N, 10)):
        same_story = item.segments["story"] == twin.segments["story"]
        same_question = item.segments["question"] == twin.segments["question"]
        assert same_story == (item.edit == "whose")
        assert same_question == (item.edit != "whose")
        if item.edit == "roles":
            assert Counter(item.words) == Counter(twin.words)


def test_every_fact_told_is_the_fact_behind_it():
    # Who tells and who reads agree, on all tasks without a pronoun.
    for task in tasks.TASKS:
        if "pronoun" in task or task in ("french", "multiple-choice"):
            continue
        for item in tasks.make(task, 60, 11, "test"):
            behind = tuple(f for s in item.story for f in s.facts)
            assert _read(item.words) == behind
            assert all(isinstance(f, Event) for f in behind) or (
                task == "feeling"
            )
