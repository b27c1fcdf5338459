"""The exported model: predicts, and nothing else. Loading one runs no code."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from tenfold.data.decode import read_picture
from tenfold.device import default_device
from tenfold.errors import DataError, FileError, SettingError
from tenfold.text import listed
from tenfold.train.checkpoint import read_file, write_file
from tenfold.train.state import kept_modes
from tenfold.train.task import Task, make_task
from tenfold.train.training_file import name_of

__all__ = ["Prediction", "Predictor", "export_file", "load"]


@dataclass(frozen=True)
class Prediction:
    """What a model says about one item.

    `label` is the class (a list of classes where several may apply, a number for regression);
    `probabilities` holds one number for each class, the largest first.
    """

    label: Any
    probabilities: dict[str, float]

    @property
    def probability(self) -> float:
        """The probability of the most likely class."""
        return max(self.probabilities.values(), default=float("nan"))

    def __str__(self) -> str:
        shares = [f"{name} {value:.1%}" for name, value in list(self.probabilities.items())[:3]]
        return f"{self.label} ({', '.join(shares)})" if shares else str(self.label)

    __repr__ = __str__


class Predictor:
    """A model with its task and classes.

    `size` is the (height, width) of its pictures; without one, items are taken as tensors.
    """

    def __init__(
        self,
        model: nn.Module,
        task: Task,
        *,
        classes: Sequence[str] | None = None,
        size: tuple[int, int] | None = None,
    ) -> None:
        self.model, self.task = model, task
        self.classes = [str(name) for name in classes or range(task.outputs)]
        self.size = size

    def __repr__(self) -> str:
        return f"Predictor({name_of(self.model)}, {self.task.name}, {len(self.classes)} classes)"

    def predict(self, items: Any) -> Prediction | list[Prediction]:
        """Predict a path, PIL image, array or tensor, or a list of them.

        >>> from tenfold.train.task import single_label
        >>> Predictor(nn.Linear(2, 3), single_label(3)).predict(torch.zeros(2)).label in "012"
        True
        """
        many = isinstance(items, list | tuple)
        probabilities = self.probabilities(list(items) if many else [items])
        found = [self._prediction(row) for row in probabilities]
        return found if many else found[0]

    def probabilities(self, items: Sequence[Any]) -> Tensor:
        """Activated outputs (items, outputs) on the CPU, 64 items at a time."""
        device = next(self.model.parameters()).device
        rows = [torch.zeros(0, self.task.outputs)]
        with kept_modes(self.model), torch.no_grad():
            self.model.eval()
            for begin in range(0, len(items), 64):
                batch = torch.stack([self._read(item) for item in items[begin : begin + 64]])
                rows.append(self.task.activation(self.model(batch.to(device)).float()).cpu())
        return torch.cat(rows)

    def _read(self, item: Any) -> Tensor:
        if self.size is None:
            return _as_tensor(item)
        return read_picture(item, size=self.size).float() / 255

    def _prediction(self, row: Tensor) -> Prediction:
        decoded = self.task.decode(row[None])[0]
        if self.task.name == "number":
            return Prediction(float(decoded), {})
        order = row.argsort(descending=True).tolist()
        shares = {self.classes[index]: float(row[index]) for index in order}
        if self.task.name == "multi label":
            return Prediction([self.classes[i] for i in order if decoded[i]], shares)
        return Prediction(self.classes[int(decoded)], shares)


def _as_tensor(item: Any) -> Tensor:
    try:
        return torch.as_tensor(item, dtype=torch.float32)
    except (TypeError, ValueError, RuntimeError) as error:
        raise DataError(
            f"{item!r:.60} was given; this model takes tensors and arrays of numbers, because its "
            "data are no pictures; turn it into the tensor that the model was trained on"
        ) from error


def export_file(path: str | Path, predictor: Predictor) -> Path:
    """Write a predictor to one file of safetensors and JSON."""
    tensors = {f"model.{name}": value for name, value in predictor.model.state_dict().items()}
    spec = getattr(predictor.model, "spec", None)
    header = {
        "model": name_of(predictor.model),
        "spec": spec if isinstance(spec, dict) else None,
        "task": predictor.task.name,
        "settings": dict(predictor.task.settings),
        "classes": predictor.classes,
        "size": predictor.size,
    }
    return write_file(path, tensors, kind="predictor", header=header)


def load(path: str | Path, *, model: nn.Module | None = None) -> Predictor:
    """Read what `learn.export(path)` wrote.

    A network that Tenfold made is built again from its description; for a network of your own
    pass it as `model`, and the file fills in its weights.
    """
    tensors, header = read_file(path, kind="predictor")
    told = _description(path, header)
    net = model or _rebuilt(path, header)
    weights = {name.removeprefix("model."): value for name, value in tensors.items()}
    shapes = {name: value.shape for name, value in net.state_dict().items()}
    differ = [
        name
        for name in {**shapes, **weights}
        if shapes.get(name) != getattr(weights.get(name), "shape", None)
    ]
    if differ:
        raise FileError(
            f"{path} holds the weights of another model ({header.get('model')}): "
            f"{listed(differ, most=3)} do not agree; pass the model that was exported"
        )
    net.load_state_dict(weights)
    return Predictor(net.to(default_device()).eval(), **told)


def _description(path: str | Path, header: dict[str, Any]) -> dict[str, Any]:
    """Task, classes and size of a predictor."""
    try:
        task = make_task(header["task"], header["settings"])
        size = tuple(header["size"]) if header["size"] else None
        return {"task": task, "classes": header["classes"], "size": size}
    except (KeyError, TypeError, SettingError) as error:
        raise FileError(
            f"{path} is damaged: its description is unreadable ({error}); take another copy"
        ) from error


def _rebuilt(path: str | Path, header: dict[str, Any]) -> nn.Module:
    if not header.get("spec"):
        raise FileError(
            f"{path} holds a network of your own ({header.get('model')}); loading runs no code, "
            "so pass the network itself: tenfold.load(path, model=...)"
        )
    from tenfold.models.vision import build_vision

    return build_vision(header["spec"])
