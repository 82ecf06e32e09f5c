"""Exercise of chapter 14: rules on paper."""

from __future__ import annotations

import math

from transformer_course.checking.exercise import Chapter

EXERCISES = Chapter("14")
GIVEN = [0.5, 0.25, 0.15, 0.1]

Lists = tuple[list[float], list[float], list[float]]


def three_rules() -> tuple[list[float], list[float], list[float]]:
    """Probabilities under top-k 3, top-p 0.7 and temperature 0.5."""
    p = [0.5, 0.25, 0.15, 0.1]

    def shared_out(kept: list[float]) -> list[float]:
        return [x / sum(kept) for x in kept]

    top_k = shared_out([*p[:3], 0])
    top_p = shared_out([*p[:2], 0, 0])  # 0.5 + 0.25 reach 0.7
    return top_k, top_p, shared_out([x**2 for x in p])


_rules = EXERCISES.exercise(
    three_rules,
    label="ex-14-rules-on-paper",
    level="Warm-up",
    minutes=10,
    cases=[()],
    atol=0.006,
    hints=(
        "After each rule the numbers must sum to 1 again. What does a word "
        "that is ruled out have?",
        "k = 3 keeps three words, p = 0.7 the fewest that reach 0.7: is 0.5 "
        "enough? A logit divided by 0.5 is doubled, and exp of the double "
        "is a square.",
        "Divide .5, .25, .15 by .9; divide .5, .25 by .75; divide .25, "
        ".0625, .0225, .01 by .345.",
    ),
)


def _shared_out(kept: list[float]) -> list[float]:
    return [x / sum(kept) for x in kept]


def _with(
    k: list[float] | None = None,
    p: list[float] | None = None,
    t: list[float] | None = None,
) -> Lists:
    right = three_rules()
    return k or right[0], p or right[1], t or right[2]


@_rules.mistake
def _k_not_shared_out() -> Lists:
    """Your top-k does not sum to 1: what was cut off is not shared out.

    Divide what is kept by its sum.
    """
    return _with(k=[0.5, 0.25, 0.15, 0.0])


@_rules.mistake
def _two_kept() -> Lists:
    """Your top-k keeps two words; k is 3 here.

    On the page it was 2.
    """
    return _with(k=_shared_out([0.5, 0.25, 0, 0]))


@_rules.mistake
def _p_not_shared_out() -> Lists:
    """Your top-p does not sum to 1: what was cut off is not shared out.

    Divide what is kept by its sum.
    """
    return _with(p=[0.5, 0.25, 0.0, 0.0])


@_rules.mistake
def _not_reached() -> Lists:
    """Your top-p keeps one word: 0.5 does not reach 0.7.

    Keep the fewest words that reach p together: the one that takes the sum
    over p is kept, too.
    """
    return _with(p=[1.0, 0.0, 0.0, 0.0])


@_rules.mistake
def _one_more() -> Lists:
    """Your top-p keeps three words; two reach 0.7 together.

    Here p is 0.7. On the page it was 0.9.
    """
    return _with(p=_shared_out([0.5, 0.25, 0.15, 0]))


@_rules.mistake
def _roots() -> Lists:
    """Your third list has temperature 2: it became more level.

    Below 1 the most probable word gains: squares, not roots.
    """
    return _with(t=_shared_out([math.sqrt(x) for x in GIVEN]))


@_rules.mistake
def _squares_alone() -> Lists:
    """Your squares do not sum to 1: divide them by their sum.

    The sum is 0.345.
    """
    return _with(t=[x**2 for x in GIVEN])


@_rules.mistake
def _nothing_changed() -> Lists:
    """Your third list is the given one: temperature divides the logits.

    Probabilities that are all doubled and divided by their sum are as
    before.
    """
    return _with(t=GIVEN)


@_rules.mistake
def _softmax_of_probabilities() -> Lists:
    """You take a softmax of the probabilities; they are no logits.

    The logits are their logarithms, and exp(2 ln p) is a square of p.
    """
    return _with(t=_shared_out([math.exp(2 * x) for x in GIVEN]))


@_rules.mistake
def _doubled() -> Lists:
    """You divide the probabilities by 0.5; the logits are divided.

    A list that does not sum to 1 holds no probabilities. exp of a doubled
    logit is a square.
    """
    return _with(t=[x / 0.5 for x in GIVEN])


@_rules.mistake
def _greedy() -> Lists:
    """Your third list is the greedy one.

    Temperature rules out no word; only towards 0 it gets there.
    """
    return _with(t=[1.0, 0.0, 0.0, 0.0])


@_rules.mistake
def _one_after_the_other() -> Lists:
    """You apply the temperature to what top-p has left.

    Each rule begins with the four given probabilities.
    """
    return _with(t=[0.8, 0.2, 0.0, 0.0])


@_rules.mistake
def _exchanged() -> Lists:
    """Your first two lists are exchanged: top-k comes first.

    The one with three words is top-k.
    """
    k, p, t = three_rules()
    return p, k, t


@_rules.mistake
def _without_zeros() -> Lists:
    """You leave out the words that are ruled out; each list has four places.

    A word that is ruled out has probability 0.
    """
    k, p, t = three_rules()
    return k[:3], p[:2], t


@_rules.mistake
def _percent() -> Lists:
    """Your numbers are in percent; probabilities sum to 1.

    Divide by 100.
    """
    k, p, t = ([100 * x for x in part] for part in three_rules())
    return k, p, t
