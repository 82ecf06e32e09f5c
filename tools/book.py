"""Build the website: execute what changed, then render, then look at it.

python -m tools.book build
python -m tools.book preview chapters/05-self-attention.ipynb --out FOLDER

Chapters are executed here and handed to Jupyter Book through its own cache
(jupyter-cache), for three reasons: two run at a time, each with its time on
the screen; a change in the library is noticed, which the cache alone does
not; a failure names the chapter and the cell.
"""

from __future__ import annotations

import argparse
import ast
import hashlib
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor, as_completed
from importlib.metadata import version
from pathlib import Path
from typing import Any

import grimp
import yaml
from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn

if __package__ in (None, ""):  # started as a file
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tools import notebooks

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "src" / "transformer_course"
JUPYTER_BOOK = "1.0.4.post1"
WORKERS = 2


class BuildError(RuntimeError):
    """The book cannot be built; the message says what and where."""


def fingerprint(path: Path, graph: grimp.ImportGraph) -> str:
    """Hash everything but its own cells that a chapter's output rests on.

    Args:
        path: The notebook.
        graph: The library's import graph.

    Returns:
        Digest of the library modules that the chapter imports, directly or
        not, of its exercises' checks, of the package's data files, of the
        chapter's committed runs and of the pinned versions.
    """
    digest = hashlib.sha256()
    modules = imported_modules(path, graph)
    files = {_file_of(module) for module in modules}
    files |= set(PACKAGE.rglob("*.lock")) | set(PACKAGE.rglob("*.json"))
    files |= set((path.parent / "runs").rglob(f"{path.stem[:2]}-*.json"))
    checks = f"checking/chapter_{path.stem[:2]}*.py"  # imported by name
    files |= set(PACKAGE.glob(checks))
    files.add(ROOT / "requirements.lock")
    for file in sorted(files):
        if file.is_file():
            digest.update(str(file.relative_to(ROOT)).encode())
            digest.update(file.read_bytes())
    return digest.hexdigest()


def imported_modules(path: Path, graph: grimp.ImportGraph) -> set[str]:
    """Name the library modules that a notebook imports, directly or not."""
    names: set[str] = set()
    for cell in notebooks.read(path).cells:
        if cell.cell_type == "code":
            names |= set(_names_imported(cell.source))
    known = names & graph.modules
    for module in list(known):
        known |= graph.find_upstream_modules(module)
    # Importing a module runs the __init__ of every package around it.
    for module in list(known):
        parts = module.split(".")
        known |= {".".join(parts[:n]) for n in range(1, len(parts))}
    return known


def _names_imported(source: str) -> Iterable[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and node.module:
            if node.module != "transformer_course":
                yield node.module
            for alias in node.names:
                yield f"{node.module}.{alias.name}"
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def _file_of(module: str) -> Path:
    base = ROOT / "src" / Path(*module.split("."))
    return base / "__init__.py" if base.is_dir() else base.with_suffix(".py")


def import_graph() -> grimp.ImportGraph:
    """Read who imports whom in the library."""
    return grimp.build_graph("transformer_course", cache_dir=None)


def execute_stale(
    paths: list[Path], output: Path, graph: grimp.ImportGraph
) -> dict[str, float]:
    """Execute the notebooks whose stored result no longer holds.

    Args:
        paths: The notebooks of the book.
        output: Build folder, which holds Jupyter Book's cache.
        graph: The library's import graph.

    Returns:
        Running seconds of every notebook, by name; of unchanged ones, those
        of the time they ran.

    Raises:
        BuildError: A notebook failed, and where.
    """
    cache = get_cache(str(output / ".jupyter_cache"))
    prints = {path: fingerprint(path, graph) for path in paths}
    seconds: dict[str, float] = {}
    stale = []
    for path in paths:
        record = _cached(cache, path)
        if record is not None:
            if record.data.get("fingerprint") == prints[path]:
                seconds[path.name] = record.data["execution_seconds"]
                continue
            cache.remove_cache(record.pk)
        stale.append(path)
    for path, notebook, took in _run(stale):
        seconds[path.name] = took
        cache.cache_notebook_bundle(
            CacheBundleIn(
                notebook,
                str(path),
                data={
                    "execution_seconds": took,
                    "fingerprint": prints[path],
                },
            ),
            check_validity=False,
            overwrite=True,
        )
        # The page must be rendered again although its source is the same.
        tree = output / ".doctrees" / path.relative_to(ROOT)
        tree.with_suffix(".doctree").unlink(missing_ok=True)
    return seconds


def _cached(cache: Any, path: Path) -> Any:
    try:
        return cache.match_cache_notebook(notebooks.read(path))
    except KeyError:
        return None


def _run(stale: list[Path]) -> Iterable[tuple[Path, Any, float]]:
    if not stale:
        print("chapters: nothing to execute")
        return
    print(f"chapters: executing {len(stale)}, {WORKERS} at a time", flush=True)
    failures = []
    os.environ.update(notebooks.ENVIRONMENT)
    with ProcessPoolExecutor(WORKERS) as pool:
        running = {pool.submit(notebooks.execute, p): p for p in stale}
        for done, future in enumerate(as_completed(running), start=1):
            path = running[future]
            try:
                notebook, took = future.result()
            except notebooks.CellFailedError as error:
                failures.append(str(error))
                print(f"  [{done}/{len(stale)}] {path.name}: FAILED")
                continue
            print(f"  [{done}/{len(stale)}] {path.name}: {took:.1f} s")
            sys.stdout.flush()
            yield path, notebook, took
    if failures:
        raise BuildError("\n\n".join(failures))


def build(output: Path) -> int:
    """Build the whole book into ``output/html`` and check what came out."""
    started = time.monotonic()
    if version("jupyter-book") != JUPYTER_BOOK:
        raise BuildError(
            f"jupyter-book is {version('jupyter-book')}, wanted {JUPYTER_BOOK}"
        )
    documents = toc_documents(yaml.safe_load((ROOT / "_toc.yml").read_text()))
    sources = [_source_of(document) for document in documents]
    paths = [source for source in sources if source.suffix == ".ipynb"]
    seconds = execute_stale(paths, output, import_graph())
    _render(output, ROOT / "_config.yml", ROOT / "_toc.yml", strict=True)
    _check_pages(output, documents)
    print("\nrunning seconds of each chapter, one thread:")
    for path in paths:
        print(f"  {seconds[path.name]:6.1f}  {path.name}")
    print(f"  {sum(seconds.values()):6.1f}  all of them")
    print(f"built in {time.monotonic() - started:.0f} s. Open this file:")
    print(f"  {output / 'html' / 'index.html'}")
    return 0


def toc_documents(toc: dict[str, Any]) -> list[str]:
    """List the documents of a table of contents, in order."""
    found = [str(toc["root"])]

    def walk(entries: list[dict[str, Any]]) -> None:
        for entry in entries:
            if "file" in entry:
                found.append(str(entry["file"]))
            for key in ("chapters", "sections", "parts"):
                walk(entry.get(key, []))

    walk([toc])
    return found


def _source_of(document: str) -> Path:
    for suffix in ("", ".md", ".ipynb"):
        source = ROOT / f"{document}{suffix}"
        if source.is_file():
            return source
    raise BuildError(f"_toc.yml names {document}, which is not there")


def _render(output: Path, config: Path, toc: Path, *, strict: bool) -> None:
    """Call Jupyter Book; show its progress; stop at its first warning."""
    output.mkdir(parents=True, exist_ok=True)
    stamp = output / ".rendered"
    state = _static_state(config, toc)
    unchanged = stamp.exists() and stamp.read_text() == state
    stamp.unlink(missing_ok=True)
    command = [str(Path(sys.executable).with_name("jupyter-book")), "build"]
    command += [str(ROOT), "--path-output", str(output.parent)]
    command += ["--config", str(config), "--toc", str(toc), "--keep-going"]
    command += ["-W", "-n"] if strict else []
    command += [] if unchanged else ["--all"]
    print("pages: rendering", "what changed" if unchanged else "all of them")
    log = output / "render.log"
    environment = os.environ | notebooks.ENVIRONMENT | {"NO_COLOR": "1"}
    # Sphinx finds our own extension, tools.module_list, by this path.
    environment["PYTHONPATH"] = str(Path(__file__).resolve().parents[1])
    with (
        log.open("w", encoding="utf-8") as file,
        subprocess.Popen(
            command,
            cwd=ROOT,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=environment,
        ) as process,
    ):
        for line in process.stdout or ():
            file.write(line)
            _show_progress(line)
    print()
    text = log.read_text(encoding="utf-8")
    trouble = [
        line
        for line in re.sub(r"\x1b\[[0-9;]*m", "", text).splitlines()
        if re.search(r"\b(WARNING|ERROR|CRITICAL|Error)\b", line)
    ]
    if process.returncode != 0 or (strict and trouble):
        detail = "\n".join(trouble) or text[-3000:]
        raise BuildError(f"the pages do not build clean:\n{detail}\n({log})")
    if strict and "Executing notebook using" in text:
        raise BuildError(f"a notebook was executed while rendering ({log})")
    stamp.write_text(state)


def _show_progress(line: str) -> None:
    match = re.search(
        r"(reading sources|writing output)\.\.\. \[ *(\d+)%", line
    )
    if match and sys.stdout.isatty():
        print(f"\r  {match[1]} {match[2]:>3} %", end="", flush=True)


def _static_state(config: Path, toc: Path) -> str:
    """Digest what Sphinx does not watch: settings, styles, templates."""
    digest = hashlib.sha256(config.read_bytes() + toc.read_bytes())
    folders = [ROOT / "book" / name for name in ("_static", "_templates")]
    files = [file for folder in folders for file in folder.rglob("*")]
    for file in sorted(file for file in files if file.is_file()):
        stat = file.stat()
        digest.update(
            f"{file.relative_to(ROOT)} {stat.st_size} {stat.st_mtime_ns}"
            .encode()
        )  # fmt: skip
    return digest.hexdigest()


def _check_pages(output: Path, documents: list[str]) -> None:
    """Hold the result to what it should be: every page, every picture."""
    html = output / "html"
    faults = []
    wanted = [html / "index.html"]
    wanted += [(html / d).with_suffix(".html") for d in documents]
    for page in wanted:
        if not page.is_file():
            faults.append(f"{page.relative_to(html)} was not built")
            continue
        text = page.read_text(encoding="utf-8")
        for source in re.findall(r'<img\b[^>]*?\bsrc="([^"#?]+)', text):
            if source.startswith("data:"):
                continue
            if not (page.parent / source).is_file():
                name = page.relative_to(html)
                faults.append(f"{name} shows {source}, which is missing")
    if faults:
        (output / ".rendered").unlink(missing_ok=True)
        raise BuildError("\n".join(faults))


def preview(path: Path, output: Path) -> int:
    """Build one page alone, for its author to look at."""
    path = path.resolve()
    output = (output / "_build").resolve()
    output.mkdir(parents=True, exist_ok=True)
    document = str(path.relative_to(ROOT).with_suffix(""))
    config = yaml.safe_load((ROOT / "_config.yml").read_text())
    sphinx = config["sphinx"]["config"]
    names = [str(path.relative_to(ROOT)), "book/bibliography.md"]
    sphinx["include_patterns"] = names
    toc = {
        "format": "jb-book",
        "root": document,
        "chapters": [{"file": "book/bibliography"}],
    }
    for name, content in (("config.yml", config), ("toc.yml", toc)):
        (output / name).write_text(yaml.safe_dump(content, sort_keys=False))
    if path.suffix == ".ipynb":
        execute_stale([path], output, import_graph())
    _render(output, output / "config.yml", output / "toc.yml", strict=False)
    trouble = (output / "render.log").read_text().splitlines()
    print("\n".join(line for line in trouble if "WARNING" in line))
    _check_pages(output, [document])
    print((output / "html" / document).with_suffix(".html"))
    return 0


def main() -> int:
    """Parse the command line and do what it says."""
    parser = argparse.ArgumentParser(description=__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True)
    verbs.add_parser("build")
    one = verbs.add_parser("preview")
    one.add_argument("path", type=Path)
    one.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    try:
        if arguments.verb == "build":
            return build(ROOT / "_build")
        return preview(arguments.path, arguments.out)
    except (BuildError, notebooks.CellFailedError) as error:
        print(f"\nThe book was not built.\n{error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
