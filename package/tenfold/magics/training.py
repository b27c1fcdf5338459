"""The magics that train: each calls the method of the learner that has its name."""

from __future__ import annotations

import numpy as np

from tenfold.figures import Picture
from tenfold.learner import Learner
from tenfold.live.jobs import Job
from tenfold.magics.call import BACKGROUND, Argument, Call, Magic, magic
from tenfold.magics.report import KernelReport, in_kernel, watched
from tenfold.techniques.lr_find import RateCurve
from tenfold.text import counted
from tenfold.train.run import Run

__all__ = ["TRAINING"]

# with fewer rates than %lr_find accepts as --steps, it was interrupted
FEW = 10
EPOCHS = Argument("epochs", "count", "passes over the training set, 1 and above")
RATE = Argument(
    "--lr",
    "rate",
    "one rate (1e-2), a spread over the layer groups (1e-5:1e-3), one for each group "
    "(1e-4,1e-3,1e-2), or a variable that holds one of these; 1e-3 without it",
)
CLIP = Argument("--clip", "number", "the largest norm of the gradient; no limit without it")
CHANGES = Argument(
    "--changes",
    "changes",
    "rates to set on the way, as 40:3e-3,90:2:1e-4: after 40 steps in all layer groups, after 90 "
    "in group 2; a panel writes this to repeat what was done by hand",
)
STOP_AT = Argument("--stop-at", "count", "stop after so many steps; to the end without it")
REPLAY = (CHANGES, STOP_AT)
CHECKPOINT = Argument(
    "--checkpoint",
    "path",
    "a folder for the whole state of the run, written at every epoch and every five minutes; "
    "%%resume_run goes on from it after a crash",
)


@magic(
    "lr_find",
    Argument("--start", "number", "the first rate; 1e-7 without it"),
    Argument("--end", "number", "the last rate; 10 without it"),
    Argument("--steps", "count", "training steps, 10 and above; 100 without it"),
    BACKGROUND,
    example="curve = %lr_find --steps 60",
)
def lr_find(call: Call) -> RateCurve | Job:
    """Try rising learning rates, show the loss at each and the rates it suggests.

    Everything is put back afterwards. The value is the curve: curve.suggested is a rate.
    """
    settings, report = call.given("start", "end", "steps"), KernelReport(table=False)

    def find(learner: Learner) -> RateCurve:
        if learner.quiet or not in_kernel(call.shell):
            return learner.lr_find(**settings)
        with watched(learner, report):
            return learner.lr_find(**settings)

    def show(curve: RateCurve) -> None:
        if np.isfinite(curve.losses).sum() > 1:
            call.show(Picture(curve.plot(), words=about(curve)))
        else:
            call.say(about(curve))

    return call.work(find, then=show)


def about(curve: RateCurve) -> str:
    """What a rate curve says, in words."""
    tried = f"{counted(len(curve.rates), 'learning rate')} tried"
    if len(curve.rates) < FEW:
        return f"{tried}: too few to suggest one; let it run to the end"
    if not curve.suggestions:
        return (
            f"{tried}; the loss never fell clearly, so no rate is suggested; check labels and "
            "model, or try a wider range with --start and --end"
        )
    rules = ", ".join(f"{name} {rate:.2e}" for name, rate in curve.suggestions.items())
    return f"{tried}; suggested: {rules}"


@magic(
    "fit",
    EPOCHS,
    RATE,
    Argument(
        "--schedule",
        "schedule",
        "constant, cosine, one_cycle, flat_cosine, slanted_triangle, or a variable that holds a "
        "Schedule; constant without it",
    ),
    CLIP,
    *REPLAY,
    CHECKPOINT,
    BACKGROUND,
    example="%fit 3 --lr 1e-3 --schedule cosine",
)
def fit(call: Call) -> Run | Job:
    """Train for a number of epochs at one rate, or by a schedule."""
    settings = call.given("lr", "schedule", "clip", "changes", "stop_at", "checkpoint")
    return call.work(lambda learner: learner.fit(call["epochs"], **settings))


@magic(
    "fit_sgdr",
    Argument("cycles", "count", "how often the rate starts anew, 1 and above"),
    RATE,
    Argument("--cycle-len", "count", "epochs of the first cycle; 1 without it"),
    Argument("--cycle-mult", "count", "how many times longer each next cycle is; 1 without it"),
    Argument(
        "--snapshots", "flag", "keep the weights at the end of each cycle", {"action": "store_true"}
    ),
    CLIP,
    *REPLAY,
    CHECKPOINT,
    BACKGROUND,
    example="%fit_sgdr 3 --lr 1e-2 --cycle-len 1 --cycle-mult 2",
)
def fit_sgdr(call: Call) -> Run | Job:
    """Train with cosine annealing and warm restarts.

    With --cycle-len 1 --cycle-mult 2, three cycles last 1 + 2 + 4 epochs.
    """
    settings = call.given(
        "lr", "cycle_len", "cycle_mult", "snapshots", "clip", "changes", "stop_at", "checkpoint"
    )
    return call.work(lambda learner: learner.fit_sgdr(call["cycles"], **settings))


@magic(
    "fit_one_cycle",
    EPOCHS,
    RATE,
    Argument("--rise", "number", "the share of the run in which the rate rises; 0.25 without it"),
    Argument("--divide", "number", "the first rate is --lr divided by this; 25 without it"),
    CLIP,
    *REPLAY,
    CHECKPOINT,
    BACKGROUND,
    example="%fit_one_cycle 5 --lr 1e-5:1e-3",
)
def fit_one_cycle(call: Call) -> Run | Job:
    """Train with one cycle of the rate: up, then down to almost nothing."""
    settings = call.given("lr", "rise", "divide", "clip", "changes", "stop_at", "checkpoint")
    return call.work(lambda learner: learner.fit_one_cycle(call["epochs"], **settings))


@magic(
    "fine_tune",
    EPOCHS,
    Argument("--lr", "number", "the rate of the head; 2e-3 without it"),
    Argument("--freeze-epochs", "count", "epochs of the head alone, first; 1 without it"),
    CHECKPOINT,
    BACKGROUND,
    example="%fine_tune 3 --lr 2e-3",
)
def fine_tune(call: Call) -> Run | Job:
    """Train the head alone, then everything with rates spread over the layers."""
    settings = call.given("lr", "freeze_epochs", "checkpoint")
    return call.work(lambda learner: learner.fine_tune(call["epochs"], **settings))


@magic(
    "resume_run",
    Argument("folder", "path", "the folder that was given to --checkpoint"),
    BACKGROUND,
    example="%resume_run runs/first",
)
def resume_run(call: Call) -> Run | Job:
    """Go on with a run that was killed, from its last checkpoint, bit for bit.

    The learner has to be made as it was: run the cells that made it, and not the one that trained.
    Thresholds and a temperature that were chosen before that run come back with it.
    """
    return call.work(lambda learner: learner.resume(call["folder"]))


TRAINING: tuple[Magic, ...] = (lr_find, fit, fit_sgdr, fit_one_cycle, fine_tune, resume_run)
