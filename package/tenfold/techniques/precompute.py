"""precompute=True: run the frozen body once, keep its activations, train the head on them.

The name and the idea are fastai 0.7's. Here the store knows when it is stale: its key is made of
the data (names, sizes, times), the weights of the body, the cut and the size.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from tenfold.data.batches import Batches
from tenfold.device import cache_folder
from tenfold.errors import FileError, ModelError
from tenfold.train.checkpoint import read_file, torch_bytes, write_file
from tenfold.train.control import Pass
from tenfold.train.passes import predict_batches
from tenfold.train.plan import Plan

__all__ = ["Features", "Going", "OnFeatures", "can_precompute"]

Going = Callable[[str, int, Callable[[Any], Any]], Any]
"""What puts a pass of some kind and number of batches under controls, and does it."""


# pictures at a time on a CPU: their activations stay in its cache, which is a tenth faster than
# 64 and half faster than 256 (measured with squeezenet1_0 at 128 pixels)
CACHE_FRIENDLY = 32


class OnFeatures(nn.Module):
    """A vision model that starts at the pooled activations: it shares every weight."""

    def __init__(self, model: Any) -> None:
        super().__init__()
        self.model = model

    def forward(self, features: Tensor) -> Tensor:
        return self.model.head(features)

    def groups(self) -> list[list[nn.Module]]:
        """The layer groups of the whole model, so that rates mean the same."""
        return self.model.groups()


class _Body(nn.Module):
    """A vision model that ends at the pooled activations."""

    def __init__(self, model: Any) -> None:
        super().__init__()
        self.model = model

    def forward(self, inputs: Tensor) -> Tensor:
        return self.model.features(inputs)


class Features:
    """The activations of a data set behind the body of a model, made once and kept on disk.

    `train` and `valid` are `Batches` of (activations, targets); `current` says whether they still
    belong to this data and these weights.
    """

    def __init__(self, data: Any, model: Any, *, plan: Plan, going: Going | None = None) -> None:
        if not can_precompute(data, model):
            raise ModelError(
                "precompute was asked for, but it needs the parts of a vision_learner model and "
                "an ImageData; make both that way, or leave precompute out"
            )
        self._data, self._model, self._plan = data, model, plan
        self._going = going or uncontrolled
        self.key = features_key(data, model, plan)
        self._versions = _versions(model)
        tensors = self._stored() or self._make()
        self.train = self._batches("train", tensors, data.train)
        self.valid = self._batches("valid", tensors, data.valid)

    @property
    def current(self) -> bool:
        """Whether the body's weights are still those that made the activations."""
        if self._versions != _versions(self._model):
            self._versions = _versions(self._model)
            return self.key == features_key(self._data, self._model, self._plan)
        return True

    def _batches(self, name: str, tensors: dict[str, Tensor], like: Batches) -> Batches:
        return Batches(
            tensors[name],
            like.targets,
            batch_size=like.batch_size,
            shuffle=name == "train",
            seed=like.seed,
            device=like.device,
        )

    def _stored(self) -> dict[str, Tensor] | None:
        try:
            tensors, _ = read_file(self._file(), kind="features", mapped=True)
        except FileError:
            return None
        sizes = {"train": self._data.train.items, "valid": self._data.valid.items}
        right = all(len(tensors.get(name, ())) == items for name, items in sizes.items())
        return tensors if right else None

    def _make(self) -> dict[str, Tensor]:
        sets = {
            "train": self._sized(self._data.train.plain()),
            "valid": self._sized(self._data.valid.plain()),
        }

        def passes(control: Pass | None) -> dict[str, Tensor]:
            return {name: self._pass(batches, control) for name, batches in sets.items()}

        tensors = self._going("features", sum(map(len, sets.values())), passes)
        header = {"key": self.key}
        try:
            write_file(self._file(), tensors, kind="features", header=header, durable=False)
        except FileError:
            return tensors  # a cache that cannot be written costs another pass, nothing else
        return tensors

    def _sized(self, batches: Batches) -> Batches:
        return batches.with_batch_size(CACHE_FRIENDLY) if batches.device.type == "cpu" else batches

    def _pass(self, batches: Batches, control: Pass | None) -> Tensor:
        found: list[Tensor] = []

        def keep(features: Tensor, targets: Tensor) -> None:
            found.append(features)

        body = _Body(self._model)
        predict_batches(body, batches, use=keep, plan=self._plan, control=control)
        return torch.cat(found).cpu()

    def _file(self) -> Any:
        return cache_folder() / "features" / f"{self.key}.safetensors"


def uncontrolled(kind: str, steps: int, work: Callable[[Any], Any]) -> Any:
    """A pass that nobody controls."""
    return work(None)


def can_precompute(data: Any, model: Any) -> bool:
    """Whether data and model have the parts that precomputing needs."""
    parts = all(hasattr(model, name) for name in ("body", "head", "features", "groups"))
    return parts and isinstance(getattr(data, "train", None), Batches)


def features_key(data: Any, model: Any, plan: Plan) -> str:
    """What the activations depend on, as one short word."""
    digest = hashlib.sha256(f"{data.fingerprint} {data.size} {plan.precision}".encode())
    digest.update(repr(getattr(model, "spec", type(model).__name__)).encode())
    for module in (model.normalise, model.body):
        for name, tensor in module.state_dict().items():
            digest.update(name.encode())
            digest.update(torch_bytes(tensor))
    return digest.hexdigest()[:24]


def _versions(model: Any) -> list[tuple[int, int]]:
    tensors = [*model.body.parameters(), *model.body.buffers()]
    return [(tensor.data_ptr(), tensor._version) for tensor in tensors]
