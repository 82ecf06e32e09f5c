"""A feedback page that runs nothing and needs no other host."""

from __future__ import annotations

import uuid
from typing import Any

import bleach
from bs4 import BeautifulSoup
from docutils.utils.math import MathError
from docutils.utils.math.latex2mathml import tex2mathml
from jinja2 import DictLoader, pass_context
from nbconvert.exporters import HTMLExporter
from nbconvert.filters.markdown_mistune import (
    IPythonRenderer,
    MarkdownWithMath,
)
from nbformat import NotebookNode
from nbgrader.preprocessors import GetGrades, NbGraderPreprocessor
from nbgrader.utils import is_grade, is_solution

# In place of nbconvert's template of the same name, which loads a script
# from another host into the page.
NO_SCRIPT = "{%- macro mathjax(url='') -%}{%- endmacro %}"


# Messages are longer than a line: nbgrader's style cuts them off.
STYLE = """
div.output_area pre { white-space: pre-wrap; overflow-wrap: anywhere; }
.rendered_html td, .rendered_html th, .text_cell td, .text_cell th {
  padding: 0.2em 0.8em;
}
"""


TAGS = {
    *bleach.ALLOWED_TAGS, "br", "dd", "del", "div", "dl", "dt", "h1", "h2",
    "h3", "h4", "h5", "h6", "hr", "img", "p", "pre", "s", "span", "sub", "sup",
    "table", "tbody", "td", "th", "thead", "tr",
}  # fmt: skip
ATTRIBUTES = {
    **bleach.ALLOWED_ATTRIBUTES,
    "*": ["class", "id"],
    "img": ["alt", "src", "width"],
    "td": ["align"],
    "th": ["align"],
}


class Grades(GetGrades):  # type: ignore[misc]
    """nbgrader's, which says besides what nobody has marked yet."""

    def _get_score(self, cell: NotebookNode, resources: Any) -> None:
        super()._get_score(cell, resources)
        grade = self.gradebook.find_grade(
            cell.metadata["nbgrader"]["grade_id"],
            self.notebook_id,
            self.assignment_id,
            self.student_id,
        )
        cell.metadata.nbgrader["waits"] = bool(grade.needs_manual_grade)


class Readable(NbGraderPreprocessor):  # type: ignore[misc]
    """Our style beside nbgrader's; a score is not shown twice."""

    def preprocess(
        self, nb: NotebookNode, resources: dict[str, Any]
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """Add the style; drop the number by which nbgrader learns a score.

        Who waits for a mark is noted for ``say_what_waits``.

        Args:
            nb: A graded notebook; changed.
            resources: What the template gets; changed.

        Returns:
            Both.
        """
        inlining = resources.setdefault("inlining", {})
        inlining.setdefault("css", []).append(STYLE)
        questions = resources.setdefault("questions", {})
        for cell in nb.cells:
            if is_grade(cell):
                about = cell.metadata["nbgrader"]
                points = about["points"] if about.get("waits") else 0.0
                questions[about["grade_id"]] = points
            if is_grade(cell) and not is_solution(cell):
                cell.outputs = [
                    output
                    for output in cell.get("outputs", [])
                    if output.output_type != "execute_result"
                ]
        return nb, resources


class Renderer(IPythonRenderer):
    """nbconvert's, but formulas become MathML, which browsers show.

    A formula is put into the text after the text was cleaned, in place of a
    word that nobody can know beforehand.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.mark = uuid.uuid4().hex
        self.formulas: list[str] = []

    def block_math(self, body: str) -> str:
        """Set a formula on lines of its own.

        Args:
            body: LaTeX.

        Returns:
            The word in its place.
        """
        return f"<div>{self._kept(body, block=True)}</div>"

    def inline_math(self, body: str) -> str:
        """Set a formula within a line.

        Args:
            body: LaTeX.

        Returns:
            The word in its place.
        """
        return self._kept(body, block=False)

    def latex_environment(self, name: str, body: str) -> str:
        """Set an environment, such as align.

        Args:
            name: What stands in the braces of begin.
            body: LaTeX between begin and end.

        Returns:
            The word in its place.
        """
        name = {"align": "aligned", "align*": "aligned"}.get(name, name)
        return self.block_math(f"\\begin{{{name}}}{body}\\end{{{name}}}")

    def finished(self, html: str) -> str:
        """Clean a text of what a browser would run; put the formulas in.

        Args:
            html: What was rendered.

        Returns:
            HTML.
        """
        clean: str = bleach.clean(
            html, TAGS, ATTRIBUTES, [*bleach.ALLOWED_PROTOCOLS, "data"]
        )
        for number, formula in enumerate(self.formulas):
            clean = clean.replace(self._word(number), formula)
        return clean

    def _word(self, number: int) -> str:
        return f"{self.mark}-{number}-"

    def _kept(self, body: str, *, block: bool) -> str:
        """Keep a formula; give LaTeX back where it cannot be translated."""
        try:
            formula = str(tex2mathml(body.strip(), as_block=block))
        except (MathError, SyntaxError, IndexError, AttributeError):
            formula = f"<code>{self.escape_html(body)}</code>"
        self.formulas.append(formula)
        return self._word(len(self.formulas) - 1)


def say_what_waits(html: str, questions: dict[str, float]) -> str:
    """Tell a written answer that nobody has read from one that earned 0.

    Args:
        html: nbgrader's page.
        questions: Points that are not marked yet, by grade_id; 0 where all
            is marked.

    Returns:
        The page. Its list names each question by its own name.
    """
    page = BeautifulSoup(html, "html.parser")
    for name, points in questions.items():
        link = page.select_one(f'#toc a[href="#{name}"]')
        head = page.find("a", attrs={"name": name})
        if link is None or head is None:
            continue
        link.string = name
        score = head.find_next(class_="pull-right")
        if points and score is not None and link.next_sibling:
            unread = f"{points:g} points, not marked yet"
            link.next_sibling.replace_with(f" ({unread})")
            score.contents[0].replace_with(f"{unread} ")
    title, waiting = page.find("h4"), sum(questions.values())
    if waiting and title is not None:
        title.append(f"; {waiting:g} points are not marked yet")
    return str(page)


class SafeExporter(HTMLExporter):
    """nbconvert's page without scripts: neither students' nor of others."""

    def __init__(self, **options: Any) -> None:
        loader = DictLoader({"mathjax.html.j2": NO_SCRIPT})
        super().__init__(  # type: ignore[no-untyped-call]
            extra_loaders=[loader], **options
        )

    @pass_context
    def markdown2html(self, context: Any, source: str) -> str:
        """Render a cell's text.

        Args:
            context: What the template knows of the cell.
            source: Markdown.

        Returns:
            HTML.
        """
        renderer = Renderer(
            escape=False,
            attachments=context.get("cell", {}).get("attachments", {}),
            embed_images=self.embed_images,
            path=context["resources"].get("metadata", {}).get("path", ""),
            anchor_link_text=self.anchor_link_text,
            exclude_anchor_links=self.exclude_anchor_links,
        )
        html = MarkdownWithMath(renderer=renderer).render(source)
        return renderer.finished(str(html))


class FeedbackExporter(SafeExporter):
    """A student's page: it says besides what is not marked yet."""

    def from_notebook_node(  # type: ignore[no-untyped-def]
        self, nb: NotebookNode, resources: Any = None, **options: Any
    ):
        """Render a notebook.

        Args:
            nb: A graded notebook.
            resources: What the template gets.
            options: nbconvert's.

        Returns:
            The page, and the resources.
        """
        html, told = super().from_notebook_node(nb, resources, **options)
        return say_what_waits(html, told.get("questions", {})), told
