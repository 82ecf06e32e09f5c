"""Train the story translators of chapter 12 from several seeds.

    OMP_NUM_THREADS=1 python chapters/runs/12-pronouns.py

The code is the chapter's own: every cell with the tag "experiment" is run,
so the committed numbers and the page cannot drift apart. Beside the JSON it
writes the weights of the first seed's translator.
"""

import time
from pathlib import Path
from types import SimpleNamespace

from committing import commit_seeds
from safetensors.torch import save_file

HERE = Path(__file__).resolve().parent
CHAPTER = HERE.parent / "12-training-a-translator.ipynb"
SEEDS = list(range(3))
STEPS = 1000


def one_seed(chapter: SimpleNamespace, seed: int) -> dict[str, object]:
    """Train on one seed's stories and score pronouns and sentences."""
    train_items = chapter.tasks.make("french", 4000, seed)
    items = chapter.tasks.make("french", 250, seed, "test")
    source, real, target = chapter.stack([chapter.story_ids(i) for i in items])
    half, pairs = len(items) // 2, chapter.tasks.pair_accuracy
    batches = chapter.mixed(
        [chapter.story_ids(i) for i in train_items], seed, 5
    )
    model = chapter.build(seed, chapter.STORIES.vocab_size)
    started = time.process_time()
    losses = chapter.fit(model, batches, seed, n_steps=STEPS).losses
    seconds = time.process_time() - started
    if seed == 0:
        weights = {n: w.clone() for n, w in model.state_dict().items()}
        save_file(weights, HERE / "12-pronouns.safetensors")
    written = chapter.write(model, source, real, 28)
    exact = chapter.right(written, target).tolist()
    hits = chapter.pronouns(written, items)
    result = {
        "seconds": round(seconds, 1),
        "last losses": round(sum(losses[-50:]) / 50, 4),
        "pronoun": round(sum(hits) / len(hits), 4),
        "pairs": round(pairs(hits), 4),
        "pairs, typed": round(pairs(hits[:half]), 4),
        "pairs, role-bound": round(pairs(hits[half:]), 4),
        "exact": round(sum(exact) / len(exact), 4),
    }
    print(seed, result, flush=True)
    return result


def main() -> None:
    """Train from every seed and write the file."""
    commit_seeds("12-pronouns", CHAPTER, SEEDS, one_seed)


if __name__ == "__main__":
    main()
