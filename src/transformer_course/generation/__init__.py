"""Generation: one token after another, greedy, sampled, or by beam search.

A model gives the distribution of the next token and nothing more. What is
written is decided here: the most probable token (``greedy``), one drawn at
random (``sample``), or the most probable whole text among several that are
followed at once (``beam_search``). All three know the model as a ``Writer``,
of which there are two: ``DecoderOnly`` and ``EncoderDecoder``.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from transformer_course.generation.beams import Beams, beam_search
from transformer_course.generation.filters import (
    keep_top_k,
    keep_top_p,
    next_token_probabilities,
)
from transformer_course.generation.plans import Plan, checked, make_plan
from transformer_course.generation.writers import (
    DecoderOnly,
    EncoderDecoder,
    Writer,
)
from transformer_course.training.modes import mode

__all__ = [
    "Beams",
    "DecoderOnly",
    "EncoderDecoder",
    "Writer",
    "beam_search",
    "greedy",
    "keep_top_k",
    "keep_top_p",
    "next_token_probabilities",
    "sample",
]


def greedy(
    writer: Writer,
    prompt: Tensor,
    *,
    max_new_tokens: int,
    eos_id: int | None = None,
    pad_id: int | None = None,
    prompt_pad_mask: Tensor | None = None,
) -> Tensor:
    """Write the most probable token, again and again.

    Args:
        writer: The model: ``DecoderOnly(gpt)`` or ``EncoderDecoder(...)``.
        prompt: int64 (B, T), what each text starts with.
        max_new_tokens: How many tokens are written at most in each row.
        eos_id: The token that ends a row; None, none does.
        pad_id: What stands after a row's end, an entry of the vocabulary;
            ``eos_id`` where it is not given.
        prompt_pad_mask: Bool (B, T), True = real token, where prompts differ
            in length: padding stands on the right. Each row is written as if
            it were alone; the model never sees padding before a real token.

    Returns:
        int64 (B, T_all): prompt, new tokens with the ending one, padding.

    Raises:
        TypeError: An argument is of another kind.
        ValueError: An argument does not fit; the text can grow beyond what
            the model can take in.
        FloatingPointError: A logit is NaN.
    """
    plan = make_plan(
        writer, prompt, prompt_pad_mask, max_new_tokens, eos_id, pad_id
    )
    return _write(writer, plan, lambda logits: logits.argmax(dim=-1))


def sample(
    writer: Writer,
    prompt: Tensor,
    *,
    max_new_tokens: int,
    generator: torch.Generator,
    temperature: float = 1.0,
    top_k: int | None = None,
    top_p: float | None = None,
    eos_id: int | None = None,
    pad_id: int | None = None,
    prompt_pad_mask: Tensor | None = None,
) -> Tensor:
    """Draw each token from the distribution that the model gives.

    Args:
        writer: The model: ``DecoderOnly(gpt)`` or ``EncoderDecoder(...)``.
        prompt: int64 (B, T), what each text starts with.
        max_new_tokens: How many tokens are written at most in each row.
        generator: Where the random numbers come from, and the only place.
        temperature: See ``next_token_probabilities``, which is what is drawn
            from.
        top_k: See there.
        top_p: See there.
        eos_id: The token that ends a row; None, none does.
        pad_id: What stands after a row's end, an entry of the vocabulary;
            ``eos_id`` where it is not given.
        prompt_pad_mask: Bool (B, T), True = real token, where prompts differ
            in length; see ``greedy``.

    Returns:
        int64 (B, T_all): prompt, new tokens with the ending one, padding.

    Raises:
        TypeError: An argument is of another kind.
        ValueError: An argument does not fit; the text can grow beyond what
            the model can take in.
        FloatingPointError: A logit is NaN.

    Source: Fan et al. (2018), sec. 5.4; Holtzman et al. (2020), sec. 3.1.
    """
    if not isinstance(generator, torch.Generator):
        raise TypeError(
            f"generator is a {type(generator).__name__}, wanted a "
            "torch.Generator"
        )
    plan = make_plan(
        writer, prompt, prompt_pad_mask, max_new_tokens, eos_id, pad_id
    )

    def draw(logits: Tensor) -> Tensor:
        probabilities = next_token_probabilities(
            logits, temperature=temperature, top_k=top_k, top_p=top_p
        ).to(generator.device)
        drawn = torch.multinomial(probabilities, 1, generator=generator)
        return drawn[:, 0].to(logits.device)

    return _write(writer, plan, draw)


def _write(
    writer: Writer, plan: Plan, choose: Callable[[Tensor], Tensor]
) -> Tensor:
    """Write until every row has ended, as greedy search and sampling do.

    Rows whose prompt is longer than the shortest get the rest of it token by
    token, in the place of what would have been chosen.
    """
    with mode(writer.model, False), torch.no_grad():
        writer.begin()
        ids, lengths = plan.room(), plan.lengths
        done = torch.zeros_like(lengths, dtype=torch.bool)  # (B,)
        new_ids = ids[:, : plan.first]
        for t in range(plan.first, plan.end):
            logits = checked(writer.feed(new_ids), plan)
            given = done | (t < lengths)  # padding or prompt stands there
            ids[:, t] = ids[:, t].where(given, choose(logits))
            new_ids = ids[:, t : t + 1]
            done |= plan.limits == t + 1
            if plan.eos_id is not None:
                done |= ~given & (ids[:, t] == plan.eos_id)
            if done.all():
                break
        return ids[:, : t + 1]
