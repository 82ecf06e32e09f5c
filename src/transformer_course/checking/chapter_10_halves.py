"""Exercises of chapter 10 that need its trained model."""

from __future__ import annotations

from typing import Any

import torch

from transformer_course.checking.bands import share
from transformer_course.checking.exercise import Cases, Chapter, Space
from transformer_course.checking.watching import Seen

EXERCISES = Chapter("10")


def share_of_new_doers(model: Any, order: list[int]) -> float:
    """Share of sentences that end in the doer of the other sentence.

    Stands in for the solution: numbers of a run.
    """
    return 1.0 if order == sorted(order) else 0.8


def _orders(space: Space) -> Cases:
    n = len(space["test_items"])
    moved = [(i + 2) % n for i in range(n)]
    return [(space["model"], list(range(n))), (space["model"], moved)]


@share
def _share(number: float) -> str:
    if number > 0.97:
        return "all"
    return "most" if number >= 0.35 else "few"


_doers = EXERCISES.exercise(
    share_of_new_doers,
    label="ex-10-which-half-decides",
    level="Standard",
    minutes=20,
    cases=_orders,
    seconds=2,
    needs=("model", "test_items"),
    view=_share,
    wanted="one share from 0 to 1: all where every sentence keeps its own "
    "memory, most where the memories are exchanged",
    hints=(
        "halfway starts from four words that are given. Where do the two "
        "further words come from, and what is their number then?",
        "Encode the sentences of `order`, start greedy from target[:, :6], "
        "and look at the last word before <eos>.",
        "The new doer of sentence i is the last word of "
        "test_items[order[i]].target. Count how often the last word written "
        "equals it, and divide by the number of sentences.",
    ),
    solution="""
def share_of_new_doers(model, order):
    source, real, target = tensors(test_items)
    with torch.no_grad():
        memory = model.encode(source[order], real[order])
    start = target[:, :6]  # <bos> la pizza est mangée par
    written = greedy(model, memory, real[order], start)
    hits = 0
    for row, other in zip(written.tolist(), order):
        words = tokenizer.decode([i for i in row if i > EOS]).split()
        hits += words[-1] == test_items[other].target[-1]
    return hits / len(order)
""",
)


@_doers.mistake
def _old_doers(model: Any, order: list[int]) -> float:
    """You count the doers of the sentence itself, or keep its own memory.

    With the memories exchanged few of yours remain. Whose memory is read,
    and whose doer is looked for?
    """
    return 1.0 if order == sorted(order) else 0.1


@_doers.mistake
def _never(model: Any, order: list[int]) -> float:
    """You find few even where every sentence keeps its own memory.

    Print what is written and which word you compare: the last one before
    <eos>.
    """
    return 0.02


@_doers.mistake
def _count(model: Any, order: list[int]) -> float:
    """You return a count or percent; a share from 0 to 1 is wanted.

    Divide by the number of sentences.
    """
    return 400.0


@_doers.mistake
def _always(model: Any, order: list[int]) -> float:
    """You find all new doers, even where memories are exchanged.

    The words given, up to par, come from the sentence itself. Did you start
    from them, or let the model write the whole sentence?
    """
    return 1.0


@_doers.mistake
def _own_memory_fails(model: Any, order: list[int]) -> float:
    """Some sentences fail even where every one keeps its own memory.

    Is the padding mask put in the same order as the memory, and is the last
    word read before the padding?
    """
    return 0.6


def doer_accuracy(model: Any, with_blocks: bool) -> float:
    """Accuracy by pair of a linear read-out that points at the doer.

    Stands in for the solution: numbers of a run.
    """
    return 1.0


@share
def _accuracy(number: float) -> str:
    if number > 0.85:
        return "inside"
    return "half" if number > 0.3 else "low"


_read_out = EXERCISES.exercise(
    doer_accuracy,
    label="ex-10-an-encoder-alone",
    level="Stretch",
    minutes=30,
    cases=lambda space: [(space["model"], True), (space["model"], False)],
    seconds=4,
    needs=("model",),
    view=_accuracy,
    wanted="one share from 0 to 1, above 0.85 with the blocks and without",
    hints=(
        "Which vectors does the read-out get, with the blocks and without? "
        "Which of them need a gradient?",
        "Compute the vectors once under torch.no_grad(): model.encode(source, "
        "real), or model.embed(source). Train nn.Linear(64, 1) on them.",
        "Scores of padding become -inf; F.cross_entropy(scores, eater), "
        'eater from item.marks["eater"]; on the test compare argmax with it '
        "and give the result to tasks.pair_accuracy.",
    ),
    solution="""
def doer_accuracy(model, with_blocks):
    def vectors(items):
        source, real, _ = tensors(items)
        with torch.no_grad():
            x = model.encode(source, real) if with_blocks else model.embed(
                source
            )  # (B, T, D)
        return x, real, torch.tensor([i.marks["eater"] for i in items])

    def loss(layer, batch):
        x, real, eater = batch
        scores = layer(x).squeeze(-1).masked_fill(~real, -math.inf)
        return F.cross_entropy(scores, eater)

    with training.seeded(0):
        layer = nn.Linear(64, 1)
    training.train(
        layer, training.row_sampler(*vectors(draw(SEED)), batch_size=64), loss,
        n_steps=300, lr=1e-2, generator=torch.Generator().manual_seed(0),
    )
    x, real, eater = vectors(test_items)
    with torch.no_grad():
        scores = layer(x).squeeze(-1).masked_fill(~real, -math.inf)
    return tasks.pair_accuracy((scores.argmax(dim=1) == eater).tolist())
""",
)


@_read_out.mistake
def _untrained(model: Any, with_blocks: bool) -> float:
    """Your read-out is hardly ever right: it may not be trained.

    Is the loss falling? And does the target count places of the source?
    """
    return 0.05


@_read_out.mistake
def _half(model: Any, with_blocks: bool) -> float:
    """Your read-out is right about half of the time.

    Sentences are active or passive. More steps, a larger learning rate? And
    is padding left out?
    """
    return 0.5


@_read_out.mistake
def _percent(model: Any, with_blocks: bool) -> float:
    """You return percent or a count; a share from 0 to 1 is wanted.

    tasks.pair_accuracy gives a share.
    """
    return 99.0


@_read_out.mistake
def _no_positions(model: Any, with_blocks: bool) -> float:
    """Without the blocks your read-out fails: positions may be missing.

    Embeddings plus positions: model.embed gives both.
    """
    return 1.0 if with_blocks else 0.1


@_read_out.mistake
def _none_without(model: Any, with_blocks: bool) -> float:
    """Without the blocks you find none: are the positions missing?

    Embeddings plus positions: model.embed gives both. With the blocks yours
    finds about half: it may be trained too briefly.
    """
    return 0.5 if with_blocks else 0.1


@_read_out.mistake
def _half_without(model: Any, with_blocks: bool) -> float:
    """Without the blocks you find about half: are the positions missing?

    Embeddings plus positions: model.embed gives both.
    """
    return 1.0 if with_blocks else 0.5


@_doers.telltale("greedy")
def _too_few_given(seen: Seen) -> bool:
    """You give the model fewer words than the six of the exercise.

    `<bos> la pizza est mangée par` are given; halfway gives four of them.
    """
    calls = seen["greedy"]
    return bool(calls) and all(call["start"].size(1) < 6 for call in calls)


@_doers.telltale("greedy")
def _own_padding(seen: Seen) -> bool:
    """The padding mask is that of the sentence itself, not of the memory.

    The memories were put into another order: so must be their mask.
    """
    _, real, _ = seen.space["tensors"](seen.space["test_items"])
    for call, (_, order) in zip(seen["greedy"], seen.inputs, strict=True):
        mine, right = call["real"], real[order]
        if torch.equal(mine, real) and not torch.equal(mine, right):
            return True
    return False


@_read_out.telltale("training.row_sampler")
def _fitted_on_the_test(seen: Seen) -> bool:
    """Your read-out is trained on the test sentences.

    It is measured there: train it on draw's training sentences.
    """
    items = seen.space["test_items"]
    doers = torch.tensor([item.marks["eater"] for item in items])
    calls = seen["training.row_sampler"]
    columns = [column for call in calls for column in call["tensors"]]
    return any(torch.equal(column, doers) for column in columns)


@_doers.telltale("exchange")
def _genders_alone(seen: Seen) -> bool:
    """You count only exchanges between two genders, as halfway does.

    All of test_items count here.
    """
    return bool(seen["exchange"])
