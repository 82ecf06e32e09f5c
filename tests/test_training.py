"""The training loop: what it computes, what it restores, what it refuses."""

import copy
import io
import math
import re
import sys
from functools import partial

import pytest
import torch
from jupyter_client.manager import start_new_kernel
from torch import Tensor, nn

from transformer_course import training
from transformer_course.training import progress


def generator(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def line(dropout: float = 0.0) -> nn.Module:
    with training.seeded(2):
        return nn.Sequential(
            nn.Linear(3, 7), nn.Dropout(dropout), nn.Linear(7, 1)
        ).double()


@pytest.fixture
def rows() -> tuple[Tensor, Tensor]:
    x = torch.randn(23, 3, generator=generator(5), dtype=torch.float64)
    return x, x @ torch.tensor([[1.0], [-2.0], [0.5]], dtype=torch.float64)


def squared_error(model: nn.Module, batch: tuple[Tensor, ...]) -> Tensor:
    x, y = batch
    return (model(x) - y).square().mean()


@pytest.mark.parametrize("optimizer", [torch.optim.Adam, torch.optim.SGD])
def test_train_takes_the_steps_of_a_written_out_loop(rows, optimizer):
    model, twin = line(), line()
    history = training.train(
        model,
        training.row_sampler(*rows, batch_size=5),
        squared_error,
        n_steps=11,
        lr=0.03,
        generator=generator(7),
        optimizer=optimizer,
    )
    draw = generator(7)
    steps = optimizer(twin.parameters(), lr=0.03)
    expected = []
    for _ in range(11):
        pick = torch.randint(23, (5,), generator=draw)
        loss = (twin(rows[0][pick]) - rows[1][pick]).square().mean()
        expected.append(loss.item())
        for parameter in twin.parameters():
            parameter.grad = None
        loss.backward()
        steps.step()
    assert history.losses == expected
    for mine, theirs in zip(
        model.parameters(), twin.parameters(), strict=True
    ):
        torch.testing.assert_close(mine, theirs)


def test_one_step_by_hand():
    # prediction w x = 1 * 2, target 5: loss 9, slope 2 (2 - 5) 2 = -12
    model = nn.Linear(1, 1, bias=False).double()
    nn.init.ones_(model.weight)
    pair = (torch.tensor([[2.0]]).double(), torch.tensor([[5.0]]).double())
    losses = training.train(
        model, lambda _: pair, squared_error,
        n_steps=1, lr=0.1, generator=generator(0), optimizer=torch.optim.SGD,
    ).losses  # fmt: skip
    assert losses == [9.0]
    assert model.weight.item() == pytest.approx(1 + 0.1 * 12)


def test_train_finds_a_line(rows):
    model = line()
    losses = training.train(
        model, training.row_sampler(*rows, batch_size=7), squared_error,
        n_steps=400, lr=0.03, generator=generator(1),
    ).losses  # fmt: skip
    assert len(losses) == 400
    assert losses[0] > 1
    assert max(losses[-10:]) < 1e-3


def run(rows, seed: int, dropout: float = 0.5) -> list[float]:
    return training.train(
        line(dropout), training.row_sampler(*rows, batch_size=5),
        squared_error, n_steps=5, lr=0.03, generator=generator(seed),
    ).losses  # fmt: skip


def test_same_generator_same_losses_with_dropout_too(rows):
    torch.manual_seed(1)
    first = run(rows, 3)
    torch.manual_seed(2)
    assert run(rows, 3) == first
    assert run(rows, 4) != first
    assert run(rows, 3, dropout=0.0) != first


def test_a_second_call_goes_on_with_other_batches_and_other_dropout():
    model = nn.Sequential(nn.Dropout(0.5), nn.Linear(7, 1))
    ones = torch.ones(1, 7)
    seen, draw = [], generator(3)
    model[0].register_forward_hook(lambda m, i, out: seen.append(out.clone()))
    for _ in range(2):
        training.train(
            model, training.row_sampler(ones, batch_size=11),
            lambda model, batch: model(batch[0]).square().mean(),
            n_steps=1, lr=0.1, generator=draw,
        )  # fmt: skip
    assert not torch.equal(*seen)


def test_global_random_stream_goes_on_undisturbed(rows):
    torch.manual_seed(11)
    expected = torch.rand(3)
    torch.manual_seed(11)
    run(rows, 3)
    assert torch.equal(torch.rand(3), expected)


def mixed_modes() -> nn.Module:
    model = line(0.5)
    model.eval()
    model[2].train()
    return model


def modes(model: nn.Module) -> list[bool]:
    return [part.training for part in model.modules()]


def test_train_and_evaluate_restore_the_mode_of_every_part(rows):
    model = mixed_modes()
    before = modes(model)
    seen = []

    def loss(model: nn.Module, batch: tuple[Tensor, ...]) -> Tensor:
        seen.append(modes(model))
        return squared_error(model, batch)

    def score(model: nn.Module, batch: tuple[Tensor, ...]) -> Tensor:
        seen.append(modes(model))
        assert not torch.is_grad_enabled()
        return model(batch[0]).flatten()

    training.train(
        model, training.row_sampler(*rows, batch_size=5), loss,
        n_steps=1, lr=0.1, generator=generator(0),
    )  # fmt: skip
    assert modes(model) == before
    training.evaluate(model, [rows], score)
    assert modes(model) == before
    assert seen == [[True] * 4, [False] * 4]


def test_mode_is_restored_after_an_error(rows):
    model = mixed_modes()
    before = modes(model)
    with pytest.raises(ZeroDivisionError), training.mode(model, True):
        _ = 1 / 0
    assert modes(model) == before


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_non_finite_loss_names_the_step_and_keeps_the_parameters(rows, bad):
    model = line()
    counted = []

    def loss(model: nn.Module, batch: tuple[Tensor, ...]) -> Tensor:
        counted.append(copy.deepcopy(model.state_dict()))
        return squared_error(model, batch) + (bad if len(counted) == 3 else 0)

    with pytest.raises(FloatingPointError, match=r"at step 3 of 9"):
        training.train(
            model, training.row_sampler(*rows, batch_size=5), loss,
            n_steps=9, lr=0.03, generator=generator(0),
        )  # fmt: skip
    assert len(counted) == 3
    assert not torch.equal(model[0].weight, counted[1]["0.weight"])
    assert torch.equal(model[0].weight, counted[2]["0.weight"])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"n_steps": 0}, "n_steps must be positive and finite, came as 0"),
        ({"lr": 0.0}, "lr must be positive and finite, came as 0.0"),
        ({"lr": math.nan}, "lr must be positive and finite, came as nan"),
        ({"lr": math.inf}, "lr must be positive and finite, came as inf"),
        ({"model": nn.Dropout()}, "no parameter that requires a gradient"),
        (
            {"loss_fn": lambda model, batch: model(batch[0])[:, 0]},
            r"loss of shape \(\), gave \(5,\)",
        ),
    ],
)
def test_train_refuses(rows, change, message):
    keywords = {
        "model": line(),
        "sample_batch": training.row_sampler(*rows, batch_size=5),
        "loss_fn": squared_error,
        "n_steps": 2,
        "lr": 0.1,
        "generator": generator(0),
    }
    with pytest.raises(ValueError, match=message):
        training.train(**(keywords | change))


def test_row_sampler_keeps_rows_together_and_follows_its_generator():
    n = torch.arange(13)
    sample = training.row_sampler(n, n[:, None] * 10, batch_size=5)
    draw = generator(3)
    batches = [sample(draw) for _ in range(60)]
    for first, second in batches:
        assert first.shape == (5,)
        assert torch.equal(second, first[:, None] * 10)
    assert {int(i) for first, _ in batches for i in first} == set(range(13))
    again = sample(generator(3))
    assert torch.equal(again[0], batches[0][0])


@pytest.mark.parametrize(
    ("tensors", "batch_size", "message"),
    [
        ((), 3, "positive number of rows"),
        ((torch.zeros(0, 2),), 3, "positive number of rows"),
        ((torch.tensor(1.0),), 3, "positive number of rows"),
        ((torch.zeros(5), torch.zeros(7)), 3, r"came with \[5, 7\]"),
        ((torch.zeros(5),), 0, "batch_size must be positive, came as 0"),
    ],
)
def test_row_sampler_refuses(tensors, batch_size, message):
    with pytest.raises(ValueError, match=message):
        training.row_sampler(*tensors, batch_size=batch_size)


def test_evaluate_counts_every_item_once():
    # batches of 3 and 1: the mean of batch means would be (1/3 + 1) / 2
    batches = [torch.tensor([True, False, False]), torch.tensor([True])]
    score = training.evaluate(nn.Identity(), batches, lambda m, b: m(b))
    assert score == 0.5


def test_evaluate_runs_without_dropout(rows):
    model = nn.Dropout(0.9)
    mean = training.evaluate(model, [rows[0][:, 0]], lambda m, batch: m(batch))
    assert mean == pytest.approx(rows[0][:, 0].mean().item())


def test_evaluate_refuses_scores_without_items():
    with pytest.raises(ValueError, match="hold no item"):
        training.evaluate(nn.Identity(), [], lambda m, batch: m(batch))
    with pytest.raises(ValueError, match=r"gave shape \(2, 3\)"):
        training.evaluate(
            nn.Identity(), [torch.zeros(2, 3)], lambda m, batch: m(batch)
        )


def test_progress_shows_steps_loss_and_tokens(rows, monkeypatch):
    screen = io.StringIO()
    every_step = partial(progress.ProgressBar, mininterval=0, miniters=1)
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setattr(progress, "ProgressBar", every_step)

    def run(**keywords) -> str:
        training.train(
            line(), training.row_sampler(*rows, batch_size=5), squared_error,
            n_steps=13, lr=0.01, generator=generator(0),
            optimizer=partial(torch.optim.Adam, betas=(0.9, 0.99)), **keywords,
        )  # fmt: skip
        return screen.getvalue()

    assert run() == ""  # nobody watches a pipe
    assert "tokens/s" not in run(progress=True)
    text = run(progress=True, count_tokens=lambda batch: batch[0].numel())
    assert "0/13" in text
    assert re.search(r"7/13 .*loss=\d+\.\d{3}, tokens/s=[\d,]+", text)
    assert text.endswith("\r")  # cleared when done


NOTEBOOK = """
import torch
from torch import nn
from transformer_course import training
from transformer_course.training import progress
losses = training.train(
    nn.Linear(2, 1),
    training.row_sampler(torch.ones(5, 2), batch_size=3),
    lambda model, batch: model(batch[0]).square().mean(),
    n_steps=3, lr=0.1, generator=torch.Generator().manual_seed(0),
)
"""


def test_bar_is_drawn_in_a_live_notebook_and_never_in_a_stored_one():
    manager, client = start_new_kernel(kernel_name="python3")
    try:
        written = {True: "", False: ""}
        for is_live in (True, False):

            def keep(message, is_live=is_live):
                assert message["msg_type"] != "error", message["content"]
                written[is_live] += message["content"].get("text", "")

            client.execute_interactive(
                NOTEBOOK, allow_stdin=is_live, output_hook=keep, timeout=120
            )
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    assert "0/3" in written[True]
    assert written[False] == ""
