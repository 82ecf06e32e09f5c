"""Two tasks that ask about a story: question answering and feelings."""

from __future__ import annotations

import random

from transformer_course.world import english, lexicon
from transformer_course.world.facts import (
    Event,
    Sentence,
    State,
    Story,
    facts_of,
)
from transformer_course.world.items import (
    Item,
    balanced,
    draw,
    in_lexicon_order,
)

_VERBS = lexicon.verbs("plain", "hunt", "help")
_LIVING = lexicon.nouns("creature", "person")
_MIXED = [*_LIVING, *lexicon.nouns("food")]


def what_does(noun: str, verb: str) -> tuple[str, ...]:
    """Ask to whom a noun does something: "what has the fox eaten ?"."""
    return ("what", "has", "the", noun, lexicon.VERBS[verb].participle, "?")


def what_is_done_to(noun: str, verb: str) -> tuple[str, ...]:
    """Ask who does something to a noun: "what has eaten the fox ?"."""
    return ("what", "has", lexicon.VERBS[verb].participle, "the", noun, "?")


def _triangle(rng: random.Random, verbs: list[str], nouns: list[str]) -> Story:
    a, b, c = nouns
    round_trip = ((a, b), (b, c), (c, a))
    events = [Event(verbs[0], x, y) for x, y in round_trip]
    events += [Event(verbs[1], y, x) for x, y in round_trip]
    rng.shuffle(events)
    voices = rng.sample([False, True] * 3, 6)
    return tuple(
        Sentence((event,), passive=passive)
        for event, passive in zip(events, voices, strict=True)
    )


def _asked(story: Story, noun: str, verb: str, doer: bool) -> Item:
    """Ask for the partner of a noun in the event of a verb."""
    (answer,) = (
        fact.patient if doer else fact.agent
        for fact in facts_of(story)
        if isinstance(fact, Event)
        and fact.verb == verb
        and (fact.agent if doer else fact.patient) == noun
    )
    told = english.story(story)
    question = (what_does if doer else what_is_done_to)(noun, verb)
    everyone = {n for fact in facts_of(story) for n in fact.nouns}
    start = next(
        start
        for start, fact in zip(
            english.starts(story), facts_of(story), strict=True
        )
        if fact.predicate == verb and set(fact.nouns) == {noun, answer}
    )
    return Item(
        words=told + question,
        answer=answer,
        choices=in_lexicon_order(everyone - {noun}),
        segments={"story": told, "question": question},
        marks={"answer": told.index(answer, start)},
        story=story,
    )


def question_answering(
    rng: random.Random, n_pairs: int, split: str
) -> list[Item]:
    """Ask "what has the fox eaten ?" or "what has eaten the fox ?".

    Three nouns stand in a triangle. One verb goes round it in one direction
    (fox eats pie, pie eats owl, owl eats fox), a second verb in the other,
    in six sentences of any order, half of them passive. So every noun eats
    and is eaten, and each of the other two shares a sentence with the noun
    and the verb that are asked for: only the direction tells them apart. The
    choices are those two. The twin asks about
    the other direction ("direction") or the other verb ("verb") of the same
    story; ``marks["answer"]`` points at the answer in its sentence.
    """
    items = []
    edits = balanced(rng, n_pairs, ("direction", "verb"), (False, True))
    for pair, (edit, doer) in enumerate(edits):
        verbs, nouns = draw(rng, split, [_VERBS] * 2, [_MIXED] * 3)
        story = _triangle(rng, verbs, nouns)
        noun, verb = rng.choice(nouns), rng.choice(verbs)
        (other_verb,) = set(verbs) - {verb}
        first = _asked(story, noun, verb, doer)
        second = (
            _asked(story, noun, verb, not doer)
            if edit == "direction"
            else _asked(story, noun, other_verb, doer)
        )
        items += [first.paired(pair, edit), second.paired(pair, edit)]
    return items


def _feeling_item(states: tuple[State, State], whose: str) -> Item:
    story = tuple(Sentence((state,)) for state in states)
    told = english.story(story)
    question = ("how", "does", "the", whose, "feel", "?")
    (state,) = (s for s in states if s.noun == whose)
    cheerful = lexicon.PREDICATES[state.predicate].kind == "good"
    return Item(
        words=told + question,
        answer="good" if cheerful == state.holds else "bad",
        choices=("good", "bad"),
        segments={"story": told, "question": question},
        marks={"feeling": told.index(state.predicate)},
        story=story,
    )


def _edited(states: tuple[State, State], edit: str) -> tuple[State, State]:
    one, two = states
    if edit == "roles":
        return (
            State(two.noun, one.predicate, one.holds),
            State(one.noun, two.predicate, two.holds),
        )
    return (
        State(one.noun, one.predicate, not one.holds),
        State(two.noun, two.predicate, not two.holds),
    )


def feeling(rng: random.Random, n_pairs: int, split: str) -> list[Item]:
    """Ask how one of two creatures feels, good or bad.

    One of the two feels good and the other bad, by a word of their own or by
    the denial of the opposite ("the fox is happy . the owl is not calm ."),
    so whoever reads the words without binding them to a noun cannot tell.
    Not happy counts as bad. The twin asks about the other creature
    ("whose"), exchanges the two in the story ("roles"), or denies what was
    said and says what was denied ("negation").
    """
    items = []
    factors = ("whose", "roles", "negation"), ("good", "bad"), (0, 1)
    for pair, (edit, kind, asked) in enumerate(
        balanced(rng, n_pairs, *factors)
    ):
        other = "bad" if kind == "good" else "good"
        holds = (rng.random() < 0.5, rng.random() < 0.5)
        kinds = (
            kind if holds[0] else other,
            other if holds[1] else kind,
        )
        said, nouns = draw(
            rng, split, [lexicon.predicates(k) for k in kinds], [_LIVING] * 2
        )
        states = (
            State(nouns[0], said[0], holds[0]),
            State(nouns[1], said[1], holds[1]),
        )
        first = _feeling_item(states, nouns[asked])
        second = (
            _feeling_item(states, nouns[1 - asked])
            if edit == "whose"
            else _feeling_item(_edited(states, edit), nouns[asked])
        )
        items += [first.paired(pair, edit), second.paired(pair, edit)]
    return items
