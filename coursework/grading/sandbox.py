"""A kernel that sees Python, the course's library and nothing else.

bubblewrap gives it a file system of its own: the system's folders, this
environment and the library to read; its runtime folder (sockets of the
kernel) and its hand-in folder to write; no network, no other process, no
environment variable of ours. prlimit bounds each process, and a watcher
bounds all of them together: memory, number, and what they hand in.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
import sysconfig
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import matplotlib as mpl
import psutil
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager

import transformer_course
from transformer_course import archives

HOME = "/home/student"
GIVEN = "/given"
HANDED_IN = "/handed-in"

MEGABYTE = 1 << 20
STARTUP = 120.0  # seconds that a kernel may take on a busy machine


class NoSandboxError(RuntimeError):
    """This machine cannot hold a student's code; the message says what can."""


@dataclass(frozen=True)
class Limits:
    """What one submission may use.

    Args:
        seconds: Time of the whole notebook.
        cell: Seconds of one cell, and of all calls of one part.
        output: Bytes that are kept of what it prints and shows.
        memory: Bytes, all its processes together; one may map four times
            that.
        processes: How many processes it may have, each with some threads.
        file: Bytes of one file that it writes.
        handed_in: Bytes of all that it hands in.
    """

    seconds: float = 60.0
    cell: float = 20.0
    output: int = 2 * MEGABYTE
    memory: int = 2048 * MEGABYTE
    processes: int = 96
    file: int = 64 * MEGABYTE
    handed_in: int = 128 * MEGABYTE


def require() -> None:
    """Refuse to grade where there is no sandbox.

    Raises:
        NoSandboxError: With one line that says what brings it.
    """
    if sys.platform != "linux":
        raise NoSandboxError(
            "grading needs Linux: run it in a container with Python 3.11 and "
            "bubblewrap (docker run --privileged -v $PWD:/c -w /c python:3.11)"
        )
    missing = [n for n in ("bwrap", "prlimit") if not shutil.which(n)]
    if missing:
        raise NoSandboxError(
            f"grading needs {' and '.join(missing)}: sh tools/sandbox.sh"
        )


class SandboxKernelManager(AsyncKernelManager):
    """Starts the sandboxed kernel, whatever the notebook's metadata asks."""

    sandbox_command: tuple[str, ...] = ()

    @property
    def kernel_spec(self) -> KernelSpec:
        """Say how the kernel starts; no installed kernelspec is read."""
        return KernelSpec(
            argv=[*self.sandbox_command, "-f", "{connection_file}"],
            display_name="sandbox",
            language="python",
            interrupt_mode="message",
        )

    @property
    def pid(self) -> int:
        """Return the process id of bubblewrap, once it runs."""
        return int(getattr(self.provisioner, "pid", 0))


@dataclass(frozen=True)
class Sandbox:
    """Folders and kernel manager of one submission's sandbox."""

    given: Path
    handed_in: Path
    manager: SandboxKernelManager


@contextmanager
def sandbox(files: Path | None, limits: Limits) -> Iterator[Sandbox]:
    """Prepare one sandbox, and remove it with all that ran in it.

    Args:
        files: Folder whose files stand in the student's working folder.
        limits: What the submission may use.

    Yields:
        The sandbox, its kernel not yet started.
    """
    root = Path(tempfile.mkdtemp(prefix="cw-"))  # short: sockets need it
    for name in ("run", "given", "handed-in"):
        (root / name).mkdir()
    manager = SandboxKernelManager(
        transport="ipc",
        ip=str(root / "run" / "k"),
        connection_file=str(root / "run" / "kernel.json"),
    )
    manager.sandbox_command = tuple(command(root, files, limits))
    try:
        yield Sandbox(root / "given", root / "handed-in", manager)
    finally:
        shutil.rmtree(root, ignore_errors=True)


def command(root: Path, files: Path | None, limits: Limits) -> list[str]:
    """Build the command line of the kernel, without its connection file."""
    run = str(root / "run")
    parts = ["bwrap", "--unshare-all", "--die-with-parent", "--new-session"]
    parts += ["--cap-drop", "ALL", "--hostname", "sandbox", "--clearenv"]
    for name, value in _environment().items():
        parts += ["--setenv", name, value]
    parts += ["--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp"]
    parts += ["--tmpfs", HOME]
    for path in _readable():
        parts += ["--ro-bind", str(path), str(path)]
    for source, target in _placed():
        parts += ["--ro-bind-try", str(source), target]
    for link in ("bin", "sbin", "lib", "lib32", "lib64"):
        path = Path("/", link)
        if path.is_symlink():
            parts += ["--symlink", os.readlink(path), str(path)]
        elif path.is_dir():
            parts += ["--ro-bind", str(path), str(path)]
    for file in sorted(files.iterdir()) if files else ():
        if file.suffix != ".ipynb":
            parts += ["--ro-bind", str(file), f"{HOME}/{file.name}"]
    parts += ["--ro-bind", str(root / "given"), GIVEN]
    parts += ["--bind", str(root / "handed-in"), HANDED_IN]
    parts += ["--bind", run, run, "--chdir", HOME, "--"]
    parts += ["prlimit", f"--as={4 * limits.memory}", "--core=0"]
    parts += [f"--nproc={4 * limits.processes}", f"--fsize={limits.file}"]
    parts += ["--nofile=512", "--"]
    return [*parts, str(_python()), "-m", "ipykernel_launcher"]


def _python() -> Path:
    """Find the interpreter where the sandbox has it: .venv may be a link."""
    return Path(sys.prefix).resolve() / "bin" / Path(sys.executable).name


def _environment() -> dict[str, str]:
    """Return all environment variables of the sandbox."""
    return {
        "HOME": HOME,
        "IPYTHONDIR": f"{HOME}/.ipython",
        "LANG": "C.UTF-8",
        "LOGNAME": "student",
        "MPLCONFIGDIR": f"{HOME}/.matplotlib",
        "OMP_NUM_THREADS": "1",
        "PATH": f"{_python().parent}:/usr/bin:/bin",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONPATH": str(
            Path(transformer_course.__file__).resolve().parents[1]
        ),
        "TQDM_DISABLE": "1",
        "TRANSFORMER_COURSE_CACHE": f"{HOME}/.data",
        "USER": "student",
    }


def _readable() -> list[Path]:
    """List what the student's code may read, parents before children."""
    package = Path(transformer_course.__file__).resolve().parent
    wanted = {
        Path("/usr"),
        Path(sys.prefix).resolve(),
        Path(sys.base_prefix).resolve(),
        Path(sysconfig.get_path("stdlib")).resolve(),
        package,
        package.parents[1] / "chapters" / "runs",
        Path("/sys/devices/system/cpu"),
    }
    wanted |= {Path("/etc", n) for n in ("fonts", "ld.so.cache", "localtime")}
    return [
        path
        for path in sorted(p for p in wanted if p.exists())
        if not any(parent in wanted for parent in path.parents)
    ]


def _placed() -> list[tuple[Path, str]]:
    """List what stands elsewhere in the sandbox than outside it."""
    fonts = Path(mpl.get_cachedir())
    return [
        (archives.cache_folder(), f"{HOME}/.data"),
        *((f, f"{HOME}/.matplotlib/{f.name}") for f in fonts.glob("font*")),
    ]


class Watcher(threading.Thread):
    """Kills a process tree that grows over its limits, and says why."""

    def __init__(self, pid: int, handed_in: Path, limits: Limits) -> None:
        super().__init__(daemon=True)
        self.pid = pid
        self.handed_in = handed_in
        self.limits = limits
        self.deadline = time.monotonic() + STARTUP
        self.why = ""
        self._done = threading.Event()

    def run(self) -> None:
        """Look four times a second."""
        while not self._done.wait(0.25):
            with suppress(psutil.Error, OSError):
                self.why = self.why or self._excess()
            if self.why:
                kill(self.pid)

    def begin(self) -> None:
        """Let the student's own time begin."""
        self.deadline = time.monotonic() + self.limits.seconds

    def stop(self) -> None:
        """Stop looking."""
        self._done.set()

    def left(self) -> float:
        """Return how many seconds are left."""
        return max(self.deadline - time.monotonic(), 0.0)

    def _excess(self) -> str:
        if not self.left():
            return f"took longer than {self.limits.seconds:g} s in all"
        tree = psutil.Process(self.pid).children(recursive=True)
        if len(tree) > self.limits.processes:
            return f"used more than {self.limits.processes} processes"
        memory = 0
        for process in tree:
            with suppress(psutil.Error):
                memory += process.memory_info().rss
        if memory > self.limits.memory:
            return (
                f"used more than {self.limits.memory // MEGABYTE} MB of memory"
            )
        size = sum(f.lstat().st_size for f in self.handed_in.rglob("*"))
        if size > self.limits.handed_in:
            most = self.limits.handed_in // MEGABYTE
            return f"wrote more than {most} MB of files"
        return ""


def kill(pid: int) -> None:
    """End bubblewrap and, with its process name space, all inside it."""
    with suppress(psutil.Error):
        for child in psutil.Process(pid).children():
            child.send_signal(signal.SIGKILL)
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
