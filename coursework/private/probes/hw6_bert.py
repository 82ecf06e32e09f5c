"""Probes of homework 6, BERT: inputs, references, known mistakes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

from coursework.grading.probe import (
    Assignment,
    Call,
    Part,
    Variant,
    close,
    exact,
)
from transformer_course import bert, training

Read = tuple[Tensor, Tensor]
Packed = tuple[list[int], list[int]]


def below(draw: torch.Generator, low: int, high: int) -> int:
    """Draw a whole number from low to high - 1."""
    return int(torch.randint(low, high, (), generator=draw))


def by_hand(atol: float) -> Callable[[Any, Any], bool]:
    """Compare numbers worked out by hand; a tensor counts as a list."""
    same = close(atol, 0.0)

    def compare(got: Any, want: Any) -> bool:
        return same(got.tolist() if isinstance(got, Tensor) else got, want)

    return compare


# --- 1. by hand

LETTER = "the|squ ##atch|chased|the|drag ##on|be ##cause|it|was|hun ##gry|."


def dice(v: Variant) -> tuple[set[int], list[float]]:
    """Which words are chosen, and their second dice; each case occurs."""
    long = v.sample("long", (1, 4, 5, 8), 2)
    short = v.sample("short", (0, 2, 3, 6, 7), 2)
    second = list(v.numbers("v", 0.01, 0.99, size=10, step=0.01))
    cases = (
        (long[0], 0.01, 0.49),
        (long[1], 0.5, 0.69),
        (short[0], 0.7, 0.99),
        (9, 0.01, 0.49),  # not chosen
    )
    for i, low, high in cases:
        second[i] = v.numbers(f"v {i}", low, high, size=1, step=0.01)[0]
    return {*long, *short}, second


def reading(v: Variant, rule: str = "words") -> list[str]:
    """What the model reads of the student's letter."""
    chosen, v_dice = dice(v)
    shares = (0.8, 0.9) if rule == "chapter" else (0.5, 0.7)
    reads = ["[CLS]"]
    for i, word in enumerate(LETTER.split("|")):
        pieces = word.split()
        new = list(pieces)
        if i in chosen or rule == "all":
            if v_dice[i] < shares[0]:
                new = ["[MASK]"] * len(pieces)
            elif v_dice[i] < shares[1]:
                new = ["moon"] * len(pieces)
        if rule == "first piece":
            new = [new[0], *pieces[1:]]
        reads += new
    return [*reads, "[SEP]"]


# --- 2. the same for a batch


def hide_calls(v: Variant, draw: torch.Generator) -> list[Call]:
    """Words of one piece, of several pieces, special tokens."""

    def call(n_rows: int, n_words: int, longest: int, group: str) -> Call:
        numbers: list[list[int]] = []
        for _ in range(n_rows):
            lengths = [below(draw, 1, longest + 1) for _ in range(n_words)]
            if group == "special tokens" and numbers:
                lengths = lengths[:-2]
            of = [i for i, n in enumerate(lengths) for _ in range(n)]
            edge = [-1] if group == "special tokens" else []
            numbers.append([*edge, *of, *edge])
        width = max(map(len, numbers))
        numbers = [row + [-1] * (width - len(row)) for row in numbers]
        word_of = torch.tensor(numbers)
        ids = torch.randint(5, 90, word_of.shape, generator=draw)
        drawn = torch.randint(100, 190, word_of.shape, generator=draw)
        u, v_dice = torch.rand(2, n_rows, n_words, generator=draw)
        u[:, ::3] = 0.19 * u[:, ::3]  # every third word is chosen
        v_dice[0, 0], v_dice[0, 3], v_dice[1, 0] = 0.6, 0.4, 0.8
        return Call((ids, word_of, u, v_dice, drawn, 4), group=group)

    return [
        call(5, 11, 1, "one piece a word"),
        call(3, 7, 3, "several pieces"),
        call(2, 13, 4, "several pieces"),
        call(5, 7, 3, "special tokens"),
    ]


def hide_words(
    token_ids: Tensor,
    word_of: Tensor,
    u: Tensor,
    v: Tensor,
    drawn: Tensor,
    mask_id: int,
    *bugs: str,
) -> Read:
    """Blot out words token by token."""
    reads, asked = token_ids.clone(), torch.zeros_like(word_of).bool()
    shares = (0.8, 0.9) if "v of the chapter" in bugs else (0.5, 0.7)
    most = 0.7 if "only changed" in bugs else 1.0
    most = 0.5 if "only masks" in bugs else most
    for b, row in enumerate(word_of.tolist()):
        for t, word in enumerate(row):
            die = t % u.size(1) if "place" in bugs else word
            if "special" in bugs:
                die = max(word, 0)
            chosen = u[b, die] < (0.15 if "u of the chapter" in bugs else 0.2)
            if ("special" not in bugs and word < 0) or not chosen:
                continue
            if "first piece" in bugs and t and row[t - 1] == word:
                continue
            asked[b, t] = bool(v[b, die] < most)
            if v[b, die] < shares[0]:
                reads[b, t] = mask_id
            elif v[b, die] < shares[1]:
                reads[b, t] = drawn[b, t]
    return reads, asked


# --- 3. packing


def pack_calls(v: Variant, draw: torch.Generator) -> list[Call]:
    """Texts that fit, one too long, both too long."""

    def call(n: int, m: int, longest: int, group: str) -> Call:
        ids = (20 + torch.randperm(70, generator=draw)).tolist()
        return Call((ids[:n], ids[n : n + m], longest, 2, 3), group=group)

    more = below(draw, 1, 4)
    return [
        call(5, 3, 17, "they fit"),
        call(3 + more, 4, 10 + more, "they fit"),
        call(11 + more, 3, 11, "the first too long"),
        call(3, 11 + more, 11, "the second too long"),
        call(11 + more, 7, 14, "both too long"),  # odd rooms: a tie counts
        call(7, 7, 10 + 2 * below(draw, 0, 2), "both too long"),
    ]


def pack(
    first: list[int],
    second: list[int],
    longest: int,
    cls: int,
    sep: int,
    *bugs: str,
) -> Packed:
    """Count how long each text may stay, then cut."""
    n, m = len(first), len(second)
    room = longest - (2 if "two special" in bugs else 3)
    while n + m > room:
        if "second only" in bugs and m:
            m -= 1
        elif n > m or (n == m and "ties" in bugs):
            n -= 1
        else:
            m -= 1
    left, right = first[len(first) - n :], second[:m]
    if "cut at the end" in bugs:
        left = first[:n]
    ids = [cls, *left, sep, *right, sep]
    border = n + (1 if "border" in bugs else 2)
    return ids, [int(place >= border) for place in range(len(ids))]


# --- 4. a score

MASK = 4


def small_bert(number: int) -> bert.BERTMaskedLM:
    """Make the notebook's model."""
    config = bert.BERTConfig(
        23,
        d_model=12,
        n_heads=3,
        d_ff=17,
        n_layers=2,
        max_seq_len=16,
        dropout=0.0,
    )
    with training.seeded(number):
        model = bert.BERTMaskedLM(bert.BERT(config))
        for weight in model.parameters():
            if weight.dim() == 2:
                nn.init.normal_(weight, std=0.5)
    return model.eval()


def score_calls(v: Variant, draw: torch.Generator) -> list[Call]:
    """Sentences of several lengths, and one with a word twice."""
    calls = []
    for n, group in ((2, "short"), (7, "long"), (11, "long"), (5, "twice")):
        inner = torch.randint(5, 23, (n,), generator=draw)
        if group == "twice":
            inner[3] = inner[0]
        ids = torch.cat([torch.tensor([2]), inner, torch.tensor([3])])
        calls.append(Call((ids, below(draw, 0, 10_000)), group=group))
    return calls


def sentence_score(token_ids: Tensor, number: int, *bugs: str) -> float:
    """Hide and read one token after the other."""
    model, total = small_bert(number), 0.0
    inner = range(1, len(token_ids) - 1)
    for place in range(len(token_ids)) if "all" in bugs else inner:
        row = token_ids.clone()
        if "at once" in bugs:
            row[1:-1] = MASK
        elif "nothing hidden" not in bugs:
            row[place] = MASK
        with torch.no_grad():
            at_place = model(row[None]).logits[0, place]
        total += at_place.log_softmax(dim=0)[token_ids[place]].item()
    return total / len(inner) if "mean" in bugs else total


# --- 5. the search


def near_calls(v: Variant, draw: torch.Generator) -> list[Call]:
    """Equal lengths, ragged lengths, vectors of unequal size."""

    def states(n: int, t: int, d: int, group: str) -> tuple[Tensor, Tensor]:
        hidden = torch.randn(n, t, d, generator=draw) + 0.3
        long = torch.full((n,), t)
        if group == "unequal lengths":
            long = torch.randint(3, t + 1, (n,), generator=draw)
        if group == "unequal sizes":
            size = torch.rand(n, 1, 1, generator=draw)
            hidden = hidden * (0.2 + 5 * size)
        return hidden, torch.arange(t) < long[:, None]

    return [
        Call((*states(q, 7, d, group), *states(n, t, d, group)), group=group)
        for q, n, t, d, group in (
            (5, 11, 7, 3, "equal lengths"),
            (3, 13, 5, 5, "unequal lengths"),
            (7, 5, 11, 3, "unequal lengths"),
            (5, 7, 7, 5, "unequal sizes"),
        )
    ]


def nearest(
    asked: Tensor,
    asked_real: Tensor,
    texts: Tensor,
    texts_real: Tensor,
    *bugs: str,
) -> Read:
    """Compare each question with each text."""

    def vectors(hidden: Tensor, real: Tensor) -> Tensor:
        rows = []
        for row, n in zip(hidden, real.sum(dim=1).tolist(), strict=True):
            if "padding" in bugs:
                kept = row.clone()
                kept[n:] = 0
                rows.append(kept[1:-1].mean(dim=0))
            elif "special" in bugs:
                rows.append(row[:n].mean(dim=0))
            else:
                rows.append(row[1 : n - 1].mean(dim=0))
        stacked = torch.stack(rows)
        if "no lengths" in bugs:
            return stacked
        return F.normalize(stacked, dim=0 if "wrong axis" in bugs else 1)

    cosines = vectors(asked, asked_real) @ vectors(texts, texts_real).T
    best = cosines.max(dim=0 if "over questions" in bugs else 1)
    if "values first" in bugs:
        return best.values, best.indices
    return best.indices, best.values


# --- 6. by hand


def chances(v: Variant, rule: str = "") -> list[float]:
    """All hidden, at least one hidden, another one readable."""
    k = v.integer("pieces", 3, 5)
    p = v.choice("share", (0.25, 0.3, 0.4, 0.5))
    if rule == "sums":
        return [p / k, min(1.0, k * p), (k - 1) * (1 - p)]
    if rule == "itself too":
        return [p**k, 1 - (1 - p) ** k, 1 - p**k]
    if rule == "all the others":
        return [p**k, 1 - (1 - p) ** k, (1 - p) ** (k - 1)]
    return [p**k, 1 - (1 - p) ** k, 1 - p ** (k - 1)]


ASSIGNMENT = Assignment(
    "hw6-bert",
    parts=(
        Part(
            "reading-by-hand",
            points=2,
            target="my_reading",
            value=True,
            expected=reading,
            compare=exact,
            says=[
                (
                    "the chapter's shares",
                    lambda v: reading(v, "chapter"),
                    "These are the chapter's shares, 80 and 10 of 100. Ours "
                    "end at 0.5 and at 0.7.",
                ),
                (
                    "all words chosen",
                    lambda v: reading(v, "all"),
                    "You used the second die of every word. It counts only "
                    "where the first one is below 0.2.",
                ),
                (
                    "first pieces only",
                    lambda v: reading(v, "first piece"),
                    "Only the first pieces have changed. All pieces of a "
                    "word share its fate.",
                ),
            ],
        ),
        Part(
            "hide-words",
            points=4,
            target="hide_words",
            calls=hide_calls,
            expected=hide_words,
            compare=exact,
            says=[
                (
                    "a die a place",
                    lambda *a: hide_words(*a, "place"),
                    "Your token at place t takes die number t. It takes the "
                    "die of its word.",
                ),
                (
                    "special tokens hidden",
                    lambda *a: hide_words(*a, "special"),
                    "Special tokens and padding are asked for: -1 was read "
                    "as the number of a word.",
                ),
                (
                    "first piece only",
                    lambda *a: hide_words(*a, "first piece"),
                    "Only the first piece of a chosen word is hidden.",
                ),
                (
                    "asked for masks only",
                    lambda *a: hide_words(*a, "only masks"),
                    "You ask for what reads [MASK]. The other chosen words, "
                    "changed or kept, are asked for too.",
                    2,
                ),
                (
                    "asked for changed tokens only",
                    lambda *a: hide_words(*a, "only changed"),
                    "Chosen words that stay as they are are asked for too.",
                    2,
                ),
                (
                    "the chapter's shares",
                    lambda *a: hide_words(
                        *a, "u of the chapter", "v of the chapter"
                    ),
                    "These are the chapter's shares. Ours are 0.2, 0.5 and "
                    "0.7.",
                    2,
                ),
                (
                    "the chapter's shares of v",
                    lambda *a: hide_words(*a, "v of the chapter"),
                    "For v these are the chapter's shares. Ours end at 0.5 "
                    "and at 0.7.",
                    2,
                ),
            ],
        ),
        Part(
            "pack",
            points=3,
            target="pack",
            calls=pack_calls,
            expected=pack,
            compare=exact,
            says=[
                (
                    "cut at the end",
                    lambda *a: pack(*a, "cut at the end"),
                    "The first text loses its end. It is to lose its "
                    "beginning, so that the two still meet.",
                ),
                (
                    "only the second is cut",
                    lambda *a: pack(*a, "second only"),
                    "Your second text is cut first, however short. Cut the "
                    "longer one.",
                ),
                (
                    "two special tokens counted",
                    lambda *a: pack(*a, "two special"),
                    "Some inputs are a token too long: there are three "
                    "special tokens.",
                ),
                (
                    "border one too early",
                    lambda *a: pack(*a, "border"),
                    "The first [SEP] belongs to segment 0.",
                    1.5,
                ),
                (
                    "ties",
                    lambda *a: pack(*a, "ties"),
                    "Where both are equally long, the second loses a token.",
                ),
            ],
        ),
        Part(
            "sentence-score",
            points=4,
            target="sentence_score",
            calls=score_calls,
            expected=sentence_score,
            compare=close(1e-3, 1e-4),
            says=[
                (
                    "nothing hidden",
                    lambda *a: sentence_score(*a, "nothing hidden"),
                    "Your model reads the very word that it is asked for.",
                ),
                (
                    "all hidden at once",
                    lambda *a: sentence_score(*a, "at once"),
                    "You hide all words at once, so no word has a context. "
                    "Hide one, and put it back.",
                ),
                (
                    "special tokens scored",
                    lambda *a: sentence_score(*a, "all"),
                    "[CLS] and [SEP] are hidden and scored as well.",
                ),
                (
                    "mean",
                    lambda *a: sentence_score(*a, "mean"),
                    "This is the mean over the words. The score is the sum.",
                ),
            ],
        ),
        Part(
            "nearest",
            points=3,
            target="nearest",
            calls=near_calls,
            expected=nearest,
            compare=close(1e-5, 1e-5),
            says=[
                (
                    "padding in the mean",
                    lambda *a: nearest(*a, "padding"),
                    "In short rows the last real token, [SEP], is still in "
                    "the mean. (The divisor does not matter to a cosine.)",
                    2,
                ),
                (
                    "wrong axis",
                    lambda *a: nearest(*a, "wrong axis"),
                    "You set the columns to length 1. A cosine needs each "
                    "vector at length 1.",
                    2,
                ),
                (
                    "best question of each text",
                    lambda *a: nearest(*a, "over questions"),
                    "You name the nearest question of each text. The "
                    "nearest text of each question is asked for.",
                    2,
                ),
                (
                    "special tokens in the mean",
                    lambda *a: nearest(*a, "special"),
                    "Padding is out. But the two special tokens are still "
                    "in the mean.",
                    2,
                ),
                (
                    "no lengths",
                    lambda *a: nearest(*a, "no lengths"),
                    "This is the dot product: long vectors win.",
                    2,
                ),
                (
                    "values first",
                    lambda *a: nearest(*a, "values first"),
                    "You return cosines first. Numbers come first.",
                    2,
                ),
                (
                    "two bugs left: mean and axis",
                    lambda *a: nearest(*a, "padding", "wrong axis"),
                    "One bug is mended. Look at the mean of short rows, and "
                    "at which way the lengths are taken.",
                    1,
                ),
                (
                    "two bugs left: mean and choice",
                    lambda *a: nearest(*a, "padding", "over questions"),
                    "One bug is mended. Look at the mean of short rows, and "
                    "at what is nearest to what.",
                    1,
                ),
                (
                    "two bugs left: axis and choice",
                    lambda *a: nearest(*a, "wrong axis", "over questions"),
                    "One bug is mended. Look at which way the lengths are "
                    "taken, and at what is nearest to what.",
                    1,
                ),
                (
                    "as it was",
                    lambda *a: nearest(
                        *a, "padding", "wrong axis", "over questions"
                    ),
                    "This gives what the search gave.",
                ),
            ],
        ),
        Part(
            "betrayal-by-hand",
            points=2,
            target="my_chances",
            value=True,
            expected=chances,
            compare=by_hand(6e-5),
            says=[
                (
                    "sums",
                    lambda v: chances(v, "sums"),
                    "You multiplied or divided by the number of pieces. "
                    "Independent chances are multiplied with each other.",
                ),
                (
                    "the piece itself counted",
                    lambda v: chances(v, "itself too"),
                    "In the third, the piece itself is hidden for certain. "
                    "Only the k - 1 others have a chance.",
                    1,
                ),
                (
                    "all the others readable",
                    lambda v: chances(v, "all the others"),
                    "The third asks for at least one readable piece. This "
                    "is the chance that all the others are readable.",
                    1,
                ),
            ],
        ),
    ),
)
