"""What a cell shows besides pictures: numbers with their band, our source."""

from __future__ import annotations

import html
import inspect
import json
import math
import textwrap
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

from IPython.display import display
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

# The tools that store and compare notebooks look for these two comments:
# what stands between them is a picture, shown but neither stored nor compared.
PICTURE_OPENS = "<!--picture-->"
PICTURE_CLOSES = "<!--/picture-->"


# Results of trainings too long for a chapter, each a JSON file with its
# command, seeds, machine and log.
RUNS = Path(__file__).resolve().parents[2] / "chapters" / "runs"


def report(name: str, value: float, low: float, high: float) -> None:
    """Print a measured number, and fail where it leaves its band.

    A trained number differs a little from machine to machine, so a chapter
    claims a band and this holds the chapter to it. The value is printed in
    front of the band; comparing tools ignore the value and keep the band.

    Args:
        name: What was measured, with its unit where it has one.
        value: The measured number.
        low: Smallest value for which the chapter's text is still true.
        high: Largest such value.

    Raises:
        ValueError: ``low`` is above ``high`` or either is not a number.
        AssertionError: ``value`` is not a number from ``low`` to ``high``.
    """
    if math.isnan(low) or math.isnan(high) or low > high:
        raise ValueError(f"the band of {name!r} runs from {low} to {high}")
    number = float(value)
    band = f"(band {low:g} to {high:g})"
    if not low <= number <= high:
        raise AssertionError(f"{name} = {number:.4g} is outside its {band}")
    print(f"{name} = {number:.3g}  {band}")


def committed_run(name: str) -> dict[str, Any]:
    """Read the committed result of a training too long for a chapter.

    Args:
        name: File name in ``chapters/runs`` without ``.json``, such as
            ``"05-pronouns"``.

    Returns:
        What the file says: always ``"command"``, ``"seeds"``, ``"machine"``
        and ``"seconds"``, besides its results.

    Raises:
        FileNotFoundError: There is no such run; the message lists those
            that there are.
        ValueError: The file lacks one of the four entries.
    """
    path = RUNS / f"{name}.json"
    if not path.is_file():
        known = ", ".join(sorted(p.stem for p in RUNS.glob("*.json")))
        raise FileNotFoundError(
            f"no committed run {name!r} in {RUNS}; there are: {known or None}"
        )
    run: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    missing = {"command", "seeds", "machine", "seconds"} - run.keys()
    if missing:
        raise ValueError(f"{path} lacks {', '.join(sorted(missing))}")
    return run


def show_html(markup: str, description: str) -> None:
    """Show a piece of HTML as the cell's picture.

    Args:
        markup: HTML that needs nothing from outside itself.
        description: What a reader who cannot see it should know; it is also
            the text that a terminal shows.
    """
    display(
        {
            "text/html": f"{PICTURE_OPENS}{markup}{PICTURE_CLOSES}",
            "text/plain": description,
        },
        raw=True,
    )


def source_of(thing: Callable[..., Any] | type | ModuleType) -> str:
    """Return the installed source text of a function, class or module.

    Args:
        thing: Something defined in a file.

    Returns:
        Its source, without common indentation and without the final newline.

    Raises:
        TypeError: ``thing`` has no source file.
    """
    return textwrap.dedent(inspect.getsource(thing)).rstrip("\n")


def show_source(*things: Callable[..., Any] | type) -> None:
    """Show the library's own source of functions or classes, highlighted.

    The text is read from the installed module, so the book cannot show
    anything but the code that runs.

    Args:
        things: Functions or classes of ``transformer_course``.
    """
    formatter = HtmlFormatter(cssclass="highlight library-source")
    parts, names = [], []
    for thing in things:
        name = f"{thing.__module__}.{thing.__qualname__}"
        code = highlight(source_of(thing), PythonLexer(), formatter)
        parts.append(
            '<p class="library-source-name">From the library: '
            f"<code>{html.escape(name)}</code></p>{code}"
        )
        names.append(name)
    show_html(
        f'<div class="cell-source">{"".join(parts)}</div>',
        "library source: " + ", ".join(names),
    )
