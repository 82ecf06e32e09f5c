"""What each part of today's Transformer gains in the same seconds of CPU.

Chapter 14's small GPT learns Shakespeare's characters for 24 seconds of CPU
time: as it is, and with one part exchanged at a time. Then the parts whose
gain on the validation plays exceeds two standard errors train together, and
the GPT once more beside them. All models of one seed learn at the same time:
whoever has had the fewest seconds goes on for half a second, so that a spell
in which the machine is slow slows all of them.

    OMP_NUM_THREADS=1 python benchmarks/modern.py

The models and the race are chapter 16's own: every cell with the tag
"experiment" is run. A seed's scores are kept in work/16-modern when its
models are done, and a benchmark that was stopped goes on behind them; delete
that folder to begin anew. Two look-up tasks on texts longer than those of
the training, and what single parts cost in memory and time, come after.
"""

import argparse
import json
import platform
import runpy
import statistics
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import torch

HERE = Path(__file__).resolve().parent
CHAPTER = HERE.parent / "chapters" / "16-the-modern-transformer.ipynb"
KEPT = HERE.parent / "work" / "16-modern"
SEEDS = range(5)
BUDGET = 24.0  # seconds of CPU time for each model

Scores = dict[str, dict[str, float]]


def race(
    chapter: SimpleNamespace, arms: dict[str, Sequence[str]], seed: int
) -> Scores:
    """Train all arms from one seed and score them on both sets of plays."""
    runs = {
        arm: chapter.start(chapter.switched(switches), seed)
        for arm, switches in arms.items()
    }
    chapter.race(list(runs.values()), BUDGET)
    return {
        arm: {
            "steps": run.n_steps,
            "seconds": round(run.seconds, 2),
            "validation": round(
                chapter.held_out_loss(run.model, chapter.validation_ids), 4
            ),
            "test": round(
                chapter.held_out_loss(run.model, chapter.test_ids), 4
            ),
        }
        for arm, run in runs.items()
    }


def kept(name: str, make: Callable[[], Any]) -> Any:
    """Read what an earlier call made, or make it and keep it."""
    path = KEPT / f"{name}.json"
    if not path.is_file():
        made = make()
        path.parent.mkdir(parents=True, exist_ok=True)
        half = path.with_suffix(".part")
        half.write_text(json.dumps(made), encoding="utf-8")
        half.replace(path)
        print(name, made, file=sys.stderr, flush=True)
    return json.loads(path.read_text(encoding="utf-8"))


def gains(by_seed: dict[str, Scores], arm: str, on: str) -> list[float]:
    """By how much an arm's loss is below the GPT's, seed by seed."""
    return [one["GPT"][on] - one[arm][on] for one in by_seed.values()]


def chosen(by_seed: dict[str, Scores], names: Sequence[str]) -> list[str]:
    """Name the switches that gain over two standard errors in validation."""
    found = []
    for name in names:
        each = gains(by_seed, name, "validation")
        error = statistics.stdev(each) / len(each) ** 0.5
        if statistics.mean(each) > 2 * error:
            found.append(name)
    return found


def ablation(chapter: SimpleNamespace, seeds: Sequence[int]) -> dict[str, Any]:
    """Race the single switches, choose among them, race the choice."""
    arms: dict[str, Sequence[str]] = {"GPT": ()}
    arms |= {name: (name,) for name in chapter.SWITCHES}
    arms["all of them"] = chapter.MODERN
    single = {
        str(seed): kept(
            f"single-{seed}", lambda seed=seed: race(chapter, arms, seed)
        )
        for seed in seeds
    }
    best = chosen(single, list(chapter.SWITCHES))
    together = {"GPT": (), "best together": best}
    name = "-".join(best).replace(" ", "_")
    final = {
        str(seed): kept(
            f"best-{seed}-{name}",
            lambda seed=seed: race(chapter, together, seed),
        )
        for seed in seeds
    }
    return {"single": single, "chosen": best, "together": final}


def trained(*parts: dict[str, Scores]) -> float:
    """Add up the seconds of all trainings."""
    return sum(
        arm["seconds"]
        for part in parts
        for scores in part.values()
        for arm in scores.values()
    )


def main() -> None:
    """Measure, and write the file."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--chapter", type=Path, default=CHAPTER)
    parser.add_argument("--seeds", type=int, default=len(SEEDS))
    given = parser.parse_args()
    torch.set_num_threads(1)
    shared = runpy.run_path(
        str(HERE.parent / "chapters" / "runs" / "committing.py")
    )
    chapter = shared["chapter_code"](given.chapter)
    seeds = list(SEEDS)[: given.seeds]
    results = ablation(chapter, seeds)
    results["far"] = {
        str(seed): kept(f"far-{seed}", lambda seed=seed: chapter.far(seed))
        for seed in seeds
    }
    results["milliseconds"] = kept("milliseconds", chapter.milliseconds)
    results["limit"] = chapter.LIMIT
    results["lengths"] = kept("lengths", chapter.lengths)
    committed = {
        "command": "OMP_NUM_THREADS=1 python benchmarks/modern.py",
        "seeds": seeds,
        "machine": f"{platform.machine()}, one thread, Python "
        f"{platform.python_version()}, torch {torch.__version__}",
        "seconds": round(trained(results["single"], results["together"])),
        "budget": BUDGET,
        **results,
    }
    path = Path(__file__).with_suffix(".json")
    path.write_text(json.dumps(committed, indent=1) + "\n", encoding="utf-8")
    print(path, file=sys.stderr)


if __name__ == "__main__":
    main()
