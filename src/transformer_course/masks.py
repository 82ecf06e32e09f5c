"""Who may attend to whom: boolean masks, True where attention is allowed."""

from __future__ import annotations

import torch
from torch import Tensor


def causal_mask(n_positions: int, start: int = 0) -> Tensor:
    """Let every position see itself and what came before, never the future.

    Args:
        n_positions: How many positions there are.
        start: First position that asks; those before it were read in
            earlier calls and are only asked (chapter 14).

    Returns:
        Bool (n_positions - start, n_positions): rows are queries, columns
        are keys; True up to the query's own position.

    Raises:
        ValueError: ``n_positions`` is not positive, or ``start`` is not from
            0 to below it.

    Source: Vaswani et al. (2017), sec. 3.2.3.

    Example:
        >>> causal_mask(3).int()
        tensor([[1, 0, 0],
                [1, 1, 0],
                [1, 1, 1]], dtype=torch.int32)
    """
    if n_positions < 1:
        raise ValueError(f"n_positions is {n_positions}, wanted at least 1")
    if not 0 <= start < n_positions:
        raise ValueError(f"start is {start}, wanted 0 to {n_positions - 1}")
    allowed = torch.ones(n_positions - start, n_positions, dtype=torch.bool)
    return allowed.tril(diagonal=start)  # (T_q, T_k)


def padding_mask(
    pad_mask: Tensor, shape: tuple[int, int] | None = None
) -> Tensor:
    """Hide the padding of a batch from every query and every head.

    Args:
        pad_mask: Bool (B, T), True where the token is real.
        shape: The (B, T) that it must have; None where any will do.

    Returns:
        Bool (B, 1, 1, T): the same key is hidden from all queries and in all
        heads of a sentence. Rows that are padding themselves still attend
        to the real tokens; whoever reads the output ignores those rows.

    Raises:
        TypeError: ``pad_mask`` is not a bool tensor.
        ValueError: ``pad_mask`` is not of the shape (B, T).

    Example:
        >>> padding_mask(torch.tensor([[True, True, False]])).shape
        torch.Size([1, 1, 1, 3])
    """
    dtype = getattr(pad_mask, "dtype", type(pad_mask).__name__)
    if dtype != torch.bool:
        raise TypeError(
            f"pad_mask is {dtype}, wanted bool with "
            "True = real token, False = padding"
        )
    came = tuple(pad_mask.shape)
    if len(came) != 2:
        raise ValueError(f"pad_mask has shape {came}, wanted (B, T)")
    if shape is not None and came != shape:
        raise ValueError(
            f"pad_mask has shape {came}, wanted (B, T) = {shape}: one entry "
            "for each token, those that a cache holds included"
        )
    return pad_mask[:, None, None, :]  # (B, 1, 1, T)


def require_rows(token_ids: Tensor, name: str = "token_ids") -> None:
    """Refuse ids that are no rows of tokens.

    Args:
        token_ids: Wanted: (B, T), with B and T at least 1.
        name: What they are called in the error.

    Raises:
        TypeError: They are no tensor.
        ValueError: They have another shape.
    """
    if not isinstance(token_ids, Tensor):
        raise TypeError(
            f"{name} is a {type(token_ids).__name__}, wanted a tensor"
        )
    if token_ids.dim() != 2 or not token_ids.numel():
        raise ValueError(
            f"{name} has shape {tuple(token_ids.shape)}, wanted (B, T) with "
            "at least one row and one token"
        )


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


def decoder_mask(
    token_ids: Tensor, pad_mask: Tensor | None = None, start: int = 0
) -> Tensor:
    """Hide the future from a decoder's tokens, and the padding.

    Args:
        token_ids: (B, T_q), the tokens that ask; B and T_q at least 1.
        pad_mask: Bool (B, T_k), True where the token is real, of all tokens
            so far; None where all are.
        start: How many tokens were read before these (chapter 14).

    Returns:
        Bool (T_q, T_k), or (B, 1, T_q, T_k) where there is padding, with
        T_k = start + T_q, on the tokens' device.

    Raises:
        TypeError: ``token_ids`` are no tensor, or ``pad_mask`` is not bool.
        ValueError: There is no token, ``start`` is negative, or a shape is
            another.

    Example:
        >>> decoder_mask(torch.tensor([[5, 6]]), start=1).int()
        tensor([[1, 1, 0],
                [1, 1, 1]], dtype=torch.int32)
    """
    require_rows(token_ids)
    causal = causal_mask(start + token_ids.size(1), start)
    allowed = causal.to(token_ids.device)  # (T_q, T_k)
    if pad_mask is None:
        return allowed
    seen = padding_mask(pad_mask, (len(token_ids), allowed.size(1)))
    both = combine(allowed, seen)
    assert both is not None  # two masks were given
    return both
