"""Probes of homework 5, the translator: inputs, references, mistakes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812

from coursework.grading.probe import Assignment, Call, Part, Variant, close

Lessons = tuple[Tensor, Tensor]
Found = tuple[list[int], float]


def below(draw: torch.Generator, low: int, high: int) -> int:
    """Draw a whole number from low to high - 1."""
    return int(torch.randint(low, high, (), generator=draw))


def by_hand(atol: float) -> Callable[[Any, Any], bool]:
    """Compare numbers worked out by hand; a tensor counts as a list."""
    same = close(atol, 0.0)

    def compare(got: Any, want: Any) -> bool:
        return same(got.tolist() if isinstance(got, Tensor) else got, want)

    return compare


# --- 1. scores by hand


def scores(v: Variant, rule: str = "paper") -> list[float]:
    """Scores of the student's three sentences, and the winner."""
    lengths = sorted(v.sample("lengths", range(2, 14), 3))
    more = v.numbers("sums", 0, 1, 3, step=0.1)
    sums = [
        -round(2 + 0.3 * n + x, 1) for n, x in zip(lengths, more, strict=True)
    ]
    alpha = v.choice("alpha", (0.4, 0.5, 0.7, 0.8, 1.2, 1.5))
    result = []
    for n, total in zip(lengths, sums, strict=True):
        divisor = {
            "paper": ((5 + n) / 6) ** alpha,
            "no exponent": (5 + n) / 6,
            "length alone": n**alpha,
            "times": ((5 + n) / 6) ** -alpha,
        }[rule]
        result.append(total / divisor)
    return [*result, result.index(max(result))]


# --- 2. lessons from right to left


def lesson_calls(v: Variant, draw: torch.Generator) -> list[Call]:
    """Rows of one length and of several, and other special ids."""

    def call(lengths: list[int], ids: tuple[int, int], group: str) -> Call:
        pad_id, eos_id = ids
        rows = torch.full((len(lengths), max(lengths) + 2), pad_id)
        for row, n in zip(rows, lengths, strict=True):
            row[0] = 20
            row[1 : n + 1] = 30 + torch.randint(60, (n,), generator=draw)
            row[n + 1] = eos_id
        return Call((rows, pad_id, eos_id), group=group)

    ragged = [below(draw, 1, 4), 7, below(draw, 4, 7), 1]
    return [
        call([5, 5, 5], (0, 3), "one length"),
        call(ragged, (0, 3), "several lengths"),
        call([4, below(draw, 1, 4), 2], (7, 0), "other special ids"),
    ]


def lessons(targets: Tensor, pad_id: int, eos_id: int) -> Lessons:
    """Turn each row's words round, one row after the other."""
    read = torch.full_like(targets[:, 1:], pad_id)
    asked = torch.full_like(targets[:, 1:], -100)
    for i, row in enumerate(targets):
        words = row[row != pad_id][1:-1].flip(0)
        read[i, : len(words) + 1] = torch.cat([row[:1], words])
        asked[i, : len(words) + 1] = torch.cat(
            [words, words.new_tensor([eos_id])]
        )
    return read, asked


def row_flipped(targets: Tensor, pad_id: int, eos_id: int) -> Lessons:
    """Turn the whole row round, padding and all."""
    middle = targets[:, 1:].flip(1)
    turned = torch.cat([targets[:, :1], middle], dim=1)
    asked = turned[:, 1:]
    return turned[:, :-1], asked.masked_fill(asked == pad_id, -100)


def padding_asked(targets: Tensor, pad_id: int, eos_id: int) -> Lessons:
    """Ask for the padding as well."""
    read, asked = lessons(targets, pad_id, eos_id)
    return read, asked.masked_fill(asked == -100, pad_id)


def left_to_right(targets: Tensor, pad_id: int, eos_id: int) -> Lessons:
    """Make the usual lessons."""
    asked = targets[:, 1:]
    read = targets[:, :-1].masked_fill(targets[:, :-1] == eos_id, pad_id)
    return read, asked.masked_fill(asked == pad_id, -100)


def not_shifted(targets: Tensor, pad_id: int, eos_id: int) -> Lessons:
    """Ask for the word that is read."""
    read, asked = lessons(targets, pad_id, eos_id)
    return read, read.masked_fill(asked == -100, -100)


# --- 3. the loss


def loss_calls(v: Variant, draw: torch.Generator) -> list[Call]:
    """One sentence, several lengths, no smoothing."""

    def call(size: tuple[int, int, int], epsilon: float, group: str) -> Call:
        b, t, n_words = size
        logits = 2 * torch.randn(b, t, n_words, generator=draw)
        asked = torch.randint(n_words, (b, t), generator=draw)
        if group == "several lengths":
            last = torch.randint(1, t, (b,), generator=draw)
            last[0], last[1] = t, 1
            asked[torch.arange(t) >= last[:, None]] = -100
        return Call((logits.double(), asked, epsilon), group=group)

    some = 0.1 + 0.2 * torch.rand((), generator=draw).item()
    return [
        call((1, 5, 7), some, "one sentence"),
        call((1, 3, 3), 0.3, "one sentence"),
        call((3, 7, 5), some, "several lengths"),
        call((5, 3, 11), 0.2, "several lengths"),
        call((1, 5, 7), 0.0, "no smoothing"),
    ]


def smoothed(
    logits: Tensor, asked: Tensor, epsilon: float, *bugs: str
) -> Tensor:
    """The loss, a sentence at a time, with the bugs that are named."""
    sentences, n_words = [], logits.size(-1)
    for row, right in zip(logits.log_softmax(dim=-1), asked, strict=True):
        real = right != -100
        target = F.one_hot(right.clamp(min=0), n_words).to(row.dtype)
        if "all words" in bugs:
            target = (1 - epsilon) * target + epsilon / n_words
        else:
            target = (1 - epsilon) * target + epsilon / (n_words - 1) * (
                1 - target
            )
        each = -(target * row).sum(dim=-1)  # (T,)
        if "padding" in bugs:
            sentences.append((each * real).mean()[None])
        elif "mean over words" in bugs:
            sentences.append(each[real])
        else:
            sentences.append(each[real].mean()[None])
    return torch.cat(sentences).mean()


# --- 4. the beam


def beam_calls(v: Variant, draw: torch.Generator) -> list[Call]:
    """Tables on which greedy, beam and every bug part ways."""
    calls = []
    for group, width, size, ends in (
        ("a beam of one", 1, 7, 0.0),
        ("wider", 3, 7, 0.0),
        ("wider", 2, 11, 0.0),
        ("early endings", 3, 7, 2.5),
        ("early endings", 5, 5, 2.5),
    ):
        longest = below(draw, 4, 7)
        for _ in range(1000):
            table = 2 * torch.randn(size, size, generator=draw).double()
            table[1:, 0] += ends
            table[0] *= 0.3  # whoever goes on after the end pays little
            table = table.log_softmax(dim=-1)
            right, greedy = (beam(table, w, longest) for w in (width, 1))
            early = 0 in right[0][2:longest]
            if (width == 1 or right[0] != greedy[0]) and early == (ends > 0):
                break
        calls.append(Call((table, width, longest), group=group))
    return calls


def beam(table: Tensor, width: int, longest: int, *bugs: str) -> Found:
    """Beam search, with the bugs that are named."""
    rows = table.tolist()
    beams: list[Found] = [([1], 0.0)]
    sign = 1 if "worst first" in bugs else -1
    for _ in range(longest):
        grown: list[Found] = []
        for ids, total in beams:
            if ids[-1] == 0 and "ends go on" not in bugs:
                grown.append((ids, total))
                continue
            before = 0.0 if "last step" in bugs else total
            for word, log_p in enumerate(rows[ids[-1]]):
                grown.append(([*ids, word], before + log_p))
        grown.sort(key=lambda one: sign * one[1])
        beams = grown[:width]
    return beams[0]


# --- 5. both ways


def map_calls(v: Variant, draw: torch.Generator) -> list[Call]:
    """Maps of one head and of several, with and without padding."""

    def call(size: tuple[int, int, int, int], group: str) -> Call:
        b, _, t_q, t_k = size
        weights = (2 * torch.randn(*size, generator=draw)).softmax(dim=-1)
        wrote = torch.ones(b, t_q, dtype=torch.bool)
        read = torch.ones(b, t_k, dtype=torch.bool)
        if group == "padding":
            wrote[1:, 3:] = False
            read[0, 3:], read[1:, 2:] = False, False
        return Call((weights, wrote, read), group=group)

    return [
        call((2, 1, 7, 5), "one head"),
        call((3, 3, 5, 7), "several heads"),
        call((3, 2, 7, 5), "padding"),
        call((2, 1, 5, 11), "padding"),
    ]


def both_ways(
    weights: Tensor, wrote: Tensor, read: Tensor, *bugs: str
) -> Tensor:
    """Pair the words, one sentence after the other."""
    pairs = torch.zeros_like(weights[:, 0], dtype=torch.bool)
    for i, grid in enumerate(weights.mean(dim=1)):
        if "padding" in bugs:
            n_q, n_k = grid.shape
        else:
            n_q, n_k = int(wrote[i].sum()), int(read[i].sum())
        best_k = grid[:n_q, :n_k].argmax(dim=1).tolist()
        best_q = grid[:n_q, :n_k].argmax(dim=0).tolist()
        for q in range(n_q):
            for k in range(n_k):
                one, other = best_k[q] == k, best_q[k] == q
                named = one and other
                if "rows" in bugs:
                    named = one
                if "either" in bugs:
                    named = one or other
                pairs[i, q, k] = named
    if "padding" in bugs:
        pairs &= wrote[:, :, None] & read[:, None, :]
    return pairs


# --- 6. letters

TEXT = (
    "le la un une canard ours pizza mange mangé mangée poursuivi poursuivie "
    "est par petit petite nage nagé vu vue soigné soignée roi reine"
)
WORDS = TEXT.split()


def letter_calls(v: Variant, draw: torch.Generator) -> list[Call]:
    """Likely and unlikely pairs of texts; a text with repeats."""

    def text(n: int) -> list[str]:
        return [WORDS[below(draw, 0, len(WORDS))] for _ in range(n)]

    calls = []
    for _ in range(2):
        reference = text(5)
        written = [*reference[:2], *text(2)]
        two = " ".join(written), " ".join(reference)
        calls.append(Call((*two, below(draw, 2, 5), 2.0), group="alike"))
    other = " ".join(text(7)), " ".join(text(3))
    calls.append(Call((*other, 3, 0.5), group="other weights"))
    word = WORDS[below(draw, 0, len(WORDS))]
    again = " ".join([word] * 3), f"{word} {WORDS[below(draw, 0, 9)]}"
    calls.append(Call((*again, 4, 1.0), group="a word again"))
    calls.append(Call(("le", " ".join(text(2)), 4, 2.0), group="short"))
    return calls


def runs(text: str, n: int) -> list[str]:
    """List the runs of n letters."""
    return [text[i : i + n] for i in range(len(text) - n + 1)]


def letter_score(
    written: str, reference: str, longest: int, beta: float, *bugs: str
) -> float:
    """Mean F-score, with the bugs that are named."""
    total = 0.0
    for n in range(1, longest + 1):
        ours, theirs = runs(written, n), runs(reference, n)
        if "kinds" in bugs:
            ours, theirs = sorted(set(ours)), sorted(set(theirs))
        shared = sum(
            min(ours.count(run), theirs.count(run)) for run in set(ours)
        )
        if shared == 0:
            continue
        p, r = shared / len(ours), shared / len(theirs)
        if "exchanged" in bugs:
            p, r = r, p
        weight = beta if "beta" in bugs else beta**2
        total += (1 + weight) * p * r / (weight * p + r)
    return total / longest


ASSIGNMENT = Assignment(
    "hw5-translator",
    parts=(
        Part(
            "scores-by-hand",
            points=2,
            target="my_scores",
            value=True,
            expected=scores,
            compare=by_hand(6e-3),
            says=[
                (
                    "no exponent",
                    lambda v: scores(v, "no exponent"),
                    "You divided by (5 + n) / 6 itself. Take it to the "
                    "power of alpha first.",
                ),
                (
                    "length alone",
                    lambda v: scores(v, "length alone"),
                    "You divided by a power of n. The rule adds 5 to n and "
                    "divides by 6 first.",
                ),
                (
                    "multiplied",
                    lambda v: scores(v, "times"),
                    "You multiplied: so long sentences lose twice. Divide.",
                ),
            ],
        ),
        Part(
            "backward-lessons",
            points=3,
            target="backward_lessons",
            calls=lesson_calls,
            expected=lessons,
            compare=close(0.0, 0.0),
            says=[
                (
                    "the row turned round",
                    row_flipped,
                    "You turned the whole row round, its end and its "
                    "padding too. Only the words change places.",
                ),
                (
                    "padding asked for",
                    padding_asked,
                    "What is read is right. But padding is asked for: those "
                    "places get -100.",
                ),
                (
                    "left to right",
                    left_to_right,
                    "These are the lessons of a writer from left to right.",
                ),
                (
                    "no shift",
                    not_shifted,
                    "Your writer is asked for the word that it reads. What "
                    "is asked for is one place further.",
                ),
            ],
        ),
        Part(
            "smoothed-loss",
            points=4,
            target="smoothed_loss",
            calls=loss_calls,
            expected=smoothed,
            says=[
                (
                    "spread over all words",
                    lambda *a: smoothed(*a, "all words"),
                    "You spread epsilon over all V words, as chapter 12 "
                    "does. Here the right word gets none of it.",
                ),
                (
                    "mean over words",
                    lambda *a: smoothed(*a, "mean over words"),
                    "Your loss is the mean over all words. Take the mean of "
                    "each sentence first, then the mean of these.",
                ),
                (
                    "padding counted",
                    lambda *a: smoothed(*a, "padding"),
                    "You divide a sentence's sum by the length of the row. "
                    "Divide by the number of words that are asked for.",
                ),
            ],
        ),
        Part(
            "beam",
            points=4,
            target="mended_beam",
            calls=beam_calls,
            expected=beam,
            says=[
                (
                    "the last step only",
                    lambda *a: beam(*a, "last step"),
                    "Your beams are compared by their last word alone. A "
                    "beginning's log-probability is the sum of its steps.",
                ),
                (
                    "ended sentences go on",
                    lambda *a: beam(*a, "ends go on"),
                    "Your search writes on after the end. A sentence that "
                    "has ended competes as it is.",
                ),
                (
                    "the worst kept",
                    lambda *a: beam(*a, "worst first"),
                    "Your search keeps the least probable beginnings. A "
                    "larger logarithm is a larger probability.",
                ),
                (
                    "greedy",
                    lambda table, width, longest: beam(table, 1, longest),
                    "Your result does not depend on the width: it is what "
                    "the best next word gives.",
                ),
            ],
        ),
        Part(
            "both-ways",
            points=3,
            target="both_ways",
            calls=map_calls,
            expected=both_ways,
            says=[
                (
                    "rows only",
                    lambda *a: both_ways(*a, "rows"),
                    "Every written word has a partner: you asked one side "
                    "only.",
                ),
                (
                    "either side",
                    lambda *a: both_ways(*a, "either"),
                    "You keep a pair if one side names the other. Both must.",
                ),
                (
                    "padding takes part",
                    lambda *a: both_ways(*a, "padding"),
                    "Without padding all is right. With padding, some words "
                    "lose their partner to it.",
                ),
            ],
        ),
        Part(
            "letter-score",
            points=2,
            target="letter_score",
            calls=letter_calls,
            expected=letter_score,
            says=[
                (
                    "kinds of runs",
                    lambda *a: letter_score(*a, "kinds"),
                    "You count each kind of run once. A run that stands "
                    "twice in both texts is shared twice.",
                ),
                (
                    "precision and recall exchanged",
                    lambda *a: letter_score(*a, "exchanged"),
                    "Precision and recall have changed places: precision "
                    "divides by the runs of what was written.",
                ),
                (
                    "beta not squared",
                    lambda *a: letter_score(*a, "beta"),
                    "Beta is squared in the formula.",
                ),
            ],
        ),
    ),
)
