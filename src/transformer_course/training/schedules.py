"""Schedules: what share of the learning rate each step of training takes.

A schedule is a function of the step, counted from 1, and of nothing else, so
that a resumed training goes on with the rates of one that never stopped.
"""

from __future__ import annotations

import math
from collections.abc import Callable

Schedule = Callable[[int], float]


def inverse_root(n_warmup: int) -> Schedule:
    """Rise in a straight line, then fall with the root of the step.

    The schedule of the 2017 Transformer, scaled so that its peak is 1. The
    paper's own rate is this one with ``lr = (d_model * n_warmup) ** -0.5``.

    Args:
        n_warmup: Steps of the rise; the peak is at this step.

    Returns:
        A function from the step to the share of ``lr``, above 0, at most 1.

    Raises:
        ValueError: ``n_warmup`` is not positive.

    Source: Vaswani et al. (2017), sec. 5.3, eq. 3.

    Example:
        >>> share = inverse_root(n_warmup=4)
        >>> [share(step) for step in (1, 2, 4, 16)]
        [0.25, 0.5, 1.0, 0.5]
    """
    if n_warmup < 1:
        raise ValueError(f"n_warmup is {n_warmup}, wanted at least 1")
    return lambda step: min(step / n_warmup, math.sqrt(n_warmup / step))


def cosine(n_steps: int, n_warmup: int = 0, floor: float = 0.0) -> Schedule:
    """Rise in a straight line, then fall along half a cosine wave.

    Args:
        n_steps: Steps of the whole training; later ones stay at ``floor``.
        n_warmup: Steps of the rise; 0 starts at the peak.
        floor: Share of ``lr`` that the wave falls to.

    Returns:
        A function from the step to the share of ``lr``, at most 1.

    Raises:
        ValueError: ``n_warmup`` is not from 0 to below ``n_steps``, or
            ``floor`` not from 0 to 1.

    Source: Loshchilov and Hutter (2017), sec. 3, eq. 5, without restarts.

    Example:
        >>> share = cosine(n_steps=5, n_warmup=1)
        >>> [round(share(step), 3) for step in range(1, 7)]
        [1.0, 1.0, 0.854, 0.5, 0.146, 0.0]
    """
    if not 0 <= floor <= 1:
        raise ValueError(f"floor is {floor}, wanted 0 to 1")
    fall = _fall(n_steps, n_warmup)

    def share(step: int) -> float:
        if step <= n_warmup:
            return step / n_warmup
        return floor + (1 - floor) * (1 + math.cos(math.pi * fall(step))) / 2

    return share


def linear(n_steps: int, n_warmup: int = 0) -> Schedule:
    """Rise in a straight line, then fall to nothing in another.

    Args:
        n_steps: Steps of the whole training; later ones get 0.
        n_warmup: Steps of the rise; 0 starts at the peak.

    Returns:
        A function from the step to the share of ``lr``, from 0 to 1.

    Raises:
        ValueError: ``n_warmup`` is not from 0 to below ``n_steps``.

    Source: Devlin et al. (2019), app. A.2.

    Example:
        >>> share = linear(n_steps=6, n_warmup=2)
        >>> [share(step) for step in range(1, 8)]
        [0.5, 1.0, 1.0, 0.75, 0.5, 0.25, 0.0]
    """
    fall = _fall(n_steps, n_warmup)

    def share(step: int) -> float:
        return step / n_warmup if step <= n_warmup else 1 - fall(step)

    return share


def _fall(n_steps: int, n_warmup: int) -> Callable[[int], float]:
    """Count how much of the fall a step has behind it, from 0 to 1."""
    if not 0 <= n_warmup < n_steps:
        raise ValueError(
            f"n_warmup is {n_warmup}, wanted 0 to below n_steps {n_steps}"
        )
    return lambda step: min((step - 1 - n_warmup) / (n_steps - n_warmup), 1.0)
