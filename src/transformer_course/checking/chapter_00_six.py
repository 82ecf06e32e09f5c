"""The stretch exercise of chapter 0: six letters of context."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from transformer_course.checking.exercise import Chapter
from transformer_course.checking.watching import Seen

EXERCISES = Chapter("00")


def context_by_steps(
    contexts: Any, n_steps: Any, n_seeds: int = 4
) -> dict[tuple[int, int], list[float]]:
    """Return {(n_context, n_steps): [validation loss of each seed]}.

    Stands in for the solution: numbers of a run.
    """
    return {
        (1, 20): [2.568, 2.576],
        (1, 100): [2.345, 2.331],
        (4, 20): [2.545, 2.522],
        (4, 100): [2.115, 2.111],
    }


def _losses(result: Any) -> str:
    bands = {(1, 20): 2.57, (1, 100): 2.34, (4, 20): 2.53, (4, 100): 2.11}
    if set(result) == {(n, k) for k, n in bands}:
        return "keys exchanged"
    if set(result) != set(bands):
        return "other keys"
    if not all(isinstance(v, list | tuple) for v in result.values()):
        return "no lists"
    if any(len(v) != 2 for v in result.values()):
        return "another number of seeds"
    if any(v[0] == v[1] for v in result.values()):
        return "the same seed twice"
    apart = [
        (float(v) - bands[k]) / bands[k]
        for k, vs in result.items()
        for v in vs
    ]
    if all(abs(a) < 0.06 for a in apart):
        return "inside"
    if all(0.35 < a < 0.55 for a in apart):
        return "in bits"
    if all(a < -0.06 for a in apart):
        return "below"
    return "outside"


_six = EXERCISES.exercise(
    context_by_steps,
    label="ex-00-six",
    level="Stretch",
    minutes=30,
    cases=[((1, 4), (20, 100), 2)],
    seconds=8,
    view=_losses,
    wanted="{(n_context, n_steps): [loss, loss]}, tried with contexts 1 and "
    "4, 20 and 100 steps and two seeds: 2.1 to 2.6 nats on the validation "
    "text",
    hints=(
        "`trained` takes the context and the seed, and any change of the "
        "settings. Which setting is to change here?",
        "Loop over contexts, steps and seeds. Judge on the validation text: "
        "whoever chooses on the test text has used it up.",
        "held_out(trained(k, seed, n_steps=n)[0], validation_text) for each "
        "seed in range(n_seeds), under the key (k, n).",
    ),
    solution="""
def context_by_steps(contexts, n_steps, n_seeds=4):
    return {
        (k, n): [
            held_out(trained(k, seed, n_steps=n)[0], validation_text)
            for seed in range(n_seeds)
        ]
        for k in contexts
        for n in n_steps
    }
""",
)


def _changed(change: Callable[[float], Any]) -> dict[tuple[int, int], Any]:
    found = context_by_steps((), ())
    return {k: [change(v) for v in vs] for k, vs in found.items()}


@_six.mistake
def _exchanged(c: Any, n: Any, seeds: int = 4) -> Any:
    """Your keys are (n_steps, n_context).

    The docstring has the context first.
    """
    return {(n, k): v for (k, n), v in context_by_steps(c, n).items()}


@_six.mistake
def _means(c: Any, n: Any, seeds: int = 4) -> Any:
    """You give one number a setting, not the list of its seeds.

    Without the seeds nobody can see the spread.
    """
    return {k: sum(v) / 2 for k, v in context_by_steps(c, n).items()}


@_six.mistake
def _always_four(c: Any, n: Any, seeds: int = 4) -> Any:
    """Your lists do not have n_seeds numbers.

    Is n_seeds used?
    """
    return {k: v * 2 for k, v in context_by_steps(c, n).items()}


@_six.mistake
def _same_seed(c: Any, n: Any, seeds: int = 4) -> Any:
    """All seeds of a setting give exactly the same loss.

    Does the seed reach `trained`?
    """
    return {k: v[:1] * 2 for k, v in context_by_steps(c, n).items()}


@_six.mistake
def _bits(c: Any, n: Any, seeds: int = 4) -> Any:
    """Your losses are in bits.

    held_out gives nats; so does the chapter's picture.
    """
    return _changed(lambda v: v / 0.6931)


@_six.mistake
def _too_low(c: Any, n: Any, seeds: int = 4) -> Any:
    """Your losses are lower than so few steps allow.

    Does n_steps reach `trained`? It trains 800 steps unless told otherwise.
    """
    return _changed(lambda v: 0.8 * v)


def _judged_on(seen: Seen, text: str) -> bool:
    """Say whether every loss was measured on this text of the chapter."""
    calls = seen["held_out"]
    return bool(calls) and all(c["text"] is seen.space[text] for c in calls)


@_six.telltale("held_out")
def _on_the_test_text(seen: Seen) -> bool:
    """You judge the settings on the test text.

    Whoever chooses by the test text has used it up: take validation_text.
    """
    return _judged_on(seen, "test_text")


@_six.telltale("held_out")
def _on_the_training_text(seen: Seen) -> bool:
    """You measure on the text that the models were trained on.

    A longer context can learn it by heart. Take validation_text.
    """
    return _judged_on(seen, "train_text")


@_six.telltale("trained")
def _training_losses(seen: Seen) -> bool:
    """You return losses of the training, not of the validation text.

    held_out measures a model on a text that it has not read.
    """
    losses = {loss for call in seen["trained"] for loss in call.result[1]}
    found = [v for vs in seen.results[0].values() for v in vs]
    return set(found) <= losses


@_six.telltale("trained")
def _steps_not_handed_on(seen: Seen) -> bool:
    """The number of steps does not reach `trained`.

    Unless told otherwise it trains 800 steps: n_steps=... is the change.
    """
    calls = seen["trained"]
    return bool(calls) and not any("n_steps" in c["changes"] for c in calls)


@_six.telltale("training.train", "trained")
def _trained_on(seen: Seen) -> bool:
    """You go on training a model that has been measured before.

    A model of n steps is to start anew: else it has had the steps of the
    smaller numbers besides.
    """
    models = [id(call["model"]) for call in seen["training.train"]]
    return not seen["trained"] and len(set(models)) < len(models)
