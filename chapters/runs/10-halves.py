"""Train the translators of chapter 10 from several seeds; write a JSON.

    OMP_NUM_THREADS=1 python chapters/runs/10-halves.py

The code is the chapter's own: every cell with the tag "experiment" is run,
so the committed numbers and the page cannot drift apart.
"""

import time
from pathlib import Path
from types import SimpleNamespace

import torch
from committing import chapter_code, commit

from transformer_course.layers import EncoderBlock

HERE = Path(__file__).resolve().parent
CHAPTER = HERE.parent / "10-encoder-and-decoder.ipynb"
SEEDS = list(range(5))


def make(chapter: SimpleNamespace, arm: str, seed: int) -> torch.nn.Module:
    """Build the model of an arm, not trained yet."""
    kinds = {
        "no source": chapter.NoSource,
        "notes' attention": chapter.NotesAttention,
        "no padding mask": chapter.NoPaddingMask,
        "no factor": chapter.NoFactor,
    }
    model = chapter.build(seed, kinds.get(arm, chapter.Transformer))
    half, _, frozen = arm.partition(" ")
    if frozen == "frozen":
        getattr(model, half).requires_grad_(False)
    if arm == "large embeddings":
        draw = torch.Generator().manual_seed(seed)
        torch.nn.init.normal_(model.embedding.weight, generator=draw)
    return model


ARMS = (
    "whole", "no source", "encoder frozen", "decoder frozen",
    "notes' attention", "no shift", "no padding mask", "no factor",
    "large embeddings",
)  # fmt: skip


def score(
    chapter: SimpleNamespace,
    model: torch.nn.Module,
    items: list[object],
    width: int,
) -> dict[str, float]:
    """Exact match by item and by pair of what greedy decoding writes."""
    source, real, target = chapter.tensors(items, width)
    with torch.no_grad():
        memory = model.encode(source, real)
    right = chapter.right(chapter.greedy(model, memory, real), target)
    by_pair = chapter.tasks.pair_accuracy(right.tolist())
    return {
        "by item": round(right.float().mean().item(), 4),
        "by pair": round(by_pair, 4),
    }


def lay_hands_on(
    chapter: SimpleNamespace,
    model: torch.nn.Module,
    items: list[object],
    seed: int,
) -> dict[str, object]:
    """Erase the memory, exchange it half-way, cut the map."""
    source, real, target = chapter.tensors(items)
    draw = torch.Generator().manual_seed(seed)
    order = torch.randperm(len(items), generator=draw).tolist()
    participle, whole = chapter.halfway(model, items, order)
    words, mask = chapter.shuffled(source, real, draw)
    with torch.no_grad():
        memory = model.encode(source, real)
        erased = chapter.loss_from(model, 0 * memory, real, target)
        read_so = model.encode(words, mask)
    right = chapter.right(chapter.greedy(model, read_so, mask), target)
    return {
        "erased loss": round(erased.item(), 4),
        "words shuffled": round(right.float().mean().item(), 4),
        "participle": round(participle.float().mean().item(), 4),
        "mixture": round(whole.float().mean().item(), 4),
        **chapter.map_scores(model, items),
    }


def milliseconds() -> dict[str, dict[str, float]]:
    """Time one sentence through an LSTM and through an encoder block.

    Both are 256 wide and hold about 525,000 parameters. The smallest of five
    runs, forward alone, on one thread.
    """
    layers = {
        "LSTM": torch.nn.LSTM(256, 256, batch_first=True),
        "encoder block": EncoderBlock(256, 4, 512),
    }
    times: dict[str, dict[str, float]] = {}
    for name, layer in layers.items():
        times[name] = {}
        for length in (16, 64, 256, 1024, 4096):
            x = torch.zeros(1, length, 256)
            taken = []
            for _ in range(5):
                started = time.process_time()
                with torch.no_grad():
                    layer(x)
                taken.append(time.process_time() - started)
            times[name][str(length)] = round(1000 * min(taken), 2)
    return times


def one_seed(chapter: SimpleNamespace, seed: int) -> dict[str, object]:
    """Train every arm on one seed's sentences and score it on its test."""
    train_items = chapter.draw(seed)
    items = chapter.draw(seed, "test", 250)
    result: dict[str, object] = {}
    for arm in ARMS:
        width = chapter.LONGEST - 1 if arm == "notes' attention" else 5
        loss_fn = (
            chapter.unshifted_loss
            if arm == "no shift"
            else chapter.translation_loss
        )
        model = make(chapter, arm, seed)
        started = time.process_time()
        losses = chapter.fit(
            model, chapter.tensors(train_items, width), seed, loss_fn
        )
        seconds = time.process_time() - started
        batch = chapter.tensors(items, width)
        with torch.no_grad():
            loss = loss_fn(model, batch).item()
        scores: dict[str, object] = {
            "seconds": round(seconds, 1),
            "first loss": round(losses[0], 3),
            "last losses": round(sum(losses[-50:]) / 50, 4),
            "test loss": round(loss, 4),
            **score(chapter, model, items, width),
        }
        if arm in ("whole", "no padding mask"):
            more = score(chapter, model, items, width + 4)
            scores["more padding"] = more["by item"]
        if arm == "whole":
            scores |= lay_hands_on(chapter, model, items, seed)
        result[arm] = scores
        print(seed, arm, scores, flush=True)
    return result


def main() -> None:
    """Train from every seed and write the file."""
    torch.set_num_threads(1)
    started = time.process_time()
    speeds = milliseconds()
    print(speeds, flush=True)
    chapter = chapter_code(CHAPTER)
    runs: dict[str, object] = {}
    for seed in SEEDS:  # the file is there after each seed
        runs[str(seed)] = one_seed(chapter, seed)
        seconds = time.process_time() - started
        found = {"milliseconds": speeds, "runs": runs}
        commit("10-halves", list(map(int, runs)), seconds, found)


if __name__ == "__main__":
    main()
