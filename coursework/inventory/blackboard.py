"""The inventory as the file that Blackboard's "Upload Questions" reads.

Blackboard imports its own dialect of QTI 1.2 only (and QTI 2.1 in original
courses), but a line of tab-separated text a question in every kind of course
(help.blackboard.com, "Upload questions").
"""

from __future__ import annotations

from pathlib import Path

from coursework.inventory.forms import Form, Item
from coursework.inventory.text import inline


def lines(form: Form) -> list[str]:
    """Write a line a question: MC, question, and each answer with its kind.

    Args:
        form: The form; options stay in its order.

    Returns:
        The lines, their fields in HTML, separated by tabs.
    """
    return [_line(item) for item in form.items]


def write(form: Form, path: Path) -> None:
    """Write the text file that is uploaded into a test or a pool."""
    path.write_text("\n".join(lines(form)) + "\n", "utf-8")


def _line(item: Item) -> str:
    fields = ["MC", inline(item.question.stem)]
    for option in item.options:
        kind = "incorrect" if option.belief else "correct"
        fields += [inline(option.text), kind]
    return "\t".join(" ".join(field.split()) for field in fields)
