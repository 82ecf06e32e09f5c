"""Pre-train chapter 15's small GPT; write 15-pretraining.json.

    OMP_NUM_THREADS=1 python chapters/runs/15-pretraining.py

The code is the chapter's own: every cell with the tag "experiment" is run,
so the committed numbers and the page cannot drift apart. The weights are kept
beside this file: after the retold texts in 15-retold.safetensors, after the
judged ones, which go on from there, in 15-judged.safetensors, and those of
the same model on plain stories, in as many steps, in 15-plain.safetensors. A
stopped training goes on where it stopped.
"""

import json
import tempfile
import time
from pathlib import Path
from types import SimpleNamespace

import torch
from committing import chapter_code, commit
from safetensors.torch import save_file

from transformer_course.training import Checkpoints, Evaluation

HERE = Path(__file__).resolve().parent
CHAPTER = HERE.parent / "15-generative-pre-training.ipynb"
FOLDER = Path(tempfile.gettempdir()) / "chapter-15"
SEED, STEPS = 0, 4000
# The texts, the weights to go on from, how often as many steps.
ARMS = {
    "15-retold": ("retold", None, 1),
    "15-judged": ("judged", "15-retold", 1),
    "15-plain": ("plain_stories", None, 2),
}


def one_arm(chapter: SimpleNamespace, name: str) -> dict[str, object]:
    """Pre-train on one kind of text, and keep the weights."""
    texts, before, times = ARMS[name]
    model = chapter.loaded(before) if before else chapter.fresh(SEED)

    def score(model: torch.nn.Module) -> float:
        found = chapter.surprise(model, 0, "validation")
        print(name, found, flush=True)
        return float(found["a retelling's second noun"])

    history = chapter.pretrain(
        model,
        SEED,
        getattr(chapter, texts),
        n_steps=STEPS * times,
        evaluation=Evaluation(score, 500),
        checkpoints=Checkpoints(FOLDER / name, 250),
    )
    save_file(
        {key: value.half() for key, value in model.state_dict().items()},
        HERE / f"{name}.safetensors",
    )
    return {
        "steps": STEPS * times,
        "seconds": round(history.seconds),
        "validation": [[step, round(x, 4)] for step, x in history.scores],
        "test": {
            key: round(value, 4)
            for key, value in chapter.surprise(model, 1, "test").items()
        },
    }


def main() -> None:
    """Pre-train on every text that the file lacks, and write it."""
    torch.set_num_threads(1)
    path = HERE / "15-pretraining.json"
    before = json.loads(path.read_text()) if path.is_file() else {}
    runs: dict[str, object] = before.get("runs", {})
    seconds: float = before.get("seconds", 0)
    chapter = chapter_code(CHAPTER)
    for name in ARMS:
        if name not in runs:
            started = time.process_time()
            runs[name] = one_arm(chapter, name)
            seconds += time.process_time() - started
        # The file is there after each arm.
        commit("15-pretraining", [SEED], seconds, {"runs": runs})


if __name__ == "__main__":
    main()
