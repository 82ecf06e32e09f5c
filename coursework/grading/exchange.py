"""Values on their way into and out of the sandbox: JSON and safetensors.

Nothing is ever pickled: reading a file runs no code of its writer's. What
comes out was written by a stranger, so sizes, kinds and depth are bounded,
and a link or a device in the place of a file is no file.
"""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path
from typing import Any

import numpy as np
import safetensors.torch
import torch
from torch import Tensor

LARGEST_JSON = 8 << 20
LARGEST_TENSORS = 64 << 20
DEEPEST = 20
MOST_ITEMS = 200_000
LONGEST_INTEGER = 1 << 256


class ExchangeError(ValueError):
    """A value that cannot be handed over; the message says its kind."""


class _Packer:
    """Takes a value apart into a JSON tree and named tensors."""

    def __init__(self) -> None:
        self.tensors: dict[str, Tensor] = {}
        self.items = 0

    def pack(self, value: Any, depth: int = 0) -> Any:
        """Return the JSON tree of a value."""
        self.items += 1
        if depth > DEEPEST or self.items > MOST_ITEMS:
            raise ExchangeError("too large or too deep")
        kind = type(value)
        if value is None or kind in (bool, str, float):
            return value
        if kind is int:
            if abs(value) > LONGEST_INTEGER:
                raise ExchangeError("too large a number")
            return value
        if kind in (list, tuple):
            items = [self.pack(v, depth + 1) for v in value]
            return items if kind is list else {"tuple": items}
        if kind is dict:
            pairs = [[k, self.pack(v, depth + 1)] for k, v in value.items()]
            if not all(type(k) in (str, int) for k, _ in pairs):
                raise ExchangeError("a dictionary whose keys are no strings")
            return {"dict": pairs}
        if kind in (Tensor, torch.nn.Parameter):
            return {"tensor": self._keep(value.detach())}
        if kind is np.ndarray:
            return {"array": self._keep(torch.from_numpy(value.copy()))}
        if isinstance(value, np.generic):
            return self.pack(value.item(), depth)
        raise ExchangeError(
            "a subclass of Tensor" if isinstance(value, Tensor) else "object"
        )

    def _keep(self, tensor: Tensor) -> str:
        if tensor.layout != torch.strided or tensor.is_quantized:
            raise ExchangeError("a tensor that is not dense")
        if tensor.numel() * tensor.element_size() > LARGEST_TENSORS // 2:
            raise ExchangeError("too large a tensor")
        name = str(len(self.tensors))
        self.tensors[name] = tensor.cpu().contiguous().clone()
        return name


def _unpack(tree: Any, tensors: dict[str, Tensor]) -> Any:
    """Put a value together again."""
    if isinstance(tree, list):
        return [_unpack(v, tensors) for v in tree]
    if not isinstance(tree, dict):
        return tree
    ((kind, content),) = tree.items()
    if kind == "tuple":
        return tuple(_unpack(v, tensors) for v in content)
    if kind == "dict":
        return {k: _unpack(v, tensors) for k, v in content}
    if kind == "tensor":
        return tensors[content].clone()
    if kind == "array":
        return tensors[content].clone().numpy()
    raise ExchangeError(f"unknown kind {str(kind)[:20]!r}")


def copied(value: Any) -> Any:
    """Return a copy of a value that can be handed over.

    Raises:
        ExchangeError: It cannot be handed over.
    """
    packer = _Packer()
    return _unpack(packer.pack(value), packer.tensors)


def write(folder: Path, name: str, value: Any) -> None:
    """Write a value as ``name.json`` and ``name.safetensors``.

    Args:
        folder: Where to; it exists.
        name: Name of both files, without suffix.
        value: None, bools, numbers, strings, tensors, numpy arrays, and
            lists, tuples and dictionaries of these.

    Raises:
        ExchangeError: There is something else in it, or it is too large.
    """
    packer = _Packer()
    tree = packer.pack(value)
    safetensors.torch.save_file(
        packer.tensors, str(folder / f"{name}.safetensors")
    )
    (folder / f"{name}.json").write_text(json.dumps(tree), encoding="utf-8")


def read(folder: Path, name: str) -> Any:
    """Read a value that ``write`` wrote, or something that only looks so.

    Args:
        folder: Where the two files are; their writer may be hostile.
        name: Name of both files, without suffix.

    Returns:
        The value; tensors are plain and on the CPU.

    Raises:
        ExchangeError: A file is missing, is no regular file, is too large
            or does not hold what it should.
    """
    text = _bytes(folder / f"{name}.json", LARGEST_JSON)
    raw = _bytes(folder / f"{name}.safetensors", LARGEST_TENSORS)
    try:
        tensors = safetensors.torch.load(raw)
        return _unpack(json.loads(text), tensors)
    except ExchangeError:
        raise
    except Exception as error:  # whatever a stranger's bytes bring about
        raise ExchangeError(f"unreadable: {type(error).__name__}") from error


def _bytes(path: Path, most: int) -> bytes:
    """Read a regular file of bounded size, following no link."""
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK
    try:
        descriptor = os.open(path, flags)
    except OSError as error:
        raise ExchangeError("no such file") from error
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise ExchangeError("not a regular file")
    with open(descriptor, "rb") as file:
        content = file.read(most + 1)
    if len(content) > most:
        raise ExchangeError("too large a file")
    return content
