"""Two tasks that compare sentences: entailment and similarity."""

from __future__ import annotations

import random
from collections.abc import Iterable
from itertools import permutations

from transformer_course.world import english, lexicon
from transformer_course.world.facts import Event, Fact, Sentence
from transformer_course.world.items import Item, balanced, draw

_VERBS = lexicon.verbs("plain", "hunt", "help")
_MIXED = lexicon.nouns("creature", "person", "food")
ENTAILMENT = ("yes", "no", "maybe")
SIMILARITY = ("same", "different")


def follows(premise: Iterable[Fact], hypothesis: Event) -> str:
    """Say whether something follows from what is stated.

    Only what is stated counts: that the fox eats the owl says nothing about
    whether the owl eats the fox.

    >>> fact = Event("eat", "fox", "owl")
    >>> follows([fact], fact), follows([fact], fact.denied())
    ('yes', 'no')
    >>> follows([fact], fact.swapped())
    'maybe'

    Args:
        premise: The stated facts.
        hypothesis: What may follow.

    Returns:
        ``"yes"`` (entailment), ``"no"`` (contradiction) or ``"maybe"``
        (neutral).
    """
    stated = set(premise)
    if hypothesis in stated:
        return "yes"
    return "no" if hypothesis.denied() in stated else "maybe"


def _entailment_item(
    premise: tuple[Sentence, ...], hypothesis: Event, passive: bool
) -> Item:
    asked = Sentence((hypothesis,), passive=passive)
    told, claim = english.story(premise), english.tell(asked)
    return Item(
        words=told + claim,
        answer=follows([s.facts[0] for s in premise], hypothesis),
        choices=ENTAILMENT,
        segments={"premise": told, "hypothesis": claim},
        story=(*premise, asked),
    )


def entailment(rng: random.Random, n_pairs: int, split: str) -> list[Item]:
    """Ask whether a hypothesis follows from a premise.

    The premise says that A does (or does not do) one thing to B, and that B
    does not do (or does) another thing to A; one of the two sentences has
    "not", always. The hypothesis has A, B and one of the verbs, with or
    without "not". A role swap makes "yes" and "no" to "maybe", and only a
    stated fact contradicts; under every label the hypothesis shares as many
    words with the premise. The twin's hypothesis differs by "not" or by the
    roles. ``story`` holds the premise's two sentences, then the hypothesis.
    """
    items = []
    voices = (False, True)
    labels = tuple(permutations(ENTAILMENT, 2))
    for pair, (two, denied, *passive) in enumerate(
        balanced(rng, n_pairs, labels, (False, True), *[voices] * 3)
    ):
        verbs, (a, b) = draw(rng, split, [_VERBS] * 2, [_MIXED] * 2)
        stated = Event(verbs[0], a, b, holds=not denied)
        premise = [
            Sentence((stated,), passive=passive[0]),
            Sentence((Event(verbs[1], b, a, denied),), passive=passive[1]),
        ]
        rng.shuffle(premise)
        claims = {"yes": stated, "no": stated.denied()}
        sure = next(claims[label] for label in two if label != "maybe")
        claims["maybe"] = sure.swapped()
        edit = "roles" if "maybe" in two else "negation"
        items += [
            _entailment_item(tuple(premise), claims[label], passive[2]).paired(
                pair, edit
            )
            for label in two
        ]
    return items


def similarity(rng: random.Random, n_pairs: int, split: str) -> list[Item]:
    """Ask whether two sentences say the same.

    Both have the same two nouns and the same verb; each is active or passive,
    all four combinations equally often. They say the same if the doer is the
    same, whatever comes first. The twin exchanges the nouns of the second.
    """
    items = []
    voices = (False, True)
    for pair, (passive, passive_2, same) in enumerate(
        balanced(rng, n_pairs, voices, voices, (True, False))
    ):
        (verb,), (a, b) = draw(rng, split, [_VERBS], [_MIXED] * 2)
        event = Event(verb, a, b)
        for other in (event, event.swapped())[:: 1 if same else -1]:
            story = (
                Sentence((event,), passive=passive),
                Sentence((other,), passive=passive_2),
            )
            first, second = map(english.tell, story)
            item = Item(
                words=first + second,
                answer=SIMILARITY[event != other],
                choices=SIMILARITY,
                segments={"first": first, "second": second},
                story=story,
            )
            items.append(item.paired(pair, "roles"))
    return items
