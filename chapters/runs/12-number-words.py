"""Train the number translators of chapter 12 from several seeds.

    OMP_NUM_THREADS=1 python chapters/runs/12-number-words.py

The code is the chapter's own: every cell with the tag "experiment" is run,
so the committed numbers and the page cannot drift apart. Beside the JSON it
writes the weights of the longer training from seed 0.
"""

import functools
import math
import time
from pathlib import Path
from types import SimpleNamespace

import torch
from committing import commit_seeds
from safetensors.torch import save_file

HERE = Path(__file__).resolve().parent
CHAPTER = HERE.parent / "12-training-a-translator.ipynb"
SEEDS = list(range(3))
LONG = 1200  # steps; the page has 600
ARMS = (
    "page", "longer", "no smoothing", "padding in the loss", "no warm-up",
    "up to 8 words",
)  # fmt: skip


def training_ids(
    chapter: SimpleNamespace, arm: str, seed: int
) -> list[object]:
    """The pairs that an arm is trained on, as ids."""
    pairs = chapter.training_numbers(seed)
    if arm == "up to 8 words":
        drawn = chapter.draw(seed, "train", 16000, (4, 5, 5, 6, 6))
        small = chapter.datasets.load_number_words("fr", "train")
        short = [
            pair
            for pair in small + drawn
            if len(chapter.words_of(pair.english)) <= 8
        ]
        pairs = short[: len(pairs)]
    return [chapter.ids_of(pair) for pair in pairs]


@torch.no_grad()
def score(
    chapter: SimpleNamespace, model: torch.nn.Module, seed: int
) -> dict[str, object]:
    """Exact match, perplexity, agreement of the maps, neighbours."""
    pairs = chapter.draw(seed, "test", 5000)
    batch = chapter.stack([chapter.ids_of(pair) for pair in pairs])
    source, real, target = batch
    written = chapter.write(model, source, real)
    exact = chapter.right(written, target)
    loss = chapter.loss_of(model, batch, smoothing=0.0).item()
    grid, truth = chapter.maps(model, batch), chapter.truth_of(pairs, batch)
    own, other = chapter.neighbours(model)
    mixed = chapter.draw(seed, "test", 6000, (4, 5, 6))
    wrong = [
        [pair.english, chapter.spelled(row)]
        for pair, row, good in zip(pairs, written, exact, strict=True)
        if not good
    ]
    return {
        "tested": len(pairs),
        "exact": round(exact.float().mean().item(), 4),
        "perplexity": round(math.exp(loss), 4),
        "heads": [
            [round(x, 3) for x in layer]
            for layer in chapter.agreement(grid, truth).tolist()
        ],
        "mean of heads": round(
            chapter.agreement(grid.mean(dim=(1, 2)), truth).item(), 3
        ),
        "neighbour translates": round(own.float().mean().item(), 3),
        "own language nearer": round(other.float().mean().item(), 3),
        "by length": chapter.by_length(model, mixed),
        "wrong": wrong[:5],
    }


def one_seed(chapter: SimpleNamespace, seed: int) -> dict[str, object]:
    """Train every arm from one seed and score it on one test."""
    options = {
        "longer": {"n_steps": LONG},
        "no smoothing": {
            "loss_fn": functools.partial(chapter.loss_of, smoothing=0.0)
        },
        "padding in the loss": {"loss_fn": chapter.loss_with_padding},
        "no warm-up": {"schedule": None},
    }
    result: dict[str, object] = {}
    for arm in ARMS:
        batches = chapter.dealt(training_ids(chapter, arm, seed), seed)
        model = chapter.build(seed, chapter.TOKENIZER.vocab_size)
        started = time.process_time()
        losses = chapter.fit(
            model, batches, seed, **options.get(arm, {})
        ).losses
        seconds = time.process_time() - started
        if arm == "longer" and seed == 0:
            weights = {n: w.clone() for n, w in model.state_dict().items()}
            save_file(weights, HERE / "12-number-words.safetensors")
        result[arm] = {
            "seconds": round(seconds, 1),
            "last losses": round(sum(losses[-50:]) / 50, 4),
            **score(chapter, model, seed),
        }
        print(seed, arm, result[arm], flush=True)
    return result


def main() -> None:
    """Train from every seed and write the file."""
    commit_seeds("12-number-words", CHAPTER, SEEDS, one_seed)


if __name__ == "__main__":
    main()
