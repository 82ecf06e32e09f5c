"""Fine-tune chapter 15's model with few and many labels; 15-labels.json.

    OMP_NUM_THREADS=1 python chapters/runs/15-labels.py

The code is the chapter's own: every cell with the tag "experiment" is run,
so the committed numbers and the page cannot drift apart. The weights to start
from are those of 15-pretraining.py. A stopped run goes on with the next task
of the next seed.
"""

import json
import time
from pathlib import Path
from types import SimpleNamespace

import torch
from committing import chapter_code, commit

HERE = Path(__file__).resolve().parent
CHAPTER = HERE.parent / "15-generative-pre-training.ipynb"
SEEDS = list(range(5))
MORE_SIZES = 3  # seeds that go through all numbers of labels
SIZES = (50, 200, 1000, 5000)
PAIRED = 200  # labels at which all seeds compare everything
PRE, SCRATCH = "pre-trained", "from scratch"
ASKED = "feeling, asked"  # with 200 labels only


def one_seed(
    chapter: SimpleNamespace, number: int, task: str
) -> dict[str, dict[str, float]]:
    """Accuracy of every arm by number of labels, for one task and seed."""
    starts = {
        PRE: chapter.loaded("15-judged"),
        SCRATCH: chapter.fresh(number),
        "retold only": chapter.loaded("15-retold"),
        "plain stories": chapter.loaded("15-plain"),
    }
    result: dict[str, dict[str, float]] = {}
    all_sizes = number < MORE_SIZES and task != ASKED
    for n_labels in SIZES if all_sizes else (PAIRED,):
        for name, gpt in starts.items():
            both = name in (PRE, SCRATCH)
            if not both and n_labels != PAIRED:
                continue
            for weight in (0.5, 0.0) if both and task != ASKED else (0.5,):
                model = chapter.fine_tune(
                    gpt, task, number, n_labels, weight=weight
                )
                arm = name if weight else f"{name}, no auxiliary loss"
                score = chapter.accuracy(model, task)
                result.setdefault(arm, {})[str(n_labels)] = round(score, 4)
    print(number, task, json.dumps(result), flush=True)
    return result


def main() -> None:
    """Go through every seed and task that the file lacks, and write it."""
    torch.set_num_threads(1)
    path = HERE / "15-labels.json"
    before = json.loads(path.read_text()) if path.is_file() else {}
    runs: dict[str, dict[str, object]] = before.get("runs", {})
    seconds: float = before.get("seconds", 0)
    chapter = chapter_code(CHAPTER)
    for number in SEEDS:
        done = runs.setdefault(str(number), {})
        for task in (*chapter.TASKS, ASKED):
            if task not in done:
                started = time.process_time()
                done[task] = one_seed(chapter, number, task)
                seconds += time.process_time() - started
            # The file is there after each task.
            commit("15-labels", list(map(int, runs)), seconds, {"runs": runs})


if __name__ == "__main__":
    main()
