from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from tenfold.errors import ModelError, SettingError
from tenfold.models.embeddings import Embeddings, embedding_width
from tenfold.models.tabular import JOINS, Bins, build_tabular, create_tabular_model


@pytest.mark.parametrize(
    ("rule", "rows", "width"),
    [
        ("power", 10, 6), ("power", 100, 21), ("power", 1116, 81), ("power", 40000, 600),
        ("half", 7, 4), ("half", 24, 12), ("half", 99, 50), ("half", 5000, 50),
    ],
)  # fmt: skip
def test_embedding_sizes_are_those_of_the_published_rules(rule: str, rows: int, width: int) -> None:
    assert embedding_width(rows, rule=rule) == width


def test_a_rule_or_a_count_that_is_none_is_refused() -> None:
    with pytest.raises(
        SettingError, match="the rule 'powers' was given for widths; allowed is 'power'"
    ):
        embedding_width(3, rule="powers")
    with pytest.raises(SettingError, match="rows=0 was given; allowed is a whole number from 1"):
        embedding_width(0)


def separate(one: Embeddings, numbers: Tensor) -> tuple[Tensor, list[nn.Embedding]]:
    """The same lookup with a table for each column."""
    tables = [
        nn.Embedding.from_pretrained(one.table(place).detach().clone(), freeze=False)
        for place in range(len(one.shapes))
    ]
    return torch.cat([t(numbers[:, i].long()) for i, t in enumerate(tables)], 1), tables


def test_one_table_gives_what_a_table_for_each_column_gives_gradients_too() -> None:
    one = Embeddings([3, 5, 2], [2, 4, 1])
    numbers = torch.tensor([[2.0, 4.0, 0.0], [2.0, 0.0, 1.0], [0.0, 3.0, 1.0]])
    found = one(numbers)
    wanted, tables = separate(one, numbers)
    assert torch.equal(found, wanted)
    weights = torch.randn_like(found)
    (found * weights).sum().backward()
    (wanted * weights).sum().backward()
    assert torch.allclose(
        one.weight.grad[:, 0], torch.cat([t.weight.grad.flatten() for t in tables])
    )


def test_embeddings_start_small_and_the_unseen_in_their_middle() -> None:
    one = Embeddings([400, 300], [20, 10])
    assert not one.table(0)[0].any() and not one.table(1)[0].any()
    assert one.weight.abs().max() <= 0.02 and 0.008 < one.weight.std() < 0.01
    assert one.weight.ndim == 2  # so that weight decay reaches it


def test_bins_are_numpys_quantiles_and_shares_of_the_way() -> None:
    numbers = torch.randn(101, 2, generator=torch.Generator().manual_seed(0))
    bins = Bins(2, 4)
    bins.fit(numbers)
    edges = np.quantile(numbers.double().numpy(), np.linspace(0, 1, 5), axis=0)
    values = numbers.double().numpy()
    slow = [
        np.clip((values[:, [c]] - edges[:-1, c]) / np.diff(edges[:, c]), 0, 1) for c in range(2)
    ]
    found = bins(numbers)
    assert found.shape == (101, 10)
    assert np.allclose(found[:, 2:].numpy(), np.concatenate(slow, 1), atol=1e-5)
    assert torch.allclose(found[:, :2], numbers / (1 + (numbers / 3) ** 2).sqrt())


def test_bins_that_are_empty_stay_0_and_nothing_is_no_number() -> None:
    bins = Bins(1, 4)
    bins.fit(torch.tensor([[0.0]] * 90 + [[1.0]] * 10))
    assert bins(torch.tensor([[1.0], [1e30]]))[:, 1:].tolist() == [[1.0, 0, 0, 0]] * 2
    bins.fit(torch.zeros(5, 1))
    assert torch.isfinite(bins(torch.ones(1, 1))).all()


@pytest.mark.parametrize("join", JOINS)
@pytest.mark.parametrize(("rows", "numbers"), [([4, 3], 2), ([4, 3], 0), ([], 2)])
def test_every_way_to_join_trains_every_weight(join: str, rows: list[int], numbers: int) -> None:
    model = create_tabular_model(rows, numbers, outputs=3, layers=[8, 4], join=join, dropout=0.1)
    inputs = torch.rand(16, len(rows) + numbers) * 2
    model.fit_bins(inputs)
    outputs = model(inputs)
    outputs.square().sum().backward()
    assert outputs.shape == (16, 3)
    assert all(p.grad is not None and p.grad.any() for p in model.parameters())


def test_an_ensemble_is_the_mean_of_two_nets() -> None:
    model = create_tabular_model([4], 2, outputs=3, layers=[8], join="ensemble", bins=0).eval()
    rows = torch.tensor([[3.0, 0.5, -1.0]])
    words = model.heads[0](model.stacks[0](model.embeddings(rows[:, :1])))
    figures = model.heads[1](model.stacks[1](rows[:, 1:]))
    assert torch.allclose(model(rows), (words + figures) / 2)


def test_one_input_is_a_plain_stack() -> None:
    model = create_tabular_model([4], 2, outputs=3, layers=[8, 5], bins=0, dropout=[0.1, 0.2])
    kinds = [type(layer) for layer in model.stacks[0]]
    assert kinds == [nn.Linear, nn.BatchNorm1d, nn.ReLU, nn.Dropout] * 2
    assert [m.p for m in model.stacks[0] if isinstance(m, nn.Dropout)] == [0.1, 0.2]
    flat = create_tabular_model([4], 2, outputs=3, layers=[])
    assert flat(torch.zeros(2, 3)).shape == (2, 3)


def test_a_wide_table_has_fewer_bins() -> None:
    found = [
        create_tabular_model([], n, outputs=1, layers=[2]).spec["bins"] for n in (8, 128, 2000)
    ]
    assert found == [16, 8, 0]


def test_the_same_seed_gives_the_same_net_and_leaves_the_random_numbers() -> None:
    before = torch.get_rng_state()
    nets = [create_tabular_model([4], 2, outputs=3, seed=seed) for seed in (1, 1, 2)]
    first, again, other = (net.heads[0].weight for net in nets)
    assert torch.equal(first, again) and not torch.equal(first, other)
    assert torch.equal(torch.get_rng_state(), before)


def test_a_net_is_built_again_from_its_description() -> None:
    model = create_tabular_model([4], 2, outputs=3, join="two inputs")
    again = build_tabular(model.spec)
    assert again.spec == model.spec
    assert again.state_dict().keys() == model.state_dict().keys()
    with pytest.raises(ModelError, match="does not describe a tabular network"):
        build_tabular({"kind": "tabular"})


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"join": "twice"}, "join='twice' was given; allowed is 'one input'"),
        ({"layers": 100}, r"layers=100 was given; .* try layers=\[100\]"),
        ({"layers": [0]}, r"layers=\[0\] was given; allowed are whole numbers from 1"),
        ({"dropout": 1.0}, "dropout=1.0 was given"),
        ({"embedding_dropout": -1}, "embedding_dropout=-1 was given; allowed is 0 to below 1"),
        ({"bins": -1}, "bins=-1 was given; allowed is a whole number from 0"),
        ({"widths": [0]}, r"widths=\[0\] was given; allowed are whole numbers from 1"),
    ],
)
def test_settings_out_of_range_are_refused(given: dict[str, object], words: str) -> None:
    with pytest.raises(SettingError, match=words):
        create_tabular_model([4], 2, outputs=3, **given)  # type: ignore[arg-type]
