"""From logits to the distribution that a token is drawn from."""

from __future__ import annotations

import math

import torch
from torch import Tensor


def keep_top_k(logits: Tensor, k: int) -> Tensor:
    """Leave the ``k`` most probable tokens and rule out all others.

    Args:
        logits: Float (..., V).
        k: How many; all are left where there are not more than ``k``. Of
            tokens that tie for the last place, one is left.

    Returns:
        Float (..., V): the logits, -inf where a token is ruled out.

    Raises:
        ValueError: ``k`` is not positive.

    Source: Fan, Lewis and Dauphin (2018), sec. 5.4.

    Example:
        >>> keep_top_k(torch.tensor([1.0, 3.0, 2.0]), 2)
        tensor([-inf, 3., 2.])
    """
    if k < 1:
        raise ValueError(f"k is {k}, wanted at least 1")
    top, places = logits.topk(min(k, logits.size(-1)), dim=-1)
    return torch.full_like(logits, -math.inf).scatter(-1, places, top)


def keep_top_p(logits: Tensor, p: float) -> Tensor:
    """Leave the fewest tokens that together have probability ``p``.

    Tokens are taken from the most probable on until they sum to ``p`` or
    more, so there is always one. This is nucleus sampling.

    Args:
        logits: Float (..., V).
        p: The probability, above 0 and at most 1. Of tokens that tie for the
            last place, the one with the lowest id is left.

    Returns:
        Float (..., V): the logits, -inf where a token is ruled out.

    Raises:
        ValueError: ``p`` is not above 0 and at most 1.

    Source: Holtzman et al. (2020), sec. 3.1, eq. 2 and 3.

    Example:
        >>> probabilities = torch.tensor([0.125, 0.5, 0.25, 0.125])
        >>> keep_top_p(probabilities.log(), 0.6).exp()
        tensor([0.0000, 0.5000, 0.2500, 0.0000])
    """
    if not 0 < p <= 1:
        raise ValueError(f"p is {p}, wanted above 0 and at most 1")
    if p == 1:  # rounding must not rule out the last ones
        return logits
    ordered, places = logits.sort(dim=-1, descending=True, stable=True)
    probabilities = ordered.double().softmax(dim=-1)  # (..., V)
    before = probabilities.cumsum(dim=-1) - probabilities
    ordered = ordered.masked_fill(before >= p, -math.inf)
    return torch.empty_like(logits).scatter(-1, places, ordered)


def next_token_probabilities(
    logits: Tensor,
    *,
    temperature: float = 1.0,
    top_k: int | None = None,
    top_p: float | None = None,
) -> Tensor:
    """Turn logits into the distribution from which a token is drawn.

    First the temperature, then ``top_k``, then ``top_p`` of what is left.

    Args:
        logits: Float (..., V).
        temperature: The logits are divided by it: below 1 the probable
            become more probable, above 1 all become more alike.
        top_k: How many of the most probable tokens are left; None, all.
        top_p: How much probability is left; None, all.

    Returns:
        Float (..., V), each distribution with sum 1.

    Raises:
        ValueError: ``temperature`` is not positive, the largest logit is no
            number, or see ``keep_top_k`` and ``keep_top_p``.

    Source: Ackley, Hinton and Sejnowski (1985) on the temperature; Holtzman et
    al. (2020), sec. 3.3.

    Example:
        >>> logits = torch.tensor([0.5, 0.25, 0.25]).log()
        >>> next_token_probabilities(logits, temperature=0.5)
        tensor([0.6667, 0.1667, 0.1667])
    """
    if not temperature > 0:
        raise ValueError(
            f"temperature is {temperature}, wanted above 0 (greedy() is what "
            "it comes to at 0)"
        )
    largest = logits.amax(dim=-1, keepdim=True)  # (..., 1), NaN if one is
    if not largest.isfinite().all():
        raise ValueError(
            "logits have a row with NaN, with plus infinity, or with nothing "
            "but minus infinity: wanted a largest number in each"
        )
    # With the largest at 0, no temperature overflows.
    logits = (logits - largest) / temperature
    if top_k is not None:
        logits = keep_top_k(logits, top_k)
    if top_p is not None:
        logits = keep_top_p(logits, top_p)
    return logits.softmax(dim=-1)
