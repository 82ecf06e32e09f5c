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


Pair = tuple[Sentence, Sentence]
FRAMES = ("food first", "machine first")
EDITS = ("predicate", "roles", "voice")
_OTHER_ROLE = {"hunter": "hunted", "hunted": "hunter"}


def _typed_pair(rng: random.Random, split: str, frame_kind: str) -> Pair:
    chosen, (food, machine) = draw(
        rng,
        split,
        [
            lexicon.verbs(frame_kind),
            lexicon.predicates("food"),
            lexicon.predicates("machine"),
        ],
        [lexicon.nouns("food"), lexicon.nouns("machine")],
    )
    frame, of_food, of_machine = chosen
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
        for pair, (frame,) in enumerate(balanced(rng, n_pairs, FRAMES))
        for sentence in _typed_pair(rng, split, frame)
    ]


def _role_pair(
    rng: random.Random, split: str, passive: bool, role: str, edit: str
) -> Pair:
    (verb, of_hunter, of_hunted), (a, b) = draw(
        rng,
        split,
        [
            lexicon.verbs("hunt"),
            lexicon.predicates("hunter"),
            lexicon.predicates("hunted"),
        ],
        [_CREATURES, _CREATURES],
    )
    opening, place, degree = (
        rng.choice(list(fillers)) for fillers in (OPENINGS, PLACES, DEGREES)
    )

    def tell(event: Event, role: str, passive: bool) -> Sentence:
        state = (
            State(event.agent, of_hunter)
            if role == "hunter"
            else State(event.patient, of_hunted)
        )
        return Sentence(
            (event, state), passive, False, "because", opening, place, degree
        )

    event = Event(verb, a, b)
    second = {
        "predicate": (event, _OTHER_ROLE[role], passive),
        "roles": (event.swapped(), role, passive),
        "voice": (event.swapped(), role, not passive),
    }[edit]
    return tell(event, role, passive), tell(*second)


def role_bound(rng: random.Random, n_pairs: int, split: str) -> list[Item]:
    """Ask what "it" is where only the roles of the nouns differ.

    "The wolf chased the goat because it was hungry" is about the wolf.

    The twin changes one thing: the predicate (hungry, scared), the nouns'
    places, or the voice ("chased", "was chased by"). Each of the three flips
    the answer, and each combination of voice, predicate's role and edit comes
    equally often. Fillers before, between and after shift the positions.
    """
    combinations = balanced(
        rng, n_pairs, (False, True), tuple(_OTHER_ROLE), EDITS
    )
    return [
        item(sentence, pair, edit)
        for pair, (passive, role, edit) in enumerate(combinations)
        for sentence in _role_pair(rng, split, passive, role, edit)
    ]
