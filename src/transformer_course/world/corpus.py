"""Stories without a question, for models that read before they are asked."""

from __future__ import annotations

import random
from collections.abc import Sequence

from transformer_course.world import lexicon
from transformer_course.world.facts import (
    LINKS,
    Event,
    Sentence,
    State,
    Story,
)

_LETS_GO = Sentence((), opening="let's go .")
_PLOTS = ("deed", "present", "perfect", "past", "hunt", "kitchen", "feeling")


class _Teller:
    """Draws sentences from nouns and predicates that fit together."""

    def __init__(self, rng: random.Random, split: str) -> None:
        self._rng = rng
        first = rng.randrange(lexicon.N_COLOURS)
        width = rng.randint(1, 3) if split == "train" else 1
        self._predicate_colours = {
            (first + i) % lexicon.N_COLOURS for i in range(width)
        }
        self._noun_colours = set(range(lexicon.N_COLOURS)).intersection(
            *(
                lexicon.noun_colours(colour, split)
                for colour in self._predicate_colours
            )
        )

    def predicate(self, names: Sequence[str]) -> str:
        return self._rng.choice(
            [n for n in names if lexicon.colour(n) in self._predicate_colours]
        )

    def nouns(self, n: int, *kinds: str) -> list[str]:
        pool = lexicon.nouns(*kinds)
        return self._rng.sample(
            [n for n in pool if lexicon.colour(n) in self._noun_colours], n
        )

    def passive(self) -> bool:
        return self._rng.random() < 0.5

    def sentence(self, plot: str) -> Sentence:
        tell = {
            "deed": self._deed,
            "present": lambda: self._event("present"),
            "perfect": lambda: self._event("perfect"),
            "past": self._past,
            "hunt": self._hunt,
            "kitchen": self._kitchen,
            "feeling": self._feeling,
        }[plot]
        return tell()

    def _deed(self) -> Sentence:
        (who,) = self.nouns(1, "creature", "person")
        deed = self.predicate(lexicon.predicates("deed"))
        return Sentence((State(who, deed),))

    def _event(self, tense: str) -> Sentence:
        a, b = self.nouns(2, "creature", "person", "food", "machine")
        verb = self.predicate(lexicon.verbs("plain", "hunt", "help"))
        return Sentence(
            (Event(verb, a, b),), passive=self.passive(), tense=tense
        )

    def _past(self) -> Sentence:
        a, b = self.nouns(2, "creature", "person")
        verb = self.predicate(lexicon.verbs("hunt", "help"))
        return Sentence(
            (Event(verb, a, b),), passive=self.passive(), tense="past"
        )

    def _hunt(self) -> Sentence:
        a, b = self.nouns(2, "creature")
        verb = self.predicate(lexicon.verbs("hunt"))
        noun, role = self._rng.choice([(a, "hunter"), (b, "hunted")])
        state = State(noun, self.predicate(lexicon.predicates(role)))
        return Sentence(
            (Event(verb, a, b), state), passive=self.passive(), link="because"
        )

    def _kitchen(self) -> Sentence:
        (food,), (machine,) = self.nouns(1, "food"), self.nouns(1, "machine")
        frame = self.predicate(lexicon.verbs("food first"))
        noun, kind = self._rng.choice([(food, "food"), (machine, "machine")])
        state = State(noun, self.predicate(lexicon.predicates(kind)))
        link = self._rng.choice(list(LINKS))
        return Sentence((Event(frame, food, machine), state), link=link)

    def _feeling(self) -> Sentence:
        (who,) = self.nouns(1, "creature", "person")
        feeling = self.predicate(lexicon.predicates("good", "bad"))
        return Sentence((State(who, feeling, self._rng.random() < 0.5),))


def stories(n_stories: int, seed: int, split: str = "train") -> list[Story]:
    """Tell stories of three to five sentences of every kind.

    They carry no question and no answer of a task. The rule of the colours
    holds for them as for the tasks, so what is kept for the test occurs in no
    training story. Put them into words with ``english.story`` or
    ``french.story``.

    Args:
        n_stories: How many.
        seed: Any whole number.
        split: ``"train"``, ``"validation"`` or ``"test"``.

    Returns:
        The stories; the same arguments give the same ones everywhere.

    Raises:
        ValueError: ``split`` has no such name.
    """
    if split not in lexicon.SPLITS:
        raise ValueError(
            f"split {split!r} is none of {', '.join(lexicon.SPLITS)}"
        )
    rng = random.Random(f"stories/{split}/{seed}")
    told = []
    for _ in range(n_stories):
        teller = _Teller(rng, split)
        plots = rng.choices(_PLOTS, k=rng.randint(3, 5))
        story = [teller.sentence(plot) for plot in plots]
        if rng.random() < 0.3:
            story.insert(0, _LETS_GO)
        told.append(tuple(story))
    return told
