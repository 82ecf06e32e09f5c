"""Answers that train, with the chapter's own functions played by fakes.

A fake has the name and the parameters of the chapter's function, and gives
at once what the function would give: so a telltale is tested in a moment, and
a renamed parameter is noticed.
"""

import ast
import random
from types import SimpleNamespace

import nbformat
import torch
from torch import nn

from tests.checking.notebook import space
from tools.notebooks import CHAPTERS
from transformer_course import embeddings, training
from transformer_course.world import tasks

TYPED, BOUND = "pronoun-typed", "pronoun-role-bound"


def fake(chapter, name, play):
    """Make a function with the chapter's parameters and another body."""
    (path,) = CHAPTERS.glob(f"{chapter}-*.ipynb")
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type != "code" or f"def {name}(" not in cell.source:
            continue
        for node in ast.parse(cell.source).body:
            if isinstance(node, ast.FunctionDef) and node.name == name:
                return _played(node, play)
    raise LookupError(f"chapter {chapter} defines no function {name}")


def _played(node, play):
    """Compile a function's head with a body that calls play."""
    for arg in ast.walk(node.args):
        if isinstance(arg, ast.arg):
            arg.annotation = None
    node.args.defaults = list(map(_plain, node.args.defaults))
    node.args.kw_defaults = list(map(_plain, node.args.kw_defaults))
    node.returns, node.decorator_list = None, []
    node.body = ast.parse("return _play(_names(**locals()))").body
    made = {"_play": play, "_names": SimpleNamespace}
    tree = ast.fix_missing_locations(ast.Module([node], []))
    exec(compile(tree, node.name, "exec"), made)
    return made[node.name]


def _plain(default):
    """Keep a default that is a constant; a name would not be known."""
    known = default is None or isinstance(default, ast.Constant)
    return default if known else ast.Constant(None)


def stack(n_layers, last=True):
    """Make a pretended stack of layers with an attention each."""
    return SimpleNamespace(
        layers=[
            SimpleNamespace(
                attention=SimpleNamespace(out_proj=nn.Linear(2, 2))
            )
            for _ in range(n_layers)
        ],
        last=nn.LayerNorm(2) if last else nn.Identity(),
    )


def _no_train(model, sample, loss_fn, *, n_steps):
    """Train nothing."""


def _chapter_00():
    texts = {
        name: torch.arange(3)
        for name in ("train_text", "validation_text", "test_text")
    }
    bands = {(1, 20): 2.57, (1, 100): 2.34, (4, 20): 2.53, (4, 100): 2.11}

    def trained(a):
        n_steps = a.changes.get("n_steps", 100)
        loss = bands[a.n_context, n_steps] + 0.001 * a.seed
        return SimpleNamespace(loss=loss), [3.0, loss + 0.01]

    knobs = torch.tensor([2.0, 1.0, 0.0], dtype=torch.float64)
    knobs.grad = torch.zeros(3, dtype=torch.float64)
    sizes = {
        1e-1: 1.6e-4,
        1e-2: 1.6e-6,
        1e-3: 1.6e-8,
        1e-10: 1e-7,
        1e-13: 1e-3,
    }

    def slopes(a):
        return sizes[a.h] * torch.tensor([1.0, -1.1, 0.2]).double()

    return {
        **texts,
        "knobs": knobs,
        "exact": knobs,
        "word_loss": None,
        "bands": bands,
        "training": SimpleNamespace(train=_no_train),
        "slopes_by_nudging": fake("00", "slopes_by_nudging", slopes),
        "trained": fake("00", "trained", trained),
        "held_out": fake("00", "held_out", lambda a: a.model.loss),
    }


def _chapter_02():
    def train_skip_gram(
        token_ids, vocab_size, *, d_model=50, window=2, seed=0
    ):
        model = SimpleNamespace(
            inputs=nn.Embedding(3, 2), outputs=nn.Embedding(3, 2)
        )
        return model, [1.0]

    assert {"d_model", "window", "seed"} <= set(
        embeddings.train_skip_gram.__kwdefaults__
    )
    return {
        "embeddings": SimpleNamespace(train_skip_gram=train_skip_gram),
        "text_ids": [1],
        "vocabulary": [1],
        "share_of_kind": fake("02", "share_of_kind", lambda a: 0.8),
    }


def _chapter_03():
    return {
        "trained": fake("03", "trained", lambda a: a.distances),
        "recall_accuracy": fake(
            "03",
            "recall_accuracy",
            lambda a: 0.05 if set(a.model) == {64} else 0.99,
        ),
    }


def _chapter_05():
    def drawn(a):
        train = [object() for _ in range(4)]
        return train, {k: [object(), object()] for k in (TYPED, BOUND)}

    made = {
        "KINDS": (TYPED, BOUND),
        "draw": fake("05", "draw", drawn),
        "fit": fake("05", "fit", lambda a: ("reader", [0.1])),
        "scissors": fake("05", "scissors", lambda a: torch.ones(1)),
        "picks": fake("05", "picks", lambda a: torch.ones(20).bool()),
    }
    made["accuracies"] = fake(
        "05", "accuracies", lambda a: (_mean(made, a, None), 1.0)
    )
    made["cut_accuracies"] = fake(
        "05", "cut_accuracies", lambda a: {"it": _mean(made, a, torch.ones(1))}
    )
    return made


def _mean(made, a, cut):
    return made["picks"](a.model, a.items, cut).float().mean().item()


def _chapter_06():
    def drawn(a):
        ids = torch.ones(a.n, 4, dtype=torch.int64)
        generator = torch.Generator().manual_seed(a.seed)
        nouns = torch.stack(
            [torch.randperm(9, generator=generator)[:4] for _ in range(a.n)]
        )
        return ids, ids > 0, ids[:, :2], nouns.view(a.n, 2, 2)

    def play(n_heads, rows):
        training.row_sampler(*rows, batch_size=2)
        return [1.0, 1.0, 1.0] if n_heads == 3 else [0.5, 0.1, 0.3]

    return {
        "draw": fake("06", "draw", drawn),
        "training": training,
        "torch": torch,
        "taught": play,
    }


def _chapter_08():
    start = {"length": [5.0] + [18.5] * 12, "gradient": [0.12] + [0.3] * 11}

    def accuracy(a):
        return 1.0 - 0.001 * len(a.model.layers)

    return {
        "ARMS": {},
        "TASK": "a task",
        "nn": nn,
        "Bare": object,
        "tasks": SimpleNamespace(
            make=lambda task, n, seed, split="train": (n, split)
        ),
        "tensors": fake(
            "08",
            "tensors",
            lambda a: (torch.full((4,), a.items[0] + len(a.items[1])),),
        ),
        "build": fake("08", "build", lambda a: stack(a.n_layers)),
        "bare": lambda n_layers: stack(n_layers, last=False),
        "fit": fake("08", "fit", lambda a: [0.1]),
        "accuracy": fake("08", "accuracy", accuracy),
        "at_start": fake("08", "at_start", lambda a: start),
    }


def _chapter_09():
    class Pooling:
        reach = 1

        def __call__(self, x, attn_mask, cache=None):
            place = torch.arange(x.size(1))
            near = (place[:, None] - place).abs() <= self.reach
            return near.to(x.dtype) @ x - x, None

    arms = {"pooling": Pooling}
    return {
        "nn": nn,
        "torch": torch,
        "KINDS": (TYPED, BOUND),
        "Pooling": Pooling,
        "MIXER_OF": arms,
        "read": fake("09", "read", lambda a: {TYPED: 0.95, BOUND: 0.9}),
        "find": fake("09", "find", lambda a: 0.3),
    }


def _chapter_10():
    items = [SimpleNamespace(marks={"eater": n % 3}) for n in range(8)]
    real = torch.ones(8, 4).bool()
    real[::3, 2:] = False

    def greedy(a):
        ends = torch.arange(len(a.memory))[:, None] % 3 + 10
        return torch.cat([a.start, ends], dim=1)

    return {
        **space(),
        "greedy": fake("10", "greedy", greedy),
        "exchange": fake("10", "exchange", lambda a: ([], [])),
        "tensors": lambda items: (real.long(), real, real.long()),
        "torch": torch,
        "training": training,
        "test_items": items,
        "share": lambda _, order: 1.0 if order == sorted(order) else 0.8,
    }


def _chapter_11():
    def example(token):
        return SimpleNamespace(prompt=(token,))

    def lessons(n, rng):
        one = [example("<summarize>"), *[example("<answer>")] * 2]
        return [list(one) for _ in range(n)]

    return {
        "summary_lessons": lessons,
        "tasks": tasks,
        "TWO": ("<answer>", "<summarize>"),
        "draw": fake("11", "draw", lambda a: [a.token] * 20),
        "build": fake("11", "build", lambda a: object()),
        "fit": fake("11", "fit", lambda a: None),
        "score": fake("11", "score", lambda a: [True, False] * 10),
    }


class Decoder(nn.Module):
    """Stands in for the library's: only what it is given counts."""

    def forward(self, x, memory, causal, may):
        return x


class OurBERT(nn.Module):
    """Stands in for the chapter's."""

    def forward(self, token_ids, pad_mask, segments):
        return token_ids


def _chapter_13():
    asked = torch.zeros(4, 6).bool()
    asked[:, :3] = True
    ids = torch.full((4, 6), 7)
    ids[:, 5] = 0
    return {
        **space(),
        "held_out": (ids, None, None),
        "PAD": 0,
        "SPECIAL": "ABCDE",
        "reading": lambda k: ids[asked.nonzero().T[0]].clamp(max=4),
        "hide": lambda ids, generator: (ids, asked),
        "seed": int,
        "reader": OurBERT(),
        "torch": torch,
        "within": lambda k: {0: 0.21, 1: 0.52}.get(k, 0.54),
    }


def _chapter_12():
    def draw(a):
        return [SimpleNamespace(english=e, split=a.split) for e in PAIRS]

    def dealt(a):
        for n in (3, 8):
            real = torch.ones(2, n + 1).bool()
            yield 4 * real.long(), real, real.long()

    return {
        "random": random,
        **space(),
        "decoder": Decoder(),
        "stack": lambda rows: rows,
        "truth_of": lambda pairs, batch: torch.eye(3, 4)[None].bool(),
        "torch": torch,
        "PAD": 0,
        "F": torch.nn.functional,
        "TOKENIZER": SimpleNamespace(vocab_size=9),
        "words_of": str.split,
        "ids_of": lambda pair: pair.english,
        "draw": fake("12", "draw", draw),
        "training_numbers": fake(
            "12",
            "training_numbers",
            lambda a: draw(SimpleNamespace(split="train")),
        ),
        "dealt": fake("12", "dealt", lambda a: list(dealt(a)) * 40),
        "build": fake("12", "build", lambda a: object()),
        "fit": fake("12", "fit", lambda a: None),
        "by_length": fake(
            "12",
            "by_length",
            lambda a: {"9 or 10": (9, 0.25), "11": (len(a.pairs), 0.2)},
        ),
    }


PAIRS = ["one two", "one two three four five six seven eight"]


def _chapter_14():
    return {
        **space(),
        "test_ids": torch.arange(9),
        "validation_ids": torch.arange(8),
        "ngram_losses": fake("14", "ngram_losses", lambda a: torch.ones(4)),
        "mixed": lambda share: 1.4312 if share == 1 else 1.4113,
    }


def _chapter_16():
    texts = {
        f"{name}_ids": torch.arange(3)
        for name in ("train", "validation", "test")
    }
    return {
        **texts,
        "base": space()["base"],
        "start": fake(
            "16", "start", lambda a: SimpleNamespace(model=a.recipe.optimizer)
        ),
        "race": fake("16", "race", lambda a: None),
        "held_out_loss": fake(
            "16",
            "held_out_loss",
            lambda a: 2.5 if a.model == "Muon" else 2.9,
        ),
    }


CHAPTER = {
    "00": _chapter_00, "02": _chapter_02, "03": _chapter_03,
    "05": _chapter_05, "06": _chapter_06, "08": _chapter_08,
    "09": _chapter_09, "10": _chapter_10, "11": _chapter_11,
    "12": _chapter_12, "13": _chapter_13, "14": _chapter_14, "16": _chapter_16,
}  # fmt: skip
