"""The inventory as Moodle XML.

Moodle's question bank imports Blackboard's dialect of QTI 1.2 and not the
standard's, so it gets its own format (docs.moodle.org, "Moodle XML format").
"""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree as ET

from coursework.inventory.forms import Form, Item
from coursework.inventory.qti import as_bytes, title
from coursework.inventory.text import block, inline


def quiz(form: Form) -> ET.Element:
    """Write a form as a category with its questions.

    Args:
        form: The form; options stay in its order.

    Returns:
        The root, ``quiz``.
    """
    root = ET.Element("quiz")
    category = ET.SubElement(root, "question", type="category")
    _text(category, "category", f"$course$/top/{title(form)}")
    for item in form.items:
        _question(root, item)
    return root


def write(form: Form, path: Path) -> None:
    """Write the file that Moodle's question bank imports."""
    path.write_bytes(as_bytes(quiz(form)))


def _question(root: ET.Element, item: Item) -> None:
    question = ET.SubElement(root, "question", type="multichoice")
    _text(question, "name", f"{item.number:02} {item.question.key}")
    _text(question, "questiontext", block(item.question.stem), "html")
    for tag, value in (
        ("defaultgrade", "1"),
        ("penalty", "0"),
        ("idnumber", item.question.key),
        ("single", "true"),
        ("shuffleanswers", "false"),
        ("answernumbering", "ABCD"),
    ):
        ET.SubElement(question, tag).text = value
    for option in item.options:
        answer = ET.SubElement(
            question,
            "answer",
            fraction="0" if option.belief else "100",
            format="html",
        )
        ET.SubElement(answer, "text").text = inline(option.text)


def _text(parent: ET.Element, tag: str, text: str, kind: str = "") -> None:
    attributes = {"format": kind} if kind else {}
    holder = ET.SubElement(parent, tag, attributes)
    ET.SubElement(holder, "text").text = text
