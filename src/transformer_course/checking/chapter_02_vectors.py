"""Exercises of chapter 2: windows, counts, and what a removal hides."""

from __future__ import annotations

import math
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import torch
from torch import Tensor

from transformer_course import embeddings
from transformer_course.checking.bands import share
from transformer_course.checking.exercise import Cases, Chapter, Space
from transformer_course.checking.watching import Seen

EXERCISES = Chapter("02")


def correlation_with_counts(
    model: Any, text_ids: Tensor, n_words: int = 500, min_pairs: int = 20
) -> float:
    """Return the correlation of scores with the values from counts."""
    noise = embeddings.noise_distribution(torch.bincount(text_ids))  # (V,)
    centres, contexts = embeddings.skip_gram_pairs(text_ids, window=2)
    kept = (centres < n_words) & (contexts < n_words)
    flat = centres[kept] * n_words + contexts[kept]
    n_wc = torch.bincount(flat, minlength=n_words**2)
    n_wc = n_wc.view(n_words, n_words).double()  # centre w, neighbour c
    n_w = torch.bincount(centres, minlength=n_words)[:n_words, None]
    values = (n_wc / n_w / noise[:n_words]).log() - math.log(5)
    v = model.inputs.weight[:n_words].detach()
    u = model.outputs.weight[:n_words].detach()
    often = n_wc >= min_pairs
    both = torch.stack([(v @ u.T)[often].double(), values[often]])
    return torch.corrcoef(both)[0, 1].item()


def _models(space: Space) -> Cases:
    text_ids, width = space["text_ids"], 6
    size = int(text_ids.max()) + 1
    made = []
    for seed in range(3):
        generator = torch.Generator().manual_seed(seed)
        v, u = (torch.randn(size, width, generator=generator) for _ in "vu")
        u[:, 0] = -torch.arange(size).log1p()  # so that frequency shows
        v[:, 0] = 0.5 + 0.2 * seed
        model = SimpleNamespace(
            inputs=SimpleNamespace(weight=v), outputs=SimpleNamespace(weight=u)
        )
        made.append((model, text_ids, 60 + 20 * seed, 20))
    return made


_counts = EXERCISES.exercise(
    correlation_with_counts,
    label="ex-02-counts",
    level="Stretch",
    minutes=40,
    cases=_models,
    seconds=2,
    needs=("text_ids",),
    atol=2e-3,
    hints=(
        "embeddings.skip_gram_pairs gives all pairs of the text. How do you "
        "count how often each pair of two ids occurs?",
        "The ids go by frequency: keep pairs in which both are below "
        "n_words, and count centre * n_words + context with torch.bincount.",
        "Values: (n_wc / n_w / noise[c]).log(), where n_wc >= min_pairs; "
        "scores: inputs.weight of w times outputs.weight of c; then "
        "torch.corrcoef of both.",
    ),
)
Change = Callable[[Tensor, Tensor, Tensor, Tensor], Tensor]


def _correlation(
    case: tuple[Any, ...], values: Change, least: int | None = None
) -> float:
    model, ids, n, min_pairs = case
    noise = embeddings.noise_distribution(torch.bincount(ids))[:n]
    centres, contexts = embeddings.skip_gram_pairs(ids, window=2)
    kept = (centres < n) & (contexts < n)
    flat = centres[kept] * n + contexts[kept]
    n_wc = torch.bincount(flat, minlength=n * n).view(n, n).double()
    share = torch.bincount(ids)[:n] / len(ids)
    n_w = torch.bincount(centres, minlength=n)[:n, None]
    found = values(n_wc, n_w, noise, share)
    often = n_wc >= (min_pairs if least is None else least)
    scores = model.inputs.weight[:n] @ model.outputs.weight[:n].T
    both = torch.stack([scores[often].double(), found[often]])
    return torch.corrcoef(both)[0, 1].item()


@_counts.mistake
def _no_minimum(*case: Any) -> float:
    """You take all pairs that occur, rare ones too.

    Pairs seen fewer than min_pairs times are left out: their logarithm is
    mostly chance.
    """
    return _correlation(
        case, lambda n_wc, n_w, noise, share: (n_wc / n_w / noise).log(), 1
    )


@_counts.mistake
def _no_logarithm(*case: Any) -> float:
    """The logarithm is missing.

    Scores are compared with ln of the ratio.
    """
    return _correlation(
        case, lambda n_wc, n_w, noise, share: n_wc / n_w / noise
    )


@_counts.mistake
def _plain_shares(*case: Any) -> float:
    """You divide by the share of the neighbour in the text.

    P is `noise`, the distribution that negatives are drawn from.
    """
    return _correlation(
        case, lambda n_wc, n_w, noise, share: (n_wc / n_w / share).log()
    )


@_counts.mistake
def _no_noise(*case: Any) -> float:
    """You do not divide by P(c): frequent neighbours get large values.

    The formula has P(c) below the line.
    """
    return _correlation(
        case, lambda n_wc, n_w, noise, share: (n_wc / n_w).log()
    )


@_counts.mistake
def _counts_alone(*case: Any) -> float:
    """You compare with the logarithm of the counts alone.

    Divide by how often the centre occurs, and by P of the neighbour.
    """
    return _correlation(case, lambda n_wc, n_w, noise, share: n_wc.log())


@_counts.mistake
def _of_centre(*case: Any) -> float:
    """Centre and neighbour are exchanged in the formula.

    P belongs to the neighbour c, and n_w counts the centre w.
    """
    return _correlation(
        case,
        lambda n_wc, n_w, noise, share: (n_wc / n_w.T / noise[:, None]).log(),
    )


@_counts.mistake
def _inputs_twice(model: Any, ids: Tensor, n: int, min_pairs: int) -> float:
    """You multiply input vectors with input vectors.

    The score of a pair is u of the neighbour (outputs) times v of the centre
    (inputs).
    """
    twice = SimpleNamespace(inputs=model.inputs, outputs=model.inputs)
    return correlation_with_counts(twice, ids, n, min_pairs)


def vote_after_removal(
    space: Any, direction: Tensor, n_words: int = 500, n_neighbours: int = 5
) -> float:
    """Return how often neighbours reveal the side a word leaned to."""
    unit = direction / direction.norm()
    vectors = space.vectors[:30_000]
    lean = vectors @ unit  # (V,)
    order = lean.argsort()
    chosen = torch.cat([order[:n_words], order[-n_words:]])
    side = torch.arange(len(chosen)) >= n_words  # (2 n,)
    rest = vectors[chosen] - lean[chosen, None] * unit
    rest = rest / rest.norm(dim=1, keepdim=True)
    alike = (rest @ rest.T).fill_diagonal_(-2)  # not its own neighbour
    votes = side[alike.topk(n_neighbours).indices].float().mean(dim=1)
    return ((votes > 0.5) == side).float().mean().item()


def _spaces(_: Space) -> list[tuple[Any, ...]]:
    """Make one space whose sides differ elsewhere too, and one of chance.

    The last case has one neighbour: who counts a word itself finds no other.
    """
    generator = torch.Generator().manual_seed(2)
    made: list[tuple[Any, ...]] = []
    for hidden in (True, False):
        vectors = torch.randn(600, 12, generator=generator)
        vectors[:, 0] *= 3.0
        if hidden:
            vectors[:, 1] = 4 * vectors[:, 0].sign()
        names = [f"word{i}" for i in range(len(vectors))]
        direction = torch.zeros(12)
        direction[0] = 0.3  # not of length 1
        space = embeddings.WordSpace(names, vectors)
        made.append((space, direction, 100, 5))
    return [*made, (*made[-1][:3], 1)]


@share
def _votes(number: float) -> str:
    if number > 0.9:
        return "nearly all"
    return "hardly any" if number < 0.2 else "about half"


_hidden = EXERCISES.exercise(
    vote_after_removal,
    label="ex-02-hidden",
    level="Stretch",
    minutes=40,
    cases=_spaces,
    view=_votes,
    wanted="one share from 0 to 1. Tried on two made-up spaces: one with two "
    "clusters, where nearly all votes are right, and one without, where about "
    "half are, with five neighbours and with one",
    hints=(
        "The projection of a vector on a direction needs the direction at "
        "length 1. What is left after it is subtracted?",
        "Note each word's side before the removal; choose the n_words with "
        "the smallest and the n_words with the largest lean.",
        "After the removal: cosines of the 2 n_words chosen words, the "
        "diagonal set to -2, topk(n_neighbours), the majority of their sides "
        "compared with the word's own side.",
    ),
)


@_hidden.mistake
def _not_removed(*case: Any) -> float:
    """Your votes are right even where nothing is hidden.

    Is the direction really removed (divide it by its length), and is a word
    kept from voting for itself?
    """
    return 1.0


@_hidden.mistake
def _own_neighbour(*case: Any) -> float:
    """Each word is among its own neighbours and votes for its own side.

    Its cosine with itself is the largest. Leave it out, so that topk finds
    others.
    """
    clusters = case[0].vectors[:, 1].abs().mean() > 0.5
    return 1.0 if clusters or case[3] == 1 else 0.5


@_hidden.mistake
def _wrong_share(*case: Any) -> float:
    """Your share is upside down: you count the wrong votes.

    Where two clusters are left, nearly all votes are right.
    """
    return 0.0 if case[0].vectors[:, 1].abs().mean() > 0.5 else 0.5


@_hidden.mistake
def _no_trace(*case: Any) -> float:
    """You find nothing even where two clusters are left.

    Do sides and words still stand in the same order after the choice? And
    are the words chosen by what they leaned before the removal?
    """
    return 0.5


@_hidden.mistake
def _percent(*case: Any) -> float:
    """You return a count or percent.

    A share from 0 to 1 is wanted.
    """
    return 95.0


def share_for_window(window: int) -> float:
    """Return share_of_kind of vectors trained with this window, seed 0.

    Stands in for the solution; any share above chance counts.
    """
    return 0.8


@share
def _kinds(number: float) -> str:
    return "chance" if number < 0.3 else "learned"


_window = EXERCISES.exercise(
    share_for_window,
    label="ex-02-window",
    level="Standard",
    minutes=15,
    cases=[(1,), (10,)],
    seconds=30,
    view=_kinds,
    wanted="a share from 0 to 1, above the 0.3 that chance can reach",
    hints=(
        "Which argument of embeddings.train_skip_gram is to change?",
        "Train as the chapter does, with seed=0, and give the input vectors "
        "to share_of_kind.",
        "model, _ = embeddings.train_skip_gram(text_ids, len(vocabulary), "
        "d_model=50, window=window, seed=0), then "
        "share_of_kind(model.inputs.weight.detach()).",
    ),
    solution="""
def share_for_window(window):
    model, _ = embeddings.train_skip_gram(
        text_ids, len(vocabulary), d_model=50, window=window, seed=0
    )
    return share_of_kind(model.inputs.weight.detach())
""",
)


@_window.mistake
def _untrained(window: int) -> float:
    """Your vectors are no better than random ones.

    The input vectors of the trained model are wanted.
    """
    return 0.12


@_window.mistake
def _percent_kinds(window: int) -> float:
    """You return percent or a count.

    share_of_kind gives a share from 0 to 1.
    """
    return 85.0


@_window.mistake
def _vectors(window: int) -> Any:
    """You return vectors, or a model with its losses.

    share_of_kind makes one number of the input vectors.
    """
    return torch.zeros(3, 2)


@_window.telltale("embeddings.train_skip_gram")
def _same_window(seen: Seen) -> bool:
    """You train with the same window, whatever window is asked for.

    Is the argument handed on to train_skip_gram?
    """
    used = [call["window"] for call in seen["embeddings.train_skip_gram"]]
    asked = [window for (window,) in seen.inputs]
    return len(used) == len(asked) and len(set(used)) < len(set(asked))


@_window.telltale("embeddings.train_skip_gram")
def _another_window(seen: Seen) -> bool:
    """You train with another window than the one that is asked for.

    train_skip_gram's window is the number of places to either side, as the
    chapter's.
    """
    used = [call["window"] for call in seen["embeddings.train_skip_gram"]]
    asked = [window for (window,) in seen.inputs]
    return len(used) == len(asked) and used != asked


@_window.telltale("embeddings.train_skip_gram", "share_of_kind")
def _outputs_measured(seen: Seen) -> bool:
    """You measure the output vectors.

    The chapter's word vectors are the model's inputs.
    """
    models = [call.result[0] for call in seen["embeddings.train_skip_gram"]]
    there = [m.outputs.weight.data_ptr() for m in models]
    calls = seen["share_of_kind"]
    return bool(calls) and all(c["vectors"].data_ptr() in there for c in calls)
