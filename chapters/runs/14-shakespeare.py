"""Train the course's own model, a GPT on Shakespeare's characters.

    OMP_NUM_THREADS=1 python chapters/runs/14-shakespeare.py

`make pretrain` does the same. Stopped and started again, it goes on from its
last checkpoint, in work/14-shakespeare; delete that folder to begin anew. The
weights (half precision, in GPT-2's layout), the vocabulary and the model card
go to chapters/runs/14-shakespeare/, scores and log beside it.

The data, the lessons and the n-grams are the chapter's own: every cell with
the tag "experiment" is run.
"""

import hashlib
import json
import sys
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import torch
from committing import chapter_code, commit

from transformer_course import pretrained, training
from transformer_course.gpt import GPT, GPTConfig

HERE = Path(__file__).resolve().parent
CHAPTER = HERE.parent / "14-gpt.ipynb"
FOLDER = HERE / "14-shakespeare"
CHECKPOINTS = HERE.parents[1] / "work" / "14-shakespeare"
SEED, N_STEPS, N_WARMUP, N_FALL = 0, 20000, 200, 6000
D_MODEL, N_HEADS, N_LAYERS, CONTEXT, BATCH = 128, 4, 4, 128, 8
DISCOUNTS = (0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 0.99)


def fitted(chapter: SimpleNamespace) -> tuple[GPT, training.History]:
    """Train, from the last checkpoint where there is one."""
    vocab_size = chapter.tokenizer.vocab_size
    with training.seeded(SEED):
        model = GPT(
            GPTConfig(
                vocab_size, D_MODEL, N_HEADS, 4 * D_MODEL, N_LAYERS, CONTEXT,
                dropout=0.0,
            )
        )  # fmt: skip

    def score(model: torch.nn.Module) -> float:
        loss = chapter.held_out_loss(model, chapter.validation_ids, every=8)
        print(f"validation {loss:.4f}", file=sys.stderr, flush=True)
        return loss

    history = training.train(
        model,
        chapter.window_sampler(chapter.train_ids, CONTEXT, BATCH),
        lambda model, batch: chapter.next_losses(model, batch).mean(),
        n_steps=N_STEPS,
        lr=3e-3,
        generator=torch.Generator().manual_seed(SEED),
        optimizer=partial(
            torch.optim.AdamW, betas=(0.9, 0.95), weight_decay=0.1
        ),
        schedule=chapter.hold_then_fall(N_STEPS, N_WARMUP, N_FALL),
        max_gradient_norm=1.0,
        evaluation=training.Evaluation(score, every=500, patience=1000),
        checkpoints=training.Checkpoints(CHECKPOINTS, every=500),
        count_tokens=lambda batch: batch[:, 1:].numel(),
    )
    return model, history


def counted(chapter: SimpleNamespace) -> dict[str, dict[str, float]]:
    """Score 1- to 7-grams, each with the discount that validates best."""
    found = {}
    for order in range(1, 8):
        grams = chapter.NGrams(
            chapter.train_ids, order, chapter.tokenizer.vocab_size
        )

        def loss(ids: torch.Tensor, discount: float, grams=grams) -> float:
            losses = chapter.ngram_losses(grams, ids, discount)
            return round(losses.mean().item(), 4)

        validation, discount = min(
            (loss(chapter.validation_ids, discount), discount)
            for discount in DISCOUNTS
        )
        found[str(order)] = {
            "discount": discount,
            "validation": validation,
            "test": loss(chapter.test_ids, discount),
        }
    return found


def one_seed(chapter: SimpleNamespace, seed: int) -> dict[str, object]:
    """Train, save, score what was saved; the n-grams beside it."""
    model, history = fitted(chapter)
    pretrained.save(model.half(), FOLDER)
    vocabulary = list(chapter.tokenizer.vocabulary.tokens)
    (FOLDER / "vocabulary.json").write_text(json.dumps(vocabulary) + "\n")
    saved = pretrained.load(FOLDER).float()  # as rounded in the file
    file = (FOLDER / "model.safetensors").read_bytes()
    scores = {
        "parameters": sum(p.numel() for p in saved.parameters()),
        "context": CONTEXT,
        "steps": len(history.losses),
        "best step": history.best_step,
        "characters": history.n_tokens,
        "epochs": round(history.n_tokens / len(chapter.train_ids), 1),
        "seconds of training": round(history.seconds),
        "validation": round(
            chapter.held_out_loss(saved, chapter.validation_ids), 4
        ),
        "test": round(chapter.held_out_loss(saved, chapter.test_ids), 4),
        "sha256": hashlib.sha256(file).hexdigest(),
        "n-grams": counted(chapter),
        "log": [(step, round(loss, 4)) for step, loss in history.scores],
    }
    (FOLDER / "README.md").write_text(card(scores, chapter))
    return scores


def card(scores: dict[str, object], chapter: SimpleNamespace) -> str:
    """Fill the model card in."""
    text = (HERE / "14-shakespeare.card.md").read_text(encoding="utf-8")
    five = scores["n-grams"]["5"]
    return text.format(
        **{name.replace(" ", "_"): value for name, value in scores.items()
           if not isinstance(value, dict | list)},
        test_plays=", ".join(chapter.TEST),
        validation_plays=", ".join(chapter.VALIDATION),
        five_validation=five["validation"],
        five_test=five["test"],
    )  # fmt: skip


def main() -> None:
    """Train and write the files."""
    torch.set_num_threads(1)
    chapter = chapter_code(CHAPTER)
    run = one_seed(chapter, SEED)
    commit(
        "14-shakespeare",
        [SEED],
        run.get("seconds of training", 0),
        {"runs": {str(SEED): run}},
        "; seconds of training on the clock, the machine shared",
    )


if __name__ == "__main__":
    main()
