"""Probes of homework 2: inputs, references and known mistakes."""

from __future__ import annotations

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
    bugs_left,
    close,
)

Note = tuple[Tensor, Tensor, Tensor]  # output, top, total


def numbers(atol: float) -> Callable[[Any, Any], bool]:
    """Compare numbers worked out by hand; a tensor counts as a list."""
    same = close(atol, 0.0)

    def compare(got: Any, want: Any) -> bool:
        return same(got.tolist() if isinstance(got, Tensor) else got, want)

    return compare


def randn(draw: torch.Generator, *size: int) -> Tensor:
    """Draw normal numbers, in float32 as in the notebook."""
    return torch.randn(*size, generator=draw)


# --- 1. by hand

STEPS = [(1, 0), (0, -1), (1, 1), (-1, 1), (0, 2), (-2, 0), (2, 1), (-1, -2)]


def squares(v: Variant) -> Tensor:
    """Squared distances of the student's keys."""
    return torch.tensor(
        [float(x * x + y * y) for x, y in v.sample("steps", STEPS, 3)]
    )


def reach(v: Variant) -> int:
    """The student's reach."""
    return v.choice("reach", (2, 3, 4))


def keys(v: Variant) -> Tensor:
    """The student's keys: (3, 2)."""
    query = torch.tensor(v.integers("query", -2, 2, 2))
    return (query + torch.tensor(v.sample("steps", STEPS, 3))).float()


def values(v: Variant) -> Tensor:
    """The student's values: (3, 2)."""
    return torch.tensor(
        [v.integers(f"value {i}", 0, 5, 2) for i in range(3)]
    ).float()


def scores(v: Variant) -> Tensor:
    """Minus the squared distances, by twice the reach."""
    return -squares(v) / (2 * reach(v))


def weights(v: Variant) -> Tensor:
    """Their softmax."""
    return scores(v).softmax(dim=0)


WRONG_SCORES: dict[str, Callable[[Variant], Tensor]] = {
    "not squared": lambda v: -squares(v).sqrt() / (2 * reach(v)),
    "half forgotten": lambda v: 2 * scores(v),
}


# --- 2. for a batch


def near_calls(v: Variant, draw: torch.Generator) -> list[Call]:
    """Equal and unequal lengths, several reaches, and far queries.

    From very far away the largest dot product is often the nearest key: such
    queries are drawn again.
    """
    for _ in range(100):
        far, keys = 100.0 * randn(draw, 2, 3, 5).sign(), randn(draw, 2, 7, 5)
        apart = near_weights(far, keys, 150.0) - dot_weights(far, keys, 150.0)
        if apart.abs().max() > 2e-3:
            break
    return [
        Call((randn(draw, 1, 5, 3), randn(draw, 1, 5, 3), 1.0), group="one"),
        Call((randn(draw, 3, 2, 5), randn(draw, 3, 7, 5), 0.7), group="batch"),
        Call((randn(draw, 2, 7, 3), randn(draw, 2, 5, 3), 3.1), group="batch"),
        Call((far, keys, 150.0), group="far from all"),
    ]


def near_scores(q: Tensor, k: Tensor, reach: float) -> Tensor:
    """Scores by distance, (B, T_q, T_k)."""
    apart = (q.unsqueeze(2) - k.unsqueeze(1)).pow(2).sum(dim=3)
    return -apart / (2 * reach)


def near_weights(q: Tensor, k: Tensor, reach: float) -> Tensor:
    """Weights by distance."""
    return torch.softmax(near_scores(q, k, reach), dim=-1)


def not_squared(q: Tensor, k: Tensor, reach: float) -> Tensor:
    """Take distances as they are."""
    apart = (-2 * reach * near_scores(q, k, reach)).sqrt()
    return torch.softmax(-apart / (2 * reach), dim=-1)


def wrong_axis(q: Tensor, k: Tensor, reach: float) -> Tensor:
    """Let the queries compete."""
    return torch.softmax(near_scores(q, k, reach), dim=1)


def powers_of_large(q: Tensor, k: Tensor, reach: float) -> Tensor:
    """Take powers without care."""
    powers = near_scores(q, k, reach).exp()
    return powers / powers.sum(dim=-1, keepdim=True)


def dot_weights(q: Tensor, k: Tensor, reach: float) -> Tensor:
    """Score by dot product."""
    return torch.softmax(q @ k.transpose(1, 2) / reach, dim=-1)


# --- 3. the dot product inside


def dot_calls(v: Variant, draw: torch.Generator) -> list[Call]:
    """One sentence and a batch."""
    return [
        Call((randn(draw, 1, 3, 2), randn(draw, 1, 5, 2)), group="one"),
        Call((randn(draw, 5, 2, 3), randn(draw, 5, 7, 3)), group="batch"),
    ]


def longer(q: Tensor, k: Tensor, number: Tensor) -> tuple[Tensor, Tensor]:
    """Append 1 to the queries and a number to each key."""
    one = torch.ones(*q.shape[:-1], 1, dtype=q.dtype)
    return torch.cat([q, one], -1), torch.cat([k, number[..., None]], -1)


def as_dot_products(q: Tensor, k: Tensor) -> tuple[Tensor, Tensor]:
    """Append minus half the key's squared length."""
    return longer(q, k, -0.5 * (k * k).sum(dim=-1))


# --- 4. time first


def time_calls(v: Variant, draw: torch.Generator) -> list[Call]:
    """One sentence, a batch, and as many keys as numbers."""

    def call(t_q: int, t_k: int, b: int, d: int, group: str) -> Call:
        q, k = 2 * randn(draw, t_q, b, d), 2 * randn(draw, t_k, b, d)
        return Call((q, k, randn(draw, t_k, b, 3)), group=group)

    return [
        call(5, 7, 1, 2, "one sentence"),
        call(2, 7, 3, 5, "batch"),
        call(7, 2, 5, 3, "batch"),
        call(3, 5, 2, 5, "as many keys as numbers"),
    ]


def time_first(q: Tensor, k: Tensor, v: Tensor, *bugs: str) -> Tensor:
    """Attention with time first, with the bugs that are named."""
    pattern = "qbd,kcd->qkb" if "all sentences" in bugs else "qbd,kbd->qkb"
    root = len(k) if "root" in bugs else q.size(-1)
    found = torch.einsum(pattern, q, k) / math.sqrt(root)
    shares = found.softmax(dim=2 if "axis" in bugs else 1)
    return torch.einsum("qkb,kbe->qbe", shares, v)


BUGS = {
    "axis": "Your softmax runs over the sentences of the batch. With time "
    "first the keys are not the last dimension.",
    "all sentences": "A sentence's output moves when another sentence of the "
    "batch changes: one letter of the first einsum.",
    "root": "You divide by the root of the number of keys. The width D is "
    "meant.",
}


# --- 5. two halves


def note(s: Tensor, v: Tensor) -> Note:
    """Note output, top and total of some scores and values."""
    top = s.amax(dim=1)
    total = (s - top[:, None]).exp().sum(dim=1)
    return s.softmax(dim=1) @ v, top, total


def merge_calls(v: Variant, draw: torch.Generator) -> list[Call]:
    """Halves with equal, different and very different scores."""

    def call(n_a: int, n_b: int, shift: Tensor, group: str) -> Call:
        a, b = randn(draw, 5, n_a), randn(draw, 5, n_b)
        if group == "different tops":  # in both directions
            shift[:2] = torch.tensor([-4.0, 4.0])
        if group == "equal tops":
            b += (a.amax(dim=1) - b.amax(dim=1))[:, None]
        notes = (
            *note(a + shift[:, None], randn(draw, n_a, 3)),
            *note(b - shift[:, None], randn(draw, n_b, 3)),
        )
        return Call(tuple(x.float() for x in notes), group=group)

    signs = randn(draw, 5).sign()
    signs[:2] = torch.tensor([-1.0, 1.0])
    return [
        call(7, 2, torch.zeros(5), "equal tops"),
        call(3, 7, 0.7 * randn(draw, 5), "different tops"),
        call(5, 11, randn(draw, 5), "different tops"),
        call(3, 5, 250 * signs, "far apart"),
        call(3, 5, torch.full((5,), 150.0), "far apart"),
    ]


def merge(a: Tensor, m: Tensor, t: Tensor, *other: Tensor) -> Note:
    """Merge by logarithms: what a half weighs is log total + top."""
    b, n, u = other
    heavy, light = t.double().log() + m, u.double().log() + n
    both = torch.logaddexp(heavy, light)
    top = torch.maximum(m, n)
    mixed = (heavy - both).exp()[:, None] * a
    mixed = mixed + (light - both).exp()[:, None] * b
    return mixed, top, (both - top).exp()


def mixed_by(share_a: Tensor, share_b: Tensor, *notes: Tensor) -> Note:
    """Mix the outputs by wrong shares; the rest is right."""
    _, top, total = merge(*notes)
    mixed = notes[0] * share_a[:, None] + notes[3] * share_b[:, None]
    return mixed / (share_a + share_b)[:, None], top, total


def mean_of_both(*notes: Tensor) -> Note:
    """Let both halves count alike."""
    return mixed_by(torch.ones(5), torch.ones(5), *notes)


def totals_alone(*notes: Tensor) -> Note:
    """Forget that the totals have different units."""
    mixed, top, _ = mixed_by(notes[2], notes[5], *notes)
    return mixed, top, notes[2] + notes[5]


def tops_alone(*notes: Tensor) -> Note:
    """Forget the totals."""
    top = torch.maximum(notes[1], notes[4])
    return mixed_by((notes[1] - top).exp(), (notes[4] - top).exp(), *notes)


def totals_added(*notes: Tensor) -> Note:
    """Mix rightly, and add the totals as they are."""
    mixed, top, _ = merge(*notes)
    return mixed, top, notes[2] + notes[5]


def powers_of_tops(*notes: Tensor) -> Note:
    """Raise e to the tops as they are."""
    a, m, t, b, n, u = notes
    heavy, light = t * m.exp(), u * n.exp()
    total, top = heavy + light, torch.maximum(m, n)
    mixed = heavy[:, None] * a + light[:, None] * b
    return mixed / total[:, None], top, total / top.exp()


# --- 6. roads


def road_calls(v: Variant, draw: torch.Generator) -> list[Call]:
    """Two words apart, and a word that is looked for in itself."""

    def call(n: int, same: bool) -> Call:
        maps = (2 * randn(draw, 2, n, n)).softmax(dim=-1)
        places = torch.randperm(n, generator=draw).tolist()
        said = places[0] if same else places[1]
        group = "the same word" if same else "two words"
        return Call((maps[0], maps[1], places[0], said), group=group)

    return [call(5, False), call(7, False), call(3, True), call(11, False)]


def roads(first: Tensor, second: Tensor, asker: int, said: int) -> Tensor:
    """Multiply what each word took by what is taken of it."""
    n = len(first)
    one = torch.stack([first[m, said] + (m == said) for m in range(n)])
    two = torch.stack([second[asker, m] + (m == asker) for m in range(n)])
    return one * two


def copy_in_one(
    which: int, first: Tensor, second: Tensor, asker: int, said: int
) -> Tensor:
    """Let each word keep its own vector in one of the layers only."""
    own = torch.eye(len(first), dtype=first.dtype)
    maps = [first, second]
    maps[which] = maps[which] + own
    return maps[0][:, said] * maps[1][asker]


def copies_forgotten(
    first: Tensor, second: Tensor, asker: int, said: int
) -> Tensor:
    """Let each word lose its own vector."""
    return first[:, said] * second[asker]


ASSIGNMENT = Assignment(
    "hw2-attention",
    parts=(
        Part(
            "scores-by-hand",
            points=1,
            target="my_scores",
            value=True,
            expected=lambda v: scores(v).tolist(),
            compare=numbers(5e-3),
            says=[
                (
                    "sign",
                    lambda v: (-scores(v)).tolist(),
                    "Your far keys have the larger scores. The nearest key "
                    "shall have the largest.",
                ),
                (
                    "not squared",
                    lambda v: (-squares(v).sqrt() / (2 * reach(v))).tolist(),
                    "You took the distances. The scores hold their squares.",
                ),
                (
                    "half forgotten",
                    lambda v: (2 * scores(v)).tolist(),
                    "You divide by the reach. The scores divide by twice the "
                    "reach.",
                ),
            ],
        ),
        Part(
            "weights-by-hand",
            points=1,
            target="my_weights",
            value=True,
            expected=lambda v: weights(v).tolist(),
            compare=numbers(4e-3),
            says=[
                (
                    "not divided",
                    lambda v: scores(v).exp().tolist(),
                    "These are the powers of e. Divide by their sum.",
                ),
                (
                    "scores as shares",
                    lambda v: (scores(v) / scores(v).sum()).tolist(),
                    "You divided the scores by their sum. Take powers of e "
                    "first.",
                ),
                (
                    "far keys first",
                    lambda v: (-scores(v)).softmax(dim=0).tolist(),
                    "Your farthest key has the largest weight: look at the "
                    "sign in the exponent.",
                ),
                *(
                    (
                        f"from wrong scores: {name}",
                        lambda v, wrong=wrong: wrong(v).softmax(0).tolist(),
                        "The softmax is right, the scores before it are not: "
                        "mend those first.",
                        0.5,
                    )
                    for name, wrong in WRONG_SCORES.items()
                ),
            ],
        ),
        Part(
            "output-by-hand",
            points=1,
            target="my_output",
            value=True,
            expected=lambda v: (weights(v) @ values(v)).tolist(),
            compare=numbers(1.5e-2),
            says=[
                (
                    "keys mixed",
                    lambda v: (weights(v) @ keys(v)).tolist(),
                    "You mixed the keys. Keys are compared, values are mixed.",
                ),
                (
                    "not divided",
                    lambda v: (scores(v).exp() @ values(v)).tolist(),
                    "Your weights do not sum to 1: divide by the sum of the "
                    "powers.",
                ),
                *(
                    (
                        f"from wrong scores: {name}",
                        lambda v, wrong=wrong: (
                            wrong(v).softmax(0) @ values(v)
                        ).tolist(),
                        "The mixture is right, the scores before it are not: "
                        "mend those first.",
                        0.5,
                    )
                    for name, wrong in WRONG_SCORES.items()
                ),
            ],
        ),
        Part(
            "near-weights",
            points=3,
            target="near_weights",
            calls=near_calls,
            expected=near_weights,
            compare=close(1e-4, 1e-4),
            says=[
                (
                    "not squared",
                    not_squared,
                    "Your scores hold distances. Their squares are asked for.",
                    1.5,
                ),
                (
                    "wrong axis",
                    wrong_axis,
                    "Your weights sum to 1 over the queries. For each query, "
                    "they sum to 1 over the keys.",
                    1.5,
                ),
                (
                    "underflow",
                    powers_of_large,
                    "Far from all keys, all your powers are 0 and 0 is "
                    "divided by 0. torch.softmax takes the largest score away "
                    "first.",
                ),
                (
                    "dot product",
                    dot_weights,
                    "These are weights by dot product.",
                ),
            ],
        ),
        Part(
            "as-dot-products",
            points=2,
            target="as_dot_products",
            calls=dot_calls,
            expected=as_dot_products,
            says=[
                (
                    "half forgotten",
                    lambda q, k: longer(q, k, -(k * k).sum(-1)),
                    "Your long keys pay twice the fine: one half of the "
                    "squared length is missing.",
                ),
                (
                    "sign",
                    lambda q, k: longer(q, k, (k * k).sum(-1) / 2),
                    "Your long keys are rewarded. Look at the sign of the "
                    "squared length of k.",
                ),
                (
                    "length not squared",
                    lambda q, k: longer(q, k, -k.norm(dim=-1) / 2),
                    "You append the length of the key. Its square is in the "
                    "formula.",
                ),
                (
                    "queries pay",
                    lambda q, k: longer(k, q, -(q * q).sum(-1) / 2)[::-1],
                    "The term of the query is the same for all its keys, so "
                    "that the softmax drops it. The keys' term stays.",
                ),
            ],
        ),
        Part(
            "time-first",
            points=3,
            target="time_first_attention",
            calls=time_calls,
            expected=time_first,
            says=[
                *bugs_left(
                    time_first,
                    BUGS,
                    (2.0, 1.0, 0.0),
                    "This gives what the broken version gives. ",
                ),
            ],
        ),
        Part(
            "merge-notes",
            points=4,
            target="merge",
            calls=merge_calls,
            expected=merge,
            compare=close(1e-4, 1e-4),
            says=[
                (
                    "mean of both",
                    mean_of_both,
                    "Your output is the mean of both halves. The half with "
                    "the higher scores and more keys counts more.",
                ),
                (
                    "totals in different units",
                    totals_alone,
                    "You use the totals as they are. Each is measured from "
                    "its own top: bring both to the common top first.",
                ),
                (
                    "tops alone",
                    tops_alone,
                    "Your halves count by their top scores alone. A half with "
                    "many high scores counts more than one with a single one.",
                ),
                (
                    "powers of large scores",
                    powers_of_tops,
                    "Where the scores are large, e to the power of a top is "
                    "infinite or 0. Take the common top away first.",
                    2.5,
                ),
                (
                    "totals added",
                    totals_added,
                    "Your output is right. The total of the whole is measured "
                    "from the common top; the two were not.",
                ),
            ],
        ),
        Part(
            "roads",
            points=3,
            target="roads",
            calls=road_calls,
            expected=roads,
            says=[
                (
                    "copies forgotten",
                    copies_forgotten,
                    "Your words lose their own vector in each layer. They "
                    "keep it and add what they fetched.",
                ),
                *(
                    (
                        f"copy in layer {which + 1} alone",
                        lambda *a, which=which: copy_in_one(which, *a),
                        "Your words keep their own vector in one layer and "
                        "lose it in the other. They keep it in both.",
                        1.0,
                    )
                    for which in (0, 1)
                ),
                (
                    "layers exchanged",
                    lambda a, c, asker, said: roads(c, a, asker, said),
                    "You run the second layer before the first.",
                ),
                (
                    "who asks whom",
                    lambda a, c, asker, said: roads(a.T, c.T, asker, said),
                    "Rows and columns of the maps are exchanged: a row holds "
                    "what one word takes of all others.",
                ),
            ],
        ),
    ),
)
