"""Exercises of chapter 5: one matrix for two, and the other road."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from transformer_course.checking.bands import each
from transformer_course.checking.exercise import Chapter
from transformer_course.checking.watching import Seen

EXERCISES = Chapter("05")


def scores_with_one_matrix(x: Tensor, w_q: Tensor, w_k: Tensor) -> Tensor:
    """Undivided scores (T, T) through M = W_Q W_K^T, of shape (D, D)."""
    m = w_q @ w_k.T  # (D, D)
    return x @ m @ x.T


def _draw(t: int, d: int, d_k: int, seed: int) -> tuple[Tensor, ...]:
    generator = torch.Generator().manual_seed(seed)
    shapes = ((t, d), (d, d_k), (d, d_k))
    return tuple(torch.randn(*s, generator=generator) for s in shapes)


_one_matrix = EXERCISES.exercise(
    scores_with_one_matrix,
    label="ex-05-two-matrices",
    level="Standard",
    minutes=15,
    cases=[
        _draw(1, 2, 2, 0),
        _draw(2, 2, 2, 1),
        _draw(3, 3, 3, 2),
        _draw(3, 5, 2, 3),
    ],
    atol=1e-4,
    hints=(
        "Write the scores as (x w_q)(x w_k)^T and multiply the transpose "
        "out. In which order do the two factors come?",
        "(A B)^T = B^T A^T. So x w_q stays, and w_k^T x^T follows.",
        "m = w_q @ w_k.T, then x @ m @ x.T.",
    ),
)


@_one_matrix.mistake
def _no_transpose(x: Tensor, w_q: Tensor, w_k: Tensor) -> Tensor:
    """You multiply W_Q by W_K, not by its transpose.

    The keys stand transposed in the scores, and so does their matrix.
    """
    return x @ (w_q @ w_k) @ x.T


@_one_matrix.mistake
def _transposed_first(x: Tensor, w_q: Tensor, w_k: Tensor) -> Tensor:
    """You transpose W_Q, not W_K.

    With narrow matrices the shape of your M is (d_k, d_k); wanted is
    (D, D).
    """
    return x @ (w_q.T @ w_k) @ x.T


@_one_matrix.mistake
def _keys_ask(x: Tensor, w_q: Tensor, w_k: Tensor) -> Tensor:
    """Queries and keys are exchanged: your scores are transposed.

    Row t holds the scores of the word t that asks.
    """
    return x @ (w_k @ w_q.T) @ x.T


@_one_matrix.mistake
def _divided(x: Tensor, w_q: Tensor, w_k: Tensor) -> Tensor:
    """Your scores are divided by the root of the width.

    The exercise asks for undivided scores.
    """
    return scores_with_one_matrix(x, w_q, w_k) / math.sqrt(w_q.size(1))


@_one_matrix.mistake
def _divided_by_width_of_words(x: Tensor, w_q: Tensor, w_k: Tensor) -> Tensor:
    """Your scores are divided, and by the root of D, not of d_k.

    The exercise asks for undivided scores.
    """
    return scores_with_one_matrix(x, w_q, w_k) / math.sqrt(x.size(1))


@_one_matrix.mistake
def _softmax(x: Tensor, w_q: Tensor, w_k: Tensor) -> Tensor:
    """You return weights: a softmax was taken.

    The exercise asks for scores.
    """
    return scores_with_one_matrix(x, w_q, w_k).softmax(dim=-1)


@_one_matrix.mistake
def _elementwise(x: Tensor, w_q: Tensor, w_k: Tensor) -> Tensor:
    """Your M is made with *, number by number.

    A product of matrices is written @.
    """
    return x @ (w_q * w_k) @ x.T


@_one_matrix.mistake
def _without_words(x: Tensor, w_q: Tensor, w_k: Tensor) -> Tensor:
    """You return M itself: the words are missing.

    The scores have the shape (T, T).
    """
    return w_q @ w_k.T


@_one_matrix.mistake
def _one_side(x: Tensor, w_q: Tensor, w_k: Tensor) -> Tensor:
    """The words stand on one side of M alone.

    A score needs the word that asks and the word that is asked.
    """
    return x @ (w_q @ w_k.T)


def barred_reader(seed: int) -> dict[str, float]:
    """Accuracy by item of a reader without the road through "it", by kind.

    Stands in for the solution: the numbers of the committed runs.
    """
    return {"pronoun-typed": 0.99, "pronoun-role-bound": 0.98}


_barred = EXERCISES.exercise(
    barred_reader,
    label="ex-05-the-other-road",
    level="Stretch",
    minutes=30,
    cases=[(3,)],
    seconds=30,
    view=each(
        {"pronoun-typed": (0.9, 1.0), "pronoun-role-bound": (0.75, 1.0)}
    ),
    wanted='{"pronoun-typed": share, "pronoun-role-bound": share}: nearly all '
    "right in most trainings, 0.83 at least in the committed runs",
    hints=(
        "The cut must hold twice: while the reader trains, and while it is "
        "tested. Which functions of the chapter take a cut?",
        'scissors(items, "it") makes the cut for a list of items. fit takes '
        "that of the training items, picks that of the test items.",
        "draw(seed) gives both lists; picks(model, items, scissors(items, "
        '"it")) says which items are right; take the mean of each kind.',
    ),
    solution="""
def barred_reader(seed):
    train_items, test_items = draw(seed)
    cut = scissors(train_items, "it")
    model, _ = fit(train_items, seed, first=cut)
    return {
        kind: picks(model, items, scissors(items, "it")).float().mean().item()
        for kind, items in test_items.items()
    }
""",
)


@_barred.mistake
def _trained_uncut(seed: int) -> dict[str, float]:
    """About half are right: a reader that relied on the road you cut.

    Was the cut given to the training, too? With it the reader learns the
    other road.
    """
    return {"pronoun-typed": 0.55, "pronoun-role-bound": 0.5}


@_barred.mistake
def _percent(seed: int) -> dict[str, float]:
    """Your numbers are percent; shares from 0 to 1 are wanted.

    A mean of True and False is a share already.
    """
    return {"pronoun-typed": 99.0, "pronoun-role-bound": 98.0}


@_barred.mistake
def _typed_alone(seed: int) -> dict[str, float]:
    """The typed sentences are right, the role-bound ones are not.

    A few trainings do not find the other road. Try another seed, and look
    at whether both tests have their cut.
    """
    return {"pronoun-typed": 0.99, "pronoun-role-bound": 0.6}


@_barred.telltale("fit")
def _never_cut_in_training(seen: Seen) -> bool:
    """Your reader is trained with the road through "it" open.

    Cut only in the test, the road is missed by a reader that relied on it.
    The exercise asks for a reader that never had it: fit takes a cut, too.
    """
    calls = seen["fit"]
    return bool(calls) and all(call["first"] is None for call in calls)


@_barred.telltale("picks")
def _open_again(seen: Seen) -> bool:
    """You test with the road through "it" open again.

    The reader is trained without it, and is to be tested without it: picks
    takes a cut, accuracies does not.
    """
    calls = seen["picks"]
    return bool(calls) and all(call["first"] is None for call in calls)


@_barred.telltale("draw", "picks")
def _training_items(seen: Seen) -> bool:
    """You measure on the sentences that the reader was trained on.

    draw gives the test items second, by kind.
    """
    known = {id(i) for call in seen["draw"] for i in call.result[0]}
    items = [i for call in seen["picks"] for i in call["items"]]
    return bool(items) and all(id(item) in known for item in items)
