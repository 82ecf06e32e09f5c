"""Small models that write, for the tests of generation."""

import itertools
import math
from types import SimpleNamespace

import torch
from torch import nn

from tests.test_layers import normal
from transformer_course.masks import causal_mask
from transformer_course.positions import LearnedPositions
from transformer_course.transformer import (
    Encoder,
    Transformer,
    TransformerConfig,
)


class Chain(nn.Module):
    """The next token's probabilities follow from the last token alone."""

    def __init__(self, table):
        super().__init__()
        self.table = torch.tensor(table, dtype=torch.float64)

    def forward(self, token_ids, pad_mask=None, *, cache=None):
        return SimpleNamespace(logits=self.table.log()[token_ids])

    def new_cache(self):
        return []


class Tree(nn.Module):
    """The next token's probabilities, written down for each beginning."""

    def __init__(self, branches, vocab_size):
        super().__init__()
        self.branches, self.vocab_size = branches, vocab_size

    def forward(self, token_ids, pad_mask=None, *, cache=None):
        even = [1 / self.vocab_size] * self.vocab_size
        last = [self.branches.get(tuple(r), even) for r in token_ids.tolist()]
        last = torch.tensor(last, dtype=torch.float64).log()
        before = torch.zeros(*token_ids.shape, self.vocab_size)
        return SimpleNamespace(
            logits=torch.cat([before[:, 1:].double(), last[:, None]], dim=1)
        )


class SmallGPT(nn.Module):
    """A real decoder-only model, so small that it can be searched through."""

    def __init__(self, vocab_size, max_seq_len, dropout=0.0):
        super().__init__()
        self.config = SimpleNamespace(max_seq_len=max_seq_len)
        self.embedding = nn.Embedding(vocab_size, 14)
        self.positions = LearnedPositions(max_seq_len, 14)
        self.dropout = nn.Dropout(dropout)
        self.encoder = Encoder(2, 14, 2, 17, norm_first=True)
        self.head = nn.Linear(14, vocab_size)

    def forward(self, token_ids, pad_mask=None, *, cache=None):
        start = cache[0].length if cache else 0
        mask = causal_mask(start + token_ids.size(1))[start:]
        x = self.positions(self.embedding(token_ids), start)
        hidden = self.encoder(self.dropout(x), mask, cache=cache)
        return SimpleNamespace(logits=self.head(hidden))

    def new_cache(self):
        return self.encoder.new_cache()


def lively(model, seed):
    """Draw weights so large that every token depends on all before it."""
    model = model.double().requires_grad_(False)
    for number, (name, parameter) in enumerate(model.named_parameters()):
        if parameter.dim() == 2:
            parameter.copy_(normal(*parameter.shape, seed=97 * seed + number))
        else:
            parameter.fill_(0.0 if name.endswith("bias") else 1.0)
    return model


def gpt(seed=0, vocab_size=13, max_seq_len=23, dropout=0.0):
    return lively(SmallGPT(vocab_size, max_seq_len, dropout), seed)


def translator(seed=0, vocab_size=13, max_seq_len=23, dropout=0.0):
    config = TransformerConfig(
        vocab_size, 14, 2, 17, 2, max_seq_len, dropout, norm_first=True
    )
    model = lively(Transformer(config), seed)
    model.embedding.weight.mul_(0.4)  # or its own token would always win
    return model


def all_texts(prompt, vocab_size, n_new, eos_id):
    """List every text that can follow, by its number of new tokens."""
    for n in range(1, n_new + 1):
        yield [
            [*prompt, *new]
            for new in itertools.product(range(vocab_size), repeat=n)
            if eos_id not in new[:-1] and (n == n_new or new[-1] == eos_id)
        ]


def ranked(logits_of, prompt, vocab_size, n_new, eos_id, alpha):
    """Rank all texts as Wu et al. score them: (score, text), best first."""
    scored, T = [], len(prompt)
    for n, texts in enumerate(
        all_texts(prompt, vocab_size, n_new, eos_id), start=1
    ):
        if texts:
            ids = torch.tensor(texts)
            log_probs = logits_of(ids).log_softmax(dim=-1)[:, T - 1 : -1]
            total = log_probs.gather(2, ids[:, T:, None]).sum(dim=(1, 2))
            penalty = math.pow(5 + n, alpha) / math.pow(5 + 1, alpha)
            scored += zip((total / penalty).tolist(), texts, strict=True)
    return sorted(scored, reverse=True)
