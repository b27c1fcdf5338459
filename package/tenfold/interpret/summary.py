"""A model layer by layer: shapes, weights, what trains, operations and memory.

The operations are counted by PyTorch's own `FlopCounterMode` while a batch runs through: it sees
matrix products and convolutions wherever they are called, in a layer or beside one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from itertools import islice
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

from tenfold.errors import SettingError
from tenfold.interpret.layer_table import Row, Summary
from tenfold.train.interrupts import Interrupts
from tenfold.train.passes import forward
from tenfold.train.plan import Plan
from tenfold.train.state import preserved

__all__ = ["Row", "Summary", "summary"]


def summary(model: nn.Module, inputs: Any, *, plan: Plan, depth: int | None = None) -> Summary:
    """What every layer of `model` does with the batch `inputs`, and what it costs.

    Layers are the modules that hold no others, or with `depth` those at most so deep. Weights,
    modes, hooks and random numbers are afterwards what they were. Counted are matrix products
    and convolutions, two operations for each multiplication; norms and activations are not.
    Memory is that of the layers' outputs, which training keeps for the backward pass.

    >>> net = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2))
    >>> print(summary(net, torch.zeros(8, 3), plan=Plan(threads=1)).words)
    Sequential of 3: 26 weights, 26 of them trained; 40 FLOPs for one item; 104 B of weights and \
320 B of activations for a batch of 8
    """
    if depth is not None and (isinstance(depth, bool) or not isinstance(depth, int) or depth < 1):
        raise SettingError(
            f"depth={depth!r} was given; allowed is 1 and above, or None for every layer"
        )
    watch = _Watch(model, depth)
    counter = FlopCounterMode(display=False)
    items = len(next(_tensors(inputs)))
    kept = preserved(model), _carried(model), _counted_kernels(model), watch
    with Interrupts() as interrupts, kept[0], kept[1], kept[2], kept[3], interrupts.raising():
        model.eval()
        torch.set_num_threads(plan.threads)
        with torch.no_grad(), counter:
            forward(model, inputs, Plan(channels_last=plan.channels_last, threads=plan.threads))
    found = counter.get_flop_counts()
    for name, row in watch.rows.items():
        row.flops = _flops(found, _places(model, name, called=row.shape is not None)) / items
    return Summary(
        model=type(model).__name__,
        rows=tuple(watch.in_order),
        shape=tuple(one.shape[1:] for one in _tensors(inputs)),
        batch=items,
        flops=counter.get_total_flops() / items,
        weight_bytes=_bytes(model.parameters()),
    )


class _Watch:
    """Hooks for one forward pass, and a row for each layer.

    The shape comes from the layer itself, the memory from the innermost modules in it.
    """

    def __init__(self, model: nn.Module, depth: int | None) -> None:
        self.rows: dict[str, Row] = {}
        self._called: list[str] = []
        self._layers: dict[str, nn.Module] = {}
        self._handles: list[Any] = []
        known = set[int]()
        for name, layer, whole in _layers(model, depth):
            row = self.rows[name] = Row(name or "the model", type(layer).__name__)
            for weight in layer.parameters(recurse=whole):
                if id(weight) not in known:  # what two layers share counts once
                    known.add(id(weight))
                    row.weights += weight.numel()
                    row.trained += weight.numel() * weight.requires_grad
            if whole:
                self._layers[name] = layer

    @property
    def in_order(self) -> list[Row]:
        """The rows in the order of the calls; behind them what was not called, but has weights."""
        rows = [self.rows[name] for name in dict.fromkeys([*self._called, *self.rows])]
        return [row for row in rows if row.weights or row.shape is not None]

    def __enter__(self) -> None:
        for name, layer in self._layers.items():
            self._handles.append(layer.register_forward_hook(partial(self._give, name)))
            for inner in layer.modules():
                if next(inner.children(), None) is None:
                    self._handles.append(inner.register_forward_hook(partial(self._keep, name)))

    def __exit__(self, *error: Any) -> None:
        for handle in self._handles:
            handle.remove()

    def _give(self, name: str, layer: nn.Module, inputs: Any, outputs: Any) -> None:
        for tensor in islice(_tensors(outputs), 1):
            self._called.append(name)
            self.rows[name].shape = tuple(tensor.shape[1:])

    def _keep(self, name: str, layer: nn.Module, inputs: Any, outputs: Any) -> None:
        given = {_place(one) for one in _tensors(inputs)}
        kept = (one for one in _tensors(outputs) if _place(one) not in given)  # views are free
        self.rows[name].memory += _bytes(kept)


def _places(model: nn.Module, name: str, *, called: bool) -> tuple[str, list[str]]:
    """Where the counter keeps what a layer computes: a place, and places to take off.

    Of a layer that was not called, what its parent computed with its weights, if with no others.
    """
    root = type(model).__name__
    if called or not name:
        return (f"{root}.{name}" if name else root), [] if called else [root]
    above = name.rpartition(".")[0]
    holder = model.get_submodule(above)
    weighted = [n for n, one in holder.named_children() if next(one.parameters(), None) is not None]
    place = f"{root}.{above}" if above else root
    inside = [f"{place}.{one}" for one, _ in holder.named_children()]
    return place, inside if len(weighted) == 1 else [place]


def _flops(found: dict[str, dict[Any, int]], places: tuple[str, list[str]]) -> int:
    place, less = places
    total, *parts = (sum(found.get(one, {}).values()) for one in (place, *less))
    return total - sum(parts)


def _layers(model: nn.Module, depth: int | None) -> Iterator[tuple[str, nn.Module, bool]]:
    """The layers by name; False for a module that holds others, with weights of its own."""
    for name, module in model.named_modules():
        deep = name.count(".") + 1 if name else 0
        if depth is not None and deep > depth:
            continue
        if deep == depth or next(module.children(), None) is None:
            yield name, module, True
        elif next(module.parameters(recurse=False), None) is not None:
            yield name, module, False


@contextmanager
def _counted_kernels(model: nn.Module) -> Iterator[None]:
    """Attention and recurrence as matrix products, which are counted: fused kernels are not."""
    switches: list[tuple[Any, str]] = []
    if any(isinstance(module, nn.RNNBase) for module in model.modules()):
        switches = [(torch.backends.mkldnn, "enabled"), (torch.backends.cudnn, "enabled")]
    before = [getattr(*switch) for switch in switches]
    fused = torch.backends.mha.get_fastpath_enabled()
    try:
        torch.backends.mha.set_fastpath_enabled(False)
        for switch in switches:
            setattr(*switch, False)
        with sdpa_kernel(SDPBackend.MATH):
            yield
    finally:
        torch.backends.mha.set_fastpath_enabled(fused)
        for switch, value in zip(switches, before, strict=True):
            setattr(*switch, value)


@contextmanager
def _carried(model: nn.Module) -> Iterator[None]:
    """Put back what a model carries from batch to batch, as a language model does."""
    carrier: Any = model
    before = getattr(carrier, "carried", None)
    try:
        yield
    finally:
        if hasattr(carrier, "carry"):
            carrier.carry(before)


def _tensors(values: Any) -> Iterator[Tensor]:
    """Every tensor in nested values."""
    if isinstance(values, Tensor):
        yield values
    elif isinstance(values, dict):
        yield from _tensors(list(values.values()))
    elif isinstance(values, list | tuple):
        for value in values:
            yield from _tensors(value)


def _place(tensor: Tensor) -> int:
    return tensor.untyped_storage().data_ptr()


def _bytes(tensors: Iterable[Tensor]) -> int:
    return sum(one.numel() * one.element_size() for one in tensors)
