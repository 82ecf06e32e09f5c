"""Pre-train chapter 13's small BERT on Shakespeare; write 13-shakespeare.json.

    OMP_NUM_THREADS=1 python chapters/runs/13-shakespeare.py

The model, its loss and the counted tables are the chapter's own code; words
are hidden by the library. Parts are two lines each: the second follows the
first in the work, or is from anywhere. Every tenth work is held out.
Trainings leave checkpoints in ``13-shakespeare/`` beside this file: called
again, the run goes on where it was stopped.
"""

import json
import random
import shutil
import time
from collections import Counter
from pathlib import Path
from types import SimpleNamespace

import torch
from committing import chapter_code, commit
from torch import Tensor, nn

from transformer_course import bert, datasets, training
from transformer_course.batching import pad
from transformer_course.tokenization.vocabulary import Vocabulary
from transformer_course.tokenization.wordpiece import WordPieceTokenizer
from transformer_course.training.schedules import linear

HERE = Path(__file__).resolve().parent
CHAPTER = HERE.parent / "13-bert.ipynb"
NAME = "13-shakespeare"
SEEDS = [0, 1]
STEPS = 4000
LONGEST = 30  # tokens of a part
Rows = tuple[Tensor, Tensor, Tensor]


def parts() -> dict[str, list[list[list[str]]]]:
    """Cut each work into parts of two lines, by split, work and part."""
    files = datasets.load_minilm_files()
    pieces = files["vocab.txt"].decode().splitlines()
    cutter = WordPieceTokenizer(pieces)
    told: dict[str, list[list[list[str]]]] = {"train": [], "test": []}
    for number, text in enumerate(datasets.load_shakespeare().values()):
        lines = [line for line in text.splitlines() if line.strip()]
        pairs = zip(lines[::2], lines[1::2], strict=False)
        split = "test" if number % 10 == 5 else "train"
        told[split].append(
            [cutter.tokens(f"{a} {b}")[:LONGEST] for a, b in pairs]
        )
    return told


def rows_of(
    works: list[list[list[str]]], words: Vocabulary, swap: bool = False
) -> Rows:
    """Pair each part with its successor or, half of the time, any other."""
    draw = random.Random(0)
    first_id, last_id = words.ids(["[CLS]", "[SEP]"])
    every = [part for work in works for part in work]
    ids, segments, follows = [], [], []
    for work in works:
        for one, successor in zip(work[::2], work[1::2], strict=False):
            follow = draw.random() < 0.5
            two = successor if follow else draw.choice(every)
            pair = (two, one) if swap else (one, two)
            first = [first_id, *words.ids(pair[0]), last_id]
            second = [*words.ids(pair[1]), last_id]
            ids.append(first + second)
            segments.append([0] * len(first) + [1] * len(second))
            follows.append(int(follow))
    return pad(ids)[0], pad(segments)[0], torch.tensor(follows)


def hidden(
    chapter: SimpleNamespace,
    ids: Tensor,
    vocab_size: int,
    generator: torch.Generator,
) -> tuple[Tensor, Tensor]:
    """What the model reads, and which words it is asked for."""
    may_ask = ids >= len(chapter.SPECIAL)
    reads, targets = bert.mask_tokens(
        ids, may_ask, mask_id=chapter.MASK, vocab_size=vocab_size,
        generator=generator,
    )  # fmt: skip
    return reads, targets != bert.NOT_ASKED


def train(
    chapter: SimpleNamespace, rows: Rows, vocab_size: int, seed: int
) -> nn.Module:
    """Train on both lessons at once, as the chapter does."""
    config = bert.BERTConfig(
        vocab_size, d_model=64, n_heads=4, d_ff=128, n_layers=2,
        max_seq_len=2 * LONGEST + 3, dropout=0.0,
    )  # fmt: skip
    with training.seeded(seed):
        model = chapter.Pretraining(chapter.OurBERT(config))
        for matrix in model.parameters():
            if matrix.dim() == 2:
                nn.init.normal_(matrix, std=config.d_model**-0.5)
    draw = training.row_sampler(*rows, batch_size=32)

    def sample(generator: torch.Generator) -> tuple[Tensor, ...]:
        ids, segments, follows = draw(generator)
        ids, segments = chapter.shortened(ids, segments)
        reads, asked = hidden(chapter, ids, vocab_size, generator)
        return ids, reads, asked, segments, follows

    folder = HERE / NAME / f"seed {seed}"
    training.train(
        model, sample, chapter.pretraining_loss, n_steps=STEPS, lr=4e-3,
        generator=chapter.seed(seed), max_gradient_norm=1.0,
        schedule=linear(STEPS, n_warmup=STEPS // 10),
        checkpoints=training.Checkpoints(folder, every=250, keep=1),
    )  # fmt: skip
    shutil.rmtree(folder)
    return model


@torch.no_grad()
def says_follows(model: nn.Module, rows: Rows) -> Tensor:
    """Whether the model says of each pair that it follows (n,)."""
    ids, segments, _ = rows
    pooled = model.body(ids, ids != 0, segments).pooled
    return model.follows(pooled).argmax(dim=1) == 1


@torch.no_grad()
def scores(
    chapter: SimpleNamespace,
    model: nn.Module,
    train_ids: Tensor,
    rows: Rows,
    swapped: Rows,
) -> dict[str, float]:
    """Words restored by tables and model, and pairs told right."""
    ids, segments, follows = rows
    vocab_size = len(model.bias)
    reads, asked = hidden(chapter, ids, vocab_size, chapter.seed(0))
    right = ids[asked]
    found = {
        f"table, {name}": chapter.counted_guess(train_ids, reads, asked, sides)
        == right
        for name, sides in chapter.SIDES.items()
    }
    vectors = model.body(reads, reads != 0, segments).hidden[asked]
    found["hidden words"] = model.name(vectors).argmax(dim=1) == right
    said = says_follows(model, rows)
    found["what follows"] = said == (follows == 1)
    found["in order"] = said[follows == 1]
    found["swapped"] = says_follows(model, swapped)[follows == 1]
    return {
        name: round(hit.float().mean().item(), 4)
        for name, hit in found.items()
    }


def one_seed(chapter: SimpleNamespace, seed: int) -> dict[str, float]:
    """Train from one seed; score it and the counted tables."""
    told = parts()
    counts = Counter(
        token for work in told["train"] for part in work for token in part
    )
    frequent = {token for token, n in counts.items() if n >= 3}
    words = Vocabulary(
        [*chapter.SPECIAL, *sorted(frequent - set(chapter.SPECIAL))],
        unknown="[UNK]",
    )
    rows = rows_of(told["train"], words)
    tests = []
    for swap in (False, True):
        ids, segments, follows = rows_of(told["test"], words, swap=swap)
        few = torch.randperm(len(ids), generator=chapter.seed(0))[:1000]
        tests.append((ids[few], segments[few], follows[few]))
    model = train(chapter, rows, len(words), seed)
    return {
        "vocabulary": len(words),
        "training pairs": len(rows[0]),
        **scores(chapter, model, rows[0], *tests),
    }


def main() -> None:
    """Train from every seed that the file lacks, and write it."""
    torch.set_num_threads(1)
    path = HERE / f"{NAME}.json"
    before = json.loads(path.read_text()) if path.is_file() else {}
    runs: dict[str, object] = before.get("runs", {})
    seconds: float = before.get("seconds", 0)
    chapter = chapter_code(CHAPTER)
    for seed in SEEDS:
        if str(seed) not in runs:
            started = time.process_time()
            runs[str(seed)] = one_seed(chapter, seed)
            print(seed, json.dumps(runs[str(seed)]), flush=True)
            seconds += time.process_time() - started
        # The file is there after each seed.
        commit(NAME, list(map(int, runs)), seconds, {"runs": runs})


if __name__ == "__main__":
    main()
