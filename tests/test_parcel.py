"""Parcels: what was packed comes back, tensors where they are, code of a notebook too."""

from __future__ import annotations

import pickle
import types
from typing import Any

import pytest
import torch
from torch import nn

from tenfold.parallel.parcel import mapped, on_device, opened, packed, to_file

KINDS = [torch.float32, torch.bfloat16, torch.int64, torch.uint8, torch.bool]


@pytest.mark.parametrize("dtype", KINDS)
@pytest.mark.parametrize("shape", [(), (0,), (3,), (2, 0, 4), (2, 3, 4)])
def test_tensors_come_back_bit_for_bit(dtype: torch.dtype, shape: tuple[int, ...]) -> None:
    tensor = torch.randint(0, 2, shape).to(dtype)
    back = opened(packed(tensor))
    assert back.dtype == dtype and back.shape == shape and torch.equal(back, tensor)


def test_a_file_of_them_is_mapped_and_can_be_written_to() -> None:
    parcel = packed({"a": torch.arange(5), "b": torch.ones(2, 2), "none": torch.empty(0)})
    path, places = to_file(parcel)
    assert path.stat().st_mode & 0o077 == 0  # for this user alone
    held = type(parcel)(parcel.structure, tuple(mapped(path, places)))
    first, second = opened(held), opened(held)
    path.unlink()
    first["a"][0] = 9
    assert second["a"][0] == 9  # one memory, as long as it is in one process
    assert second["b"].tolist() == [[1, 1], [1, 1]] and not len(first["none"])


def test_models_and_optimizers_stay_tied() -> None:
    model = nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    model, optimizer = opened(packed((model, optimizer)))
    assert optimizer.param_groups[0]["params"][0] is model[0].weight
    assert isinstance(model[0].weight, nn.Parameter) and model[0].weight.requires_grad


def test_views_that_are_not_in_order_come_back_as_they_are() -> None:
    turned = torch.arange(6).view(2, 3).t()
    assert torch.equal(opened(packed(turned)), turned)
    pictures = torch.rand(2, 3, 4, 4).contiguous(memory_format=torch.channels_last)
    assert opened(packed(pictures)).is_contiguous(memory_format=torch.channels_last)


def test_classes_of_a_notebook_travel_with_their_code() -> None:
    notebook: dict[str, Any] = {"__name__": "__main__", "nn": nn}
    exec("class Net(nn.Linear):\n    def twice(self, x):\n        return 2 * self(x)", notebook)
    net = notebook["Net"](2, 1)
    parcel = packed(net)
    assert b"twice" in parcel.structure
    inputs = torch.ones(1, 2)
    assert torch.equal(opened(parcel).twice(inputs), net.twice(inputs))


def test_what_both_sides_have_goes_by_its_name() -> None:
    lock = types.SimpleNamespace(unpicklable=iter([]))
    parcel = packed([lock, 1], {"lock": lock})
    mine = object()
    assert opened(parcel, {"lock": mine}) == [mine, 1]


def test_a_device_of_the_kernel_is_that_of_the_rank() -> None:
    parcel = packed(torch.device("cuda", 3))
    with on_device(torch.device("cuda", 1)):
        assert opened(parcel) == torch.device("cuda", 1)
    assert opened(packed(torch.device("cpu"))) == torch.device("cpu")


def test_a_parcel_travels_with_its_tensors() -> None:
    parcel = pickle.loads(pickle.dumps(packed(torch.arange(3))))
    assert opened(parcel).tolist() == [0, 1, 2]
