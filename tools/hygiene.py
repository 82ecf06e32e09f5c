"""The rules that every notebook of the book keeps, as runnable checks."""

from __future__ import annotations

import ast
import itertools
import re
from collections.abc import Iterator

import nbformat
from nbformat import NotebookNode

LONGEST_CELL = 30  # lines
LONGEST_RUN = 60  # seconds on two cores
MOST_UNCOMPARED = 3  # cells that nbval ignores, per chapter
SECTIONS = (
    "Recall", "The question", "By hand", "Build it", "Break it",
    "What people get wrong", "Exercises", "Summary", "References",
)  # fmt: skip
EXERCISE = re.compile(
    r"^:::+\{exercise\}[^\n]*\n(?::[^\n]*\n)*\s*"
    r"\*(Warm-up|Standard|Stretch) · \d+ minutes · [^\n]+\*",
    re.MULTILINE,
)
COST = re.compile(
    r"\*\*Reading:\*\* (\d+) minutes · "
    r"\*\*Running:\*\* (\d+) seconds on two CPU cores"
)
UNWANTED = re.compile(r"\b(simply|obviously|of course|just)\b", re.IGNORECASE)
CODE_OR_QUOTE = re.compile(r"`[^`]*`|\"[^\"]*\"|“[^”]*”")


def is_figure(cell: NotebookNode) -> bool:
    """Say whether a cell is described, or was seen, to draw a figure."""
    described = "image" in cell.metadata.get("mystnb", {})
    return described or any(
        "Figure" in output.get("data", {}).get("text/plain", "")
        for output in cell.get("outputs", [])
    )


def faults(name: str, notebook: NotebookNode) -> Iterator[str]:
    """Name every rule that a notebook breaks, and where.

    Args:
        name: File name; one that starts with a number is a chapter and has
            a chapter's sections, objectives and exercises.
        notebook: The stored notebook.

    Yields:
        One sentence a fault.
    """
    try:
        nbformat.validate(notebook)
    except nbformat.ValidationError as error:
        yield f"not a valid notebook: {error.message}"
    code = [c for c in notebook.cells if c.cell_type == "code"]
    prose = [c.source for c in notebook.cells if c.cell_type == "markdown"]
    yield from _counts(code)
    for number, cell in enumerate(code, start=1):
        for fault in _code_cell(cell, first=number == 1):
            yield f"code cell {number}: {fault}"
    yield from _values_not_compared(code)
    yield from _headings(prose)
    yield from _words(prose)
    if re.match(r"\d\d-", name):
        yield from _opening(prose)
        yield from _sections(prose)
        yield from _exercises(notebook)


def _counts(code: list[NotebookNode]) -> Iterator[str]:
    counts = [c.execution_count for c in code]
    if counts != list(range(1, len(code) + 1)):
        yield f"execution counts are {counts}, not 1 to {len(code)}"


def _code_cell(cell: NotebookNode, *, first: bool) -> Iterator[str]:
    lines = cell.source.splitlines()
    if len(lines) > LONGEST_CELL:
        yield f"{len(lines)} lines, more than {LONGEST_CELL}"
    if re.search(r"^\s*[%!]", cell.source, re.MULTILINE):
        yield "a magic or shell command"
        return
    try:
        nodes = list(ast.walk(ast.parse(cell.source)))
    except SyntaxError as error:
        yield f"does not parse: {error}"
        return
    imports = [n for n in nodes if isinstance(n, ast.Import | ast.ImportFrom)]
    if imports and not first:
        yield "an import outside the first code cell"
    if any(alias.name == "*" for n in imports for alias in n.names):
        yield "a star import"
    yield from _outputs(cell)
    yield from _figure(cell)


def _outputs(cell: NotebookNode) -> Iterator[str]:
    if set(cell.metadata) - {"tags", "mystnb"}:
        yield f"metadata other than tags and mystnb: {set(cell.metadata)}"
    for output in cell.outputs:
        if output.output_type == "error":
            yield f"stores an error: {output.ename}"
        if output.get("name") == "stderr":
            yield "stores stderr"
        data = output.get("data", {})
        if any(kind.startswith("image/") for kind in data):
            yield "stores an image"
        if re.search(r"<!--picture-->.+", str(data.get("text/html", ""))):
            content = data["text/html"]
            if "<!--picture--><!--/picture-->" not in content:
                yield "stores a picture made of HTML"
    tags = set(cell.metadata.get("tags", []))
    if tags & {"nbval-skip", "raises-exception", "nbval-raises-exception"}:
        yield f"tags that let errors pass: {sorted(tags)}"


def _figure(cell: NotebookNode) -> Iterator[str]:
    if not is_figure(cell):
        return
    described = cell.metadata.get("mystnb", {})
    alt = described.get("image", {}).get("alt", "").strip()
    caption = described.get("figure", {}).get("caption", "").strip()
    if len(alt) < 30 or re.fullmatch(r"[\w./-]+", alt):
        yield f"a figure whose alt text {alt!r} does not tell the finding"
    if len(caption) < 30:
        yield f"a figure whose caption {caption!r} does not tell the finding"


def _values_not_compared(code: list[NotebookNode]) -> Iterator[str]:
    ignored = [
        c for c in code if "nbval-ignore-output" in c.metadata.get("tags", [])
    ]
    if len(ignored) > MOST_UNCOMPARED:
        yield (
            f"{len(ignored)} cells whose output is not compared, more than "
            f"{MOST_UNCOMPARED}"
        )
    if any("report(" in c.source for c in ignored):
        yield "a report() in a cell whose output is not compared"
    if any(not c.outputs for c in ignored):
        yield "a cell is excused from comparison but puts nothing out"


def _without_code(text: str) -> str:
    return re.sub(r"^(```+|~~~+).*?^\1", "", text, flags=re.S | re.M)


def _headings(prose: list[str]) -> Iterator[str]:
    found = [
        (len(m[1]), m[2])
        for text in prose
        for m in re.finditer(r"^(#+) (.+)$", _without_code(text), re.M)
    ]
    levels = [level for level, _ in found]
    if not levels or levels[0] != 1 or levels.count(1) != 1:
        yield "does not open with its one title"
    for (before, _), (after, title) in itertools.pairwise(found):
        if after > before + 1:
            yield f"a heading level is skipped before {title!r}"


def _words(prose: list[str]) -> Iterator[str]:
    for text in prose:
        plain = CODE_OR_QUOTE.sub("", _without_code(text))
        for match in UNWANTED.finditer(plain):
            around = plain[max(0, match.start() - 30) : match.end() + 20]
            yield f"the word {match[0]!r} in {around!r}"


def _opening(prose: list[str]) -> Iterator[str]:
    opening = prose[0] if prose else ""
    match = COST.search(opening)
    if match is None:
        yield "the first cell lacks its reading minutes and running seconds"
    elif int(match[2]) > LONGEST_RUN:
        yield f"says that it runs {match[2]} s, more than {LONGEST_RUN}"
    if "**Builds on:**" not in opening:
        yield "the first cell lacks what the chapter builds on"
    _, _, after = opening.partition("**You will be able to**")
    goals = re.findall(r"^- (.+)$", after, re.MULTILINE)
    if not 3 <= len(goals) <= 5:
        yield f"has {len(goals)} objectives, not 3 to 5"


def _sections(prose: list[str]) -> Iterator[str]:
    titles = re.findall(r"^## (.+)$", _without_code("\n".join(prose)), re.M)
    for wanted in SECTIONS:
        if not any(title.startswith(wanted) for title in titles):
            yield f"no section {wanted!r}"


def _exercises(notebook: NotebookNode) -> Iterator[str]:
    cells = notebook.cells
    found = 0
    for cell, following in zip(cells, [*cells[1:], None], strict=False):
        if cell.cell_type != "markdown" or "{exercise}" not in cell.source:
            continue
        found += 1
        title = cell.source.strip().splitlines()[0]
        if not EXERCISE.search(cell.source):
            yield f"{title!r} lacks its line of difficulty and minutes"
        if ":label: ex-" not in cell.source:
            yield f"{title!r} lacks a label"
        tags = following.metadata.get("tags", []) if following else []
        if "exercise" not in tags:
            yield f"{title!r} is not followed by its stub"
    if found < 3:
        yield f"{found} exercises, fewer than 3"
