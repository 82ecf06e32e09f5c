"""Run a notebook in its sandbox, and put the outside's marks into it.

nbgrader's own preprocessor executes the cells; this one decides where, for
how long, and what stands in the tests cells: during the run a line that
remembers what the student has defined there, after the run the score.
"""

from __future__ import annotations

import copy
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import DEVNULL
from typing import Any

from nbclient.client import NotebookClient
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output
from nbgrader.preprocessors import Execute

from coursework.grading import collector, drivers, exchange
from coursework.grading.course import grade_id, kind, points
from coursework.grading.intake import Intake
from coursework.grading.judge import Plan, Verdict
from coursework.grading.sandbox import (
    STARTUP,
    Limits,
    Sandbox,
    Watcher,
    kill,
    sandbox,
)

PREPARE = """\
import sys
sys.path.insert(0, "/given")
from coursework.grading import collector as _collector
_collector.prepare()
del sys, _collector
"""
CAPTURE = "__import__('sys').modules['coursework.grading.collector'].{}"
SHOWN = ("text/plain", "image/png", "image/jpeg")
MOST_STOPPED = 3  # cells
CUT = "\n[the rest of the output is cut off]\n"


class TooManyStoppedError(RuntimeError):
    """Several cells took too long; the others would, too."""


class SandboxFailedError(RuntimeError):
    """The sandbox did not start: this machine's fault, not the student's."""


@dataclass
class Job:
    """One submission on its way through nbgrader.

    Args:
        intake: What was handed in, mended.
        plan: The calls of this run.
        files: Folder of the assignment's data files, if it has any.
        limits: What the submission may use.
        why: Why it could not be graded, or empty.
        verdicts: How each part went, once it ran.
    """

    intake: Intake
    plan: Plan
    files: Path | None = None
    limits: Limits = field(default_factory=Limits)
    why: str = ""
    verdicts: list[Verdict] = field(default_factory=list)


class RunInSandbox(Execute):  # type: ignore[misc]
    """Stands in the place of nbgrader's Execute; never raises for a student.

    Args:
        job: The submission.
    """

    def __init__(self, job: Job, **kw: Any) -> None:
        super().__init__(**kw)
        self.log.setLevel("CRITICAL")
        self.job = job
        self.kept = 0
        self.stopped = 0
        self.ready = False
        self.startup_timeout = int(STARTUP)
        self.timeout_func = self._seconds
        self.iopub_timeout = 6
        self.error_on_timeout = {
            "ename": "TimeoutError",
            "evalue": "",
            "traceback": [f"stopped after {job.limits.cell:g} s"],
        }
        self.watcher: Watcher | None = None

    def preprocess(
        self, nb: NotebookNode, resources: Any = None, km: Any = None
    ) -> tuple[NotebookNode, Any]:
        """Execute the notebook and mark its tests cells.

        Raises:
            SandboxFailedError: The sandbox did not start.
        """
        job = self.job
        job.why = job.intake.why
        if not job.why:
            with sandbox(job.files, job.limits) as box:
                self._run(nb, resources, box)
                if not job.why:
                    job.verdicts = job.plan.judge(box.handed_in)
        job.verdicts = fail_closed(job, nb.cells)
        mark(nb, job)
        return nb, resources

    def _run(self, nb: NotebookNode, resources: Any, box: Sandbox) -> None:
        """Execute a copy, and take over its outputs."""
        place_code(box.given)
        run = copy.deepcopy(nb)
        for cell in run.cells:
            if kind(cell) == "tests":
                call = f"capture({grade_id(cell)!r})"
                cell.source = CAPTURE.format(call)
        run.cells.insert(0, new_code_cell(PREPARE))
        NotebookClient.__init__(self, run, box.manager)
        self.reset_execution_trackers()
        self._check_assign_resources(resources)
        try:
            with self.setup_kernel(
                cleanup_kc=True, stdout=DEVNULL, stderr=DEVNULL
            ):
                self._run_cells(run, nb, box)
        except SandboxFailedError:
            raise
        except Exception as error:
            self.job.why = self._why(error)
        finally:
            self._stop()

    def _run_cells(
        self, run: NotebookNode, nb: NotebookNode, box: Sandbox
    ) -> None:
        """Run all cells, then let the parts be called."""
        self.watcher = Watcher(box.manager.pid, box.handed_in, self.job.limits)
        self.watcher.start()
        self.execute_cell(run.cells[0], 0)
        if run.cells[0].outputs:
            raise SandboxFailedError(str(run.cells[0].outputs)[:500])
        self.watcher.begin()
        self.ready = True
        try:
            for index in range(1, len(run.cells)):
                self.execute_cell(run.cells[index], index)
        finally:
            # Before any hidden input exists in there.
            take_over(run.cells[1:], nb.cells)
        self.job.plan.give(box.given, self.job.limits.cell / 2)
        run.cells.append(new_code_cell(CAPTURE.format("collect()")))
        self.execute_cell(run.cells[-1], len(run.cells) - 1)

    def _stop(self) -> None:
        """End the watcher and whatever of the sandbox is still there."""
        if self.watcher is not None:
            self.watcher.stop()
            kill(self.watcher.pid)
            if self.watcher.why and not self.job.why:
                self.job.why = f"it {self.watcher.why}"

    def _why(self, error: Exception) -> str:
        """Say in words of an instructor what ended the run."""
        if not self.ready or self.watcher is None:
            raise SandboxFailedError(str(error)) from error
        if self.watcher.why:
            return f"it {self.watcher.why}"
        if isinstance(error, DeadKernelError):
            return "its code ended the kernel (a crash, exit or os._exit)"
        if isinstance(error, CellTimeoutError):
            limit = self.job.limits.cell
            return f"a cell took over {limit:g} s and could not be stopped"
        if isinstance(error, TooManyStoppedError):
            limit = self.job.limits.cell
            return f"{MOST_STOPPED} of its cells took over {limit:g} s each"
        return f"its kernel sent what no kernel sends ({type(error).__name__})"

    def _seconds(self, cell: NotebookNode) -> float:
        """Return how long a cell may take."""
        left = self.watcher.left() if self.watcher else 60.0
        if cell.source in (PREPARE, CAPTURE.format("collect()")):
            return left + 1
        return min(self.job.limits.cell, left + 1)

    def on_cell_executed(self, **kwargs: Any) -> None:
        """Count the cells that were stopped; a few are enough."""
        super().on_cell_executed(**kwargs)
        # A reply that the client made up, for none came, has no header.
        self.stopped += "header" not in kwargs["execute_reply"]
        if self.stopped >= MOST_STOPPED:
            raise TooManyStoppedError

    def process_message(
        self, msg: dict[str, Any], cell: NotebookNode, cell_index: int
    ) -> NotebookNode | None:
        """Keep a bounded amount of output, and no widget."""
        if msg["msg_type"] not in ("status", "execute_input"):
            if self.kept > self.job.limits.output:
                return None
            self.kept += 100 + size(msg["content"])
            if self.kept > self.job.limits.output:
                cell.outputs.append(
                    new_output("stream", name="stdout", text=CUT)
                )
                return None
            if msg["msg_type"].startswith("comm"):
                return None
        out: NotebookNode | None = super().process_message(
            msg, cell, cell_index
        )
        return out


def size(content: Any) -> int:
    """Estimate how long a message's content is."""
    if isinstance(content, dict):
        return sum(size(k) + size(v) for k, v in content.items())
    if isinstance(content, list):
        return sum(size(v) for v in content)
    return len(content) if isinstance(content, str | bytes) else 8


def place_code(given: Path) -> None:
    """Put the collector where the sandbox reads it; it holds no answers."""
    package = given / "coursework" / "grading"
    package.mkdir(parents=True)
    for folder in (package.parent, package):
        (folder / "__init__.py").touch()
    for module in (collector, drivers, exchange):
        shutil.copy(str(module.__file__), package)


def take_over(
    ran: Sequence[NotebookNode], cells: Sequence[NotebookNode]
) -> None:
    """Copy what the run showed, without scripts, beside the tests cells."""
    for source, cell in zip(ran, cells, strict=False):
        if cell.cell_type == "code" and kind(cell) != "tests":
            shown = [harmless(out) for out in source.get("outputs", [])]
            cell.outputs = [out for out in shown if out is not None]


def harmless(output: NotebookNode) -> NotebookNode | None:
    """Return an output without what a browser would run."""
    if output.output_type in ("stream", "error"):
        return copy.deepcopy(output)
    data = {k: v for k, v in output.get("data", {}).items() if k in SHOWN}
    clean: NotebookNode = new_output("display_data", data=data)
    return clean if data else None


def fail_closed(job: Job, cells: Sequence[NotebookNode]) -> list[Verdict]:
    """Return one verdict for each tests cell, 0 where anything is amiss."""
    known = {} if job.why else {v.part: v for v in job.verdicts}
    verdicts = []
    for cell in cells:
        if kind(cell) != "tests":
            continue
        name, worth = grade_id(cell), points(cell)
        found = known.get(name)
        if job.why:
            found = Verdict(name, 0, worth, f"Not graded: {job.why}.")
        elif name in job.intake.deleted:
            said = "The tests of this question were deleted: no points."
            found = Verdict(name, 0, worth, said)
        elif found is None or not 0 <= found.score <= worth:
            found = Verdict(name, 0, worth, "This question was not graded.")
        verdicts.append(found)
    return verdicts


def mark(nb: NotebookNode, job: Job) -> None:
    """Write each score where nbgrader reads it, with what it is for."""
    said = {v.part: v for v in job.verdicts}
    for cell in nb.cells:
        if kind(cell) == "tests":
            verdict = said[grade_id(cell)]
            text = f"{verdict.score:g} of {verdict.points:g} points. "
            cell.outputs = [
                new_output("stream", text=f"{text}{verdict.message}\n"),
                new_output(
                    "execute_result",
                    data={"text/plain": f"{float(verdict.score)}"},
                    execution_count=None,
                ),
            ]
    banner = []
    if job.why:
        banner.append(f"**This could not be graded: {job.why}.**")
    banner += [f"- {note}" for note in job.intake.notes]
    if banner:
        nb.cells.insert(0, new_markdown_cell("\n".join(banner)))
