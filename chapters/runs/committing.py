"""What every committed run shares: its chapter's code, and the file."""

import json
import platform
import sys
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import nbformat
import torch

HERE = Path(__file__).resolve().parent


def chapter_code(chapter: Path) -> SimpleNamespace:
    """Run a chapter's experiment cells and return what they define.

    Every cell with the tag "experiment" is run, so that the committed
    numbers and the page cannot drift apart.

    Args:
        chapter: The notebook.
    """
    names: dict[str, object] = {}
    for cell in nbformat.read(chapter, as_version=4).cells:
        if "experiment" in cell.metadata.get("tags", []):
            exec(compile(cell.source, str(chapter), "exec"), names)
    return SimpleNamespace(**names)


def commit(
    name: str,
    seeds: Sequence[int],
    seconds: float,
    results: dict[str, Any],
    note: str = "",
) -> None:
    """Write a run's file, with how it was made.

    Args:
        name: Name of the script and of the file, without an ending.
        seeds: The seeds that it went through.
        seconds: How long it took.
        results: What it found, by name.
        note: Added to the description of the machine.
    """
    machine = (
        f"{platform.machine()}, one thread, Python "
        f"{platform.python_version()}, torch {torch.__version__}{note}"
    )
    committed = {
        "command": f"OMP_NUM_THREADS=1 python chapters/runs/{name}.py",
        "seeds": list(seeds),
        "machine": machine,
        "seconds": round(seconds),
        **results,
    }
    path = HERE / f"{name}.json"
    path.write_text(json.dumps(committed, indent=1) + "\n", encoding="utf-8")
    print(path, file=sys.stderr)
