"""Probes of homework 5, the translator: inputs, references, mistakes."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812

from coursework.grading.probe import (
    Assignment,
    Call,
    Part,
    Variant,
    bugs_left,
    close,
)

Lessons = tuple[Tensor, Tensor]
Found = tuple[list[int], float]
Search = Callable[[Tensor, int, int], Found]


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


def lowest(v: Variant) -> list[float]:
    """Put out the sentence with the smallest score."""
    three = scores(v)[:3]
    return [*three, three.index(min(three))]


def tenths(v: Variant) -> list[float]:
    """Round to one decimal."""
    return [round(x, 1) for x in scores(v)]


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


def end_read(targets: Tensor, pad_id: int, eos_id: int) -> Lessons:
    """Leave the end in what is read."""
    read, asked = lessons(targets, pad_id, eos_id)
    ends = torch.cat(
        [torch.full_like(asked[:, :1], -100), asked[:, :-1]], dim=1
    )
    return read.masked_fill(ends == eos_id, eos_id), asked


def flipped_and_marked(
    targets: Tensor, pad_id: int, eos_id: int, start: int = 1
) -> Lessons:
    """Turn the row round from a column on, then do gap 2 right."""
    turned = torch.cat([targets[:, :start], targets[:, start:].flip(1)], dim=1)
    read, asked = turned[:, :-1], turned[:, 1:]
    read = read.masked_fill(read == eos_id, pad_id)
    return read, asked.masked_fill(asked == pad_id, -100)


def padding_asked(targets: Tensor, pad_id: int, eos_id: int) -> Lessons:
    """Ask for the padding as well."""
    read, asked = lessons(targets, pad_id, eos_id)
    return read, asked.masked_fill(asked == -100, pad_id)


def end_not_asked(targets: Tensor, pad_id: int, eos_id: int) -> Lessons:
    """Ask for the words alone."""
    read, asked = lessons(targets, pad_id, eos_id)
    return read, asked.masked_fill(asked == eos_id, -100)


def gap_2_with(targets: Tensor, pad_id: int, eos_id: int) -> Lessons:
    """Mark these ids, whatever the ids of the batch are."""
    n = targets.size(1)
    turned = targets.clone()
    for row, stored in zip(turned, targets, strict=True):
        inside = stored[1 : int((stored >= 30).sum()) + 1]
        row[1 : len(inside) + 1] = inside.flip(0)
    read, asked = turned[:, : n - 1], turned[:, 1:]
    read = read.masked_fill(read == eos_id, pad_id)
    return read, asked.masked_fill(asked == pad_id, -100)


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
    log_p = logits if "scores" in bugs else logits.log_softmax(dim=-1)
    for row, right in zip(log_p, asked, strict=True):
        real = right != -100
        target = F.one_hot(right.clamp(min=0), n_words).to(row.dtype)
        if "all words" in bugs:
            target = (1 - epsilon) * target + epsilon / n_words
        else:
            each_other = epsilon if "epsilon each" in bugs else (
                epsilon / (n_words - 1)
            )  # fmt: skip
            kept = 1.0 if "all kept" in bugs else 1 - epsilon
            target = kept * target + each_other * (1 - target)
        each = -(target * row).sum(dim=-1)  # (T,)
        if "padding" in bugs:
            sentences.append((each * real).mean()[None])
        elif "mean over words" in bugs:
            sentences.append(each[real])
        else:
            sentences.append(each[real].mean()[None])
    return torch.cat(sentences).mean()


# --- 4. the beam


def found(got: Any, want: Found) -> bool:
    """Compare what a search found; a tensor counts as its numbers."""
    if isinstance(got, list | tuple):
        got = [x.tolist() if isinstance(x, Tensor) else x for x in got]
    return close()(got, want)


def beam_calls(v: Variant, draw: torch.Generator) -> list[Call]:
    """Tables on which the right search and its likely rivals part ways.

    Without endings all that treat an ended sentence otherwise are right, so
    that a mistake costs the same in every draw.
    """
    last = bugged("last step"), bugged("last step", "ends go on")
    worst = bugged("worst first"), bugged("worst first", "ends go on")
    calls = []
    for group, width, size, ends, apart in (
        ("a beam of one", 1, 7, -3.0, ()),
        ("wider", 3, 7, -3.0, ((beam, greedy), (beam, too_wide))),
        ("wider", 2, 11, -3.0, ((beam, greedy), (beam, too_wide))),
        ("early endings", 3, 7, 2.0, ((beam, goes_on, lost, by_length),)),
        ("early endings", 4, 6, 1.0, ((beam, set_aside),)),
        ("early endings", 3, 7, 1.0, ((beam, ended_first),)),
        ("early endings", 3, 7, 1.0, (last, worst, (beam, greedy))),
    ):
        longest = below(draw, 4, 7)
        for _ in range(3000):
            table = 2 * torch.randn(size, size, generator=draw).double()
            table[1:, 0] += ends
            table[0] *= 0.3  # whoever goes on after the end pays little
            table = table.log_softmax(dim=-1)
            if all(
                tells(rivals, table, width, longest) for rivals in apart
            ) and (
                ends > 0
                or not any(
                    tells((beam, one), table, width, longest)
                    for one in (goes_on, lost, set_aside, ended_first)
                )
            ):
                break
        else:
            raise ValueError(f"no table for {group!r} among 3000")
        calls.append(Call((table, width, longest), group=group))
    return calls


def tells(
    rivals: Sequence[Search], table: Tensor, width: int, longest: int
) -> bool:
    """Say whether each of the searches finds something of its own."""
    finds = {str(one(table, width, longest)) for one in rivals}
    return len(finds) == len(rivals)


def bugged(*bugs: str) -> Search:
    """Make a search that has the bugs that are named."""
    return lambda table, width, longest: beam(table, width, longest, *bugs)


def greedy(table: Tensor, width: int, longest: int) -> Found:
    """Take the best next word."""
    return beam(table, 1, longest)


def too_wide(table: Tensor, width: int, longest: int) -> Found:
    """Keep one beginning too many."""
    return beam(table, width + 1, longest)


def goes_on(table: Tensor, width: int, longest: int) -> Found:
    """Write on after the end."""
    return beam(table, width, longest, "ends go on")


def lost(table: Tensor, width: int, longest: int) -> Found:
    """Lose what has ended."""
    return beam(table, width, longest, "ends lost")


def ended_first(table: Tensor, width: int, longest: int) -> Found:
    """Put out the best of those that have ended, if one has."""
    beams = kept(table, width, longest)
    return ([one for one in beams if one[0][-1] == 0] or beams)[0]


def by_length(table: Tensor, width: int, longest: int) -> Found:
    """Put out the best after dividing by the length."""
    return max(
        kept(table, width, longest), key=lambda one: one[1] / len(one[0])
    )


def beam(table: Tensor, width: int, longest: int, *bugs: str) -> Found:
    """Beam search, with the bugs that are named."""
    return kept(table, width, longest, *bugs)[0]


def kept(table: Tensor, width: int, longest: int, *bugs: str) -> list[Found]:
    """The beams after the last round, best first."""
    rows = table.tolist()
    beams: list[Found] = [([1], 0.0)]
    sign = 1 if "worst first" in bugs else -1
    for _ in range(longest):
        grown: list[Found] = []
        for ids, total in beams:
            if ids[-1] == 0 and "ends go on" not in bugs:
                if "ends lost" not in bugs:
                    grown.append((ids, total))
                continue
            before = 0.0 if "last step" in bugs else total
            for word, log_p in enumerate(rows[ids[-1]]):
                grown.append(([*ids, word], before + log_p))
        grown.sort(key=lambda one: sign * one[1])
        beams = grown[:width] or beams
    return beams


def set_aside(table: Tensor, width: int, longest: int) -> Found:
    """Take ended sentences out of the beam, as chapter 12 does."""
    rows = table.tolist()
    beams: list[Found] = [([1], 0.0)]
    ended: list[Found] = []
    for _ in range(longest):
        grown = [
            ([*ids, word], total + log_p)
            for ids, total in beams
            for word, log_p in enumerate(rows[ids[-1]])
        ]
        grown.sort(key=lambda one: -one[1])
        ended += [one for one in grown[:width] if one[0][-1] == 0]
        beams = [one for one in grown if one[0][-1] != 0][:width]
    return max([*ended, *beams], key=lambda one: one[1])


BUGS = {
    "last step": "Your beams are compared by their last word alone. A "
    "beginning's log-probability is the sum of its steps.",
    "ends go on": "Your search writes on after the end. A sentence that has "
    "ended competes as it is.",
    "worst first": "Your search keeps the least probable beginnings. A "
    "larger logarithm is a larger probability.",
}


# --- 5. both ways


def map_calls(v: Variant, draw: torch.Generator) -> list[Call]:
    """Maps of one head and of several, with and without padding.

    Several heads are drawn until no one head and no largest one tells what
    their mean tells.
    """

    def call(size: tuple[int, int, int, int], group: str) -> Call:
        b, h, t_q, t_k = size
        wrote = torch.ones(b, t_q, dtype=torch.bool)
        read = torch.ones(b, t_k, dtype=torch.bool)
        if group == "padding":
            wrote[1:, 3:] = False
            read[0, 3:], read[1:, 2:] = False, False
        for _ in range(1000):
            weights = (2 * torch.randn(*size, generator=draw)).softmax(dim=-1)
            args = weights, wrote, read
            right = both_ways(*args)
            if all(
                not both_ways(*args, bug).equal(right)
                for bug in (
                    ["rows", "columns", "either"]
                    + ["largest", "first head"] * (h > 1)
                    + ["padding", "written padding"] * (group == "padding")
                )
            ):
                return Call(args, group=group)
        raise ValueError(f"no map for {group!r} among 1000")

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
    grids = weights.amax(dim=1) if "largest" in bugs else weights.mean(dim=1)
    grids = weights[:, 0] if "first head" in bugs else grids
    for i, grid in enumerate(grids):
        if "padding" in bugs:
            n_q, n_k = grid.shape
        else:
            n_q, n_k = int(wrote[i].sum()), int(read[i].sum())
            n_q = grid.size(0) if "written padding" in bugs else n_q
        best_k = grid[:n_q, :n_k].argmax(dim=1).tolist()
        best_q = grid[:n_q, :n_k].argmax(dim=0).tolist()
        for q in range(n_q):
            for k in range(n_k):
                one, other = best_k[q] == k, best_q[k] == q
                named = one and other
                if "rows" in bugs:
                    named = one
                if "columns" in bugs:
                    named = other
                if "either" in bugs:
                    named = one or other
                pairs[i, q, k] = named
    if "padding" in bugs and "unmarked" not in bugs:
        pairs &= wrote[:, :, None] & read[:, None, :]
    return pairs


# --- 6. letters

TEXT = (
    "le la un une canard ours pizza mange mangé mangée poursuivi poursuivie "
    "est par petit petite nage nagé vu vue soigné soignée roi reine"
)
WORDS = TEXT.split()


SLIPS = (
    "kinds",
    "not clipped",
    "no spaces",
    "skipped",
    "exchanged",
    "beta",
    "precision alone",
    "recall alone",
    "F of means",
)


def letter_calls(v: Variant, draw: torch.Generator) -> list[Call]:
    """Likely and unlikely pairs of texts; a text with repeats.

    Each is drawn until every slip changes the score, and those that are named
    do not, so that a slip costs the same in every draw. Where all runs are
    there, the order of F and mean hardly matters.
    """

    def text(n: int) -> str:
        return " ".join(WORDS[below(draw, 0, len(WORDS))] for _ in range(n))

    def drawn(
        group: str, pair: Callable[[], tuple[str, str]], n: int, beta: float
    ) -> Call:
        same = {
            "alike": {"skipped"},
            "a word again": {"skipped", "exchanged", "beta"},
            "short": {"not clipped"},
        }.get(group, set())
        for _ in range(3000):
            args = *pair(), n, beta
            right = letter_score(*args)
            if all(
                (abs(letter_score(*args, slip) - right) < 1e-4)
                == (slip in same)
                for slip in SLIPS
                if slip != "F of means" or group in ("a word again", "short")
            ):
                return Call(args, group=group)
        raise ValueError(f"no texts for {group!r} among 3000")

    def alike() -> tuple[str, str]:
        start = text(2)
        return f"{start} {text(2)}", f"{start} {text(3)}"

    def again() -> tuple[str, str]:
        word = text(1)
        return " ".join([word] * 3), f"{word} {text(1)}"

    return [
        drawn("alike", alike, below(draw, 2, 5), 2.0),
        drawn("alike", alike, below(draw, 2, 5), 2.0),
        drawn("other weights", lambda: (text(5), text(2)), 4, 0.5),
        drawn("a word again", again, 4, 1.0),
        drawn("short", lambda: ("le", f"le {text(2)}"), 4, 2.0),
    ]


def runs(text: str, n: int) -> list[str]:
    """List the runs of n letters."""
    return [text[i : i + n] for i in range(len(text) - n + 1)]


def letter_score(
    written: str, reference: str, longest: int, beta: float, *bugs: str
) -> float:
    """Mean F-score, with the bugs that are named."""
    if "no spaces" in bugs:
        written, reference = (t.replace(" ", "") for t in (written, reference))
    pairs = []
    for n in range(1, longest + 1):
        ours, theirs = runs(written, n), runs(reference, n)
        if "kinds" in bugs:
            ours, theirs = sorted(set(ours)), sorted(set(theirs))
        shared = sum(
            min(ours.count(run), theirs.count(run)) for run in set(ours)
        )
        if "not clipped" in bugs:
            shared = sum(run in theirs for run in ours)
        p, r = shared / max(len(ours), 1), shared / max(len(theirs), 1)
        if shared or "skipped" not in bugs:
            pairs.append((r, p) if "exchanged" in bugs else (p, r))
    if "F of means" in bugs:
        pairs = [(mean(p for p, _ in pairs), mean(r for _, r in pairs))]
    weight = beta if "beta" in bugs else beta**2
    if "precision alone" in bugs:
        weight = 0.0
    return mean(
        r if "recall alone" in bugs else
        (1 + weight) * p * r / (weight * p + r) if p else 0.0
        for p, r in pairs
    )  # fmt: skip


def mean(numbers: Iterable[float]) -> float:
    """Return the mean, and 0 of nothing."""
    some = list(numbers)
    return sum(some) / max(len(some), 1)


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
                    "smallest put out",
                    lowest,
                    "The scores are right. The largest is put out, and of "
                    "negative numbers that is the one nearest to 0.",
                    1.5,
                ),
                (
                    "rounded",
                    tenths,
                    "Right, but rounded too much: give three decimals.",
                    1.0,
                ),
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
                *(
                    (
                        "the row turned round",
                        wrong,
                        "You turned the whole row round, its end and its "
                        "padding too. Only the words change places.",
                    )
                    for wrong in (
                        row_flipped,
                        flipped_and_marked,
                        lambda t, pad, eos: flipped_and_marked(t, pad, eos, 0),
                    )
                ),
                (
                    "the end read",
                    end_read,
                    "What is asked for is right. But the writer reads the "
                    "end: from there on stands padding.",
                    2.0,
                ),
                (
                    "the end not asked for",
                    end_not_asked,
                    "What is read is right. But eos_id is not asked for, so "
                    "the writer never learns to stop.",
                    2.0,
                ),
                (
                    "ids of the example",
                    lambda targets, pad_id, eos_id: gap_2_with(targets, 0, 3),
                    "With the ids of the example all is right. Use pad_id "
                    "and eos_id.",
                ),
                (
                    "padding asked for",
                    padding_asked,
                    "What is read is right. But padding is asked for: those "
                    "places get -100.",
                    2.0,
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
                    "epsilon each",
                    lambda *a: smoothed(*a, "epsilon each"),
                    "Each wrong word gets epsilon. They get it together: "
                    "divide by their number.",
                ),
                (
                    "nothing taken from the right word",
                    lambda *a: smoothed(*a, "all kept"),
                    "The right word keeps the whole target. What the others "
                    "get is taken from it.",
                ),
                (
                    "scores for log-probabilities",
                    lambda *a: smoothed(*a, "scores"),
                    "Logits are scores, not log-probabilities: take their "
                    "log-softmax first.",
                    2.0,
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
            compare=found,
            says=[
                *bugs_left(
                    beam,
                    BUGS,
                    (2.5, 1.5, 0.0),
                    "This is what the duck's search gives. ",
                ),
                (
                    "ended sentences lost",
                    lambda *a: beam(*a, "ends lost"),
                    "Your search loses the sentences that have ended. They "
                    "keep their place and their score.",
                    2.5,
                ),
                (
                    "ended sentences set aside",
                    set_aside,
                    "You set ended sentences aside, as chapter 12 does. Here "
                    "they stay among the beams and take up a place.",
                    2.5,
                ),
                (
                    "too wide",
                    too_wide,
                    "Your search keeps more than width beginnings.",
                    2.5,
                ),
                (
                    "an ended one preferred",
                    ended_first,
                    "You put out a sentence that has ended although another "
                    "is more probable. The rule says: ended or not.",
                    2.5,
                ),
                (
                    "divided by the length",
                    by_length,
                    "You divide by the length. The rule takes the "
                    "log-probability as it is.",
                    2.5,
                ),
                (
                    "a probability",
                    lambda *a: (beam(*a)[0], math.exp(beam(*a)[1])),
                    "The sentence is right. Beside it goes its "
                    "log-probability, not its probability.",
                    2.5,
                ),
                (
                    "without the first id",
                    lambda *a: (beam(*a)[0][1:], beam(*a)[1]),
                    "The sentence is right. But its ids begin with 1.",
                    2.5,
                ),
                (
                    "greedy",
                    greedy,
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
                    "columns only",
                    lambda *a: both_ways(*a, "columns"),
                    "Every word of the source has a partner: you asked one "
                    "side only.",
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
                (
                    "padding not looked at",
                    lambda *a: both_ways(*a, "padding", "unmarked"),
                    "Without padding all is right. But padding gets partners: "
                    "wrote and read say what is real.",
                ),
                (
                    "the written sentence's padding",
                    lambda *a: both_ways(*a, "written padding"),
                    "The source's padding is left out. The written "
                    "sentence's padding still takes part.",
                ),
                (
                    "the largest head",
                    lambda *a: both_ways(*a, "largest"),
                    "With one head all is right. Of several heads take the "
                    "mean, not the largest.",
                    2.0,
                ),
                (
                    "the first head",
                    lambda *a: both_ways(*a, "first head"),
                    "With one head all is right. Of several heads you look "
                    "at the first alone: take their mean.",
                    2.0,
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
                    1.0,
                ),
                (
                    "not clipped",
                    lambda *a: letter_score(*a, "not clipped"),
                    "You count a run as often as it is written. It is shared "
                    "only as often as it stands in the text where it is "
                    "rarer.",
                    1.0,
                ),
                (
                    "spaces left out",
                    lambda *a: letter_score(*a, "no spaces"),
                    "You leave the spaces out. Here a space is a letter like "
                    "any other.",
                    1.0,
                ),
                (
                    "empty runs skipped",
                    lambda *a: letter_score(*a, "skipped"),
                    "Where nothing is shared F is 0, and that 0 belongs to "
                    "the mean.",
                    1.0,
                ),
                (
                    "precision and recall exchanged",
                    lambda *a: letter_score(*a, "exchanged"),
                    "Precision and recall have changed places (or beta**2 "
                    "stands at the wrong one of them): precision divides by "
                    "the runs of what was written.",
                    1.0,
                ),
                (
                    "beta not squared",
                    lambda *a: letter_score(*a, "beta"),
                    "Beta is squared in the formula.",
                    1.0,
                ),
                (
                    "F of the means",
                    lambda *a: letter_score(*a, "F of means"),
                    "You take the mean of the precisions and of the recalls "
                    "first. Take F for each n, then the mean of these.",
                    1.0,
                ),
                (
                    "precision alone",
                    lambda *a: letter_score(*a, "precision alone"),
                    "This is the mean precision. Recall belongs to F too.",
                ),
                (
                    "recall alone",
                    lambda *a: letter_score(*a, "recall alone"),
                    "This is the mean recall. Precision belongs to F too.",
                ),
            ],
        ),
    ),
)
