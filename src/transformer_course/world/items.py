"""What a task consists of: items in twin pairs, and how they are drawn."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import product
from typing import Any

from transformer_course.world import lexicon
from transformer_course.world.facts import Story


@dataclass(frozen=True)
class Item:
    """One question with its right answer; its twin has another answer.

    Args:
        words: The whole input, lower-case words; "." and "?" are words.
        answer: The right one of ``choices``.
        choices: The possible answers. Where they are nouns they stand in the
            lexicon's order, which says nothing about the story.
        segments: The parts of ``words`` by name, in order, such as
            ``"story"`` and ``"question"``; one part where there is no other.
        marks: Positions in ``words`` of words that matter, such as
            ``"pronoun"`` and ``"antecedent"``.
        target: What a model that writes should write: the answer's words, or
            the whole sentence where the answer is part of one.
        story: The facts behind the input, and the plan of their sentences.
        pair: A number that an item shares with its twin alone.
        edit: What was changed to make the twin: ``"roles"``, ``"voice"``...
    """

    words: tuple[str, ...]
    answer: str
    choices: tuple[str, ...]
    segments: Mapping[str, tuple[str, ...]]
    marks: Mapping[str, int] = field(default_factory=dict)
    target: tuple[str, ...] = ()
    story: Story = ()
    pair: int = 0
    edit: str = ""

    def __post_init__(self) -> None:
        if self.answer not in self.choices:
            raise ValueError(
                f"answer {self.answer!r} is not among choices {self.choices}"
            )
        joined = tuple(w for part in self.segments.values() for w in part)
        if joined != self.words:
            raise ValueError(
                f"segments {list(self.segments)} do not add up to words"
            )
        if not self.target:
            object.__setattr__(self, "target", tuple(self.answer.split()))

    @property
    def label(self) -> int:
        """Position of the answer among the choices."""
        return self.choices.index(self.answer)

    def paired(self, pair: int, edit: str) -> Item:
        """Return the same item as a member of a twin pair.

        Args:
            pair: Number of the pair.
            edit: What was changed to make the twin.
        """
        return replace(self, pair=pair, edit=edit)

    @property
    def text(self) -> str:
        """The words with spaces between them."""
        return " ".join(self.words)


def pair_accuracy(right: Sequence[bool]) -> float:
    """Measure how often an item and its twin are both answered rightly.

    Whoever answers twins alike, because the clue that tells them apart went
    unseen, scores 0 here and may score 50 % by item.

    >>> pair_accuracy([True, True, True, False])
    0.5

    Args:
        right: For each item whether its answer was right, bool (2 n,);
            items 2i and 2i + 1 are twins.

    Returns:
        Share of pairs with both right, from 0 to 1.

    Raises:
        ValueError: ``right`` is empty or its length is odd.
    """
    if len(right) == 0 or len(right) % 2:
        raise ValueError(
            f"right has {len(right)} entries, wanted two for each pair"
        )
    both = [
        bool(a) and bool(b)
        for a, b in zip(right[::2], right[1::2], strict=True)
    ]
    return sum(both) / len(both)


def in_lexicon_order(nouns: Iterable[str]) -> tuple[str, ...]:
    """Sort nouns by their place in the lexicon."""
    return tuple(sorted(nouns, key=lexicon.RANK.__getitem__))


def balanced(
    rng: random.Random, n: int, *factors: Sequence[Any]
) -> list[tuple[Any, ...]]:
    """Draw n combinations of factors, each as often as any other.

    Args:
        rng: Source of the order.
        n: How many.
        factors: The possible values of each factor.

    Returns:
        n tuples with one value of each factor, in random order; the counts
        of any two combinations differ by at most one.
    """
    every = list(product(*factors))
    drawn: list[tuple[Any, ...]] = []
    while len(drawn) < n:
        drawn += rng.sample(every, min(len(every), n - len(drawn)))
    rng.shuffle(drawn)
    return drawn


def draw(
    rng: random.Random,
    split: str,
    predicates: Sequence[Sequence[str]],
    nouns: Sequence[Sequence[str]],
) -> tuple[list[str], list[str]]:
    """Draw predicates and different nouns that all fit together in a split.

    Args:
        rng: Source of randomness.
        split: ``"train"``, ``"validation"`` or ``"test"``.
        predicates: For each wanted predicate, those to choose from.
        nouns: For each wanted noun, those to choose from.

    Returns:
        The predicates, all different, and the nouns, all different; each
        noun together with each predicate belongs to ``split``.
    """
    if split != "train":  # here all the predicates must have one colour
        shade = rng.randrange(lexicon.N_COLOURS)
        predicates = [
            [p for p in pool if lexicon.colour(p) == shade]
            for pool in predicates
        ]
    while True:
        chosen = [rng.choice(pool) for pool in predicates]
        fitting = set(range(lexicon.N_COLOURS)).intersection(
            *(lexicon.noun_colours(lexicon.colour(p), split) for p in chosen)
        )
        pools = [[n for n in p if lexicon.colour(n) in fitting] for p in nouns]
        if len(set(chosen)) < len(chosen) or not all(pools):
            continue
        taken = [rng.choice(pool) for pool in pools]
        if len(set(taken)) == len(taken):
            return chosen, taken
