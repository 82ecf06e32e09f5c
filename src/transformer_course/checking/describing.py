"""Puts inputs, results and exceptions into words for a learner."""

from __future__ import annotations

import difflib
import inspect
import linecache
import re
import textwrap
import traceback
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from transformer_course.checking.comparing import plain
from transformer_course.checking.running import TimeUp

MOST_NUMBERS = 40
LONGEST = 240  # characters of a value

ADVICE = {
    "TypeError": "Look at what each value in that line is: a number, a list, "
    "a Tensor, None? And at how many arguments the call wants.",
    "NameError": "A name is unknown: a slip of the pen, or a cell of the "
    "chapter that has not run yet.",
    "IndexError": "A place is asked for that does not exist. Counting starts "
    "at 0 and ends one before the length.",
    "KeyError": "A key is asked for that the dictionary does not have.",
    "ZeroDivisionError": "A divisor is 0. The smallest inputs are checked "
    "first: what does your function do with them?",
    "RecursionError": "The function calls itself without an end.",
    "AttributeError": "That kind of value has no such attribute: print its "
    "type before the line.",
    "UnboundLocalError": "A name is read before this function gave it a "
    "value.",
    "SystemExit": "A checked function returns; it does not leave Python.",
    "NotImplementedError": "PyTorch has this operation for other numbers "
    "only: whole numbers often have to become floats first, x.float().",
    "UnicodeDecodeError": "Some bytes are only a part of a character.",
}
SHAPES = (
    "Two shapes do not fit. Write the shape of each Tensor beside the line, "
    "as the chapter does, and compare."
)


def shown(value: Any) -> str:
    """Write a value briefly; numbers with four digits.

    Args:
        value: Any argument or result.

    Returns:
        One line.
    """
    try:
        text = _shown(plain(value))
    except Exception:  # the value's own __repr__ may raise
        text = f"<{type(value).__name__}>"
    return textwrap.shorten(text, LONGEST, placeholder=" …")


def _shown(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, Tensor):
        if value.numel() > MOST_NUMBERS or value.device.type == "meta":
            return f"Tensor of shape {tuple(value.shape)}"
        return f"tensor({_shown(value.detach().tolist())})"
    if isinstance(value, list | tuple):
        inside = ", ".join(shown(v) for v in value)
        if isinstance(value, list):
            return f"[{inside}]"
        return f"({inside},)" if len(value) == 1 else f"({inside})"
    if isinstance(value, dict):
        pairs = (f"{_shown(k)}: {shown(v)}" for k, v in value.items())
        return "{" + ", ".join(pairs) + "}"
    if isinstance(value, set | frozenset):
        return "{" + ", ".join(sorted(shown(v) for v in value)) + "}"
    if isinstance(value, nn.Module) or inspect.isroutine(value):
        name = getattr(value, "__name__", type(value).__name__)
        return f"<{name}>"
    if repr(value).startswith("<") and " object at " in repr(value):
        return f"<{type(value).__name__}>"
    return repr(value)


def call(function: str, args: tuple[Any, ...]) -> str:
    """Write a call as a learner would type it.

    Args:
        function: Name of the function.
        args: Its arguments.

    Returns:
        Such as ``window_mask(3, 2)``.
    """
    return f"{function}({', '.join(shown(a) for a in args)})"


def own_line(error: BaseException, function: Callable[..., Any]) -> str:
    """Find the line of the learner's notebook in which an error arose.

    Args:
        error: What was raised.
        function: The learner's function.

    Returns:
        The line without indentation, or nothing where it is unknown.
    """
    code = getattr(inspect.unwrap(function), "__code__", None)
    if code is None:
        return ""
    frames = traceback.extract_tb(error.__traceback__)
    own = [f for f in frames if f.filename == code.co_filename]
    if not own:
        return ""
    number = own[-1].lineno or 0
    line = linecache.getline(code.co_filename, number).strip()
    return line or f"line {number} of its cell"


def explained(
    error: BaseException, function: Callable[..., Any], seconds: float
) -> tuple[str, str]:
    """Explain an exception.

    Args:
        error: What the answer raised.
        function: The answer.
        seconds: Its time limit.

    Returns:
        A sentence, and what to look at.
    """
    line = own_line(error, function)
    where = f"In your line:\n    {line}\n" if line else ""
    if isinstance(error, TimeUp):
        return (
            f"Your function did not end within {seconds:g} seconds.",
            f"{where}Is there a loop whose condition never changes?",
        )
    if isinstance(error, KeyboardInterrupt):
        return "The check was stopped before your function ended.", ""
    name = type(error).__name__
    said = "".join(traceback.format_exception_only(error)).strip()
    said = textwrap.shorten(said, 300, placeholder=" …")
    advice = f"{_meant(error)}{ADVICE.get(name, '')}"
    if isinstance(error, RuntimeError) and any(
        word in str(error) for word in ("shape", "size", "dimension")
    ):
        advice = SHAPES
    if isinstance(error, ValueError) and re.match(
        r"(min|max)\(\).*empty", str(error)
    ):
        advice = "Of nothing there is no smallest and no largest: ask first "
        advice += "whether something is left."
    if isinstance(error, torch.OutOfMemoryError | MemoryError):
        advice = "Something grows far too large."
    return f"Your function raises {name}.", f"{where}{said}\n{advice}".strip()


def _meant(error: BaseException) -> str:
    """Suggest a known name near an unknown one."""
    if not isinstance(error, NameError) or error.__traceback__ is None:
        return ""
    *_, (frame, _line) = traceback.walk_tb(error.__traceback__)
    known = [*frame.f_locals, *frame.f_globals]
    near = difflib.get_close_matches(str(error.name), known, n=1)
    return f"Did you mean: {near[0]!r}? " if near else ""
