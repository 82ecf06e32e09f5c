"""Train the stacks of chapter 8 from several seeds; write 08-depth.json.

    OMP_NUM_THREADS=1 python chapters/runs/08-depth.py

The code is the chapter's own: every cell with the tag "experiment" is run,
so the committed numbers and the page cannot drift apart.
"""

import json
import time
from pathlib import Path
from types import SimpleNamespace

import torch
from committing import commit_seeds

HERE = Path(__file__).resolve().parent
CHAPTER = HERE.parent / "08-residual-and-norm.ipynb"
SEEDS = list(range(5))
DEPTHS = (1, 3, 6)
HIGH_LR = 1e-2


def one_seed(chapter: SimpleNamespace, seed: int) -> dict[str, object]:
    """Train every arm on one seed's stories and score it on its test."""
    train_set = chapter.tensors(chapter.tasks.make(chapter.TASK, 2000, seed))
    test_items = chapter.tasks.make(chapter.TASK, 500, seed, "test")
    test_set = chapter.tensors(test_items)

    def trained(
        model: torch.nn.Module, **options: object
    ) -> dict[str, object]:
        started = time.process_time()
        try:
            losses = chapter.fit(model, train_set, seed, **options)
        except FloatingPointError as error:
            return {"accuracy": None, "loss": None, "failed": str(error)}
        right = (chapter.margin(model, test_set) > 0).tolist()
        return {
            "accuracy": round(chapter.accuracy(model, test_set), 4),
            "by pair": round(chapter.tasks.pair_accuracy(right), 4),
            "loss": round(sum(losses[-50:]) / 50, 4),
            "seconds": round(time.process_time() - started, 1),
        }

    depth = {
        arm: {str(n): trained(chapter.build(arm, n, seed)) for n in DEPTHS}
        for arm in chapter.ARMS
    }
    print(seed, json.dumps(depth), flush=True)
    deep = DEPTHS[-1]
    high = {}
    for arm, schedule in (
        ("post-norm", None),
        ("post-norm, warm-up", chapter.warm_up),
        ("pre-norm", None),
    ):
        model = chapter.build(arm.split(",")[0], deep, seed)
        high[arm] = trained(model, lr=HIGH_LR, schedule=schedule)
    print(seed, json.dumps(high), flush=True)
    bugs = {}
    for name, (layer, norm) in chapter.BUGS.items():
        model = chapter.make(layer, 2, seed, norm)
        bugs[name] = trained(model)
        alone = chapter.accuracy_alone(model, test_items)
        bugs[name]["alone"] = round(alone, 4)
    print(seed, json.dumps(bugs), flush=True)
    return {"depth": depth, "high learning rate": high, "bugs": bugs}


def main() -> None:
    """Train from every seed and write the file."""
    commit_seeds("08-depth", CHAPTER, SEEDS, one_seed)


if __name__ == "__main__":
    main()
