"""English for the facts: sentences, questions and where their words stand."""

from __future__ import annotations

from collections.abc import Iterable

from transformer_course.world.facts import Event, Fact, Sentence, State
from transformer_course.world.lexicon import FRAME_KINDS, PREDICATES, VERBS


def event(
    fact: Event, *, passive: bool = False, tense: str = "perfect"
) -> str:
    """Tell an event.

    In the perfect, active and passive share the verb's form and the word
    after the noun, so that no pair of neighbours tells the noun's role.

    >>> event(Event("eat", "squatch", "pizza"), tense="present")
    'the squatch eats the pizza'
    >>> event(Event("eat", "squatch", "pizza"))
    'the squatch has eaten the pizza'
    >>> event(Event("eat", "squatch", "pizza", holds=False), passive=True)
    'the pizza has not been eaten by the squatch'
    >>> event(Event("chase", "wolf", "goat"), passive=True, tense="past")
    'the goat was chased by the wolf'

    Args:
        fact: What happens; only the perfect can tell that it does not.
        passive: Begin with the one it is done to.
        tense: ``"present"``, ``"perfect"`` or ``"past"``; frames have the
            past only.

    Returns:
        Words with single spaces, without a full stop.

    Raises:
        ValueError: The fact does not hold and the tense is not the perfect.
    """
    verb = VERBS[fact.verb]
    if not fact.holds and tense != "perfect":
        raise ValueError(f"tense is {tense!r}, wanted 'perfect' for a denial")
    has = "has" if fact.holds else "has not"
    if verb.kind in FRAME_KINDS:
        told = verb.past
    elif passive:
        copula = {"present": "is", "perfect": f"{has} been", "past": "was"}
        told = f"{copula[tense]} {verb.participle} by"
    else:
        told = {
            "present": verb.present,
            "perfect": f"{has} {verb.participle}",
            "past": verb.past,
        }[tense]
    first, last = fact.nouns[::-1] if passive else fact.nouns
    return f"the {first} {told} the {last}"


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


def _joined(sentence: Sentence) -> str:
    first, second = sentence.facts
    assert isinstance(first, Event)
    if sentence.link == "merged":
        assert isinstance(second, Event)
        told = VERBS[second.verb].participle
        return f"{event(first)} and {told} the {second.patient}"
    assert isinstance(second, State)
    parts = (
        event(first, passive=sentence.passive, tense="past"),
        sentence.place,
        sentence.link,
        state(second, "it", sentence.degree),
    )
    return " ".join(part for part in parts if part)


def tell(sentence: Sentence) -> tuple[str, ...]:
    """Put a sentence into English.

    >>> " ".join(tell(Sentence((Event("see", "owl", "fox"),), passive=True)))
    'the fox has been seen by the owl .'

    Args:
        sentence: Its facts and the manner of telling them.

    Returns:
        Lower-case words; the full stop is a word.
    """
    if not sentence.facts:
        return tuple(sentence.opening.split())
    fact: Fact = sentence.facts[0]
    if sentence.link:
        text = _joined(sentence)
    elif isinstance(fact, Event):
        text = event(fact, passive=sentence.passive, tense=sentence.tense)
    else:
        text = state(fact, degree=sentence.degree)
    if sentence.headline:
        return tuple(word for word in text.split() if word != "the")
    return tuple(f"{sentence.opening} {text} .".split())


def starts(sentences: Iterable[Sentence]) -> list[int]:
    """List at which word of a story each sentence begins."""
    lengths = [len(tell(sentence)) for sentence in sentences]
    return [sum(lengths[:i]) for i in range(len(lengths))]


def story(sentences: Iterable[Sentence]) -> tuple[str, ...]:
    """Put a story into English, sentence after sentence."""
    return tuple(word for sentence in sentences for word in tell(sentence))
