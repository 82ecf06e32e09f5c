"""From published names of tensors to ours, and back."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from transformer_course.pretrained.errors import PretrainedError
from transformer_course.pretrained.folder import Weights
from transformer_course.pretrained.settings import Settings


@dataclass(frozen=True)
class Part:
    """One published tensor and the parameters of ours that it holds.

    Attributes:
        theirs: Its name, without the name of the body.
        ours: Names of our parameters: several where it holds one below the
            other.
        transposed: Whether its rows are inputs and its columns outputs.
        copies: Other names under which files repeat it, since it is tied.
    """

    theirs: str
    ours: tuple[str, ...]
    transposed: bool = False
    copies: tuple[str, ...] = ()


@dataclass(frozen=True)
class Family:
    """All that ``load`` and ``save`` need to know of a kind of model.

    Attributes:
        model_type: Its name in config.json.
        body: What stands before the names of the body's tensors, with a dot,
            where there is a head on it.
        heads: What the names of the heads' tensors start with.
        ignored: Pattern of tensors that hold no weights, such as masks.
        build: Makes the model from the settings and the tensors' names.
        holds: Whether ``save`` writes a model as this family.
        settings: Describes a model for config.json.
        parts: Lists what a model's tensors are called.
        bare: Whether a model is saved without ``body``.
        respell: Puts old names into the present form.
    """

    model_type: str
    body: str
    heads: tuple[str, ...]
    ignored: str
    build: Callable[[Settings, Collection[str]], nn.Module]
    holds: Callable[[nn.Module], bool]
    settings: Callable[[Any], Mapping[str, Any]]
    parts: Callable[[Any], Iterable[Part]]
    bare: Callable[[nn.Module], bool] = lambda model: False
    respell: Callable[[str], str] = lambda name: name

    def spelled(self, names: Iterable[str]) -> dict[str, str]:
        """Give the file's own name of each tensor, by its spelling here.

        Args:
            names: As the file has them.

        Returns:
            Name without the body's to the file's name; what holds no weights
            is left out.
        """
        found: dict[str, str] = {}
        for name in names:
            short = self.respell(name.removeprefix(self.body))
            if re.search(self.ignored, short):
                continue
            if short in found:
                raise PretrainedError(
                    f"tensors {found[short]} and {name} are the same one"
                )
            found[short] = name
        return found

    def full(self, short: str) -> str:
        """Give a tensor's name in a model with a head.

        Args:
            short: The name without the body's.

        Returns:
            The name with it, where the tensor is the body's.
        """
        return short if short.startswith(self.heads) else self.body + short


def fill(model: nn.Module, family: Family, weights: Weights) -> None:
    """Put a folder's tensors into a model that has no memory yet.

    Everything is checked by the files' headers before the first tensor is
    read, and each tensor is read once.

    Args:
        model: On PyTorch's meta device; changed.
        family: Its family.
        weights: The open files.

    Raises:
        PretrainedError: Tensors are unknown, missing, of a wrong shape or of
            several dtypes, one holds NaN or infinity, or a tied one differs
            from what it repeats.
    """
    found = family.spelled(weights.names)
    parts = list(family.parts(model))
    _check_names(parts, family, found)
    places = {part: _place(part, found) for part in parts}
    _check_shapes(model, places, weights)
    state: dict[str, Tensor] = {}
    for part, place in places.items():
        tensor = weights.read(place)
        _check_finite(place, tensor)
        for copy in part.copies:
            again = found.get(copy, place)
            if again != place and not torch.equal(weights.read(again), tensor):
                raise PretrainedError(
                    f"tensor {again} differs from {place}, to which it is tied"
                )
        state |= _to_ours(part, tensor)
    model.load_state_dict(state, strict=True, assign=True)


def tensors_of(model: nn.Module, family: Family) -> dict[str, Tensor]:
    """Give a model's tensors under their published names.

    Args:
        model: Of the family.
        family: Its family.

    Returns:
        Name to tensor, contiguous and on the CPU.

    Raises:
        PretrainedError: A tensor holds NaN or infinity.
    """
    state = {name: p.detach().cpu() for name, p in model.state_dict().items()}
    bare = family.bare(model)
    tensors = {}
    for part in family.parts(model):
        pieces = [state[name] for name in part.ours]
        tensor = torch.cat(pieces) if len(pieces) > 1 else pieces[0]
        tensor = tensor.T if part.transposed else tensor
        name = part.theirs if bare else family.full(part.theirs)
        _check_finite(name, tensor)
        tensors[name] = tensor.contiguous()
    return tensors


def _check_finite(name: str, tensor: Tensor) -> None:
    wrong = int(tensor.isfinite().logical_not().sum())
    if wrong:
        raise PretrainedError(
            f"tensor {name} has {wrong} entries that are NaN or infinite, "
            "wanted numbers"
        )


def _place(part: Part, found: Mapping[str, str]) -> str:
    """Give the file's name of the first spelling that it has."""
    return next(
        found[name] for name in (part.theirs, *part.copies) if name in found
    )


def _check_names(
    parts: Iterable[Part], family: Family, found: Mapping[str, str]
) -> None:
    known, missing = set(), []
    with_body = any(name.startswith(family.body) for name in found.values())
    for part in parts:
        spellings = {part.theirs, *part.copies}
        known |= spellings
        if not spellings & found.keys():
            full = family.full(part.theirs) if with_body else part.theirs
            missing.append(full)
    unknown = [found[short] for short in found if short not in known]
    complaints = [
        f"{what} tensors: {', '.join(names)}"
        for what, names in (("missing", missing), ("unknown", unknown))
        if names
    ]
    if complaints:
        raise PretrainedError("; ".join(complaints))


def _check_shapes(
    model: nn.Module, places: Mapping[Part, str], weights: Weights
) -> None:
    shapes = {name: p.shape for name, p in model.state_dict().items()}
    wrong, dtypes = [], {}
    for part, place in places.items():
        rows = sum(shapes[name][0] for name in part.ours)
        wanted = (rows, *shapes[part.ours[0]][1:])
        wanted = wanted[::-1] if part.transposed else wanted
        came = weights.shape(place)
        if came != wanted:
            wrong.append(f"{place} has shape {came}, wanted {wanted}")
        dtypes[weights.dtype(place)] = place
    if wrong:
        raise PretrainedError(f"wrongly shaped tensors: {'; '.join(wrong)}")
    if len(dtypes) > 1 or not dtypes.keys() <= {"F64", "F32", "F16", "BF16"}:
        raise PretrainedError(
            f"tensors have dtypes {dtypes} (an example of each), wanted one "
            "floating-point dtype"
        )


def _to_ours(part: Part, tensor: Tensor) -> dict[str, Tensor]:
    """Cut a tensor into our parameters, as copies of the file's memory."""
    turned = tensor.T if part.transposed else tensor
    pieces = turned.chunk(len(part.ours))
    return {
        name: piece.clone(memory_format=torch.contiguous_format)
        for name, piece in zip(part.ours, pieces, strict=True)
    }
