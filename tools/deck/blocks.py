"""A chapter as a list of blocks: heading, paragraph, picture, box, output."""

from __future__ import annotations

import base64
import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from nbformat import NotebookNode

from tools.deck.text import parser
from transformer_course.reporting import PICTURE_OPENS

BOX = re.compile(r"\{([\w-]+)\} *(.*)")
OPTION = re.compile(r"^:(\w+): *(.*)\n", re.MULTILINE)
WIDGETS_UP_TO = 60_000  # characters of HTML
STILL_UP_TO = 5_000  # of such as has no button: a long one fits no slide


@dataclass
class Block:
    """One thing on the page.

    Attributes:
        kind: heading, paragraph, list, table, math, box, figure, widget,
            code or output.
        text: Markdown; of a figure its caption, of code and output the text.
        name: Of a box its kind ("admonition", "exercise").
        title: Of a box its title; of a figure its alternative text.
        level: Of a heading.
        png: Of a figure.
        tags: Those of its cell.
    """

    kind: str
    text: str
    name: str = ""
    title: str = ""
    level: int = 0
    png: bytes = b""
    tags: frozenset[str] = field(default_factory=frozenset)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of a figure in pixels."""
        width, height = struct.unpack(">II", self.png[16:24])
        return width, height


def blocks_of(notebook: NotebookNode) -> list[Block]:
    """Take an executed chapter apart.

    Args:
        notebook: The chapter with its outputs.

    Returns:
        Its blocks in the order of the page. Cells tagged "no-slide" are
        left out.
    """
    blocks: list[Block] = []
    for cell in notebook.cells:
        tags = frozenset(cell.metadata.get("tags", ()))
        if "no-slide" in tags:
            continue
        found = _prose if cell.cell_type == "markdown" else _computed
        for block in found(cell):
            block.tags = tags
            blocks.append(block)
    return blocks


KINDS = {
    "heading_open": "heading",
    "paragraph_open": "paragraph",
    "bullet_list_open": "list",
    "ordered_list_open": "list",
    "table_open": "table",
    "math_block": "math",
    "amsmath": "math",
    "colon_fence": "box",
}


def _prose(cell: NotebookNode) -> Iterator[Block]:
    lines = cell.source.splitlines()
    for token in parser().parse(cell.source):
        kind = KINDS.get(token.type)
        if token.level or kind is None or token.map is None:
            continue
        text = "\n".join(lines[token.map[0] : token.map[1]])
        if kind == "heading":
            level = int(token.tag[1:])
            yield Block(kind, text.lstrip("# ").strip(), level=level)
        elif kind == "box":
            match = BOX.match(token.info)
            if match:
                inside = OPTION.sub("", token.content).strip()
                yield Block(kind, inside, name=match[1], title=match[2])
        else:
            yield Block(kind, text.strip())


def _computed(cell: NotebookNode) -> Iterator[Block]:
    yield Block("code", cell.source)
    described = cell.metadata.get("mystnb", {})
    caption = described.get("figure", {}).get("caption", "")
    alt = described.get("image", {}).get("alt", "")
    printed = ""
    for output in cell.outputs:
        if output.output_type == "stream":
            printed += output.text
            continue
        data: dict[str, Any] = output.get("data", {})
        if "image/png" in data:
            png = base64.b64decode(data["image/png"])
            yield Block("figure", caption, title=alt, png=png)
        elif _is_widget(cell, data.get("text/html", "")):
            title = str(data.get("text/plain", ""))
            yield Block("widget", data["text/html"], title=title)
    if printed.strip():
        yield Block("output", printed.rstrip())


def _is_widget(cell: NotebookNode, markup: str) -> bool:
    """Tell a picture made of HTML from source listings and checks."""
    calls = ("show_source(", "check(", "hint(", "solution(")
    return (
        PICTURE_OPENS in markup
        and len(markup)
        <= (WIDGETS_UP_TO if "<button" in markup else STILL_UP_TO)
        and not any(call in cell.source for call in calls)
    )
