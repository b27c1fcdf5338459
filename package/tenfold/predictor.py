"""The exported model: predicts, and nothing else. Loading one runs no code."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from tenfold.data.encoders import Encoder, TensorEncoder, describe, read_encoder
from tenfold.device import default_device
from tenfold.errors import FileError
from tenfold.interpret.mask_prediction import MaskPrediction
from tenfold.text import listed
from tenfold.train.checkpoint import read_file, write_file
from tenfold.train.interrupts import Interrupts
from tenfold.train.passes import placed
from tenfold.train.state import evaluating
from tenfold.train.task import Task, make_task
from tenfold.train.training_file import name_of

if TYPE_CHECKING:
    from PIL import Image

__all__ = ["Predicted", "Prediction", "Predictor", "export_file", "load"]

# What builds a network again from its description, by the kind that `model.spec` names.
BUILDERS = {
    "vision": "tenfold.models.vision:build_vision",
    "resnet": "tenfold.models.resnet:build_resnet",
    "densenet": "tenfold.models.densenet:build_densenet",
    "language_model": "tenfold.models.awd_lstm:build_language_model",
    "text_classifier": "tenfold.models.text_classifier:build_text_classifier",
    "tabular": "tenfold.models.tabular:build_tabular",
    "ratings": "tenfold.models.dot_bias:build_ratings",
    "restorer": "tenfold.models.restorer:build_restorer",
    "unet": "tenfold.models.unet:build_unet",
}


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


Predicted = Prediction | MaskPrediction
"""What is said about one item."""


class Predictor:
    """A model with its task, its classes, and the encoder that turns items into its inputs.

    Without an encoder, items are taken as tensors.
    """

    def __init__(
        self,
        model: nn.Module,
        task: Task,
        *,
        classes: Sequence[str] | None = None,
        encoder: Encoder | None = None,
    ) -> None:
        self.model, self.task = model, task
        self.encoder: Encoder = encoder or TensorEncoder()
        # what a language model predicts are the words that its encoder knows
        words = getattr(self.encoder, "vocab", None) if task.name == "next word" else None
        numbers = [] if task.name == "picture" else range(task.outputs)
        self.classes = [str(name) for name in classes or words or numbers]

    def __repr__(self) -> str:
        classes = f", {len(self.classes)} classes" if self.classes else ""
        return f"Predictor({name_of(self.model)}, {self.task.name}{classes})"

    def predict(self, items: Any) -> Any:
        """Predict one item, or several: what an item is depends on the data.

        For pictures a path, PIL image, array or tensor; for tables a dict or a row of a frame.
        Gives a `Prediction`; of pixels a `MaskPrediction`; from picture to picture a Pillow
        picture; a list for several.

        >>> from tenfold.train.task import single_label
        >>> Predictor(nn.Linear(2, 3), single_label(3)).predict(torch.zeros(2)).label in "012"
        True
        """
        many = self.encoder.many(items)
        chosen = items if many else [items]
        seen = {"picture": self._picture, "pixel labels": self._mask}.get(self.task.name)
        if seen is not None:
            found = [seen(item) for item in chosen]
        else:
            found = [self._prediction(row) for row in self.probabilities(chosen)]
        return found if many else found[0]

    def probabilities(self, items: Sequence[Any]) -> Tensor:
        """Activated outputs (items, outputs) on the CPU, a batch of the encoder at a time."""
        device, step = next(self.model.parameters()).device, self.encoder.batch
        rows = []
        kept = evaluating(self.model), torch.no_grad()
        with Interrupts() as interrupts, kept[0], kept[1], interrupts.raising():
            for begin in range(0, len(items), step):
                inputs = placed(self.encoder.encode(items[begin : begin + step]), device)
                outputs = self.model(*inputs) if isinstance(inputs, tuple) else self.model(inputs)
                rows.append(self.task.activation(outputs.float()).cpu())
        return torch.cat(rows) if rows else torch.zeros(0, self.task.outputs)

    def _picture(self, item: Any) -> Image.Image:
        """What the model makes of one picture, by itself: each may have a size of its own."""
        from PIL import Image

        made = self.probabilities([item])[0].mul(255).round().byte()
        return Image.fromarray(made.permute(1, 2, 0).numpy())

    def _mask(self, item: Any) -> MaskPrediction:
        """What the model sees at each pixel of one picture."""
        chances, picture = self.probabilities([item])[0], self.encoder.encode([item])
        assert isinstance(picture, Tensor)
        decoded = self.task.decode(chances[None])[0].to(torch.uint8)
        return MaskPrediction(decoded, chances, picture[0], self.classes)

    def _prediction(self, row: Tensor) -> Prediction:
        decoded = self.task.decode(row[None])[0]
        if self.task.name == "number":
            return Prediction(float(decoded), {})
        order = row.argsort(descending=True).tolist()
        shares = {self.classes[index]: float(row[index]) for index in order}
        if self.task.name == "multi label":
            return Prediction([self.classes[i] for i in order if decoded[i]], shares)
        return Prediction(self.classes[int(decoded)], shares)


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
        "encoder": describe(predictor.encoder),
    }
    return write_file(path, tensors, kind="predictor", header=header)


def load(path: str | Path, *, model: nn.Module | None = None) -> Predictor:
    """Read what `learn.export(path)` wrote.

    A network that Tenfold made is built again from its description; for a network of your own
    pass it as `model`, and the file fills in its weights.
    """
    tensors, header = read_file(path, kind="predictor")
    told = _description(path, header)
    weights = {name.removeprefix("model."): value for name, value in tensors.items()}
    if model is None:
        with torch.device("meta"):  # sizes alone: a file may describe more than memory holds
            _check_shapes(path, header, _rebuilt(path, header), weights)
    net = model or _rebuilt(path, header)
    _check_shapes(path, header, net, weights)
    net.load_state_dict(weights)
    return Predictor(net.to(default_device()).eval(), **told)


def _check_shapes(
    path: str | Path, header: dict[str, Any], net: nn.Module, weights: dict[str, Tensor]
) -> None:
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


def _description(path: str | Path, header: dict[str, Any]) -> dict[str, Any]:
    """Task, classes and encoder of a predictor."""
    try:
        task = make_task(header["task"], header["settings"])
        encoder = read_encoder(header["encoder"])
        return {"task": task, "classes": header["classes"], "encoder": encoder}
    except (KeyError, TypeError, ValueError) as error:
        raise FileError(
            f"{path} is damaged: its description is unreadable ({error}); take another copy"
        ) from error


def _rebuilt(path: str | Path, header: dict[str, Any]) -> nn.Module:
    if not header.get("spec"):
        raise FileError(
            f"{path} holds a network of your own ({header.get('model')}); loading runs no code, "
            "so pass the network itself: tenfold.load(path, model=...)"
        )
    kind = header["spec"].get("kind")
    if kind not in BUILDERS:
        raise FileError(
            f"{path} holds a network of the kind {kind!r}; this Tenfold knows {listed(BUILDERS)}; "
            "update with pip install --upgrade tenfold"
        )
    module, _, name = BUILDERS[kind].partition(":")
    return getattr(import_module(module), name)(header["spec"])
