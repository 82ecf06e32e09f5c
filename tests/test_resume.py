"""A training that is stopped goes on as if it had never been stopped."""

import math
import multiprocessing
import random
import time
from functools import partial
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from transformer_course import training
from transformer_course.training import schedules
from transformer_course.training.checkpoints import CheckpointError

N_STEPS = 60


class Tied(nn.Module):
    """A small model with all that could go wrong: tied, dropout, buffer."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Linear(5, 5, bias=False)
        self.drop = nn.Dropout(0.3)
        self.norm = nn.BatchNorm1d(5)
        self.last = nn.Linear(5, 5, bias=False)
        self.last.weight = self.first.weight

    def forward(self, x: Tensor) -> Tensor:
        return self.last(self.norm(self.drop(self.first(x).relu())))


def loss_fn(model: nn.Module, batch: tuple[Tensor, ...]) -> Tensor:
    return (model(batch[0]) - batch[0].flip(1)).square().mean()


X = torch.randn(37, 5, generator=torch.Generator().manual_seed(3))


def noisy_score(model: nn.Module) -> float:
    """Draw from the global stream, which must not move the training."""
    return loss_fn(model, (X + 0.1 * torch.randn(37, 5),)).item()


def run(
    folder: Path | None,
    stop_at: int | None = None,
    on_draw=lambda: None,
    **changes,
):
    """Train; or stop without warning while the batch of a step is drawn."""
    torch.set_num_threads(1)
    with training.seeded(7):
        model = Tied()
    sample = training.row_sampler(X, batch_size=11)
    n_drawn = 0

    def draw(generator: torch.Generator) -> tuple[Tensor, ...]:
        nonlocal n_drawn
        n_drawn += 1
        on_draw()
        if n_drawn == stop_at:
            raise KeyboardInterrupt
        return sample(generator)

    saving = folder and training.Checkpoints(folder, every=7)
    settings = {
        "n_steps": N_STEPS,
        "lr": 0.05,
        "generator": torch.Generator().manual_seed(1),
        "schedule": schedules.inverse_root(10),
        "max_gradient_norm": 0.5,
        "evaluation": training.Evaluation(noisy_score, every=5),
        "count_tokens": lambda batch: batch[0].numel(),
        "checkpoints": saving,
    }
    history = training.train(model, draw, loss_fn, **(settings | changes))
    return model, history


def weights(model: nn.Module) -> list[Tensor]:
    return [tensor.clone() for tensor in model.state_dict().values()]


def assert_same_end(ours, wanted) -> None:
    (model, history), (other, expected) = ours, wanted
    for mine, theirs in zip(weights(model), weights(other), strict=True):
        assert torch.equal(mine, theirs)
    assert history.losses == expected.losses
    assert history.learning_rates == expected.learning_rates
    assert history.gradient_norms == expected.gradient_norms
    assert history.scores == expected.scores
    assert history.best_step == expected.best_step
    assert history.n_tokens == expected.n_tokens


OPTIMIZERS = [
    torch.optim.Adam,
    torch.optim.AdamW,
    partial(torch.optim.SGD, momentum=0.9),
    torch.optim.SGD,
]


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_an_interrupted_training_resumes_to_the_same_end(tmp_path, optimizer):
    wanted = run(None, optimizer=optimizer)
    for stop_at in (3, 9, 20, 30):
        with pytest.raises(KeyboardInterrupt):
            run(tmp_path, stop_at=stop_at, optimizer=optimizer)
    assert_same_end(run(tmp_path, optimizer=optimizer), wanted)
    # called once more, it has nothing left to do
    assert_same_end(run(tmp_path, stop_at=1, optimizer=optimizer), wanted)


def test_checkpoints_change_nothing(tmp_path):
    assert_same_end(run(tmp_path), run(None))


def test_looking_at_held_out_data_changes_nothing():
    assert run(None)[1].losses == run(None, evaluation=None)[1].losses


def test_more_steps_go_on_from_the_last(tmp_path):
    first = run(tmp_path, n_steps=20)[1]
    more = run(tmp_path, n_steps=N_STEPS)[1]
    assert more.losses == run(None)[1].losses
    assert more.losses[:20] == first.losses


def with_patience(patience: int | None, scores: list[float], **changes):
    """Train under scores that are given, whatever the model is."""
    given = iter(scores)
    seen: list[list[Tensor]] = []

    def score(model: nn.Module) -> float:
        assert not model.training
        assert not torch.is_grad_enabled()
        seen.append(weights(model))
        return next(given)

    evaluation = training.Evaluation(score, 5, patience, **changes)
    model, history = run(None, evaluation=evaluation)
    return model, history, seen


def test_early_stop_hands_back_the_weights_of_the_best_score():
    scores = [3.0, 2.0, 2.5, 1.0, 1.0, 1.5, 1.2, 9.0]
    model, history, seen = with_patience(3, scores)
    assert len(history.losses) == 35
    assert (
        history.scores == [(5 * (i + 1), s) for i, s in enumerate(scores)][:7]
    )
    assert history.best_step == 20
    for mine, best in zip(weights(model), seen[3], strict=True):
        assert torch.equal(mine, best)


def test_a_score_may_be_better_higher():
    scores = [0.1, 0.5, 0.4, 0.5, 0.3]
    _, history, _ = with_patience(2, scores, higher_is_better=True)
    assert (history.best_step, len(history.losses)) == (10, 20)


def test_patience_that_never_ends_hands_back_the_best_too():
    scores = [float(i != 3) for i in range(12)]
    model, history, seen = with_patience(99, scores)
    assert len(history.losses) == N_STEPS
    for mine, best in zip(weights(model), seen[3], strict=True):
        assert torch.equal(mine, best)


def test_without_patience_the_last_weights_stay():
    model, history, seen = with_patience(None, [1.0] + [2.0] * 11)
    assert history.best_step == 5
    for mine, last in zip(weights(model), seen[-1], strict=True):
        assert torch.equal(mine, last)


def test_an_early_stop_is_resumed_as_stopped(tmp_path):
    evaluation = training.Evaluation(noisy_score, 2, patience=2)
    wanted = run(None, evaluation=evaluation, lr=0.9)
    assert len(wanted[1].losses) < N_STEPS
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path, stop_at=8, evaluation=evaluation, lr=0.9)
    for _ in range(2):
        again = run(tmp_path, evaluation=evaluation, lr=0.9)
        assert_same_end(again, wanted)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"lr": 0.06}, r"whose lr was 0\.05, this one has 0\.06"),
        ({"optimizer": torch.optim.SGD}, "whose optimizer was Adam .*SGD"),
        (
            {"optimizer": partial(torch.optim.Adam, betas=(0.8, 0.9))},
            r"whose optimizer was .*0\.999.* has .*0\.8",
        ),
        (
            {"generator": torch.Generator().manual_seed(2)},
            r"whose seed was \d+, this one has \d+",
        ),
        ({"max_gradient_norm": None}, "max_gradient_norm was 0.5, .* None"),
    ],
)
def test_a_folder_belongs_to_one_training(tmp_path, change, message):
    run(tmp_path, n_steps=8)
    with pytest.raises(CheckpointError, match=message):
        run(tmp_path, **change)


def test_another_model_is_refused(tmp_path):
    run(tmp_path, n_steps=8)
    with pytest.raises(CheckpointError, match=r"whose tensors was \d+ tens"):
        training.train(
            nn.Linear(5, 5),
            training.row_sampler(X, batch_size=11),
            loss_fn,
            n_steps=9,
            lr=0.05,
            generator=torch.Generator().manual_seed(1),
            max_gradient_norm=0.5,
            checkpoints=training.Checkpoints(tmp_path, every=1),
        )


def test_clipping_shortens_long_gradients_only():
    weight = nn.Linear(1, 1, bias=False).double()
    nn.init.zeros_(weight.weight)
    norms, after = [3.0, 0.25], []
    slopes = iter(norms)
    history = training.train(
        weight,
        lambda _: next(slopes),
        lambda model, slope: slope * model.weight.sum(),
        n_steps=2,
        lr=1.0,
        generator=torch.Generator(),
        optimizer=torch.optim.SGD,
        max_gradient_norm=0.5,
        evaluation=training.Evaluation(
            lambda m: after.append(m.weight.item()) or 0.0, every=1
        ),
    )
    assert history.gradient_norms == pytest.approx(norms)
    assert after == pytest.approx([-0.5, -0.75], abs=1e-5)


def test_a_schedule_sets_the_rate_of_each_step():
    history = run(None)[1]
    share = schedules.inverse_root(10)
    assert history.learning_rates == [
        0.05 * share(step) for step in range(1, N_STEPS + 1)
    ]
    slower = run(None, schedule=lambda step: 0.0)[0]
    with training.seeded(7):
        assert torch.equal(slower.first.weight, Tied().first.weight)


class Root(nn.Module):
    """Its loss is 0 and its slope at 0 infinite."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(1))


def test_what_is_not_finite_is_named():
    model = Root()
    with pytest.raises(FloatingPointError, match="length is inf at step 1 of"):
        training.train(
            model,
            lambda _: None,
            lambda m, _: m.weight.sqrt().sum(),
            n_steps=2,
            lr=1.0,
            generator=torch.Generator(),
            max_gradient_norm=1.0,
        )
    assert model.weight.item() == 0
    with pytest.raises(FloatingPointError, match="score is nan after step 5"):
        with_patience(None, [math.nan])
    with pytest.raises(ValueError, match=r"rate -0\.05 at step 1"):
        run(None, schedule=lambda step: -1.0)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: training.Evaluation(noisy_score, 0), "every must be pos"),
        (lambda: training.Evaluation(noisy_score, 1, 0), "patience must be"),
        (lambda: training.Checkpoints(Path("x"), 0), "every must be positive"),
        (lambda: training.Checkpoints(Path("x"), 1, 0), "keep must be pos"),
        (lambda: run(None, max_gradient_norm=0.0), "max_gradient_norm must"),
    ],
)
def test_settings_that_cannot_be_counted(make, message):
    with pytest.raises(ValueError, match=message):
        make()


N_KILLS = 20
LONG = {"n_steps": 400, "evaluation": None}


def train_in_a_process(folder: str, begun) -> None:
    run(Path(folder), on_draw=begun.set, **LONG)


def killed_after(context, folder: Path, seconds: float) -> bool:
    """Start the training, kill it; say whether it was still at work."""
    begun = context.Event()
    process = context.Process(
        target=train_in_a_process, args=(str(folder), begun)
    )
    process.start()
    while process.is_alive() and not begun.wait(0.1):
        pass  # a finished training draws no batch
    process.join(seconds)
    process.kill()
    process.join()
    assert process.exitcode in (-9, 0)  # 0: it had come to its end before
    return process.exitcode == -9


@pytest.mark.slow
def test_twenty_kills_at_random_moments_change_nothing(tmp_path):
    """SIGKILL cannot be caught: no code of ours runs when it comes."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["transformer_course.training"])
    wanted = run(None, **LONG)
    started = time.perf_counter()
    run(tmp_path / "timed", **LONG)
    whole = time.perf_counter() - started
    rng = random.Random(5)
    kills, resumed_from, folder = 0, set(), tmp_path / "0"
    while kills < N_KILLS:
        if killed_after(context, folder, rng.uniform(0, whole / 3)):
            kills += 1
            resumed_from |= {p.name for p in folder.glob("step-*")}
        else:  # it came to its end first: that one is whole, start another
            assert_same_end(run(folder, **LONG), wanted)
            folder = tmp_path / str(kills)
    assert_same_end(run(folder, **LONG), wanted)
    assert len(resumed_from) > 5
