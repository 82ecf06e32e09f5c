"""The stretch exercise of chapter 14: a GPT and a 5-gram, mixed."""

from __future__ import annotations

import math
from typing import Any

from transformer_course.checking.exercise import Cases, Chapter, Space
from transformer_course.checking.watching import Seen

EXERCISES = Chapter("14")


def mixed_loss(model: Any, counts: Any, share: float) -> float:
    """Test loss of the mixture, in nats a character.

    Stands in for the solution: numbers of a run.
    """
    return 1.4312 if share == 1 else 1.4113


def _alone_and_mixed(space: Space) -> Cases:
    return [(space["writer"], space["counting"], s) for s in (1.0, 0.7)]


def _loss(result: Any) -> str:
    """Name a loss; every eighth stretch gives 0.01 less than all."""
    if isinstance(result, bool | str):
        raise TypeError(type(result))
    number = float(result)
    if math.isnan(number):
        return "not a number"
    for end, name in (
        (0, "negative"), (1.25, "far too low"), (1.37, "too low"),
        (1.415, "mixed"), (1.44, "the GPT's"), (1.51, "between"),
        (1.6, "the 5-gram's"), (1.99, "high"), (2.09, "bits"),
        (3.9, "too high"), (4.3, "perplexity"),
    ):  # fmt: skip
        if number < end:
            return name
    return "far too high"


_mixed = EXERCISES.exercise(
    mixed_loss,
    label="ex-14-where-does-context-help",
    level="Stretch",
    minutes=40,
    cases=_alone_and_mixed,
    seconds=50,
    needs=("writer", "counting"),
    view=_loss,
    wanted="one loss in nats a character, over stretches as in "
    "held_out_loss: the GPT's own with share 1, a lower one with share 0.7",
    hints=(
        "Both functions give a surprise for each character, and a surprise "
        "is minus the logarithm of a probability. Which of the two may be "
        "averaged with weights?",
        "next_losses(...).flatten() begins with character 1 of the text, "
        "ngram_losses with character order - 1. Cut both to the same "
        "characters before you mix.",
        "gpt = gpt[counts.order - 2 :], and the 5-gram's to the same length; "
        "mixed = share * exp(-gpt) + (1 - share) * exp(-five); the loss is "
        "the mean of -log(mixed).",
    ),
    solution="""
def mixed_loss(model, counts, share):
    length = model.config.max_seq_len
    stretches = test_ids.unfold(0, length + 1, length)  # (n, T + 1)
    with torch.no_grad():
        parts = [next_losses(model, part) for part in stretches.split(32)]
    gpt = torch.cat(parts).flatten()  # of characters 1, 2, 3 ...
    gpt = gpt[counts.order - 2 :]  # the 5-gram begins with character 4
    five = ngram_losses(counts, test_ids, discount=0.9)[: len(gpt)]
    mixed = share * gpt.neg().exp() + (1 - share) * five.neg().exp()
    return -mixed.log().mean().item()
""",
)


@_mixed.mistake
def _losses_mixed(model: Any, counts: Any, share: float) -> float:
    """Your mixture is worse than the GPT: do you average losses?

    Probabilities are mixed, character by character, and the logarithm comes
    after.
    """
    return 1.4312 if share == 1 else 1.469


@_mixed.mistake
def _shares_exchanged(model: Any, counts: Any, share: float) -> float:
    """With share 1 yours is the 5-gram: the shares are exchanged.

    `share` is what the GPT gets.
    """
    return 1.5576 if share == 1 else 1.454


@_mixed.mistake
def _beside_each_other(model: Any, counts: Any, share: float) -> float:
    """Your mixture is far too good: the two are about other characters.

    What one model finds hard meets what the other finds easy at another
    place. With which character of the text does each one begin?
    """
    return 1.4312 if share == 1 else 1.115


@_mixed.mistake
def _the_gpt_alone(model: Any, counts: Any, share: float) -> float:
    """With share 0.7 yours is no better than the GPT alone.

    Is the 5-gram mixed in, and with `share`?
    """
    return 1.4312


@_mixed.mistake
def _counts_alone(model: Any, counts: Any, share: float) -> float:
    """Yours is the 5-gram's loss, whatever the share.

    The GPT's probabilities are to be mixed in.
    """
    return 1.5576


@_mixed.mistake
def _validation(model: Any, counts: Any, share: float) -> float:
    """These look like losses on the validation plays.

    The share is chosen there; the loss is measured on the test plays.
    """
    return 1.4626 if share == 1 else 1.433


@_mixed.mistake
def _in_bits(model: Any, counts: Any, share: float) -> float:
    """Your losses are in bits; nats are wanted.

    The natural logarithm, which .log() gives.
    """
    return 2.065 if share == 1 else 2.034


@_mixed.mistake
def _perplexity(model: Any, counts: Any, share: float) -> float:
    """You return the perplexity; the loss is its logarithm.

    Leave the last exp out.
    """
    return 4.18 if share == 1 else 4.1


@_mixed.mistake
def _sign(model: Any, counts: Any, share: float) -> float:
    """Your losses are negative: a sign is missing.

    The surprise is minus the logarithm.
    """
    return -1.4312 if share == 1 else -1.41


@_mixed.mistake
def _summed(model: Any, counts: Any, share: float) -> float:
    """Your losses are sums over the characters; the mean is wanted.

    Or is a number of the run not what you think? Print a few of them.
    """
    return 485_000.0 if share == 1 else 478_000.0


@_mixed.mistake
def _mean_of_chances(model: Any, counts: Any, share: float) -> float:
    """Yours is far too low: is the logarithm taken of a mean?

    First the logarithm at every character, then the mean.
    """
    return 0.85 if share == 1 else 0.83


@_mixed.telltale("ngram_losses")
def _another_discount(seen: Seen) -> bool:
    """Your 5-gram has another discount than 0.9.

    The exercise fixes it, so that only the mixture changes.
    """
    calls = seen["ngram_losses"]
    return bool(calls) and all(call["discount"] != 0.9 for call in calls)


@_mixed.telltale("ngram_losses")
def _on_validation(seen: Seen) -> bool:
    """You measure on the validation plays.

    The share is chosen there; the loss is measured on test_ids.
    """
    ids = seen.space["validation_ids"]
    return any(call["ids"] is ids for call in seen["ngram_losses"])


@_mixed.telltale("ngram_losses")
def _stretch_by_stretch(seen: Seen) -> bool:
    """Your 5-gram judges each stretch by itself.

    At its beginning it then lacks the characters before. Give it the whole
    text, and cut afterwards.
    """
    return len(seen["ngram_losses"]) > len(seen.inputs)
