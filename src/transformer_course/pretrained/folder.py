"""The files of a folder: safetensors, in one file or in several."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any

from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from transformer_course.pretrained.errors import PretrainedError
from transformer_course.pretrained.settings import read_object

SINGLE = "model.safetensors"
INDEX = "model.safetensors.index.json"
PICKLES = ("*.bin", "*.bin.index.json", "*.pt", "*.pth", "*.ckpt", "*.pkl")


class Weights:
    """The tensors of a folder, none of them read before it is asked for.

    A context manager: the files are open inside of it.

    Args:
        folder: With model.safetensors, or the index and its files.

    Attributes:
        names: Of the tensors, in the order of the files.

    Raises:
        PretrainedError: A file is missing, damaged or pickled, or the index
            and the files disagree.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._files: dict[str, Any] = {}  # tensor's name to open file
        self._stack = ExitStack()

    def __enter__(self) -> Weights:
        with ExitStack() as opening:
            if (self.folder / SINGLE).is_file():
                file = self._open(opening, SINGLE)
                self._files = dict.fromkeys(file.keys(), file)
            elif (self.folder / INDEX).is_file():
                self._open_several(opening)
            else:
                raise self._nothing()
            self._stack = opening.pop_all()
        self.names = tuple(self._files)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._files = {}
        self._stack.close()

    def shape(self, name: str) -> tuple[int, ...]:
        """Give a tensor's shape from the file's header.

        Args:
            name: Of the tensor.

        Returns:
            Its shape.
        """
        return tuple(self._files[name].get_slice(name).get_shape())

    def dtype(self, name: str) -> str:
        """Give a tensor's dtype from the file's header.

        Args:
            name: Of the tensor.

        Returns:
            In safetensors' words, such as "F32".
        """
        return str(self._files[name].get_slice(name).get_dtype())

    def read(self, name: str) -> Tensor:
        """Read a tensor.

        Args:
            name: Of the tensor.

        Returns:
            It, on the CPU, as a view of the file: copy what is kept.
        """
        tensor: Tensor = self._files[name].get_tensor(name)
        return tensor

    def _open(self, stack: ExitStack, name: str) -> Any:
        path = self.folder / name
        try:
            return stack.enter_context(
                safe_open(path, framework="pt", device="cpu")
            )
        except (SafetensorError, OSError) as error:
            raise PretrainedError(
                f"{path} is no safetensors file: {error}"
            ) from error

    def _open_several(self, stack: ExitStack) -> None:
        index = self.folder / INDEX
        placed = read_object(index).get("weight_map")
        if not isinstance(placed, dict) or not placed:
            raise PretrainedError(f"{index} has no weight_map")
        files = sorted(set(map(str, placed.values())))
        for name in files:
            if Path(name).name != name or "\\" in name:
                raise PretrainedError(
                    f"{index} names {name!r}, wanted a file of the folder"
                )
            if not (self.folder / name).is_file():
                raise PretrainedError(f"{self.folder} has no {name}")
        for name in files:
            file = self._open(stack, name)
            here = set(file.keys())
            listed = {tensor for tensor in placed if placed[tensor] == name}
            if here != listed:
                raise PretrainedError(
                    f"{index} and {name} disagree about "
                    f"{sorted(here ^ listed)}"
                )
            self._files |= dict.fromkeys(sorted(here), file)

    def _nothing(self) -> PretrainedError:
        pickled = sorted(
            path.name
            for pattern in PICKLES
            for path in self.folder.glob(pattern)
        )
        if pickled:
            return PretrainedError(
                f"{self.folder} has its weights in {pickled} alone, which "
                "are pickled: reading a pickle can run any code, so we never "
                f"do. Wanted {SINGLE}: most models are published with one, "
                "and where you trust the source, the transformers library "
                "converts them (save_pretrained)"
            )
        return PretrainedError(f"{self.folder} has no {SINGLE} and no {INDEX}")


def write(
    folder: Path, settings: Mapping[str, Any], tensors: Mapping[str, Tensor]
) -> None:
    """Write config.json and model.safetensors, each as a whole or not at all.

    Args:
        folder: Made where it is missing.
        settings: Of config.json.
        tensors: Contiguous, none sharing memory with another.
    """
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(settings, indent=2) + "\n"
    _replace(
        folder / SINGLE,
        lambda path: save_file(dict(tensors), path, metadata={"format": "pt"}),
    )
    _replace(
        folder / "config.json",
        lambda path: path.write_text(text, encoding="utf-8"),
    )


def _replace(path: Path, fill: Callable[[Path], object]) -> None:
    """Fill a new file beside the old one, then put it in its place."""
    with tempfile.TemporaryDirectory(dir=path.parent) as beside:
        new = Path(beside, path.name)
        fill(new)
        os.replace(new, path)
