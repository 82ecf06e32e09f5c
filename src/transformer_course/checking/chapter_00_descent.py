"""An exercise of chapter 0: momentum."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from transformer_course.checking.exercise import Chapter

EXERCISES = Chapter("00")
Loss = Callable[[Tensor], Tensor]


def momentum(
    loss: Loss, start: Tensor, lr: float, n_steps: int, beta: float = 0.9
) -> Tensor:
    """Return the path of descent with momentum, (n_steps + 1, n)."""
    w = start.clone().requires_grad_()
    m = torch.zeros_like(start)
    path = [start]
    for _ in range(n_steps):
        (g,) = torch.autograd.grad(loss(w), w)
        with torch.no_grad():
            m = beta * m + g
            w -= lr * m
        path.append(w.detach().clone())
    return torch.stack(path)


def valley(w: Tensor) -> Tensor:
    """Give the chapter's valley, a little gentler."""
    return 0.5 * (w[..., 0] ** 2 + 10 * w[..., 1] ** 2)


def slope(w: Tensor) -> Tensor:
    """Give a loss that falls evenly."""
    return 2 * w[..., 0] - w[..., 1]


START = torch.tensor([-4.0, 1.0], dtype=torch.float64)

_momentum = EXERCISES.exercise(
    momentum,
    label="ex-00-momentum",
    level="Standard",
    minutes=15,
    cases=[
        (slope, START, 0.1, 0),
        (slope, START, 0.1, 1),
        (slope, START, 0.1, 3),
        (valley, START, 0.02, 4),
        (valley, START, 0.05, 5, 0.5),
        (valley, START, 0.05, 3, 0.0),
    ],
    hints=(
        "Start from my_adam. Which lines belong to the second mean, and "
        "which to the correction of the start?",
        "m is a sum, not a mean: the new gradient enters whole. The step is "
        "learning rate times m.",
        "In the loop: m = beta * m + g, then w -= lr * m under "
        "torch.no_grad(), then append a copy of w. The path begins with "
        "start.",
    ),
)


def _path(
    loss: Loss,
    start: Tensor,
    n_steps: int,
    step: Callable[[Tensor, Tensor, int], tuple[Tensor, Tensor]],
) -> Tensor:
    """Walk: step gives the new m and the change of w."""
    w, m, path = start.clone(), torch.zeros_like(start), [start]
    for t in range(1, n_steps + 1):
        place = w.clone().requires_grad_()
        (g,) = torch.autograd.grad(loss(place), place)
        m, change = step(m, g, t)
        w = w + change
        path.append(w)
    return torch.stack(path)


@_momentum.mistake
def _mean(f: Loss, s: Tensor, lr: float, n: int, beta: float = 0.9) -> Tensor:
    """You keep a mean of the gradients, as Adam does.

    Here m is a running sum: no factor 1 - beta before the gradient.
    """

    def step(m: Tensor, g: Tensor, t: int) -> tuple[Tensor, Tensor]:
        m = beta * m + (1 - beta) * g
        return m, -lr * m

    return _path(f, s, n, step)


@_momentum.mistake
def _corrected(
    f: Loss, s: Tensor, lr: float, n: int, beta: float = 0.9
) -> Tensor:
    """You keep Adam's mean, with its correction of the start.

    Here m is a running sum, and nothing is corrected.
    """

    def step(m: Tensor, g: Tensor, t: int) -> tuple[Tensor, Tensor]:
        m = beta * m + (1 - beta) * g
        return m, -lr * m / (1 - beta**t)

    return _path(f, s, n, step)


@_momentum.mistake
def _plain(f: Loss, s: Tensor, lr: float, n: int, beta: float = 0.9) -> Tensor:
    """Your path is plain gradient descent.

    Is m kept from one step to the next, and does the step use it?
    """
    return _path(f, s, n, lambda m, g, t: (m, -lr * g))


@_momentum.mistake
def _uphill(
    f: Loss, s: Tensor, lr: float, n: int, beta: float = 0.9
) -> Tensor:
    """You walk uphill.

    The gradient points up: subtract.
    """

    def step(m: Tensor, g: Tensor, t: int) -> tuple[Tensor, Tensor]:
        m = beta * m + g
        return m, lr * m

    return _path(f, s, n, step)


@_momentum.mistake
def _nesterov(
    f: Loss, s: Tensor, lr: float, n: int, beta: float = 0.9
) -> Tensor:
    """Your step looks one step ahead: that is Nesterov's momentum.

    The exercise steps by m itself.
    """

    def step(m: Tensor, g: Tensor, t: int) -> tuple[Tensor, Tensor]:
        m = beta * m + g
        return m, -lr * (g + beta * m)

    return _path(f, s, n, step)


@_momentum.mistake
def _late(f: Loss, s: Tensor, lr: float, n: int, beta: float = 0.9) -> Tensor:
    """Your step uses the m of the step before: the first step stands still.

    Update m first, then w.
    """
    return _path(f, s, n, lambda m, g, t: (beta * m + g, -lr * m))


@_momentum.mistake
def _always_point_nine(
    f: Loss, s: Tensor, lr: float, n: int, beta: float = 0.9
) -> Tensor:
    """Your path does not change with beta.

    Is 0.9 written into the loop?
    """
    return momentum(f, s, lr, n, 0.9)


@_momentum.mistake
def _no_start(
    f: Loss, s: Tensor, lr: float, n: int, beta: float = 0.9
) -> Tensor:
    """The start is missing from your path.

    n steps have n + 1 places.
    """
    return momentum(f, s, lr, n, beta)[1:]


@_momentum.mistake
def _aliased(
    f: Loss, s: Tensor, lr: float, n: int, beta: float = 0.9
) -> Tensor:
    """All places of your path are the last one.

    w changes in place, and the list holds w itself: append a copy.
    """
    path = momentum(f, s, lr, n, beta)
    return torch.cat([path[:1], path[-1:].expand(n, -1)])


@_momentum.mistake
def _all_aliased(
    f: Loss, s: Tensor, lr: float, n: int, beta: float = 0.9
) -> Tensor:
    """All places of your path are the last one, even the start.

    w changes in place, and the list holds w itself: append a copy.
    """
    return momentum(f, s, lr, n, beta)[-1:].expand(n + 1, -1).clone()


@_momentum.mistake
def _no_memory_of_sum(
    f: Loss, s: Tensor, lr: float, n: int, beta: float = 0.9
) -> Tensor:
    """Your m never forgets: beta has no effect on the sum.

    The old sum is multiplied by beta before the gradient is added.
    """
    return momentum(f, s, lr, n, 1.0)


@_momentum.mistake
def _slopes_pile_up(
    f: Loss, s: Tensor, lr: float, n: int, beta: float = 0.9
) -> Tensor:
    """Your gradients pile up: w.grad is never set back to zero.

    backward() adds to w.grad. The sum with beta is yours to keep, in m.
    """
    w, m, path = s.clone().requires_grad_(), torch.zeros_like(s), [s]
    for _ in range(n):
        f(w).backward()  # type: ignore[no-untyped-call]
        assert w.grad is not None
        m = beta * m + w.grad
        with torch.no_grad():
            w -= lr * m
        path.append(w.detach().clone())
    return torch.stack(path)
