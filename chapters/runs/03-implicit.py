"""Hold input gradients to what replaced words do; write 03-implicit.json.

    OMP_NUM_THREADS=1 python chapters/runs/03-implicit.py

The code is chapter 3's own: every cell with the tag "experiment" is run. The
LSTMs are those that 03-distance.json trained on a mixture of distances, once
more, for as many steps.
"""

import json
import platform
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import nbformat
import torch

from transformer_course import training

HERE = Path(__file__).resolve().parent
CHAPTER = HERE.parent / "03-before-attention.ipynb"


def chapter_code() -> SimpleNamespace:
    """Run the chapter's experiment cells and return what they define."""
    names: dict[str, object] = {}
    for cell in nbformat.read(CHAPTER, as_version=4).cells:
        if "experiment" in cell.metadata.get("tags", []):
            exec(compile(cell.source, str(CHAPTER), "exec"), names)
    return SimpleNamespace(**names)


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
    chapter = chapter_code()
    distance = json.loads((HERE / "03-distance.json").read_text("utf-8"))
    committed = {
        "command": "OMP_NUM_THREADS=1 python chapters/runs/03-implicit.py",
        "seeds": distance["seeds"],
        "machine": (
            f"{platform.machine()}, one thread, Python "
            f"{platform.python_version()}, torch {torch.__version__}"
        ),
        "runs": {
            seed: one_seed(chapter, found["mixed"]["LSTM"], int(seed))
            for seed, found in distance["runs"].items()
        },
    }
    committed["seconds"] = round(time.perf_counter() - started)
    path = HERE / "03-implicit.json"
    path.write_text(json.dumps(committed, indent=1) + "\n", encoding="utf-8")
    print(path, file=sys.stderr)


if __name__ == "__main__":
    main()
