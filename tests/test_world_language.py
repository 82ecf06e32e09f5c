"""Squatch World's English and French: sentences checked by hand."""

from itertools import pairwise

import pytest

from transformer_course.world import (
    corpus,
    english,
    french,
    grammar,
    lexicon,
    tasks,
)
from transformer_course.world.facts import (
    OPENINGS,
    Event,
    Sentence,
    State,
    facts_of,
    split_of_story,
)


@pytest.mark.parametrize(
    "text",
    [
        "Squatch eats pizza",
        "Pizza eats Squatch",
        "The pizza came out of the oven and it tasted good",
        "Let's go",
        "Let's go.",
        "The boy went",
        "Yesterday the wolf chased the goat because it was still hungry.",
        "The owl has not been seen by the fox. The fox is not happy.",
        "What has the fox eaten? What has eaten the fox?",
        "How does the king feel?",
        "The fox has eaten the pie and seen the owl.",
    ],
)
def test_the_language_holds(text):
    assert grammar.contains(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        ".",
        "Squatch pizza eats",
        "Went the boy",
        "Squatch devours pizza",
        "It was hungry.",
        "The wolf chased the goat because hungry.",
        "The pizza came out of the oven and it.",
        "The fox eats.",
        "What has the fox eaten.",
        "Does the fox eat?",
        "Let's go. . The boy went.",
        "The wolf was hungry because it chased the goat.",
    ],
)
def test_the_language_does_not_hold(text):
    assert not grammar.contains(text)


def test_reading_gives_the_facts():
    text = "the goat was chased by the wolf outside because it was scared ."
    assert grammar.parse(text.split()) == (
        Event("chase", "wolf", "goat"),
        State("it", "scared"),
    )
    words = ["let's", "go", ".", "the", "owl", "slept", "."]
    assert grammar.parse(words) == (State("owl", "slept"),)
    assert grammar.parse(["the", "the"]) is None


@pytest.mark.parametrize("split", lexicon.SPLITS)
def test_all_that_is_told_is_in_the_language(split):
    for task in tasks.TASKS:
        for item in tasks.make(task, 60, 1, split):
            assert grammar.contains(item.text), item.text
    for story in corpus.stories(200, 1, split):
        told = grammar.parse(english.story(story))
        assert told is not None
        for read, fact in zip(told, facts_of(story), strict=True):
            assert read == fact or read.noun == "it"


def test_the_notes_sentences_are_for_training():
    pizza = Event("came out of", "pizza", "oven")
    good, off = (
        State("pizza", "tasted good"),
        State("oven", "was switched off"),
    )
    for said in (good, off):
        assert split_of_story([Sentence((pizza, said), link="and")]) == "train"
    eats = Sentence((Event("eat", "squatch", "pizza"),))
    assert split_of_story([eats]) == "train"
    mixed = Sentence((Event("eat", "mouse", "squatch"),))
    assert split_of_story([mixed]) == "none"


def test_a_denial_needs_the_perfect():
    denied = Event("eat", "owl", "pie", holds=False)
    assert english.event(denied) == "the owl has not eaten the pie"
    with pytest.raises(ValueError, match="tense is 'past'"):
        english.event(denied, tense="past")


GOLDEN = [
    (
        Sentence((Event("eat", "squatch", "pizza"),), tense="present"),
        "the squatch eats the pizza .",
        "le squatch mange la pizza .",
    ),
    (
        Sentence(
            (Event("eat", "pizza", "squatch"),), tense="present", headline=True
        ),
        "pizza eats squatch",
        "la pizza mange le squatch",
    ),
    (
        Sentence((Event("see", "owl", "bear"),), passive=True),
        "the bear has been seen by the owl .",
        "l' ours a été vu par la chouette .",
    ),
    (
        Sentence((Event("see", "bear", "owl"),), passive=True),
        "the owl has been seen by the bear .",
        "la chouette a été vue par l' ours .",
    ),
    (
        Sentence((Event("hear", "mouse", "egg", holds=False),)),
        "the mouse has not heard the egg .",
        "la souris n' a pas entendu l' œuf .",
    ),
    (
        Sentence((Event("cure", "queen", "spider", False),), passive=True),
        "the spider has not been cured by the queen .",
        "l' araignée n' a pas été soignée par la reine .",
    ),
    (
        Sentence(
            (
                Event("came out of", "pizza", "oven"),
                State("pizza", "tasted good"),
            ),
            link="and",
        ),
        "the pizza came out of the oven and it tasted good .",
        "la pizza est sortie du four et elle avait bon goût .",
    ),
    (
        Sentence(
            (
                Event("came out of", "pizza", "oven"),
                State("oven", "was switched off"),
            ),
            link="and",
        ),
        "the pizza came out of the oven and it was switched off .",
        "la pizza est sortie du four et il a été éteint .",
    ),
    (
        Sentence(
            (
                Event("stuck to", "cheese", "grill"),
                State("cheese", "was burnt"),
            ),
            link="but in the end",
        ),
        "the cheese stuck to the grill but in the end it was burnt .",
        "le fromage a collé au gril mais à la fin il était brûlé .",
    ),
    (
        Sentence(
            (
                Event("fell into", "omelette", "fryer"),
                State("fryer", "broke down"),
            ),
            link="and then",
            opening="at noon",
        ),
        "at noon the omelette fell into the fryer and then it broke down .",
        "à midi l' omelette est tombée dans la friteuse et puis elle est "
        "tombée en panne .",
    ),
    (
        Sentence(
            (
                Event("jumped out of", "chicken", "stove"),
                State("stove", "was unplugged"),
            ),
            link="and soon",
        ),
        "the chicken jumped out of the stove and soon it was unplugged .",
        "le poulet a sauté hors de la cuisinière et bientôt elle a été "
        "débranchée .",
    ),
    (
        Sentence(
            (Event("held", "fridge", "soup"), State("soup", "was delicious")),
            link="and",
        ),
        "the fridge held the soup and it was delicious .",
        "le frigo contenait la soupe et elle était délicieuse .",
    ),
    (
        Sentence(
            (Event("chase", "wolf", "goat"), State("wolf", "hungry")),
            link="because",
            degree="still",
        ),
        "the wolf chased the goat because it was still hungry .",
        "le loup a poursuivi la chèvre parce qu' il avait encore faim .",
    ),
    (
        Sentence(
            (Event("attack", "lion", "bee"), State("bee", "slow")),
            passive=True,
            link="because",
            opening="late last night",
            place="over there",
        ),
        "late last night the bee was attacked by the lion over there because "
        "it was slow .",
        "tard hier soir l' abeille a été attaquée par le lion là-bas parce "
        "qu' elle était lente .",
    ),
    (
        Sentence((State("giraffe", "anxious", holds=False),)),
        "the giraffe is not anxious .",
        "la girafe n' est pas anxieuse .",
    ),
    (
        Sentence((State("king", "bitter"),)),
        "the king is bitter .",
        "le roi est amer .",
    ),
    (
        Sentence((State("boy", "went"),)),
        "the boy went .",
        "le garçon est parti .",
    ),
    (
        Sentence((State("girl", "went"),)),
        "the girl went .",
        "la fille est partie .",
    ),
    (Sentence((), opening="let's go ."), "let's go .", "allons-y ."),
    (
        Sentence(
            (Event("eat", "fox", "pie"), Event("see", "fox", "owl")),
            link="merged",
        ),
        "the fox has eaten the pie and seen the owl .",
        "le renard a mangé la tarte et vu la chouette .",
    ),
]


@pytest.mark.parametrize(("sentence", "in_english", "in_french"), GOLDEN)
def test_sentences_checked_by_hand(sentence, in_english, in_french):
    assert " ".join(english.tell(sentence)) == in_english
    assert " ".join(french.tell(sentence)) == in_french
    told = grammar.parse(english.tell(sentence))
    assert [
        fact
        for fact, meant in zip(told, sentence.facts, strict=True)
        if fact != meant and fact.nouns != ("it",)
    ] == []


def test_french_is_grammatical_everywhere():
    apart = {("de", "le"), ("à", "le"), ("que", "il"), ("que", "elle")}
    words_of = {n.french: n for n in lexicon.NOUNS.values()}
    vowels = tuple("aeéèiouyœ")
    told = [
        french.story(item.story)
        for task in tasks.TASKS
        for item in tasks.make(task, 80, 2)
    ] + [french.story(story) for story in corpus.stories(300, 2)]
    for words in told:
        pairs = list(pairwise(words))
        assert not apart & set(pairs)
        for one, two in pairs:
            if two in words_of and one not in ("du", "au"):
                elided = two.startswith(vowels)
                article = {"m": "le", "f": "la"}[words_of[two].gender]
                assert one == ("l'" if elided else article)
            if one in ("du", "au"):
                assert words_of[two].gender == "m"
                assert not two.startswith(vowels)
            if one == "ne":
                assert not two.startswith(vowels)
            if one in ("n'", "l'", "qu'"):
                assert two.startswith(vowels)
        assert not any("(e)" in word or "|" in word for word in words)


def test_every_participle_and_adjective_has_both_genders():
    for predicate in lexicon.PREDICATES.values():
        his = french.state(State("wolf", predicate.name))
        hers = french.state(State("goat", predicate.name))
        ending = his.removeprefix("le loup "), hers.removeprefix("la chèvre ")
        assert (ending[0] != ending[1]) == ("|" in predicate.french)
    for verb in lexicon.VERBS.values():
        if verb.participle:
            event = Event(verb.base, "fox", "goat")
            passive = french.event(event, passive=True).split()
            assert passive[4] == f"{verb.french_participle}e"


def test_gender_is_balanced_where_it_matters():
    for kind in ("creature", "machine"):
        genders = [lexicon.NOUNS[n].gender for n in lexicon.nouns(kind)]
        assert genders.count("m") == genders.count("f")
    made = tasks.make("french", 480, 3, "test")
    for answer in ("il", "elle"):
        assert sum(item.answer == answer for item in made) == 480
    for item in made:
        candidates = (item.marks["antecedent"], item.marks["other"])
        genders = [lexicon.NOUNS[item.words[i]].gender for i in candidates]
        assert sorted(genders) == ["f", "m"]
        assert item.answer == {"m": "il", "f": "elle"}[genders[0]]
        assert item.target.count(item.answer) == 1
        assert not {"il", "elle"} & (set(item.target) - {item.answer})
    assert {item.edit for item in made} == {"predicate", "roles", "voice"}


def test_no_opening_names_a_noun():
    for opening in OPENINGS:
        assert not set(opening.split()) & (set(lexicon.NOUNS) | {"the"})


def test_colours_split_the_pairs_as_stated():
    assert lexicon.split_of("squatch", "eat") == "train"
    assert lexicon.split_of("mouse", "eat") == "test"
    assert lexicon.split_of("dragon", "eat") == "validation"
    with pytest.raises(ValueError, match="word 'robot' is no noun"):
        lexicon.split_of("robot", "eat")
    for verb in lexicon.VERBS:
        splits = [lexicon.split_of(n, verb) for n in lexicon.NOUNS]
        assert splits.count("test") == splits.count("validation") == 10
        assert splits.count("train") == 30
