"""Exercises of chapter 8 that train: a third place, and a start at zero."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

from transformer_course.checking.bands import place
from transformer_course.checking.exercise import Chapter
from transformer_course.checking.watching import Seen

EXERCISES = Chapter("08")


def third_place(seed: int) -> dict[str, float]:
    """Length after 12 layers, first gradient, accuracy of 6 layers.

    Stands in for the solution: numbers of a run.
    """
    return {"length": 18.5, "gradient": 0.12, "accuracy": 0.997}


def _three(result: Any) -> str:
    """Judge three numbers in this order, whatever their keys."""
    values = [float(value) for value in result.values()]
    if len(values) != 3:
        return f"{len(values)} numbers"
    length, gradient, accuracy = values
    if place(accuracy, 0, 1) != "inside":
        return "accuracy is no share"
    if accuracy < 0.9:
        return "does not learn"
    if length < 10:
        return "short"
    if length > 60:
        return "long"
    return "inside" if 0.01 < gradient < 10 else "gradient outside"


_third = EXERCISES.exercise(
    third_place,
    label="ex-08-a-third-place",
    level="Standard",
    minutes=20,
    cases=[(0,)],
    seconds=20,
    view=_three,
    wanted='{"length": ..., "gradient": ..., "accuracy": ...}: a length of '
    "10 to 60, nearly all sentences right",
    hints=(
        "A subclass of Bare has one method to write, forward. Where does "
        "self.norm stand?",
        "x + self.norm(self.f(x, mask)). Put the class into ARMS, and "
        "at_start and build know it by its name.",
        'at_start(name, seed)["length"][-1] and ["gradient"][0]; then build '
        "six layers, fit them on tensors(tasks.make(TASK, 2000, seed)), and "
        "measure accuracy on the test sentences.",
    ),
    solution="""
class ThirdPlace(Bare):
    def forward(self, x, mask):
        return x + self.norm(self.f(x, mask))


def third_place(seed):
    ARMS["third place"] = (ThirdPlace, True)
    start = at_start("third place", seed)
    model = build("third place", 6, seed)
    fit(model, tensors(tasks.make(TASK, 2000, seed)), seed)
    test = tensors(tasks.make(TASK, 500, seed, "test"))
    return {
        "length": start["length"][-1],
        "gradient": start["gradient"][0],
        "accuracy": accuracy(model, test),
    }
""",
)


@_third.mistake
def _post_norm(seed: int) -> dict[str, float]:
    """Your vectors stay short: does the norm stand elsewhere?

    Only what the layer gives goes through it: neither the sum, as in
    post-norm, nor what goes into the layer, as in pre-norm. And the length
    is measured in front of the stack's last norm.
    """
    return {"length": 5.66, "gradient": 0.3, "accuracy": 0.997}


@_third.mistake
def _no_copy(seed: int) -> dict[str, float]:
    """Your six layers learn nothing.

    Is the copy added, and is the model that you measure the one you trained?
    """
    return {"length": 18.5, "gradient": 0.12, "accuracy": 0.5}


@_third.mistake
def _all_lengths(seed: int) -> dict[str, float]:
    """Your vectors are very long: a sum over words or layers, perhaps.

    Take the mean length of a word's vector after the last layer.
    """
    return {"length": 190.0, "gradient": 0.12, "accuracy": 0.997}


@_third.mistake
def _percent(seed: int) -> dict[str, float]:
    """Your accuracy is no share from 0 to 1.

    The order is: length, gradient, accuracy.
    """
    return {"length": 18.5, "gradient": 0.12, "accuracy": 99.7}


@_third.mistake
def _two_numbers(seed: int) -> dict[str, float]:
    """Three numbers are wanted, and you return two.

    Length after 12 layers, first gradient, accuracy of 6 layers.
    """
    return {"length": 18.5, "gradient": 0.12}


def zero_start(seed: int) -> dict[str, float]:
    """Accuracy of 12 pre-norm layers: as drawn, and started at zero.

    Stands in for the solution: numbers of a run.
    """
    return {"as drawn": 1.0, "zero": 1.0}


def _two(result: Any) -> str:
    drawn, zero = (float(value) for value in result.values())
    if not 0 <= drawn <= 1 or not 0 <= zero <= 1:
        return "no shares"
    if zero < 0.9:
        return "zero does not learn"
    if drawn < 0.75:
        return "drawn does not learn"
    return "inside" if drawn != zero or drawn > 0.98 else "the same"


_zero = EXERCISES.exercise(
    zero_start,
    label="ex-08-start-as-a-copy",
    level="Stretch",
    minutes=30,
    cases=[(0,)],
    seconds=100,
    view=_two,
    wanted="two shares from 0 to 1, as drawn and started at zero, both near 1",
    hints=(
        "What does a layer of attention give whose out_proj is all zeros? "
        "And what is left of x + f(norm(x))?",
        'build("pre-norm", 12, seed) makes the stack. For each of its '
        "layers, set the weight and the bias of attention.out_proj to 0.",
        "nn.init.zeros_ on every parameter of layer.attention.out_proj before "
        "fit, on the second model alone; accuracy of both on the test.",
    ),
    solution="""
def zero_start(seed):
    data = tensors(tasks.make(TASK, 2000, seed))
    test = tensors(tasks.make(TASK, 500, seed, "test"))
    result = {}
    for name in ("as drawn", "zero"):
        model = build("pre-norm", 12, seed)
        if name == "zero":
            for layer in model.layers:
                for weight in layer.attention.out_proj.parameters():
                    nn.init.zeros_(weight)
        fit(model, data, seed)
        result[name] = accuracy(model, test)
    return result
""",
)


@_zero.mistake
def _everything_zero(seed: int) -> dict[str, float]:
    """Your start at zero learns nothing.

    Are other weights set to 0, too? Then no gradient reaches out_proj. And
    are gradients still recorded after the start?
    """
    return {"as drawn": 0.99, "zero": 0.5}


@_zero.mistake
def _untrained(seed: int) -> dict[str, float]:
    """Your stack as drawn does not learn.

    Is it trained, and is it pre-norm with its last norm?
    """
    return {"as drawn": 0.5, "zero": 1.0}


@_zero.mistake
def _same_model(seed: int) -> dict[str, float]:
    """Both of your models score exactly the same.

    Are they two models, and is the start at zero set before training?
    """
    return {"as drawn": 0.95, "zero": 0.95}


@_zero.mistake
def _percents(seed: int) -> dict[str, float]:
    """Your numbers are no shares from 0 to 1.

    The function accuracy gives a share.
    """
    return {"as drawn": 99.0, "zero": 100.0}


def _known(seen: Seen) -> bool:
    """Say whether accuracy saw only data that a stack was fitted on."""
    calls, taught = seen["accuracy"], [c["data"][0] for c in seen["fit"]]
    return bool(calls and taught) and all(
        any(torch.equal(call["batch"][0], ids) for ids in taught)
        for call in calls
    )


def _depths(seen: Seen) -> set[int]:
    """Give the numbers of layers of the stacks that were fitted."""
    return {len(call["model"].layers) for call in seen["fit"]}


@_third.telltale("accuracy", "fit")
def _training_sentences(seen: Seen) -> bool:
    """You measure the accuracy on the sentences that were trained on.

    tasks.make(TASK, 500, seed, "test") makes new ones.
    """
    return _known(seen)


@_third.telltale("fit")
def _not_six(seen: Seen) -> bool:
    """You do not train six layers.

    Length and gradient are those of twelve untrained layers; six are
    trained.
    """
    return bool(_depths(seen)) and _depths(seen) != {6}


def _same_as(seen: Seen, place: int, name: str, layer: int) -> bool:
    """Say whether a result is at_start's number of a wrong layer."""
    starts = [call.result[name] for call in seen["at_start"]]
    value = list(seen.results[0].values())[place]
    right = -1 if layer == 0 else 0
    return any(start[layer] == value != start[right] for start in starts)


@_third.telltale("at_start")
def _first_length(seen: Seen) -> bool:
    """Your length is that of the words before the first layer.

    at_start gives one length a layer, the words' own first: take the last.
    """
    return _same_as(seen, 0, "length", 0)


@_third.telltale("at_start")
def _last_gradient(seen: Seen) -> bool:
    """Your gradient is that of the last layer.

    at_start gives one a layer: the first layer's is the first.
    """
    return _same_as(seen, 1, "gradient", -1)


@_zero.telltale("accuracy", "fit")
def _training_sentences_again(seen: Seen) -> bool:
    """You measure on the sentences that the stacks were trained on.

    tasks.make(TASK, 500, seed, "test") makes new ones.
    """
    return _known(seen)


@_zero.telltale("fit")
def _not_twelve(seen: Seen) -> bool:
    """You do not train twelve layers.

    build takes their number.
    """
    return bool(_depths(seen)) and _depths(seen) != {12}


@_zero.telltale("fit")
def _one_trained(seen: Seen) -> bool:
    """You train one stack only.

    Both are trained: the one as drawn, and the one that starts at zero.
    """
    return len(seen["fit"]) == 1


@_third.telltale("at_start", "build", "fit")
def _no_twelve(seen: Seen) -> bool:
    """You measure length and gradient on no stack of twelve layers.

    They are asked of twelve untrained layers, as at_start measures them.
    """
    sizes = {call["n_layers"] for call in seen["build"]}
    return not seen["at_start"] and bool(sizes) and 12 not in sizes


@_third.telltale("fit")
def _no_last_norm(seen: Seen) -> bool:
    """Your stack has no last norm.

    build puts one where ARMS says True.
    """
    lasts = [call["model"].last for call in seen["fit"]]
    return bool(lasts) and all(isinstance(last, nn.Identity) for last in lasts)


@_zero.telltale("fit")
def _trained_further(seen: Seen) -> bool:
    """Your start at zero is no start: the stack was trained before.

    Build a second one, and set its out_proj to 0 before any training.
    """
    models = [id(call["model"]) for call in seen["fit"]]
    return len(set(models)) < len(models)
