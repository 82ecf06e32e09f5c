"""Search what students can see for what they must not."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from pathlib import Path

import nbformat
from nbconvert import HTMLExporter

OPENS, CLOSES = "### BEGIN SOLUTION", "### END SOLUTION"
WINDOW = 3  # lines that together are nobody's coincidence
SHORTEST = 45  # letters and digits of a secret
TEXT = {
    ".css", ".csv", ".html", ".inv", ".ipynb", ".js", ".json", ".md", ".py",
    ".rst", ".tsv", ".txt", ".xml", ".yml",
}  # fmt: skip


def condensed(text: str) -> str:
    """Keep letters, digits and underscores, whatever stands between."""
    return re.sub(r"\W+", "", text)


def visible(path: Path) -> str:
    """Read a file as text, without the tags of a page."""
    text = path.read_text(encoding="utf-8", errors="replace")
    if path.suffix == ".html":
        text = re.sub(r"<[^>]*>", "", text)
    text = re.sub(r"\\[nrt]", " ", text)
    return condensed(html.unescape(text))


def without_imports(lines: list[str]) -> Iterator[str]:
    """Yield lines without blanks around, but for those of imports.

    Imports are everybody's, and the site shows the library's source.
    """
    within = False
    for line in map(str.strip, lines):
        if within or line.startswith(("import ", "from ")):
            within = ")" not in line and (within or "(" in line)
        else:
            yield line


def windows(lines: list[str]) -> Iterator[str]:
    """Yield every few neighbouring lines of code that say something."""
    kept = [
        line
        for line in without_imports(lines)
        if line and not line.startswith("#")
    ]
    for start in range(max(len(kept) - WINDOW + 1, 1)):
        window = condensed("".join(kept[start : start + WINDOW]))
        if len(window) >= SHORTEST:
            yield window


def secrets(source: Path, probes: Path) -> dict[str, str]:
    """List what must not be seen: solutions and probes, by where it is from.

    Text that the source shows outside its solutions is no secret.
    """
    notebook = nbformat.read(source, as_version=4)
    private: dict[str, str] = {}
    public: list[str] = []
    for cell in notebook.cells:
        inside, solution = False, list[str]()
        for line in cell.source.splitlines():
            if line.strip() in (OPENS, CLOSES):
                inside = line.strip() == OPENS
            else:
                (solution if inside else public).append(line)
        for window in windows(solution):
            private[window] = "a solution"
    for window in windows(probes.read_text(encoding="utf-8").splitlines()):
        private.setdefault(window, "the probes")
    shown = condensed("".join(public))
    return {w: origin for w, origin in private.items() if w not in shown}


def found(folder: Path, site: Path, private: dict[str, str]) -> list[str]:
    """Search a release, its rendered pages and the site.

    Args:
        folder: What is about to be released.
        site: The built site; need not exist.
        private: What must not be seen.

    Returns:
        One line for each file that shows something.
    """
    problems = []
    for path in sorted(folder.rglob("*")):
        if path.suffix == ".ipynb":
            page, _ = HTMLExporter().from_filename(str(path))
            text = condensed(html.unescape(re.sub(r"<[^>]*>", "", page)))
            problems += _hits(f"the page of {path.name}", text, private)
    for root in (folder, site):
        for path in sorted(root.rglob("*")):
            if path.suffix in TEXT and path.is_file():
                name = f"{path.relative_to(root.parent)}"
                problems += _hits(name, visible(path), private)
            if path.name in ("probes", "private", "rubrics"):
                problems.append(f"{path.relative_to(root.parent)} is there")
    return problems


def _hits(name: str, text: str, private: dict[str, str]) -> list[str]:
    """Say what a text shows of what is private."""
    hits = sorted({o for window, o in private.items() if window in text})
    return [f"{name} shows text of {' and of '.join(hits)}"] if hits else []
