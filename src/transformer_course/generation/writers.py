"""What generation asks of a model, and the two kinds that answer."""

from __future__ import annotations

from typing import Any, Protocol

import torch
from torch import Tensor, nn

from transformer_course.transformer import Transformer


class Writer(Protocol):
    """What generation asks of a model: take in tokens, score the next one.

    Attributes:
        model: The model, which is put in evaluation mode while it writes.
        max_seq_len: How many tokens it can take in at most; None where there
            is no limit.
    """

    model: nn.Module
    max_seq_len: int | None

    def begin(self) -> None:
        """Forget all tokens."""

    def feed(self, new_ids: Tensor) -> Tensor:
        """Take in tokens behind those before and score the next one.

        Args:
            new_ids: int64 (B, T_new).

        Returns:
            Logits, float (B, V).
        """

    def select(self, rows: Tensor) -> None:
        """Go on with other rows in the place of these.

        Args:
            rows: int64 (B_new,): row i goes on from what row ``rows[i]`` is.
        """


class DecoderOnly:
    """Let a decoder-only model, such as a GPT, go on with a text.

    Args:
        model: Called as ``model(token_ids, cache=...)``, it gives something
            whose ``logits`` are float (B, T, V); ``model.new_cache()`` gives
            an empty cache, a list of parts with ``select``. Where it has
            ``config.max_seq_len``, that is the most it can read.
        cached: Whether keys and values are kept from token to token. False
            reads the whole text again for each token, which gives the same
            and is slower.
        slide: What happens where a text grows beyond ``max_seq_len``. False
            refuses it before the first token is written. True lets the model
            read the last ``max_seq_len`` tokens only; then every token's
            position changes at every step, so nothing can be kept and each
            step costs as much as without a cache.

    Raises:
        TypeError: ``cached``, and the model has no ``new_cache``.
    """

    def __init__(
        self, model: nn.Module, *, cached: bool = True, slide: bool = False
    ) -> None:
        if cached and not hasattr(model, "new_cache"):
            raise TypeError(
                f"model is a {type(model).__name__}, wanted one with "
                "new_cache, or cached=False"
            )
        config = getattr(model, "config", None)
        self._window: int | None = getattr(config, "max_seq_len", None)
        self.model, self.cached = model, cached
        self.max_seq_len = None if slide else self._window
        self.begin()

    def begin(self) -> None:
        """Forget all tokens."""
        self._ids: Tensor | None = None  # (B, T), all tokens so far
        model: Any = self.model
        self._cache = model.new_cache() if self.cached else None

    def feed(self, new_ids: Tensor) -> Tensor:
        """Take in tokens behind those before and score the next one.

        Args:
            new_ids: int64 (B, T_new).

        Returns:
            Logits, float (B, V).
        """
        self._ids = _behind(self._ids, new_ids)
        read = self._ids if self._cache is None else new_ids
        if self._window is not None and self._ids.size(1) > self._window:
            self._cache, read = None, self._ids[:, -self._window :]
        logits: Tensor = self.model(read, cache=self._cache).logits
        return logits[:, -1]

    def select(self, rows: Tensor) -> None:
        """Go on with other rows in the place of these.

        Args:
            rows: int64 (B_new,): row i goes on from what row ``rows[i]`` is.
        """
        self._ids = None if self._ids is None else self._ids[rows]
        for part in self._cache or ():
            part.select(rows)


class EncoderDecoder:
    """Let an encoder-decoder model write the output that belongs to a source.

    The prompt is what the output starts with: usually one start token.

    Args:
        model: The model.
        source_ids: int64 (B, T_k), one source for each row of the prompt.
        source_pad_mask: Bool (B, T_k), True = real token; None where all are
            real.
        cached: Whether keys and values are kept from token to token. False
            reads the whole output again for each token, which gives the same
            and is slower. The source is encoded once in either case.
    """

    def __init__(
        self,
        model: Transformer,
        source_ids: Tensor,
        source_pad_mask: Tensor | None = None,
        *,
        cached: bool = True,
    ) -> None:
        self.model: Transformer = model
        self.max_seq_len = model.config.max_seq_len
        self.source_ids, self.source_pad_mask = source_ids, source_pad_mask
        self.cached = cached

    def begin(self) -> None:
        """Encode the source, and forget all tokens of the output."""
        self._real = self.source_pad_mask
        self._memory = self.model.encode(self.source_ids, self._real)
        # Which source each row belongs to.
        self._source = torch.arange(
            len(self._memory), device=self._memory.device
        )
        self._ids: Tensor | None = None  # (B, T), all tokens so far
        self._cache = self.model.new_cache() if self.cached else None

    def feed(self, new_ids: Tensor) -> Tensor:
        """Take in tokens behind those before and score the next one.

        Args:
            new_ids: int64 (B, T_new).

        Returns:
            Logits, float (B, V).

        Raises:
            ValueError: There are not as many rows as sources.
        """
        if new_ids.size(0) != self._memory.size(0):
            raise ValueError(
                f"prompt has {new_ids.size(0)} rows, wanted one for each of "
                f"{self._memory.size(0)} rows of source_ids"
            )
        self._ids = _behind(self._ids, new_ids)
        read = self._ids if self._cache is None else new_ids
        return self.model.decode(
            read, self._memory, self._real, cache=self._cache
        )[:, -1]

    def select(self, rows: Tensor) -> None:
        """Go on with other rows in the place of these.

        Args:
            rows: int64 (B_new,): row i goes on from what row ``rows[i]`` is.
        """
        self._ids = None if self._ids is None else self._ids[rows]
        before, self._source = self._source, self._source[rows]
        if torch.equal(before, self._source):
            # Beams of one source change places: what was fetched from the
            # source, most of what is kept, stays where it is.
            for part in self._cache or ():
                part.own.select(rows)
            return
        self._memory = self._memory[rows]
        self._real = None if self._real is None else self._real[rows]
        for part in self._cache or ():
            part.select(rows)


def _behind(ids: Tensor | None, new_ids: Tensor) -> Tensor:
    return new_ids if ids is None else torch.cat([ids, new_ids], dim=1)
