"""What a user holds: data, a model and a task, with one method for each technique."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any, TypeVar

import torch
from torch import nn

from tenfold.data.encoders import Encoder, check_same_rows
from tenfold.data.plain import as_data
from tenfold.device import default_device
from tenfold.errors import DataError, ModelError, SettingError
from tenfold.interpret.items import class_names
from tenfold.interpret.optimizer_runs import Lent, OptimizerRuns, compare_runs
from tenfold.interpret.sheet import refuse_gan
from tenfold.looks.inside import Inside
from tenfold.looks.surveying import Surveying
from tenfold.predictor import export_file
from tenfold.techniques.checkpoints import Checkpoints, as_checkpoints
from tenfold.techniques.fine_tune import ThenUnfrozen, then_of
from tenfold.techniques.lr_find import RateCurve, Watch, check_range
from tenfold.techniques.precompute import Features, OnFeatures, can_precompute
from tenfold.techniques.replay import Change, check_changes
from tenfold.techniques.snapshots import CycleSnapshots, cycles_of
from tenfold.techniques.taking_up import Found, about, asked_for, extras
from tenfold.techniques.tune_thresholds import (
    Thresholds,
    check_beta,
    check_several,
    tune_thresholds,
)
from tenfold.text import listed
from tenfold.train.control import Control
from tenfold.train.events import Callback
from tenfold.train.history import History
from tenfold.train.interrupts import Interrupts
from tenfold.train.metrics import Scores
from tenfold.train.optim import (
    Rate,
    freeze_to,
    layer_groups,
    make_optimizer,
    parameters_of,
    read_rates,
    regroup,
)
from tenfold.train.passes import steps_in
from tenfold.train.plan import Plan
from tenfold.train.probe import Planner
from tenfold.train.report import TextReport
from tenfold.train.run import Run
from tenfold.train.run_folder import RunFolder
from tenfold.train.schedule import (
    Constant,
    Exponential,
    OneCycle,
    Schedule,
    read_schedule,
    sgdr,
    sgdr_lengths,
)
from tenfold.train.state import preserved
from tenfold.train.task import Task, find_task
from tenfold.train.trainer import fit
from tenfold.train.training_file import frozen_groups, load_training, name_of, save_training
from tenfold.train.tuned import with_tuned

__all__ = ["Learner"]

Result = TypeVar("Result")


class Learner(Inside, Surveying):
    """Data, a model and a task; trains, looks, predicts, saves.

    `data` is an `ImageData` or its like, or a pair (train, valid) of repeatable iterables of
    (inputs, targets). `model` is any module that gives raw outputs. `optimizer` is a name or a
    callable that takes parameter groups. `metrics` are names, torchmetrics metrics or functions
    of (predictions, targets). The random numbers of every fit come from `seed`, and the global
    ones are put back afterwards.

    >>> from tenfold.train.task import single_label
    >>> items = [(torch.randn(8, 2), torch.tensor([0, 1] * 4))] * 4
    >>> learn = Learner((items, items), nn.Linear(2, 2), task=single_label(2), quiet=True)
    >>> learn.fit(1, 0.1).state
    'finished'
    """

    reporter: Callback = TextReport()
    """What reports a fit; the magics put the panel of epochs here while they are loaded."""
    engine: Callable[[Run], Run] = staticmethod(fit)
    """What carries out a fit: the loop in this process, or, after `launch`, in several."""
    _epochs_before = 0
    """How long the weights had been trained before this learner's own history."""

    def __init__(
        self,
        data: Any,
        model: nn.Module,
        *,
        task: Task | None = None,
        optimizer: str | Callable[..., torch.optim.Optimizer] = "adamw",
        weight_decay: float = 0.01,
        metrics: Sequence[Any] | None = None,
        callbacks: Sequence[Callback] = (),
        smoothing: float = 0.0,
        device: torch.device | str | None = None,
        seed: int = 0,
        quiet: bool = False,
    ) -> None:
        self.data = as_data(data)
        self.task = find_task(self.data, task, smoothing=smoothing)
        if next(model.parameters(), None) is None:
            raise ModelError(
                f"{type(model).__name__} has no parameters, so there is nothing to train; give a "
                "model with layers"
            )
        self.model = model.to(device or default_device())
        self.metrics = list(self.task.metrics if metrics is None else metrics)
        self.callbacks = list(callbacks)
        self.weight_decay, self.seed, self.quiet = weight_decay, seed, quiet
        self.history = History()
        self.run: Control | None = None
        self.holder: Any = None
        self.snapshots: list[Any] = []
        self.spread = 100.0
        """How many times the last layer group's rate is the first one's, in `fine_tune`."""
        self.momentum = (0.95, 0.85)
        """The momentum of `fit_one_cycle` at its ends and at the peak of the rate."""
        self._optimizer_name = optimizer
        self._optimizer: torch.optim.Optimizer | None = None
        self._features: Features | None = None
        self._precompute = False
        self._planner = Planner()

    def __repr__(self) -> str:
        return (
            f"Learner({name_of(self.model)}, {self.task.name}, {len(self._groups)} layer groups, "
            f"{frozen_groups(self.model)} frozen, {len(self.history)} epochs)"
        )

    # ---- training ----------------------------------------------------------------------------

    def fit(
        self,
        epochs: int,
        lr: Rate = 1e-3,
        *,
        schedule: Schedule | str = "constant",
        clip: float | None = None,
        changes: Sequence[Change] = (),
        stop_at: int | None = None,
        callbacks: Sequence[Callback] = (),
        checkpoint: str | Path | Checkpoints | None = None,
    ) -> Run:
        """Train for `epochs` at `lr`: one rate, a spread '1e-5:1e-3', or one for each group.

        `schedule` is a `Schedule` or one of `SCHEDULES`; `clip` is the largest gradient norm.
        `changes`, as (step, rate, group or None), and `stop_at`, a step, repeat what was done to
        another run by hand: `run.changes` has its changes. With `checkpoint`, a folder or a
        `Checkpoints`, `resume` goes on with a run that was killed.
        """
        check_epochs("epochs", epochs)
        check_changes(changes, stop_at=stop_at)
        self._refuse_while_busy()
        asked = asked_for(clip, changes, stop_at)
        before, after = extras(asked)
        rates = read_rates(lr, len(self._groups))
        run = self._new_run(
            epochs,
            rates,
            schedule=read_schedule(schedule),
            extra=[*before, *callbacks, *after],
            asked={**asked, "cycles": cycles_of(callbacks), "then": then_of(callbacks)},
            checkpoint=checkpoint,
        )
        self.run = run
        return self.engine(run)

    def resume(self, folder: str | Path, *, callbacks: Sequence[Callback] = ()) -> Run:
        """Go on with the run that wrote its checkpoints to `folder`, from the newest on.

        On the CPU the weights, the history and the predictions are bit for bit those of a run
        that was never killed. The learner has to be made as it was then, with the same data and
        seed; `callbacks` are those that `fit` was given. Thresholds and a temperature that were
        chosen before that fit come back; of what was chosen after it, only `save` and `export`
        know. Raises FileError, with what differs, for another learner, and where there is no
        checkpoint.
        """
        self._refuse_while_busy()
        place = RunFolder(folder)
        try:
            place.open(anew=False)
            run, added, keeper = self._taken_up(place, callbacks)
            self.run = run
            run = self.engine(run)
        finally:
            place.lock.release()
        for one in added:
            if isinstance(one, CycleSnapshots):
                self.snapshots = one.snapshots
            elif isinstance(one, ThenUnfrozen):
                run = self._and_then(one, run, callbacks=callbacks, keeper=keeper)
        return run

    def fit_one_cycle(
        self, epochs: int, lr: Rate = 1e-3, *, rise: float = 0.25, divide: float = 25.0, **more: Any
    ) -> Run:
        """One cycle of the rate up and down (Smith 2018); `more` as for `fit`."""
        shape = OneCycle(rise=rise, divide=divide, momentum=self.momentum)
        return self.fit(epochs, lr, schedule=shape, **more)

    def fit_sgdr(
        self,
        cycles: int,
        lr: Rate = 1e-3,
        *,
        cycle_len: int = 1,
        cycle_mult: int = 1,
        snapshots: bool = False,
        **more: Any,
    ) -> Run:
        """Cosine annealing with warm restarts; cycle k lasts cycle_len * cycle_mult**k epochs.

        With `snapshots` the weights at the end of each cycle are kept for
        `snapshot_predictions`; `more` as for `fit`.
        """
        lengths = sgdr_lengths(cycles, cycle_len=cycle_len, cycle_mult=cycle_mult)
        schedule = sgdr(cycles, cycle_len=cycle_len, cycle_mult=cycle_mult)
        keeper = CycleSnapshots(lengths)
        callbacks = [*more.pop("callbacks", ()), *([keeper] if snapshots else [])]
        run = self.fit(sum(lengths), lr, schedule=schedule, callbacks=callbacks, **more)
        self.snapshots = keeper.snapshots
        return run

    def fine_tune(
        self,
        epochs: int,
        lr: float = 2e-3,
        *,
        freeze_epochs: int = 1,
        callbacks: Sequence[Callback] = (),
        checkpoint: str | Path | Checkpoints | None = None,
    ) -> Run:
        """The head alone for `freeze_epochs`, then everything with rates spread by `spread`.

        `callbacks` are for both fits. With `checkpoint`, a folder or a `Checkpoints`, `resume`
        goes on to the end of both, whichever was killed.
        """
        check_epochs("epochs", epochs)
        check_epochs("freeze_epochs", freeze_epochs)
        lr = read_rates(lr, 1)[0]
        rates = [lr / 2 / self.spread, lr / 2]
        then = ThenUnfrozen(epochs, rates=rates, momentum=self.momentum)
        keeper = None if checkpoint is None else as_checkpoints(checkpoint)
        self.freeze()
        first = self.fit_one_cycle(
            freeze_epochs, lr, rise=0.99, callbacks=[*callbacks, then], checkpoint=keeper
        )
        return self._and_then(then, first, callbacks=callbacks, keeper=keeper)

    def launch(self, processes: int | None = None, **settings: Any) -> Any:
        """Train on several processes: `learn.launch(2).fit_one_cycle(3, 1e-3)`.

        The batch size stays that of the data: each process takes its share of every batch.
        Without `processes` there is one for each GPU, else for each core. `settings` are
        `sync_batchnorm`, to take the statistics of a batch norm over all shares; `on`, "local" or
        "ray"; `restarts`, how often a run with a checkpoint folder goes on after a process died.
        """
        # by its name: it is above this floor, and a fit in one process never needs it
        module = import_module("tenfold.parallel.launch")
        return module.Launch(self, module.read_settings(processes, **settings))

    def lr_find(
        self, *, start: float = 1e-7, end: float = 10.0, steps: int = 100, stop_at: float = 4.0
    ) -> RateCurve:
        """Train up to `steps` steps at rates rising from `start` to `end`; then put all back.

        Stops early when the loss is `stop_at` times the best. Weights, buffers, optimizer,
        random numbers, gradients and modes are afterwards what they were, bit for bit, also
        after an interrupt. Smith 2017, arXiv:1506.01186.
        """
        check_range(start, end, steps)
        self._refuse_while_busy()
        refuse_gan(self.model, "lr_find follows a loss, and its losses tell nothing; try 4e-4")
        watch = Watch(stop_at=stop_at)
        kept = preserved(self.model, self._optimizer, loaders=(self.data.train, self.data.valid))
        with Interrupts() as interrupts, self._put_back(), kept, interrupts.raising():
            run = self._finder_run(watch, start=start, end=end, steps=steps)
            self.run = run
            fit(run)
        return RateCurve(run.history.rates[: len(watch.losses), -1], run.history.losses)

    def compare_optimizers(
        self,
        epochs: int = 1,
        names: Sequence[str] | None = None,
        *,
        lr: float | Mapping[str, float] | None = None,
    ) -> OptimizerRuns:
        """Train copies of this learner, each with another optimizer; the learner stays as it is.

        `names` are of "sgd", "momentum", "nesterov", "rmsprop", "adam" and "adamw", all without
        it; `lr` is a rate for all, or one by name. A rate that is not given is found by `lr_find`.
        """
        check_epochs("epochs", epochs)
        refuse_gan(self.model, "its losses tell nothing, so no optimizer can be judged by them")
        self._refuse_while_busy()
        kept = preserved(self.model, loaders=(self.data.train, self.data.valid))
        with kept, self._put_back():
            return compare_runs(self._copy_with, names, epochs=epochs, lr=lr)

    def plan(self, **settings: Any) -> Plan:
        """How this machine is used: precision, memory layout, threads, and why.

        Settings given by hand (`precision="float32"`, `channels_last=False`, `threads=1`) are
        kept; the rest is chosen by timing a few steps. With `auto=True` everything is chosen.
        """
        self._refuse_while_busy(looking=True)
        self._planner.choose(**settings)
        return self._whole_plan()

    # ---- what trains -------------------------------------------------------------------------

    def freeze(self) -> None:
        """Train only the last layer group."""
        self.freeze_to(-1)

    def unfreeze(self, *, gradually: bool = False) -> None:
        """Train every layer group; turns precompute off, and says so.

        `gradually` lets one layer group more train than before, from the head down: call it
        before each fit (gradual unfreezing, Howard & Ruder 2018, arXiv:1801.06146).
        """
        self.freeze_to(max(0, frozen_groups(self.model) - 1) if gradually else 0)

    def freeze_to(self, group: int) -> None:
        """Train the layer groups from `group` on; negative numbers count from the end.

        Frozen groups run in evaluation mode: their batch norms keep their statistics.
        """
        self._refuse_while_busy()
        freeze_to(self.model, group)
        if self._precompute and not self._body_frozen():
            self.precompute = False
            self._say("precompute is off: the body trains now, so activations cannot be stored")

    @property
    def precompute(self) -> bool:
        """Whether the head trains on stored activations of the body."""
        return self._precompute

    @precompute.setter
    def precompute(self, wanted: bool) -> None:
        self._refuse_while_busy()
        if not wanted:
            self._precompute, self._features = False, None
            return
        if not can_precompute(self.data, self.model):
            raise ModelError(
                "precompute was asked for; it needs a model from vision_learner and an ImageData; "
                "make both that way, or leave precompute out"
            )
        if getattr(self.data, "augment_asked", False):
            self._precompute = False
            self._say(
                "precompute is off: this data is augmented, and stored activations would show "
                "the same picture every epoch; pass augment=None to the data to use it"
            )
            return
        freeze_to(self.model, -1)
        self._precompute = True

    def tune_thresholds(self, *, beta: float = 1.0) -> Thresholds:
        """Choose for each of several labels the threshold with the best F-beta on validation.

        The task keeps them: predictions, metrics and exports decide by them from then on, until
        they are chosen again, best after training on; `save` and the checkpoints of later fits
        hold them. Nothing else changes. The scores on the same items flatter; the table says
        beside them what is left when one half of the items chooses and the other judges. Lipton
        et al. 2014, arXiv:1402.1892.
        """
        self._refuse_while_busy()
        check_several(self.task, "tune_thresholds")
        check_beta(beta)
        labels = class_names(self.data, self.task)
        before, found = self.task.thresholds, self.predictions()
        told = tune_thresholds(*found, before=before, labels=labels, beta=beta)
        self.task = self.task.with_thresholds(told.after.tolist())
        return told

    def set_data(self, data: Any) -> None:
        """Go on with other data, as a larger size of the same pictures; classes must agree.

        Progressive resizing: train small, then large (Howard 2018, fast.ai's DAWNBench entry).
        """
        self._refuse_while_busy()
        # some data are made of what is given, as the noise of a GAN of pictures
        new = getattr(self.data, "another", as_data)(data)
        old_classes, classes = getattr(self.data, "classes", None), getattr(new, "classes", None)
        if old_classes is not None and classes is not None and list(classes) != list(old_classes):
            differ = listed(sorted(set(old_classes) ^ set(classes))) or "the order"
            raise DataError(
                f"the new data has other classes (what differs: {differ}); "
                f"this model knows {listed(old_classes)}; give data with the same classes"
            )
        _check_task(self.data, new)
        check_same_rows(_encoder(self.data), _encoder(new))
        self.data, self._features = new, None
        self._planner.forget()
        if self._precompute and not can_precompute(new, self.model):
            self.precompute = False
            self._say("precompute is off: activations are stored for an ImageData only")
        if self._precompute:
            self.precompute = True

    def panel(self) -> Any:
        """A widget that shows and steers this learner, in a notebook."""
        # by its name: widgets are above this floor, and a script never needs them
        return import_module("tenfold.magics.panel").open_panel(self)

    # ---- saving ------------------------------------------------------------------------------

    def save(self, path: str | Path) -> Path:
        """Write the whole training state: weights, optimizer, history. One file, no code in it.

        With it the thresholds of `tune_thresholds` and the temperature of `calibrate`.
        """
        self._refuse_while_busy(looking=True)
        told: dict[str, Any] = {"task": self.task, "history": self.history}
        return save_training(path, self.model, self._optimizer, **told)

    def load(self, path: str | Path) -> None:
        """Read what `save` wrote, into a learner with the same model; all of it or nothing."""
        self._refuse_while_busy()
        made: dict[str, Any] = {"make": self._optimizer_name, "weight_decay": self.weight_decay}
        self._optimizer, self.history, self.task = load_training(
            path, self.model, task=self.task, **made
        )
        self._features = None
        self._precompute = self._precompute and self._body_frozen()

    def export(self, path: str | Path) -> Path:
        """Write what prediction needs and nothing else; `tenfold.load(path)` reads it."""
        self._refuse_while_busy(looking=True)
        return export_file(path, self._predictor())

    # ---- inside ------------------------------------------------------------------------------

    @contextmanager
    def _put_back(self, *, run: Control | None = None) -> Iterator[None]:
        """As for a pass; the optimizer too is again that of before."""
        kept = self._optimizer
        try:
            with super()._put_back(run=run):
                yield
        finally:
            self._optimizer = kept

    def _copy_with(self, optimizer: Any) -> Learner:
        """A learner alike with a copy of the model; its runs can be steered as those of this."""
        other = copy.copy(self)
        other.model = copy.deepcopy(self.model)
        other._optimizer_name, other._optimizer = optimizer, None
        other.history, other.snapshots, other.quiet = History(), [], True
        # batches that the weights have seen would be told by heart
        other._epochs_before += len(self.history)
        other.callbacks = [Lent(self)]
        other._features = None
        return other

    @property
    def _groups(self) -> list[list[nn.Module]]:
        return layer_groups(self.model)

    def _body_frozen(self) -> bool:
        body = [module for modules in self._groups[:-1] for module in modules]
        return not any(parameter.requires_grad for parameter in parameters_of(body))

    def _pass_parts(self) -> tuple[nn.Module, Any, Any]:
        """The model and the two sets that a pass uses: with precompute, head and activations."""
        if not self._precompute:
            return self.model, self.data.train, self.data.valid
        if self._features is not None and not self._features.current:
            self._say("the stored activations are stale: the body changed; they are made again")
            self._features = None
        if self._features is None:
            self._features = Features(
                self.data, self.model, plan=self._whole_plan(), going=self._passing
            )
        return OnFeatures(self.model), self._features.train, self._features.valid

    def _new_run(
        self,
        epochs: int,
        rates: list[float],
        *,
        schedule: Schedule,
        extra: Sequence[Callback],
        asked: dict[str, Any] | None = None,
        checkpoint: str | Path | Checkpoints | None = None,
        found: Found | None = None,
    ) -> Run:
        model, train, valid = self._pass_parts()
        report = [] if self.quiet else [self.reporter]
        if found is None:
            own: dict[str, Any] = {"steps_per_epoch": steps_in(train)}
            own["first_epoch"] = self._epochs_before + len(self.history)
        else:
            own = found.settings
            self._planner.keep(model, train, plan=found.plan)
        writers = self._checkpoints(checkpoint, found)
        return Run(
            model=model,
            task=self.task,
            optimizer=self._optimizer_for(rates),
            train=train,
            valid=valid,
            epochs=epochs,
            schedule=schedule,
            base_rates=rates,
            weight_decay=self.weight_decay,
            plan=self._planner.plan(model, train),
            scores=Scores(self.metrics, task=self.task, device=self._device),
            callbacks=[*writers, *self.callbacks, *extra, *report, *self.observers],
            history=self.history,
            seed=self.seed,
            owner=id(self),
            asked=asked or {},
            **own,
        )

    def _checkpoints(
        self, given: str | Path | Checkpoints | None, found: Found | None
    ) -> list[Checkpoints]:
        """What writes the checkpoints of a run, before every other callback; often nothing."""
        if given is None:
            return []
        more: dict[str, Any] = {"plan": self._whole_plan(), "precompute": self._precompute}
        told = about(self.model, self.data, task=self.task, **more)
        told |= {} if found is None else found.identity
        return [as_checkpoints(given).serve(self.model, told, say=self._say)]

    def _and_then(
        self,
        then: ThenUnfrozen,
        first: Run,
        *,
        callbacks: Sequence[Callback],
        keeper: Checkpoints | None,
    ) -> Run:
        """The fit that follows `first`, unless that was stopped."""
        if first.state == "stopped":
            return first
        if keeper is not None:
            keeper.follow()
        self.unfreeze()
        settings: dict[str, Any] = {"callbacks": callbacks, "checkpoint": keeper}
        return self.fit(then.epochs, slice(*then.rates), schedule=then.schedule, **settings)

    def _taken_up(
        self, folder: RunFolder, callbacks: Sequence[Callback]
    ) -> tuple[Run, list[Callback], Checkpoints]:
        """A run that goes on from the newest checkpoint; nothing is changed if it does not fit.

        With it the callbacks that it was given besides, and what writes its checkpoints.
        """
        found = Found.of(folder)
        before, after = extras(found.asked)
        extra = [*before, *callbacks, *after]
        found.check(self.model, self.data, callbacks=[*self.callbacks, *extra])
        task = with_tuned(self.task, found.tuned)
        self._optimizer = found.optimizer(
            self.model, make=self._optimizer_name, weight_decay=self.weight_decay
        )
        found.restore(self.model, self._optimizer)
        if task is not self.task:
            self._say(f"the {listed(found.tuned)} of the checkpoint is back")
        self.task, self.history, self._features = task, found.history, None
        self._precompute = found.precompute
        self._planner.keep(self.model, self.data.train, plan=found.whole_plan)
        for line in found.told:
            self._say(line)
        keeper = found.checkpoints(folder)
        run = self._new_run(
            found.epochs,
            found.place.base_rates,
            schedule=found.schedule,
            extra=extra,
            asked=found.asked,
            checkpoint=keeper,
            found=found,
        )
        return run, after, keeper

    def _finder_run(self, watch: Watch, *, start: float, end: float, steps: int) -> Run:
        rates = [end] * len(self._groups)
        run = self._new_run(1, rates, schedule=Constant(), extra=[])
        epochs = -(-steps // run.steps_per_epoch)
        return replace(
            run,
            valid=None,
            epochs=epochs,
            limit=steps,
            schedule=Exponential(start / end, 1.0),
            callbacks=[*self.callbacks, watch, *self.observers],
            history=History(),
            kind="lr_find",
        )

    def _optimizer_for(self, rates: list[float]) -> torch.optim.Optimizer:
        decay = self.weight_decay
        if self._optimizer is None:
            self._optimizer = make_optimizer(
                self._optimizer_name, self.model, rates=rates, weight_decay=decay
            )
        else:
            regroup(self._optimizer, self.model, rates=rates, weight_decay=decay)
        return self._optimizer


def _encoder(data: Any) -> Encoder | None:
    return getattr(data, "encoder", None)


def _check_task(old: Any, new: Any) -> None:
    """Refuse other data whose targets are of another kind."""
    before, after = (getattr(data, "task", None) for data in (old, new))
    if before is not None and after is not None and before.name != after.name:
        raise DataError(
            f"the targets of the new data are for {after.name}, and this model learns "
            f"{before.name}; give data with targets of the same kind, or make a new learner"
        )


def check_epochs(name: str, epochs: int) -> None:
    """Refuse a number of epochs that is none."""
    if isinstance(epochs, bool) or not isinstance(epochs, int) or epochs < 1:
        raise SettingError(f"{name}={epochs!r} was given; allowed is 1 and above; try 3")
