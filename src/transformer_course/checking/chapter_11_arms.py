"""The stretch exercise of chapter 11: does one job help another?"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping
from typing import Any

from transformer_course.checking.bands import share
from transformer_course.checking.exercise import Chapter
from transformer_course.checking.watching import Seen
from transformer_course.world import tasks

EXERCISES = Chapter("11")


def arms_compared(n_steps: int) -> dict[str, list[dict[str, float]]]:
    """For each arm a list over seeds of shares by job.

    Stands in for the solution: numbers of a run.
    """
    few = [{"<answer>": 0.0, "<summarize>": 0.0} for _ in range(3)]
    return {"both": few, "summaries": few, "questions": few}


@share
def _early(number: float) -> str:
    """Sixty steps teach next to nothing that counts in pairs."""
    return "few" if number < 0.2 else "many"


def _table(result: Any) -> tuple[str, ...]:
    """Say how many arms, seeds and jobs there are, and how large shares."""
    if not isinstance(result, Mapping):
        raise TypeError(type(result))
    if any(isinstance(seeds, Mapping) for seeds in result.values()):
        return ("a dictionary an arm",)
    jobs = [job for seeds in result.values() for job in seeds]
    kinds = {_early(value) for job in jobs for value in job.values()}
    return (
        f"{len(result)} arms",
        f"{sorted({len(seeds) for seeds in result.values()})} seeds",
        f"{sorted({len(job) for job in jobs})} jobs",
        *sorted(kinds),
    )


_arms = EXERCISES.exercise(
    arms_compared,
    label="ex-11-does-one-job-help",
    level="Stretch",
    minutes=45,
    cases=[(60,)],
    seconds=60,
    view=_table,
    wanted="a dictionary of three arms, each a list of three seeds, each a "
    "dictionary of two shares from 0 to 1. It is tried with 60 steps, which "
    "teach next to nothing; what 560 steps teach you compare yourself",
    hints=(
        "summary_lessons gives one lesson a story: the summary and two "
        "questions. What is left of a lesson in the other two arms?",
        "Alone: lesson[:1]. Questions alone: lesson[1:], where there are "
        "any. So all arms read the same stories in as many steps; say which "
        "numbers then differ.",
        'fit(model, ["<summarize>"], seed, n_steps, {"<summarize>": ...}) '
        "with a function that cuts the lessons, a fresh build(seed) for each "
        "arm, then tasks.pair_accuracy(score(model, test[token])) of both "
        "jobs.",
    ),
    solution="""
def arms_compared(n_steps):
    def alone(n, rng):
        return [lesson[:1] for lesson in summary_lessons(n, rng)]

    def questions(n, rng):
        lessons = [lesson[1:] for lesson in summary_lessons(n, rng)]
        return [lesson for lesson in lessons if lesson]

    arms = {"both": summary_lessons, "summaries": alone,
            "questions": questions}
    test = {token: draw(token, n_pairs=100, seed=0) for token in TWO}
    found = {name: [] for name in arms}
    for name, lessons in arms.items():
        for seed in range(3):
            model = build(seed)
            jobs = {"<summarize>": lessons}  # the same stories in each arm
            fit(model, jobs, seed, n_steps, jobs)
            found[name].append({
                token: tasks.pair_accuracy(score(model, examples))
                for token, examples in test.items()
            })
    return found
""",
)


def _with(
    arms: int = 3, seeds: int = 3, jobs: int = 2, value: float = 0.0
) -> dict[str, list[dict[str, float]]]:
    one = {str(job): value for job in range(jobs)}
    return {str(arm): [one] * seeds for arm in range(arms)}


@_arms.mistake
def _one_seed(n_steps: int) -> dict[str, list[dict[str, float]]]:
    """You have one seed an arm; three are asked for.

    With one nobody can tell an arm from chance.
    """
    return _with(seeds=1)


@_arms.mistake
def _means(n_steps: int) -> dict[str, dict[str, float]]:
    """You return means over the seeds; a list over seeds is wanted.

    Their spread tells what a difference of two arms is worth.
    """
    return {"both": {"0": 0.0}, "summaries": {"0": 0.0}, "questions": {}}


@_arms.mistake
def _one_job(n_steps: int) -> dict[str, list[dict[str, float]]]:
    """You measure one job; both are asked for, in every arm.

    The other job of an arm tells what it learned without lessons: nothing?
    """
    return _with(jobs=1)


@_arms.mistake
def _two_arms(n_steps: int) -> dict[str, list[dict[str, float]]]:
    """You have two arms; there are three.

    Summaries with questions, summaries alone, questions alone.
    """
    return _with(arms=2)


@_arms.mistake
def _percent(n_steps: int) -> dict[str, list[dict[str, float]]]:
    """Your numbers are no shares from 0 to 1: percent, or counts?

    tasks.pair_accuracy gives shares.
    """
    return _with(value=20.0)


@_arms.mistake
def _too_good(n_steps: int) -> dict[str, list[dict[str, float]]]:
    """All your models are too good for 60 steps: is n_steps used?

    And are pairs counted, on test items? A pair is right if both members
    are.
    """
    return _with(value=0.5)


@_arms.mistake
def _some_too_good(n_steps: int) -> dict[str, list[dict[str, float]]]:
    """Some of your models are too good for 60 steps.

    Does each arm and each seed begin with a fresh build(seed)? Is n_steps
    used, and are pairs counted, on test items?
    """
    found = _with()
    found["0"] = [{"0": 0.5, "1": 0.0}] * 3
    return found


def _taught(seen: Seen) -> list[tuple[tuple[str, int], ...]]:
    """List what each training teaches: its examples by task token."""
    found = []
    for call in seen["fit"]:
        counts = Counter[str]()
        for job in call["jobs"]:
            lessons = call["lessons"][job](20, random.Random(0))
            counts.update(e.prompt[0] for few in lessons for e in few)
        found.append(tuple(sorted(counts.items())))
    return found


@_arms.telltale("fit")
def _never_alone(seen: Seen) -> bool:
    """None of your arms is taught summaries alone.

    summary_lessons carries two questions a story beside its summary. Cut
    the lessons: lesson[:1] is the summary, lesson[1:] are the questions.
    """
    return len(seen["fit"]) >= 9 and not any(
        [token for token, _ in taught] == ["<summarize>"]
        for taught in _taught(seen)
    )


@_arms.telltale("fit")
def _same_lessons(seen: Seen) -> bool:
    """Two of your arms are trained on the same lessons.

    Summaries with questions, summaries alone, questions alone.
    """
    return len(seen["fit"]) >= 9 and len(set(_taught(seen))) < 3


@_arms.telltale("fit")
def _trained_on(seen: Seen) -> bool:
    """One of your models is trained in more than one arm.

    Each arm and seed begins with a fresh build(seed).
    """
    models = [id(call["model"]) for call in seen["fit"]]
    return len(set(models)) < len(models)


@_arms.telltale("score")
def _by_item(seen: Seen) -> bool:
    """You return shares of examples; shares of pairs are wanted.

    A pair is right if both members are: tasks.pair_accuracy(hits).
    """
    hits = [call.result for call in seen["score"]]
    items = {sum(h) / len(h) for h in hits}
    pairs = {tasks.pair_accuracy(h) for h in hits}
    found = {
        float(value)
        for seeds in seen.results[0].values()
        for jobs in seeds
        for value in jobs.values()
    }
    return bool(hits) and found <= items and not found <= pairs


@_arms.telltale("draw")
def _training_stories(seen: Seen) -> bool:
    """You test on stories of the training split.

    draw takes the test split unless told otherwise.
    """
    return any(call["split"] == "train" for call in seen["draw"])
