"""Execute, store, check and copy the notebooks of ``chapters/``.

python -m tools.notebooks store chapters/05-self-attention.ipynb
python -m tools.notebooks check            # every chapter
python -m tools.notebooks copy work        # fresh copies to work in
"""

from __future__ import annotations

import argparse
import configparser
import hashlib
import json
import os
import re
import sys
import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import (
    CellExecutionError,
    CellTimeoutError,
    DeadKernelError,
)
from nbformat import NotebookNode

if __package__ in (None, ""):  # started as a file
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tools import hygiene

ROOT = Path(__file__).resolve().parents[1]
CHAPTERS = ROOT / "chapters"
SANITIZE = ROOT / "tests" / "nbval_sanitize.cfg"
TIMEOUT = 180  # seconds for one cell, on a busy machine

COLOUR = re.compile(r"\x1b\[[0-9;]*m")

# Quiet, single-threaded and the same for storing, building and testing.
ENVIRONMENT = {
    "OMP_NUM_THREADS": "1",
    "TQDM_DISABLE": "1",
    "PYDEVD_DISABLE_FILE_VALIDATION": "1",
}


class CellFailedError(RuntimeError):
    """A cell of a chapter failed, warned, or showed no picture."""


def all_notebooks() -> list[Path]:
    """List every notebook of the book, in the order of their names."""
    return sorted(CHAPTERS.glob("*.ipynb"))


def read(path: Path) -> NotebookNode:
    """Read one notebook as format 4, with an error that names it."""
    try:
        return nbformat.read(path, as_version=4)  # type: ignore[no-any-return]
    except (OSError, ValueError, nbformat.reader.NotJSONError) as error:
        raise CellFailedError(f"{path}: not a notebook: {error}") from error


def write(notebook: NotebookNode, path: Path) -> None:
    """Write a notebook in one step, so that no half of it is ever seen."""
    temporary = path.with_suffix(".ipynb.part")
    nbformat.write(notebook, temporary)
    temporary.replace(path)


def place(path: Path, index: int, notebook: NotebookNode) -> str:
    """Name a cell as a reader would find it: file, count, first line."""
    cell = notebook.cells[index]
    first = cell.source.strip().splitlines()[:1] or [""]
    number = sum(c.cell_type == "code" for c in notebook.cells[: index + 1])
    return f"{path.name}, code cell {number} ({first[0][:60]!r})"


def execute(path: Path) -> tuple[NotebookNode, float]:
    """Run a notebook in a fresh kernel and look at what it put out.

    Args:
        path: The notebook; its folder is the working folder.

    Returns:
        The executed notebook and its running time in seconds.

    Raises:
        CellFailedError: A cell raised, wrote to stderr (a warning), or is
            described as a figure but shows no picture. The message names
            the chapter and the cell.
    """
    os.environ.update(ENVIRONMENT)
    notebook = read(path)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    begun: list[int] = []
    client = NotebookClient(
        notebook,
        timeout=TIMEOUT,
        record_timing=False,
        resources={"metadata": {"path": str(path.resolve().parent)}},
        extra_arguments=["--log-level=ERROR"],
        # Told by us when a cell is sent, not by the kernel when it has
        # begun: a kernel that dies takes its last messages with it.
        on_cell_execute=lambda cell, cell_index: begun.append(cell_index),
    )
    started = time.perf_counter()
    try:
        client.execute()
    except CellExecutionError:
        pass  # the cell's output holds the error and is named below
    except (CellTimeoutError, DeadKernelError) as error:
        where = place(path, begun[-1], notebook) if begun else path.name
        raise CellFailedError(f"{where}: {error}") from error
    seconds = time.perf_counter() - started
    _raise_on_bad_cell(path, notebook)
    return notebook, seconds


def _raise_on_bad_cell(path: Path, notebook: NotebookNode) -> None:
    for index, cell in enumerate(notebook.cells):
        if cell.cell_type != "code":
            continue
        where = place(path, index, notebook)
        for output in cell.outputs:
            if output.output_type == "error":
                trace = COLOUR.sub("", "\n".join(output.traceback))
                raise CellFailedError(
                    f"{where}: {output.ename}: {output.evalue}\n{trace}"
                )
            if output.get("name") == "stderr":
                raise CellFailedError(f"{where}: warning: {output.text}")
        executed = cell.execution_count is not None
        if executed and hygiene.is_figure(cell) and not _has_picture(cell):
            raise CellFailedError(f"{where}: a figure, but no picture")


def _has_picture(cell: NotebookNode) -> bool:
    return any(
        any(kind.startswith("image/") for kind in output.get("data", {}))
        for output in cell.outputs
    )


def sanitizers() -> list[tuple[re.Pattern[str], str]]:
    """Read the replacements that nbval makes before it compares."""
    parser = configparser.RawConfigParser()
    with SANITIZE.open(encoding="utf-8") as file:
        parser.read_file(file)
    return [
        (re.compile(parser[name]["regex"]), parser[name]["replace"])
        for name in parser.sections()
    ]


def normalise(notebook: NotebookNode) -> NotebookNode:
    """Strip in place what must not be stored; return the notebook.

    Pictures, timing and editor metadata go; what nbval does not compare is
    replaced just as nbval replaces it; counts run from 1.
    """
    rules = sanitizers()

    def clean(text: str) -> str:
        for pattern, replacement in rules:
            text = pattern.sub(replacement, text)
        return text

    count = 0
    for number, cell in enumerate(notebook.cells):
        cell["id"] = f"cell-{number:03d}"
        cell["metadata"] = NotebookNode(
            {k: v for k, v in cell.metadata.items() if k in ("tags", "mystnb")}
        )
        if cell.cell_type != "code":
            continue
        count += 1
        cell["execution_count"] = count
        cell["outputs"] = _joined(cell.outputs)
        for output in cell.outputs:
            if "execution_count" in output:
                output["execution_count"] = count
            if "text" in output:
                output["text"] = clean(output["text"])
            output.get("metadata", {}).clear()
            data = output.get("data", {})
            for kind in [k for k in data if k.startswith("image/")]:
                del data[kind]
            for kind, text in data.items():
                if isinstance(text, str):
                    data[kind] = clean(text)
    notebook["metadata"] = NotebookNode(
        kernelspec={
            "display_name": "Python 3",
            "language": "python",
            "name": "python3",
        },
        language_info={"name": "python"},
    )
    notebook["nbformat"], notebook["nbformat_minor"] = 4, 5
    return notebook


def _joined(outputs: list[NotebookNode]) -> list[NotebookNode]:
    """Join neighbouring streams, which a kernel cuts as its timing falls."""
    joined: list[NotebookNode] = []
    for output in outputs:
        before = joined[-1] if joined else {}
        if "text" in output and output.get("name") == before.get("name"):
            before["text"] += output["text"]
        else:
            joined.append(output)
    return joined


def without_outputs(notebook: NotebookNode) -> NotebookNode:
    """Clear every output and count in place, for a learner to fill."""
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    return notebook


def copy_for_work(folder: Path) -> None:
    """Lay copies without outputs in a folder; never touch a learner's work.

    A copy that was edited stays as it is. One that nobody touched follows
    the chapter when the chapter changes.
    """
    folder.mkdir(parents=True, exist_ok=True)
    ledger = folder / ".copies.json"
    known = json.loads(ledger.read_text()) if ledger.exists() else {}
    for path in all_notebooks():
        text = nbformat.writes(without_outputs(read(path)))
        digest = hashlib.sha256(text.encode()).hexdigest()
        target = folder / path.name
        if target.exists():
            present = hashlib.sha256(target.read_bytes()).hexdigest()
            if present == digest:
                continue
            if present != known.get(path.name):
                print(f"kept your {target}")
                continue
        target.write_text(text, encoding="utf-8")
        known[path.name] = digest
        print(f"laid out {target}")
    ledger.write_text(json.dumps(known, indent=1))


def _store(paths: list[Path]) -> int:
    for path in paths:
        print(f"{path.name}: executing ...", flush=True)
        notebook, seconds = execute(path)
        write(normalise(notebook), path)
        print(f"{path.name}: stored, {seconds:.1f} s")
    return 0


def _check(paths: list[Path]) -> int:
    faults = 0
    for path in paths:
        for fault in hygiene.faults(path.name, read(path)):
            print(f"{path.name}: {fault}")
            faults += 1
    print(f"{len(paths)} notebooks, {faults} faults")
    return int(faults > 0)


def main() -> int:
    """Parse the command line and do what it says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("verb", choices=["store", "check", "copy"])
    parser.add_argument("paths", nargs="*", type=Path)
    arguments = parser.parse_args()
    paths = arguments.paths or all_notebooks()
    try:
        if arguments.verb == "store":
            return _store(paths)
        if arguments.verb == "check":
            return _check(paths)
        copy_for_work(*(arguments.paths or [ROOT / "work"]))
    except CellFailedError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
