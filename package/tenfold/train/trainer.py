"""The loop. Read this first.

    fit             epochs of a training pass and a validation pass, whatever happens inside
    train_step      one batch: forward, loss, backward, step
    predict_batches a pass without training

The loop holds no policy: what differs between runs is data, a schedule, or a callback. It never
waits for the device inside a pass; losses stay there and are read at most five times a second.
"""

from __future__ import annotations

import contextlib
import signal
import threading
import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from tenfold.errors import DataError, TrainingError
from tenfold.train.optim import set_train_mode
from tenfold.train.plan import PRECISIONS, Plan
from tenfold.train.run import Run
from tenfold.train.state import Snapshot, kept_modes, kept_random

__all__ = ["fit", "predict_batches", "train_step"]


def fit(run: Run) -> Run:
    """Train until the run is finished, stopped or failed; then everything is put back.

    Modes, grad mode, thread count and random numbers are what they were, also after an error.
    """
    with kept_modes(run.model), kept_random(run.seed + run.first_epoch), interruptible(run):
        torch.set_grad_enabled(True)
        if torch.get_num_threads() != run.plan.threads:
            torch.set_num_threads(run.plan.threads)
        run.state, run.started = "running", time.perf_counter()
        try:
            run.events.call("before_fit", run)
            for run.epoch in range(run.epochs):
                fit_epoch(run)
                if run.stopping:
                    break
            run.end("stopped" if run.stopping else "finished")
        except BaseException as error:
            run.end("failed", error)
            raise
        finally:
            run.optimizer.zero_grad(set_to_none=True)
            run.events.call("after_fit", run)
    return run


def fit_epoch(run: Run) -> None:
    """One training pass, one validation pass, one row of the history."""
    started = time.perf_counter()
    run.row = {"epoch": run.first_epoch + run.epoch + 1}
    good = Snapshot(run.model, run.optimizer, trained_only=True)
    run.events.call("before_epoch", run)
    train_pass(run)
    run.row["train_loss"] = run.epoch_loss()
    refuse_nan(run, good)
    if run.valid is not None and not run.stopping:
        run.events.call("before_validate", run)
        run.row.update(validate(run))
    run.row.update(seconds=time.perf_counter() - started, step=run.history.steps)
    run.history.rows.append(run.row)
    run.events.call("after_epoch", run)
    if run.requested:
        run.serve()


def train_pass(run: Run) -> None:
    """Every training batch once; ends early when the run is asked to stop."""
    set_train_mode(run.model)
    for inputs, targets in batches_of(run.train, device=run.device, plan=run.plan, epoch=run.first_epoch + run.epoch):
        if run.requested:
            run.serve()
            if run.stopping:
                break
        if run.step == run.total_steps:
            break
        train_step(run, inputs, targets)
        if time.perf_counter() > run.next_tick:
            run.tick()
            if not np.isfinite(run.last_loss):
                break


def train_step(run: Run, inputs: Any, targets: Any) -> None:
    """Forward, loss, backward, step: the hot path."""
    events, optimizer = run.events, run.optimizer
    run.inputs, run.targets = inputs, targets
    for handle in events["before_batch"]:
        handle(run)
    run.use_rates()
    run.outputs = forward(run.model, run.inputs, run.plan)
    if run.step == 0:
        run.task.check(run.outputs, targets)
    loss = run.task.loss(run.outputs, run.targets)
    loss.backward()
    for handle in events["after_backward"]:
        handle(run)
    optimizer.step()
    for group in optimizer.param_groups:
        for parameter in group["params"]:
            parameter.grad = None
    run.step += 1
    run.keep_loss(loss.detach())
    for handle in events["after_step"]:
        handle(run)


def forward(model: nn.Module, inputs: Any, plan: Plan) -> Tensor:
    """The model's raw outputs, in float32 whatever the precision inside."""
    if not plan.mixed:
        return model(*inputs) if isinstance(inputs, tuple | list) else model(inputs)
    kind = next(model.parameters()).device.type
    with torch.autocast(kind, PRECISIONS[plan.precision]):
        outputs = model(*inputs) if isinstance(inputs, tuple | list) else model(inputs)
    return outputs.float()


def validate(run: Run) -> dict[str, float]:
    """Mean loss and metrics over the validation set."""
    assert run.scores is not None
    run.scores.reset()
    total, items = torch.zeros((), device=run.device), 0
    for outputs, targets in predict_batches(run.model, run.valid, plan=run.plan):
        total += run.task.loss(outputs, targets) * len(targets)
        items += len(targets)
        run.scores.update(run.task.activation(outputs), targets)
    # the one place of an epoch that waits for the device
    return {"valid_loss": float(total) / max(items, 1), **run.scores.compute()}


def predict_batches(model: nn.Module, data: Any, *, plan: Plan) -> Iterator[tuple[Tensor, Tensor]]:
    """Raw outputs and targets of every batch, in evaluation mode and without gradients."""
    device = next(model.parameters()).device
    with kept_modes(model):
        model.eval()
        torch.set_num_threads(plan.threads)
        for inputs, targets in batches_of(data, device=device, plan=plan, epoch=0):
            with torch.no_grad():
                outputs = forward(model, inputs, plan)
            yield outputs, targets


def batches_of(data: Any, *, device: torch.device, plan: Plan, epoch: int) -> Iterator[tuple[Any, Any]]:
    """The batches of a pass, on the device and in the layout of the plan."""
    if hasattr(data, "epoch"):
        data.epoch = epoch
    if getattr(data, "device", None) == device and not plan.channels_last:
        yield from data
        return
    for inputs, targets in data:
        yield plan.lay_out(placed(inputs, device)), placed(targets, device)


def placed(values: Any, device: torch.device) -> Any:
    """Tensors on the device; lists and tuples keep their shape; arrays become tensors."""
    if isinstance(values, Tensor):
        return values.to(device, non_blocking=True)
    if isinstance(values, tuple | list) and any(hasattr(value, "shape") for value in values):
        return type(values)(placed(value, device) for value in values)
    return torch.as_tensor(values, device=device)


def steps_in(data: Any) -> int:
    """How many batches a pass has; counted once when the data does not say."""
    steps = len(data) if hasattr(data, "__len__") else sum(1 for _ in data)
    if not steps:
        raise DataError("the training data gave no batch; it must be repeatable and not empty")
    return steps


def refuse_nan(run: Run, good: Snapshot) -> None:
    """Put the weights of the last good epoch back when the loss is no longer a number."""
    if np.isfinite(run.row["train_loss"]) or run.step == 0:
        return
    losses, rates = run.history.losses, run.history.rates
    first = int(np.flatnonzero(~np.isfinite(losses))[0])
    good.restore()
    raise TrainingError(
        f"the loss became {losses[first]} at step {first + 1} with a learning rate of "
        f"{rates[first].max():.3g}; the weights from before this epoch are back; try a tenth of "
        "that rate, or let %lr_find suggest one"
    )


@contextlib.contextmanager
def interruptible(run: Run) -> Iterator[None]:
    """Let a first interrupt stop the run at the next batch; a second one raises at once.

    Only the main thread gets interrupts, so anywhere else nothing is changed.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.getsignal(signal.SIGINT)

    def on_interrupt(number: int, frame: Any) -> None:
        if run.stopping or run.requested or not callable(before):
            raise KeyboardInterrupt
        run.stop("interrupted")

    signal.signal(signal.SIGINT, on_interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
