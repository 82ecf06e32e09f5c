"""Train deep stacks of chapter 8 in large steps; write 08-large-steps.json.

    OMP_NUM_THREADS=1 python chapters/runs/08-large-steps.py

The code is the chapter's own: every cell with the tag "experiment" is run,
so the committed numbers and the page cannot drift apart.
"""

from pathlib import Path
from types import SimpleNamespace

from committing import commit_seeds

HERE = Path(__file__).resolve().parent
CHAPTER = HERE.parent / "08-residual-and-norm.ipynb"
SEEDS = list(range(5))
DEPTH = 6
ARMS = {  # stack, learning rate, whether it climbs at first
    "copy only, 0.01": ("copy only", 0.01, False),
    "post-norm, 0.005": ("post-norm", 0.005, False),
    "post-norm, 0.005, warm-up": ("post-norm", 0.005, True),
}


def one_seed(chapter: SimpleNamespace, seed: int) -> dict[str, object]:
    """Train every arm on one seed's stories and score it on its test."""
    train_set = chapter.tensors(chapter.tasks.make(chapter.TASK, 2000, seed))
    test_set = chapter.tensors(
        chapter.tasks.make(chapter.TASK, 500, seed, "test")
    )
    result: dict[str, object] = {}
    for name, (arm, lr, warm_up) in ARMS.items():
        schedule = chapter.warm_up if warm_up else None
        model = chapter.build(arm, DEPTH, seed)
        try:
            losses = chapter.fit(model, train_set, seed, lr, schedule)
        except FloatingPointError as error:
            result[name] = {
                "accuracy": None, "loss": None, "failed": str(error)
            }  # fmt: skip
        else:
            result[name] = {
                "accuracy": round(chapter.accuracy(model, test_set), 4),
                "loss": round(sum(losses[-50:]) / 50, 4),
            }
        print(seed, name, result[name], flush=True)
    return result


def main() -> None:
    """Train from every seed and write the file."""
    commit_seeds("08-large-steps", CHAPTER, SEEDS, one_seed)


if __name__ == "__main__":
    main()
