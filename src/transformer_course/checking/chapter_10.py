"""Exercises of chapter 10: encoder and decoder."""

from __future__ import annotations

import math

import torch

from transformer_course.checking.exercise import Chapter

EXERCISES = Chapter("10")


def weights_of_bos() -> list[float]:
    """Weights of <bos> on squatch, eats, pizza and yesterday."""
    query = [0.0, 2.0]
    keys = [[2.0, 0.0], [0.0, 1.0], [2.0, 2.0], [0.0, 0.0]]
    scores = [query[0] * key[0] + query[1] * key[1] for key in keys]
    powers = [math.exp(score / math.sqrt(2)) for score in scores]
    return [power / sum(powers) for power in powers]


_bos = EXERCISES.exercise(
    weights_of_bos,
    label="ex-10-a-fourth-word",
    level="Warm-up",
    minutes=10,
    cases=[()],
    atol=1.5e-3,
    hints=(
        "The old scores stay. What is the key of [0, 0], and what is its "
        "score with any query?",
        "A score of 0 is not a weight of 0: exp(0) is 1. All four weights "
        "share out 1 anew.",
        "The scores are 0, 1.414, 2.828 and 0. Take exp of each and divide "
        "by their sum.",
    ),
)
OLD = torch.tensor([0.0, 1.0, 2.0]) * math.sqrt(2)


def _softmax(*scores: float) -> list[float]:
    return torch.tensor(scores).float().softmax(dim=0).tolist()


@_bos.mistake
def _weight_zero() -> list[float]:
    """You keep the old weights and give the new word none.

    Its score is 0, and exp(0) is 1: it takes a share from the others.
    """
    return [*OLD.softmax(dim=0).tolist(), 0.0]


@_bos.mistake
def _undivided() -> list[float]:
    """You do not divide the scores by the root of the width.

    The width is 2.
    """
    return _softmax(0, 2, 4, 0)


@_bos.mistake
def _by_two() -> list[float]:
    """You divide the scores by 2.

    The divisor is the square root of the width.
    """
    return _softmax(0, 1, 2, 0)


@_bos.mistake
def _other_row() -> list[float]:
    """This is the row of the second word of the decoder.

    <bos> is the first row of X: its query is [0, 2].
    """
    root = math.sqrt(2)
    return _softmax(2 / root, 1 / root, 4 / root, 0)


@_bos.mistake
def _in_front() -> list[float]:
    """The new word stands first.

    The order is: squatch, eats, pizza, yesterday.
    """
    return [weights_of_bos()[3], *weights_of_bos()[:3]]


@_bos.mistake
def _quarter() -> list[float]:
    """You give the new word a quarter.

    Its share depends on its score, like every other.
    """
    return [*(0.75 * OLD.softmax(dim=0)).tolist(), 0.25]


@_bos.mistake
def _scores() -> list[float]:
    """These are scores, not weights.

    Weights are shares: they sum to 1.
    """
    return [*OLD.tolist(), 0.0]


@_bos.mistake
def _no_exponential() -> list[float]:
    """You divide the scores by their sum: the exponential is missing.

    Softmax takes exp first.
    """
    return [*(OLD / OLD.sum()).tolist(), 0.0]


@_bos.mistake
def _not_shared_anew() -> list[float]:
    """Your weights sum to more than 1.

    The old weights were shares of the old sum; the sum has grown.
    """
    old = OLD.softmax(dim=0).tolist()
    return [*old, 1 / float(OLD.exp().sum())]


def block_parameters(d_model: int, d_ff: int) -> int:
    """Parameters of one decoder block."""
    attentions = 2 * 4 * (d_model**2 + d_model)
    feed_forward = 2 * d_model * d_ff + d_ff + d_model
    norms = 3 * 2 * d_model
    return attentions + feed_forward + norms


_block = EXERCISES.exercise(
    block_parameters,
    label="ex-10-count-one-block",
    level="Warm-up",
    minutes=10,
    cases=[(1, 1), (3, 5), (6, 11), (512, 2048)],
    hints=(
        "How many attentions has a decoder block, and how many norms?",
        "An attention has 4 (D^2 + D) parameters, the feed-forward part "
        "2 D d_ff + d_ff + D, a norm 2 D.",
        "8 (D^2 + D) + (2 D d_ff + d_ff + D) + 6 D.",
    ),
)


@_block.mistake
def _encoder(d: int, f: int) -> int:
    """This is an encoder block.

    A decoder block has cross-attention besides, with its own norm.
    """
    return block_parameters(d, f) - 4 * (d**2 + d) - 2 * d


@_block.mistake
def _two_norms(d: int, f: int) -> int:
    """2 D numbers are missing: one of the norms.

    There is a norm for each sublayer. How many sublayers are there?
    """
    return block_parameters(d, f) - 2 * d


@_block.mistake
def _one_attention(d: int, f: int) -> int:
    """You count one attention.

    Self-attention and cross-attention have weights of their own.
    """
    return block_parameters(d, f) - 4 * (d**2 + d)


@_block.mistake
def _no_norms(d: int, f: int) -> int:
    """6 D numbers are missing: the norms.

    Each of the three has a weight and a bias a feature.
    """
    return block_parameters(d, f) - 6 * d


@_block.mistake
def _norm_biases(d: int, f: int) -> int:
    """3 D numbers are missing: half of what the norms keep.

    A norm has weights and biases.
    """
    return block_parameters(d, f) - 3 * d


@_block.mistake
def _matrices(d: int, f: int) -> int:
    """You count the matrices alone.

    The exact count has biases and norms, too.
    """
    return 8 * d**2 + 2 * d * f


@_block.mistake
def _no_biases(d: int, f: int) -> int:
    """The biases of the layers are missing; the norms are there.

    Every layer has a bias as long as what it gives out.
    """
    return 8 * d**2 + 2 * d * f + 6 * d


@_block.mistake
def _attention_biases(d: int, f: int) -> int:
    """8 D numbers are missing: the biases of both attentions.

    Each of the eight projections has D of them.
    """
    return block_parameters(d, f) - 8 * d


@_block.mistake
def _feed_forward_biases(d: int, f: int) -> int:
    """The biases of the feed-forward part are missing.

    One layer ends in d_ff numbers, the other in D.
    """
    return block_parameters(d, f) - f - d


@_block.mistake
def _two_wide_biases(d: int, f: int) -> int:
    """Both biases of your feed-forward part are d_ff long.

    A bias is as long as what its layer gives out.
    """
    return block_parameters(d, f) + f - d


@_block.mistake
def _no_out_proj(d: int, f: int) -> int:
    """2 (D D + D) numbers are missing: two of the eight projections.

    Both attentions have four: of queries, keys, values, and out_proj. The
    second makes keys and values of the memory, with layers of its own.
    """
    return block_parameters(d, f) - 2 * (d**2 + d)


@_block.mistake
def _six_blocks(d: int, f: int) -> int:
    """You count six blocks; one is asked for."""
    return 6 * block_parameters(d, f)
