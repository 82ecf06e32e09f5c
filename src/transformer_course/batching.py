"""Sequences of unequal length in one tensor, and fair splits of a data set."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence

import torch
from torch import Tensor


def pad(
    sequences: Sequence[Sequence[int]],
    pad_id: int = 0,
    length: int | None = None,
) -> tuple[Tensor, Tensor]:
    """Stack sequences of ids, filling the short ones up at their end.

    >>> token_ids, pad_mask = pad([[7, 8], [9]])
    >>> token_ids.tolist()
    [[7, 8], [9, 0]]
    >>> pad_mask.tolist()
    [[True, True], [True, False]]

    Args:
        sequences: B lists of ids.
        pad_id: The id to fill up with.
        length: Width T of the result; the longest sequence's if None.

    Returns:
        Token ids, int64 (B, T), and the padding mask, bool (B, T): True =
        real.

    Raises:
        ValueError: There is no sequence, or one is longer than ``length``.
    """
    if not sequences:
        raise ValueError("sequences is empty; there is nothing to stack")
    longest = max(len(sequence) for sequence in sequences)
    width = longest if length is None else length
    if longest > width:
        raise ValueError(
            f"a sequence of {longest} ids does not fit length {width}"
        )
    token_ids = torch.full((len(sequences), width), pad_id)  # (B, T)
    lengths = torch.tensor([len(sequence) for sequence in sequences])
    for row, sequence in zip(token_ids, sequences, strict=True):
        row[: len(sequence)] = torch.tensor(sequence, dtype=torch.int64)
    pad_mask = torch.arange(width) < lengths[:, None]  # (B, T)
    return token_ids, pad_mask


def length_buckets(
    lengths: Sequence[int],
    batch_size: int,
    generator: torch.Generator,
) -> list[list[int]]:
    """Deal sequences into batches of nearly equal length, at random.

    Sequences of the same length are shuffled among themselves, the sorted
    row is cut into batches, and the batches are shuffled, so that each epoch
    sees other neighbours and little padding.

    Args:
        lengths: The length of each of N sequences.
        batch_size: How many sequences a batch has; the one that is left over
            may have fewer.
        generator: Where the shuffles come from.

    Returns:
        Batches of indices; each of 0 to N - 1 comes in one of them.

    Raises:
        ValueError: ``batch_size`` is not positive.

    Source:
        Vaswani et al. (2017), sec. 5.1.
    """
    if batch_size < 1:
        raise ValueError(f"batch_size {batch_size} is not positive")
    mixed = torch.randperm(len(lengths), generator=generator).tolist()
    by_length = sorted(mixed, key=lengths.__getitem__)  # keeps ties mixed
    batches = [
        by_length[start : start + batch_size]
        for start in range(0, len(by_length), batch_size)
    ]
    order = torch.randperm(len(batches), generator=generator).tolist()
    return [batches[i] for i in order]


def split_of(key: str, shares: Mapping[str, float], salt: str = "") -> str:
    """Say to which split a key belongs, whatever else is in the data set.

    The key's hash decides. So equal keys never land in two splits, and new
    data moves nothing from one split to another.

    >>> shares = {"train": 0.5, "test": 0.5}
    >>> [split_of(word, shares) for word in ["pizza", "owl", "pizza"]]
    ['test', 'train', 'test']

    Args:
        key: What must stay together: the text itself, or its source.
        shares: The share of each split; together 1.
        salt: Another text gives another, independent split.

    Returns:
        The name of a split.

    Raises:
        ValueError: A share is negative, or they do not sum to 1.
    """
    if min(shares.values(), default=0.0) < 0 or not math.isclose(
        sum(shares.values()), 1.0
    ):
        raise ValueError(
            f"shares {dict(shares)} must not be negative and must sum to 1"
        )
    digest = hashlib.sha256(
        f"{salt}\0{key}".encode("utf-8", "surrogatepass")
    ).digest()
    place = int.from_bytes(digest[:7], "big") / 2**56  # from 0 to below 1
    for name, share in shares.items():
        if place < share:
            return name
        place -= share
    return [name for name, share in shares.items() if share > 0][-1]


def split(
    keys: Sequence[str], shares: Mapping[str, float], salt: str = ""
) -> dict[str, list[int]]:
    """Split a data set by its keys; equal keys stay together.

    Args:
        keys: The key of each of N items; items that share a source, such as
            the sentences of one book, should share a key.
        shares: The share of each split; together 1.
        salt: Another text gives another, independent split.

    Returns:
        The indices of each split's items, in order; every split of
        ``shares`` is there, if empty.

    Raises:
        ValueError: A share is negative, or they do not sum to 1.
    """
    parts: dict[str, list[int]] = {name: [] for name in shares}
    for index, key in enumerate(keys):
        parts[split_of(key, shares, salt)].append(index)
    return parts
