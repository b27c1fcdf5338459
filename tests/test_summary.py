"""The summary of a model: its numbers held to slow counts, on every kind of data."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from factories import make_learner, make_net, same, tensors
from table_worlds import make_tabular_learner
from text_world import make_language_learner, make_text_learner
from torch import Tensor, nn
from torchvision.models import VisionTransformer

from tenfold.data.samples.films import ratings
from tenfold.errors import SettingError
from tenfold.interpret.layer_table import Summary, amount, sided
from tenfold.interpret.summary import summary
from tenfold.learners import ratings_learner
from tenfold.models.resnet import create_resnet
from tenfold.train.plan import Plan
from tenfold.train.random_state import random_state

PLAN = Plan(threads=1)
PICTURES = torch.rand(2, 3, 16, 16, generator=torch.Generator().manual_seed(0))


def look(model: nn.Module, inputs: Any = PICTURES, **more: Any) -> Summary:
    return summary(model, inputs, plan=PLAN, **more)


def row(found: Summary, name: str) -> Any:
    return next(one for one in found.rows if one.name == name)


def test_a_convolution_costs_two_operations_for_each_multiplication() -> None:
    net = nn.Sequential(nn.Conv2d(3, 8, 3, padding=1), nn.ReLU(), nn.Flatten(), nn.Linear(2048, 5))
    found = look(net)
    assert row(found, "0").flops == 2 * 8 * 3 * 9 * 16 * 16
    assert row(found, "3").flops == 2 * 2048 * 5
    assert found.flops == sum(one.flops for one in found.rows)
    assert row(found, "0").shape == (8, 16, 16) and row(found, "3").shape == (5,)
    assert [one.weights for one in found.rows] == [224, 0, 0, 10245]
    assert row(found, "1").memory == 2 * 2048 * 4
    assert row(found, "2").memory == 0  # a view of what came in
    assert found.weight_bytes == 4 * found.weights == 4 * (224 + 10245)


def test_the_layers_come_in_the_order_in_which_they_run() -> None:
    class Backwards(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.last, self.first = nn.Linear(4, 2), nn.Linear(3, 4)
            self.unused, self.empty = nn.Linear(2, 2), nn.ReLU()

        def forward(self, x: Tensor) -> Tensor:
            return self.last(self.first(x))

    found = look(Backwards(), torch.zeros(5, 3))
    assert [one.name for one in found.rows] == ["first", "last", "unused"]
    assert row(found, "unused").shape is None and found.table[3][2] == "–"
    assert found.weights == 16 + 10 + 6 and found.batch == 5


def test_a_depth_joins_layers_and_keeps_every_sum() -> None:
    net = create_resnet(5, depth=8, width=4)
    every, joined = look(net), look(net, depth=1)
    assert [one.name for one in joined.rows] == ["normalise", "stem", "stages", "pool", "head"]
    for name in ("weights", "trained", "memory", "flops"):
        assert getattr(every, name) == pytest.approx(getattr(joined, name))
    assert sum(one.flops for one in joined.rows) == pytest.approx(every.flops)
    assert row(joined, "stages").shape == (16, 4, 4)


def test_what_is_computed_beside_the_layers_and_weights_without_a_layer_are_counted() -> None:
    class Bare(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.table = nn.Parameter(torch.ones(3, 4))
            self.head = nn.Linear(4, 2)

        def forward(self, x: Tensor) -> Tensor:
            return self.head(x @ self.table)

    found = look(Bare(), torch.zeros(6, 3))
    assert found.flops == 2 * 12 + 2 * 8 and found.weights == 12 + 10
    assert row(found, "the model").weights == 12
    assert ["beside these layers", "", "", "", "", "24 ", ""] in found.table


def test_shared_weights_count_once() -> None:
    layer = nn.Linear(4, 4)
    found = look(nn.Sequential(layer, nn.ReLU(), layer), torch.zeros(2, 4))
    assert found.weights == 20 and found.flops == 2 * 2 * 16
    tied = nn.Sequential(nn.Embedding(7, 4), nn.Linear(4, 7, bias=False))
    tied[1].weight = tied[0].weight
    assert look(tied, torch.zeros(2, 3, dtype=torch.long)).weights == 28


def test_attention_is_counted_though_it_has_fused_kernels() -> None:
    net = VisionTransformer(16, 8, 1, 2, 8, 16).eval()
    found = look(net)
    tokens, width, hidden = 5, 8, 16
    attention = 2 * tokens * width * (4 * width) + 2 * 2 * tokens * tokens * width
    patches, head = 2 * 4 * width * 3 * 64, 2 * width * 1000
    assert found.flops == patches + attention + 2 * 2 * tokens * width * hidden + head
    assert found.weights == sum(one.numel() for one in net.parameters())
    assert torch.backends.mha.get_fastpath_enabled()


def test_frozen_trained_and_mixed_layers_are_told_apart() -> None:
    learn = make_learner()
    learn.freeze()
    found = learn.summary(1)
    assert [one.trains for one in found.rows] == ["frozen", "frozen", "trained"]
    learn.model.early[0].weight.requires_grad_(True)
    assert [one.trains for one in learn.summary(1).rows] == ["in part", "frozen", "trained"]
    assert learn.summary().trained == 18 + 14


def test_nothing_is_changed() -> None:
    learn = make_learner()
    learn.model.late.eval()
    learn.model.head.weight.grad = torch.ones(2, 6)
    before, modes = tensors(learn.model), [one.training for one in learn.model.modules()]
    drawn = random_state()
    learn.summary()
    learn.summary(1)
    assert same(before, tensors(learn.model)) and same(drawn["cpu"], random_state()["cpu"])
    assert modes == [one.training for one in learn.model.modules()]
    assert not any(one._forward_hooks for one in learn.model.modules())
    assert learn.model.head.weight.grad is not None and torch.is_grad_enabled()


def test_after_an_error_the_hooks_are_gone() -> None:
    net = make_net()
    with pytest.raises(RuntimeError):
        look(net, torch.zeros(2, 99))
    assert net.training and not any(one._forward_hooks for one in net.modules())
    assert torch.backends.mha.get_fastpath_enabled()


@pytest.mark.parametrize("make", [make_text_learner, make_language_learner, make_tabular_learner])
def test_texts_and_tables_have_a_summary(make: Any) -> None:
    learn = make()
    found = learn.summary()
    assert found.weights == sum(one.numel() for one in learn.model.parameters())
    assert found.flops > 0
    assert found.words.startswith(f"{type(learn.model).__name__} of ")
    before = getattr(learn.model, "carried", None)
    learn.summary()
    assert same(before, getattr(learn.model, "carried", None))


def test_a_layer_of_lstm_counts_its_products_though_another_module_calls_it() -> None:
    learn = make_language_learner()
    found = learn.summary()
    words = found.shape[0][0]
    for name, inputs, width in (("0", 6, 10), ("1", 10, 6)):
        wanted = 2 * words * 4 * width * (inputs + width)
        assert row(found, f"encoder.layers.{name}.lstm").flops == wanted
    assert torch.backends.mkldnn.enabled
    assert look(nn.LSTM(3, 4, batch_first=True), torch.zeros(2, 5, 3)).flops == 2 * 5 * 16 * 7


def test_ratings_have_a_summary() -> None:
    learn = ratings_learner(ratings(150, users=20, items=15), factors=4, quiet=True, device="cpu")
    assert learn.summary().weights == sum(one.numel() for one in learn.model.parameters())


def test_it_reads_as_a_table_and_a_sentence() -> None:
    learn = make_learner()
    found = learn.summary()
    lines = repr(found).splitlines()
    assert lines[0].split() == ["layer", "kind", "gives", "weights", "FLOPs", "memory"]
    assert lines[1].split() == ["early.0", "Linear", "6", "24", "trained", "36", "192", "B"]
    assert lines[-1].startswith("Net of 3: 92 weights, 92 of them trained; 132 FLOPs for one item")
    assert len(found) == len(lines) - 3
    html = found._repr_html_()
    assert html.startswith("<table><caption>Net of 3: 92 weights") and "early.0</th>" in html


def test_units_and_shapes() -> None:
    assert [amount(number) for number in (0, 999, 1000, 1.5e6, 2.34e9, 5e13)] == [
        "0 ", "999 ", "1 k", "1.5 M", "2.34 G", "50 T",
    ]  # fmt: skip
    assert sided((2, 3)) == "2 × 3"


@pytest.mark.parametrize("depth", [0, -1, True, 1.5])
def test_a_depth_that_is_none_is_refused(depth: Any) -> None:
    with pytest.raises(SettingError, match=r"depth=.* was given; allowed is 1 and above, or None"):
        look(make_net(), depth=depth)
