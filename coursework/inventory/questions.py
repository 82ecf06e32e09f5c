"""The concept inventory as it stands in its one source file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

PRIVATE = Path(__file__).parents[1] / "private"
SOURCE = PRIVATE / "concept_inventory.yaml"
N_WRONG = 3


class SourceError(ValueError):
    """The source of an inventory or a quiz says something impossible."""


@dataclass(frozen=True)
class Belief:
    """A misconception, and where the book treats it.

    Attributes:
        key: Its name in the source.
        says: The belief as somebody who holds it would put it.
        page: Page of the book, without its ending.
        heading: Heading on that page under which it is treated.
        quote: Words that stand under that heading, or nothing.
    """

    key: str
    says: str
    page: str
    heading: str
    quote: str = ""


@dataclass(frozen=True)
class Option:
    """One answer that can be chosen.

    Attributes:
        text: The answer, in Markdown.
        belief: The misconception it shows; None for the right answer.
    """

    text: str
    belief: Belief | None


@dataclass(frozen=True)
class Question:
    """One question of the inventory.

    Attributes:
        key: Its name, the same in every form: ``q01``.
        chapter: Chapter that teaches it.
        outcome: What somebody who answers it can do.
        stem: The question, in Markdown.
        options: The right answer first, then the wrong ones.
        because: Why the right answer is right, for the key.
    """

    key: str
    chapter: str
    outcome: str
    stem: str
    options: tuple[Option, ...]
    because: str


@dataclass(frozen=True)
class Inventory:
    """All questions, and what is printed around them."""

    title: str
    version: int
    seed: int
    minutes: int
    instructions: str
    beliefs: Mapping[str, Belief]
    questions: tuple[Question, ...]


def load(path: Path = SOURCE) -> Inventory:
    """Read an inventory and check that it is whole.

    Args:
        path: Its YAML file.

    Returns:
        The inventory, questions in the order of the file.

    Raises:
        SourceError: A field is missing, a key comes twice, a wrong answer
            names no known belief, or a question does not have three.
    """
    raw = yaml.safe_load(path.read_text("utf-8"))
    try:
        beliefs = {
            key: Belief(key, **entry) for key, entry in raw["beliefs"].items()
        }
        questions = tuple(_question(q, beliefs) for q in raw["questions"])
        whole = Inventory(
            beliefs=beliefs,
            questions=questions,
            **{k: raw[k] for k in raw if k not in ("beliefs", "questions")},
        )
    except (KeyError, TypeError) as error:
        raise SourceError(f"{path}: {error}") from error
    twice = [k for k, n in Counter(q.key for q in questions).items() if n > 1]
    if twice:
        raise SourceError(f"{path}: question {twice[0]} comes twice")
    return whole


def _question(
    raw: Mapping[str, Any], beliefs: Mapping[str, Belief]
) -> Question:
    key = str(raw["id"])
    wrong = raw["wrong"]
    if len(wrong) != N_WRONG:
        raise SourceError(
            f"{key} has {len(wrong)} wrong answers; wanted {N_WRONG}"
        )
    for answer in wrong:
        if answer["belief"] not in beliefs:
            raise SourceError(f"{key}: no belief {answer['belief']!r}")
    options = (
        Option(raw["right"], None),
        *(Option(a["text"], beliefs[a["belief"]]) for a in wrong),
    )
    if len({option.text for option in options}) != len(options):
        raise SourceError(f"{key} has the same answer twice")
    return Question(
        key=key,
        chapter=str(raw["chapter"]),
        outcome=str(raw["outcome"]),
        stem=str(raw["stem"]),
        options=options,
        because=str(raw["because"]),
    )
