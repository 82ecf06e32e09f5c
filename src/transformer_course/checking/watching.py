"""Records how an answer calls the chapter's functions while it runs."""

from __future__ import annotations

import contextlib
import functools
import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from torch import nn
from torch.nn.modules.module import register_module_forward_pre_hook

from transformer_course.checking.exercise import Exercise, Telltale

CLASS = "class:"  # before the name of a module's class
MOST = 1000  # calls of one function that are kept


@dataclass(frozen=True)
class Call:
    """One call of a function.

    Args:
        arguments: Values by the names of the parameters, defaults too.
        result: What it returned.
    """

    arguments: Mapping[str, Any]
    result: Any

    def __getitem__(self, name: str) -> Any:
        """Give an argument by the name of its parameter."""
        return self.arguments[name]


@dataclass
class Seen:
    """What an answer did.

    Args:
        space: Names and values that the answer sees.
        inputs: The arguments of each of its calls.
        results: What each of them returned.
        calls: Recorded calls by name of the function.
    """

    space: Mapping[str, Any]
    inputs: list[tuple[Any, ...]] = field(default_factory=list)
    results: list[Any] = field(default_factory=list)
    calls: dict[str, list[Call]] = field(default_factory=dict)

    def __getitem__(self, name: str) -> list[Call]:
        """Give the calls of a function in their order."""
        return self.calls.get(name, [])


@contextlib.contextmanager
def watch(exercise: Exercise, space: Any) -> Iterator[Seen]:
    """Record the functions and modules that the telltales ask for.

    Args:
        exercise: The exercise.
        space: The dictionary in which the answer looks up its names; its
            functions are exchanged for recording ones, and put back.

    Yields:
        What was seen so far.
    """
    seen = Seen(space)
    names = {name for tell in exercise.telltales for name in tell.watched}
    with contextlib.ExitStack() as put_back:
        for name in sorted(names):
            if name.startswith(CLASS):
                hook = _module_hook(name, seen)
                put_back.callback(hook.remove)
                continue
            holder, last = _holder(space, name)
            function = holder.get(last)
            if inspect.isfunction(function):
                put_back.callback(holder.__setitem__, last, function)
                calls = seen.calls.setdefault(name, [])
                holder[last] = _recording(function, calls)
        yield seen


def _module_hook(name: str, seen: Seen) -> Any:
    """Record what modules of a class read, wherever they are called."""
    wanted = name.removeprefix(CLASS)
    calls = seen.calls.setdefault(name, [])

    def note(module: nn.Module, args: tuple[Any, ...]) -> None:
        if type(module).__name__ == wanted and len(calls) < MOST:
            calls.append(Call({"args": args}, None))

    return register_module_forward_pre_hook(note)


def _holder(space: Any, name: str) -> tuple[Any, str]:
    """Find the dictionary that holds "fit", or "training.train"."""
    module, _, last = name.rpartition(".")
    return (vars(space[module]) if module in space else space), last


def _recording(
    function: Callable[..., Any], calls: list[Call]
) -> Callable[..., Any]:
    signature = inspect.signature(function)

    @functools.wraps(function)
    def recorded(*args: Any, **kwargs: Any) -> Any:
        result = function(*args, **kwargs)
        if len(calls) < MOST:
            bound = signature.bind(*args, **kwargs)
            bound.apply_defaults()
            calls.append(Call(bound.arguments, result))
        return result

    return recorded


def shown(exercise: Exercise, seen: Seen) -> Telltale | None:
    """Find the first telltale that shows.

    Args:
        exercise: The exercise.
        seen: What the answer did; a chapter whose functions were changed
            may have other parameters, and then nothing shows.

    Returns:
        A telltale, or None.
    """
    for tell in exercise.telltales:
        with contextlib.suppress(Exception):
            if tell.shows(seen):
                return tell
    return None
