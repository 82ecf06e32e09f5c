"""Test forms: the same questions with their options in another order."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

from coursework.inventory.questions import Inventory, Option, Question

LETTERS = "ABCD"
FORMS = ("A", "B")
T = TypeVar("T")


@dataclass(frozen=True)
class Item:
    """A question as a form shows it.

    Attributes:
        number: Its number on the sheet, from 1.
        question: The question.
        options: Its options in the order of A, B, C, D.
    """

    number: int
    question: Question
    options: tuple[Option, ...]

    @property
    def right(self) -> str:
        """The letter of the right answer."""
        (place,) = (
            i for i, option in enumerate(self.options) if not option.belief
        )
        return LETTERS[place]

    def option(self, letter: str) -> Option:
        """Give the option that stands behind a letter."""
        return self.options[LETTERS.index(letter)]


@dataclass(frozen=True)
class Form:
    """A form of the inventory: its name and its questions in order."""

    name: str
    inventory: Inventory
    items: tuple[Item, ...]


def build(inventory: Inventory, name: str = "A") -> Form:
    """Lay out a form.

    The right answer stands at each place equally often, up to one, and never
    at the same place of one question in both forms. The wrong answers, the
    places and, in form B, the questions are shuffled by the inventory's seed
    and the form's name: sorted by a hash, so that every machine and every
    version of Python gives the same form.

    Args:
        inventory: The questions.
        name: ``"A"`` or ``"B"``.

    Returns:
        The form.

    Raises:
        ValueError: There is no form of that name.
    """
    if name not in FORMS:
        raise ValueError(f"form {name!r} is not one of {', '.join(FORMS)}")
    n = len(inventory.questions)
    deck = _shuffled(range(n), f"{inventory.seed}/places", str)
    turn = 2 * FORMS.index(name)  # B's right answers stand two places on
    questions = list(enumerate(inventory.questions))
    if name == "B":
        salt = f"{inventory.seed}/questions/{name}"
        questions = _shuffled(questions, salt, lambda pair: pair[1].key)
    items = []
    for number, (i, question) in enumerate(questions, start=1):
        salt = f"{inventory.seed}/options/{name}/{question.key}"
        right, *wrong = question.options
        options = _shuffled(wrong, salt, lambda option: option.text)
        options.insert((deck[i] + turn) % len(LETTERS), right)
        items.append(Item(number, question, tuple(options)))
    return Form(name, inventory, tuple(items))


def _shuffled(
    things: Iterable[T], salt: str, key: Callable[[T], str]
) -> list[T]:
    """Return the things in an order that depends on salt and keys only."""

    def place(thing: T) -> bytes:
        return hashlib.sha256(f"{salt}/{key(thing)}".encode()).digest()

    return sorted(things, key=place)
