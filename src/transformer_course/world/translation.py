"""Translation: French "il" or "elle" needs to know what "it" is."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace

from transformer_course.world import french, lexicon, pronouns
from transformer_course.world.facts import Sentence
from transformer_course.world.items import Item, balanced

PRONOUNS = ("il", "elle")


def _of_gender(kind: str, gender: str) -> list[str]:
    return [
        n for n in lexicon.nouns(kind) if lexicon.NOUNS[n].gender == gender
    ]


def translated(sentence: Sentence, pair: int, edit: str) -> Item:
    """Ask for the French of a sentence about what "it" is.

    Args:
        sentence: One of ``pronouns``' sentences.
        pair: Number of the twin pair.
        edit: How the twin differs.

    Returns:
        An item whose input is the English sentence, whose ``target`` is the
        French one, and whose answer is the French pronoun in it.
    """
    asked = pronouns.item(sentence, pair, edit)
    return replace(
        asked,
        answer=french.pronoun(asked.answer),
        choices=PRONOUNS,
        target=french.tell(sentence),
    )


def translation(rng: random.Random, n_pairs: int, split: str) -> list[Item]:
    """Translate a sentence with "it"; the answer is "il" or "elle".

    Half of the pairs have a typed pronoun and half a role-bound one (see
    ``pronouns``). One candidate is masculine in French and the other
    feminine, each of them equally often the first noun, the food or the
    hunter, so that no word of the sentence has a gender of its own to offer.
    """
    genders = (("m", "f"), ("f", "m"))
    items: list[Item] = []
    typed = balanced(rng, n_pairs // 2, lexicon.FRAME_KINDS, genders)
    for frame, (of_food, of_machine) in typed:
        twins = pronouns.typed_twins(
            rng,
            split,
            frame,
            _of_gender("food", of_food),
            _of_gender("machine", of_machine),
        )
        items += _pair(twins, len(items) // 2, "predicate")
    manners = balanced(
        rng,
        n_pairs - len(typed),
        (False, True),
        pronouns.ROLES,
        pronouns.EDITS,
        genders,
    )
    for *manner, (of_hunter, of_hunted) in manners:
        twins = pronouns.role_bound_twins(
            rng,
            split,
            tuple(manner),
            _of_gender("creature", of_hunter),
            _of_gender("creature", of_hunted),
        )
        items += _pair(twins, len(items) // 2, manner[2])
    return items


def _pair(twins: Sequence[Sentence], pair: int, edit: str) -> list[Item]:
    return [translated(sentence, pair, edit) for sentence in twins]
