"""Train chapter 11's model; write its scores, its log and its weights.

    OMP_NUM_THREADS=1 python chapters/runs/11-four-jobs.py [ARM ...]

Three arms: the recipe of the chapter; the same with stories of its own for
each job; the same with an encoder that reads the whole story at once. The
code is the chapter's own: every cell with the tag "experiment" is run, so the
committed numbers and the page cannot drift apart.
Stopped and started again, a training goes on from its last checkpoint, in
work/11-four-jobs; an arm that the JSON holds is not trained again. Delete
both to begin anew.
"""

import json
import sys
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import torch
from committing import chapter_code, commit
from safetensors.torch import save_file

from transformer_course.reporting import committed_run
from transformer_course.training import Checkpoints, Evaluation
from transformer_course.transformer import Transformer

HERE = Path(__file__).resolve().parent
CHAPTER = HERE.parent / "11-four-jobs.ipynb"
RESULT = HERE / "11-four-jobs.json"
WEIGHTS = HERE / "11-four-jobs.safetensors"
WORK = HERE.parents[1] / "work" / "11-four-jobs"
SEED, EVERY = 0, 500
ALL = ("<feel>", "<answer>", "<summarize>", "<continue>")
TWO = ("<answer>", "<summarize>")
STAGES = [(TWO, 3000), (ALL, 5000)]
# arm: is it read by sentence, and the share of continuations whose story is
# one of those that are summed up
ARMS = {
    "as described": (True, 0.5),
    "own stories": (True, 0.0),
    "whole story": (False, 0.5),
}
IN_USE = "as described"


def scores(
    chapter: SimpleNamespace, model: Transformer, split: str, n_pairs: int
) -> dict[str, dict[str, float]]:
    """Share right by item and by pair, of each job."""
    found = {}
    for token in chapter.JOBS:
        examples = chapter.draw(token, n_pairs, 0, split)
        right = chapter.score(model, examples)
        found[token] = {
            "by item": round(sum(right) / len(right), 4),
            "by pair": round(chapter.tasks.pair_accuracy(right), 4),
        }
    return found


def fitted(
    chapter: SimpleNamespace,
    model: Transformer,
    stage: tuple[tuple[str, ...], int],
    shared: float,
    folder: Path,
) -> tuple[float, list[dict[str, Any]]]:
    """Train a stage, from its last checkpoint; seconds, and its log."""
    log = folder / "validation.jsonl"
    folder.mkdir(parents=True, exist_ok=True)

    def score(model: torch.nn.Module) -> float:
        found = scores(chapter, model, "validation", 100)
        with log.open("a", encoding="utf-8") as file:
            file.write(json.dumps(found) + "\n")
        print(found, file=sys.stderr, flush=True)
        return sum(s["by pair"] for s in found.values()) / len(found)

    jobs, n_steps = stage
    endings = partial(chapter.ending_lessons, shared=shared)
    history = chapter.fit(
        model,
        jobs,
        SEED,
        n_steps,
        {**chapter.LESSONS, "<continue>": endings},
        checkpoints=Checkpoints(folder / "checkpoints", every=EVERY),
        evaluation=Evaluation(score, every=EVERY, higher_is_better=True),
    )
    lines = log.read_text(encoding="utf-8").splitlines()
    n = len(history.scores)  # a stage that was taken up again has more
    return history.seconds, [json.loads(line) for line in lines[-n:]]


def one_arm(chapter: SimpleNamespace, name: str) -> dict[str, Any]:
    """Train through the stages, and score the arm on the test split."""
    by_sentence, shared = ARMS[name]
    kind = chapter.StoryReader if by_sentence else Transformer
    model = chapter.build(SEED, kind)
    seconds, log = 0.0, []
    for i, stage in enumerate(STAGES):
        folder = WORK / name.replace(" ", "-") / str(i)
        taken, lines = fitted(chapter, model, stage, shared, folder)
        seconds += taken
        log += lines
    if name == IN_USE:
        weights = {k: v.contiguous() for k, v in model.state_dict().items()}
        save_file(weights, WEIGHTS)
    return {
        "parameters": sum(p.numel() for p in model.parameters()),
        "stages": [[list(jobs), n_steps] for jobs, n_steps in STAGES],
        "seconds of training": round(seconds),
        "test": scores(chapter, model, "test", 500),
        "forms": chapter.forms_by_token(model),
        "validated at": [EVERY * (i + 1) for i in range(len(log))],
        "validation": log,
    }


def written() -> dict[str, Any]:
    """Read what the JSON holds so far."""
    if not RESULT.exists():
        return {"runs": {}, "seconds": 0.0}
    return committed_run(RESULT.stem)


def main(names: Sequence[str] = tuple(ARMS)) -> None:
    """Train what the JSON lacks, and write it after each arm."""
    torch.set_num_threads(1)
    chapter = chapter_code(CHAPTER)
    for name in names:
        before = written()
        run, seconds = before["runs"].get(name), 0.0
        if run is None:
            started = time.process_time()
            run = one_arm(chapter, name)
            seconds = time.process_time() - started
            before = written()  # other arms may have ended meanwhile
        runs = {**before["runs"], name: run}
        seconds += before["seconds"]
        commit("11-four-jobs", [SEED], seconds, {"runs": runs})


if __name__ == "__main__":
    main(sys.argv[1:] or tuple(ARMS))
