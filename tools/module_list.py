"""Sphinx extension: one flat list of the modules whose source is shown.

Where a package and its modules both appear, ``sphinx.ext.viewcode`` puts a
list straight into a list, which is not valid HTML; screen readers then
miscount it.
"""

from __future__ import annotations

import re
from typing import Any


def flatten(body: str) -> str:
    """Put all entries of a list of modules on one level.

    Args:
        body: The page's HTML: a heading and possibly nested lists.

    Returns:
        The heading and one list of all entries, in their order.
    """
    heading, _, lists = body.partition("<ul>")
    entries = re.findall(r"<li>.*?</li>", lists, re.DOTALL)
    return f"{heading}<ul>{''.join(entries)}</ul>"


def _repair(
    app: Any, pagename: str, template: str, context: dict[str, Any], tree: Any
) -> None:
    if pagename == "_modules/index":
        context["body"] = flatten(context["body"])


def setup(app: Any) -> dict[str, Any]:
    """Register with Sphinx."""
    app.connect("html-page-context", _repair)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
