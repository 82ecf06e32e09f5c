"""Train chapter 12's translator of interface sentences; write its files.

    OMP_NUM_THREADS=1 python chapters/runs/12-interface.py

About an hour on one core. Its checkpoints stand in a folder of the system's
temporary files (or the one that is named after the command); stopped and
started again, it goes on from the last one. It writes the weights (half
precision) and the tokenizer's merges to chapters/runs/12-interface/, and the
scores, with the log, to the JSON file beside this script.
"""

import json
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path

import sacrebleu
import torch
from committing import commit
from safetensors.torch import save_file
from sklearn.feature_extraction.text import TfidfVectorizer
from torch import Tensor
from torch.nn import functional as F

from transformer_course import datasets
from transformer_course.batching import pad
from transformer_course.datasets import SentencePair
from transformer_course.generation import EncoderDecoder, beam_search, greedy
from transformer_course.tokenization import bpe_training
from transformer_course.tokenization.bpe import BPETokenizer
from transformer_course.training import (
    Checkpoints,
    Evaluation,
    checkpoints,
    evaluate,
    seeded,
    train,
)
from transformer_course.training.schedules import inverse_root
from transformer_course.transformer import Transformer, TransformerConfig

NAME = "12-interface"
FOLDER = Path(__file__).resolve().parent / NAME
WORK = Path(tempfile.gettempdir()) / NAME
LANGUAGE, SEED, N_STEPS = "es", 0, 9500
PAD, BOS, EOS = "<pad>", "<bos>", "<eos>"
SPECIAL = [PAD, BOS, EOS]
N_TOKENS = 1200  # of both languages in a batch
N_AVERAGED = 4  # checkpoints, 500 steps apart
ALPHAS = (0.0, 0.6, 1.0, 1.5, 2.0, 3.0)

Ids = tuple[list[int], list[int]]  # of a source and of its translation
Batch = tuple[Tensor, Tensor, Tensor, Tensor]


def framed(
    tokenizer: BPETokenizer, english: list[int], foreign: list[int]
) -> Ids:
    """End the source, start and end the target."""
    start, end = tokenizer.vocabulary.ids([BOS, EOS])
    return [*english, end], [start, *foreign, end]


def whole(tokenizer: BPETokenizer, pair: SentencePair) -> Ids:
    """Encode a pair with all merges."""
    return framed(
        tokenizer,
        tokenizer.encode(" " + pair.english),
        tokenizer.encode(" " + pair.translation),
    )


def stacked(tokenizer: BPETokenizer, rows: Sequence[Ids]) -> Batch:
    """Pad sources and targets: ids and mask of each."""
    pad_id = tokenizer.vocabulary.id_of(PAD)
    sources, targets = zip(*rows, strict=True)
    return *pad(sources, pad_id), *pad(targets, pad_id)


def bucket_sampler(
    tokenizer: BPETokenizer, pairs: Sequence[SentencePair]
) -> Callable[[torch.Generator], Batch]:
    """Draw a pair, and of those about as long as many as fill the batch."""
    rows = [whole(tokenizer, pair) for pair in pairs]
    rows.sort(key=lambda row: len(row[0]) + len(row[1]))

    def sample(generator: torch.Generator) -> Batch:
        drawn = torch.randint(len(rows), (), generator=generator)
        centre = int(drawn)
        length = sum(map(len, rows[centre]))
        n_rows = max(1, N_TOKENS // length)
        near = rows[max(0, centre - 2 * n_rows) : centre + 2 * n_rows]
        order = torch.randperm(len(near), generator=generator)[:n_rows]
        return stacked(tokenizer, [near[i] for i in order.tolist()])

    return sample


def token_losses(
    model: torch.nn.Module, batch: Batch, smoothing: float = 0.0
) -> Tensor:
    """Give the cross-entropy of each real token of the targets."""
    source, source_mask, target, target_mask = batch
    logits = model(source, target[:, :-1], source_mask, target_mask[:, :-1])
    losses = F.cross_entropy(
        logits.transpose(1, 2),
        target[:, 1:],
        reduction="none",
        label_smoothing=smoothing,
    )
    return losses[target_mask[:, 1:]]


def translated(
    model: Transformer,
    tokenizer: BPETokenizer,
    texts: Sequence[str],
    alpha: float | None = None,
) -> list[str]:
    """Translate, greedily or by four beams with a length penalty."""
    start, end, pad_id = tokenizer.vocabulary.ids([BOS, EOS, PAD])
    ids = [[*tokenizer.encode(" " + text), end] for text in texts]
    by_length = sorted(range(len(ids)), key=lambda i: len(ids[i]))
    written = [""] * len(ids)
    for first in range(0, len(ids), 32):
        rows = by_length[first : first + 32]
        writer = EncoderDecoder(model, *pad([ids[i] for i in rows], pad_id))
        prompt = torch.full((len(rows), 1), start)
        ends = {"max_new_tokens": 100, "eos_id": end, "pad_id": pad_id}
        if alpha is None:
            output = greedy(writer, prompt, **ends)
        else:
            output = beam_search(
                writer, prompt, beam_width=4, alpha=alpha, **ends
            ).token_ids[:, 0]
        for i, row in zip(rows, output.tolist(), strict=True):
            kept = [
                token for token in row if token not in (start, end, pad_id)
            ]
            written[i] = tokenizer.decode(kept).strip()
    return written


def nearest(known: Sequence[SentencePair], texts: Sequence[str]) -> list[str]:
    """Hand out the translation of the known sentence that is most alike."""
    counts = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True)
    rows = counts.fit_transform([pair.english for pair in known])
    alike = counts.transform(texts) @ rows.T
    return [known[i].translation for i in alike.toarray().argmax(axis=1)]


def scores(
    written: list[str], pairs: Sequence[SentencePair]
) -> dict[str, object]:
    """Give BLEU and chrF of a whole split."""
    references = [[pair.translation for pair in pairs]]
    bleu = sacrebleu.corpus_bleu(written, references)
    chrf = sacrebleu.corpus_chrf(written, references)
    return {
        "BLEU": round(bleu.score, 2),
        "brevity penalty": round(bleu.bp, 3),
        "chrF": round(chrf.score, 2),
    }


def all_scores(
    model: Transformer, tokenizer: BPETokenizer
) -> dict[str, object]:
    """Score the model and the baselines; validation chooses the penalty.

    The nearest neighbour is looked for among sentences: with the labels it
    does worse, for it hands them out.
    """
    known = datasets.load_interface_sentences(LANGUAGE)
    found: dict[str, dict[str, object]] = {}
    best = 0.0
    for split in ("validation", "test"):
        pairs = datasets.load_interface_sentences(LANGUAGE, split)
        texts = [pair.english for pair in pairs]
        arms = {
            "copy": texts,
            "nearest neighbour": nearest(known, texts),
            "greedy": translated(model, tokenizer, texts),
        }
        alphas = ALPHAS if split == "validation" else sorted({0.6, best})
        for alpha in alphas:
            arms[f"beam {alpha}"] = translated(model, tokenizer, texts, alpha)
        found[split] = {name: scores(arms[name], pairs) for name in arms}
        if split == "validation":
            best = max(ALPHAS, key=lambda x: found[split][f"beam {x}"]["BLEU"])
    return {"alpha": best, **found}


def signatures() -> dict[str, str]:
    """Say how sacrebleu counts."""
    pair = ["a"], [["a"]]
    found = {}
    for name, metric in (
        ("BLEU", sacrebleu.BLEU()),
        ("chrF", sacrebleu.CHRF()),
    ):
        metric.corpus_score(*pair)
        found[name] = str(metric.get_signature())
    return found


def one_seed(seed: int, work: Path) -> dict[str, object]:
    """Train, average the last checkpoints, score, and write the weights."""
    known = datasets.load_interface_sentences(LANGUAGE)
    known += datasets.load_interface_labels(LANGUAGE)
    texts = [f" {t}" for p in known for t in (p.english, p.translation)]
    merges = bpe_training.train_fast(texts, vocab_size=2000)
    tokenizer = BPETokenizer(merges, special=SPECIAL)
    pairs = datasets.load_interface_sentences(LANGUAGE, "validation")
    held_out = sorted(
        (whole(tokenizer, p) for p in pairs), key=lambda r: len(r[0])
    )
    batches = [
        stacked(tokenizer, held_out[i : i + 64])
        for i in range(0, len(held_out), 64)
    ]
    config = TransformerConfig(
        tokenizer.vocab_size, d_model=192, n_heads=4, d_ff=512, n_layers=3,
        max_seq_len=256, dropout=0.3, norm_first=True,
    )  # fmt: skip
    with seeded(seed):
        model = Transformer(config)

    def score(model: torch.nn.Module) -> float:
        found = evaluate(model, batches, token_losses)
        print(f"{found:.4f}", flush=True)
        return found

    history = train(
        model,
        bucket_sampler(tokenizer, known),
        lambda m, batch: token_losses(m, batch, smoothing=0.1).mean(),
        n_steps=N_STEPS,
        lr=1.2e-3,
        generator=torch.Generator().manual_seed(seed),
        optimizer=adam,
        schedule=inverse_root(400),
        max_gradient_norm=1.0,
        evaluation=Evaluation(score, every=500),
        checkpoints=Checkpoints(work, every=500, keep=8),
        count_tokens=lambda batch: int(batch[1].sum() + batch[3].sum()),
    )
    model.load_state_dict(checkpoints.average(work, N_AVERAGED))
    averaged = evaluate(model, batches, token_losses)
    write(model, merges)
    model.load_state_dict(
        {k: v.half().float() for k, v in model.state_dict().items()}
    )
    return {
        "pairs": len(known),
        "tokens seen": history.n_tokens,
        "parameters": sum(p.numel() for p in model.parameters()),
        "steps": N_STEPS,
        "minutes": round(history.seconds / 60),
        "losses": {
            "train": means(history.losses),
            "validation": [[s, round(v, 4)] for s, v in history.scores],
            "averaged": round(averaged, 4),
        },
        **all_scores(model, tokenizer),
    }


def adam(parameters: object, lr: float) -> torch.optim.Optimizer:
    """Make the optimizer of Vaswani et al. (2017), sec. 5.3."""
    return torch.optim.Adam(parameters, lr=lr, betas=(0.9, 0.98), eps=1e-9)


def means(losses: list[float], every: int = 500) -> list[list[float]]:
    """Average the losses of every so many steps."""
    parts = [losses[i : i + every] for i in range(0, len(losses), every)]
    return [
        [every * (i + 1), round(sum(part) / len(part), 4)]
        for i, part in enumerate(parts)
    ]


def write(model: Transformer, merges: list[tuple[str, str]]) -> None:
    """Write what a chapter needs in order to translate."""
    FOLDER.mkdir(exist_ok=True)
    half = {k: v.half().contiguous() for k, v in model.state_dict().items()}
    save_file(half, FOLDER / "model.safetensors")
    lines = "".join(f"{left} {right}\n" for left, right in merges)
    (FOLDER / "merges.txt").write_text(lines, encoding="utf-8")
    config = json.dumps(asdict(model.config), indent=1)
    (FOLDER / "config.json").write_text(config + "\n", encoding="utf-8")


def main() -> None:
    """Train and write the files."""
    torch.set_num_threads(1)
    started = time.process_time()  # the training has a clock of its own
    work = Path(sys.argv[1]) if len(sys.argv) > 1 else WORK
    found = one_seed(SEED, work)
    seconds = 60 * found.get("minutes", 0) + time.process_time() - started
    results = {"signatures": signatures(), "runs": {str(SEED): found}}
    commit(NAME, [SEED], seconds, results)


if __name__ == "__main__":
    main()
