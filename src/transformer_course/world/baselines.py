"""Partial-input baselines: how far one gets without reading everything.

Each baseline sees a part of the input only, or reads it by a rule of thumb.
Where one of them scores above chance, a model can score without doing what
the task is about. The learned ones are logistic regressions, trained on the
training split and scored on the test split.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from transformer_course.world import lexicon, tasks
from transformer_course.world.guessing import (
    Baseline,
    Words,
    chooser,
    grams,
    reader,
    rule,
)
from transformer_course.world.items import Item


class Row(NamedTuple):
    """A baseline's result on the test split of a task.

    Args:
        baseline: Its name.
        by_item: Share of items answered rightly; where it cannot decide
            between n choices it is credited with 1 / n.
        by_pair: Share of twin pairs answered rightly, both of them.
        chance: Share of items that guessing answers rightly.
    """

    baseline: str
    by_item: float
    by_pair: float
    chance: float


def _noun_of(item: Item, choice: str) -> str:
    """Name the noun that a choice stands for."""
    if choice in ("il", "elle"):
        gender = {"il": "m", "elle": "f"}[choice]
        return next(
            word
            for word in item.words
            if word in lexicon.NOUNS and lexicon.NOUNS[word].gender == gender
        )
    return next(word for word in choice.split() if word in lexicon.NOUNS)


def _places(item: Item, choice: str) -> list[int]:
    """List where the noun of a choice stands in the first segment."""
    story = next(iter(item.segments.values()))
    noun = _noun_of(item, choice)
    return [i for i, word in enumerate(story) if word == noun]


def first_noun(item: Item, choice: str) -> float:
    """Score a choice by how early its noun is named."""
    return -min(_places(item, choice))


def _last(item: Item, choice: str) -> float:
    return max(_places(item, choice))


def _frequency(item: Item, choice: str) -> float:
    return len(_places(item, choice))


def _stem(word: str) -> str:
    """Reduce a verb's form to its base, so that "eaten" matches "eat"."""
    return _STEMS.get(word, word)


_STEMS = {
    form: verb.base
    for verb in lexicon.VERBS.values()
    for form in (verb.present, verb.past, verb.participle)
    if form and " " not in form
}
_DULL = frozenset(["the", ".", "?", "what", "has", "been", "by", "and"])


def _stems(words: Words) -> set[str]:
    return {_stem(word) for word in words} - _DULL


def _keyword_window(item: Item, choice: str) -> float:
    """Count the question's words near the choice, at the best of places."""
    story = [_stem(word) for word in item.segments["story"]]
    asked = _stems(item.segments["question"])
    return max(
        len(asked & set(story[max(0, i - 4) : i + 5]))
        for i in _places(item, choice)
    )


def _sentences(words: Words) -> list[Words]:
    text = " ".join(words).split(" .")
    return [sentence.split() for sentence in text if sentence]


def _overlap_with(which: int) -> Callable[[Item, str], float]:
    def score(item: Item, choice: str) -> float:
        sentence = _sentences(item.segments["story"])[which]
        return len(_stems(sentence) & _stems(choice.split()))

    return score


def _choice(item: Item, i: int) -> Words:
    return grams(item.choices[i].split(), 2)


def _shared(item: Item) -> Words:
    """See how many words the second segment shares with the first."""
    first, second = (Counter(part) for part in item.segments.values())
    return [f"{(first & second).total()} of {second.total()}"]


def _count_not(item: Item) -> Words:
    counts = [str(part.count("not")) for part in item.segments.values()]
    return ["not " + " ".join(counts)]


def _same_start(item: Item) -> Words:
    first, second = item.segments.values()
    return [f"same start: {first[:2] == second[:2]}"]


def _part(name: str) -> Callable[[Item], Words]:
    return lambda item: item.segments[name]


def _from_pronoun_on(item: Item) -> Words:
    return item.words[item.marks["pronoun"] :]


def _sentence(which: int) -> Callable[[Item], Words]:
    return lambda item: _sentences(item.segments["story"])[which]


@dataclass(frozen=True)
class Named:
    """A baseline and how the tables call it."""

    name: str
    guess: Baseline


def _named(**baselines: Baseline) -> tuple[Named, ...]:
    return tuple(
        Named(name.replace("_", " "), guess)
        for name, guess in baselines.items()
    )


_BAG = _named(bag_of_words=reader(lambda item: item.words))
_BAGS = _BAG + _named(words_and_bigrams=reader(lambda item: item.words, 2))
_CHOICES = _named(choices_alone=chooser(_choice))
_MENTION = _named(
    first_noun=rule(first_noun),
    nearest_noun=rule(_last),
    most_frequent_noun=rule(_frequency),
)
_PREDICATE = _named(predicate_alone=reader(_from_pronoun_on))
_ORDER = _named(first_noun=rule(first_noun)) + _CHOICES + _BAG
_PRONOUN = _MENTION + _CHOICES + _PREDICATE + _BAGS

BASELINES: dict[str, tuple[Named, ...]] = {
    "who-eats-whom-active": _CHOICES + _BAG,
    "who-eats-whom": _ORDER,
    "pronoun-typed": _PRONOUN,
    "pronoun-role-bound": _PRONOUN,
    "question-answering": _named(
        question_alone=reader(_part("question")),
        story_alone=reader(_part("story")),
        keyword_window=rule(_keyword_window),
    )
    + _MENTION
    + _CHOICES
    + _BAGS,
    "entailment": _named(
        hypothesis_alone=reader(_part("hypothesis"), 2),
        premise_alone=reader(_part("premise"), 2),
        word_overlap=reader(_shared),
        count_of_not=reader(_count_not),
    )
    + _BAGS,
    "similarity": _named(
        first_alone=reader(_part("first"), 2),
        second_alone=reader(_part("second"), 2),
        word_overlap=reader(_shared),
        same_start=reader(_same_start),
    )
    + _BAGS,
    "multiple-choice": _named(
        options_alone=chooser(_choice),
        context_alone=reader(_part("context"), 2),
        position_of_option=chooser(lambda item, i: [str(i)]),
        length_of_option=chooser(
            lambda item, i: [str(len(item.choices[i].split()))]
        ),
    )
    + _MENTION
    + _BAGS,
    "summary": _named(
        first_sentence=rule(_overlap_with(0)),
        last_sentence=rule(_overlap_with(-1)),
    )
    + _MENTION
    + _CHOICES
    + _BAGS,
    "feeling": _named(
        story_alone=reader(_part("story"), 2),
        question_alone=reader(_part("question")),
        first_sentence=reader(_sentence(0), 2),
        last_sentence=reader(_sentence(1), 2),
        count_of_not=reader(_count_not),
    )
    + _BAGS,
    "french": _named(dictionary=reader(lambda item: ["it"]))
    + _MENTION
    + _PREDICATE
    + _BAGS,
}


def score(baseline: Named, train: list[Item], test: list[Item]) -> Row:
    """Score a baseline on twin pairs.

    Args:
        baseline: One of ``BASELINES``.
        train: Items that it may learn from.
        test: Items that it is scored on; 2i and 2i + 1 are twins.
    """
    right = np.array(
        [
            guess[item.label]
            for item, guess in zip(
                test, baseline.guess(train, test), strict=True
            )
        ]
    )
    return Row(
        baseline.name,
        float(right.mean()),
        float((right[::2] * right[1::2]).mean()),
        float(np.mean([1 / len(item.choices) for item in test])),
    )


def table(
    task: str, n_train: int = 1500, n_test: int = 2000, seed: int = 0
) -> list[Row]:
    """Score every baseline of a task, trained and tested on fresh items.

    Args:
        task: One of ``tasks.TASKS``.
        n_train: Twin pairs to learn from.
        n_test: Twin pairs to be scored on, of the test split.
        seed: Seed of both draws.

    Returns:
        One row a baseline.
    """
    train = tasks.make(task, n_train, seed, "train")
    test = tasks.make(task, n_test, seed, "test")
    return [score(baseline, train, test) for baseline in BASELINES[task]]
