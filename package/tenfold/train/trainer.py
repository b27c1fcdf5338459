"""The loop. Read this first.

    fit         epochs of a training pass and a validation pass, whatever happens inside
    train_step  one batch: forward, loss and backward (`learn`), step

The loop holds no policy: what differs between runs is data, a schedule, or a callback. It never
waits for the device inside a pass; losses stay there and are read at most five times a second.
"""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import torch
from torch import Tensor

from tenfold.errors import DataError, ModelError, TrainingError
from tenfold.train.faults import broken_off, cause_of, of_worker, unbroken
from tenfold.train.interrupts import Interrupts
from tenfold.train.memory import within_memory
from tenfold.train.optim import quick_step, set_train_mode
from tenfold.train.passes import batches_of
from tenfold.train.run import Run
from tenfold.train.state import Snapshot, kept_modes, kept_random, weights_finite

__all__ = ["fit", "train_step"]


def fit(run: Run) -> Run:
    """Train until the run is finished, stopped or failed; then everything is put back.

    Modes, grad mode, thread count and random numbers are what they were, also after an error.
    """
    kept = kept_modes(run.model), kept_random(run.seed + run.first_epoch)
    interrupts = Interrupts(lambda: run.stop("interrupted"))
    with interrupts, run.awaited(), kept[0], kept[1]:
        fit_to_an_end(run, interrupts)
    return run


def fit_to_an_end(run: Run, interrupts: Interrupts) -> None:
    """Train, and close the run however that ended."""
    try:
        with interrupts.raising():
            fit_epochs(run)
    except BaseException as error:
        run.end("failed", error)
        raise
    finally:
        run.optimizer.zero_grad(set_to_none=True)
        run.events.call("after_fit", run)


def fit_epochs(run: Run) -> None:
    """Every epoch that is left, until the run is finished or stopped."""
    torch.set_grad_enabled(True)
    if torch.get_num_threads() != run.plan.threads:
        torch.set_num_threads(run.plan.threads)
    run.begin()
    run.optimizer.zero_grad(set_to_none=True)  # a backward by hand may have left some
    run.events.call("before_fit", run)
    run.optimizer_step = quick_step(run.optimizer)
    run.take_up()
    for epoch in range(run.epoch, run.epochs):
        fit_epoch(run, epoch)
        if run.stopping:
            break
    run.end("stopped" if run.stopping else "finished")


def fit_epoch(run: Run, epoch: int) -> None:
    """One training pass, one validation pass, one row of the history."""
    started = time.perf_counter()
    run.begin_epoch(epoch)
    good = Snapshot(run.model, run.optimizer, trained_only=True)
    if not run.batches_done:  # else a killed run goes on in the middle of it
        run.events.call("before_epoch", run)
    try:
        train_pass(run)
    except ModelError:
        good.restore()  # the batch norms had seen the batch that does not fit
        raise
    except RuntimeError as error:
        if not of_worker(error):
            raise
        raise broken_off(run, error) from error
    losses = run.epoch_losses()
    if run.stopping and not len(losses):
        return  # asked to end before this epoch had begun
    refuse_losses(run, losses, good)
    run.row["train_loss"] = float(losses.mean())
    if run.valid is not None and not run.stopping:
        run.events.call("before_validate", run)
        run.row.update(validate(run))
    run.row.update(seconds=time.perf_counter() - started, step=run.history.steps)
    run.history.rows.append(run.row)
    run.events.call("after_epoch", run)
    if run.due():
        run.serve()


def train_pass(run: Run) -> None:
    """Every training batch once; ends early when the run is asked to stop."""
    set_train_mode(run.model)
    done, run.epoch_random = run.batches_done, run.random_state()
    last = min(run.step - done + run.steps_per_epoch, run.total_steps)
    where = {"epoch": run.first_epoch + run.epoch, "start": done}
    batches = batches_of(run.train, device=run.device, plan=run.plan, **where)
    if done:
        run.skipped()
    for inputs, targets in unbroken(batches, run):
        if run.due():
            run.serve()
            if run.stopping:
                break
        if run.step == last:
            break
        train_step(run, inputs, targets)
        if time.perf_counter() > run.next_tick:
            run.tick()
            if not np.isfinite(run.last_loss):
                break


def train_step(run: Run, inputs: Any, targets: Any) -> None:
    """Learn from a batch, then step: the hot path."""
    events = run.events
    run.inputs, run.targets = inputs, targets
    for handle in events["before_batch"]:
        handle(run)
    run.use_rates()
    loss = within_memory(run, targets, learn=learn)
    for handle in events["after_backward"]:
        handle(run)
    run.optimizer_step()
    for group in run.optimizer.param_groups:
        for parameter in group["params"]:
            parameter.grad = None
    run.step += 1
    run.batches_done += 1
    run.keep_loss(loss)
    for handle in events["after_step"]:
        handle(run)


def learn(run: Run, inputs: Any, targets: Any, given: Any, share: float) -> Tensor:
    """Forward, loss, backward of a batch, or of the share of it that memory has room for."""
    run.outputs = run.forward(inputs)
    if run.step == 0:
        run.task.check(run.outputs, given)
    loss = run.task.loss(run.outputs, targets)
    if share < 1:
        loss = loss * share
    loss.backward()
    return loss.detach()


def validate(run: Run) -> dict[str, float]:
    """Mean loss and metrics over the validation set."""
    assert run.scores is not None
    run.scores.reset()
    total, items = torch.zeros((), device=run.device), 0

    def score(outputs: Tensor, targets: Tensor) -> bool:
        nonlocal total, items
        if run.due():
            run.serve()
            if run.stopping:
                return True
        total += run.task.loss(outputs, targets) * len(targets)
        items += len(targets)
        run.scores.update(run.task.activation(outputs), targets)  # type: ignore[union-attr]
        return False

    run.validation(score)
    if run.stopping:
        return {}
    if not items:
        raise DataError("the validation data gave no batch; it must be repeatable and not empty")
    # the one place of an epoch that waits for the device
    return {"valid_loss": float(total) / items, **run.scores.compute()}


def refuse_losses(run: Run, losses: np.ndarray, good: Snapshot) -> None:
    """Put the weights of the last good epoch back when the loss is no longer a number."""
    if not len(losses):
        raise DataError(
            f"the training data gave no batch in epoch {run.row['epoch']}; it must be repeatable: "
            "a list, a DataLoader or Batches"
        )
    # a run with a limit measures: whoever asked for it reads the losses and puts all back
    bad = np.flatnonzero(~np.isfinite(losses))
    if run.limit is not None or (not len(bad) and weights_finite(run.optimizer)):
        return
    # a loss that is still a number with weights that are none: the last step was the bad one
    first = int(bad[0]) if len(bad) else len(losses) - 1
    what = f"the loss became {losses[first]}" if len(bad) else "the weights became infinite or nan"
    step, rate = run.step - len(losses) + first, run.history.tail_rates(len(losses))[first].max()
    cause = cause_of(run, losses, first)
    good.restore()
    raise TrainingError(
        f"{what} at step {step + 1} with a learning rate of {rate:.3g}; {cause}; the weights from "
        f"before this epoch are back; try {rate / 10:.2g}, or let %lr_find suggest a rate"
    )
