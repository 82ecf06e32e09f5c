"""What is to be written, checked before the first token is."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from transformer_course.generation.writers import Writer
from transformer_course.masks import require_rows


@dataclass(frozen=True)
class Plan:
    """What is to be written: checked, and the same for all three ways."""

    prompt: Tensor  # int64 (B, T)
    lengths: Tensor  # int64 (B,), real tokens of each prompt
    max_new_tokens: int
    eos_id: int | None
    pad_id: int

    @property
    def limits(self) -> Tensor:
        """How long each text can become, int64 (B,)."""
        return self.lengths + self.max_new_tokens

    @property
    def first(self) -> int:
        """How many tokens all prompts have: they are fed in one piece."""
        return int(self.lengths.min())

    @property
    def end(self) -> int:
        """How long the longest text can become."""
        return int(self.limits.max())

    def room(self) -> Tensor:
        """Make room for the texts, int64 (B, end), with the prompts in it."""
        B, T = self.prompt.shape
        real = torch.arange(T, device=self.prompt.device)
        real = real < self.lengths[:, None]  # (B, T)
        ids = self.prompt.new_full((B, self.end), self.pad_id)
        ids[:, :T] = self.prompt.where(real, ids[:, :T])
        return ids


def make_plan(
    writer: Writer,
    prompt: Tensor,
    prompt_pad_mask: Tensor | None,
    max_new_tokens: int,
    eos_id: int | None,
    pad_id: int | None,
) -> Plan:
    """Check what was asked for."""
    if isinstance(prompt, Tensor) and prompt.dtype != torch.int64:
        raise TypeError(f"prompt is {prompt.dtype}, wanted int64")
    require_rows(prompt, "prompt")
    if not isinstance(max_new_tokens, int):
        raise TypeError(
            f"max_new_tokens is {max_new_tokens!r}, wanted a whole number"
        )
    if max_new_tokens < 1:
        raise ValueError(
            f"max_new_tokens is {max_new_tokens}, wanted at least 1"
        )
    lengths = _lengths(prompt, prompt_pad_mask)
    if pad_id is None and eos_id is None and lengths.min() < lengths.max():
        raise ValueError(
            "pad_id is None, wanted an id: the prompts differ in length"
        )
    if pad_id is None:
        pad_id = 0 if eos_id is None else eos_id
    plan = Plan(prompt, lengths, max_new_tokens, eos_id, pad_id)
    # The last token is written and never fed.
    if writer.max_seq_len is not None and plan.end - 1 > writer.max_seq_len:
        raise ValueError(
            f"prompt of {int(lengths.max())} tokens and max_new_tokens "
            f"{max_new_tokens} need {plan.end - 1} positions, the model's "
            f"max_seq_len is {writer.max_seq_len}"
        )
    return plan


def _lengths(prompt: Tensor, prompt_pad_mask: Tensor | None) -> Tensor:
    B, T = prompt.shape
    if prompt_pad_mask is None:
        return torch.full((B,), T, device=prompt.device)
    if prompt_pad_mask.dtype != torch.bool or prompt_pad_mask.shape != (B, T):
        raise ValueError(
            f"prompt_pad_mask is {prompt_pad_mask.dtype} "
            f"{tuple(prompt_pad_mask.shape)}, wanted bool ({B}, {T})"
        )
    lengths = prompt_pad_mask.sum(dim=1)
    real = torch.arange(T, device=prompt.device) < lengths[:, None]
    if not lengths.all() or not torch.equal(prompt_pad_mask, real):
        raise ValueError(
            "prompt_pad_mask wants real tokens first and padding after them "
            "in each row, with at least one real token"
        )
    return lengths


def checked(logits: Tensor, plan: Plan) -> Tensor:
    """Refuse logits that are no numbers, and ids that have no logit."""
    if logits.isnan().any():
        raise FloatingPointError("the model's logits are not numbers (NaN)")
    V = logits.size(-1)
    for name, number in (("eos_id", plan.eos_id), ("pad_id", plan.pad_id)):
        if number is not None and not 0 <= number < V:
            raise ValueError(f"{name} is {number}, wanted 0 to {V - 1}")
    return logits
