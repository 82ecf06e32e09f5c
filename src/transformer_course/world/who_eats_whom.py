"""Who eats whom: the same words in another order.

Free verbs take any noun in any role. The twin exchanges the two nouns, so it
has the very same bag of words and the other answer.
"""

from __future__ import annotations

import random

from transformer_course.world import english, lexicon
from transformer_course.world.facts import Event, Sentence
from transformer_course.world.items import (
    Item,
    balanced,
    draw,
    in_lexicon_order,
)

_VERBS = lexicon.verbs("plain", "hunt", "help")
_LIVING = lexicon.nouns("creature", "person")
_FOOD = lexicon.nouns("food")
_ANY = list(lexicon.NOUNS)


def _item(fact: Event, passive: bool, pair: int) -> Item:
    sentence = Sentence(
        (fact,), passive=passive, tense="present", headline=True
    )
    words = english.tell(sentence)
    return Item(
        words=words,
        answer=fact.agent,
        choices=in_lexicon_order(fact.nouns),
        segments={"sentence": words},
        marks={
            "eater": words.index(fact.agent),
            "eaten": words.index(fact.patient),
        },
        story=(sentence,),
        pair=pair,
        edit="roles",
    )


def active(rng: random.Random, n_pairs: int, split: str) -> list[Item]:
    """Three words: "squatch eats pizza", or "pizza eats squatch".

    One noun is a creature or a person, the other a food. They are the two
    choices, living one first, since the lexicon lists them so: ``label`` is 0
    where the living one does the eating (or seeing, chasing...) and 1 where
    the food does. The sum of the word vectors cannot tell, nor can the sum of
    word and position vectors; the class of the word at one position can.
    """
    items = []
    for pair, (eater,) in enumerate(balanced(rng, n_pairs, (0, 1))):
        (verb,), nouns = draw(rng, split, [_VERBS], [_LIVING, _FOOD])
        event = Event(verb, nouns[eater], nouns[1 - eater])
        for fact in (event, event.swapped()):
            items.append(_item(fact, False, pair))
    return items


def who_eats_whom(rng: random.Random, n_pairs: int, split: str) -> list[Item]:
    """Any two nouns, active or passive: "pizza is eaten by squatch".

    The two nouns are the choices, in the lexicon's order, and the answer is
    the one who does it. Half of the pairs are passive, so the noun that comes
    first is the doer in half of the items.
    """
    items = []
    for pair, (passive,) in enumerate(balanced(rng, n_pairs, (False, True))):
        (verb,), (a, b) = draw(rng, split, [_VERBS], [_ANY, _ANY])
        event = Event(verb, a, b)
        for fact in (event, event.swapped()):
            items.append(_item(fact, passive, pair))
    return items
