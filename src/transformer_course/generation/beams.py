"""Beam search: follow several texts at once, and rank what ends."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from transformer_course.generation.plans import Plan, checked, make_plan
from transformer_course.generation.writers import Writer
from transformer_course.training.modes import mode


@dataclass(frozen=True)
class Beams:
    """The best texts that a beam search found for each row, best first.

    Attributes:
        token_ids: int64 (B, W, T_all): prompt, new tokens, padding.
        lengths: int64 (B, W): tokens of each text with prompt and ending.
        scores: Float (B, W): log-probability of the new tokens, divided by
            the length penalty; -inf where there are fewer than W texts.
    """

    token_ids: Tensor
    lengths: Tensor
    scores: Tensor


def beam_search(
    writer: Writer,
    prompt: Tensor,
    *,
    max_new_tokens: int,
    beam_width: int = 4,
    alpha: float = 0.6,
    eos_id: int | None = None,
    pad_id: int | None = None,
    prompt_pad_mask: Tensor | None = None,
) -> Beams:
    """Follow the ``beam_width`` most probable beginnings at once.

    At each step every beginning is continued by every token, and the W
    most probable of all these go on. One that ends among them is set aside;
    the others fill the W places again. A row is done when W texts have ended
    or when ``max_new_tokens`` are written; then unfinished ones count too.
    Texts are ranked by log-probability divided by ``((5 + n) / 6) ** alpha``
    for n new tokens, for otherwise the shorter would win. ``beam_width=1``
    is greedy search.

    Args:
        writer: The model: ``DecoderOnly(gpt)`` or ``EncoderDecoder(...)``.
        prompt: int64 (B, T), what each text starts with.
        max_new_tokens: How many tokens are written at most in each row.
        beam_width: How many beginnings are followed, W.
        alpha: 0 ranks by probability alone; the larger, the more longer
            texts are favoured.
        eos_id: The token that ends a text; None, none does.
        pad_id: What stands after a text's end, an entry of the vocabulary;
            ``eos_id`` where it is not given.
        prompt_pad_mask: Bool (B, T), True = real token, where prompts differ
            in length; see ``greedy``.

    Returns:
        The W best texts of each row, their lengths and scores.

    Raises:
        ValueError: An argument does not fit; the text can grow beyond what
            the model can take in.
        FloatingPointError: A logit is NaN.

    Source: Wu et al. (2016), sec. 7, eq. 14, without its coverage penalty;
    Vaswani et al. (2017), sec. 6.1, on width 4 and alpha 0.6.
    """
    plan = make_plan(
        writer, prompt, prompt_pad_mask, max_new_tokens, eos_id, pad_id
    )
    if beam_width < 1:
        raise ValueError(f"beam_width is {beam_width}, wanted at least 1")
    if not 0 <= alpha < math.inf:
        raise ValueError(f"alpha is {alpha}, wanted at least 0")
    with mode(writer.model, False), torch.no_grad():
        writer.begin()
        logits = writer.feed(prompt[:, : plan.first])  # (B, V)
        search = _Search(plan, beam_width, alpha, logits)
        rows = torch.arange(len(prompt), device=prompt.device)
        rows = rows.repeat_interleave(beam_width)
        logits = logits[rows]  # (B W, V)
        writer.select(rows)
        for t in range(plan.first, plan.end):
            rows = search.step(t, checked(logits, plan))
            if search.done.all():
                break
            writer.select(rows)
            logits = writer.feed(search.ids[:, :, t].flatten()[:, None])
        return search.result()


class _Search:
    """The beginnings of a beam search, and the texts set aside."""

    def __init__(
        self, plan: Plan, beam_width: int, alpha: float, like: Tensor
    ) -> None:
        self.plan, self.alpha = plan, alpha
        B, W = len(plan.prompt), beam_width
        self.ids = plan.room()[:, None].repeat(1, W, 1)  # (B, W, end)
        # All W are the same at first: only one of them counts.
        self.total = like.new_full((B, W), -math.inf)  # log-probabilities
        self.total[:, 0] = 0.0
        self.done = torch.zeros_like(plan.lengths, dtype=torch.bool)  # (B,)
        self.aside = Beams(
            self.ids, torch.zeros_like(self.ids[..., 0]),
            torch.full_like(self.total, -math.inf),
        )  # fmt: skip

    def step(self, t: int, logits: Tensor) -> Tensor:
        """Write token number t and say from which row each beam goes on."""
        B, W = self.total.shape
        in_prompt = t < self.plan.lengths  # (B,)
        grown = logits.log_softmax(dim=-1).view(B, W, -1)  # (B, W, V)
        V = grown.size(-1)
        if in_prompt.any():  # its next token is certain there
            certain = torch.full_like(grown, -math.inf)
            certain.scatter_(-1, self.ids[:, :, t, None], 0.0)
            grown = certain.where(in_prompt[:, None, None], grown)
        grown = self.total[..., None] + grown
        # A filler's row may allow no token at all, which gives NaN.
        grown.masked_fill_(self.total[..., None].isneginf(), -math.inf)
        if self.plan.eos_id is not None:
            best, places = grown.flatten(1).topk(W)  # (B, W)
            ends = (places % V == self.plan.eos_id) & ~in_prompt[:, None]
            self._set_aside(t, self._grow(t, places, V), best, ends)
            self.done |= self.aside.scores.isfinite().all(dim=1)
            ended = grown[..., self.plan.eos_id]
            ended.masked_fill_(~in_prompt[:, None], -math.inf)
        self.total, places = grown.flatten(1).topk(W)  # (B, W)
        self.ids = self._grow(t, places, V)
        full = self.plan.limits == t + 1  # (B,)
        self._set_aside(t, self.ids, self.total, full[:, None])
        self.done |= full | self.total.isinf().all(dim=1)
        first_row = torch.arange(B, device=places.device)[:, None] * W
        return (first_row + places // V).flatten()

    def _grow(self, t: int, places: Tensor, V: int) -> Tensor:
        """Write the tokens of the chosen places behind their beginnings."""
        ids = _pick(self.ids, places // V)
        ids[:, :, t] = places % V
        return ids

    def _set_aside(
        self, t: int, ids: Tensor, total: Tensor, which: Tensor
    ) -> None:
        """Keep the W best of these texts and of those set aside before."""
        lengths = torch.full_like(ids[..., 0], t + 1)
        n_new = (lengths - self.plan.lengths[:, None]).clamp(min=1)
        scores = total / ((5 + n_new) / 6) ** self.alpha
        which = which & ~self.done[:, None]
        scores = scores.masked_fill(~which, -math.inf)
        both = torch.cat([self.aside.scores, scores], dim=1)  # (B, 2 W)
        scores, order = both.topk(total.size(1))
        self.aside = Beams(
            _pick(torch.cat([self.aside.token_ids, ids], dim=1), order),
            torch.cat([self.aside.lengths, lengths], dim=1).gather(1, order),
            scores,
        )

    def result(self) -> Beams:
        """Cut the texts to the longest."""
        found = self.aside.scores.isfinite()
        longest = int(self.aside.lengths[found].max())
        ids = self.aside.token_ids[:, :, :longest]
        return Beams(ids, self.aside.lengths, self.aside.scores)


def _pick(ids: Tensor, rows: Tensor) -> Tensor:
    """Take some rows (B, W) of (B, any number, T)."""
    return ids.gather(1, rows[..., None].expand(-1, -1, ids.size(-1)))
