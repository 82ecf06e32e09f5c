"""Exercises of chapter 9: parameters, and pooling that reaches further."""

from __future__ import annotations

import torch

from transformer_course.checking.bands import each
from transformer_course.checking.exercise import Chapter
from transformer_course.checking.watching import Seen

EXERCISES = Chapter("09")


def parameters_of_a_block(d_model: int, d_ff: int) -> int:
    """Number of parameters of an encoder block."""
    attention = 4 * (d_model**2 + d_model)
    feed_forward = 2 * d_model * d_ff + d_ff + d_model
    norms = 2 * 2 * d_model
    return attention + feed_forward + norms


_parameters = EXERCISES.exercise(
    parameters_of_a_block,
    label="ex-09-share",
    level="Standard",
    minutes=15,
    cases=[(1, 1), (3, 5), (6, 24), (512, 2048)],
    hints=(
        "List the parts: four projections, two layers of the feed-forward "
        "part, two norms. What does each keep besides its matrix?",
        "A layer from n to m numbers has n m weights and m biases. A norm "
        "has a weight and a bias for each of D features.",
        "4 (D^2 + D) + (2 D d_ff + d_ff + D) + 4 D.",
    ),
)


def _attention(d: int) -> int:
    return 4 * (d**2 + d)


@_parameters.mistake
def _no_biases(d: int, f: int) -> int:
    """You count the matrices alone.

    The exact count has biases and norms, too.
    """
    return 4 * d**2 + 2 * d * f


@_parameters.mistake
def _biases_forgotten(d: int, f: int) -> int:
    """The biases of the layers are missing; the norms are there.

    Four of the six layers end in D numbers, which others?
    """
    return 4 * d**2 + 2 * d * f + 4 * d


@_parameters.mistake
def _no_norms(d: int, f: int) -> int:
    """4 D numbers are missing: the norms, or the biases of attention.

    A block has two norms, each with a weight and a bias a feature, and
    four projections, each with a bias.
    """
    return parameters_of_a_block(d, f) - 4 * d


@_parameters.mistake
def _one_norm(d: int, f: int) -> int:
    """2 D numbers are missing: half of what the norms keep.

    There are two norms, and each has weights and biases.
    """
    return parameters_of_a_block(d, f) - 2 * d


@_parameters.mistake
def _no_out_proj(d: int, f: int) -> int:
    """You count three projections of attention.

    Queries, keys, values, and out_proj.
    """
    return parameters_of_a_block(d, f) - d**2 - d


@_parameters.mistake
def _narrow_bias(d: int, f: int) -> int:
    """D numbers are missing: one bias of that length.

    Every layer has a bias as long as what it gives out: four in attention,
    and two in the feed-forward part.
    """
    return parameters_of_a_block(d, f) - d


@_parameters.mistake
def _wide_bias(d: int, f: int) -> int:
    """One bias of the feed-forward part is missing: that of length d_ff.

    Widen ends in d_ff numbers, narrow in D.
    """
    return parameters_of_a_block(d, f) - f


@_parameters.mistake
def _both_biases(d: int, f: int) -> int:
    """The biases of the feed-forward part are missing.

    Widen ends in d_ff numbers, narrow in D.
    """
    return parameters_of_a_block(d, f) - f - d


@_parameters.mistake
def _two_wide_biases(d: int, f: int) -> int:
    """Both biases of your feed-forward part are d_ff long.

    A bias is as long as what its layer gives out.
    """
    return parameters_of_a_block(d, f) + f - d


@_parameters.mistake
def _one_matrix(d: int, f: int) -> int:
    """Your feed-forward part has one matrix.

    It widens, and then it narrows.
    """
    return parameters_of_a_block(d, f) - d * f


@_parameters.mistake
def _rule_of_thumb(d: int, f: int) -> int:
    """You count 12 D²: that is for d_ff = 4 D, biases and norms aside.

    Write the exact count, with d_ff as it comes.
    """
    return 12 * d**2


@_parameters.mistake
def _decoder(d: int, f: int) -> int:
    """You count a decoder block, with a second attention and a third norm.

    An encoder block has one attention and two norms.
    """
    return parameters_of_a_block(d, f) + _attention(d) + 2 * d


@_parameters.mistake
def _feed_forward_alone(d: int, f: int) -> int:
    """You count the feed-forward part alone.

    The block has attention and norms besides.
    """
    return 2 * d * f + f + d


def reach_of_four(seed: int) -> tuple[float, float]:
    """Accuracy on role-bound pronouns and on look-ups.

    Stands in for the solution; the bands are wide.
    """
    return 0.9, 0.3


_reach = EXERCISES.exercise(
    reach_of_four,
    label="ex-09-reach",
    level="Stretch",
    minutes=30,
    cases=[(0,)],
    seconds=60,
    view=each({0: (0.75, 1.0), 1: (0.15, 0.7)}),
    wanted="two shares from 0 to 1: role-bound pronouns well above the 0.65 "
    "of the chapter's pooling; look-ups below attention's, which are nearly "
    "all right",
    hints=(
        "Which number of Pooling says how far it reaches? And how does "
        "operate find the class for the name of an arm?",
        "Write a class like Pooling with 4 in place of 1, and put it into "
        "MIXER_OF under a name of its own.",
        'MIXER_OF["wide pooling"] = WidePooling; then read("wide pooling", '
        'seed)["pronoun-role-bound"] and find("wide pooling", seed).',
    ),
    solution="""
class WidePooling(nn.Module):
    def forward(self, x, attn_mask, **_):
        place = torch.arange(x.size(1))  # (T,)
        near = (place[:, None] - place).abs() <= 4  # (T, T)
        weights = (near & attn_mask[:, 0]).to(x.dtype)  # (B, T, T)
        weights = weights / weights.sum(-1, keepdim=True).clamp_min(1)
        return weights @ x - x, None  # (B, T, D)


def reach_of_four(seed):
    MIXER_OF["wide pooling"] = WidePooling
    bound = read("wide pooling", seed)["pronoun-role-bound"]
    return bound, find("wide pooling", seed)
""",
)


@_reach.mistake
def _as_attention(seed: int) -> tuple[float, float]:
    """Your look-ups are as good as attention's.

    Is the mixer exchanged, or does the arm's name not stand in MIXER_OF?
    """
    return 0.9, 1.0


@_reach.mistake
def _narrow(seed: int) -> tuple[float, float]:
    """Your role-bound pronouns gain nothing on the chapter's pooling.

    Does your class stand in MIXER_OF, under the name that you hand to read
    and find? And does its own number say how far it reaches?
    """
    return 0.65, 0.26


@_reach.mistake
def _percent(seed: int) -> tuple[float, float]:
    """Your numbers are no shares from 0 to 1.

    read and find give shares.
    """
    return 90.0, 30.0


@_reach.mistake
def _exchanged(seed: int) -> tuple[float, float]:
    """The two numbers are exchanged.

    Role-bound pronouns come first, then look-ups.
    """
    return 0.3, 0.9


def _arms(seen: Seen) -> set[str]:
    return {call["arm"] for name in ("read", "find") for call in seen[name]}


@_reach.telltale("read", "find")
def _name_with_a_comma(seen: Seen) -> bool:
    """Your arm's name has a comma: operate cuts it there.

    What stands before the comma is looked up in MIXER_OF. Take a name
    without one.
    """
    return any("," in arm for arm in _arms(seen))


@_reach.telltale("read", "find")
def _arm_of_no_class(seen: Seen) -> bool:
    """The arm that you train has no class in MIXER_OF: it has attention.

    operate exchanges a mixer only where MIXER_OF knows the arm's name.
    """
    return bool(_arms(seen)) and not _arms(seen) & set(seen.space["MIXER_OF"])


@_reach.telltale("read", "find")
def _chapters_pooling(seen: Seen) -> bool:
    """You train the chapter's own pooling, which reaches one word.

    The name that you hand to read and find is to be that of your class.
    """
    own = seen.space["MIXER_OF"].get("pooling") is seen.space["Pooling"]
    return _arms(seen) == {"pooling"} and own


@_reach.telltale("read", "find")
def _another_reach(seen: Seen) -> bool:
    """Your mixer does not reach four places to either side.

    <= 4 takes in the fourth; a range or a slice leaves its end out.
    """
    size, middle = 15, 7
    mask = torch.ones(1, 1, size, size, dtype=torch.bool)
    for arm in _arms(seen) & set(seen.space["MIXER_OF"]):
        mixer = seen.space["MIXER_OF"][arm]()
        fetched, _ = mixer(torch.eye(size)[None], attn_mask=mask)
        reached = fetched[0, middle].nonzero().flatten() - middle
        if reached.abs().max() != 4 or reached.min() != -reached.max():
            return True
    return False


@_reach.telltale("read", "find")
def _two_arms(seen: Seen) -> bool:
    """You train two different arms with read and find.

    Both numbers are asked for the wide pooling.
    """
    return len(_arms(seen)) > 1


@_reach.telltale("read")
def _typed(seen: Seen) -> bool:
    """Your first number is the accuracy on typed pronouns.

    Those that are bound to a role are asked for.
    """
    typed, bound = "pronoun-typed", "pronoun-role-bound"
    first = float(seen.results[0][0])
    return any(
        call.result[typed] == first != call.result[bound]
        for call in seen["read"]
    )


@_reach.telltale("read", "find")
def _another_seed(seen: Seen) -> bool:
    """The seed does not reach read and find.

    With another seed other numbers are to come.
    """
    calls = [*seen["read"], *seen["find"]]
    return any(call["seed"] != seen.inputs[0][0] for call in calls)
