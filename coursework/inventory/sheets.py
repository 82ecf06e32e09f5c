"""Printable pages: the inventory, paper quizzes, and their keys."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from coursework.inventory.forms import LETTERS, Form
from coursework.inventory.quizzes import Sheet
from coursework.inventory.sums import show
from coursework.inventory.text import block, inline

TEMPLATES = Path(__file__).parent / "templates"
EXPONENTS = [i / 2 for i in range(-6, 7)]


def inventory_paper(form: Form) -> str:
    """Lay out a form of the inventory for printing, without its key."""
    return _render("inventory.html", form=form, letters=LETTERS)


def inventory_key(form: Form) -> str:
    """Lay out the key: letters first, then each answer with its belief."""
    return _render("inventory_key.html", form=form, letters=LETTERS)


def quiz_papers(sheets: Sequence[Sheet]) -> str:
    """Lay out one page a student."""
    powers = [(show(x), f"{math.exp(x):.3f}") for x in EXPONENTS]
    return _render("quiz.html", sheets=sheets, powers=powers)


def quiz_key(sheets: Sequence[Sheet]) -> str:
    """Lay out the answers of all students, a block each."""
    return _render("quiz_key.html", sheets=sheets, quiz=sheets[0].quiz)


def _render(name: str, **values: object) -> str:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["block"] = lambda text: Markup(block(text))
    environment.filters["inline"] = lambda text: Markup(inline(text))
    return environment.get_template(name).render(**values) + "\n"
