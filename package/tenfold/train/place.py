"""Where a run is: all that another process needs to go on with it bit for bit.

`captured` copies it out of a living run; the copy is what a checkpoint file holds:

    model.*            every parameter and buffer, the buffers too that `state_dict` leaves out
    optimizer          the slots of each parameter, and the settings of each parameter group
    carried            what modules carry from batch to batch, as a language model its state
    schedule           the factor and the momentum of every step, written out
    history.*          rows, marks, and the loss and rates of every step
    run                epoch, step, batches done, rates as changed by hand, plan, seed
    random             every random generator now, and as they were when the epoch began
    callbacks          what callbacks say by `state`

Data have no state here: their order is a function of seed, epoch and batch (`starting_at`), or of
random generators that are put back to where the epoch began, and then run through again.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

import torch
from torch import Tensor, nn

from tenfold.train.events import Callback
from tenfold.train.history import History
from tenfold.train.packing import packed, unpacked
from tenfold.train.plan import Plan
from tenfold.train.random_state import State
from tenfold.train.schedule import WrittenOut
from tenfold.train.state import tensors_of

__all__ = ["Place", "captured", "restore_model", "restore_optimizer", "stateful"]

Captured = tuple[dict[str, Tensor], dict[str, Any]]


@dataclass
class Place:
    """The position of a run that goes on, and what is put back once it has begun.

    `epoch` and `step` count from 0 within the run; `batches` of this epoch are done.
    """

    epoch: int
    step: int
    batches: int
    first_epoch: int
    first_row: int
    first_step: int
    pieces: int
    base_rates: list[float]
    changes: list[tuple[int, float, int | None]]
    random: State
    epoch_random: State
    states: list[tuple[str, dict[str, Any]]] = field(default_factory=list)


def captured(run: Any, model: nn.Module, *, place: tuple[int, int], whole: bool) -> Captured:
    """A copy of everything, on the CPU: tensors, and words that JSON can hold.

    `place` is (epoch, batches done in it). Without `whole` the last row is of an epoch that was
    cut short, and is left out. Waits for the device.
    """
    tensors: dict[str, Tensor] = {}
    rows = run.history.rows if whole else run.history.rows[:-1]
    epoch, batches = place
    position = {
        "epoch": epoch,
        "step": run.step,
        "batches": batches,
        "first_epoch": run.first_epoch,
        "first_row": run.first_row,
        "first_step": run.first_step,
        "pieces": run.pieces,
        "base_rates": list(run.base_rates),
        "changes": list(run.changes),
        "random": run.random_state(),
        "epoch_random": run.epoch_random,
        "states": [(type(one).__name__, one.state()) for one in stateful(run.callbacks)],
    }
    words = {
        "place": packed(position, tensors, name="place"),
        "optimizer": packed(_optimizer_state(run.optimizer, model), tensors, name="optimizer"),
        "carried": packed(_carried(model), tensors, name="carried"),
        "trains": [parameter.requires_grad for parameter in model.parameters()],
        "rows": [dict(row) for row in rows],
        "marks": list(run.history.marks),
        "run": {"state": run.state, "epoch": epoch, "epochs": run.epochs, **_fixed(run)},
    }
    tensors.update({f"model.{name}": value for name, value in tensors_of(model).items()})
    tensors["history.losses"] = torch.from_numpy(run.history.losses)
    tensors["history.rates"] = torch.from_numpy(run.history.rates)
    tensors["schedule.factors"] = torch.tensor(run.factors, dtype=torch.float64)
    if run.momenta is not None:
        tensors["schedule.momenta"] = torch.tensor(run.momenta, dtype=torch.float64)
    return {name: value.detach().to("cpu", copy=True) for name, value in tensors.items()}, words


def _fixed(run: Any) -> dict[str, Any]:
    return {
        "schedule": str(run.schedule),
        "steps_per_epoch": run.steps_per_epoch,
        "weight_decay": run.weight_decay,
        "plan": asdict(run.plan),
        "seed": run.seed,
        "optimizer": type(run.optimizer).__name__,
        "asked": run.asked,
        "callbacks": [type(one).__name__ for one in stateful(run.callbacks)],
    }


def stateful(callbacks: Any) -> list[Callback]:
    """The callbacks that have something to remember."""
    return [one for one in callbacks if type(one).state is not Callback.state]


def read_place(words: dict[str, Any], tensors: dict[str, Tensor]) -> Place:
    """The position that a checkpoint holds."""
    return Place(**unpacked(words["place"], tensors))


def read_history(words: dict[str, Any], tensors: dict[str, Tensor]) -> History:
    """The history that a checkpoint holds."""
    return History(
        rows=words["rows"],
        losses=tensors["history.losses"].numpy(),
        rates=tensors["history.rates"].numpy(),
        marks=[(step, told) for step, told in words["marks"]],
    )


def read_schedule(words: dict[str, Any], tensors: dict[str, Tensor]) -> WrittenOut:
    """The schedule of the whole run, as it was written out."""
    momenta = tensors.get("schedule.momenta")
    return WrittenOut(
        words["run"]["schedule"],
        tuple(tensors["schedule.factors"].tolist()),
        None if momenta is None else tuple(momenta.tolist()),
    )


def read_plan(plan: dict[str, Any]) -> Plan:
    """The plan that a run had: another precision or number of threads gives other bits."""
    return Plan(**{**plan, "why": tuple(plan["why"])})


@torch.no_grad()
def restore_model(model: nn.Module, words: dict[str, Any], tensors: dict[str, Tensor]) -> None:
    """Write weights, buffers, what is frozen and what is carried into `model`."""
    for name, value in tensors_of(model).items():
        value.copy_(tensors[f"model.{name}"])
    for parameter, trains in zip(model.parameters(), words["trains"], strict=True):
        parameter.requires_grad_(trains)
    carried = unpacked(words["carried"], tensors)
    for name, module in model.named_modules():
        if name in carried:
            module.carry(carried[name])


def restore_optimizer(
    optimizer: torch.optim.Optimizer,
    model: nn.Module,
    words: dict[str, Any],
    tensors: dict[str, Tensor],
) -> None:
    """Write slots and settings into an optimizer over the same parameters."""
    told = unpacked(words["optimizer"], tensors)
    optimizer.state.clear()
    for name, parameter in model.named_parameters():
        for slot, value in told["slots"].get(name, {}).items():
            device = parameter.device if slot in told["beside"].get(name, ()) else "cpu"
            own = value.to(device, copy=True) if isinstance(value, Tensor) else value
            optimizer.state[parameter][slot] = own
    for group, settings in zip(optimizer.param_groups, told["groups"], strict=True):
        group.update(settings)


def _optimizer_state(optimizer: torch.optim.Optimizer, model: nn.Module) -> dict[str, Any]:
    """Slots by the name of their parameter, and which lie beside it: torch keeps some step
    counts on the CPU and some on the device."""
    slots, beside = {}, {}
    for name, parameter in model.named_parameters():
        if (own := optimizer.state.get(parameter)) is not None:
            slots[name] = dict(own)
            near = [s for s, v in own.items() if getattr(v, "device", None) == parameter.device]
            beside[name] = near
    groups = [
        {name: value for name, value in group.items() if name != "params"}
        for group in optimizer.param_groups
    ]
    return {"slots": slots, "beside": beside, "groups": groups}


def _carried(model: nn.Module) -> dict[str, Any]:
    return {name: one.carried for name, one in model.named_modules() if hasattr(one, "carry")}
