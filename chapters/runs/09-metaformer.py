"""Train chapter 9's readers and finders from several seeds; write the JSON.

    OMP_NUM_THREADS=1 python chapters/runs/09-metaformer.py

The code is the chapter's own: every cell with the tag "experiment" is run,
so the committed numbers and the page cannot drift apart.
"""

import time
from pathlib import Path
from types import SimpleNamespace

from committing import commit_seeds

HERE = Path(__file__).resolve().parent
CHAPTER = HERE.parent / "09-the-block.ipynb"
SEEDS = list(range(5))
WIDTHS = (1, 8)  # times d_model; 4 is the table's attention arm


def reading(
    chapter: SimpleNamespace, arm: str, seed: int, times: int = 4
) -> dict[str, float]:
    """Train one pronoun reader; accuracies, dead units, seconds."""
    started = time.process_time()
    result = chapter.read(arm, seed, times * chapter.WIDTH)
    scores = {kind: round(result[kind], 4) for kind in chapter.KINDS}
    if arm == "attention":
        scores["dead"] = round(chapter.dead_units(result["model"], seed), 4)
    scores["seconds"] = round(time.process_time() - started, 1)
    return scores


def one_seed(chapter: SimpleNamespace, seed: int) -> dict[str, object]:
    """Train every arm on every task from one seed."""
    arms: dict[str, dict[str, float]] = {}
    for arm in (*chapter.MIXERS, *chapter.REMOVALS, chapter.POOLED):
        arms[arm] = reading(chapter, arm, seed)
        arms[arm]["look-up"] = round(chapter.find(arm, seed), 4)
        print(seed, arm, arms[arm], flush=True)
    widths = {
        str(times): reading(chapter, "attention", seed, times)
        for times in WIDTHS
    }
    widths["4"] = arms["attention"]
    print(seed, widths, flush=True)
    return {"arms": arms, "widths": widths}


def main() -> None:
    """Train from every seed and write the file."""
    commit_seeds("09-metaformer", CHAPTER, SEEDS, one_seed)


if __name__ == "__main__":
    main()
