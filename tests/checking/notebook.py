"""What the tests take from the chapters: stubs, and a pretended notebook."""

import ast
import builtins
import dis
import re
from dataclasses import dataclass
from functools import cache
from types import CodeType, SimpleNamespace

import nbformat
import torch
from torch import nn

from tools.notebooks import CHAPTERS

PRINTED = re.compile(
    r":label: (ex-\d\d-[\w-]+)\s+\*(Warm-up|Standard|Stretch) · (\d+) minutes"
)


@dataclass(frozen=True)
class Recipe:
    """Stands in for chapter 16's."""

    optimizer: str = "AdamW"


@cache
def printed(chapter):
    """Function name to (label, level, minutes, stub) of every exercise."""
    (path,) = CHAPTERS.glob(f"{chapter}-*.ipynb")
    cells = nbformat.read(path, as_version=4).cells
    found, about = {}, None
    for cell in cells:
        if cell.cell_type == "markdown":
            match = PRINTED.search(cell.source)
            about = match.groups() if match else about
        elif "exercise" in cell.metadata.get("tags", []):
            name = re.findall(r"^def (\w+)", cell.source, re.MULTILINE)[-1]
            label, level, minutes = about
            found[name] = (label, level, int(minutes), cell.source)
    return found


@cache
def cells_after(chapter):
    """Function name to the two cells behind the stub of every exercise."""
    (path,) = CHAPTERS.glob(f"{chapter}-*.ipynb")
    cells = nbformat.read(path, as_version=4).cells
    found = {}
    for cell, check, more in zip(cells, cells[1:], cells[2:], strict=False):
        if "exercise" in cell.metadata.get("tags", []):
            name = re.findall(r"^def (\w+)", cell.source, re.MULTILINE)[-1]
            found[name] = check, more
    return found


@cache
def bound(chapter):
    """Names that a chapter's cells import, define or assign."""
    (path,) = CHAPTERS.glob(f"{chapter}-*.ipynb")
    names = set(dir(builtins))
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type != "code":
            continue
        for node in ast.walk(ast.parse(cell.source)):
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                names.add(node.name)
            elif isinstance(node, ast.alias):
                names.add((node.asname or node.name).split(".")[0])
            elif isinstance(node, ast.Name) and isinstance(
                node.ctx, ast.Store
            ):
                names.add(node.id)
    return names


def asked_for(code):
    """Global names that compiled code looks up and does not bind."""
    steps = list(dis.get_instructions(code))
    asked = {
        s.argval for s in steps if s.opname in ("LOAD_GLOBAL", "LOAD_NAME")
    }
    made = {s.argval for s in steps if s.opname == "STORE_NAME"}
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            asked |= asked_for(inner)
    return asked - made


def space():
    """Names that a chapter would have: a model, items and a text."""
    generator = torch.Generator().manual_seed(0)
    often = 1 / (torch.arange(300) + 1.0)
    text_ids = torch.multinomial(
        often, 20_000, replacement=True, generator=generator
    )
    items = [SimpleNamespace(number=n) for n in range(8)]
    return {
        "model": nn.Linear(2, 2), "test_items": items, "text_ids": text_ids,
        "better": nn.Linear(2, 2), "test_pairs": [], "held_out": (),
        "base": Recipe(), "writer": nn.Linear(2, 2), "counting": (),
    }  # fmt: skip


@cache
def cells_of(chapter):
    """Statements of a chapter's cells with the names that they bind."""
    (path,) = CHAPTERS.glob(f"{chapter}-*.ipynb")
    found = []
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type != "code" or "exercise" in cell.metadata.get(
            "tags", []
        ):
            continue
        for node in ast.parse(cell.source).body:
            names = {
                n.id
                for n in ast.walk(node)
                if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)
            }
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                names = {node.name}
            elif isinstance(node, ast.Import | ast.ImportFrom):
                names = {
                    (a.asname or a.name).split(".")[0] for a in node.names
                }
            found.append((node, names))
    return found


def given_by(chapter, wanted):
    """Run the statements of a chapter that some names need, in their order.

    Args:
        chapter: Two digits.
        wanted: Names.

    Returns:
        What these statements bind.
    """
    cells, needed, chosen = cells_of(chapter), set(wanted), set()
    before = -1
    while before != len(chosen):
        before = len(chosen)
        for place, (node, names) in enumerate(cells):
            if names & needed and place not in chosen:
                chosen.add(place)
                tree = ast.Module([node], [])
                needed |= asked_for(compile(tree, chapter, "exec"))
    made = {"__name__": "chapter"}
    for place in sorted(chosen):
        tree = ast.Module([cells[place][0]], [])
        exec(compile(tree, chapter, "exec"), made)
    return made
