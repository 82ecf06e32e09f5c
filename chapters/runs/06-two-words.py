"""Train the fetchers of chapter 6 from several seeds; write 06-two-words.json.

    OMP_NUM_THREADS=1 python chapters/runs/06-two-words.py

The code is the chapter's own: every cell with the tag "experiment" is run,
so the committed numbers and the page cannot drift apart. The times are the
processor's, taken in turn, and stand relative to one head.
"""

import statistics
import time
from pathlib import Path
from types import SimpleNamespace

import torch
from committing import chapter_code, commit

HERE = Path(__file__).resolve().parent
CHAPTER = HERE.parent / "06-multi-head-attention.ipynb"
SEEDS = list(range(6))
HEADS = (1, 2, 4, 8, 16, 32)
SHAPES = ((8, 32, 256), (2, 512, 256))  # (B, T, D)
ROUNDS = 15


def one_seed(chapter: SimpleNamespace, seed: int) -> dict[str, object]:
    """Train every arm on one seed's sentences and score it on its test."""
    test = chapter.draw(1000, seed, "test")
    new_pairs = chapter.draw(1000, seed, "new pairs")
    arms: dict[str, tuple[int, dict[str, object]]] = {
        "1 head": (1, {}),
        **{f"{n} heads": (n, {}) for n in (2, 4, 8, 16)},
        "1 head, D = 64": (1, {"d_model": 64}),
        "1 head, ReLU": (1, {"hidden": 128}),
        **{name: (1, options) for name, options in chapter.MIXTURES.items()},
        "16 heads, D = 64": (16, {"d_model": 64}),
        **{name: (2, {"layer": bug}) for name, bug in chapter.BROKEN.items()},
    }
    result: dict[str, object] = {}
    for name, (n_heads, options) in arms.items():
        started = time.process_time()
        model = chapter.fit(seed, n_heads, **options)
        scores: dict[str, object] = {
            "seconds": round(time.process_time() - started, 1),
            **rounded(chapter.scores_of(model, test)),
        }
        new = chapter.scores_of(model, new_pairs)
        scores["both, new pairs"] = round(new["both"], 4)
        padded = chapter.scores_of(model, chapter.padded(test))
        scores["both, padded"] = round(padded["both"], 4)
        if name in ("2 heads", "4 heads"):
            scores["cut"] = [
                rounded(
                    chapter.scores_of(chapter.without_head(model, head), test)
                )
                for head in range(n_heads)
            ]
            weights = chapter.role_weights(model, test)
            scores["weights"] = [
                [round(w, 4) for w in head] for head in weights.tolist()
            ]
        result[name] = scores
        print(seed, name, scores, flush=True)
    return result


def rounded(scores: dict[str, float]) -> dict[str, float]:
    """Four digits of each score."""
    return {name: round(value, 4) for name, value in scores.items()}


def times(chapter: SimpleNamespace) -> list[dict[str, object]]:
    """Forward time by number of heads, relative to one head."""
    result: list[dict[str, object]] = []
    generator = torch.Generator().manual_seed(0)
    for shape in SHAPES:
        x = torch.randn(*shape, generator=generator)
        entry: dict[str, object] = {
            "shape": f"{shape[0]} sentences of {shape[1]} words, "
            f"width {shape[2]}",
            "words": shape[1],
        }
        for path, need in (("written out", True), ("fused", False)):
            entry[path] = ratios(chapter, x, need)
        result.append(entry)
        print(entry, flush=True)
    return result


@torch.no_grad()
def ratios(
    chapter: SimpleNamespace, x: torch.Tensor, need: bool
) -> dict[str, float]:
    """Median time by number of heads over that of one head."""
    layers = {n: chapter.MultiHeadAttention(x.size(-1), n) for n in HEADS}
    spent: dict[int, list[float]] = {n: [] for n in HEADS}
    for _ in range(ROUNDS):
        for n, layer in layers.items():
            started = time.process_time()
            for _ in range(5):
                layer(x, need_weights=need)
            spent[n].append(time.process_time() - started)
    medians = {n: statistics.median(s) for n, s in spent.items()}
    return {str(n): round(medians[n] / medians[1], 2) for n in HEADS}


def main() -> None:
    """Train from every seed, take the times and write the file."""
    torch.set_num_threads(1)
    started = time.perf_counter()
    chapter = chapter_code(CHAPTER)
    measured = times(chapter)
    runs = {str(seed): one_seed(chapter, seed) for seed in SEEDS}
    results = {
        "times": measured,
        "runs": runs,
    }
    seconds = time.perf_counter() - started
    commit("06-two-words", SEEDS, seconds, results)


if __name__ == "__main__":
    main()
