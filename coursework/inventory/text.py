"""Markdown of the sources as HTML, and texts made comparable."""

from __future__ import annotations

import html
import re
import unicodedata

from markdown_it import MarkdownIt

TAG = re.compile(r"</?[a-zA-Z][^>]*>")
_PARSER = MarkdownIt("commonmark", {"html": False}).enable("table")


def block(source: str) -> str:
    """Render paragraphs, lists and tables.

    Args:
        source: Markdown; HTML in it is shown, not obeyed.

    Returns:
        HTML.
    """
    return str(_PARSER.render(source)).strip()


def inline(source: str) -> str:
    """Render one line, such as an answer, without a paragraph around it."""
    return str(_PARSER.renderInline(source)).strip()


def plain(text: str) -> str:
    """Reduce a text to what two copies of it have in common.

    Learning-management systems return answers as text, with or without
    markup, with other quotation marks and blanks.

    Args:
        text: Markdown or HTML.

    Returns:
        Letters, digits, points and brackets in lower case, joined; what
        looks like a tag is left out, escaped or not.
    """
    bare = TAG.sub(" ", html.unescape(TAG.sub(" ", text)))
    bare = unicodedata.normalize("NFKC", bare).casefold()
    return "".join(c for c in bare if c.isalnum() or c in ".[]%")
