"""A training while it goes on: what it measures, saves and takes up again."""

from __future__ import annotations

import hashlib
import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from transformer_course.training import checkpoints
from transformer_course.training.checkpoints import (
    Checkpoint,
    CheckpointError,
)
from transformer_course.training.modes import mode, seeded


@dataclass
class History:
    """What a training leaves behind beside the trained model.

    ``plotting.training_curves.history`` draws it.

    Attributes:
        losses: The loss of each step, before the step is taken.
        learning_rates: The learning rate of each step.
        gradient_norms: The length of each step's gradient before it was
            clipped; empty where nothing clips it.
        scores: Step and held-out score of each evaluation.
        best_step: The step of the best score; None without evaluation.
        n_tokens: Tokens trained on; 0 where nobody counts them.
        seconds: Time on the clock, pauses between resumed parts left out.
    """

    losses: list[float] = field(default_factory=list)
    learning_rates: list[float] = field(default_factory=list)
    gradient_norms: list[float] = field(default_factory=list)
    scores: list[tuple[int, float]] = field(default_factory=list)
    best_step: int | None = None
    n_tokens: int = 0
    seconds: float = 0.0


@dataclass(frozen=True)
class Evaluation:
    """Measure a model on held-out data now and then while it trains.

    Attributes:
        score_fn: From the model to its score. It runs in evaluation mode and
            without gradients; random numbers that it draws from PyTorch's
            global stream leave the training as it is.
        every: Steps between two evaluations; one more follows the last step.
        patience: Stop when this many evaluations in a row were no better
            than the best, and hand back the weights of the best, also where
            the last step is reached first. None never stops early and keeps
            the last weights.
        higher_is_better: True for an accuracy, False for a loss.
    """

    score_fn: Callable[[nn.Module], float]
    every: int
    patience: int | None = None
    higher_is_better: bool = False

    def __post_init__(self) -> None:
        """Refuse what cannot be counted."""
        check_positive("every", self.every)
        if self.patience is not None:
            check_positive("patience", self.patience)

    def is_better(self, score: float, best: float) -> bool:
        """Say whether a score beats the best one so far."""
        return score > best if self.higher_is_better else score < best


@dataclass(frozen=True)
class Checkpoints:
    """Save a training now and then, and go on from where it stopped.

    Attributes:
        folder: Where this training, and no other one, keeps its checkpoints.
        every: Steps between two; one more follows the last step.
        keep: How many of the newest remain.
    """

    folder: Path
    every: int
    keep: int = 2

    def __post_init__(self) -> None:
        """Refuse what cannot be counted."""
        check_positive("every", self.every)
        check_positive("keep", self.keep)


def check_positive(name: str, value: float) -> None:
    """Refuse what is not positive and finite, by its name."""
    if not 0 < value < math.inf:
        raise ValueError(
            f"{name} must be positive and finite, came as {value}"
        )


class Run:
    """What a training holds while it goes on: all that a checkpoint saves."""

    def __init__(
        self,
        model: nn.Module,
        optimizer: torch.optim.Optimizer,
        generator: torch.Generator,
        evaluation: Evaluation | None,
        saving: Checkpoints | None,
        n_steps: int,
    ) -> None:
        self.model, self.optimizer = model, optimizer
        self.generator, self.n_steps = generator, n_steps
        self.evaluation, self.saving = evaluation, saving
        self.history = History()
        self.best: dict[str, Tensor] = {}
        self.n_without_gain = 0
        self.settings: dict[str, Any] = {}

    @property
    def step(self) -> int:
        """Count the steps taken."""
        return len(self.history.losses)

    @property
    def is_over(self) -> bool:
        """Say whether the last step was taken or patience ran out."""
        patience = self.evaluation.patience if self.evaluation else None
        impatient = patience is not None and self.n_without_gain >= patience
        return self.step >= self.n_steps or impatient

    @property
    def tokens_per_second(self) -> float:
        """Measure the speed so far; 0 where nobody counts tokens."""
        return self.history.n_tokens / max(self.history.seconds, 1e-9)

    @contextmanager
    def opened(self, lr: float, max_norm: float | None) -> Iterator[None]:
        """Resume where there is something to resume; put all back after."""
        fresh = self.generator.clone_state()
        seed = int(torch.randint(2**62, (), generator=fresh))
        kind, given = type(self.optimizer).__name__, self.optimizer.defaults
        optimizer = f"{kind} {sorted((given | {'lr': 0}).items())}"
        self.settings = {
            "optimizer": optimizer, "lr": lr, "max_gradient_norm": max_norm,
            "seed": seed, "tensors": _shapes(self.model),
        }  # fmt: skip
        folder = self.saving.folder if self.saving else None
        with (
            checkpoints.alone(folder) if folder else nullcontext(),
            mode(self.model, True),
            seeded(seed),
        ):
            if folder is not None:
                self._resume(folder)
            self._started = time.monotonic() - self.history.seconds
            yield
            if self.best and self.evaluation and self.evaluation.patience:
                self.model.load_state_dict(self.best)

    def checked(self, loss: Tensor) -> float:
        """Read the loss of a step, and refuse one that cannot be used."""
        if loss.ndim != 0:
            raise ValueError(
                "loss_fn must give a loss of shape (), gave "
                f"{tuple(loss.shape)}"
            )
        value = loss.item()
        if not math.isfinite(value):
            raise FloatingPointError(
                f"the loss is {value} at step {self.step + 1} of "
                f"{self.n_steps}: try a smaller lr, look for log(0)"
            )
        return value

    def clip(self, parameters: list[nn.Parameter], longest: float) -> None:
        """Shorten the gradient where it is too long; keep its length."""
        norm = nn.utils.clip_grad_norm_(parameters, longest).item()
        if not math.isfinite(norm):
            raise FloatingPointError(
                f"the gradient's length is {norm} at step {self.step + 1} of "
                f"{self.n_steps}"
            )
        self.history.gradient_norms.append(norm)

    def set_rate(self, lr: float) -> None:
        """Set the learning rate of the step to come, and keep it."""
        if not 0 <= lr < math.inf:
            raise ValueError(
                f"the schedule makes the rate {lr} at step {self.step + 1}"
            )
        for group in self.optimizer.param_groups:
            group["lr"] = lr
        self.history.learning_rates.append(lr)

    def finish_step(self, loss: float, n_tokens: int) -> None:
        """Keep what a step gave; evaluate and save where it is time."""
        self.history.losses.append(loss)
        self.history.n_tokens += n_tokens
        is_last = self.step == self.n_steps
        if self.evaluation is not None and (
            is_last or self.step % self.evaluation.every == 0
        ):
            self._evaluate(self.evaluation)
        self.history.seconds = time.monotonic() - self._started
        if self.saving is not None and (
            self.is_over or self.step % self.saving.every == 0
        ):
            self._save(self.saving)

    def _evaluate(self, evaluation: Evaluation) -> None:
        with (
            mode(self.model, False),
            torch.no_grad(),
            torch.random.fork_rng(devices=[]),
        ):
            score = float(evaluation.score_fn(self.model))
        if not math.isfinite(score):
            raise FloatingPointError(
                f"the score is {score} after step {self.step}"
            )
        before = dict(self.history.scores).get(self.history.best_step or 0)
        self.history.scores.append((self.step, score))
        if before is None or evaluation.is_better(score, before):
            self.history.best_step = self.step
            self.n_without_gain = 0
            if evaluation.patience is not None:
                state = self.model.state_dict()
                self.best = {k: v.clone() for k, v in state.items()}
        else:
            self.n_without_gain += 1

    def _save(self, saving: Checkpoints) -> None:
        whole = self.optimizer.state_dict()["state"]
        tensors = {
            "generator": self.generator.get_state(),
            "stream": torch.get_rng_state(),
            **{f"model/{k}": v for k, v in self.model.state_dict().items()},
            **{f"best/{k}": v for k, v in self.best.items()},
        }
        numbers: dict[str, Any] = {}
        for index, entries in whole.items():
            for name, value in entries.items():
                store = tensors if torch.is_tensor(value) else numbers
                store[f"optimizer/{index}/{name}"] = value
        state = {
            "settings": self.settings,
            "history": asdict(self.history),
            "without gain": self.n_without_gain,
            "optimizer": numbers,
        }
        checkpoint = Checkpoint(self.step, tensors, state)
        checkpoints.save(saving.folder, checkpoint, saving.keep)

    def _resume(self, folder: Path) -> None:
        found = checkpoints.load_latest(folder)
        if found is None:
            return
        was = found.state["settings"]
        for name, wanted in self.settings.items():
            if was[name] != wanted:
                raise CheckpointError(
                    f"{folder} holds a training whose {name} was "
                    f"{_told(was[name])}, this one has {_told(wanted)}: name "
                    "another folder, or call as before"
                )
        parts: dict[str, dict[str, Any]] = {"model": {}, "best": {}}
        optimizer: dict[int, dict[str, Any]] = {}
        for path, value in (found.tensors | found.state["optimizer"]).items():
            kind, _, name = path.partition("/")
            if kind == "optimizer":
                index, _, name = name.partition("/")
                optimizer.setdefault(int(index), {})[name] = value
            elif kind in parts:
                parts[kind][name] = value
        self.model.load_state_dict(parts["model"])
        self.best = parts["best"]
        groups = self.optimizer.state_dict()["param_groups"]
        self.optimizer.load_state_dict(
            {"state": optimizer, "param_groups": groups}
        )
        self.generator.set_state(found.tensors["generator"])
        torch.set_rng_state(found.tensors["stream"])
        self.history = History(**found.state["history"])
        scores = found.state["history"]["scores"]
        self.history.scores = [(step, score) for step, score in scores]
        self.n_without_gain = found.state["without gain"]


def _shapes(model: nn.Module) -> dict[str, str]:
    state = model.state_dict().items()
    return {k: f"{tuple(v.shape)} {v.dtype}" for k, v in state}


def _told(setting: Any) -> str:
    """Shorten a table of shapes to a digest, for a message."""
    if isinstance(setting, dict):
        text = repr(sorted(setting.items()))
        digest = hashlib.sha256(text.encode()).hexdigest()[:8]
        return f"{len(setting)} tensors (digest {digest})"
    return str(setting)
