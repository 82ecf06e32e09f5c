"""What every committed run shares: its chapter's code, and the file."""

import json
import platform
import sys
import time
from collections.abc import Callable, Sequence
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


def commit_seeds(
    name: str,
    chapter: Path,
    seeds: Sequence[int],
    one_seed: Callable[[SimpleNamespace, int], dict[str, Any]],
) -> None:
    """Train from one seed after the other; the file is there after each.

    Args:
        name: Name of the script and of the file, without an ending.
        chapter: The notebook whose experiment cells are run.
        seeds: The seeds to go through.
        one_seed: Gives a seed's results from the chapter's code.
    """
    torch.set_num_threads(1)
    started = time.process_time()
    code = chapter_code(chapter)
    runs: dict[str, Any] = {}
    for seed in seeds:
        runs[str(seed)] = one_seed(code, seed)
        seconds = time.process_time() - started
        commit(name, seeds[: len(runs)], seconds, {"runs": runs})
