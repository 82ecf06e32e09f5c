"""What training switches for a while, and puts back after."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import nn


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Make the random numbers inside a ``with`` block repeatable.

    PyTorch's layers draw their first weights, and dropout its zeros, from one
    global stream. Inside the block that stream starts at ``seed``; after it
    the stream goes on as if nothing had happened.

    Args:
        seed: Where the stream starts.

    Yields:
        Nothing.

    Example:
        >>> with seeded(3):
        ...     first = nn.Linear(2, 5)
        >>> with seeded(3):
        ...     second = nn.Linear(2, 5)
        >>> torch.equal(first.weight, second.weight)
        True
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        yield


@contextmanager
def mode(model: nn.Module, training: bool) -> Iterator[None]:
    """Put a model in training or evaluation mode, and put it back after.

    Layers such as dropout act differently in the two modes. Every part gets
    back the mode that it had, also where the parts differed.

    Args:
        model: The model.
        training: True for training mode, False for evaluation mode.

    Yields:
        Nothing.
    """
    before = [(part, part.training) for part in model.modules()]
    model.train(training)
    try:
        yield
    finally:
        for part, was_training in before:
            part.training = was_training
