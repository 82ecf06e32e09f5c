"""Fetch the course's data once, verify it, and say where it is."""

import argparse
import sys
from collections.abc import Sequence

from transformer_course import archives


def main(arguments: Sequence[str] | None = None) -> int:
    """Fetch archives and say where they are.

    Args:
        arguments: Names of archives; none means all in the lock.

    Returns:
        0, or 1 where an archive could not be had.
    """
    parser = argparse.ArgumentParser(
        prog="python -m transformer_course.archives",
        description=__doc__,
        epilog=f"{archives.CACHE_VARIABLE} sets the folder that keeps it, "
        f"{archives.SOURCE_VARIABLE} one to look in before downloading.",
    )
    known = ", ".join(archives.locked())
    parser.add_argument("names", nargs="*", metavar="NAME", help=known)
    names = parser.parse_args(arguments).names or list(archives.locked())
    try:
        size = sum(archives.fetch(name).stat().st_size for name in names)
    except (archives.ArchiveError, ValueError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    folder = archives.cache_folder()
    print(f"{len(names)} archives, {size / 1e6:,.1f} MB, verified: {folder}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
