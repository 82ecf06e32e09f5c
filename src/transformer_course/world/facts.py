"""What is true in a story, and the plan of how its sentences tell it.

A story is a tuple of sentences; a sentence is one or two facts and the manner
of telling them. Answers are computed from the facts alone, so they cannot
depend on how a sentence happens to be worded.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from transformer_course.world import lexicon

# Who has which state when one hunts or helps another: kind of predicate ->
# (kind of verb, role).
ROLE_OF = {
    "hunter": ("hunt", "agent"),
    "hunted": ("hunt", "patient"),
    "helper": ("help", "agent"),
    "helped": ("help", "patient"),
}


@dataclass(frozen=True)
class Event:
    """Somebody does something to somebody, or does not.

    Args:
        verb: Base form of a verb or name of a frame: ``"eat"``.
        agent: The noun that does it.
        patient: The noun it is done to.
        holds: False where the story says that it does not happen.
    """

    verb: str
    agent: str
    patient: str
    holds: bool = True

    @property
    def nouns(self) -> tuple[str, ...]:
        """The two nouns, doer first."""
        return (self.agent, self.patient)

    @property
    def predicate(self) -> str:
        """The verb, as the rule of the colours sees it."""
        return self.verb

    def swapped(self) -> Event:
        """The same with the roles exchanged."""
        return Event(self.verb, self.patient, self.agent, self.holds)

    def denied(self) -> Event:
        """The same with the opposite truth."""
        return Event(self.verb, self.agent, self.patient, not self.holds)


@dataclass(frozen=True)
class State:
    """A noun is, feels or did something, or does not.

    Args:
        noun: Whose state it is.
        predicate: Name of a predicate: ``"hungry"``.
        holds: False where the story says that it is not so.
    """

    noun: str
    predicate: str
    holds: bool = True

    @property
    def nouns(self) -> tuple[str, ...]:
        """The one noun."""
        return (self.noun,)


Fact = Event | State


@dataclass(frozen=True)
class Sentence:
    """One sentence: its facts, and how it tells them.

    Args:
        facts: One fact; two where ``link`` joins them; none in an opening
            that is a sentence of its own, "let's go .".
        passive: Tell the (first) event in the passive.
        tense: One of ``TENSES``: that of the event.
        headline: No articles, no full stop: "squatch eats pizza".
        link: ``"because"``, or one of ``LINKS``, joins an event and a state
            of ``"it"``; ``"merged"`` joins two events of one doer.
        opening: Words at the start that say nothing about the facts.
        place: Such words after the event.
        degree: Such a word before the state: "it was still hungry".
    """

    facts: tuple[Fact, ...]
    passive: bool = False
    tense: str = "perfect"
    headline: bool = False
    link: str = ""
    opening: str = ""
    place: str = ""
    degree: str = ""


# "eats", "has eaten", "chased".
TENSES = ("present", "perfect", "past")
Story = tuple[Sentence, ...]

# Fillers with their French. None of them holds a noun that "it" could mean.
OPENINGS = {
    "": "",
    "yesterday": "hier",
    "one day": "un jour",
    "long ago": "autrefois",
    "at noon": "à midi",
    "this morning": "ce matin",
    "late last night": "tard hier soir",
    "let's go .": "allons-y .",
}
PLACES = {
    "": "",
    "outside": "dehors",
    "over there": "là-bas",
    "for a while": "pendant un moment",
}
DEGREES = {
    "": "",
    "still": "encore",
    "often": "souvent",
    "always": "toujours",
}
LINKS = {
    "and": "et",
    "and then": "et puis",
    "and soon": "et bientôt",
    "but in the end": "mais à la fin",
}


def facts_of(story: Iterable[Sentence]) -> tuple[Fact, ...]:
    """List the facts of a story in the order in which they are told."""
    return tuple(fact for sentence in story for fact in sentence.facts)


def split_of_story(story: Iterable[Sentence]) -> str:
    """Say to which split a story belongs by the rule of the colours.

    Every noun of the story has to belong there together with every
    predicate of the story; see ``lexicon.split_of``.

    Returns:
        ``"train"``, ``"validation"`` or ``"test"``; ``"none"`` for a story
        whose pairs belong to different splits, which no task ever makes.
    """
    facts = facts_of(story)
    nouns = {noun for fact in facts for noun in fact.nouns}
    splits = {
        lexicon.split_of(noun, fact.predicate)
        for noun in nouns
        for fact in facts
    }
    return splits.pop() if len(splits) == 1 else "none"
