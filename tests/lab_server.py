"""JupyterLab, started by make, for the tests that look at its pages."""

import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

FLAGS = (
    "LAB_FLAGS=--no-browser --ip=127.0.0.1 --port=0 --allow-root"
    " --IdentityProvider.token=test"
)
PATIENCE = 600  # seconds, on a busy machine


@contextmanager
def started(
    *goals: str, root: Path, env: Mapping[str, str] | None = None
) -> Iterator[tuple[str, str]]:
    """Run make's goals; give server and path of the address they print.

    The process and its children end with the block. Its token is "test".
    """
    process = subprocess.Popen(
        ["make", *goals, FLAGS],
        cwd=root,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        env=os.environ | {"PYTHON": sys.executable} | dict(env or {}),
    )
    try:
        with process.stdout as lines:
            yield _address(lines, goals)
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _address(lines: Iterator[str], goals: tuple[str, ...]) -> tuple[str, str]:
    seen = []
    for line in lines:
        seen.append(line)
        match = re.search(r"(http://127\.0\.0\.1:\d+)(/[^\s?]*)", line)
        if match:
            return match[1], match[2]
    raise RuntimeError(
        f"make {' '.join(goals)} gave no address:\n{''.join(seen)}"
    )


def fetch(url: str) -> bytes:
    """Read an address, once the server is there."""
    end = time.monotonic() + PATIENCE
    while True:
        try:
            with urllib.request.urlopen(url, timeout=20) as answer:
                return answer.read()
        except (urllib.error.URLError, ConnectionError):
            if time.monotonic() > end:
                raise
            time.sleep(0.5)
