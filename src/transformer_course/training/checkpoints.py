"""Checkpoints: what a training needs to go on, written so as to survive.

A checkpoint is a folder ``step-00000120`` of two files: the tensors
(safetensors) and everything else (JSON). It is written under another name,
forced to the disk, and then renamed in one move. So a folder of that name is
whole, at whatever moment the process was killed or the power went.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import filelock
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

_NAME = re.compile(r"step-(\d{8})")
_TENSORS, _STATE = "tensors.safetensors", "state.json"


class CheckpointError(RuntimeError):
    """A checkpoint cannot be used; the message says which, why, what to do."""


@dataclass(frozen=True)
class Checkpoint:
    """What one checkpoint holds.

    Attributes:
        step: Steps of training behind it.
        tensors: By name.
        state: Everything else; what JSON can say.
    """

    step: int
    tensors: dict[str, Tensor]
    state: dict[str, Any]


def save(folder: Path, checkpoint: Checkpoint, keep: int = 2) -> Path:
    """Write a checkpoint in one move, and delete those that are too old.

    Args:
        folder: Where the checkpoints of this training live; made if missing.
        checkpoint: What is written. Tensors may share memory: each is
            stored by itself.
        keep: How many of the newest remain.

    Returns:
        The folder of the new checkpoint.

    Raises:
        ValueError: ``keep`` is not positive, or the step is not from 0 to
            99,999,999.
        FileExistsError: This step was saved before.
        OSError: The disk is full or may not be written. The checkpoints that
            there were are unharmed.
    """
    if keep < 1:
        raise ValueError(f"keep is {keep}, wanted at least 1")
    if not 0 <= checkpoint.step < 10**8:
        raise ValueError(f"step is {checkpoint.step}, wanted 0 to 99,999,999")
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"step-{checkpoint.step:08d}"
    if target.exists():
        raise FileExistsError(f"{target} is there already")
    for left_behind in folder.glob(".step-*.part"):
        shutil.rmtree(left_behind)
    part = folder / f".{target.name}.part"
    part.mkdir()
    tensors = {
        name: tensor.detach().clone().contiguous()
        for name, tensor in checkpoint.tensors.items()
    }
    save_file(tensors, part / _TENSORS)
    state = json.dumps(checkpoint.state, allow_nan=False)
    whole = {
        "tensors sha256": _digest(part / _TENSORS),
        "state sha256": hashlib.sha256(state.encode()).hexdigest(),
        "state": state,
    }
    (part / _STATE).write_text(json.dumps(whole), encoding="utf-8")
    for path in (part / _TENSORS, part / _STATE, part):
        _force_to_disk(path)
    part.rename(target)
    _force_to_disk(folder)
    for _, old in _all(folder)[:-keep]:
        shutil.rmtree(old)
    return target


def load_latest(folder: Path) -> Checkpoint | None:
    """Read the newest checkpoint of a folder.

    Args:
        folder: Where the checkpoints of a training live.

    Returns:
        The checkpoint; None where there is none.

    Raises:
        CheckpointError: The newest checkpoint is damaged.
    """
    stored = _all(folder)
    return _load(*stored[-1]) if stored else None


def average(folder: Path, n: int, prefix: str = "model/") -> dict[str, Tensor]:
    """Average the weights of a training's newest checkpoints.

    The weights of single steps scatter round what the training tends to;
    their mean often scores better than any of them.

    Args:
        folder: Where the checkpoints of a training live.
        n: How many of the newest to average.
        prefix: What the names of the tensors begin with; it is cut off.

    Returns:
        The means by name, each in its tensor's dtype: what
        ``model.load_state_dict`` takes.

    Raises:
        ValueError: ``n`` is not positive, the folder has fewer, or no
            tensor's name begins so.
        CheckpointError: One of the checkpoints is damaged.

    Source: Vaswani et al. (2017), sec. 6.1.
    """
    stored = _all(folder)
    if not 1 <= n <= len(stored):
        raise ValueError(
            f"n is {n}, wanted 1 to {len(stored)}, the checkpoints of {folder}"
        )
    sums: dict[str, Tensor] = {}
    dtypes: dict[str, torch.dtype] = {}
    for step, path in stored[-n:]:
        for name, tensor in _load(step, path).tensors.items():
            if name.startswith(prefix):
                key = name.removeprefix(prefix)
                sums[key] = sums.get(key, torch.zeros(())) + tensor.double()
                dtypes[key] = tensor.dtype
    if not sums:
        raise ValueError(f"no tensor of {folder} has prefix {prefix!r}")
    return {key: (total / n).to(dtypes[key]) for key, total in sums.items()}


def _load(step: int, path: Path) -> Checkpoint:
    try:
        whole = json.loads((path / _STATE).read_text(encoding="utf-8"))
        state = whole["state"]
        digest = hashlib.sha256(state.encode()).hexdigest()
        for name, found_now in (
            ("state", digest),
            ("tensors", _digest(path / _TENSORS)),
        ):
            if whole[f"{name} sha256"] != found_now:
                raise ValueError(f"the {name} are not what was written")
        tensors = load_file(path / _TENSORS)
        return Checkpoint(step, tensors, json.loads(state))
    except (OSError, ValueError, KeyError, SafetensorError) as error:
        raise CheckpointError(
            f"the checkpoint {path} is damaged ({error}). Delete that folder "
            "to go on from the one before it"
        ) from error


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Keep a second process out of a folder of checkpoints.

    The lock ends with the process, however it ends.

    Args:
        folder: Where the checkpoints of a training live; made if missing.

    Yields:
        Nothing.

    Raises:
        CheckpointError: Another process trains into this folder.
    """
    folder.mkdir(parents=True, exist_ok=True)
    lock = filelock.FileLock(folder / ".lock", timeout=0)
    try:
        lock.acquire()
    except filelock.Timeout as error:
        raise CheckpointError(
            f"another process is training into {folder}: name another folder"
        ) from error
    try:
        yield
    finally:
        lock.release()


def _all(folder: Path) -> list[tuple[int, Path]]:
    matches = [(_NAME.fullmatch(p.name), p) for p in folder.glob("step-*")]
    return sorted((int(match[1]), path) for match, path in matches if match)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _force_to_disk(path: Path) -> None:
    if path.is_dir() and os.name == "nt":
        return  # Windows has no handle on a folder to do this with
    handle = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
