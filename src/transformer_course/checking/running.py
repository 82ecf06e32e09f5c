"""Runs an answer so that nothing it does reaches further than a verdict."""

from __future__ import annotations

import contextlib
import copy
import io
import itertools
import signal
import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import FrameType
from typing import Any

import torch

from transformer_course.checking.comparing import same

LONGEST_ITERATOR = 100_000
SEEDS = itertools.count()  # another one for each call
AGAIN = 0.05  # seconds after which a swallowed alarm rings again


class TimeUp(BaseException):
    """The answer ran too long. No ``except Exception`` swallows it."""


class Sink(io.StringIO):
    """Keeps the first thousand characters that an answer prints."""

    def write(self, text: str) -> int:
        """Keep what still fits.

        Args:
            text: What is printed.

        Returns:
            Its length, as every file does.
        """
        super().write(text[: max(0, 1000 - self.tell())])
        return len(text)


@dataclass(frozen=True)
class Outcome:
    """What came of one call.

    Args:
        value: What it returned.
        error: What it raised.
        printed: What it printed.
        changed: Place of an argument that it changed, from 1; 0 if none.
    """

    value: Any = None
    error: BaseException | None = None
    printed: str = ""
    changed: int = 0


@contextlib.contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raise TimeUp in what runs inside once the time is up.

    The alarm rings again and again, and once more in the handler, since a
    loop may swallow it. It needs
    the main thread, where notebooks run their cells, and a system with
    alarms; elsewhere there is no limit.

    Args:
        seconds: Wall-clock seconds.
    """
    on_main = threading.current_thread() is threading.main_thread()
    if not on_main or not hasattr(signal, "SIGALRM"):
        yield
        return
    running = True

    def ring(_: int, frame: FrameType | None) -> None:
        if running:
            _insist(frame)
            raise TimeUp

    before, traced = signal.signal(signal.SIGALRM, ring), sys.gettrace()
    signal.setitimer(signal.ITIMER_REAL, seconds, AGAIN)
    try:
        yield
    finally:
        running = False
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
        sys.settrace(traced)


def _insist(frame: FrameType | None) -> None:
    """Raise once more at the next line of the answer's frames.

    That line is the handler, where the answer swallows the first TimeUp.
    """

    def again(_: FrameType, event: str, __: Any) -> None:
        if event == "line":
            raise TimeUp

    while frame is not None and frame.f_code.co_filename != __file__:
        frame.f_trace = again
        frame = frame.f_back
    sys.settrace(again)


@contextlib.contextmanager
def quiet(sink: Sink) -> Iterator[None]:
    """Keep prints, warnings and random states of an answer to itself.

    Args:
        sink: Takes what is printed.
    """
    with (
        contextlib.redirect_stdout(sink),
        contextlib.redirect_stderr(sink),
        warnings.catch_warnings(),
        torch.random.fork_rng(devices=[]),
    ):
        warnings.simplefilter("ignore")
        torch.manual_seed(next(SEEDS))  # so that chance shows
        yield


def run(
    function: Callable[..., Any], args: tuple[Any, ...], seconds: float
) -> Outcome:
    """Call an answer with its own copy of the arguments.

    Args:
        function: The answer.
        args: Arguments; they stay as they are.
        seconds: Time limit.

    Returns:
        What it returned or raised, whatever that was.
    """
    given, sink = copy.deepcopy(args), Sink()
    try:
        with quiet(sink), time_limit(seconds):
            value = function(*given)
            if isinstance(value, Iterator):
                value = list(itertools.islice(value, LONGEST_ITERATOR))
    except BaseException as error:  # SystemExit and the stop button, too
        return Outcome(error=error, printed=sink.getvalue())
    changed = 0
    for place, (before, after) in enumerate(
        zip(args, given, strict=True), start=1
    ):
        if not same(after, before, atol=0):
            changed = place
    return Outcome(value, printed=sink.getvalue(), changed=changed)
