"""Reading members out of archives, without unpacking anything to disk."""

from __future__ import annotations

import hashlib
import io
import re
import tarfile
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import BinaryIO

INSIDE = "!/"  # "a.tar.gz!/b" is member b of an archive inside the archive

_UNREADABLE = (
    OSError,
    EOFError,
    zlib.error,
    zipfile.BadZipFile,
    tarfile.TarError,
)


def read(place: Path, key: str) -> dict[str, bytes]:
    """Read what a key of the lock names, wherever it is.

    Args:
        place: A wheel, zip or tar archive, or a folder that holds members
            under their paths or under their bare names.
        key: A path, or a pattern in which * stands for part of a name.

    Returns:
        Path to bytes, sorted by path; {} where nothing could be read.
    """
    outer, _, inner = key.partition(INSIDE)
    try:
        if place.is_dir():
            return _read_folder(place, inner or outer)
        with place.open("rb") as file:
            found = _unpack(file, outer)
        for data in list(found.values()) if inner else []:
            found = _unpack(io.BytesIO(data), inner)
    except _UNREADABLE:
        return {}
    return found


def digest(found: Mapping[str, bytes], key: str) -> str:
    """Return the hash that the lock has for these files.

    Args:
        found: Path to bytes.
        key: The path or pattern that named them.

    Returns:
        sha256 in hexadecimal: of the file; for a pattern, of the listing that
        ``sha256sum`` prints.

    >>> digest({"a/b": b"hello"}, "a/b")[:8]
    '2cf24dba'
    """
    hashes = {n: hashlib.sha256(data).hexdigest() for n, data in found.items()}
    if "*" not in key:
        return "".join(hashes.values())
    listing = "".join(f"{hashes[n]}  {n}\n" for n in sorted(hashes))
    return hashlib.sha256(listing.encode()).hexdigest()


def _read_folder(folder: Path, wanted: str) -> dict[str, bytes]:
    files = sorted(folder.glob(wanted))
    if not files:
        files = sorted(folder.glob(PurePosixPath(wanted).name))
    return {f.relative_to(folder).as_posix(): f.read_bytes() for f in files}


def _unpack(file: BinaryIO, pattern: str) -> dict[str, bytes]:
    parts = [re.escape(part) for part in pattern.split("*")]
    fits = re.compile("[^/]*".join(parts)).fullmatch
    found: dict[str, bytes] = {}
    if zipfile.is_zipfile(file):
        with zipfile.ZipFile(file) as wheel:
            for name in filter(fits, wheel.namelist()):
                found[name] = wheel.read(name)
    else:
        file.seek(0)
        with tarfile.open(fileobj=file) as tar:
            for part in tar:
                content = tar.extractfile(part) if fits(part.name) else None
                if content is not None:
                    found[part.name] = content.read()
    return dict(sorted(found.items()))
