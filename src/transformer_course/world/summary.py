"""Summaries: two sentences of a story merged by a stated rule."""

from __future__ import annotations

import random
from itertools import permutations

from transformer_course.world import english, lexicon
from transformer_course.world.facts import Event, Sentence, Story, facts_of
from transformer_course.world.items import (
    Item,
    balanced,
    draw,
    in_lexicon_order,
)

_VERBS = lexicon.verbs("plain", "hunt", "help")
_LIVING = lexicon.nouns("creature", "person")
_MIXED = [*_LIVING, *lexicon.nouns("food")]


def summarize(story: Story, doer: str) -> Sentence:
    """Merge the two sentences in which one noun is the doer.

    Args:
        story: Sentences of one event each.
        doer: A noun that does two things in it.

    Returns:
        One sentence with both, in the order of the story.
    """
    deeds = tuple(
        fact
        for fact in facts_of(story)
        if isinstance(fact, Event) and fact.agent == doer
    )
    if len(deeds) != 2:
        raise ValueError(f"{doer!r} does {len(deeds)} things, wanted 2")
    return Sentence(deeds, link="merged")


def _summary_item(story: Story, rivals: tuple[str, str], told_of: str) -> Item:
    """Offer the true summary, and the one true of the twin."""
    text = english.story(story)
    shared = next(
        f
        for f in facts_of(story)
        if isinstance(f, Event) and set(f.nouns) == set(rivals)
    )
    told = {event.agent: event for event in (shared, shared.swapped())}
    sentences = {}
    for rival in rivals:
        as_if = tuple(
            Sentence((told[rival],)) if s.facts[0] == shared else s
            for s in story
        )
        sentences[rival] = english.tell(summarize(as_if, rival))
    answer = sentences[told_of]
    choices = tuple(
        " ".join(sentences[rival]) for rival in in_lexicon_order(rivals)
    )
    starts = [
        start
        for start, fact in zip(
            english.starts(story), facts_of(story), strict=True
        )
        if isinstance(fact, Event) and fact.agent == told_of
    ]
    return Item(
        words=text,
        answer=" ".join(answer),
        choices=choices,
        segments={"story": text},
        marks=dict(zip(("first deed", "second deed"), starts, strict=True)),
        story=story,
    )


def summary(rng: random.Random, n_pairs: int, split: str) -> list[Item]:
    """Tell the two deeds of the one who does two things.

    Of four sentences, two have the same doer; the summary merges them, in the
    order of the story: "the fox has eaten the pie and seen the owl .". Each of
    the four nouns is named twice, and a rival of the doer's does as much but
    for one sentence, which is about both. The twin exchanges the two there,
    which makes the rival the one to tell about. The choices
    are the two summaries; ``marks`` says where the sentences to merge begin,
    and any two of the four come equally often.
    """
    items = []
    orders = tuple(permutations(range(4)))
    for pair, (order, turn) in enumerate(
        balanced(rng, n_pairs, orders, (False, True))
    ):
        verbs, (a, b, p, q) = draw(
            rng, split, [_VERBS] * 3, [_LIVING] * 2 + [_MIXED] * 2
        )
        last = (q, p) if turn else (p, q)
        events = [
            Event(verbs[0], a, p),
            Event(verbs[1], b, q),
            Event(verbs[2], a, b),
            Event(rng.choice(verbs), *last),
        ]
        voices = [rng.random() < 0.5 for _ in events]
        for doer, shared in ((a, events[2]), (b, events[2].swapped())):
            told = [*events[:2], shared, events[3]]
            story = tuple(
                Sentence((told[i],), passive=voices[i]) for i in order
            )
            items.append(
                _summary_item(story, (a, b), doer).paired(pair, "roles")
            )
    return items
