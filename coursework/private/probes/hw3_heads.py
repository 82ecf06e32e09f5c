"""Probes of homework 3: inputs, references and known mistakes."""

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
    exact,
)


def numbers(atol: float) -> Callable[[Any, Any], bool]:
    """Compare numbers worked out by hand; a tensor counts as a list."""
    same = close(atol, 0.0)

    def compare(got: Any, want: Any) -> bool:
        return same(got.tolist() if isinstance(got, Tensor) else got, want)

    return compare


def randn(draw: torch.Generator, *size: int) -> Tensor:
    """Draw normal numbers, in float32 as in the notebook."""
    return torch.randn(*size, generator=draw)


def whole(draw: torch.Generator, low: int, high: int) -> int:
    """Draw a whole number, both ends included."""
    return int(torch.randint(low, high + 1, (), generator=draw))


# --- 1 and 2. several stories in a row


def train(
    draw: torch.Generator, lengths: list[int], filling: int, zero: int = -1
) -> Tensor:
    """One row: stories of these lengths, with numbers of no order."""
    names = (1 + torch.randperm(17, generator=draw)[: len(lengths)]).tolist()
    if zero >= 0:
        names[zero] = 0
    row = [
        n for n, size in zip(names, lengths, strict=True) for _ in [0] * size
    ]
    return torch.tensor(row + [-1] * filling)


def story_calls(v: Variant, draw: torch.Generator) -> list[Call]:
    """A single story, several, and several with filling."""

    def rows(*fillings: int) -> Tensor:
        cut = [whole(draw, 2, 5) for _ in fillings]
        return torch.stack(
            [
                train(draw, [n, 13 - n - f - 3, 3], f, zero=i - 1)
                for i, (n, f) in enumerate(zip(cut, fillings, strict=True))
            ]
        )

    one = train(draw, [whole(draw, 5, 9)], 0)[None]
    return [
        Call((one,), group="one story"),
        Call((rows(0, 0, 0),), group="several stories"),
        Call((rows(2, 0, 3, 4),), group="filling"),
    ]


def packed_mask(story_ids: Tensor, *faults: str) -> Tensor:
    """The mask, with the faults that are named."""
    same = story_ids.unsqueeze(2) == story_ids.unsqueeze(1)  # (B, T, T)
    real = story_ids > 0 if "zero" in faults else story_ids >= 0
    both = real.unsqueeze(2) & real.unsqueeze(1)
    place = torch.arange(story_ids.size(1))
    past = place[:, None] >= place
    allowed = torch.ones_like(same)
    if "stories" not in faults:
        allowed = allowed & same
    if "filling" not in faults:
        allowed = allowed & both
    if "future" not in faults:
        allowed = allowed & past
    return allowed if "heads" in faults else allowed.unsqueeze(1)


def places(story_ids: Tensor, fault: str = "") -> Tensor:
    """Count the words of the same story before each word."""
    ids = story_ids
    if fault == "filling belongs":
        last = story_ids[torch.arange(len(ids)), (ids >= 0).sum(1) - 1]
        ids = torch.where(ids >= 0, ids, last[:, None])
    same = ids.unsqueeze(2) == ids.unsqueeze(1)  # (B, T, T)
    if fault == "counts on":
        same = torch.ones_like(same)
    before = same.long().tril(-1).sum(dim=2)
    if fault == "zero":
        before = before * (story_ids > 0)
    if fault == "from 1":
        before = before + 1
    keep = fault in ("filling belongs", "filling counts")
    return before if keep else before * (story_ids >= 0)


# --- 3. by hand


def own_row(v: Variant) -> tuple[Tensor, Tensor]:
    """The student's stories and scores."""
    stories = v.choice("stories", [(0, 0, 1, 1, 1), (0, 1, 1, 1, 1)])
    scores = v.sample("scores", (-1.0, -0.5, 0.0, 0.5, 1.0, 1.5), 5)
    return torch.tensor(stories), torch.tensor(scores, dtype=torch.float64)


def weights(v: Variant, future: bool = True, stories: bool = True) -> Tensor:
    """The weights of place 3, with the future and stories barred."""
    rides, scores = own_row(v)
    barred = torch.zeros(5, dtype=torch.bool)
    if future:
        barred |= torch.arange(5) > 3
    if stories:
        barred |= rides != rides[3]
    return scores.masked_fill(barred, -math.inf).softmax(dim=0)


def late(v: Variant) -> Tensor:
    """Set forbidden weights to 0 after the softmax."""
    return own_row(v)[1].softmax(dim=0) * (weights(v) > 0)


# --- 4. reach

PAIRS = [(3, 13), (3, 17), (4, 20), (4, 22), (5, 25), (5, 30)]


def layers(v: Variant, back: int = -1, up: int = 1) -> int:
    """Layers until a word is heard; the window counts the word itself."""
    window, distance = v.choice("window", PAIRS)
    step = window + back
    return (distance + up * (step - 1)) // step


def reach_calls(v: Variant, draw: torch.Generator) -> list[Call]:
    """A window, words that may not attend to themselves, any mask."""
    ones = torch.ones(17, 17, dtype=torch.bool)
    window = ones.tril() & ones.triu(-2)
    thin = torch.rand(11, 11, generator=draw) < 0.12
    chain = torch.zeros(7, 7, dtype=torch.bool)
    order = torch.randperm(7, generator=draw)
    chain[order[1:], order[:-1]] = True  # each hears the one before alone
    some = torch.rand(13, 13, generator=draw) < 0.1
    some |= torch.eye(13, dtype=torch.bool)
    return [
        Call((window, whole(draw, 3, 5)), group="window"),
        Call((some, 2), group="window"),
        Call((chain, whole(draw, 3, 5)), group="not to themselves"),
        Call((thin & ~torch.eye(11).bool(), 3), group="not to themselves"),
    ]


def reach(mask: Tensor, n_layers: int, own: bool = True) -> Tensor:
    """Widen what is heard, layer by layer."""
    step = mask | torch.eye(len(mask)).bool() if own else mask
    heard = step
    for _ in range(n_layers - 1):
        heard = (step[:, :, None] & heard[None]).any(dim=1)
    return heard


# --- 5 to 7. heads


def dealt_calls(v: Variant, draw: torch.Generator) -> list[Call]:
    """Keys that are all alike, two heads, and more heads with a mask."""

    def call(t: int, h: int, d_h: int, masked: bool, group: str) -> Call:
        d = h * d_h
        projections = [randn(draw, d, d) / math.sqrt(d) for _ in range(4)]
        if group == "keys alike":
            projections[1] = torch.zeros(d, d)
        mask = torch.ones(t, t, dtype=torch.bool)
        if masked:
            mask = torch.rand(t, t, generator=draw) < 0.5
            mask |= torch.eye(t, dtype=torch.bool)
        x = 2 * randn(draw, 2, t, d)
        return Call((x, *projections, h, mask), group=group)

    return [
        call(5, 3, 2, False, "keys alike"),
        call(7, 2, 5, False, "two heads"),
        call(5, 5, 3, True, "more heads, masked"),
        call(7, 3, 2, True, "more heads, masked"),
    ]


def dealt(
    x: Tensor,
    w_q: Tensor,
    w_k: Tensor,
    w_v: Tensor,
    w_o: Tensor,
    n_heads: int,
    mask: Tensor,
    *bugs: str,
) -> Tensor:
    """A head at a time: it owns every n-th number, from its own on."""
    d = x.size(-1)
    d_head = d // n_heads
    outputs = torch.zeros_like(x)
    for head in range(n_heads):
        mine = slice(head, None, n_heads)
        if "blocks" in bugs:
            mine = slice(head * d_head, (head + 1) * d_head)
        q, k, v = (x @ w[mine].T for w in (w_q, w_k, w_v))  # (B, T, D_h)
        root = math.sqrt(d if "root" in bugs else d_head)
        scores = (q @ k.mT / root).masked_fill(~mask, -math.inf)
        outputs[..., mine] = scores.softmax(dim=-1) @ v
    if "glue" in bugs:  # head by head instead of word by word
        parts = [outputs[..., h::n_heads] for h in range(n_heads)]
        if "blocks" in bugs:
            parts = list(torch.split(outputs, d_head, dim=-1))
        outputs = torch.stack(parts, dim=1).reshape(x.shape)
    if "back in blocks" in bugs:
        parts = [outputs[..., h::n_heads] for h in range(n_heads)]
        outputs = torch.cat(parts, dim=-1)
    return outputs @ w_o.T


BUGS = {
    "blocks": "Your heads own blocks of numbers. Dealt like cards, head h "
    "owns the numbers h, h + H, h + 2H and so on.",
    "glue": "On the way back words are torn: permute before you flatten.",
    "root": "You divide by the root of the whole width. A head's dot product "
    "has D / H terms.",
}


def block_calls(v: Variant, draw: torch.Generator) -> list[Call]:
    """Both sides of weights of several sizes."""
    return [
        Call((randn(draw, 15, 15), 3, "rows"), group="rows"),
        Call((randn(draw, 14, 14), 7, "rows"), group="rows"),
        Call((randn(draw, 10, 10), 5, "columns"), group="columns"),
        Call((randn(draw, 21, 21), 3, "columns"), group="columns"),
    ]


def to_blocks(weight: Tensor, n_heads: int, side: str) -> Tensor:
    """Number i of head h was number i H + h."""
    d_head = len(weight) // n_heads
    if side == "columns":
        return to_blocks(weight.T, n_heads, "rows").T
    cut = weight.reshape(d_head, n_heads, -1)
    return cut.transpose(0, 1).flatten(0, 1)


def way_back(weight: Tensor, n_heads: int, side: str) -> Tensor:
    """Deal what is in blocks."""
    return to_blocks(weight, len(weight) // n_heads, side)


def sides_exchanged(weight: Tensor, n_heads: int, side: str) -> Tensor:
    """Reorder rows where columns are meant."""
    other = "rows" if side == "columns" else "columns"
    return to_blocks(weight, n_heads, other)


def write_calls(v: Variant, draw: torch.Generator) -> list[Call]:
    """One text and a batch."""

    def call(b: int, h: int, t: int, d_h: int, group: str) -> Call:
        uneven = randn(draw, 1, h, 1, 1).exp()
        heads = uneven * randn(draw, b, h, t, d_h)
        return Call((heads, randn(draw, h * d_h, h * d_h)), group=group)

    return [
        call(1, 3, 5, 2, "one text"),
        call(3, 2, 7, 5, "batch"),
        call(2, 5, 3, 3, "batch"),
    ]


def head_writes(heads: Tensor, w_o: Tensor, fault: str = "") -> Tensor:
    """Mean length of each head's own part of the output."""
    _, h, _, d_h = heads.shape
    cut = w_o.T.reshape(h, d_h, h * d_h)  # (H, D_h, D)
    if fault == "rows":
        cut = w_o.reshape(h, d_h, h * d_h)
    if fault == "dealt":
        cut = w_o.T.reshape(d_h, h, h * d_h).transpose(0, 1)
    written = heads @ cut  # (B, H, T, D)
    if fault == "before":
        written = heads
    if fault == "mean first":
        written = written.mean(dim=(0, 2), keepdim=True)
    lengths: Tensor = torch.linalg.vector_norm(written, dim=-1)  # (B, H, T)
    return lengths.mean(dim=(0, 2))


ASSIGNMENT = Assignment(
    "hw3-heads",
    parts=(
        Part(
            "packed-mask",
            points=3,
            target="packed_mask",
            calls=story_calls,
            expected=packed_mask,
            compare=exact,
            says=[
                (
                    "stories hear each other",
                    lambda ids: packed_mask(ids, "stories"),
                    "Your mask is causal and knows the filling. But a story "
                    "still hears the one before it.",
                ),
                (
                    "future heard",
                    lambda ids: packed_mask(ids, "future"),
                    "Your words attend to later words of their story. Causal "
                    "means: to themselves and to earlier ones.",
                ),
                (
                    "filling is a story",
                    lambda ids: packed_mask(ids, "filling"),
                    "Your filling attends to filling: -1 equals -1. Its rows "
                    "have to be all False.",
                ),
                (
                    "story 0 is filling",
                    lambda ids: packed_mask(ids, "zero"),
                    "You take story 0 for filling. A story may have the "
                    "number 0; filling is -1 alone.",
                    2.0,
                ),
                (
                    "no dimension for heads",
                    lambda ids: packed_mask(ids, "heads"),
                    "The values are right, the shape is (B, T, T). A size of "
                    "1 for the heads is missing.",
                ),
            ],
        ),
        Part(
            "places",
            points=2,
            target="places",
            calls=story_calls,
            expected=places,
            compare=exact,
            says=[
                (
                    "counts on",
                    lambda ids: places(ids, "counts on"),
                    "Your places count on over the whole row. They start "
                    "again at 0 with each story.",
                ),
                (
                    "story 0 is filling",
                    lambda ids: places(ids, "zero"),
                    "You take story 0 for filling. A story may have the "
                    "number 0; filling is -1 alone.",
                    1.5,
                ),
                (
                    "from 1",
                    lambda ids: places(ids, "from 1"),
                    "Your places begin at 1. They count from 0.",
                ),
                (
                    "filling belongs to the last story",
                    lambda ids: places(ids, "filling belongs"),
                    "Your filling goes on counting the last story. It gets 0.",
                ),
                (
                    "filling counts",
                    lambda ids: places(ids, "filling counts"),
                    "Your filling is counted like a story. It gets 0.",
                ),
            ],
        ),
        Part(
            "masked-row",
            points=1,
            target="my_weights",
            value=True,
            expected=lambda v: weights(v).tolist(),
            compare=numbers(4e-3),
            says=[
                (
                    "no mask",
                    lambda v: weights(v, False, False).tolist(),
                    "These are the weights without any mask.",
                ),
                (
                    "causal alone",
                    lambda v: weights(v, True, False).tolist(),
                    "Place 3 still hears another story. A weight across "
                    "stories is 0.",
                ),
                (
                    "stories alone",
                    lambda v: weights(v, False, True).tolist(),
                    "Place 3 still hears place 4, which comes later.",
                ),
                (
                    "too late",
                    lambda v: late(v).tolist(),
                    "Your row does not sum to 1: the scores are barred before "
                    "the softmax, not the weights after it.",
                ),
            ],
        ),
        Part(
            "late-sum",
            points=1,
            target="my_late_sum",
            value=True,
            expected=lambda v: float(late(v).sum()),
            compare=numbers(2e-3),
            says=[
                (
                    "what is gone",
                    lambda v: 1 - float(late(v).sum()),
                    "This is the part that is gone. The sum of what is left "
                    "is asked for.",
                ),
                (
                    "future alone",
                    lambda v: float(weights(v, False, False)[:4].sum()),
                    "Only the future is taken out here. The other story goes, "
                    "too.",
                ),
                (
                    "story alone",
                    lambda v: float(
                        own_row(v)[1].softmax(dim=0)
                        @ (weights(v, False, True) > 0).double()
                    ),
                    "Only the other story is taken out here. Place 4 comes "
                    "later and goes, too.",
                ),
                (
                    "still 1",
                    lambda v: 1.0,
                    "The row would sum to 1 if the mask came before the "
                    "softmax. Here it comes after.",
                ),
            ],
        ),
        Part(
            "layers-by-hand",
            points=1,
            target="my_layers",
            value=True,
            expected=layers,
            compare=numbers(0.0),
            says=[
                (
                    "the window counts itself",
                    lambda v: layers(v, back=0),
                    "You go back a whole window in each layer. A window of w "
                    "counts the word itself: one layer hears w - 1 back.",
                ),
                (
                    "rounded down",
                    lambda v: layers(v, up=0),
                    "You rounded down: then the last few places are missing.",
                ),
            ],
        ),
        Part(
            "reach",
            points=2,
            target="reach",
            calls=reach_calls,
            expected=reach,
            compare=exact,
            says=[
                (
                    "own vector forgotten",
                    lambda mask, n: reach(mask, n, own=False),
                    "A word that may not attend to itself still keeps its own "
                    "vector in each layer, and so it hears itself.",
                ),
                (
                    "one layer",
                    lambda mask, n: reach(mask, 1),
                    "Your answer is that of a single layer. The next layer "
                    "reads what the layer before has mixed.",
                ),
                (
                    "one too many",
                    lambda mask, n: reach(mask, n + 1),
                    "You count one layer too many.",
                ),
                (
                    "exchanged",
                    lambda mask, n: reach(mask, n).T,
                    "Rows and columns are exchanged: a row is an output.",
                ),
            ],
        ),
        Part(
            "dealt-attention",
            points=3,
            target="dealt_attention",
            calls=dealt_calls,
            expected=dealt,
            compare=close(1e-4, 1e-4),
            says=[
                *bugs_left(
                    dealt,
                    BUGS,
                    (2.0, 1.0, 0.0),
                    "This gives what the broken version gives. ",
                ),
                (
                    "back in blocks",
                    lambda *a: dealt(*a, "back in blocks"),
                    "Your heads are dealt rightly on the way in. On the way "
                    "back they stand in blocks: deal them back.",
                    2.0,
                ),
                (
                    "back in blocks, root of D",
                    lambda *a: dealt(*a, "back in blocks", "root"),
                    "Your heads are dealt rightly on the way in. On the way "
                    "back they stand in blocks, and the root is that of D.",
                    1.0,
                ),
            ],
        ),
        Part(
            "to-blocks",
            points=3,
            target="to_blocks",
            calls=block_calls,
            expected=to_blocks,
            compare=exact,
            says=[
                (
                    "the way back",
                    way_back,
                    "This is the reordering from blocks to dealt, the inverse "
                    "of what is asked.",
                ),
                (
                    "sides exchanged",
                    sides_exchanged,
                    "You reorder columns where rows are meant, and rows where "
                    "columns are.",
                ),
                (
                    "always rows",
                    lambda w, h, side: to_blocks(w, h, "rows"),
                    "You reorder rows for w_o, too. The last projection takes "
                    "the heads' numbers in its columns.",
                ),
                (
                    "untouched",
                    lambda w, h, side: w,
                    "Your weight comes back as it was.",
                ),
            ],
        ),
        Part(
            "head-writes",
            points=2,
            target="head_writes",
            calls=write_calls,
            expected=head_writes,
            says=[
                (
                    "rows of the last projection",
                    lambda heads, w: head_writes(heads, w, "rows"),
                    "You cut the last projection into rows. In nn.Linear's "
                    "layout its columns belong to the inputs, the heads.",
                ),
                (
                    "before the projection",
                    lambda heads, w: head_writes(heads, w, "before"),
                    "These are the lengths of what the heads fetched, before "
                    "the last projection.",
                ),
                (
                    "mean first",
                    lambda heads, w: head_writes(heads, w, "mean first"),
                    "You take the mean vector and then its length. Take the "
                    "length of each word's vector, then the mean.",
                ),
                (
                    "dealt",
                    lambda heads, w: head_writes(heads, w, "dealt"),
                    "You deal the columns like cards. Here the heads have "
                    "blocks, as in our library.",
                ),
            ],
        ),
    ),
)
