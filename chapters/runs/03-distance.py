"""Recall, gradient and time by distance for chapters 3 and 5.

    OMP_NUM_THREADS=1 python chapters/runs/03-distance.py

The items, the recurrent readers and their training are chapter 3's own: every
cell with the tag "experiment" is run, so the committed numbers and the page
cannot drift apart. The reader with attention, which chapter 3 cannot have
yet, is defined here and drawn in chapter 5.
"""

import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import torch
from committing import chapter_code, commit
from torch import Tensor, nn

from transformer_course import training
from transformer_course.attention import MultiHeadAttention
from transformer_course.positions import SinusoidalPositions

HERE = Path(__file__).resolve().parent
CHAPTER = HERE.parent / "03-before-attention.ipynb"
SEEDS = list(range(5))
DISTANCES = (8, 16, 32, 64, 128)
MIXED = (1, 2, 4, *DISTANCES)
LENGTHS = (2, 5, 10, 20, 40, 80, 160)
TIMED = (64, 128, 256, 512, 1024, 2048, 4096)
SECONDS, MIXED_SECONDS, LONG_SECONDS = 3.0, 6.0, 12.0


class AttentionReader(nn.Module):
    """Adds positions, then one layer of self-attention with its way round.

    It has the interface of ``nn.LSTM``: a batch of vectors (B, T, D) goes in,
    states (B, T, D) and a second thing, here None, come out.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.input_size = self.hidden_size = width
        self.positions = SinusoidalPositions(4096, width)
        self.attention = MultiHeadAttention(width, n_heads=1)

    def forward(self, x: Tensor) -> tuple[Tensor, None]:
        x = self.positions(x)
        return x + self.attention(x)[0], None


class OutOfTimeError(Exception):
    """Ends a training after its seconds."""


def train_for(
    seconds: float, model: nn.Module, sample: Callable, loss: Callable,
    seed: int, lr: float,
) -> tuple[int, float]:  # fmt: skip
    """Train until the process has computed so long; steps and seconds."""
    started, steps = time.process_time(), 0

    def timed(generator: torch.Generator) -> object:
        nonlocal steps
        if time.process_time() - started > seconds:
            raise OutOfTimeError
        steps += 1
        return sample(generator)

    generator = torch.Generator().manual_seed(seed)
    try:
        training.train(
            model, timed, loss, n_steps=10**9, lr=lr, generator=generator
        )
    except OutOfTimeError:
        return steps, round(time.process_time() - started, 2)
    raise AssertionError("the training ended before its time")


def recall(
    chapter: SimpleNamespace, reader: Callable, seed: int,
    trained: tuple[int, ...], tested: tuple[int, ...], seconds: float,
) -> dict[str, object]:  # fmt: skip
    """Train one reader on some distances and score it on others."""
    with training.seeded(seed):
        model = chapter.Recaller(reader())
    steps, taken = train_for(
        seconds, model, chapter.recall_sampler(trained), chapter.recall_loss,
        seed, lr=chapter.RECALL_RATE,
    )  # fmt: skip
    return {
        "steps": steps,
        "seconds": taken,
        "parameters": sum(p.numel() for p in model.parameters()),
        "accuracy": {
            str(k): round(chapter.recall_accuracy(model, k), 4) for k in tested
        },
    }


def one_seed(
    chapter: SimpleNamespace, readers: dict[str, Callable], seed: int
) -> dict[str, object]:
    """Train every reader on each distance alone, and on all mixed."""
    alone: dict[str, dict[str, object]] = {}
    mixed: dict[str, object] = {}
    for name, reader in readers.items():
        alone[name] = {
            str(k): recall(chapter, reader, seed, (k,), (k,), SECONDS)
            for k in DISTANCES
        }
        if name in ("RNN", "LSTM", "attention"):
            mixed[name] = recall(
                chapter, reader, seed, MIXED, MIXED, MIXED_SECONDS
            )
        print(seed, name, alone[name], mixed.get(name), flush=True)
    longer = recall(chapter, readers["LSTM"], seed, (16,), (16,), LONG_SECONDS)
    print(seed, "LSTM, longer", longer, flush=True)
    return {"alone": alone, "mixed": mixed, "LSTM at 16, longer": longer}


def gradients(
    chapter: SimpleNamespace, readers: dict[str, Callable]
) -> dict[str, dict[str, list[float]]]:
    """First input's gradient beside the last's, by length, ten seeds."""
    found: dict[str, dict[str, list[float]]] = {}
    for name, reader in readers.items():
        found[name] = {}
        for length in LENGTHS:
            ratios = []
            for seed in range(10):
                with training.seeded(seed):
                    untrained = reader()
                ratio = chapter.end_gradients(untrained, length, seed)
                ratios.append(float(f"{ratio:.3g}"))
            found[name][str(length)] = ratios
    return found


def _seconds(layer: nn.Module, x: Tensor, repeats: int = 5) -> float:
    layer(x)  # once to warm up
    best = float("inf")
    for _ in range(repeats):
        started = time.process_time()
        layer(x)
        best = min(best, time.process_time() - started)
    return best


@torch.no_grad()
def forward_times(width: int) -> dict[str, object]:
    """Seconds to read one sentence, by length; layers of equal size."""
    attention = MultiHeadAttention(width, n_heads=1)
    wanted = sum(p.numel() for p in attention.parameters())

    def of_equal_size(kind: type[nn.RNNBase]) -> nn.RNNBase:
        sizes = {
            h: sum(p.numel() for p in kind(width, h).parameters())
            for h in range(width // 2, 2 * width)
        }
        best = min(sizes, key=lambda h: abs(sizes[h] - wanted))
        return kind(width, best, batch_first=True)

    layers = {
        "RNN": of_equal_size(nn.RNN),
        "LSTM": of_equal_size(nn.LSTM),
        "attention": attention,
    }
    generator = torch.Generator().manual_seed(0)
    sentences = {
        n: torch.randn(1, n, width, generator=generator) for n in TIMED
    }
    return {
        "parameters": {
            name: sum(p.numel() for p in layer.parameters())
            for name, layer in layers.items()
        },
        "seconds": {
            name: {
                str(n): float(f"{_seconds(layer, x):.3g}")
                for n, x in sentences.items()
            }
            for name, layer in layers.items()
        },
    }


def main() -> None:
    """Measure everything and write the file."""
    torch.set_num_threads(1)
    started = time.perf_counter()
    chapter = chapter_code(CHAPTER)
    readers = {**chapter.READERS, "attention": lambda: AttentionReader(66)}
    results = {
        "gradient": gradients(chapter, readers),
        "forward": {str(width): forward_times(width) for width in (64, 256)},
        "runs": {
            str(seed): one_seed(chapter, readers, seed) for seed in SEEDS
        },
    }
    seconds = time.perf_counter() - started
    commit(
        "03-distance",
        SEEDS,
        seconds,
        results,
        "; seconds of training and of forward passes are process time",
    )


if __name__ == "__main__":
    main()
