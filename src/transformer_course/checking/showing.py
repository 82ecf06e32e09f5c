"""Shows verdicts, hints and solutions, in a notebook or in a terminal."""

from __future__ import annotations

import ast
import html
from collections.abc import Callable, Sequence
from typing import Any

from IPython.core.getipython import get_ipython
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from transformer_course.checking.exercise import Exercise
from transformer_course.checking.judging import is_stub, judge
from transformer_course.checking.registry import find
from transformer_course.checking.verdict import SAID, Kind, Verdict
from transformer_course.reporting import show_html, source_of

SIGNS = {
    Kind.NOT_ATTEMPTED: ("○", "#7a7a7a"),
    Kind.RIGHT: ("✓", "#2e7d32"),
    Kind.MISTAKE: ("✗", "#b26a00"),
    Kind.WRONG: ("✗", "#b26a00"),
    Kind.FAILED: ("!", "#b3261e"),
}
OPENED: dict[str, int] = {}  # hints that were shown, by exercise


def check(name: str, function: Callable[..., Any]) -> None:
    """Say whether an answer is right, or what it most likely does wrong.

    Args:
        name: Name of the exercise, such as ``"07-window-mask"``.
        function: Your function, not called.

    Raises:
        UnknownExerciseError: There is no such exercise; the nearest is named.
    """
    exercise = find(name)
    if exercise.seconds and callable(function) and not is_stub(function):
        minutes = max(1, round(exercise.seconds / 60))
        print(f"{name}: your function trains, about {minutes} min ...")
    verdict = judge(name, function)
    if in_notebook():
        show_html(markup(verdict), str(verdict))
    else:
        print(verdict)


def hint(name: str) -> None:
    """Give an exercise's hints, one at a time.

    A notebook shows closed toggles, each inside the one before; elsewhere
    each call prints the next hint.

    Args:
        name: Name of the exercise.

    Raises:
        UnknownExerciseError: There is no such exercise; the nearest is named.
    """
    hints = find(name).hints
    if in_notebook():
        show_html(nested(hints), f"{len(hints)} hints for {name}")
        return
    place = min(OPENED.get(name, 0), len(hints) - 1)
    OPENED[name] = place + 1
    rest = len(hints) - place - 1
    more = f" ({rest} more: call hint again)" if rest else " (the last)"
    print(f"Hint {place + 1} of {len(hints)}{more}:\n{hints[place]}")


def solution(name: str) -> None:
    """Show a right answer; a notebook shows it behind a closed toggle.

    Args:
        name: Name of the exercise.

    Raises:
        UnknownExerciseError: There is no such exercise; the nearest is named.
    """
    source = solution_source(find(name))
    if not in_notebook():
        print(source)
        return
    code = highlight(
        source, PythonLexer(), HtmlFormatter(cssclass="highlight")
    )
    show_html(
        toggle("A solution", f'<div class="cell-source">{code}</div>'),
        f"a solution of {name}",
    )


def solution_source(exercise: Exercise) -> str:
    """Give the source text of a right answer.

    Args:
        exercise: The exercise.

    Returns:
        Python that can be pasted into the chapter. Annotations are left out:
        the chapter need not have imported the names in them.
    """
    source = exercise.solution.strip() or source_of(exercise.reference)
    lines = source.splitlines()
    functions = [
        node
        for node in ast.parse(source).body
        if isinstance(node, ast.FunctionDef)
    ]
    for function in reversed(functions):
        for argument in ast.walk(function.args):
            if isinstance(argument, ast.arg):
                argument.annotation = None
        head = f"def {function.name}({ast.unparse(function.args)}):"
        lines[function.lineno - 1 : function.body[0].lineno - 1] = [head]
    return "\n".join(lines)


def toggle(label: str, inside: str) -> str:
    """Write a box that stays closed until it is opened.

    It needs neither script nor style sheet, so that it also works in
    JupyterLab, where running all cells must give nothing away.

    Args:
        label: What the closed box says.
        inside: HTML.

    Returns:
        One ``details`` element.
    """
    return (
        '<details style="border-left: 4px solid #7a7a7a; padding: 0 0.8em; '
        'margin: 0.3em 0;"><summary style="cursor: pointer; padding: 0.4em '
        f'0;">{html.escape(label)}</summary>{inside}</details>'
    )


def nested(hints: Sequence[str]) -> str:
    """Write hints as toggles, each inside the one before.

    Args:
        hints: From a nudge to nearly the answer.

    Returns:
        HTML.
    """
    inside = ""
    for place in range(len(hints), 0, -1):
        text = f"<p>{html.escape(hints[place - 1])}</p>"
        inside = toggle(f"Hint {place} of {len(hints)}", text + inside)
    return inside


def in_notebook() -> bool:
    """Say whether there is a notebook that can show HTML."""
    shell = get_ipython()
    return shell is not None and hasattr(shell, "kernel")


def markup(verdict: Verdict) -> str:
    """Write a verdict as HTML that is readable in the dark, too.

    Args:
        verdict: What to show.

    Returns:
        One ``div`` that needs nothing from outside itself.
    """
    sign, colour = SIGNS[verdict.kind]
    head = html.escape(f"{verdict.exercise}: {SAID[verdict.kind]}")
    title = f"<div>{html.escape(verdict.title)}</div>" if verdict.title else ""
    body = (
        '<pre style="white-space: pre-wrap; margin: 0.3em 0 0; background: '
        f'none; color: inherit;">{html.escape(verdict.body)}</pre>'
        if verdict.body
        else ""
    )
    return (
        f'<div role="status" style="border-left: 4px solid {colour}; '
        'padding: 0.3em 0.8em;">'
        f'<strong><span aria-hidden="true">{sign}</span> {head}</strong>'
        f"{title}{body}</div>"
    )
