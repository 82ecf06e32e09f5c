"""Multiple choice: which ending does the story allow?"""

from __future__ import annotations

import random

from transformer_course.world import english, lexicon
from transformer_course.world.facts import (
    ROLE_OF,
    Event,
    Sentence,
    State,
    Story,
    facts_of,
)
from transformer_course.world.items import Item, balanced, draw

_LIVING = lexicon.nouns("creature", "person")
_KINDS = tuple(ROLE_OF)
_TWIN_KIND = {
    "hunter": "hunted",
    "hunted": "hunter",
    "helper": "helped",
    "helped": "helper",
}
N_OPTIONS = 4


def _ending_item(context: Story, options: list[str], predicate: str) -> Item:
    kind, role = ROLE_OF[lexicon.PREDICATES[predicate].kind]
    (true,) = (
        fact.agent if role == "agent" else fact.patient
        for fact in facts_of(context)
        if isinstance(fact, Event) and lexicon.VERBS[fact.verb].kind == kind
    )
    ending = Sentence((State(true, predicate),))
    told = english.story(context)
    texts = [
        english.tell(Sentence((State(noun, predicate),))) for noun in options
    ]
    segments = {f"option {i}": text for i, text in enumerate(texts)}
    return Item(
        words=told + tuple(word for text in texts for word in text),
        answer=" ".join(english.tell(ending)),
        choices=tuple(" ".join(text) for text in texts),
        segments={"context": told, **segments},
        story=(*context, ending),
    )


def _context(events: list[Event], voice: list[bool]) -> Story:
    return tuple(
        Sentence((event,), passive=passive, tense="past")
        for event, passive in zip(events, voice, strict=True)
    )


def multiple_choice(
    rng: random.Random, n_pairs: int, split: str
) -> list[Item]:
    """Choose the ending that the facts allow, out of four.

    One creature hunts a second, and a third helps a fourth, in either order,
    active or passive. Hunters are hungry, angry...; the hunted scared,
    weak...; helpers kind, gentle...; the helped grateful, sick... An ending
    says such a thing of one of the four; the options say it of each of them,
    in any order, in equally many words. The twin changes the roles or the
    voice of the event that matters, or the predicate in all four endings.
    """
    items = []
    edits = ("predicate", "roles", "voice")
    drawn = balanced(rng, n_pairs, edits, _KINDS, (False, True), (False, True))
    for pair, (edit, kind, passive, first) in enumerate(drawn):
        pools = [lexicon.predicates(k) for k in (kind, _TWIN_KIND[kind])]
        chosen, nouns = draw(
            rng,
            split,
            [lexicon.verbs("hunt"), lexicon.verbs("help"), *pools],
            [_LIVING] * N_OPTIONS,
        )
        a, b, c, d = nouns
        events = [Event(chosen[0], a, b), Event(chosen[1], c, d)]
        asked = 0 if ROLE_OF[kind][0] == "hunt" else 1
        voice = [rng.random() < 0.5, rng.random() < 0.5]
        voice[asked] = passive
        options = rng.sample(nouns, N_OPTIONS)
        order = 1 if first else -1
        context = _context(events, voice)[::order]
        predicate = chosen[2]
        items.append(_ending_item(context, options, predicate))
        if edit == "predicate":
            predicate = chosen[3]
        else:
            events[asked] = events[asked].swapped()
            voice[asked] = passive != (edit == "voice")
        context = _context(events, voice)[::order]
        items.append(_ending_item(context, options, predicate))
        items[-2:] = [item.paired(pair, edit) for item in items[-2:]]
    return items
