"""Classify film reviews in chapter 13's ways; write 13-film-reviews.json.

    OMP_NUM_THREADS=1 python chapters/runs/13-film-reviews.py

The code is the chapter's own: every cell with the tag "experiment" is run,
so the committed numbers and the page cannot drift apart. Trainings leave
checkpoints in ``13-film-reviews/`` beside this file, and the JSON file grows
by one training after the other: called again, the run goes on where it was
stopped.
"""

import json
import shutil
import time
from pathlib import Path
from types import SimpleNamespace

import torch
from committing import chapter_code, commit
from sklearn.linear_model import LogisticRegression

from transformer_course import bert, training

HERE = Path(__file__).resolve().parent
CHAPTER = HERE.parent / "13-bert.ipynb"
NAME = "13-film-reviews"
SEEDS = [0, 1, 2]
SPLITS = ("train", "validation", "test")
# Chosen before the run, and not tuned: batches of 32, and learning rates.
STEPS = {"fine-tuned": 200, "from scratch": 500}
RATE = {"fine-tuned": 1e-4, "from scratch": 1e-3}


def build(chapter: SimpleNamespace, arm: str, seed: int) -> torch.nn.Module:
    """Make a classifier: on MiniLM, or on a small BERT with fresh weights."""
    with training.seeded(seed):
        if arm == "fine-tuned":
            return chapter.Classifier(chapter.minilm()[0])
        sizes = {"d_model": 64, "n_heads": 4, "d_ff": 128, "n_layers": 2}
        return chapter.Classifier(
            bert.BERT(bert.BERTConfig(30522, **sizes, max_seq_len=64))
        )


def trained(
    chapter: SimpleNamespace,
    arm: str,
    seed: int,
    rows: dict[str, tuple[torch.Tensor, ...]],
) -> dict[str, float]:
    """Train one classifier and score it on validation and test."""
    folder = HERE / NAME / f"{arm} {seed}"
    model = build(chapter, arm, seed)
    losses = chapter.fine_tune(
        model, rows["train"], seed, RATE[arm], STEPS[arm],
        training.Checkpoints(folder, every=50, keep=1),
    )  # fmt: skip
    scores = {
        split: training.evaluate(
            model, chapter.in_batches(*rows[split]), chapter.classified
        )
        for split in SPLITS[1:]
    }
    shutil.rmtree(folder)
    return {"last losses": sum(losses[-50:]) / 50, **scores}


def frozen(
    chapter: SimpleNamespace,
    texts: dict[str, tuple[list[str], torch.Tensor]],
) -> dict[str, float]:
    """Logistic regression on MiniLM's vectors, tuned on validation."""
    body, cutter = chapter.minilm()
    vectors = {
        split: chapter.vectors_of(body, cutter, texts[split][0]).numpy()
        for split in SPLITS
    }
    tried = []
    for strength in (0.1, 1, 10, 100, 1000):
        model = LogisticRegression(C=strength, max_iter=5000)
        model.fit(vectors["train"], texts["train"][1])
        tried.append(
            [model.score(vectors[s], texts[s][1]) for s in SPLITS[1:]]
        )
    validation, test = max(tried)
    return {"validation": validation, "test": test}


def one_seed(chapter: SimpleNamespace, name: str) -> dict[str, float]:
    """Train and score one arm, from one seed where it has seeds."""
    started = time.process_time()
    texts = {split: chapter.reviews(split) for split in SPLITS}
    arm, _, seed = name.partition(", seed ")
    if arm == "majority":
        share = texts["test"][1].float().mean().item()
        scores = {"test": max(share, 1 - share)}
    elif arm == "tf-idf":
        scores = chapter.by_counting(*texts.values())
    elif arm == "frozen":
        scores = frozen(chapter, texts)
    else:
        cutter = chapter.minilm()[1]
        rows = {
            split: (*chapter.as_rows(some, cutter), labels)
            for split, (some, labels) in texts.items()
        }
        scores = trained(chapter, arm, int(seed), rows)
    found = {key: round(value, 4) for key, value in scores.items()}
    return found | {"seconds": round(time.process_time() - started)}


def main() -> None:
    """Run every arm that the file lacks, and write it."""
    torch.set_num_threads(1)
    chapter = chapter_code(CHAPTER)
    path = HERE / f"{NAME}.json"
    before = json.loads(path.read_text()) if path.is_file() else {}
    arms: dict[str, dict[str, float]] = before.get("arms", {})
    seeded = [f"{arm}, seed {s}" for s in SEEDS for arm in STEPS]
    for name in ["majority", "tf-idf", "frozen", *seeded]:
        if name not in arms:
            arms[name] = one_seed(chapter, name)
            print(name, arms[name], flush=True)
        # The file is there after each training.
        seconds = sum(arm.get("seconds", 0) for arm in arms.values())
        commit(NAME, SEEDS, seconds, {"arms": arms})


if __name__ == "__main__":
    main()
