"""English for the facts: sentences, questions and where their words stand."""

from __future__ import annotations

from collections.abc import Iterable

from transformer_course.world.facts import Event, Fact, Sentence, State
from transformer_course.world.lexicon import PREDICATES, VERBS


def event(fact: Event, *, passive: bool = False) -> str:
    """Tell an event, in the past where its verb is told in the past.

    >>> event(Event("eat", "squatch", "pizza"))
    'the squatch eats the pizza'
    >>> event(Event("eat", "squatch", "pizza", holds=False), passive=True)
    'the pizza is not eaten by the squatch'

    Args:
        fact: What happens.
        passive: Begin with the one it is done to.

    Returns:
        Words with single spaces, without a full stop.
    """
    verb = VERBS[fact.verb]
    agent, patient = f"the {fact.agent}", f"the {fact.patient}"
    if not verb.present:
        return f"{agent} {verb.past} {patient}"
    if passive:
        no = "" if fact.holds else "not "
        return f"{patient} is {no}{verb.participle} by {agent}"
    if fact.holds:
        return f"{agent} {verb.present} {patient}"
    return f"{agent} does not {verb.base} {patient}"


def past(fact: Event, *, passive: bool = False) -> str:
    """Tell an event that happened in the past.

    >>> past(Event("chase", "wolf", "goat"), passive=True)
    'the goat was chased by the wolf'
    """
    verb = VERBS[fact.verb]
    if passive:
        return f"the {fact.patient} was {verb.participle} by the {fact.agent}"
    return f"the {fact.agent} {verb.past} the {fact.patient}"


def state(fact: State, subject: str = "", degree: str = "") -> str:
    """Tell a state.

    >>> state(State("wolf", "hungry"), subject="it", degree="still")
    'it was still hungry'
    >>> state(State("owl", "happy", holds=False))
    'the owl is not happy'

    Args:
        fact: Who is what.
        subject: Words for the noun; "the" and the noun if not given.
        degree: A word between the copula and the predicate.

    Returns:
        Words with single spaces, without a full stop.
    """
    predicate = PREDICATES[fact.predicate]
    parts = (
        subject or f"the {fact.noun}",
        predicate.lead,
        "" if fact.holds else "not",
        degree,
        predicate.name,
    )
    return " ".join(part for part in parts if part)


def _headline(fact: Event, passive: bool) -> str:
    return event(fact, passive=passive).replace("the ", "")


def _joined(sentence: Sentence) -> str:
    first, second = sentence.facts
    assert isinstance(first, Event)
    if sentence.link == "merged":
        assert isinstance(second, Event)
        told = VERBS[second.verb].present
        return f"{event(first)} and {told} the {second.patient}"
    assert isinstance(second, State)
    opening = past(first, passive=sentence.passive)
    rest = state(second, "it", sentence.degree)
    parts = (opening, sentence.place, sentence.link, rest)
    return " ".join(part for part in parts if part)


def tell(sentence: Sentence) -> tuple[str, ...]:
    """Put a sentence into English.

    >>> " ".join(tell(Sentence((Event("see", "owl", "fox"),), passive=True)))
    'the fox is seen by the owl .'

    Args:
        sentence: Its facts and the manner of telling them.

    Returns:
        Lower-case words; the full stop is a word.
    """
    fact: Fact = sentence.facts[0]
    if sentence.headline:
        assert isinstance(fact, Event)
        return tuple(_headline(fact, sentence.passive).split())
    if sentence.link:
        text = _joined(sentence)
    elif isinstance(fact, Event):
        text = event(fact, passive=sentence.passive)
    else:
        text = state(fact, degree=sentence.degree)
    return tuple(f"{sentence.opening} {text} .".split())


def story(sentences: Iterable[Sentence]) -> tuple[str, ...]:
    """Put a story into English, sentence after sentence."""
    return tuple(word for sentence in sentences for word in tell(sentence))
