"""Write with chapter 14's models from several seeds; write a JSON.

    OMP_NUM_THREADS=1 python chapters/runs/14-writing.py

The code is the chapter's own: every cell with the tag "experiment" is run.
The model of the long run is read from chapters/runs/14-shakespeare/.
"""

import time
from pathlib import Path
from types import SimpleNamespace

import torch
from committing import chapter_code, commit

from transformer_course import pretrained

HERE = Path(__file__).resolve().parent
CHAPTER = HERE.parent / "14-gpt.ipynb"
SEEDS = list(range(5))
LENGTHS = (32, 128, 256, 512, 768, 1000)


def milliseconds(chapter: SimpleNamespace) -> dict[str, list[float]]:
    """Time one more token without and with a cache, by length."""
    model = chapter.reader()
    return {
        str(length): [
            round(taken, 3)
            for taken in chapter.next_token_times(model, length)
        ]
        for length in LENGTHS
    }


def times(chapter: SimpleNamespace) -> dict[str, float]:
    """Time the writing of 512 tokens without and with a cache, seconds."""
    model = chapter.reader()
    found = {}
    for name, cached in (("without cache", False), ("with cache", True)):
        started = time.process_time()
        chapter.draws(model, torch.ones(1, 1, dtype=torch.int64), 512, cached)
        found[name] = round(time.process_time() - started, 2)
    return found


def one_seed(chapter: SimpleNamespace, seed: int) -> dict[str, object]:
    """Train the page's model; count what each way of writing repeats."""
    minute = chapter.train_briefly(seed)
    writer = pretrained.load(HERE / "14-shakespeare").float()
    return {
        "minute": round(chapter.held_out_loss(minute, chapter.test_ids), 4),
        "repeats": {
            way: round(share, 4)
            for way, share in chapter.repeats(
                writer, seed, chapter.WAYS
            ).items()
        },
    }


def main() -> None:
    """Go through every seed and write the file."""
    torch.set_num_threads(1)
    started = time.process_time()
    chapter = chapter_code(CHAPTER)
    found = {
        "milliseconds": milliseconds(chapter),
        "512 tokens": times(chapter),
    }
    runs: dict[str, object] = {}
    for seed in SEEDS:  # the file is there after each seed
        runs[str(seed)] = one_seed(chapter, seed)
        print(seed, runs[str(seed)], flush=True)
        seconds = time.process_time() - started
        commit(
            "14-writing", list(map(int, runs)), seconds,
            {**found, "runs": runs},
        )  # fmt: skip


if __name__ == "__main__":
    main()
