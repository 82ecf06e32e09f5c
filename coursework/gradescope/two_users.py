"""Where bubblewrap cannot run: the student's code as another user.

Needs the superuser and a container of its own, for it writes to ``/given``
and ``/handed-in``. The student's code can read what everybody can, and has
the container's network; probes, references and results it cannot read, for
they belong to the superuser.
"""

from __future__ import annotations

import os
import pwd
import shutil
import sys
from contextlib import suppress
from pathlib import Path

import psutil

from coursework.grading import execute, judge, sandbox
from coursework.grading.sandbox import (
    GIVEN,
    HANDED_IN,
    HOME,
    Limits,
    NoSandboxError,
)

USER = "student"
# The kernel's connection file is written by the superuser; then it changes
# hands, and so does the process.
START = """\
chown "$STUDENT_ID" "$2" && cd "$HOME" && exec setpriv \
--reuid="$STUDENT_ID" --regid="$STUDENT_ID" --clear-groups --no-new-privs \
-- "$0" -m ipykernel_launcher "$@"
"""


_give = judge.Plan.give


def give(plan: judge.Plan, folder: Path, seconds: float) -> None:
    """Write the inputs so that the student's user can read them."""
    _give(plan, folder, seconds)
    for path in folder.iterdir():
        if path.is_file():
            path.chmod(0o644)


def replace() -> None:
    """Let the engine start its kernels this way."""
    sandbox.require = require
    sandbox.command = command
    execute.kill = kill  # type: ignore[attr-defined]
    sandbox.kill = kill
    judge.Plan.give = give  # type: ignore[assignment, method-assign]


def require() -> None:
    """Refuse where there are not two users.

    Raises:
        NoSandboxError: With what is missing.
    """
    if os.geteuid() != 0 or not shutil.which("setpriv"):
        raise NoSandboxError("neither bubblewrap nor a second user works here")
    try:
        pwd.getpwnam(USER)
    except KeyError as error:
        raise NoSandboxError(f"there is no user {USER}: setup.sh") from error


def command(root: Path, files: Path | None, limits: Limits) -> list[str]:
    """Build the command line of the kernel, without its connection file."""
    user = pwd.getpwnam(USER)
    root.chmod(0o711)
    for link, name in ((GIVEN, "given"), (HANDED_IN, "handed-in")):
        with suppress(FileNotFoundError):
            Path(link).unlink()
        Path(link).symlink_to(root / name)
    for name in ("run", "handed-in"):
        os.chown(root / name, user.pw_uid, user.pw_gid)
    home = Path(HOME)
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True)
    os.chown(home, user.pw_uid, user.pw_gid)
    for file in sorted(files.iterdir()) if files else ():
        if file.suffix != ".ipynb":
            shutil.copy(file, home / file.name)
    variables = sandbox._environment() | {"STUDENT_ID": str(user.pw_uid)}
    parts = ["env", "-i", *(f"{n}={v}" for n, v in variables.items())]
    parts += ["prlimit", f"--as={4 * limits.memory}", "--core=0"]
    parts += [f"--fsize={limits.file}", "--nofile=512", "--"]
    return [*parts, "sh", "-c", START, sys.executable]


def kill(pid: int) -> None:
    """End the kernel and whatever else runs as the student."""
    with suppress(KeyError):
        student = pwd.getpwnam(USER).pw_uid
        for process in psutil.process_iter():
            with suppress(psutil.Error):
                if process.pid == pid or process.uids().real == student:
                    process.kill()
