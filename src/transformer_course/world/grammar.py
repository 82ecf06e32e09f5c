"""The language of Squatch World as a recogniser: from words back to facts.

It reads what ``english`` writes without knowing the facts behind it, so that
a test can work out an answer from the words alone. "It" stays "it".
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from transformer_course.world.facts import (
    DEGREES,
    LINKS,
    OPENINGS,
    PLACES,
    Event,
    Fact,
    State,
)
from transformer_course.world.lexicon import NOUNS, PREDICATES, VERBS


def _any_of(words: Iterable[str]) -> str:
    longest_first = sorted({w for w in words if w}, key=len, reverse=True)
    return "(?:" + "|".join(map(re.escape, longest_first)) + ")"


_NP = rf"(?:the )?{_any_of(NOUNS)}"
_FRAMES = {verb.past: base for base, verb in VERBS.items() if not verb.present}
_PRESENT = {v.present: base for base, v in VERBS.items() if v.present}
_PAST = {v.past: base for base, v in VERBS.items() if v.past} | _FRAMES
_PARTICIPLE = {v.participle: b for b, v in VERBS.items() if v.participle}
_FINITE = _PRESENT | _PAST
_COPULAR = {p.name: p.name for p in PREDICATES.values() if p.lead}
_SAID = {p.name: p.name for p in PREDICATES.values() if not p.lead}

_ACTIVE = (
    rf"(?P<agent>{_NP}) (?P<finite>{_any_of(_FINITE)}) (?P<patient>{_NP})"
)
_PERFECT = (
    rf"(?P<agent>{_NP}) has (?P<no>not )?"
    rf"(?P<participle>{_any_of(_PARTICIPLE)}) (?P<patient>{_NP})"
)
_PASSIVE = (
    rf"(?P<patient>{_NP}) (?:is|was|has (?P<no>not )?been) "
    rf"(?P<participle>{_any_of(_PARTICIPLE)}) by (?P<agent>{_NP})"
)
_STATE = (
    rf"(?P<noun>{_NP}|it) (?:(?:is|was) (?P<no>not )?"
    rf"(?:{_any_of(DEGREES)} )?(?P<name>{_any_of(_COPULAR)})"
    rf"|(?P<said>{_any_of(_SAID)}))"
)
_EVENTS = [re.compile(p) for p in (_ACTIVE, _PERFECT, _PASSIVE)]
_LINKED = re.compile(
    rf"(?P<event>.+?)(?: {_any_of(PLACES)})? {_any_of([*LINKS, 'because'])} "
    r"(?P<state>it .+)"
)
_MERGED = re.compile(
    rf"(?P<first>{_PERFECT}) and (?P<verb>{_any_of(_PARTICIPLE)}) "
    rf"(?P<rest>{_NP})"
)
_QUESTION = re.compile(
    rf"what has {_NP} {_any_of(_PARTICIPLE)}"
    rf"|what has {_any_of(_PARTICIPLE)} {_NP}"
    rf"|how does {_NP} feel"
)
_OPENING = re.compile(rf"{_any_of(OPENINGS)} ")


def _noun(phrase: str) -> str:
    return phrase.removeprefix("the ")


def _event(text: str) -> Event | None:
    for pattern in _EVENTS:
        found = pattern.fullmatch(text)
        if found is None:
            continue
        parts = found.groupdict()
        if "finite" in parts:
            verb = _FINITE[parts["finite"]]
        else:
            verb = _PARTICIPLE[parts["participle"]]
        holds = not parts.get("no")
        return Event(
            verb, _noun(parts["agent"]), _noun(parts["patient"]), holds
        )
    return None


def _state(text: str) -> State | None:
    found = re.fullmatch(_STATE, text)
    if found is None:
        return None
    name = found["name"] or found["said"]
    return State(_noun(found["noun"]), name, not found["no"])


def _sentence(text: str) -> tuple[Fact, ...] | None:
    if text == "let's go":
        return ()
    text = _OPENING.sub("", text, count=1) if _OPENING.match(text) else text
    event = _event(text)
    if event is not None:
        return (event,)
    found = _MERGED.fullmatch(text)
    if found is not None:
        first = _event(found["first"])
        assert first is not None
        verb = _PARTICIPLE[found["verb"]]
        return (first, Event(verb, first.agent, _noun(found["rest"])))
    found = _LINKED.fullmatch(text)
    if found is not None:
        event, state = _event(found["event"]), _state(found["state"])
        return (event, state) if event and state else None
    state = _state(text)
    return (state,) if state and state.noun != "it" else None


def parse(words: Iterable[str]) -> tuple[Fact, ...] | None:
    """Read the facts out of sentences.

    >>> parse("the fox has been seen by the owl .".split())
    (Event(verb='see', agent='owl', patient='fox', holds=True),)

    Args:
        words: Lower-case words of one sentence or several.

    Returns:
        The facts in the order in which they are told; the noun of a state
        may be ``"it"``; a question tells none. None where a sentence is not
        in the language.
    """
    facts: tuple[Fact, ...] = ()
    text = " ".join(words)
    pieces = [piece.strip() for piece in re.split(r"([.?])", text)]
    if not any(piece not in ("", ".", "?") for piece in pieces):
        return None
    for piece, stop in zip(pieces[::2], [*pieces[1::2], ""], strict=True):
        if not piece:
            if stop:
                return None
        elif stop == "?":
            if not _QUESTION.fullmatch(piece):
                return None
        else:
            told = _sentence(piece)
            if told is None:
                return None
            facts += told
    return facts


def contains(text: str) -> bool:
    """Say whether a text is in the language of Squatch World.

    >>> contains("Squatch eats pizza"), contains("Pizza eats Squatch")
    (True, True)
    >>> contains("Squatch pizza eats")
    False

    Args:
        text: One sentence or several, in ordinary spelling.
    """
    return parse(re.sub(r"([.?])", r" \1 ", text.lower()).split()) is not None
