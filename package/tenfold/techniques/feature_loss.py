"""Feature loss: pictures are alike when a trained network sees the same in both.

A pixel loss blurs: where it is unsure of an edge, the mean of all edges costs least. Johnson,
Alahi and Fei-Fei 2016, "Perceptual Losses for Real-Time Style Transfer and Super-Resolution",
arXiv:1603.08155, compare instead what layers of a frozen network say about two pictures; the
Gram matrices are those of Gatys, Ecker and Bethge 2015, arXiv:1508.06576.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any

import torch.nn.functional as F
from torch import Tensor, nn

from tenfold.errors import ModelError, SettingError
from tenfold.models.backbone import create_backbone
from tenfold.models.body import ANY_SIDE, IMAGENET_MEAN, IMAGENET_STD, Backbone, check_sides
from tenfold.models.maps import captured, trace_maps
from tenfold.models.vision import Normalise, VisionModel
from tenfold.text import did_you_mean, listed

__all__ = ["FeatureLoss", "Features", "gram"]

MOST_LAYERS = 3
TINY = 1e-8


class Features:
    """What chosen layers of a frozen network say about pictures (N, 3, h, w) in [0, 1].

    `model` is the name of a backbone, the model of a `vision_learner`, or a module of yours that
    takes pictures normalised by the mean and deviation of ImageNet. `layers` are names of its
    `named_modules()`; without them they are the last ones before the map shrinks, at most three.
    The network is copied: yours keeps its mode, its hooks and its gradients.

    Raises ModelError for a layer that does not exist, or that gives no maps (N, channels, h, w).

    >>> import torch
    >>> features = Features("nano")
    >>> features.layers
    ('stem.2', 'early.1', 'late.0')
    >>> [tuple(maps.shape) for maps in features(torch.rand(1, 3, 64, 64))]
    [(1, 32, 32, 32), (1, 64, 16, 16), (1, 128, 8, 8)]
    """

    def __init__(
        self, model: str | nn.Module = "nano", *, layers: Sequence[str] | None = None
    ) -> None:
        body = _body(model)
        self.name, self._sides = body.name, body.sides
        self._normalise = Normalise(body.mean, body.std)
        self._net = body.module.eval().requires_grad_(False)
        for module in self._net.modules():
            if hasattr(module, "inplace"):
                vars(module)["inplace"] = False  # it would write over what a layer before it said
        known = dict(self._net.named_modules())
        self.layers = _usual_layers(body, known) if layers is None else tuple(layers)
        _check_layers(self.layers, known, self.name)
        self._units = [known[layer] for layer in self.layers]

    def __call__(self, pictures: Tensor) -> list[Tensor]:
        """The maps (N, channels, h', w') of each layer, in the order of `layers`."""
        check_sides(*pictures.shape[-2:], sides=self._sides, name=self.name)
        self._net.to(pictures.device)
        self._normalise.to(pictures.device)
        with captured(self._units) as kept:
            self._net(self._normalise(pictures))
        for layer, unit in zip(self.layers, self._units, strict=True):
            shape = tuple(kept[unit].shape) if unit in kept else ()
            if len(shape) != 4:
                raise ModelError(
                    f"the layer {layer!r} of {self.name} gives {shape or 'no tensor'}; allowed "
                    "are layers with maps, (N, channels, h, w); choose one nearer to the input"
                )
        return [kept[unit] for unit in self._units]

    def __repr__(self) -> str:
        return f"Features({self.name}: {listed(self.layers)})"


class FeatureLoss:
    """How far pictures are from what they should be: in pixels, in features, in textures.

    A sum of three terms, each with its weight; y are the targets, ŷ the outputs, φ the maps of a
    layer of the frozen network, G their Gram matrices, |·| the mean of absolute values:

    - `pixel` · |ŷ - y|
    - `content` · mean over layers of |φ(ŷ) - φ(y)| / |φ(y)|
    - `style` · mean over layers of |G(ŷ) - G(y)| / |G(y)|

    The paper weighs layers by hand; here each is divided by the size of the target's own maps,
    so that a layer of any network counts the same. Called with outputs and targets (N, 3, h, w);
    targets are in [0, 1]. `model` and `layers` are those of `Features`. Raises SettingError for
    weights below 0 or all of them 0, and ModelError for pictures of two sizes.

    >>> import torch
    >>> loss, clean = FeatureLoss("nano"), torch.rand(2, 3, 32, 32)
    >>> loss(clean, clean).item()
    0.0
    >>> sorted(loss.terms(clean.flip(-1), clean))
    ['content', 'pixel', 'style']
    """

    def __init__(
        self,
        model: str | nn.Module = "nano",
        *,
        layers: Sequence[str] | None = None,
        pixel: float = 1.0,
        content: float = 1.0,
        style: float = 1.0,
    ) -> None:
        self.weights = {"pixel": pixel, "content": content, "style": style}
        _check_weights(self.weights)
        self.features = Features(model, layers=layers)

    def __call__(self, outputs: Tensor, targets: Tensor) -> Tensor:
        terms = self.terms(outputs, targets)
        return sum(
            (self.weights[name] * term for name, term in terms.items()), outputs.new_zeros(())
        )

    def terms(self, outputs: Tensor, targets: Tensor) -> dict[str, Tensor]:
        """The three terms by name, before their weights; those with the weight 0 are left out."""
        if outputs.shape != targets.shape:
            raise ModelError(
                f"outputs of shape {tuple(outputs.shape)} were given for targets of "
                f"{tuple(targets.shape)}; a feature loss compares pictures of one size; give a "
                "model whose outputs are as large as its targets"
            )
        found = {"pixel": F.l1_loss(outputs, targets)}
        if self.weights["content"] or self.weights["style"]:
            maps, wanted = self.features(outputs), self.features(targets.detach())
            found["content"] = relative(maps, wanted)
            if self.weights["style"]:
                found["style"] = relative([*map(gram, maps)], [*map(gram, wanted)])
        return {name: term for name, term in found.items() if self.weights[name]}

    def __repr__(self) -> str:
        told = ", ".join(f"{name}={weight:g}" for name, weight in self.weights.items())
        return f"FeatureLoss({self.features!r}, {told})"


def gram(maps: Tensor) -> Tensor:
    """Which channels fire together: (N, C, h, w) to (N, C, C), divided by C * h * w.

    Where in the picture they do is forgotten, so what is left is texture.

    >>> import torch
    >>> gram(torch.ones(1, 2, 3, 3))
    tensor([[[0.5000, 0.5000],
             [0.5000, 0.5000]]])
    """
    flat = maps.flatten(2)
    return flat @ flat.transpose(1, 2) / flat[0].numel()


def relative(found: Sequence[Tensor], wanted: Sequence[Tensor]) -> Tensor:
    """The mean over layers of |found - wanted| / |wanted|.

    >>> import torch
    >>> relative([torch.tensor([1.0, 3.0])], [torch.tensor([2.0, 2.0])])
    tensor(0.5000)
    """
    shares = [
        (one - other).abs().mean() / other.abs().mean().clamp(min=TINY)
        for one, other in zip(found, wanted, strict=True)
    ]
    return sum(shares[1:], shares[0]) / len(shares)


def _body(model: str | nn.Module) -> Backbone:
    """A body that nobody else holds, and what is known of it."""
    if not isinstance(model, nn.Module):
        return create_backbone(model)
    if isinstance(model, VisionModel):
        kept = copy.deepcopy(model)
        normalise = (tuple(kept.normalise.mean.flatten()), tuple(kept.normalise.std.flatten()))
        parts: dict[str, Any] = {"module": kept.body, "groups": kept.groups()[:-1]}
        name, sides = str(kept.spec["name"]), kept.sides
    else:
        net, normalise = copy.deepcopy(model), (IMAGENET_MEAN, IMAGENET_STD)
        parts, name, sides = {"module": net, "groups": [[net]]}, type(model).__name__, ANY_SIDE
    mean, std = (tuple(map(float, one)) for one in normalise)
    return Backbone(
        channels=0, mean=mean, std=std, name=name, pretrained=True, sides=sides, **parts
    )


def _usual_layers(body: Backbone, known: dict[str, nn.Module]) -> tuple[str, ...]:
    """The last layers before the map shrinks: there a network has said all about that size."""
    names = {module: name for name, module in known.items()}
    try:
        traces, _ = trace_maps(body)
    except ModelError:  # it ends in no map, as a classifier
        traces = []
    found = tuple(names[trace.unit] for trace in traces if not trace.last)
    if not found:
        raise ModelError(
            f"{body.name} has no layer before which the map shrinks; name the layers to compare, "
            f"as layers=[{next(iter(list(names.values())[1:]), '')!r}]"
        )
    return found[:MOST_LAYERS]


def _check_layers(layers: Sequence[str], known: dict[str, nn.Module], name: str) -> None:
    strange = [layer for layer in layers if layer not in known or not layer]
    if strange or not layers:
        names = [layer for layer in known if layer]
        given = f"the layer {strange[0]!r}" if strange else "no layer"
        meant = did_you_mean(str(strange[0]), names) if strange else ""
        raise ModelError(f"{given} was given; {name} has {listed(names, most=12)}{meant}")


def _check_weights(weights: dict[str, float]) -> None:
    low = [name for name, weight in weights.items() if not weight >= 0]
    if low or not any(weights.values()):
        given = f"{low[0]}={weights[low[0]]!r}" if low else "0 for pixel, content and style"
        raise SettingError(
            f"{given} was given; a weight is 0 or above, and one of them above 0; try 1"
        )
