"""Exercises of chapter 3: before attention."""

from __future__ import annotations

import math

from transformer_course.checking.exercise import Chapter

EXERCISES = Chapter("03")
BAD_DAY, GOOD_DAY = (0.2, 0.6, 0.8), (0.8, 0.6, 0.2)


def slopes_of_bad_day() -> list[float]:
    """Slope of the last state for each of 0.2, 0.6, 0.8."""
    states, h = [], 0.0
    for x in (0.2, 0.6, 0.8):
        h = math.tanh(x + 0.5 * h)
        states.append(h)
    bends = [1 - h**2 for h in states]  # slopes of tanh at each step
    return [
        bends[2] * 0.5 * bends[1] * 0.5 * bends[0],
        bends[2] * 0.5 * bends[1],
        bends[2],
    ]


_slopes = EXERCISES.exercise(
    slopes_of_bad_day,
    label="ex-03-pizza-eats-squatch",
    level="Warm-up",
    minutes=10,
    cases=[()],
    atol=1.5e-3,
    hints=(
        "First the three states: 0.197, 0.604, 0.801. The slope of tanh is 1 "
        "minus the square of what it gave.",
        "From the last state back: each step back multiplies by 0.5 and by "
        "the slope of the tanh of that step.",
        "The slopes of the three tanh are 0.961, 0.635 and 0.358. The last "
        "word's slope is 0.358, the one before 0.358 × 0.5 × 0.635.",
    ),
)


def _chain(
    xs: tuple[float, ...], carry: float = 0.5, bend: bool = True
) -> list[float]:
    slopes: list[float] = []
    h = 0.0
    for x in xs:
        h = math.tanh(x + 0.5 * h)
        step = (1 - h**2) if bend else 1.0
        slopes = [s * carry * step for s in slopes] + [step]
    return slopes


@_slopes.mistake
def _last_first() -> list[float]:
    """Your slopes are right, but the last word stands first.

    The first word comes first.
    """
    return slopes_of_bad_day()[::-1]


@_slopes.mistake
def _good_day() -> list[float]:
    """These are the slopes of the good day.

    On the bad day 0.2 is read first.
    """
    return _chain(GOOD_DAY)


@_slopes.mistake
def _good_day_turned() -> list[float]:
    """These are the good day's slopes, turned round.

    A slope does not go with its word: the bad day has states of its own, and
    its slopes are made of these.
    """
    return _chain(GOOD_DAY)[::-1]


@_slopes.mistake
def _states() -> list[float]:
    """These are the states, not the slopes.

    How much does the last state move when a word's number moves a little?
    """
    states, h = [], 0.0
    for x in BAD_DAY:
        h = math.tanh(x + 0.5 * h)
        states.append(h)
    return states


@_slopes.mistake
def _no_half() -> list[float]:
    """The factor 0.5 is missing.

    Each state enters the next one times 0.5, and so does a change of it.
    """
    return _chain(BAD_DAY, carry=1.0)


@_slopes.mistake
def _no_bend() -> list[float]:
    """The slopes of tanh are missing: only the factors 0.5 are there.

    The curve flattens: its slope is 1 minus the square of the state.
    """
    return _chain(BAD_DAY, bend=False)


@_slopes.mistake
def _own_steps() -> list[float]:
    """Each slope is that of its own step: how it reaches the end is missing.

    The first word's change passes through two more steps.
    """
    return [1 - h**2 for h in _states()]


@_slopes.mistake
def _input_slopes() -> list[float]:
    """You take the slope of tanh from the inputs, not from the states.

    1 minus the square of what tanh gave: of the state h.
    """
    a, b, c = (1 - x**2 for x in BAD_DAY)
    return [a * b * c / 4, b * c / 2, c]


@_slopes.mistake
def _of_tanh_inputs() -> list[float]:
    """You square what goes into tanh, not what comes out.

    The slope of tanh is 1 minus the square of the state.
    """
    ends = [1 - math.atanh(h) ** 2 for h in _states()]
    return [ends[0] * ends[1] * ends[2] / 4, ends[1] * ends[2] / 2, ends[2]]


@_slopes.mistake
def _not_squared() -> list[float]:
    """You take 1 minus the state, not 1 minus its square.

    The slope of tanh is 1 minus the square of what tanh gave.
    """
    a, b, c = (1 - h for h in _states())
    return [a * b * c / 4, b * c / 2, c]


@_slopes.mistake
def _without_last() -> list[float]:
    """The slope of the last tanh is missing from all three.

    Every change passes through the last step, too.
    """
    last = slopes_of_bad_day()[2]
    return [s / last for s in slopes_of_bad_day()]


def bias_for_half_life(k: float) -> float:
    """Bias b for which sigmoid(b) ** k is one half."""
    kept = 0.5 ** (1 / k)  # what the gate lets through at each word
    return math.log(kept / (1 - kept))


_bias = EXERCISES.exercise(
    bias_for_half_life,
    label="ex-03-open-enough",
    level="Warm-up",
    minutes=10,
    cases=[(1.0,), (2.0,), (3.0,), (10.0,), (100.0,)],
    atol=1e-4,
    hints=(
        "Let g be the gate. What must g be so that g ** k is one half?",
        "g is the k-th root of one half: 0.5 ** (1 / k). Now g = 1 / (1 + "
        "exp(-b)): solve for b.",
        "b = ln(g / (1 - g)).",
    ),
)


@_bias.mistake
def _gate(k: float) -> float:
    """You return the gate; the bias is wanted.

    The gate is sigmoid(b). Which b gives it?
    """
    return float(0.5 ** (1 / k))


@_bias.mistake
def _logarithm(k: float) -> float:
    """You take the logarithm of the gate as the bias.

    The gate is sigmoid(b), not exp(b).
    """
    return math.log(0.5) / k


@_bias.mistake
def _negative(k: float) -> float:
    """Your sign is exchanged: your gate closes.

    The longer the cell must survive, the larger the bias.
    """
    return -bias_for_half_life(k)


@_bias.mistake
def _linear(k: float) -> float:
    """You subtract 1 / (2 k) at each word; the gate multiplies.

    After k words a factor has been applied k times.
    """
    kept = 1 - 0.5 / k
    return math.log(kept / (1 - kept))


@_bias.mistake
def _power(k: float) -> float:
    """You take one half to the power of k.

    The gate, to the power of k, is one half: take the root.
    """
    kept = 0.5**k
    return math.log(kept / (1 - kept))


@_bias.mistake
def _odds(k: float) -> float:
    """The logarithm is missing: you return g / (1 - g).

    sigmoid(b) = g means exp(b) = g / (1 - g).
    """
    kept = 0.5 ** (1 / k)
    return float(kept / (1 - kept))


@_bias.mistake
def _of_whole_power(k: float) -> float:
    """You make sigmoid(k b) one half; the gate is raised to the power of k.

    Take sigmoid(b) first, then its power.
    """
    return 0.0


@_bias.mistake
def _base_two(k: float) -> float:
    """You take the logarithm to base 2 (or 10).

    The sigmoid is made of exp: take math.log.
    """
    return bias_for_half_life(k) / math.log(2)
