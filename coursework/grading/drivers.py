"""How the student's answer is called, inside the sandbox; no answers here.

The same driver calls the reference outside, so that both are treated alike.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor, nn


def function(target: Callable[..., Any], call: Mapping[str, Any]) -> Any:
    """Call a function.

    Where it is given float64, what it makes itself is float64 too: an answer
    that multiplies by its own ``torch.eye(n)`` is right in the notebook.

    Args:
        target: What the notebook defines.
        call: ``"args"``, ``"kwargs"`` and ``"seed"``.
    """
    torch.manual_seed(call["seed"])
    given = (*call["args"], *call["kwargs"].values())
    double = any(
        isinstance(value, Tensor) and value.dtype == torch.float64
        for value in given
    )
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64 if double else before)
    try:
        return target(*call["args"], **call["kwargs"])
    finally:
        torch.set_default_dtype(before)


def module(target: Callable[..., nn.Module], call: Mapping[str, Any]) -> Any:
    """Build a module, give it the call's weights, run it forward.

    Weights are loaded by their names where the module has the same names,
    else in the order of its parameters.

    Args:
        target: The module's class.
        call: As for a function; ``"build"`` holds the named arguments of the
            class and ``"state"`` the weights.

    Raises:
        ValueError: The weights do not fit.
    """
    torch.manual_seed(call["seed"])
    built = target(**call["build"]).eval()
    if call["state"]:
        load(built, call["state"])
    with torch.no_grad():
        return built(*call["args"], **call["kwargs"])


def load(built: nn.Module, state: Mapping[str, Tensor]) -> None:
    """Load weights by name, else in the order of the parameters."""
    own = dict(built.named_parameters())
    if own.keys() != state.keys():
        state = dict(zip(own, state.values(), strict=False))
    shapes = {name: tuple(p.shape) for name, p in own.items()}
    if shapes != {name: tuple(p.shape) for name, p in state.items()}:
        raise ValueError(f"the module's parameters are {shapes}")
    with torch.no_grad():
        for name, parameter in own.items():
            parameter.copy_(state[name])


DRIVERS = {"function": function, "module": module}
