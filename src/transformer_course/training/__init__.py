"""The training loop: draw a batch, measure the loss, step downhill.

It imports no model: a model comes in, with a function that draws a batch and
a function that gives the loss of the model on a batch. The same loop trains
every model of the course, for seconds in a chapter or for hours with
checkpoints.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

import torch
from torch import Tensor, nn

from transformer_course.training.modes import mode, seeded
from transformer_course.training.progress import progress_bar
from transformer_course.training.run import (
    Checkpoints,
    Evaluation,
    History,
    Run,
    check_positive,
)
from transformer_course.training.schedules import Schedule

__all__ = [
    "Checkpoints",
    "Evaluation",
    "History",
    "evaluate",
    "mode",
    "row_sampler",
    "seeded",
    "train",
]

Batch = TypeVar("Batch")


def row_sampler(
    *tensors: Tensor, batch_size: int
) -> Callable[[torch.Generator], tuple[Tensor, ...]]:
    """Make the function that draws a batch of rows at random.

    Args:
        tensors: Any dtype, each (n, ...) with the same n: row i of each
            belongs to item i.
        batch_size: Rows in a batch, drawn with replacement.

    Returns:
        A function from a generator to one tensor (batch_size, ...) for each
        of ``tensors``.

    Raises:
        ValueError: There is no tensor or no row, ``batch_size`` is not
            positive, or the numbers of rows differ.
    """
    sizes = [tensor.shape[0] if tensor.ndim else 0 for tensor in tensors]
    if not sizes or len(set(sizes)) != 1 or sizes[0] == 0:
        raise ValueError(
            "tensors need one and the same positive number of rows, "
            f"came with {sizes}"
        )
    if batch_size < 1:
        raise ValueError(f"batch_size must be positive, came as {batch_size}")

    def sample(generator: torch.Generator) -> tuple[Tensor, ...]:
        rows = torch.randint(sizes[0], (batch_size,), generator=generator)
        return tuple(tensor[rows] for tensor in tensors)

    return sample


def train(
    model: nn.Module,
    sample_batch: Callable[[torch.Generator], Batch],
    loss_fn: Callable[[nn.Module, Batch], Tensor],
    *,
    n_steps: int,
    lr: float,
    generator: torch.Generator,
    optimizer: Callable[..., torch.optim.Optimizer] = torch.optim.Adam,
    schedule: Schedule | None = None,
    max_gradient_norm: float | None = None,
    evaluation: Evaluation | None = None,
    checkpoints: Checkpoints | None = None,
    count_tokens: Callable[[Batch], int] | None = None,
    progress: bool | None = None,
) -> History:
    """Train a model by gradient descent on one batch after another.

    The model's parameters change in place; its training or evaluation mode
    and PyTorch's global random stream are as before when the call ends. The
    same model, generator state and data give the same losses bit for bit, on
    one machine with one thread.

    With ``checkpoints``, a call that was stopped at any moment, by SIGKILL
    or a power cut, goes on from its last checkpoint when it is made again
    and ends with the same weights as if it had never been stopped. The
    model and the generator then come as they came the first time.

    Args:
        model: What is trained.
        sample_batch: Draws a batch, with the generator it is handed and no
            memory of its own.
        loss_fn: From model and batch to the loss, a float tensor of shape ().
        n_steps: Number of steps, a batch each.
        lr: Learning rate.
        generator: Draws the batches, and nothing else does; dropout starts
            from the generator's state and leaves it alone.
        optimizer: Called as ``optimizer(parameters, lr=lr)``; a class of
            ``torch.optim`` or a ``functools.partial`` of one.
        schedule: From the step, counted from 1, to the share of ``lr`` that
            it takes; see ``schedules``. None takes all of it.
        max_gradient_norm: Longer gradients are shortened to this length,
            all parameters taken together.
        evaluation: When to measure the model, and when to stop early.
        checkpoints: Where and when to save the training.
        count_tokens: Number of tokens in a batch; given, the progress bar
            shows tokens a second.
        progress: Whether to draw a progress bar; by default, where someone
            can watch it: in a terminal or a live notebook.

    Returns:
        Losses and learning rates of each step, and what else was measured.

    Raises:
        ValueError: A number is not positive, nothing in the model can be
            trained, or the loss has a shape.
        FloatingPointError: A loss, a gradient or a score is infinite or not
            a number. The model keeps the parameters that gave it.
        CheckpointError: The checkpoint is damaged, belongs to a training
            with other settings, or another process is writing there.
    """
    parameters = _trainable(model, n_steps, lr, max_gradient_norm)
    steps = optimizer(parameters, lr=lr)
    run = Run(model, steps, generator, evaluation, checkpoints, n_steps)
    with (
        run.opened(lr, max_gradient_norm),
        progress_bar(n_steps, run.step, progress) as bar,
    ):
        while not run.is_over:
            batch = sample_batch(generator)
            steps.zero_grad(set_to_none=True)
            loss = loss_fn(model, batch)
            value = run.checked(loss)
            loss.backward()  # type: ignore[no-untyped-call]
            if max_gradient_norm is not None:
                run.clip(parameters, max_gradient_norm)
            run.set_rate(lr * schedule(run.step + 1) if schedule else lr)
            steps.step()
            run.finish_step(value, count_tokens(batch) if count_tokens else 0)
            bar.show(value, run.tokens_per_second)
    return run.history


def _trainable(
    model: nn.Module, n_steps: int, lr: float, max_norm: float | None
) -> list[nn.Parameter]:
    """List the parameters that are trained; refuse what cannot be trained."""
    check_positive("n_steps", n_steps)
    check_positive("lr", lr)
    if max_norm is not None:
        check_positive("max_gradient_norm", max_norm)
    parameters = [p for p in model.parameters() if p.requires_grad]
    if not parameters:
        raise ValueError("model has no parameter that requires a gradient")
    return parameters


def evaluate(
    model: nn.Module,
    batches: Iterable[Batch],
    score_fn: Callable[[nn.Module, Batch], Tensor],
) -> float:
    """Average a score over all items, without training on them.

    The model runs in evaluation mode and without gradients; its mode is as
    before when the call ends.

    Args:
        model: What is measured.
        batches: The batches; every item counts once, so that a short last
            batch does not weigh more than it should.
        score_fn: From model and batch to one score an item, bool or float
            (n,): right or wrong, or the item's loss.

    Returns:
        The mean score.

    Raises:
        ValueError: The scores are not one an item, or there is no item.
    """
    total, n_items = 0.0, 0
    with mode(model, False), torch.no_grad():
        for batch in batches:
            scores = score_fn(model, batch)
            if scores.ndim != 1:
                raise ValueError(
                    "score_fn must give one score an item, shape (n,), gave "
                    f"shape {tuple(scores.shape)}"
                )
            total += scores.double().sum().item()
            n_items += len(scores)
    if n_items == 0:
        raise ValueError("batches hold no item")
    return total / n_items
