"""Probes of homework 1: inputs, references and known mistakes."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from itertools import combinations
from typing import Any

import torch
from torch import Tensor

from coursework.grading.probe import (
    Assignment,
    Call,
    Mistake,
    Part,
    Variant,
    close,
    exact,
)


def whole(draw: torch.Generator, low: int, high: int) -> int:
    """Draw a whole number, both ends included."""
    return int(torch.randint(low, high + 1, (), generator=draw))


def numbers(atol: float) -> Callable[[Any, Any], bool]:
    """Compare numbers worked out by hand; a tensor counts as a list."""
    same = close(atol, 0.0)

    def compare(got: Any, want: Any) -> bool:
        return same(got.tolist() if isinstance(got, Tensor) else got, want)

    return compare


# --- 1. two small tables


def pocket_calls(v: Variant, draw: torch.Generator) -> list[Call]:
    """Ids of one, two and three dimensions, with and without padding."""

    def call(n_low: int, n_high: int, shape: tuple[int, ...]) -> Call:
        rows = torch.randn(n_low, 3, generator=draw)
        more = torch.randn(n_high, 3, generator=draw)
        ids = torch.randint(1, n_low * n_high, shape, generator=draw)
        ids.view(-1)[0] = n_low * n_high - 1
        ids.view(-1)[1] = n_low  # remainder 0, and no padding
        return Call((ids, rows, more), group=f"{len(shape)} dimensions")

    padded = call(7, 5, (3, 11))
    padded.args[0][padded.args[0] % 3 == 0] = 0
    padded.args[0][1, 4:] = 0
    return [
        call(7, 3, (13,)),
        call(5, 7, (2, 11)),
        call(3, 5, (2, 3, 5)),
        Call(padded.args, group="padding"),
    ]


def pocket_vectors(ids: Tensor, low: Tensor, high: Tensor) -> Tensor:
    """Both tables written out as one, with zeros for padding."""
    table = (high[:, None] + low).flatten(0, 1)  # (Q R, D): id = q R + r
    table[0] = 0
    return table[ids]


def padding_kept(ids: Tensor, low: Tensor, high: Tensor) -> Tensor:
    """Give padding the first rows."""
    return low[ids % len(low)] + high[ids // len(low)]


def two_remainders(ids: Tensor, low: Tensor, high: Tensor) -> Tensor:
    """Take a remainder for both tables."""
    vectors = low[ids % len(low)] + high[ids % len(high)]
    return vectors * (ids != 0)[..., None]


def five_rows(ids: Tensor, low: Tensor, high: Tensor) -> Tensor:
    """Take R from the notebook instead of from the table."""
    return (low[ids % 5] + high[ids // 5]) * (ids != 0)[..., None]


def side_by_side(ids: Tensor, low: Tensor, high: Tensor) -> Tensor:
    """Concatenate instead of adding."""
    both = low[ids % len(low)], high[ids // len(low)]
    return torch.cat(both, dim=-1) * (ids != 0)[..., None]


# --- 2. two bags


def own_ids(v: Variant) -> tuple[int, int, int, int]:
    """Quotients and remainders of the student's two ids."""
    options = [(1, 3), (1, 4), (2, 4), (3, 1), (4, 2)]
    one, other = v.choice("quotients", options)
    here, there = v.choice(
        "remainders", [(0, 3), (1, 5), (2, 6), (4, 0), (6, 2), (5, 1)]
    )
    return one, other, here, there


def my_twins(v: Variant, step: int = 7) -> list[int]:
    """The other two ids: the remainders have changed places."""
    one, other, here, there = own_ids(v)
    return [step * one + there, step * other + here]


def roles_swapped(v: Variant) -> list[int]:
    """Quotient and remainder have changed places."""
    one, other, here, there = own_ids(v)
    return [7 * here + one, 7 * there + other]


def same_sum(v: Variant) -> list[int]:
    """Two ids whose sum is that of the student's."""
    one, other, here, there = own_ids(v)
    return [7 * one + here + 1, 7 * other + there - 1]


def any_order(got: Any, want: Any) -> bool:
    """Compare two ids in any order."""
    got = got.tolist() if isinstance(got, Tensor) else got
    if not isinstance(got, list | tuple) or len(got) != 2:
        return False
    return exact(list(got), want) or exact(list(got)[::-1], want)


# --- 3. cosines

POINTS = [(1, 2), (2, 1), (4, 4), (1, 4), (4, 1), (5, 2), (2, 5)]


def own_points(v: Variant) -> Tensor:
    """The student's points a, b, c: (3, 2)."""
    return torch.tensor(v.sample("points", POINTS, 3), dtype=torch.float64)


def cosine(a: Tensor, b: Tensor) -> float:
    """Cosine of two vectors."""
    return float(a @ b / (a.norm() * b.norm()))


def before(v: Variant) -> float:
    """Cosine of a and b as they are."""
    return cosine(*own_points(v)[:2])


def after(v: Variant) -> float:
    """Cosine of a and b, seen from the mean of the three."""
    points = own_points(v)
    return cosine(*(points - points.mean(dim=0))[:2])


def old_lengths(v: Variant) -> float:
    """Divide by the lengths from before."""
    points = own_points(v)
    a, b = (points - points.mean(dim=0))[:2]
    return float(a @ b / (points[0].norm() * points[1].norm()))


# --- 4. pairs that choose each other


def mutual_calls(v: Variant, draw: torch.Generator) -> list[Call]:
    """Vectors of length 1, of different lengths, in a crowd, and apart."""

    def vectors(n: int, d: int) -> Tensor:
        return torch.randn(n, d, generator=draw, dtype=torch.float64)

    one = vectors(13, 3)
    turn = torch.tensor([0.0, 100.0, 225.0]).double().deg2rad()
    turn += 6 * torch.rand((), generator=draw).double()
    apart = torch.stack([turn.cos(), turn.sin()], dim=1)
    apart = apart[torch.randperm(3, generator=draw)]
    unequal = vectors(17, 3) * vectors(17, 1).mul(1.5).exp()
    crowd = 0.3 * vectors(23, 5) + vectors(1, 5)
    return [
        Call((one / one.norm(dim=1, keepdim=True),), group="length 1"),
        Call((unequal,), group="different lengths"),
        Call((crowd,), group="crowd"),
        Call((apart,), group="nobody near"),
    ]


def choices(similarity: Tensor) -> list[int]:
    """Whom each word chooses."""
    return similarity.clone().fill_diagonal_(-math.inf).argmax(1).tolist()


def cosines(vectors: Tensor) -> Tensor:
    """All pairs' cosines."""
    units = torch.nn.functional.normalize(vectors, dim=1)
    return units @ units.T


def paired(chosen: list[int]) -> list[list[int]]:
    """Pairs that choose each other, the smaller number first."""
    both = {(i, j) for i, j in enumerate(chosen) if chosen[j] == i and i < j}
    return [list(pair) for pair in sorted(both)]


def mutual_pairs(vectors: Tensor) -> list[list[int]]:
    """Pairs by cosine."""
    return paired(choices(cosines(vectors)))


def one_sided(vectors: Tensor) -> list[list[int]]:
    """Every word with the one it chooses."""
    chosen = enumerate(choices(cosines(vectors)))
    return [list(p) for p in sorted({(min(p), max(p)) for p in chosen})]


def written_twice(vectors: Tensor) -> list[list[int]]:
    """Each pair in both directions."""
    pairs = mutual_pairs(vectors)
    return sorted(pairs + [pair[::-1] for pair in pairs])


# --- 5. company


def company_calls(v: Variant, draw: torch.Generator) -> list[Call]:
    """One sentence, several, and a lopsided window."""

    def text(n: int, stops: bool) -> Tensor:
        ids = torch.randint(1, 7, (n,), generator=draw)
        if stops:
            ids[4::5] = 0
            ids[n // 2] = 0
        return ids

    return [
        Call((text(19, False), 7, 2, 2, 0), group="one sentence"),
        Call((text(29, True), 7, 3, 3, 0), group="several sentences"),
        Call(
            ((text(23, True) + 4) % 7, 7, 2, 3, 4), group="several sentences"
        ),
        Call((text(17, False), 7, 3, 1, 0), group="lopsided window"),
        Call((text(13, False), 7, 0, 2, 0), group="lopsided window"),
    ]


def neighbours(
    ids: list[int], before: int, after: int
) -> Iterator[tuple[int, int]]:
    """Places (centre, neighbour) of a window, sentences ignored."""
    for i in range(len(ids)):
        for j in range(i - before, i + after + 1):
            if j != i and 0 <= j < len(ids):
                yield i, j


def company(
    token_ids: Tensor,
    vocab_size: int,
    before: int,
    after: int,
    stop: int,
    *faults: str,
) -> Tensor:
    """Count the company, with the faults that are named."""
    ids = token_ids.tolist()
    table = torch.zeros(vocab_size, vocab_size, dtype=torch.float64)
    stop = 0 if "stop is 0" in faults else stop
    for i, j in neighbours(ids, before, after):
        between = ids[min(i, j) : max(i, j) + 1]
        if "stop counts" in faults:
            between = between[1:-1]
        if "crosses" in faults:
            between = [ids[i], ids[j]]
        if stop not in between:
            weight = 1.0 if "all alike" in faults else 1 / abs(i - j)
            if "assigned" in faults:
                table[ids[i], ids[j]] = 0
            table[ids[i], ids[j]] += weight
    return table.T.contiguous() if "transposed" in faults else table


# --- 6. the authors' program


def own_position(v: Variant) -> int:
    """The student's position."""
    return v.integer("position", 2, 9)


def row(v: Variant, shift: int = 0) -> list[float]:
    """The row of the authors' program at width 6."""
    return signal(1, 6, own_position(v) + shift)[0].tolist()


def row_of_the_paper(v: Variant) -> list[float]:
    """The row of the paper, with the paper's speeds."""
    angles = [own_position(v) * 10000 ** (-i / 3) for i in range(3)]
    return [f(x) for x in angles for f in (math.sin, math.cos)]


def row_side_by_side(v: Variant) -> list[float]:
    """The authors' speeds in the paper's order."""
    return signal(1, 6, own_position(v), "pairs")[0].tolist()


def signal_calls(v: Variant, draw: torch.Generator) -> list[Call]:
    """Near, in one clock, and far out."""
    far = 1_000_000 + whole(draw, 0, 300_000)
    return [
        Call((7, 10, whole(draw, 3, 50)), group="near"),
        Call((13, 6), group="near"),
        Call((5, 2, whole(draw, 1, 50)), group="width 2"),
        Call((3, 14, far), group="far out"),
    ]


def signal(
    n_positions: int, d_model: int, start: int = 0, *faults: str
) -> Tensor:
    """The authors' table, with the faults that are named."""
    kind = torch.float32 if "rounded" in faults else torch.float64
    n = d_model // 2
    steps = n if "paper" in faults else max(n - 1, 1)
    if "one clock" in faults:
        steps = n - 1
    position = torch.arange(start, start + n_positions).to(kind)
    speed = 10000 ** (-torch.arange(n).to(kind) / steps)
    angle = position[:, None] * speed
    waves = [angle.sin(), angle.cos()]
    if "cosines first" in faults:
        waves.reverse()
    return (
        torch.stack(waves, dim=-1).flatten(1)
        if "pairs" in faults
        else torch.cat(waves, dim=1)
    )


def _start(args: tuple[int, ...]) -> tuple[int, int, int]:
    """Fill in where the table starts."""
    return (args[0], args[1], args[2] if len(args) > 2 else 0)


FAULTS = {
    "pairs": "Sine and cosine of a clock stand side by side. All of one kind "
    "come first, then all of the other.",
    "paper": "Your slowest clock is faster than 1/10000: the exponents run "
    "from 0 to -1, both included.",
    "cosines first": "Your cosines stand before the sines.",
    "rounded": "A million positions out, your angles have lost their digits: "
    "which type are they computed in?",
}


def faults_left() -> list[Mistake]:
    """Every choice of the four faults; each that is mended is paid."""
    return [
        Mistake(
            "left: " + ", ".join(some),
            lambda *a, some=some: signal(*_start(a), *some),
            ("One fault is left. ", "Two faults are left. ",
             "Three faults are left. ",
             "This gives what the broken version gives. ")[n - 1]
            + " ".join(FAULTS[fault] for fault in some),
            earns=(2.0, 1.5, 1.0, 0.0)[n - 1],
        )
        for n in (1, 2, 3, 4)
        for some in combinations(FAULTS, n)
    ]  # fmt: skip


# --- 7. steps


def steps_calls(v: Variant, draw: torch.Generator) -> list[Call]:
    """Rows that stand a few steps on, a few back, or far apart.

    Far rows are drawn until the paper's speeds do not fit them.
    """

    def call(k: int, group: str) -> Call:
        for _ in range(1000):
            start = whole(draw, 50, 500)
            one, other = (
                signal(1, 32, p)[0].float()
                + 0.02 * torch.randn(32, generator=draw)
                for p in (start, start + k)
            )
            right = steps_between(one, other, 40)
            if group != "far" or papers_steps(one, other, 40) != right:
                break
        return Call((one, other, 40), group=group)

    signs = (1, -1)
    return [
        *(call(whole(draw, 4, 15), "on") for _ in range(3)),
        *(call(-whole(draw, 4, 15), "back") for _ in range(3)),
        *(call(sign * whole(draw, 25, 39), "far") for sign in signs),
        *(call(sign * 40, "far") for sign in signs),
    ]


def steps_between(
    first: Tensor, second: Tensor, most: int, paper: bool = False
) -> int:
    """The step whose rotation brings the first row nearest the second."""
    n = len(first) // 2
    last = n if paper else n - 1
    a = torch.complex(first[n:].double(), first[:n].double())
    b = torch.complex(second[n:].double(), second[:n].double())
    k = torch.arange(-most, most + 1, dtype=torch.float64)
    speed = 10000 ** (-torch.arange(n, dtype=torch.float64) / last)
    turn = torch.polar(torch.ones(len(k), n).double(), k[:, None] * speed)
    return int(k[(a * turn - b).abs().square().sum(dim=1).argmin()])


def papers_steps(first: Tensor, second: Tensor, most: int) -> int:
    """Turn the clocks with the speeds of the paper."""
    return steps_between(first, second, most, paper=True)


def one_clock(first: Tensor, second: Tensor, most: int) -> int:
    """Read the angle off the fastest clock alone."""
    n = len(first) // 2
    angle = math.atan2(second[0], second[n]) - math.atan2(first[0], first[n])
    return round(math.remainder(angle, 2 * math.pi))


ASSIGNMENT = Assignment(
    "hw1-embeddings",
    parts=(
        Part(
            "pocket-vectors",
            points=3,
            target="pocket_vectors",
            calls=pocket_calls,
            expected=pocket_vectors,
            says=[
                (
                    "padding has a vector",
                    padding_kept,
                    "Id 0 is padding and has to give zeros, whatever the "
                    "first rows of the tables hold.",
                ),
                (
                    "two remainders",
                    two_remainders,
                    "You take a remainder for both tables. The second table "
                    "is read at the quotient, the id divided by R.",
                ),
                (
                    "R of the example",
                    five_rows,
                    "Your R is the 5 of the example. Other tables have "
                    "another number of rows: len(remainder_rows).",
                    1.5,
                ),
                (
                    "side by side",
                    side_by_side,
                    "You put the two rows side by side. They are to be added.",
                ),
            ],
        ),
        Part(
            "same-bag",
            points=1,
            target="my_twins",
            value=True,
            expected=my_twins,
            compare=any_order,
            says=[
                (
                    "the same sum of ids",
                    same_sum,
                    "Your ids have the same sum as the given ones. Equal ids "
                    "add up, rows of a table do not: write each id as "
                    "quotient and remainder first.",
                ),
                (
                    "quotient and remainder swapped",
                    roles_swapped,
                    "You exchanged quotient and remainder within each id. "
                    "They are read from different tables.",
                ),
            ],
        ),
        Part(
            "cosine-before",
            points=1,
            target="my_cosine_before",
            value=True,
            expected=before,
            compare=numbers(2e-3),
            says=[
                (
                    "dot product",
                    lambda v: float(own_points(v)[0] @ own_points(v)[1]),
                    "This is the dot product. Divide by both lengths.",
                ),
                (
                    "squared lengths",
                    lambda v: (
                        before(v)
                        / float(
                            own_points(v)[0].norm() * own_points(v)[1].norm()
                        )
                    ),
                    "You divide by the squares of the lengths. A length has "
                    "a square root.",
                ),
            ],
        ),
        Part(
            "cosine-after",
            points=1,
            target="my_cosine_after",
            value=True,
            expected=after,
            compare=numbers(2e-3),
            says=[
                (
                    "mean of two",
                    lambda v: -1.0,
                    "You took away the mean of a and b alone: then they point "
                    "apart exactly, always. The mean is that of all three.",
                ),
                (
                    "old lengths",
                    old_lengths,
                    "You divide by the lengths from before. After the mean is "
                    "gone the vectors have other lengths.",
                ),
                (
                    "not changed",
                    before,
                    "This is the cosine from before the mean was taken away.",
                ),
            ],
        ),
        Part(
            "mutual-pairs",
            points=3,
            target="mutual_pairs",
            calls=mutual_calls,
            expected=mutual_pairs,
            compare=exact,
            says=[
                (
                    "dot product",
                    lambda x: paired(choices(x @ x.T)),
                    "Your words are paired by dot product, so that long "
                    "vectors are everybody's choice. Divide by both lengths.",
                    2.0,
                ),
                (
                    "distance",
                    lambda x: paired(choices(-torch.cdist(x, x))),
                    "Your words are paired by distance. A cosine forgets the "
                    "lengths: divide by both.",
                    2.0,
                ),
                (
                    "itself",
                    lambda x: [],
                    "You find no pair at all: each word is its own nearest "
                    "neighbour until you forbid it.",
                ),
                (
                    "one-sided",
                    one_sided,
                    "Your pairs hold every word with the one it chooses. A "
                    "pair counts when both choose each other.",
                    2.0,
                ),
                (
                    "written twice",
                    written_twice,
                    "Your list has each pair in both directions. Keep the one "
                    "with the smaller number first.",
                    2.0,
                ),
            ],
        ),
        Part(
            "company",
            points=3,
            target="company",
            calls=company_calls,
            expected=company,
            says=[
                (
                    "all alike",
                    lambda *a: company(*a, "all alike"),
                    "Your neighbours all count 1. One that is d places away "
                    "counts 1 / d.",
                ),
                (
                    "crosses the full stop",
                    lambda *a: company(*a, "crosses"),
                    "Your pairs cross the full stop. A word keeps company "
                    "within its own sentence.",
                ),
                (
                    "transposed",
                    lambda *a: company(*a, "transposed"),
                    "Rows and columns are exchanged (or before and after). A "
                    "row belongs to the centre.",
                ),
                (
                    "counted once",
                    lambda *a: company(*a, "assigned"),
                    "A pair that comes again takes the place of the earlier "
                    "one. Counts add up.",
                    1.0,
                ),
                (
                    "stop is 0",
                    lambda *a: company(*a, "stop is 0"),
                    "You take 0 for the full stop. Its id is the argument "
                    "stop.",
                    2.0,
                ),
                (
                    "the full stop counts",
                    lambda *a: company(*a, "stop counts"),
                    "Your full stop keeps company. It ends a sentence and is "
                    "nobody's neighbour.",
                ),
            ],
        ),
        Part(
            "row-by-hand",
            points=1,
            target="my_row",
            value=True,
            expected=row,
            compare=numbers(5e-3),
            says=[
                (
                    "the paper's row",
                    row_of_the_paper,
                    "This is the row of the paper. The authors' program has "
                    "other speeds, and all sines first.",
                ),
                (
                    "pairs side by side",
                    row_side_by_side,
                    "The speeds are right, the order is the paper's: all "
                    "three sines come first, then all three cosines.",
                ),
                (
                    "one position on",
                    lambda v: row(v, 1),
                    "This is the row of the next position. Positions count "
                    "from 0.",
                ),
            ],
        ),
        Part(
            "timing-signal",
            points=3,
            target="timing_signal",
            calls=signal_calls,
            expected=signal,
            says=[
                *faults_left(),
                *(
                    (
                        "one clock" + more,
                        lambda *a, some=some: signal(*_start(a), *some),
                        "At width 2 there is a single clock, of speed 1: you "
                        "divide 0 by 0." + says,
                        earns,
                    )
                    for more, some, says, earns in (
                        ("", ("one clock",), "", 2.0),
                        (
                            ", rounded",
                            ("one clock", "rounded"),
                            " " + FAULTS["rounded"],
                            1.0,
                        ),
                    )
                ),
            ],
        ),
        Part(
            "steps-between",
            points=2,
            target="steps_between",
            calls=steps_calls,
            expected=steps_between,
            compare=exact,
            says=[
                (
                    "no direction",
                    lambda *a: abs(steps_between(*a)),
                    "Your answer is never negative. The dot product cannot "
                    "tell before from after; turn the first row by k and "
                    "compare.",
                ),
                (
                    "backwards",
                    lambda *a: -steps_between(*a),
                    "Your sign is turned round: positive means that the "
                    "second row stands after the first.",
                ),
                (
                    "the paper's speeds",
                    papers_steps,
                    "Near rows are right, far ones not: you turn the clocks "
                    "with the paper's speeds, not with the program's.",
                    1.5,
                ),
                (
                    "fastest clock alone",
                    one_clock,
                    "You read the fastest clock alone, and it comes round "
                    "every six or seven positions. Use all clocks.",
                ),
            ],
        ),
    ),
)
