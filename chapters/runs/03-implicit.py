"""Hold input gradients to what replaced words do; write 03-implicit.json.

    OMP_NUM_THREADS=1 python chapters/runs/03-implicit.py

The code is chapter 3's own: every cell with the tag "experiment" is run. The
LSTMs are those that 03-distance.json trained on a mixture of distances, once
more, for as many steps.
"""

import json
import time
from pathlib import Path
from types import SimpleNamespace

import torch
from committing import chapter_code, commit

from transformer_course import training

HERE = Path(__file__).resolve().parent
CHAPTER = HERE.parent / "03-before-attention.ipynb"


def one_seed(
    chapter: SimpleNamespace, mixed: dict, seed: int
) -> dict[str, list[float]]:
    """Gradient's share and effect of a replaced word, place by place."""
    with training.seeded(seed):
        model = chapter.Recaller(chapter.lstm())
    distances = tuple(int(k) for k in mixed["accuracy"])
    training.train(
        model, chapter.recall_sampler(distances), chapter.recall_loss,
        n_steps=mixed["steps"], lr=chapter.RECALL_RATE,
        generator=torch.Generator().manual_seed(seed),
    )  # fmt: skip
    shares, effects = chapter.gradient_and_effect(model)
    found = {
        "share": [round(share, 4) for share in shares],
        "changed": [round(effect, 4) for effect in effects],
    }
    print(seed, found, flush=True)
    return found


def main() -> None:
    """Train from every seed and write the file."""
    torch.set_num_threads(1)
    started = time.perf_counter()
    chapter = chapter_code(CHAPTER)
    distance = json.loads((HERE / "03-distance.json").read_text("utf-8"))
    results = {
        "runs": {
            seed: one_seed(chapter, found["mixed"]["LSTM"], int(seed))
            for seed, found in distance["runs"].items()
        },
    }
    seconds = time.perf_counter() - started
    commit("03-implicit", distance["seeds"], seconds, results)


if __name__ == "__main__":
    main()
