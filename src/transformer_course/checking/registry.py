"""Finds an exercise by name; imports no chapter but the one named."""

from __future__ import annotations

import difflib
import importlib
import pkgutil
import re

from transformer_course.checking.exercise import Chapter, Exercise

PACKAGE = __name__.rpartition(".")[0]


class UnknownExerciseError(LookupError):
    """There is no exercise of that name; the message names the nearest."""


def files() -> list[str]:
    """List the modules that hold exercises: chapter_NN and chapter_NN_*."""
    path = importlib.import_module(PACKAGE).__path__
    names = (module.name for module in pkgutil.iter_modules(path))
    return sorted(n for n in names if re.match(r"chapter_\d\d(_|$)", n))


def chapters() -> list[str]:
    """List the chapters that have exercises, as two digits each."""
    return sorted({name[8:10] for name in files()})


def exercises(chapter: str) -> Chapter:
    """Import the exercises of one chapter.

    Args:
        chapter: Two digits, one of ``chapters()``.

    Returns:
        The chapter's exercises by name.
    """
    found = Chapter(chapter)
    for name in files():
        if name[8:10] == chapter:
            module = importlib.import_module(f"{PACKAGE}.{name}")
            found.update(module.EXERCISES)
    return found


def find(name: str) -> Exercise:
    """Find an exercise.

    Args:
        name: Such as ``"07-window-mask"``.

    Returns:
        The exercise.

    Raises:
        UnknownExerciseError: There is none of that name.
    """
    known = chapters()
    if isinstance(name, str) and name[:2] in known:
        found = exercises(name[:2])
        if name in found:
            return found[name]
        known = [name[:2]]
    names = [n for chapter in known for n in exercises(chapter)]
    near = difflib.get_close_matches(str(name), names, n=1, cutoff=0)
    raise UnknownExerciseError(
        f"no exercise is named {name!r}; the nearest name is {near[0]!r}"
    )
