"""The tasks of Squatch World: questions whose right answers are known.

``make`` draws items for a task; ``TASKS`` names them all.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import cache

from transformer_course.world import (
    lexicon,
    multiple_choice,
    pronouns,
    questions,
    sentence_pairs,
    summary,
    translation,
    who_eats_whom,
)
from transformer_course.world.facts import (
    DEGREES,
    LINKS,
    OPENINGS,
    PLACES,
)
from transformer_course.world.items import Item, pair_accuracy

__all__ = ["TASKS", "Item", "make", "pair_accuracy", "vocabulary"]

_MAKERS: dict[str, Callable[[random.Random, int, str], list[Item]]] = {
    "who-eats-whom-active": who_eats_whom.active,
    "who-eats-whom": who_eats_whom.who_eats_whom,
    "pronoun-typed": pronouns.typed,
    "pronoun-role-bound": pronouns.role_bound,
    "question-answering": questions.question_answering,
    "entailment": sentence_pairs.entailment,
    "similarity": sentence_pairs.similarity,
    "multiple-choice": multiple_choice.multiple_choice,
    "summary": summary.summary,
    "feeling": questions.feeling,
    "french": translation.translation,
}
TASKS = tuple(_MAKERS)

_FUNCTION_WORDS = (
    "the . ? is was has been not by it because and what how does feel "
    "yes no maybe same different good bad"
)


def make(
    task: str, n_pairs: int, seed: int, split: str = "train"
) -> list[Item]:
    """Draw items of a task, every one followed by its twin.

    The same arguments give the same items on every machine. Items of
    different splits never share a story, nor a noun together with a
    predicate (see ``lexicon.split_of``); within a split a large draw may
    repeat an item.

    >>> for item in make("who-eats-whom-active", n_pairs=1, seed=4):
    ...     print(item.text, "->", item.answer)
    cake attacks lion -> cake
    lion attacks cake -> lion

    Args:
        task: One of ``TASKS``.
        n_pairs: How many twin pairs.
        seed: Any whole number.
        split: ``"train"``, ``"validation"`` or ``"test"``.

    Returns:
        2 n_pairs items; 2i and 2i + 1 are twins.

    Raises:
        ValueError: ``task`` or ``split`` has no such name, or ``n_pairs`` is
            not positive.
    """
    if task not in _MAKERS:
        raise ValueError(f"task {task!r} is none of {', '.join(TASKS)}")
    if split not in lexicon.SPLITS:
        raise ValueError(
            f"split {split!r} is none of {', '.join(lexicon.SPLITS)}"
        )
    if n_pairs < 1:
        raise ValueError(f"n_pairs is {n_pairs}, wanted at least 1")
    # A string seeds by its SHA-512, so no process's hash seed matters.
    rng = random.Random(f"{task}/{split}/{seed}")
    return _MAKERS[task](rng, n_pairs, split)


@cache
def vocabulary() -> tuple[str, ...]:
    """List every English word that the tasks and the stories hold, sorted.

    That is what the tasks read, what they answer with (French aside) and what
    ``corpus.stories`` tells. Each word occurs in training, so a tokenizer
    made from this meets no unknown word.

    Returns:
        Lower-case words, with "." and "?" among them.
    """
    words = set(_FUNCTION_WORDS.split())
    for noun in lexicon.NOUNS:
        words.add(noun)
    for verb in lexicon.VERBS.values():
        for form in (verb.present, verb.past, verb.participle):
            words.update(form.split())
    for predicate in lexicon.PREDICATES.values():
        words.update(predicate.name.split())
    for fillers in (OPENINGS, PLACES, DEGREES, LINKS):
        for filler in fillers:
            words.update(filler.split())
    return tuple(sorted(words))
