"""The stretch exercise of chapter 3: the smallest mixture."""

from __future__ import annotations

from transformer_course.checking.bands import share
from transformer_course.checking.exercise import Chapter
from transformer_course.checking.watching import Seen

EXERCISES = Chapter("03")


def accuracy_at_64(distances: tuple[int, ...]) -> float:
    """Accuracy with 64 words between, trained on some distances.

    Stands in for the solution: numbers of a run.
    """
    return 0.05 if distances == (64,) else 0.99


@share
def _recall(number: float) -> str:
    if number < 0.3:
        return "low"
    return "half" if number < 0.8 else "high"


_mixture = EXERCISES.exercise(
    accuracy_at_64,
    label="ex-03-smallest-mixture",
    level="Stretch",
    minutes=30,
    cases=[((64,),), ((1, 2, 4, 8, 16, 32, 64, 80),)],
    seconds=60,
    view=_recall,
    wanted="a share from 0 to 1: low when trained on (64,) alone, high when "
    "trained on (1, 2, 4, 8, 16, 32, 64, 80)",
    hints=(
        "Which function of the chapter trains on several distances, and "
        "which measures at one?",
        "Train on the distances that are given, but always measure with 64 "
        "words between.",
        'recall_accuracy(trained("LSTM", distances, 1000), 64).',
    ),
    solution="""
def accuracy_at_64(distances):
    return recall_accuracy(trained("LSTM", distances, 1000), 64)
""",
)


@_mixture.mistake
def _open_gate(distances: tuple[int, ...]) -> float:
    """Yours recalls 64 words even when trained on that distance alone.

    The chapter's LSTM does not. Is the forget gate opened, or are other
    distances trained on, too?
    """
    return 0.99


@_mixture.mistake
def _mean_of_readers(distances: tuple[int, ...]) -> float:
    """Yours recalls about half of the time after the mixture.

    One reader that is trained on all distances recalls nearly always. Do you
    train one for each distance, and return their mean?
    """
    return 0.05 if distances == (64,) else 0.5


@_mixture.mistake
def _never(distances: tuple[int, ...]) -> float:
    """Yours never recalls, not even after a mixture with short distances.

    Do all distances reach the training, and is it 1,000 steps long?
    """
    return 0.05


@_mixture.mistake
def _percent(distances: tuple[int, ...]) -> float:
    """Your number is no share from 0 to 1.

    recall_accuracy gives a share.
    """
    return 99.0


@_mixture.telltale("recall_accuracy")
def _another_distance(seen: Seen) -> bool:
    """You measure with another number of words between than 64.

    Which distances are trained on changes; the test is always 64.
    """
    calls = seen["recall_accuracy"]
    return len(calls) <= len(seen.inputs) and any(
        call["distance"] != 64 for call in calls
    )


@_mixture.telltale("recall_accuracy")
def _mean_of_tests(seen: Seen) -> bool:
    """You measure at several distances and return their mean.

    Which distances are trained on changes; the test is always 64.
    """
    calls = seen["recall_accuracy"]
    several = len({call["distance"] for call in calls}) > 1
    return several and len(calls) > len(seen.inputs)


@_mixture.telltale("trained")
def _one_each(seen: Seen) -> bool:
    """You train one reader for each distance.

    One reader is trained on all the distances together.
    """
    asked = {distances for (distances,) in seen.inputs}
    used = [tuple(call["distances"]) for call in seen["trained"]]
    return bool(set(used) - asked) and all(len(few) == 1 for few in used)


@_mixture.telltale("trained")
def _other_distances(seen: Seen) -> bool:
    """You train on other distances than those that are given.

    Is something added to them, or left out?
    """
    asked = [sorted(distances) for (distances,) in seen.inputs]
    used = [sorted(call["distances"]) for call in seen["trained"]]
    return bool(used) and any(few not in asked for few in used)


@_mixture.telltale("trained")
def _not_the_lstm(seen: Seen) -> bool:
    """You train another reader than the LSTM.

    The chapter's trained takes its name first.
    """
    calls = seen["trained"]
    return bool(calls) and all(call["name"] != "LSTM" for call in calls)
