"""Probes of homework 4, the block: inputs, references, known mistakes."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

from coursework.grading.compare import Close
from coursework.grading.probe import (
    Assignment,
    Call,
    Part,
    Variant,
    bugs_left,
    close,
)
from transformer_course import training
from transformer_course.layers import EncoderBlock
from transformer_course.masks import padding_mask


def randn(draw: torch.Generator, *size: int) -> Tensor:
    """Draw fresh normal numbers, in float64."""
    return torch.randn(*size, generator=draw, dtype=torch.float64)


def by_hand(atol: float) -> Callable[[Any, Any], bool]:
    """Compare numbers worked out by hand; a tensor counts as a list."""
    same = close(atol, 0.0)

    def compare(got: Any, want: Any) -> bool:
        return same(got.tolist() if isinstance(got, Tensor) else got, want)

    return compare


@dataclass(frozen=True)
class ReadRows(Close):
    """Compare the rows that somebody reads; the reference's others are NaN."""

    def __call__(self, got: Any, want: Any) -> bool:
        """Say whether the rows are right where the reference has numbers."""
        if not isinstance(got, Tensor) or got.shape != want.shape:
            return False
        read = ~want.isnan()
        return super().__call__(got[read], want[read])


def tenths(rule: Callable[[Variant], list[float]]) -> Callable[..., Any]:
    """Round a right answer to one decimal."""
    return lambda v: [round(number, 1) for number in rule(v)]


# --- 1. a norm in groups, by hand


def normed(
    v: Variant, n_groups: int = 2, correction: int = 0, root: bool = True
) -> list[float]:
    """Normalize the student's six features in groups."""
    x = torch.tensor(v.sample("features", range(-3, 10), 6)).double()
    groups = x.reshape(n_groups, -1)
    variance = groups.var(dim=1, keepdim=True, correction=correction)
    centred = groups - groups.mean(dim=1, keepdim=True)
    size = variance.sqrt() if root else variance
    numbers: list[float] = (centred / size).flatten().tolist()
    return numbers


def roots(v: Variant) -> list[float]:
    """Root of the variance behind each of the six numbers."""
    x = torch.tensor(v.sample("features", range(-3, 10), 6)).double()
    of_group = x.reshape(2, 3).std(dim=1, correction=0)
    return of_group.repeat_interleave(3).tolist()


# --- 2. the same as code


def grouped_calls(v: Variant, draw: torch.Generator) -> list[Call]:
    """One group and several, several shapes, an equal group, a large eps."""

    def call(
        size: tuple[int, ...], n_groups: int, eps: float, group: str
    ) -> Call:
        x, width = 3 * randn(draw, *size) + 2, size[-1]
        if group == "equal features":
            x[..., : width // n_groups] = 1.5
        weight, bias = randn(draw, width), randn(draw, width)
        if group == "no weights":
            weight, bias = torch.ones_like(weight), torch.zeros_like(bias)
        return Call((x, weight, bias, n_groups, eps), group=group)

    return [
        call((2, 5, 7), 1, 1e-5, "one group"),
        call((3, 12), 3, 1e-5, "no weights"),
        call((2, 5, 6), 3, 1e-5, "several groups"),
        call((3, 5, 15), 5, 1e-5, "several groups"),
        call((10,), 2, 1e-5, "other shapes"),
        call((2, 3, 5, 14), 2, 1e-5, "other shapes"),
        call((3, 10), 2, 1e-3, "equal features"),
        call((5, 21), 3, 1.7, "a large eps"),
    ]


def grouped_norm(
    x: Tensor, weight: Tensor, bias: Tensor, n_groups: int, eps: float
) -> Tensor:
    """Normalize groups of neighbouring features."""
    flat = x.reshape(-1, x.size(-1))
    out: Tensor = F.group_norm(flat, n_groups, weight, bias, eps)
    return out.reshape(x.shape)


def unbiased(
    x: Tensor, weight: Tensor, bias: Tensor, n_groups: int, eps: float
) -> Tensor:
    """Divide the squares by one less than their number."""
    groups = x.reshape(*x.shape[:-1], n_groups, -1)
    centred = groups - groups.mean(dim=-1, keepdim=True)
    variance = groups.var(dim=-1, keepdim=True)
    return (centred / torch.sqrt(variance + eps)).flatten(-2) * weight + bias


def eps_outside(
    x: Tensor, weight: Tensor, bias: Tensor, n_groups: int, eps: float
) -> Tensor:
    """Add eps to the root."""
    groups = x.reshape(*x.shape[:-1], n_groups, -1)
    centred = groups - groups.mean(dim=-1, keepdim=True)
    root = groups.var(dim=-1, keepdim=True, correction=0).sqrt()
    return (centred / (root + eps)).flatten(-2) * weight + bias


def every_nth(
    x: Tensor, weight: Tensor, bias: Tensor, n_groups: int, eps: float
) -> Tensor:
    """Put every n-th feature into one group."""
    width = x.size(-1) // n_groups
    places = torch.arange(x.size(-1)).view(width, n_groups).T.flatten()
    one, nothing = torch.ones_like(weight), torch.zeros_like(bias)
    out = torch.empty_like(x)
    out[..., places] = grouped_norm(
        x[..., places], one, nothing, n_groups, eps
    )
    return out * weight + bias


# --- 3. the sandwich


def sandwich_calls(v: Variant, draw: torch.Generator) -> list[Call]:
    """Sentences without padding, with padding, and of one word.

    The norm behind the mixer takes a factor out, so that the mean's divisor
    does not matter; what may matter is eps. Words with something in common
    keep their mean long, and eps small beside it.
    """
    sizes = ((2, 5, 6, 7), (3, 7, 5, 11), (5, 3, 7, 5))
    calls = []
    for group, (b, t, d, d_ff) in zip(
        ("no padding", "padding", "one real word"), sizes, strict=True
    ):
        lengths = {
            "no padding": torch.full((b,), t),
            "padding": torch.randint(2, t, (b,), generator=draw),
            "one real word": torch.ones(b, dtype=torch.int64),
        }[group]
        common = 2 * torch.arange(d) - d + 1.0
        x, w_1 = 2 * randn(draw, b, t, d) + 1, randn(draw, d, d_ff)
        real = torch.arange(t) < lengths[:, None]
        x += torch.where(real[:, :, None], common, -common) / 2
        calls.append(Call((x, real, w_1, randn(draw, d_ff, d)), group=group))
    return calls


def sandwich(
    x: Tensor, pad_mask: Tensor, w_1: Tensor, w_2: Tensor, *bugs: str
) -> Tensor:
    """The sandwich, with the bugs that are named."""

    def norm(y: Tensor) -> Tensor:
        return F.layer_norm(y, y.shape[-1:])

    real = pad_mask[:, :, None]
    counted = torch.ones_like(real) if "padding" in bugs else real
    read = norm(x).masked_fill(~counted, 0.0)
    fetched = read.sum(dim=1, keepdim=True) / counted.sum(dim=1, keepdim=True)
    y = norm(x + fetched) if "copy normed" in bugs else x + norm(fetched)
    if "one norm" in bugs:
        y = x + fetched
    if "words normed" in bugs:
        y = norm(x) + norm(fetched)
    written = norm(torch.relu(norm(y) @ w_1) @ w_2)
    out = (x if "old copy" in bugs else y) + written
    return out.masked_fill(~real, math.nan)


BUGS = {
    "padding": "The mean runs over the padding too. Only real words count.",
    "copy normed": "In the first half you normalize the sum. The norm "
    "belongs around what is added; the copy stays as it is.",
    "old copy": "The second half adds to x. What the first half added is "
    "lost on the way.",
}


# --- 4. lengths


def lengths(
    v: Variant, a_block: int = 2, each: bool = True, factor: float = 1.0
) -> list[float]:
    """Length of the copy at right angles, in its direction, and scaled."""
    start = v.integer("start", 3, 9)
    n = a_block * v.integer("blocks", 5, 16)
    step = v.choice("step", (1.5, 2.0, 2.5, 3.0))
    scaled = step**2 if each else step**2 / n
    return [
        math.sqrt(start**2 + n * step**2),
        start + n * step,
        math.sqrt(start**2 + factor * scaled),
    ]


def not_squared(v: Variant) -> list[float]:
    """Forget to square the length of a step."""
    start = v.integer("start", 3, 9)
    n = 2 * v.integer("blocks", 5, 16)
    step = v.choice("step", (1.5, 2.0, 2.5, 3.0))
    return [math.sqrt(start**2 + n * step), start + n * step,
            math.sqrt(start**2 + step)]  # fmt: skip


# --- 5. folding


def fold_calls(v: Variant, draw: torch.Generator) -> list[Call]:
    """Square, wide and narrow layers; layers without a bias."""

    def call(d: int, d_out: int, group: str) -> Call:
        b = None if group == "no bias" else randn(draw, d_out)
        g, beta, w = randn(draw, d), randn(draw, d), randn(draw, d_out, d)
        return Call((g, beta, w, b), group=group)

    return [
        call(5, 5, "square"),
        call(5, 13, "other sizes"),
        call(11, 3, "other sizes"),
        call(7, 3, "no bias"),
        call(5, 5, "no bias"),
    ]


def fold(
    g: Tensor, beta: Tensor, w: Tensor, b: Tensor | None
) -> tuple[Tensor, Tensor]:
    """Put a norm into the layer behind it."""
    shift = torch.einsum("od,d->o", w, beta)
    return torch.einsum("od,d->od", w, g), shift if b is None else b + shift


def scaled_too(
    g: Tensor, beta: Tensor, w: Tensor, b: Tensor | None
) -> tuple[Tensor, Tensor]:
    """Send the norm's bias through the new matrix."""
    return w * g, fold(g, beta, w * g, b)[1]


def no_shift(
    g: Tensor, beta: Tensor, w: Tensor, b: Tensor | None
) -> tuple[Tensor, Tensor]:
    """Forget the norm's bias."""
    return w * g, w.new_zeros(len(w)) if b is None else b


def bias_dropped(
    g: Tensor, beta: Tensor, w: Tensor, b: Tensor | None
) -> tuple[Tensor, Tensor]:
    """Forget the layer's own bias."""
    return fold(g, beta, w, None)


# --- 6. bends


def pattern(v: Variant) -> list[int]:
    """What the student's layer is to give at the counts 0 to 3."""
    first = v.choice("first", (-2, -1, 1, 2, 3))
    return [0, first, *v.integers("pattern", -2, 3, size=2)]


def bends(v: Variant) -> list[int]:
    """Changes of the slope."""
    y = [0, *pattern(v)]  # flat before 0
    return [y[k] - 2 * y[k + 1] + y[k + 2] for k in range(3)]


def slopes(v: Variant) -> list[int]:
    """The slopes themselves."""
    y = pattern(v)
    return [y[k + 1] - y[k] for k in range(3)]


# --- 7. side by side


def used_block(number: int) -> EncoderBlock:
    """Make the notebook's block."""
    with training.seeded(number):
        block = EncoderBlock(6, n_heads=3, d_ff=7, norm_first=True)
        for around in (block.around_attention, block.around_feed_forward):
            for weight in around.norm.parameters():
                nn.init.normal_(weight)
    return block.eval()


def parallel_calls(v: Variant, draw: torch.Generator) -> list[Call]:
    """Three blocks; with and without padding."""
    calls = []
    for b, t, group in ((2, 5, "no padding"), (3, 7, "padding")):
        for _ in range(2):
            least = t if group == "no padding" else 2
            long = torch.randint(least, t + 1, (b,), generator=draw)
            long[0] = least
            number = int(torch.randint(10_000, (), generator=draw))
            x = randn(draw, b, t, 6).float()
            real = torch.arange(t) < long[:, None]
            calls.append(Call((x, real, number), group=group))
    return calls


def parallel(x: Tensor, pad_mask: Tensor, number: int, *bugs: str) -> Tensor:
    """Both sublayers on the same normalized words."""
    block = used_block(number)
    norm, other = block.around_attention.norm, block.around_feed_forward.norm
    mask = None if "no mask" in bugs else padding_mask(pad_mask)
    with torch.no_grad():
        fetched, _ = block.attention(norm(x), attn_mask=mask)
        reads = norm(x)
        if "one after the other" in bugs:
            reads = norm(x + fetched)
        if "two norms" in bugs:
            reads = other(x)
        if "the block itself" in bugs:
            reads = other(x + fetched)
        if "no norm" in bugs:
            fetched, _ = block.attention(x, attn_mask=mask)
            reads = x
        copy = norm(x) if "copy normed" in bugs else x
        copy = torch.zeros_like(x) if "no copy" in bugs else copy
        out: Tensor = copy + fetched + block.feed_forward(reads)
    return out.masked_fill(~pad_mask[:, :, None], math.nan)


ASSIGNMENT = Assignment(
    "hw4-block",
    parts=(
        Part(
            "norm-by-hand",
            points=2,
            target="my_normed",
            value=True,
            expected=normed,
            compare=by_hand(6e-3),
            says=[
                (
                    "one group",
                    lambda v: normed(v, n_groups=1),
                    "These are your features normalized all together. Each "
                    "group of three has its own mean and its own root.",
                ),
                (
                    "rounded",
                    tenths(normed),
                    "Right, but rounded too much: give three decimals.",
                    1.0,
                ),
                (
                    "only centred",
                    lambda v: [
                        a * b for a, b in zip(normed(v), roots(v), strict=True)
                    ],
                    "You took the mean away. Divide by the root of the "
                    "variance as well.",
                ),
                (
                    "divided by two",
                    lambda v: normed(v, correction=1),
                    "You divided the squares of three numbers by 2. The "
                    "variance of a norm is the biased one.",
                ),
                (
                    "variance in the place of its root",
                    lambda v: normed(v, root=False),
                    "You divided by the variance. Take its root first.",
                ),
            ],
        ),
        Part(
            "grouped-norm",
            points=3,
            target="grouped_norm",
            calls=grouped_calls,
            expected=grouped_norm,
            says=[
                (
                    "one group",
                    lambda x, w, b, n, eps: grouped_norm(x, w, b, 1, eps),
                    "Your result does not depend on n_groups: all features "
                    "are normalized together.",
                ),
                (
                    "unbiased variance",
                    unbiased,
                    "Your outputs are a little short: the sum of squares is "
                    "divided by one less than the number of features.",
                    2.0,
                ),
                (
                    "eps outside the root",
                    eps_outside,
                    "Your eps is added to the root. It belongs to the "
                    "variance, inside the root.",
                    2.0,
                ),
                (
                    "eps forgotten",
                    lambda x, w, b, n, eps: grouped_norm(x, w, b, n, 0.0),
                    "Where a group's features are equal you divide by 0. Add "
                    "eps to the variance.",
                    2.0,
                ),
                (
                    "unbiased, weights forgotten",
                    lambda x, w, b, n, eps: unbiased(
                        x, torch.ones_like(w), torch.zeros_like(b), n, eps
                    ),
                    "The variance is not the biased one (gap 1), and weight "
                    "and bias are missing (gap 3).",
                    1.0,
                ),
                (
                    "weights forgotten",
                    lambda x, w, b, n, eps: grouped_norm(
                        x, torch.ones_like(w), torch.zeros_like(b), n, eps
                    ),
                    "The norm is right. Behind it each feature is stretched "
                    "by its weight and shifted by its bias: gap 3.",
                    2.0,
                ),
                (
                    "shifted before stretched",
                    lambda x, w, b, n, eps: grouped_norm(x, w, b * w, n, eps),
                    "You shift before you stretch. The bias is added last.",
                    2.0,
                ),
                (
                    "every n-th feature",
                    every_nth,
                    "Your groups are made of every n-th feature. Neighbours "
                    "belong together.",
                ),
            ],
        ),
        Part(
            "sandwich",
            points=3,
            target="sandwich_block",
            calls=sandwich_calls,
            expected=sandwich,
            compare=ReadRows(1e-3, 1e-3),
            says=[
                *bugs_left(
                    sandwich,
                    BUGS,
                    (2.0, 1.0, 0.0),
                    "This is what the crate's block gives. ",
                ),
                (
                    "one norm in the first half",
                    lambda *a: sandwich(*a, "one norm"),
                    "What the first half adds is not normalized. A sandwich "
                    "has a norm in front of each sublayer and one behind it.",
                    2.0,
                ),
                (
                    "added to the normalized words",
                    lambda *a: sandwich(*a, "words normed"),
                    "The first half adds to the normalized words. The copy "
                    "is x as it came.",
                    2.0,
                ),
            ],
        ),
        Part(
            "lengths-by-hand",
            points=2,
            target="my_lengths",
            value=True,
            expected=lengths,
            compare=by_hand(6e-3),
            says=[
                (
                    "blocks counted",
                    lambda v: lengths(v, a_block=1),
                    "You counted blocks. A block has two sublayers, and each "
                    "of them adds to the copy.",
                ),
                (
                    "N counts blocks",
                    lambda v: lengths(v, factor=2.0),
                    "The first two are right. In GPT-2's factor N counts "
                    "sublayers, not blocks.",
                    1.0,
                ),
                (
                    "rounded",
                    tenths(lengths),
                    "Right, but rounded too much: give three decimals.",
                    1.0,
                ),
                (
                    "no roots",
                    lambda v: [
                        lengths(v)[0] ** 2,
                        lengths(v)[1],
                        lengths(v)[2] ** 2,
                    ],
                    "Two of these are squares of lengths: take their roots.",
                    1.0,
                ),
                (
                    "steps not squared",
                    not_squared,
                    "At right angles the squares of the lengths add. You "
                    "added the lengths of the steps under the root.",
                ),
                (
                    "scaled by 1 / N",
                    lambda v: lengths(v, each=False),
                    "The first two are right. With GPT-2's factor a step is "
                    "root N times shorter, not N times.",
                    1.0,
                ),
            ],
        ),
        Part(
            "fold",
            points=3,
            target="fold",
            calls=fold_calls,
            expected=fold,
            says=[
                (
                    "outputs stretched",
                    lambda g, beta, w, b: (
                        w * g[:, None],
                        fold(g, beta, w, b)[1],
                    ),
                    "You stretched the rows of the matrix. The norm's weight "
                    "belongs to the layer's inputs: which axis is that?",
                ),
                (
                    "norm's bias forgotten",
                    no_shift,
                    "The matrix is right. The norm's bias goes through the "
                    "layer too, and changes its bias.",
                    1.0,
                ),
                (
                    "norm's bias forgotten, None kept",
                    lambda g, beta, w, b: (w * g, b),
                    "The matrix is right. The norm's bias goes through the "
                    "layer too, and changes its bias.",
                    1.0,
                ),
                (
                    "no bias",
                    lambda g, beta, w, b: (w * g, w @ beta + b),
                    "With a bias all is right. Where b is None there is "
                    "nothing to add it to, and the norm's bias still goes "
                    "through W.",
                ),
                (
                    "norm's bias stretched",
                    scaled_too,
                    "The matrix is right. The norm's bias is added behind "
                    "its weight, so it goes through W and not through W'.",
                    1.0,
                ),
                (
                    "layer's bias forgotten",
                    bias_dropped,
                    "The layer had a bias of its own, where b is not None.",
                ),
            ],
        ),
        Part(
            "bends-by-hand",
            points=2,
            target="my_weights",
            value=True,
            expected=bends,
            compare=by_hand(1e-3),
            otherwise="my_weights is not right: put your weights into the "
            "formula for s = 1, 2, 3. Do the wanted numbers come out?",
            says=[
                (
                    "slopes",
                    slopes,
                    "These are the slopes. A unit that is awake goes on: "
                    "each weight is the change from one slope to the next.",
                ),
                (
                    "values",
                    lambda v: pattern(v)[1:],
                    "These are the wanted outputs. The weights have to add "
                    "up to them through the hidden units.",
                ),
            ],
        ),
        Part(
            "parallel",
            points=2,
            target="parallel_block",
            calls=parallel_calls,
            expected=parallel,
            compare=ReadRows(1e-5, 1e-5),
            says=[
                (
                    "the block itself",
                    lambda *a: parallel(*a, "the block itself"),
                    "This is the block as chapter 9 has it: its feed-forward "
                    "layer reads what attention has changed. Side by side, "
                    "both read the same normalized words.",
                ),
                (
                    "the copy is normalized",
                    lambda *a: parallel(*a, "copy normed"),
                    "You add both results to the normalized words. They are "
                    "added to x.",
                    1.0,
                ),
                (
                    "no copy",
                    lambda *a: parallel(*a, "no copy"),
                    "Both results are there. The copy, x itself, is missing.",
                    1.0,
                ),
                (
                    "no norm",
                    lambda *a: parallel(*a, "no norm"),
                    "Your sublayers read x as it came. Both read the "
                    "normalized words.",
                ),
                (
                    "one after the other",
                    lambda *a: parallel(*a, "one after the other"),
                    "Your feed-forward layer reads what attention has "
                    "changed. Side by side, both read the same words.",
                ),
                (
                    "two norms",
                    lambda *a: parallel(*a, "two norms"),
                    "You used both of the block's norms. There is one, in "
                    "front of both sublayers.",
                ),
                (
                    "no mask",
                    lambda *a: parallel(*a, "no mask"),
                    "Without padding all is right. With padding, words "
                    "attend to it.",
                ),
            ],
        ),
    ),
)
