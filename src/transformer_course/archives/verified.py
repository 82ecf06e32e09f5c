"""Is this file the locked one? Hashed once, then remembered in a stamp."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from pathlib import Path

from transformer_course.archives.errors import (
    ArchiveError,
    TruncatedFileError,
    WrongHashError,
)
from transformer_course.archives.lock import Archive


def fault(path: Path, archive: Archive) -> ArchiveError | None:
    """Say what is wrong with a file.

    Args:
        path: The file.
        archive: What it should be.

    Returns:
        The error to raise, or None where it is the locked file.
    """
    size = path.stat().st_size
    if size < archive.size:
        return TruncatedFileError(
            f"{path} is truncated: {size:,} bytes of {archive.size:,}."
        )
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != archive.sha256:
        return WrongHashError(
            f"{path} is not the pinned {archive.requirement}: its sha256 is "
            f"{found}, wanted {archive.sha256}."
        )
    return None


def is_verified(path: Path, archive: Archive) -> bool:
    """Say whether a file is there and is the locked one.

    Args:
        path: The file. It is hashed, unless its stamp says that this was done
            and its size and time are unchanged.
        archive: What it should be.

    Returns:
        True where the file may be used.
    """
    try:
        stamp = stamp_of(path)
        if stamp.exists() and stamp.read_text("utf-8") == _seal(path, archive):
            return True
        if fault(path, archive):
            return False
    except (FileNotFoundError, NotADirectoryError):
        return False
    write_stamp(path, archive)
    return True


def stamp_of(path: Path) -> Path:
    """Return where the stamp of an archive stands: beside it."""
    return path.with_name(path.name + ".verified")


def write_stamp(path: Path, archive: Archive) -> None:
    """Note that this very file was verified: no need to hash it again.

    Args:
        path: The file.
        archive: What it is.
    """
    stamp = stamp_of(path)
    fresh = stamp.with_name(f"{stamp.name}.{os.getpid()}")
    try:
        fresh.write_text(_seal(path, archive), "utf-8")
        os.replace(fresh, stamp)
    except OSError:  # costs a second: the file will be hashed next time
        with contextlib.suppress(OSError):
            fresh.unlink(missing_ok=True)


def _seal(path: Path, archive: Archive) -> str:
    status = path.stat()
    return json.dumps([archive.sha256, status.st_size, status.st_mtime_ns])
