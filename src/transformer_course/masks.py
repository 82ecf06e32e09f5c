"""Who may attend to whom: boolean masks, True where attention is allowed."""

from __future__ import annotations

import torch
from torch import Tensor


def causal_mask(n_positions: int) -> Tensor:
    """Let every position see itself and what came before, never the future.

    Args:
        n_positions: How many positions there are.

    Returns:
        Bool (n_positions, n_positions): rows are queries, columns are keys;
        True on and below the diagonal.

    Raises:
        ValueError: ``n_positions`` is not positive.

    Source: Vaswani et al. (2017), sec. 3.2.3.

    Example:
        >>> causal_mask(3).int()
        tensor([[1, 0, 0],
                [1, 1, 0],
                [1, 1, 1]], dtype=torch.int32)
    """
    if n_positions < 1:
        raise ValueError(f"n_positions is {n_positions}, wanted at least 1")
    allowed = torch.ones(n_positions, n_positions, dtype=torch.bool)
    return allowed.tril()  # (T, T)


def padding_mask(pad_mask: Tensor) -> Tensor:
    """Hide the padding of a batch from every query and every head.

    Args:
        pad_mask: Bool (B, T), True where the token is real.

    Returns:
        Bool (B, 1, 1, T): the same key is hidden from all queries and in all
        heads of a sentence. Rows that are padding themselves still attend
        to the real tokens; whoever reads the output ignores those rows.

    Raises:
        TypeError: ``pad_mask`` is not bool.
        ValueError: ``pad_mask`` is not of shape (B, T).

    Example:
        >>> padding_mask(torch.tensor([[True, True, False]])).shape
        torch.Size([1, 1, 1, 3])
    """
    if pad_mask.dtype != torch.bool:
        raise TypeError(
            f"pad_mask is {pad_mask.dtype}, wanted bool with "
            "True = real token, False = padding"
        )
    if pad_mask.dim() != 2:
        raise ValueError(
            f"pad_mask has shape {tuple(pad_mask.shape)}, wanted (B, T)"
        )
    return pad_mask[:, None, None, :]  # (B, 1, 1, T)


def combine(*masks: Tensor | None) -> Tensor | None:
    """Allow only what every one of the masks allows.

    Args:
        masks: Bool masks of shapes that broadcast together, True = may
            attend; None stands for "everything is allowed".

    Returns:
        Bool of the broadcast shape; None where no mask was given at all.

    Raises:
        TypeError: A mask is not bool.
        ValueError: The shapes do not broadcast together.

    Example:
        >>> pad_mask = torch.tensor([[True, True, False]])
        >>> combine(causal_mask(3), padding_mask(pad_mask)).int()
        tensor([[[[1, 0, 0],
                  [1, 1, 0],
                  [1, 1, 0]]]], dtype=torch.int32)
    """
    given = [mask for mask in masks if mask is not None]
    for number, mask in enumerate(given):
        if mask.dtype != torch.bool:
            raise TypeError(
                f"mask number {number} is {mask.dtype}, wanted bool with "
                "True = may attend"
            )
    if not given:
        return None
    allowed = given[0]
    for mask in given[1:]:
        try:
            allowed = allowed & mask
        except RuntimeError as error:
            raise ValueError(
                f"masks of shapes {tuple(allowed.shape)} and "
                f"{tuple(mask.shape)} do not broadcast together"
            ) from error
    return allowed
