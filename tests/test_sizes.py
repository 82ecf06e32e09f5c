"""The library stays small enough to read in an afternoon."""

import ast

import pytest

from tools.book import PACKAGE

LONGEST_FILE = 300  # lines, docstrings not counted
LONGEST_FUNCTION = 40
WIDEST = 79  # columns

FILES = sorted(PACKAGE.rglob("*.py"))
DOCUMENTED = (
    ast.Module,
    ast.ClassDef,
    ast.FunctionDef,
    ast.AsyncFunctionDef,
)


def docstring_lines(node):
    """Count the lines of the docstrings in a piece of code."""
    total = 0
    for part in ast.walk(node):
        if isinstance(part, DOCUMENTED) and ast.get_docstring(part):
            first = part.body[0]
            total += first.end_lineno - first.lineno + 1
    return total


def functions(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = node.end_lineno - node.lineno + 1 - docstring_lines(node)
            yield node.name, length


def test_docstrings_are_not_counted():
    source = 'def f():\n    """One.\n\n    Two.\n    """\n    return 1\n'
    assert list(functions(ast.parse(source))) == [("f", 2)]


@pytest.mark.parametrize(
    "path", FILES, ids=lambda path: str(path.relative_to(PACKAGE))
)
def test_a_file_is_short(path):
    text = path.read_text(encoding="utf-8")
    tree = ast.parse(text)
    assert len(text.splitlines()) - docstring_lines(tree) <= LONGEST_FILE
    assert [f for f in functions(tree) if f[1] > LONGEST_FUNCTION] == []
    assert max(map(len, text.splitlines()), default=0) <= WIDEST
