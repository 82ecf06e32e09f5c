"""Train chapter 7's models from several seeds; write 07-masking.json.

    OMP_NUM_THREADS=1 python chapters/runs/07-masking.py

The code is the chapter's own: every cell with the tag "experiment" is run,
so the committed numbers and the page cannot drift apart.
"""

import json
from pathlib import Path
from types import SimpleNamespace

from committing import commit_seeds

HERE = Path(__file__).resolve().parent
CHAPTER = HERE.parent / "07-masking.ipynb"
SEEDS = list(range(8))


def scores(chapter: SimpleNamespace, right: list[bool]) -> dict[str, float]:
    """Accuracy by item and by pair."""
    return {
        "by item": round(sum(right) / len(right), 4),
        "by pair": round(chapter.tasks.pair_accuracy(right), 4),
    }


def writers(chapter: SimpleNamespace, seed: int) -> dict[str, object]:
    """Train a writer with and one without the causal mask."""
    held_out = chapter.sentences(100, seed, "test")
    result: dict[str, object] = {}
    for name, causal in (("no mask", False), ("causal", True)):
        writer, losses = chapter.train_writer(causal, seed)
        found = chapter.measured(writer, held_out, seed)
        found["last losses"] = sum(losses[-50:]) / 50
        result[name] = {key: round(found[key], 4) for key in found}
    return result


def finders(chapter: SimpleNamespace, seed: int) -> dict[str, object]:
    """Train a two-way and a causal finder; score both places."""
    rows = chapter.pronouns(300, seed, "test")
    result: dict[str, object] = {}
    for name, causal in (("two-way", False), ("causal", True)):
        right = chapter.finds(chapter.train_finder(causal, seed), rows)
        result[name] = {
            place: scores(chapter, right[:, n].tolist())
            for n, place in enumerate(("at it", "at the end"))
        }
    return result


def judges(chapter: SimpleNamespace, seed: int) -> dict[str, object]:
    """Train every judge of word order."""
    result: dict[str, object] = {}
    for name in chapter.JUDGES:
        by_item, by_pair = chapter.judged(name, seed)
        result[name] = {
            "by item": round(by_item, 4),
            "by pair": round(by_pair, 4),
        }
    return result


def one_seed(chapter: SimpleNamespace, seed: int) -> dict[str, object]:
    """Train and measure everything from one seed."""
    train = chapter.sentences(2000, seed, "train")
    held_out = chapter.sentences(100, seed, "test")
    result = {
        "writers": writers(chapter, seed),
        "frequencies": round(chapter.frequency_loss(train, held_out), 4),
        "finders": finders(chapter, seed),
        "judges": judges(chapter, seed),
        "letters": {
            name: round(chapter.letter_loss(name, seed), 4)
            for name in chapter.BUGS
        },
    }
    print(seed, json.dumps(result), flush=True)
    return result


def main() -> None:
    """Train from every seed and write the file."""
    commit_seeds("07-masking", CHAPTER, SEEDS, one_seed)


if __name__ == "__main__":
    main()
