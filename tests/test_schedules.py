"""Schedules: the paper's formula, PyTorch's schedulers, their limits."""

import pytest
import torch
from torch import nn
from torch.optim import lr_scheduler

from transformer_course.training import schedules

N_STEPS = 23


def rates_of_pytorch(make_scheduler):
    """Collect the rates that a scheduler of PyTorch sets, step by step."""
    weight = nn.Parameter(torch.zeros(1))
    optimizer = torch.optim.SGD([weight], lr=1.0)
    scheduler = make_scheduler(optimizer)
    rates = []
    for _ in range(N_STEPS):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return rates


def shares(schedule):
    return [schedule(step) for step in range(1, N_STEPS + 1)]


def test_inverse_root_is_equation_3_of_the_paper():
    d_model, n_warmup = 512, 7
    paper = [
        d_model**-0.5 * min(step**-0.5, step * n_warmup**-1.5)
        for step in range(1, N_STEPS + 1)
    ]
    lr = (d_model * n_warmup) ** -0.5
    ours = [lr * share for share in shares(schedules.inverse_root(n_warmup))]
    assert ours == pytest.approx(paper)


def test_cosine_is_pytorchs_after_the_rise():
    theirs = rates_of_pytorch(
        lambda o: lr_scheduler.CosineAnnealingLR(o, N_STEPS, eta_min=0.1)
    )
    assert shares(schedules.cosine(N_STEPS, floor=0.1)) == pytest.approx(
        theirs
    )
    warm = schedules.cosine(N_STEPS + 5, n_warmup=5, floor=0.1)
    assert [warm(step) for step in range(1, 6)] == pytest.approx(
        [0.2, 0.4, 0.6, 0.8, 1.0]
    )
    assert [warm(s + 5) for s in range(1, N_STEPS + 1)] == pytest.approx(
        theirs
    )


def test_linear_is_pytorchs_after_the_rise():
    theirs = rates_of_pytorch(
        lambda o: lr_scheduler.LinearLR(o, 1.0, 0.0, total_iters=N_STEPS)
    )
    assert shares(schedules.linear(N_STEPS)) == pytest.approx(theirs)
    warm = schedules.linear(N_STEPS + 2, n_warmup=2)
    assert [warm(1), warm(2)] == [0.5, 1.0]
    assert [warm(s + 2) for s in range(1, N_STEPS + 1)] == pytest.approx(
        theirs
    )


def test_steps_after_the_end_stay_at_the_floor():
    assert schedules.cosine(5, floor=0.25)(9) == pytest.approx(0.25)
    assert schedules.linear(5)(9) == 0


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: schedules.inverse_root(0), "n_warmup is 0"),
        (lambda: schedules.cosine(5, 5), "n_warmup is 5, wanted .* n_steps 5"),
        (lambda: schedules.linear(5, -1), "n_warmup is -1"),
        (lambda: schedules.cosine(5, floor=1.5), "floor is 1.5"),
    ],
)
def test_errors(make, message):
    with pytest.raises(ValueError, match=message):
        make()
