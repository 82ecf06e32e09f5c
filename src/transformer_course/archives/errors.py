"""What can go wrong with an archive: an error of its own for each."""


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
