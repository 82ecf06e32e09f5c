"""Pre-train and fine-tune chapter 13's small BERTs; write 13-bert.json.

    OMP_NUM_THREADS=1 python chapters/runs/13-bert.py

The code is the chapter's own: every cell with the tag "experiment" is run,
so the committed numbers and the page cannot drift apart.
"""

import json
import time
from pathlib import Path
from types import SimpleNamespace

import torch
from committing import chapter_code, commit
from safetensors.torch import save_file

HERE = Path(__file__).resolve().parent
CHAPTER = HERE.parent / "13-bert.ipynb"
SEEDS = list(range(5))
KEPT = 1  # the seed whose causal body and pointer the chapter loads
LONGER = 2500  # steps, five times the chapter's


def rounded(values: dict[str, float]) -> dict[str, float]:
    """Four digits are enough for what differs from seed to seed."""
    return {name: round(value, 4) for name, value in values.items()}


def counted(chapter: SimpleNamespace, seed: int) -> dict[str, float]:
    """Restore the same hidden words by counting neighbours."""
    train = chapter.lessons(4000, seed, "train")[0]
    ids, *_ = chapter.lessons(500, seed, "test")
    reads, asked = chapter.hide(ids, chapter.seed(0))
    return {
        name: (chapter.counted_guess(train, reads, asked, sides) == ids[asked])
        .float()
        .mean()
        .item()
        for name, sides in chapter.SIDES.items()
    }


def one_seed(chapter: SimpleNamespace, seed: int) -> dict[str, object]:
    """Pre-train three bodies and fine-tune them, all from one seed."""
    rows = chapter.lessons(500, seed, "test")
    result: dict[str, object] = {"counted": rounded(counted(chapter, seed))}
    models = {
        "BERT": chapter.pretrain(seed),
        "only [MASK]": chapter.pretrain(seed, shares=(1.0, 0.0)),
        "nothing hidden": chapter.pretrain(seed, shares=(0.0, 0.0)),
        "causal": chapter.pretrain(seed, causal=True),
        "from scratch": chapter.fresh(seed),
    }
    if seed == KEPT:
        weights = models["causal"].state_dict()
        save_file(weights, HERE / "13-causal.safetensors")
    for name in ("BERT", "only [MASK]", "nothing hidden"):
        model = models[name]
        result[name] = rounded(
            {
                **chapter.restored(model, rows),
                "repeats": chapter.repeats(model, rows),
                "in order": chapter.says_follows(model, seed, swap=False),
                "swapped": chapter.says_follows(model, seed, swap=True),
            }
        )
    result["causal"] = {
        "hidden words": round(chapter.continued(models["causal"], rows), 4)
    }
    longer = chapter.pretrain(seed, n_steps=LONGER)
    twin = chapter.pretrain(seed, causal=True, n_steps=LONGER)
    result["longer"] = rounded(
        {
            "BERT": chapter.restored(longer, rows)["hidden words"],
            "causal": chapter.continued(twin, rows),
            "what follows": chapter.restored(longer, rows)["what follows"],
        }
    )
    for name in ("BERT", "only [MASK]", "causal", "from scratch"):
        finder = chapter.train_finder(models[name].body, seed)
        result[f"it, {name}"] = rounded(
            {
                **chapter.found(finder, seed),
                **chapter.twins_alike(finder.body, seed),
            }
        )
    for name in ("BERT", "from scratch"):
        pointer = chapter.train_pointer(models[name].body, seed)
        result[f"spans, {name}"] = rounded(chapter.pointed(pointer, seed))
        if (name, seed) == ("BERT", KEPT):
            save_file(pointer.state_dict(), HERE / "13-bert.safetensors")
    result["spans, nearest noun"] = rounded(chapter.nearest_noun(seed))
    print(seed, json.dumps(result), flush=True)
    return result


def main() -> None:
    """Train from every seed that the file lacks, and write it."""
    torch.set_num_threads(1)
    path = HERE / "13-bert.json"
    before = json.loads(path.read_text()) if path.is_file() else {}
    runs: dict[str, object] = before.get("runs", {})
    seconds: float = before.get("seconds", 0)
    chapter = chapter_code(CHAPTER)
    for seed in SEEDS:
        if str(seed) not in runs:
            started = time.process_time()
            runs[str(seed)] = one_seed(chapter, seed)
            seconds += time.process_time() - started
        # The file is there after each seed.
        commit("13-bert", list(map(int, runs)), seconds, {"runs": runs})


if __name__ == "__main__":
    main()
