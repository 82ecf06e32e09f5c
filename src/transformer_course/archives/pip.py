"""Downloading an archive with pip, under the user's own pip settings."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from tqdm import tqdm

from transformer_course.archives.errors import (
    ArchiveError,
    DiskFullError,
    NoNetworkError,
    ReadOnlyCacheError,
    TruncatedFileError,
    WrongHashError,
)
from transformer_course.archives.lock import Archive


def download(archive: Archive, folder: Path) -> Path:
    """Have pip download an archive into a folder, with a progress bar.

    pip takes the index, mirror, proxy and certificates that the user has set
    for it, and refuses a file that does not have the locked sha256.

    Args:
        archive: What to download.
        folder: An empty folder for it and for pip's own temporary files.

    Returns:
        Path of the file.

    Raises:
        ArchiveError: One of its kinds, with pip's last words.
    """
    wanted = folder / "wanted.txt"
    pinned = f"{archive.requirement} --hash=sha256:{archive.sha256}\n"
    wanted.write_text(pinned, "utf-8")
    command = _command(archive, wanted, folder)
    room = dict.fromkeys(("TMPDIR", "TMP", "TEMP"), str(folder))
    lines: list[str] = []
    with (
        _progress(archive) as bar,
        subprocess.Popen(
            command,
            env=os.environ | room,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
        ) as pip,
    ):
        try:
            for line in pip.stdout or ():
                step = re.fullmatch(r"Progress (\d+) of (\d+)\s*", line)
                if step:
                    bar.update(int(step[1]) - bar.n)
                else:
                    lines.append(line.rstrip())
        except BaseException:
            pip.kill()
            raise
        fresh = folder / archive.filename
        if pip.wait() or not fresh.exists():
            raise explain(archive, lines)
        bar.update(archive.size - bar.n)  # pip tells nothing of small files
    return fresh


def _progress(archive: Archive) -> tqdm[NoReturn]:
    return tqdm(
        total=archive.size, desc=archive.name, unit="B", unit_scale=True
    )


def _command(archive: Archive, wanted: Path, folder: Path) -> list[str]:
    command = [sys.executable, "-P", "-m", "pip", "download", "--no-deps"]
    command += ["--require-hashes", "-r", str(wanted), "-d", str(folder)]
    command += ["--no-cache-dir", "--no-color", "--no-input"]
    command += ["--ignore-requires-python", "--disable-pip-version-check"]
    if archive.filename.endswith(".whl"):
        command += ["--only-binary", ":all:"]
    else:
        command += ["--no-binary", ":all:"]
        # pip asks a source archive for its metadata. Where setuptools is at
        # hand, that takes no environment of its own and no second download.
        if importlib.util.find_spec("setuptools"):
            command += ["--no-build-isolation"]
    return [*command, "--progress-bar", "raw" if _pip_is_recent() else "off"]


def _pip_is_recent() -> bool:
    """Say whether pip can report its progress to a program (from 24.1 on)."""
    try:
        version = importlib.metadata.version("pip").split(".")
    except importlib.metadata.PackageNotFoundError:
        raise ArchiveError(
            f"{sys.executable} has no pip to download with. Bring it with "
            "`python -m ensurepip`, then try again."
        ) from None
    return (int(version[0]), int(version[1])) >= (24, 1)


def explain(archive: Archive, lines: Sequence[str]) -> ArchiveError:
    """Find out from pip's words what went wrong, and what to do.

    Args:
        archive: What pip was to download.
        lines: What pip wrote, progress aside.

    Returns:
        The error to raise.
    """
    said = "\n".join(lines)
    for kind, pattern, advice in _TELLS:
        if re.search(pattern, said):
            text = advice.format(
                it=archive, mb=f"{archive.size / 1e6:,.1f} MB"
            )
            return kind("\n  ".join([text, "pip said:", *lines[-8:]]))
    text = f"pip could not get {archive.requirement}."
    return ArchiveError("\n  ".join([text, "pip said:", *lines]))


# A kind of error, what pip writes then, and what we say. The first one counts.
_TELLS: tuple[tuple[type[ArchiveError], str, str], ...] = (
    (
        DiskFullError,
        r"\[Errno (28|122)\]|No space left",
        "the disk is full: no room to download {it.requirement} ({mb}). Free "
        "some, then try again.",
    ),
    (
        ReadOnlyCacheError,
        r"\[Errno (13|30)\]",
        "pip may not write what it downloads of {it.requirement}. See to it "
        "that the cache folder is writable, then try again.",
    ),
    (
        TruncatedFileError,
        r"not enough bytes|IncompleteRead|Connection broken",
        "the download of {it.requirement} broke off. Nothing of it was kept. "
        "Try again.",
    ),
    (
        WrongHashError,
        "DO NOT MATCH THE HASHES",
        "the index or mirror that pip uses served a file for {it.requirement} "
        "that is not the pinned one: damaged on the way, or replaced. Nothing "
        "of it was kept. Try again, or have pip use another index.",
    ),
    (
        NoNetworkError,
        r"No matching distribution|onnection|[Tt]imed? ?out",
        "pip could not get {it.requirement}. Connect to the network, or set "
        "pip's proxy or index, then try again. Without a network: get "
        "{it.filename} ({mb}, sha256 {it.sha256}) on another machine, put it "
        "into a folder, and set TRANSFORMER_COURSE_SOURCE to that folder.",
    ),
)
