"""The stretch exercise of chapter 16: a switch of one's own."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from transformer_course.checking.exercise import Cases, Chapter, Space
from transformer_course.checking.watching import Seen

EXERCISES = Chapter("16")


def gains_of_my_switch(recipe: Any, budget: float) -> list[float]:
    """The GPT's loss minus the recipe's, a number for each seed.

    Stands in for the solution: numbers of a run.
    """
    return [0.458, 0.413, 0.36]


def _muon(space: Space) -> Cases:
    """The switch that is furthest ahead after two seconds."""
    return [(replace(space["base"], optimizer="Muon"), 2.0)]


def _signs(result: Any) -> str:
    gains = [float(gain) for gain in result]
    if len(gains) != 3:
        return f"{len(gains)} numbers"
    if min(gains) > 1.5:
        return "no differences of losses"
    if max(map(abs, gains)) < 1e-4:
        return "level"
    return "ahead" if min(gains) > 0.05 else "not ahead"


_gains = EXERCISES.exercise(
    gains_of_my_switch,
    label="ex-16-your-own-switch",
    level="Stretch",
    minutes=60,
    cases=_muon,
    seconds=25,
    needs=("base",),
    view=_signs,
    wanted="three numbers, one for each seed: the GPT's loss minus the "
    "recipe's (tried with Muon and 2 seconds, which gained in each)",
    hints=(
        "Which two functions of the chapter make a model that is measured by "
        "its seconds, and train several in turns?",
        "For each seed: start(base, seed) and start(recipe, seed), both in "
        "one call of race, then held_out_loss of each on validation_ids.",
        'runs = {"GPT": start(base, seed), "mine": start(recipe, seed)}; '
        "race(list(runs.values()), budget); the gain is the GPT's loss minus "
        "the other's, for seeds 0, 1 and 2.",
    ),
    solution="""
def gains_of_my_switch(recipe, budget):
    gains = []
    for seed in range(3):
        runs = {"GPT": start(base, seed), "mine": start(recipe, seed)}
        race(list(runs.values()), budget)
        ends = {
            name: held_out_loss(run.model, validation_ids, every=32)
            for name, run in runs.items()
        }
        gains.append(ends["GPT"] - ends["mine"])
    return gains
""",
)


@_gains.mistake
def _sign(recipe: Any, budget: float) -> list[float]:
    """Muon does not gain in your race: are the signs turned round?

    The gain is the GPT's loss minus the recipe's: above 0 where the recipe
    is better. And are both trained for the same seconds, in one race?
    """
    return [-0.458, -0.413, -0.36]


@_gains.mistake
def _same_model(recipe: Any, budget: float) -> list[float]:
    """Your gains are 0: both losses may be those of one model.

    Is `recipe` used, and is each loss that of its own run?
    """
    return [0.0, 0.0, 0.0]


@_gains.mistake
def _mean(recipe: Any, budget: float) -> list[float]:
    """You return one number; a gain for each of three seeds is wanted.

    Their spread is what tells a gain from chance.
    """
    return [0.41]


@_gains.mistake
def _two_seeds(recipe: Any, budget: float) -> list[float]:
    """You return two gains; three seeds are asked for.

    Seeds 0, 1 and 2.
    """
    return [0.458, 0.413]


@_gains.mistake
def _losses(recipe: Any, budget: float) -> list[float]:
    """These are losses; wanted are differences of two losses.

    The GPT's loss minus the recipe's.
    """
    return [2.9, 2.8, 2.9]


@_gains.telltale("start")
def _one_seed(seen: Seen) -> bool:
    """All your runs start from the same seed.

    Seeds 0, 1 and 2: the second argument of start.
    """
    seeds = [call["seed"] for call in seen["start"]]
    return len(seeds) > 2 and len(set(seeds)) == 1


@_gains.telltale("held_out_loss")
def _on_other_plays(seen: Seen) -> bool:
    """You do not measure on the validation plays.

    On train_ids who learns by heart wins; the test plays are for the end.
    """
    calls, right = seen["held_out_loss"], seen.space["validation_ids"]
    others = [seen.space["train_ids"], seen.space["test_ids"]]
    return bool(calls) and all(
        call["ids"] is not right and any(call["ids"] is o for o in others)
        for call in calls
    )


@_gains.telltale("start")
def _other_seeds_for_the_gpt(seen: Seen) -> bool:
    """Your GPT is not trained with each seed of the recipe's.

    A gain is the difference of two runs that share a seed.
    """
    base = seen.space["base"]
    seeds: dict[bool, set[int]] = {True: set(), False: set()}
    for call in seen["start"]:
        seeds[call["recipe"] == base].add(call["seed"])
    return bool(seeds[True]) and seeds[True] != seeds[False]


@_gains.telltale("race")
def _alone(seen: Seen) -> bool:
    """You train one model after the other; a race has both at once.

    race takes a list of runs: a spell in which the machine is slow then
    slows both.
    """
    return any(len(call["runs"]) == 1 for call in seen["race"])
