"""MiniLM in our BERT against the transformers library's BertModel.

The first 100 film reviews of the test split become sentence vectors, in both
models, from the same weights, in the same process, turn and turn about. What
is written: how far the vectors differ, and the seconds of either, with the
ratio of each turn (above 1 where ours is faster).

    OMP_NUM_THREADS=1 python benchmarks/minilm.py
"""

import json
import os
import platform
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import torch
from tokenizers import Tokenizer
from torch import Tensor

from transformer_course import datasets, pretrained
from transformer_course.bert import sentence_vectors

os.environ["HF_HUB_OFFLINE"] = "1"
N_SENTENCES, N_TURNS = 100, 21
BATCH_SIZES = (1, 32)

Read = Callable[[Tensor, Tensor], Tensor]


def batches(
    tokenizer: Tokenizer, sentences: Sequence[str], batch_size: int
) -> list[tuple[Tensor, Tensor]]:
    """Turn sentences into ids and masks, each batch as wide as it must be."""
    made = []
    for start in range(0, len(sentences), batch_size):
        coded = tokenizer.encode_batch(sentences[start : start + batch_size])
        made.append(
            (
                torch.tensor([one.ids for one in coded]),
                torch.tensor([one.attention_mask for one in coded]).bool(),
            )
        )
    return made


def vectors(read: Read, given: Sequence[tuple[Tensor, Tensor]]) -> Tensor:
    """Give each sentence its vector."""
    return torch.cat(
        [sentence_vectors(read(token_ids, m), m) for token_ids, m in given]
    )


def both_models(folder: Path) -> tuple[Read, Read]:
    """Load the same weights into ours and into theirs."""
    from transformers import BertModel

    for name, content in datasets.load_minilm_files().items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
    ours = pretrained.load(folder)
    theirs = BertModel.from_pretrained(folder).eval()
    return (
        lambda token_ids, real: ours(token_ids, real).hidden,
        lambda token_ids, real: (
            theirs(token_ids, attention_mask=real.long()).last_hidden_state
        ),
    )


def measure(
    ours: Read, theirs: Read, given: Sequence[tuple[Tensor, Tensor]]
) -> dict[str, object]:
    """Time both, turn and turn about, after one turn that is not counted."""
    difference = (vectors(ours, given) - vectors(theirs, given)).abs().max()
    seconds: dict[str, list[float]] = {"ours": [], "theirs": []}
    for turn in range(N_TURNS):
        pair = [("ours", ours), ("theirs", theirs)]
        for name, read in pair if turn % 2 else reversed(pair):
            start = time.process_time()
            vectors(read, given)
            seconds[name].append(time.process_time() - start)
    ratios = [
        other / mine for mine, other in zip(*seconds.values(), strict=True)
    ]
    return {
        "largest_difference": difference.item(),
        "seconds_ours": round(statistics.median(seconds["ours"]), 4),
        "seconds_theirs": round(statistics.median(seconds["theirs"]), 4),
        "times_as_fast": round(statistics.median(ratios), 3),
        "times_as_fast_each_turn": sorted(round(r, 3) for r in ratios),
    }


def main() -> None:
    """Measure and write the file."""
    import transformers

    torch.set_num_threads(1)
    reviews = datasets.load_film_reviews("test")[:N_SENTENCES]
    sentences = [review.text for review in reviews]
    with tempfile.TemporaryDirectory() as name, torch.inference_mode():
        folder = Path(name)
        ours, theirs = both_models(folder)
        tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        tokenizer.enable_padding()
        results = {
            f"batches_of_{size}": measure(
                ours, theirs, batches(tokenizer, sentences, size)
            )
            for size in BATCH_SIZES
        }
    committed = {
        "command": "OMP_NUM_THREADS=1 python benchmarks/minilm.py",
        "machine": f"{platform.machine()}, one thread, Python "
        f"{platform.python_version()}, torch {torch.__version__}, "
        f"transformers {transformers.__version__}",
        "sentences": N_SENTENCES,
        "turns": N_TURNS,
        **results,
    }
    path = Path(__file__).with_suffix(".json")
    path.write_text(json.dumps(committed, indent=1) + "\n", encoding="utf-8")
    print(path, file=sys.stderr)


if __name__ == "__main__":
    main()
