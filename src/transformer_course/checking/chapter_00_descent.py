"""Exercises of chapter 0: momentum, and six letters of context."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

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


def context_by_steps(
    contexts: Any, n_steps: Any, n_seeds: int = 4
) -> dict[tuple[int, int], list[float]]:
    """Return {(n_context, n_steps): [validation loss of each seed]}.

    Stands in for the solution: numbers of a run.
    """
    return {
        (1, 20): [2.568, 2.576],
        (1, 100): [2.345, 2.331],
        (4, 20): [2.545, 2.522],
        (4, 100): [2.115, 2.111],
    }


def _losses(result: Any) -> str:
    bands = {(1, 20): 2.57, (1, 100): 2.34, (4, 20): 2.53, (4, 100): 2.11}
    if set(result) == {(n, k) for k, n in bands}:
        return "keys exchanged"
    if set(result) != set(bands):
        return "other keys"
    if not all(isinstance(v, list | tuple) for v in result.values()):
        return "no lists"
    if any(len(v) != 2 for v in result.values()):
        return "another number of seeds"
    if any(v[0] == v[1] for v in result.values()):
        return "the same seed twice"
    apart = [
        (float(v) - bands[k]) / bands[k]
        for k, vs in result.items()
        for v in vs
    ]
    if all(abs(a) < 0.06 for a in apart):
        return "inside"
    if all(0.35 < a < 0.55 for a in apart):
        return "in bits"
    if all(a < -0.06 for a in apart):
        return "below"
    return "outside"


_six = EXERCISES.exercise(
    context_by_steps,
    label="ex-00-six",
    level="Stretch",
    minutes=30,
    cases=[((1, 4), (20, 100), 2)],
    seconds=8,
    view=_losses,
    wanted="{(n_context, n_steps): [loss, loss]}, tried with contexts 1 and "
    "4, 20 and 100 steps and two seeds: 2.1 to 2.6 nats on the validation "
    "text",
    hints=(
        "`trained` takes the context and the seed, and any change of the "
        "settings. Which setting is to change here?",
        "Loop over contexts, steps and seeds. Judge on the validation text: "
        "whoever chooses on the test text has used it up.",
        "held_out(trained(k, seed, n_steps=n)[0], validation_text) for each "
        "seed in range(n_seeds), under the key (k, n).",
    ),
    solution="""
def context_by_steps(contexts, n_steps, n_seeds=4):
    return {
        (k, n): [
            held_out(trained(k, seed, n_steps=n)[0], validation_text)
            for seed in range(n_seeds)
        ]
        for k in contexts
        for n in n_steps
    }
""",
)


def _changed(change: Callable[[float], Any]) -> dict[tuple[int, int], Any]:
    found = context_by_steps((), ())
    return {k: [change(v) for v in vs] for k, vs in found.items()}


@_six.mistake
def _exchanged(c: Any, n: Any, seeds: int = 4) -> Any:
    """Your keys are (n_steps, n_context).

    The docstring has the context first.
    """
    return {(n, k): v for (k, n), v in context_by_steps(c, n).items()}


@_six.mistake
def _means(c: Any, n: Any, seeds: int = 4) -> Any:
    """You give one number a setting, not the list of its seeds.

    Without the seeds nobody can see the spread.
    """
    return {k: sum(v) / 2 for k, v in context_by_steps(c, n).items()}


@_six.mistake
def _always_four(c: Any, n: Any, seeds: int = 4) -> Any:
    """Your lists do not have n_seeds numbers.

    Is n_seeds used?
    """
    return {k: v * 2 for k, v in context_by_steps(c, n).items()}


@_six.mistake
def _same_seed(c: Any, n: Any, seeds: int = 4) -> Any:
    """All seeds of a setting give exactly the same loss.

    Does the seed reach `trained`?
    """
    return {k: v[:1] * 2 for k, v in context_by_steps(c, n).items()}


@_six.mistake
def _bits(c: Any, n: Any, seeds: int = 4) -> Any:
    """Your losses are in bits.

    held_out gives nats; so does the chapter's picture.
    """
    return _changed(lambda v: v / 0.6931)


@_six.mistake
def _too_low(c: Any, n: Any, seeds: int = 4) -> Any:
    """Your losses are lower than so few steps allow.

    Does n_steps reach `trained`? It trains 800 steps unless told otherwise.
    """
    return _changed(lambda v: 0.8 * v)
