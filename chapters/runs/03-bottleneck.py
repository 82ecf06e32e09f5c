"""Train chapter 3's encoder-decoders, without and with attention.

    OMP_NUM_THREADS=1 python chapters/runs/03-bottleneck.py

Models, items and scores are the chapter's own: every cell with the tag
"experiment" is run. Both models have as many parameters and are trained for
as many seconds of the process; it writes 03-bottleneck.json.
"""

import time
from pathlib import Path
from types import SimpleNamespace

import torch
from committing import chapter_code, commit
from torch import nn

from transformer_course import training

HERE = Path(__file__).resolve().parent
CHAPTER = HERE.parent / "03-before-attention.ipynb"
SEEDS = list(range(5))
LENGTHS = (2, 4, 6, 8, 10, 12, 14, 16)
SECONDS = (9.0, 3.0)  # with the larger and with the smaller learning rate


class OutOfTimeError(Exception):
    """Ends a training after its seconds."""


def train_for(
    seconds: float,
    chapter: SimpleNamespace,
    model: nn.Module,
    lr: float,
    generator: torch.Generator,
) -> tuple[int, float]:
    """Train until the process has computed so long; steps and seconds."""
    started, steps = time.process_time(), 0

    def timed(generator: torch.Generator) -> object:
        nonlocal steps
        if time.process_time() - started > seconds:
            raise OutOfTimeError
        steps += 1
        return chapter.reversal_sample(generator)

    try:
        training.train(
            model, timed, chapter.reversal_loss, n_steps=10**9, lr=lr,
            generator=generator,
        )  # fmt: skip
    except OutOfTimeError:
        return steps, round(time.process_time() - started, 2)
    raise AssertionError("the training ended before its time")


def one_seed(chapter: SimpleNamespace, seed: int) -> dict[str, object]:
    """Train both writers and score them by length."""
    result: dict[str, object] = {}
    for name, make in chapter.WRITERS.items():
        with training.seeded(seed):
            model = make()
        generator = torch.Generator().manual_seed(seed)
        rates = zip(SECONDS, chapter.REVERSAL_RATES, strict=True)
        phases = [
            train_for(seconds, chapter, model, lr, generator)
            for seconds, lr in rates
        ]
        scores = {n: chapter.reversal_accuracy(model, n) for n in LENGTHS}
        entry: dict[str, object] = {
            "steps": [steps for steps, _ in phases],
            "seconds": round(sum(taken for _, taken in phases), 2),
            "parameters": sum(p.numel() for p in model.parameters()),
            "words": {str(n): round(s[0], 4) for n, s in scores.items()},
            "whole": {str(n): round(s[1], 4) for n, s in scores.items()},
        }
        if name == "with attention":
            found = {n: chapter.alignment(model, n) for n in LENGTHS}
            entry["heaviest on own word"] = {
                str(n): round(a[0], 4) for n, a in found.items()
            }
            entry["weight on own word"] = {
                str(n): round(a[1], 4) for n, a in found.items()
            }
            entry["cut"] = {
                str(n): {
                    cut: round(value, 4)
                    for cut, value in chapter.cut_accuracies(model, n).items()
                }
                for n in (8, 16)
            }
        result[name] = entry
        print(seed, name, entry, flush=True)
    return result


def main() -> None:
    """Train from every seed and write the file."""
    torch.set_num_threads(1)
    started = time.perf_counter()
    chapter = chapter_code(CHAPTER)
    runs = {str(seed): one_seed(chapter, seed) for seed in SEEDS}
    seconds = time.perf_counter() - started
    commit(
        "03-bottleneck",
        SEEDS,
        seconds,
        {"runs": runs},
        "; seconds of training are process time",
    )


if __name__ == "__main__":
    main()
