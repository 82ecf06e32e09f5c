"""Runs inside the sandbox: calls what the student wrote, hands in values.

Whatever this file checks, a hostile notebook can circumvent, for it runs in
the same process. Nothing depends on it: only values leave, and only right
values score.
"""

from __future__ import annotations

import builtins
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

from IPython.core.getipython import get_ipython

from coursework.grading import exchange
from coursework.grading.drivers import DRIVERS

GIVEN = Path("/given")
HANDED_IN = Path("/handed-in")

_snapshots: dict[str, dict[str, Any]] = {}


class _TooLongError(BaseException):
    """Not an Exception, so that ``except Exception`` does not stop it."""


def prepare() -> None:
    """Let a notebook that asks questions go on without answers."""
    builtins.input = lambda prompt="": ""


def capture(part: str) -> None:
    """Remember all names as they are where the part's tests stand."""
    _snapshots[part] = dict(_names())


def collect() -> None:
    """Call every part's target on its inputs and hand in what it returns."""
    student = str(_names().get("STUDENT"))[:100]
    exchange.write(HANDED_IN, "student", student)
    for name, part in exchange.read(GIVEN, "calls").items():
        if name in _snapshots:
            names = _names()
            names.clear()
            names.update(_snapshots[name])
            results = _part(part, names)
        else:
            results = [{"error": "missing"}]
        _hand_in(part["file"], results)


def _names() -> dict[str, Any]:
    shell = get_ipython()
    assert shell is not None, "the collector runs in a notebook's kernel"
    names: dict[str, Any] = shell.user_ns
    return names


def _part(part: dict[str, Any], names: dict[str, Any]) -> list[Any]:
    """Run all calls of a part within its time; none is skipped for another."""
    results: list[Any] = []
    try:
        with _at_most(part["seconds"]):
            for call in part["calls"]:
                results.append(_call(part, call, names))
    except _TooLongError:
        results.append({"error": "timeout"})
    return results


def _call(part: dict[str, Any], call: Any, names: dict[str, Any]) -> Any:
    """Make one call; an exception becomes its class's name."""
    try:
        target = names[part["target"]]
    except KeyError:
        return {"error": "missing"}
    try:
        value = target
        if not part["value"]:
            value = DRIVERS[part["driver"]](target, call)
        value = exchange.copied(value)  # the next call may change it
    except _TooLongError:
        raise
    except exchange.ExchangeError as error:
        return {"error": f"kind {error}"}
    except NotImplementedError:
        return {"error": "blank"}
    except BaseException as error:  # SystemExit, too
        return {"error": f"raised {type(error).__name__}"}
    return {"value": value}


@contextmanager
def _at_most(seconds: float) -> Iterator[None]:
    """Stop what runs after some seconds, where it lets itself be stopped."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise _TooLongError

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds, 1.0)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _hand_in(name: str, results: list[Any]) -> None:
    """Write a part's results; where they are too large, say so instead."""
    try:
        exchange.write(HANDED_IN, name, results)
    except Exception:
        exchange.write(HANDED_IN, name, [{"error": "kind too large"}])
