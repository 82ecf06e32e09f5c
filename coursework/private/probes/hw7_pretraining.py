"""Probes of homework 7, pre-training: inputs, references, mistakes."""

from __future__ import annotations

import itertools
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


def best(v: Variant, rule: str = "") -> list[float]:
    """Smallest sum, smallest mean, largest gain."""
    lengths = v.sample("lengths", (2, 3, 4, 5), 3)
    endings = [
        v.numbers(f"ending {i}", 0.3, 2.4, size=n, step=0.1)
        for i, n in enumerate(lengths)
    ]
    drops = v.numbers("drops", 0.2, 4.0, size=3, step=0.1)
    sums = [sum(words) for words in endings]
    means = [one / n for one, n in zip(sums, lengths, strict=True)]
    if rule == "most surprising":
        return [max(sums), max(means), max(drops)]
    if rule == "gain a word":
        gains = [drop / n for drop, n in zip(drops, lengths, strict=True)]
        return [min(sums), min(means), max(gains)]
    if rule == "without":
        alone = [one + drop for one, drop in zip(sums, drops, strict=True)]
        return [min(sums), min(means), min(alone)]
    return [min(sums), min(means), max(drops)]


# --- 2. chances of the next word


def chance_calls(v: Variant, draw: torch.Generator) -> list[Call]:
    """Nothing written; words of both signs; words again; ragged rows."""

    def call(b: int, t: int, size: int, min_p: float, group: str) -> Call:
        logits = 2 * torch.randn(b, size, generator=draw).double()
        written = torch.randint(size, (b, t), generator=draw)
        some = torch.rand(3, generator=draw).tolist()
        if group == "nothing written":
            written[:] = -1
        elif group == "written once":
            order = torch.rand(b, size, generator=draw).argsort(dim=1)
            written = order[:, :t]
        else:
            written[:, 1] = written[:, 0]
            logits[:, -1] = 2.0  # what -1 would point at
        if group == "rows of unequal length":
            written[written == size - 1] = 0
            written[0, 2:], written[1, 1:] = -1, -1
        options = 1.3 + some[0], 0.5 + some[1], min_p * (0.5 + some[2])
        return Call((logits, written, *options), group=group)

    return [
        call(3, 5, 7, 0.3, "nothing written"),
        call(3, 5, 11, 0.0, "written once"),
        call(2, 3, 7, 0.2, "written once"),
        call(3, 7, 11, 0.1, "written again"),
        call(2, 5, 13, 0.1, "rows of unequal length"),
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
    rows = []
    for row, before in zip(logits.clone(), written.tolist(), strict=True):
        words = [w for w in before if w >= 0 or "padding" in bugs]
        for word in words if "each time" in bugs else set(words):
            divided = row[word] > 0 or "divided" in bugs
            row[word] = row[word] / penalty if divided else row[word] * penalty
        p = (row / tau).softmax(dim=0)
        bar = min_p if "absolute" in bugs else min_p * p.max()
        kept = p.where((p >= bar) | (p == p.max()), torch.zeros_like(p))
        rows.append(kept / kept.sum())
    return torch.stack(rows)


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
            items[0][0] += [15, 16, 17, 18, 19]
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
                if n == one or (n < one and "one delimiter" not in bugs):
                    text.append(delim)
            rows[-1].append([*text, extract])
    width = max(len(text) for texts in rows for text in texts)
    filled = [[t + [0] * (width - len(t)) for t in texts] for texts in rows]
    places = [len(texts[0]) - 1 for texts in rows]
    return torch.tensor(filled), torch.tensor(places)


# --- 5. the loss


def loss_calls(v: Variant, draw: torch.Generator) -> list[Call]:
    """No padding, padding, no auxiliary loss."""

    def call(size: tuple[int, int, int, int], lam: float, group: str) -> Call:
        b, k, t, n_words = size
        texts = torch.randint(1, n_words, (b, k, t), generator=draw)
        if group == "padding":
            long = torch.randint(2, t, (b, k, 1), generator=draw)
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
    task, surprises = [], []
    for i, k in enumerate(right.tolist()):
        task.append(-scores[i].log_softmax(dim=0)[k])
        for j in range(texts.size(1)) if "all texts" in bugs else [k]:
            log_p = logits[i, j].log_softmax(dim=-1)
            for place in range(texts.size(2) - 1):
                shift = 0 if "no shift" in bugs else 1
                token = texts[i, j, place + shift]
                if token != 0 or "padding" in bugs:
                    surprises.append(-log_p[place, token])
    two, one = torch.stack(task).mean(), torch.stack(surprises).mean()
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
                ),
                (
                    "gain a word",
                    lambda v: best(v, "gain a word"),
                    "You divided the gains by the number of words. The gain "
                    "is a difference of two sums.",
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
                ),
                (
                    "positions go on",
                    lambda *a: packed(*a, "positions"),
                    "Mask and targets are mended. But positions count from "
                    "the beginning of the row.",
                ),
                (
                    "asked across the border",
                    lambda *a: packed(*a, "targets"),
                    "Mask and positions are mended. But at an end the first "
                    "token of another document is asked for.",
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
                ),
                (
                    "shares",
                    lambda *a: fine_tuning_loss(*a, "shares"),
                    "You gave L2 the weight 1 - lam. It has the weight 1.",
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
