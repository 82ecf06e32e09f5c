"""Train the readers of chapter 5 from several seeds; write 05-pronouns.json.

    OMP_NUM_THREADS=1 python chapters/runs/05-pronouns.py

The code is the chapter's own: every cell with the tag "experiment" is run,
so the committed numbers and the page cannot drift apart.
"""

import time
from pathlib import Path
from types import SimpleNamespace

import torch
from committing import chapter_code, commit

HERE = Path(__file__).resolve().parent
CHAPTER = HERE.parent / "05-self-attention.ipynb"
SEEDS = list(range(8))


def one_seed(chapter: SimpleNamespace, seed: int) -> dict[str, object]:
    """Train every arm on one seed's stories and score it on its test."""
    train_items, test_items = chapter.draw(seed)
    barred = chapter.scissors(train_items, "it")
    arms = {
        "one layer": {"n_layers": 1},
        "two layers": {},
        "two layers, it barred": {"first": barred},
        "no scaling": {"layer": chapter.NoScaling},
        "wrong axis": {"layer": chapter.WrongAxis},
    }
    result: dict[str, object] = {}
    for name, options in arms.items():
        started = time.perf_counter()
        model, losses = chapter.fit(train_items, seed, **options)
        result[name] = {
            "seconds": round(time.perf_counter() - started, 1),
            "last losses": round(sum(losses[-50:]) / 50, 4),
            **{
                kind: score(chapter, model, items, barred="first" in options)
                for kind, items in test_items.items()
            },
        }
        print(seed, name, result[name], flush=True)
    return result


def score(
    chapter: SimpleNamespace,
    model: torch.nn.Module,
    items: list[object],
    *,
    barred: bool,
) -> dict[str, object]:
    """Accuracy by item and pair, and by item under each cut."""
    first = chapter.scissors(items, "it") if barred else None
    right = chapter.picks(model, items, first)
    by_pair = chapter.tasks.pair_accuracy(right.tolist())
    scores: dict[str, object] = {
        "by item": round(right.float().mean().item(), 4),
        "by pair": round(by_pair, 4),
    }
    if len(model.layers) == 2 and not barred:
        cuts = chapter.cut_accuracies(model, items)
        scores["cut"] = {name: round(cuts[name], 4) for name in cuts}
        scores["weight on predicate"] = {
            asker: round(chapter.weight_on_predicate(model, items, asker), 4)
            for asker in ("it", "nouns")
        }
    return scores


def main() -> None:
    """Train from every seed and write the file."""
    torch.set_num_threads(1)
    started = time.perf_counter()
    chapter = chapter_code(CHAPTER)
    runs = {str(seed): one_seed(chapter, seed) for seed in SEEDS}
    seconds = time.perf_counter() - started
    commit("05-pronouns", SEEDS, seconds, {"runs": runs})


if __name__ == "__main__":
    main()
