"""Build lecture slides out of the chapters: python -m tools.slides.

What a slide shows is decided in tools/deck/rules.py, from the chapters' own
cells; the pictures are those of the built book (make book). The pages need
nothing from outside their folder: reveal.js comes out of a pinned archive,
MathJax from the book. (nbconvert's own slides put 300 KB of JupyterLab's
styles into each page, ask three other hosts, and know no MyST.)
"""

from __future__ import annotations

import argparse
import hashlib
import shutil
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from jupyter_cache import get_cache
from nbformat import NotebookNode
from pygments.formatters import HtmlFormatter

if __package__ in (None, ""):  # started as a file
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tools import notebooks
from tools.book import ROOT, toc_documents
from tools.deck.blocks import blocks_of
from tools.deck.rules import slides_of
from tools.deck.slide import Slide
from transformer_course.archives import Archive, ArchiveError, read_member

HERE = Path(__file__).resolve().parent / "deck"


def reveal() -> Archive:
    """Name the archive that reveal.js is taken from."""
    pinned = tomllib.loads((HERE / "reveal.lock").read_text("utf-8"))
    return Archive(name="reveal.js", **pinned["reveal"])


class SlidesError(RuntimeError):
    """There can be no slides; the message says what is missing."""


@dataclass
class Deck:
    """The slides of one chapter."""

    name: str
    title: str
    slides: list[Slide]


def executed(path: Path, build: Path) -> NotebookNode:
    """Find the result of a chapter in the built book.

    Args:
        path: The chapter.
        build: The book's build folder.

    Returns:
        The chapter with its outputs, pictures among them.

    Raises:
        SlidesError: It was not executed as it now stands.
    """
    cache = get_cache(str(build / ".jupyter_cache"))
    merged: NotebookNode
    try:
        _, merged = cache.merge_match_into_notebook(notebooks.read(path))
    except KeyError as error:
        raise SlidesError(
            f"{path.name} has changed since the book was built: make book"
        ) from error
    return merged


def chapters() -> list[tuple[Path, str]]:
    """List the chapters in the book's order, each with its title there."""
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    titles: dict[str, str] = {}

    def walk(entry: dict[str, Any]) -> None:
        if "file" in entry and "title" in entry:
            titles[entry["file"]] = entry["title"]
        for key in ("parts", "chapters", "sections"):
            for inner in entry.get(key, []):
                walk(inner)

    walk(toc)
    names = [name for name in toc_documents(toc) if name[:9] == "chapters/"]
    return [(ROOT / f"{name}.ipynb", titles.get(name, "")) for name in names]


def make_deck(notebook: NotebookNode, name: str, folder: Path) -> Deck:
    """Make a chapter's slides and keep their pictures in ``folder``.

    Args:
        notebook: The executed chapter.
        name: Its file name without ending.
        folder: Where the page will stand.

    Returns:
        The slides; a picture's address is relative to the page.
    """
    images = folder / "images"
    images.mkdir(parents=True, exist_ok=True)

    def save(png: bytes) -> str:
        file = f"{name[:2]}-{hashlib.sha256(png).hexdigest()[:12]}.png"
        (images / file).write_bytes(png)
        return f"images/{file}"

    slides = slides_of(blocks_of(notebook), save)
    return Deck(name, slides[0].title, slides)


def templates() -> Environment:
    """Open the folder of page templates."""
    return Environment(
        loader=FileSystemLoader(HERE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def write_assets(folder: Path) -> None:
    """Put reveal.js, MathJax and our own style beside the pages."""
    archive, beside = reveal(), folder / "reveal"
    beside.mkdir(parents=True, exist_ok=True)
    for member in archive.members:
        data = read_member(archive, member)
        (beside / Path(member).name).write_bytes(data)
    shutil.copytree(ROOT / "book" / "_static" / "mathjax", folder / "mathjax")
    styles = (HERE / "deck.css").read_text(encoding="utf-8")
    for mode in ("light", "dark"):
        colours: Any = HtmlFormatter(style=f"a11y-high-contrast-{mode}")
        where = f'html[data-theme="{mode}"] .highlight'
        styles += colours.get_style_defs(where)
    (folder / "deck.css").write_text(styles, encoding="utf-8")
    shutil.copy(HERE / "deck.js", folder)


def build(paths: list[tuple[Path, str]], built: Path, final: Path) -> int:
    """Write the slides of the chapters and a page that lists them.

    Args:
        paths: The chapters, each with its title.
        built: Build folder of the book.
        final: Folder for the slides; replaced when all of them are made.
    """
    folder = final.with_name(f"{final.name}.part")
    shutil.rmtree(folder, ignore_errors=True)
    write_assets(folder)
    pages = templates()
    decks = []
    for path, title in paths:
        deck = make_deck(executed(path, built), path.stem, folder)
        deck.title = title or deck.title
        page = pages.get_template("deck.html").render(deck=deck)
        (folder / f"{deck.name}.html").write_text(page, encoding="utf-8")
        print(f"  {len(deck.slides):4} slides  {deck.title}", flush=True)
        decks.append(deck)
    index = pages.get_template("index.html").render(decks=decks)
    (folder / "index.html").write_text(index, encoding="utf-8")
    shutil.rmtree(final, ignore_errors=True)
    folder.replace(final)
    print(f"slides: open {final / 'index.html'}")
    return 0


def main(arguments: list[str] | None = None) -> int:
    """Parse the command line and do what it says."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.slides", description=__doc__
    )
    parser.add_argument("--built", type=Path, default=ROOT / "_build")
    parser.add_argument("--out", type=Path, default=ROOT / "_build" / "slides")
    given = parser.parse_args(arguments)
    try:
        return build(chapters(), given.built, given.out)
    except (SlidesError, ArchiveError) as error:
        print(f"There are no slides.\n{error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
