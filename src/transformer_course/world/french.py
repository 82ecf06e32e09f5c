"""French for the same facts, with its elisions, contractions and agreement.

Words that French writes together with an apostrophe are two words here:
"l'ours" is "l'", "ours". French is never part of a task's input.
"""

from __future__ import annotations

from collections.abc import Iterable

from transformer_course.world.facts import (
    DEGREES,
    LINKS,
    OPENINGS,
    PLACES,
    Event,
    Sentence,
    State,
)
from transformer_course.world.lexicon import (
    FRAME_KINDS,
    NOUNS,
    PREDICATES,
    VERBS,
)

_VOWELS = "aàâeéèêiîoôœuûy"
_CONTRACTIONS = {"de le": "du", "à le": "au"}


def _begins_with_vowel(word: str) -> bool:
    return word[0] in _VOWELS


def noun(english: str, preposition: str = "") -> str:
    """Give a noun its article, after a preposition where there is one.

    >>> noun("bear"), noun("goat"), noun("oven", "de"), noun("egg", "de")
    ("l' ours", 'la chèvre', 'du four', "de l' œuf")

    Args:
        english: The English noun.
        preposition: French words before it; a final "de" or "à" contracts
            with "le".
    """
    entry = NOUNS[english]
    if _begins_with_vowel(entry.french):
        return f"{preposition} l' {entry.french}".strip()
    article = {"m": "le", "f": "la"}[entry.gender]
    phrase = f"{preposition} {article}".strip()
    for apart, together in _CONTRACTIONS.items():
        if phrase.endswith(apart):
            phrase = phrase.removesuffix(apart) + together
    return f"{phrase} {entry.french}"


def pronoun(english: str) -> str:
    """Choose "il" or "elle" by the gender of the French noun."""
    return {"m": "il", "f": "elle"}[NOUNS[english].gender]


def _denied(verb_phrase: str) -> str:
    """Put ne (n') and pas around the first word, the finite verb."""
    verb, _, rest = verb_phrase.partition(" ")
    ne = "n'" if _begins_with_vowel(verb) else "ne"
    return f"{ne} {verb} pas {rest}".strip()


def _agreeing(participle: str, with_noun: str) -> str:
    return participle + ("e" if NOUNS[with_noun].gender == "f" else "")


def _frame(fact: Event) -> str:
    told = VERBS[fact.verb].french.removesuffix(" +")
    before, mark, after = told.partition("(e)")
    if mark:
        told = _agreeing(before, fact.agent) + after
    *verb, last = told.split()
    if last in ("de", "dans", "à"):
        return f"{noun(fact.agent)} {' '.join(verb)} " + noun(
            fact.patient, last
        )
    return f"{noun(fact.agent)} {told} {noun(fact.patient)}"


def event(
    fact: Event, *, passive: bool = False, tense: str = "perfect"
) -> str:
    """Tell an event; perfect and past are both the passé composé.

    >>> event(Event("eat", "squatch", "pizza"), tense="present")
    'le squatch mange la pizza'
    >>> event(Event("attack", "bear", "cow"), passive=True)
    "la vache a été attaquée par l' ours"
    >>> event(Event("call", "hen", "king", holds=False))
    "la poule n' a pas appelé le roi"
    >>> event(Event("came out of", "pizza", "oven"))
    'la pizza est sortie du four'

    Args:
        fact: What happens.
        passive: Begin with the one it is done to; its participle agrees.
        tense: ``"present"``, ``"perfect"`` or ``"past"``.

    Returns:
        Words with single spaces, without a full stop.
    """
    verb = VERBS[fact.verb]
    if verb.kind in FRAME_KINDS:
        return _frame(fact)
    if passive:
        subject, complement = fact.patient, noun(fact.agent, "par")
        lead = "est" if tense == "present" else "a été"
        told = f"{lead} {_agreeing(verb.french_participle, subject)}"
    else:
        subject, complement = fact.agent, noun(fact.patient)
        perfect = f"a {verb.french_participle}"
        told = verb.french if tense == "present" else perfect
    if not fact.holds:
        told = _denied(told)
    return f"{noun(subject)} {told} {complement}"


def state(fact: State, subject: str = "", degree: str = "") -> str:
    """Tell a state; adjective and participle agree with the noun.

    >>> state(State("owl", "happy", holds=False))
    "la chouette n' est pas heureuse"
    >>> state(State("goat", "hungry"), "elle", "still")
    'elle avait encore faim'

    Args:
        fact: Who is what.
        subject: French words for the noun; article and noun if not given.
        degree: An English word of ``DEGREES``.

    Returns:
        Words with single spaces, without a full stop.
    """
    masculine, _, feminine = PREDICATES[fact.predicate].french.partition("|")
    gender = NOUNS[fact.noun].gender
    told = feminine if gender == "f" and feminine else masculine
    verb, _, rest = told.partition(" ")
    told = " ".join(p for p in (verb, DEGREES[degree], rest) if p)
    if not fact.holds:
        told = _denied(told)
    return f"{subject or noun(fact.noun)} {told}"


def _joined(sentence: Sentence) -> str:
    first, second = sentence.facts
    assert isinstance(first, Event)
    if sentence.link == "merged":
        assert isinstance(second, Event)
        told = VERBS[second.verb].french_participle
        return f"{event(first)} et {told} {noun(second.patient)}"
    assert isinstance(second, State)
    link = {**LINKS, "because": "parce qu'"}[sentence.link]
    parts = (
        event(first, passive=sentence.passive),
        PLACES[sentence.place],
        link,
        state(second, pronoun(second.noun), sentence.degree),
    )
    return " ".join(part for part in parts if part)


def tell(sentence: Sentence) -> tuple[str, ...]:
    """Put a sentence into French, as ``english.tell`` does into English.

    >>> two = (Event("chase", "wolf", "goat"), State("goat", "scared"))
    >>> " ".join(tell(Sentence(two, passive=True, link="because")))
    "la chèvre a été poursuivie par le loup parce qu' elle avait peur ."

    Args:
        sentence: Its facts and the manner of telling them.

    Returns:
        Lower-case words; the full stop is a word.
    """
    opening = OPENINGS[sentence.opening]
    if not sentence.facts:
        return tuple(opening.split())
    fact = sentence.facts[0]
    if sentence.link:
        text = _joined(sentence)
    elif isinstance(fact, Event):
        text = event(fact, passive=sentence.passive, tense=sentence.tense)
    else:
        text = state(fact, degree=sentence.degree)
    stop = "" if sentence.headline else "."
    return tuple(f"{opening} {text} {stop}".split())


def story(sentences: Iterable[Sentence]) -> tuple[str, ...]:
    """Put a story into French, sentence after sentence."""
    return tuple(word for sentence in sentences for word in tell(sentence))


def spelled(words: Iterable[str]) -> str:
    """Write French words the usual way, joined at the apostrophes.

    >>> spelled(["l'", "ours", "n'", "a", "pas", "dormi", "."])
    "l'ours n'a pas dormi ."
    """
    return " ".join(words).replace("' ", "'")
