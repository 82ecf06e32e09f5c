"""A slide, and how much room its parts take on it."""

from __future__ import annotations

import html
import math
from dataclasses import dataclass, field

from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from tools.deck.blocks import Block
from tools.deck.text import html_of, inline, lead

# A slide is 1280 x 720. Under a heading of one line there are so many pixels.
ROOM = 540
HEADING_LINE = 48
HEADING_LETTERS = 50
LINE = 44  # pixels, of text
LETTERS = 74  # in a line of text
CODE_LINE = 29
SIDE_BY_SIDE = 1.55  # a picture narrower than this stands beside its caption
CAPTION_WORDS = 45
ABOVE_A_PICTURE = 2 * LINE + 18  # pixels of text, at most


@dataclass
class Slide:
    """One slide.

    Attributes:
        kind: Its class in the style sheet.
        title: Heading, Markdown.
        parts: HTML, from top to bottom.
        notes: What the lecturer sees, Markdown paragraphs.
        used: Pixels that the parts take, estimated.
        over: Small line above the heading, Markdown.
    """

    kind: str
    title: str
    parts: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    used: int = 0
    over: str = ""

    def add(self, markup: str, height: int) -> None:
        """Put a part under the others."""
        self.parts.append(markup)
        self.used += height

    @property
    def room(self) -> int:
        """Pixels under the heading."""
        lines = math.ceil(max(len(self.title), 1) / HEADING_LETTERS)
        over = 34 if self.over else 0
        return ROOM - over - HEADING_LINE * (lines - 1)

    def fits(self, height: int) -> bool:
        """Say whether a part of this height has room."""
        return self.used + height <= self.room

    @property
    def heading(self) -> str:
        """The heading as HTML."""
        return inline(self.title)

    @property
    def classes(self) -> str:
        """Its kind, and whether its text may be set larger."""
        large = self.kind == "text" and 0 < self.used <= ROOM // 2
        return f"{self.kind} large" if large else self.kind

    @property
    def notes_html(self) -> str:
        """The notes as HTML."""
        return html_of("\n\n".join(self.notes))


def text_height(markdown: str, letters: int = LETTERS) -> int:
    """Estimate the pixels of a paragraph."""
    return math.ceil(max(len(markdown), 1) / letters) * LINE + 18


def height(block: Block) -> int:
    """Estimate the pixels of a block in full."""
    if block.kind == "math":
        rows = max(block.text.count(r"\\") + 1, 1 + ("frac" in block.text))
        return 60 + 46 * rows
    if block.kind == "table":
        return 52 * (block.text.count("\n")) + 20
    if block.kind == "list":
        items = block.text.splitlines()
        return sum(text_height(item, LETTERS - 4) - 8 for item in items)
    if block.kind in ("code", "output"):
        return CODE_LINE * (block.text.count("\n") + 1) + 50
    return text_height(block.text)


def code_html(source: str) -> str:
    """Render a cell's code, coloured."""
    formatter = HtmlFormatter(cssclass="highlight", wrapcode=True)
    return str(highlight(source, PythonLexer(), formatter))


def output_html(printed: str) -> str:
    """Render what a cell printed."""
    return f'<pre class="printed">{html.escape(printed)}</pre>'


def is_beside(figure: Block) -> bool:
    """Say whether a picture stands beside its caption, not above it."""
    width, tall = figure.size
    return width / tall < SIDE_BY_SIDE


def put_figure(slide: Slide, block: Block, source: str) -> None:
    """Fill what is left of a slide with a picture and its caption.

    Args:
        slide: Empty, or with a few lines of text.
        block: The picture.
        source: Its address, seen from the page.
    """
    caption = lead(block.text, CAPTION_WORDS)
    width, tall = block.size
    text = "".join(slide.parts)
    below = f"<figcaption>{inline(caption)}</figcaption>" if caption else ""
    if is_beside(block):
        style, most, widest = "beside", slide.room, 700
        slide.parts, below = [], f'<div class="words">{text}{below}</div>'
    else:
        style, widest = "above", 1120
        under = 33 * math.ceil(len(caption) / 98) + 24 if caption else 0
        most = slide.room - slide.used - under
    scale = min(most / tall, widest / width)
    width, tall = int(width * scale), int(tall * scale)
    slide.add(
        f'<figure class="{style}"><img src="{html.escape(source)}" '
        f'alt="{html.escape(block.title)}" width="{width}" height="{tall}">'
        f"{below}</figure>",
        slide.room - slide.used,
    )
