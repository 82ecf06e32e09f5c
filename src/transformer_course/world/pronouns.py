"""What "it" is: two kinds of pronoun, one easy and one that needs two steps.

Typed: "the pizza came out of the oven and it tasted good". What is said fits
one of the two nouns only, so the class of the predicate decides, and a bag of
words solves it.

Role-bound: "the wolf chased the goat because it was hungry". Hunters are
hungry, angry, brave...; the hunted are scared, weak, tasty... Both nouns are
creatures, so nothing fits better by its kind: one must know which role the
predicate asks for, and which noun has that role, in the active or the passive.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace

from transformer_course.world import english, lexicon
from transformer_course.world.facts import (
    DEGREES,
    LINKS,
    OPENINGS,
    PLACES,
    Event,
    Sentence,
    State,
)
from transformer_course.world.items import (
    Item,
    balanced,
    draw,
    in_lexicon_order,
)

_CREATURES = lexicon.nouns("creature")
_FOODS = lexicon.nouns("food")
_MACHINES = lexicon.nouns("machine")


def item(sentence: Sentence, pair: int, edit: str) -> Item:
    """Ask what "it" is in a sentence of an event and a state.

    Args:
        sentence: Its first fact is an event between the two candidates, its
            second the state of the one that "it" means.
        pair: Number of the twin pair.
        edit: How the twin differs.

    Returns:
        An item; ``marks`` holds the positions of "pronoun", "antecedent",
        "other" (the wrong noun) and "predicate" (the first word that tells
        what is said of "it", after "was" if there is one).
    """
    event, state = sentence.facts
    assert isinstance(event, Event)
    assert isinstance(state, State)
    words = english.tell(sentence)
    (other,) = set(event.nouns) - {state.noun}
    said = state.predicate.removeprefix("was ").split()
    return Item(
        words=words,
        answer=state.noun,
        choices=in_lexicon_order(event.nouns),
        segments={"sentence": words},
        marks={
            "pronoun": words.index("it"),
            "antecedent": words.index(state.noun),
            "other": words.index(other),
            "predicate": len(words) - 1 - len(said),
        },
        story=(sentence,),
        pair=pair,
        edit=edit,
    )


EDITS = ("predicate", "roles", "voice")
ROLES = ("hunter", "hunted")


def typed_twins(
    rng: random.Random,
    split: str,
    frame_kind: str,
    foods: Sequence[str] = _FOODS,
    machines: Sequence[str] = _MACHINES,
) -> tuple[Sentence, Sentence]:
    """Draw a sentence with a typed pronoun, and its twin.

    Args:
        rng: Source of randomness.
        split: Where the sentences belong.
        frame_kind: Which class of noun comes first, one of
            ``lexicon.FRAME_KINDS``.
        foods: Foods to choose from.
        machines: Machines to choose from.

    Returns:
        Two sentences that differ in what is said of "it".
    """
    (frame, of_food, of_machine), (food, machine) = draw(
        rng,
        split,
        [
            lexicon.verbs(frame_kind),
            lexicon.predicates("food"),
            lexicon.predicates("machine"),
        ],
        [foods, machines],
    )
    event = Event(frame, food, machine)
    if frame_kind == "machine first":
        event = event.swapped()
    link, opening = rng.choice(list(LINKS)), rng.choice(list(OPENINGS))
    first, second = (
        Sentence((event, state), link=link, opening=opening)
        for state in (State(food, of_food), State(machine, of_machine))
    )
    return first, second


def typed(rng: random.Random, n_pairs: int, split: str) -> list[Item]:
    """Ask what "it" is where the predicate fits one noun only.

    "The pizza came out of the oven and it tasted good" is about the pizza.
    The twin says something of the other noun ("it was switched off"). A food
    and a machine stand in either order. The choices are the two nouns, the
    food first, since the lexicon lists foods before machines; the bag of
    words gives the label away, because the predicate fits one class only.
    """
    return [
        item(sentence, pair, "predicate")
        for pair, (frame,) in enumerate(
            balanced(rng, n_pairs, lexicon.FRAME_KINDS)
        )
        for sentence in typed_twins(rng, split, frame)
    ]


def role_bound_twins(
    rng: random.Random,
    split: str,
    manner: tuple[bool, str, str],
    hunters: Sequence[str] = _CREATURES,
    hunted: Sequence[str] = _CREATURES,
) -> tuple[Sentence, Sentence]:
    """Draw a sentence with a role-bound pronoun, and its twin.

    Args:
        rng: Source of randomness.
        split: Where the sentences belong.
        manner: Whether it is passive; whose predicate it has, one of
            ``ROLES``; what the twin changes, one of ``EDITS``.
        hunters: Creatures for the first sentence's doer.
        hunted: Creatures for the other one.

    Returns:
        Two sentences whose "it" means different nouns.
    """
    passive, role, edit = manner
    (verb, of_hunter, of_hunted), (a, b) = draw(
        rng,
        split,
        [lexicon.verbs("hunt"), *(lexicon.predicates(r) for r in ROLES)],
        [hunters, hunted],
    )
    opening, place, degree = (
        rng.choice(list(fillers)) for fillers in (OPENINGS, PLACES, DEGREES)
    )

    manner_of_all = Sentence(
        (), link="because", opening=opening, place=place, degree=degree
    )

    def tell(event: Event, role: str, passive: bool) -> Sentence:
        state = (
            State(event.agent, of_hunter)
            if role == "hunter"
            else State(event.patient, of_hunted)
        )
        return replace(manner_of_all, facts=(event, state), passive=passive)

    event = Event(verb, a, b)
    other_role = ROLES[1 - ROLES.index(role)]
    second = {
        "predicate": (event, other_role, passive),
        "roles": (event.swapped(), role, passive),
        "voice": (event.swapped(), role, not passive),
    }[edit]
    return tell(event, role, passive), tell(*second)


def role_bound(rng: random.Random, n_pairs: int, split: str) -> list[Item]:
    """Ask what "it" is where only the roles of the nouns differ.

    "The wolf chased the goat because it was hungry" is about the wolf. The
    twin changes one thing: the predicate (hungry, scared), the nouns' places,
    or the voice ("chased", "was chased by"). Each of the three flips the
    answer, and each combination of voice, predicate's role and edit comes
    equally often. Fillers before, between and after shift the positions.
    """
    manners = balanced(rng, n_pairs, (False, True), ROLES, EDITS)
    return [
        item(sentence, pair, manner[2])
        for pair, manner in enumerate(manners)
        for sentence in role_bound_twins(rng, split, manner)
    ]
