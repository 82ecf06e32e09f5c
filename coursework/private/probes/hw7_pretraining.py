"""Probes of homework 7, pre-training: inputs, references, mistakes."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from coursework.grading.probe import (
    Assignment,
    Call,
    Part,
    Variant,
    close,
    exact,
)

Items = list[list[list[int]]]


def below(draw: torch.Generator, low: int, high: int) -> int:
    """Draw a whole number from low to high - 1."""
    return int(torch.randint(low, high, (), generator=draw))


def by_hand(atol: float) -> Callable[[Any, Any], bool]:
    """Compare numbers worked out by hand; a tensor counts as a list."""
    same = close(atol, 0.0)

    def compare(got: Any, want: Any) -> bool:
        return same(got.tolist() if isinstance(got, Tensor) else got, want)

    return compare


# --- 1. endings by hand


# Words, least and most surprise of each, least and most drop: the first kind
# of ending wins by its sum, the second by its mean, the third by its gain.
KINDS = (
    (2, 0.9, 1.4, 0.2, 2.0),
    (5, 0.6, 0.8, 0.2, 2.0),
    (3, 1.0, 2.4, 2.15, 3.95),
)


def best(v: Variant, rule: str = "") -> list[float]:
    """Smallest sum, smallest mean, largest gain."""
    endings: list[tuple[float, ...]] = []
    drops: list[float] = []
    for i in v.sample("order", range(3), 3):
        n, low, high, least, most = KINDS[i]
        endings.append(v.numbers(f"ending {i}", low, high, size=n, step=0.1))
        drops += v.numbers(f"drop {i}", least, most, size=1, step=0.1)
    sums = [sum(words) for words in endings]
    means = [
        one / len(words) for one, words in zip(sums, endings, strict=True)
    ]
    if rule == "most surprising":
        return [max(sums), max(means), max(drops)]
    if rule == "which endings":
        places = sums.index(min(sums)), means.index(min(means))
        return [*places, drops.index(max(drops))]
    if rule == "gain a word":
        gains = [
            d / len(words) for d, words in zip(drops, endings, strict=True)
        ]
        return [min(sums), min(means), max(gains)]
    if rule == "without":
        alone = [one + drop for one, drop in zip(sums, drops, strict=True)]
        return [min(sums), min(means), min(alone)]
    return [min(sums), min(means), max(drops)]


# --- 2. chances of the next word


def chance_logits(
    b: int, size: int, tau: float, min_p: float, draw: torch.Generator
) -> Tensor:
    """Rows in which every way to set the bar keeps other words.

    Row 0 is flat, with one word that only the right temperature keeps. In
    row 1 one word has 0.8. Row 2, where there is one, has a word between the
    bar of a whole batch and min_p itself. The last two words are never
    written.
    """
    logits = 2 * torch.randn(b, size, generator=draw).double()
    logits[0] = torch.rand(size, generator=draw).double() - 0.5
    logits[0, -1] = 1.0
    logits[0, -2] = 1.0 + math.log(min_p) * (1 + tau) / 2
    others = (logits[1, :-1] / tau).logsumexp(dim=0)
    logits[1, -1] = tau * (others + math.log(4.0))
    if b > 2:
        p = torch.full((size,), 0.005).double()
        p[1] = 0.9 * min_p
        p[2] += 1 - p.sum()
        logits[2] = tau * p.log()
    return logits


def chance_calls(v: Variant, draw: torch.Generator) -> list[Call]:
    """Nothing written; words of both signs; words again; ragged rows."""

    def call(b: int, t: int, size: int, group: str, cut: bool) -> Call:
        some = torch.rand(3, generator=draw).tolist()
        theta, tau, min_p = 1.3 + some[0], 1.3 + some[1] / 2, 0.3 + some[2] / 5
        order = torch.rand(b, size - 2, generator=draw).argsort(dim=1)
        if cut:
            logits = chance_logits(b, size, tau, min_p, draw)
            written = order[:, :t]
        else:
            logits, min_p = 2 * torch.randn(b, size, generator=draw), 0.0
            logits, written = logits.double(), 1 + order[:, :t]
            logits[0, written[0, 0]] = -1.0
        if group == "nothing written":
            written = torch.full_like(written, -1)
            logits[0, 0] = 0.9  # what a -1 that became 0 would point at
        elif group != "written once":
            written[:, 1] = written[:, 0]
        if group == "rows of unequal length":
            logits[:, [0, -1]] = 2.0  # what -1 might point at
            written[0, 2:], written[1, 1:] = -1, -1
        return Call((logits, written, theta, tau, min_p), group=group)

    return [
        call(3, 5, 11, "nothing written", True),
        call(3, 5, 11, "written once", False),
        call(2, 3, 13, "written once", True),
        call(3, 7, 11, "written again", False),
        call(2, 5, 13, "rows of unequal length", False),
    ]


def next_chances(
    logits: Tensor,
    written: Tensor,
    penalty: float,
    tau: float,
    min_p: float,
    *bugs: str,
) -> Tensor:
    """Penalty, temperature, softmax and min-p, a row at a time."""
    rows, bars = [], []
    for row, before in zip(logits.clone(), written.tolist(), strict=True):
        words = [w for w in before if w >= 0 or "padding" in bugs]
        if "clamped" in bugs:
            words = [max(w, 0) for w in before]
        if "late" not in bugs:
            for word in words if "each time" in bugs else set(words):
                less = row[word] > 0 or "divided" in bugs
                row[word] = (
                    row[word] / penalty if less else row[word] * penalty
                )
        p = (row / tau).softmax(dim=0)
        if "late" in bugs:
            for word in set(words):
                p[word] = p[word] / penalty
        early = row.softmax(dim=0) if "early" in bugs else p
        rows.append(p)
        bars.append(
            early >= (min_p if "absolute" in bugs else min_p * early.max())
        )
    p, kept = torch.stack(rows), torch.stack(bars)
    if "batch" in bugs:
        kept = p >= min_p * p.max()
    p = p.where(kept, torch.zeros_like(p))
    return p if "sum" in bugs else p / p.sum(dim=1, keepdim=True)


# --- 3. packed rows


def packed_calls(v: Variant, draw: torch.Generator) -> list[Call]:
    """One document, several, several rows, one cut off."""

    def row(lengths: list[int], end: int, cut: int) -> list[int]:
        ids = []
        for n in lengths:
            ids += (10 + torch.randint(80, (n,), generator=draw)).tolist()
            ids.append(end)
        return ids[:-cut] if cut else ids

    some = below(draw, 2, 5)
    return [
        Call((torch.tensor([row([6 + some], 1, 0)]), 1), group="one document"),
        Call(
            (torch.tensor([row([3, some, 1, 2], 3, 0)]), 3),
            group="several documents",
        ),
        Call(
            (torch.tensor([row([some, 2, 5], 5, 2), row([8, some], 5, 2)]), 5),
            group="several rows, cut off",
        ),
    ]


def packed(
    token_ids: Tensor, end: int, *bugs: str
) -> tuple[Tensor, Tensor, Tensor]:
    """Walk through each row, with the bugs that are named."""
    b, t = token_ids.shape
    mask = torch.zeros(b, t, t, dtype=torch.bool)
    positions = torch.zeros_like(token_ids)
    targets = torch.full_like(token_ids, -100)
    for i, row in enumerate(token_ids.tolist()):
        begin = 0
        for place, token in enumerate(row):
            if "border" in bugs and token == end:
                begin = place  # the end opens the next document
            mask[i, place, begin : place + 1] = True
            positions[i, place] = place - begin
            if "positions" in bugs:
                positions[i, place] = place
            if place + 1 < t and (token != end or "targets" in bugs):
                targets[i, place] = row[place + 1]
            if "border" not in bugs and token == end:
                begin = place + 1
    return mask, positions, targets


# --- 4. the odd one out


def odd_calls(v: Variant, draw: torch.Generator) -> list[Call]:
    """Three sentences and more; items of one length and of several."""

    def call(n_items: int, k: int, group: str) -> Call:
        items: Items = []
        for _ in range(n_items):
            lengths = [below(draw, 1, 6) for _ in range(k)]
            if group == "one item":
                lengths[0] = 7
            items.append(
                [
                    (20 + torch.randint(70, (n,), generator=draw)).tolist()
                    for n in lengths
                ]
            )
        if group == "items of unequal length":
            items[0][0] += [15, 16, 17, 18] * 7  # longer than all others
        special = (5 + torch.randperm(9, generator=draw)[:3]).tolist()
        return Call((items, *special), group=group)

    return [
        call(1, 3, "one item"),
        call(1, 5, "one item"),
        call(3, 3, "items of unequal length"),
        call(2, 5, "items of unequal length"),
    ]


def odd_texts(
    items: Items, start: int, delim: int, extract: int, *bugs: str
) -> tuple[Tensor, Tensor]:
    """Write each candidate's text, with the bugs that are named."""
    rows: list[list[list[int]]] = []
    for sentences in items:
        rows.append([])
        for k, candidate in enumerate(sentences):
            others = [s for j, s in enumerate(sentences) if j != k]
            if "all" in bugs:
                others = sentences
            if "turned" in bugs:
                others = sentences[k + 1 :] + sentences[:k]
            parts = [*others, candidate]
            if "candidate first" in bugs:
                parts = [candidate, *others]
            text = [start]
            for n, part in enumerate(parts, start=1):
                text += part
                one = len(parts) - 1
                inner = n < one and "one delimiter" not in bugs
                if inner or (n == one and "none at last" not in bugs):
                    text.append(delim)
            rows[-1].append([*text, extract])
    width = max(len(text) for texts in rows for text in texts)
    filled = [[t + [0] * (width - len(t)) for t in texts] for texts in rows]
    places = [len(texts[0]) - 1 for texts in rows]
    if "last place" in bugs:
        places = [width - 1 for _ in rows]
    return torch.tensor(filled), torch.tensor(places)


# --- 5. the loss


def loss_calls(v: Variant, draw: torch.Generator) -> list[Call]:
    """No padding, padding, no auxiliary loss."""

    def call(size: tuple[int, int, int, int], lam: float, group: str) -> Call:
        b, k, t, n_words = size
        texts = torch.randint(1, n_words, (b, k, t), generator=draw)
        if group == "padding":
            long = torch.randint(2, t, (b, k, 1), generator=draw)
            long[0], long[1] = 2, t - 1  # so that items differ in length
            texts[torch.arange(t).expand(b, k, t) >= long] = 0
        scores = 2 * torch.randn(b, k, generator=draw).double()
        logits = 2 * torch.randn(*size, generator=draw).double()
        right = torch.randint(k, (b,), generator=draw)
        return Call((scores, logits, texts, right, lam), group=group)

    lam = 0.2 + torch.rand((), generator=draw).item()
    return [
        call((1, 3, 5, 7), lam, "one item"),
        call((5, 3, 7, 11), lam, "several items"),
        call((3, 5, 7, 11), lam, "padding"),
        call((2, 3, 11, 5), 0.5, "padding"),
        call((3, 2, 5, 7), 0.0, "no auxiliary loss"),
    ]


def fine_tuning_loss(
    scores: Tensor,
    logits: Tensor,
    texts: Tensor,
    right: Tensor,
    lam: float,
    *bugs: str,
) -> tuple[Tensor, Tensor, Tensor]:
    """The three losses by loops, with the bugs that are named."""
    task: list[Tensor] = []
    surprises: list[Tensor] = []
    for i, k in enumerate(right.tolist()):
        task.append(-scores[i].log_softmax(dim=0)[k])
        for j in range(texts.size(1)) if "all texts" in bugs else [k]:
            log_p = logits[i, j].log_softmax(dim=-1)
            so_far = len(surprises)
            for place in range(texts.size(2) - 1):
                shift = 0 if "no shift" in bugs else 1
                token = texts[i, j, place + shift]
                if token != 0 or "padding" in bugs:
                    surprises.append(-log_p[place, token])
            if "mean a text" in bugs:
                surprises[so_far:] = [torch.stack(surprises[so_far:]).mean()]
    two, one = torch.stack(task).mean(), torch.stack(surprises).mean()
    if "no lam" in bugs:
        lam = 1.0
    if "shares" in bugs:
        return (1 - lam) * two + lam * one, two, one
    return two + lam * one, two, one


# --- 6. signs


def sign_calls(v: Variant, draw: torch.Generator) -> list[Call]:
    """Gains only, losses only, both, and ties."""

    def points(n: int, low: int, high: int) -> list[float]:
        drawn = torch.randint(low, high, (n,), generator=draw)
        return [float(d) for d in drawn.tolist()]

    mixed = [*points(4, 3, 20), *points(3, -12, -2)]
    less = [*points(2, 1, 6), *points(4, -19, -5)]
    tie = float(below(draw, 2, 9))
    return [
        Call((points(below(draw, 3, 7), 1, 40),), group="gains only"),
        Call((points(below(draw, 3, 7), -40, 0),), group="losses only"),
        Call((mixed,), group="both"),
        Call((less,), group="both"),
        Call(([3 * tie, tie, -tie, 2 * tie],), group="ties"),
    ]


def sign_flips(differences: list[float], *bugs: str) -> float:
    """Count the choices of signs, with the bugs that are named."""
    n, measured = len(differences), sum(differences)
    at_least = 0
    for signs in itertools.product((-1, 1), repeat=n):
        other = sum(s * d for s, d in zip(signs, differences, strict=True))
        if "one side" in bugs:
            at_least += other >= measured
        elif "strictly" in bugs:
            at_least += abs(other) > abs(measured)
        elif "signs only" in bugs:
            ups = sum(d > 0 for d in differences)
            at_least += abs(2 * signs.count(1) - n) >= abs(2 * ups - n)
        else:
            at_least += abs(other) >= abs(measured)
    return at_least / float(2**n)


ASSIGNMENT = Assignment(
    "hw7-pretraining",
    parts=(
        Part(
            "endings-by-hand",
            points=2,
            target="my_best",
            value=True,
            expected=best,
            compare=by_hand(6e-3),
            says=[
                (
                    "most surprising",
                    lambda v: best(v, "most surprising"),
                    "You took the largest sum and the largest mean. These "
                    "are surprises: the smallest one wins.",
                ),
                (
                    "sum without the context",
                    lambda v: best(v, "without"),
                    "The third is the smallest sum without the context. The "
                    "gain is the drop from without to with.",
                    1,
                ),
                (
                    "gain a word",
                    lambda v: best(v, "gain a word"),
                    "You divided the gains by the number of words. The gain "
                    "is a difference of two sums.",
                    1,
                ),
                (
                    "which endings",
                    lambda v: best(v, "which endings"),
                    "These are the numbers of the endings. The winning sums, "
                    "means and gains are asked for.",
                    1,
                ),
            ],
        ),
        Part(
            "next-chances",
            points=3,
            target="next_chances",
            calls=chance_calls,
            expected=next_chances,
            says=[
                (
                    "negative logits divided",
                    lambda *a: next_chances(*a, "divided"),
                    "You divide negative logits too: that brings them up. A "
                    "penalty makes every logit less.",
                ),
                (
                    "penalized each time",
                    lambda *a: next_chances(*a, "each time"),
                    "A word that was written twice is penalized twice.",
                ),
                (
                    "absolute bar",
                    lambda *a: next_chances(*a, "absolute"),
                    "Your bar is min_p itself. It is min_p times the largest "
                    "probability of the row.",
                ),
                (
                    "-1 taken for a word",
                    lambda *a: next_chances(*a, "padding"),
                    "-1 fills up short rows. As an index it points at the "
                    "last word, which is penalized for it.",
                ),
                (
                    "-1 taken for word 0",
                    lambda *a: next_chances(*a, "clamped"),
                    "-1 fills up short rows; you penalize word 0 for it.",
                ),
                (
                    "bar of the whole batch",
                    lambda *a: next_chances(*a, "batch"),
                    "Your bar comes from the largest probability of the "
                    "whole batch. Each row has a bar of its own.",
                ),
                (
                    "probabilities penalized",
                    lambda *a: next_chances(*a, "late"),
                    "You penalize probabilities. The penalty is for logits, "
                    "before the softmax.",
                ),
                (
                    "min-p before the temperature",
                    lambda *a: next_chances(*a, "early"),
                    "Your min-p looks at probabilities without the "
                    "temperature. It comes after it.",
                ),
                (
                    "not renormalized",
                    lambda *a: next_chances(*a, "sum"),
                    "Your rows do not sum to 1: divide the kept ones by "
                    "their sum.",
                ),
            ],
        ),
        Part(
            "packed",
            points=3,
            target="packed",
            calls=packed_calls,
            expected=packed,
            compare=exact,
            says=[
                (
                    "end opens the next document",
                    lambda *a: packed(*a, "border"),
                    "Your end token belongs to the document behind it. It "
                    "closes the one before.",
                    2,
                ),
                (
                    "positions go on",
                    lambda *a: packed(*a, "positions"),
                    "Mask and targets are mended. But positions count from "
                    "the beginning of the row.",
                    2,
                ),
                (
                    "asked across the border",
                    lambda *a: packed(*a, "targets"),
                    "Mask and positions are mended. But at an end the first "
                    "token of another document is asked for.",
                    2,
                ),
                (
                    "two bugs left: border and positions",
                    lambda *a: packed(*a, "border", "positions"),
                    "The targets are mended. Look at which document an end "
                    "belongs to, and at the positions.",
                    1,
                ),
                (
                    "two bugs left: border and targets",
                    lambda *a: packed(*a, "border", "targets"),
                    "The positions are mended. Look at which document an end "
                    "belongs to, and at what is asked there.",
                    1,
                ),
                (
                    "two bugs left: positions and targets",
                    lambda *a: packed(*a, "positions", "targets"),
                    "The mask is mended. Look at the positions, and at what "
                    "is asked at an end.",
                    1,
                ),
                (
                    "as it was",
                    lambda *a: packed(*a, "border", "positions", "targets"),
                    "This gives what the script gives.",
                ),
            ],
        ),
        Part(
            "odd-texts",
            points=3,
            target="odd_texts",
            calls=odd_calls,
            expected=odd_texts,
            compare=exact,
            says=[
                (
                    "candidate first",
                    lambda *a: odd_texts(*a, "candidate first"),
                    "Your candidate stands in front of the others. It comes "
                    "last.",
                ),
                (
                    "candidate among the others",
                    lambda *a: odd_texts(*a, "all"),
                    "The candidate stands among the others as well. So it "
                    "fits itself in every text.",
                ),
                (
                    "one delimiter",
                    lambda *a: odd_texts(*a, "one delimiter"),
                    "The others run into each other: a delimiter stands "
                    "behind each of them.",
                    1.5,
                ),
                (
                    "no delimiter before the candidate",
                    lambda *a: odd_texts(*a, "none at last"),
                    "A delimiter stands behind the last of the others, too.",
                    1.5,
                ),
                (
                    "extract at the last place",
                    lambda *a: odd_texts(*a, "last place"),
                    "In the shorter items that is padding. Extract stands at "
                    "the end of its own text.",
                ),
                (
                    "the others turned",
                    lambda *a: odd_texts(*a, "turned"),
                    "Your others begin behind the candidate. They keep the "
                    "order that they have in the item.",
                ),
            ],
        ),
        Part(
            "fine-tuning-loss",
            points=4,
            target="fine_tuning_loss",
            calls=loss_calls,
            expected=fine_tuning_loss,
            says=[
                (
                    "all texts",
                    lambda *a: fine_tuning_loss(*a, "all texts"),
                    "Your L1 is taken over all texts, the false ones among "
                    "them.",
                    1.5,
                ),
                (
                    "padding",
                    lambda *a: fine_tuning_loss(*a, "padding"),
                    "Your L1 asks for padding.",
                ),
                (
                    "no shift",
                    lambda *a: fine_tuning_loss(*a, "no shift"),
                    "Your L1 asks at each place for the token that is read "
                    "there. The logits are for the next one.",
                    1.5,
                ),
                (
                    "shares",
                    lambda *a: fine_tuning_loss(*a, "shares"),
                    "You gave L2 the weight 1 - lam. It has the weight 1.",
                    2,
                ),
                (
                    "no lam",
                    lambda *a: fine_tuning_loss(*a, "no lam"),
                    "L1 is added without lam.",
                    2,
                ),
                (
                    "mean of each text",
                    lambda *a: fine_tuning_loss(*a, "mean a text"),
                    "You take the mean of each text first. All tokens count "
                    "alike.",
                ),
            ],
        ),
        Part(
            "sign-flips",
            points=2,
            target="sign_flips",
            calls=sign_calls,
            expected=sign_flips,
            says=[
                (
                    "one side",
                    lambda d: sign_flips(d, "one side"),
                    "You count one side only. A mean as far below 0 counts "
                    "as well.",
                ),
                (
                    "strictly farther",
                    lambda d: sign_flips(d, "strictly"),
                    "You count what is farther from 0. As far counts too, "
                    "and so does the measured choice itself.",
                ),
                (
                    "signs only",
                    lambda d: sign_flips(d, "signs only"),
                    "Your share does not depend on how large the differences "
                    "are. Their sizes stay, the signs are chosen.",
                ),
            ],
        ),
    ),
)
