"""The chapters' Markdown, as far as slides need it: split, count, render."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from mdit_py_plugins.amsmath import amsmath_plugin
from mdit_py_plugins.colon_fence import colon_fence_plugin
from mdit_py_plugins.dollarmath import dollarmath_plugin
from mdit_py_plugins.myst_blocks import myst_block_plugin
from mdit_py_plugins.myst_role import myst_role_plugin
from pybtex.database import (  # type: ignore[import-untyped]
    Entry,
    parse_file,
)

from tools.book import ROOT

# What must not be cut in the middle: mathematics, code, roles, links.
WHOLE = re.compile(
    r"\$\$.+?\$\$|\$[^$]+\$|\{[\w:]+\}`[^`]+`|`[^`]+`|!?\[[^\]]*\]\([^)]*\)",
    re.DOTALL,
)
ABBREVIATIONS = re.compile(r"\b(?:al|eq|e\.g|i\.e|sec|Fig|vs|cf)\.$")
ENDS = re.compile(r"(?<=[.!?])((?:[\"”*)\]])*)\s+(?=[A-Z\"“*$`(\[{\x00])")


def parser() -> MarkdownIt:
    """Make a parser of the Markdown that the chapters are written in."""
    markdown = MarkdownIt("commonmark", {"html": True}).enable("table")
    markdown.use(dollarmath_plugin, double_inline=True)
    markdown.use(amsmath_plugin).use(colon_fence_plugin)
    markdown.use(myst_block_plugin).use(myst_role_plugin)
    rules = {
        "math_inline": lambda math: rf"\({math}\)",
        "math_inline_double": lambda math: rf"\[{math}\]",
        "math_block": lambda math: rf'<div class="math">\[{math}\]</div>',
        "amsmath": lambda math: rf'<div class="math">{math}</div>',
    }
    for name, rule in rules.items():
        markdown.add_render_rule(name, _mathematics(rule))
    markdown.add_render_rule("myst_role", _role)
    markdown.add_render_rule("myst_target", lambda *_: "")
    markdown.add_render_rule("link_open", _link)
    return markdown


def _mathematics(rule: Callable[[str], str]) -> Callable[..., str]:
    def render(
        self: RendererHTML, tokens: list[Token], index: int, *_: object
    ) -> str:
        content = tokens[index].content.strip()
        escaped = content.replace("&", "&amp;").replace("<", "&lt;")
        return rule(escaped)

    return render


def _role(
    self: RendererHTML, tokens: list[Token], index: int, *_: object
) -> str:
    role, content = tokens[index].meta["name"], tokens[index].content
    if role in ("cite:p", "cite:t"):
        return cited(content, in_brackets=role == "cite:p")
    return re.sub(r"\s*<[^>]*>$", "", content)  # a reference's own words


def _link(
    self: RendererHTML,
    tokens: list[Token],
    index: int,
    options: object,
    env: object,
) -> str:
    """Point a link between chapters at the other chapter's slides."""
    target = str(tokens[index].attrs.get("href", ""))
    if ".ipynb" in target:
        name = target.rpartition("/")[2]
        tokens[index].attrSet("href", re.sub(r"\.ipynb.*", ".html", name))
    return self.renderToken(tokens, index, options, env)  # type: ignore[arg-type]


@cache
def _works() -> dict[str, Entry]:
    entries = parse_file(str(ROOT / "book" / "references.bib")).entries
    return {str(key).lower(): entry for key, entry in entries.items()}


def cited(keys: str, *, in_brackets: bool) -> str:
    """Name works by author and year, as the book does.

    Args:
        keys: Keys in references.bib, divided by commas.
        in_brackets: "(Name, year)" instead of "Name (year)".

    Returns:
        HTML.
    """
    names = []
    for key in keys.split(","):
        entry = _works()[key.strip().lower()]
        people = entry.persons.get("author") or entry.persons["editor"]
        last = [" ".join(person.last_names).strip("{}") for person in people]
        who = f"{last[0]} et al." if len(last) > 2 else " and ".join(last)
        year = entry.fields["year"]
        names.append(f"{who}, {year}" if in_brackets else f"{who} ({year})")
    joined = "; ".join(names) if in_brackets else ", ".join(names)
    return (
        f'<span class="cite">{f"({joined})" if in_brackets else joined}</span>'
    )


@cache
def _parser() -> MarkdownIt:
    return parser()


def html_of(markdown: str) -> str:
    """Render blocks of Markdown."""
    return str(_parser().render(markdown))


def inline(markdown: str) -> str:
    """Render one paragraph of Markdown without the paragraph around it."""
    return str(_parser().renderInline(" ".join(markdown.split())))


def sentences(paragraph: str) -> list[str]:
    """Cut a paragraph into sentences; mathematics, code and bold stay whole.

    Args:
        paragraph: Markdown of one paragraph.

    Returns:
        Its sentences, which joined by blanks give the paragraph again.
    """
    kept: list[str] = []

    def put_away(match: re.Match[str]) -> str:
        kept.append(match[0])
        return f"\x00{len(kept) - 1}\x00"

    text = WHOLE.sub(put_away, " ".join(paragraph.split()))
    parts = ENDS.sub(lambda match: f"{match[1]}\n", text).split("\n")
    whole: list[str] = []
    for part in parts:
        if whole and (
            ABBREVIATIONS.search(whole[-1])
            or whole[-1].count("**") % 2
            or whole[-1].count("(") > whole[-1].count(")")
        ):
            whole[-1] += f" {part}"
        else:
            whole.append(part)
    return [
        re.sub(r"\x00(\d+)\x00", lambda match: kept[int(match[1])], part)
        for part in whole
    ]


def words(markdown: str) -> int:
    """Count words as an audience reads them; a formula counts as three."""
    plain = re.sub(r"\$[^$]+\$", "a b c", markdown)
    plain = re.sub(r"\{[\w:]+\}`[^`]+`", "name year", plain)
    return len(re.findall(r"[^\W_][\w.,'’-]*", plain))


def lead(paragraph: str, most: int, longest: int = 3) -> str:
    """Keep the first sentences of a paragraph that together fit a slide.

    Args:
        paragraph: Markdown of one paragraph.
        most: Words that fit.
        longest: Sentences at most.

    Returns:
        One to `longest` sentences, or "" where the first alone is too long.
    """
    kept: list[str] = []
    for sentence in sentences(paragraph)[:longest]:
        if words(" ".join([*kept, sentence])) > most:
            break
        kept.append(sentence)
    return " ".join(kept)
