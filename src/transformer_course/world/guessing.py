"""Ways to guess an answer: by a rule of thumb, or learned from a part.

The learned ones are logistic regressions on counts of words.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression

from transformer_course.world.items import Item

# For each item the chance that a baseline gives to each of its choices.
Guesses = list[np.ndarray]
# From items to learn from and items to answer to guesses on the latter.
Baseline = Callable[[list[Item], list[Item]], Guesses]
Words = Sequence[str]


def _best(scores: Iterable[float]) -> np.ndarray:
    values = np.asarray(list(scores), dtype=float)
    best = np.isclose(values, values.max())
    share: np.ndarray = best / best.sum()
    return share


def rule(score: Callable[[Item, str], float]) -> Baseline:
    """Make a baseline that takes the choice with the highest score."""

    def guess(train: list[Item], test: list[Item]) -> Guesses:
        return [_best(score(item, c) for c in item.choices) for item in test]

    return guess


def grams(words: Words, longest: int) -> list[str]:
    """List the words, and neighbours up to so many, each as one string.

    >>> grams(["squatch", "eats", "pizza"], 2)
    ['squatch', 'eats', 'pizza', 'squatch eats', 'eats pizza']
    """
    return [
        " ".join(words[i : i + n])
        for n in range(1, longest + 1)
        for i in range(len(words) - n + 1)
    ]


def _classifier() -> LogisticRegression:
    return LogisticRegression(C=1.0, max_iter=2000, tol=1e-3)


def reader(view: Callable[[Item], Words], longest: int = 1) -> Baseline:
    """Make a baseline that learns the label from a bag of seen words.

    Args:
        view: The words of an item that it sees.
        longest: 1 for words, 2 for words and bigrams.
    """

    def guess(train: list[Item], test: list[Item]) -> Guesses:
        bag = CountVectorizer(analyzer=lambda item: grams(view(item), longest))
        model = _classifier().fit(
            bag.fit_transform(train), [item.label for item in train]
        )
        labels = model.predict(bag.transform(test))
        return [
            np.eye(len(item.choices))[label]
            for item, label in zip(test, labels, strict=True)
        ]

    return guess


def chooser(features: Callable[[Item, int], Words]) -> Baseline:
    """Make a baseline that learns which choices tend to be right.

    Args:
        features: What it sees of an item's choice number i, as words.
    """

    def guess(train: list[Item], test: list[Item]) -> Guesses:
        bag = CountVectorizer(analyzer=lambda pair: list(features(*pair)))
        rows = [(item, i) for item in train for i in range(len(item.choices))]
        right = [item.label == i for item, i in rows]
        model = _classifier().fit(bag.fit_transform(rows), right)
        rows = [(item, i) for item in test for i in range(len(item.choices))]
        scores = iter(model.decision_function(bag.transform(rows)))
        return [_best(next(scores) for _ in item.choices) for item in test]

    return guess
