from __future__ import annotations

from typing import Any

import pytest
import torch

from tenfold.errors import ModelError, SettingError
from tenfold.models.dot_bias import LARGE, DotBias, build_ratings, create_ratings_model

PAIRS = torch.tensor([[1, 2], [3, 1], [0, 2], [2, 0]])


def make_model(name: str = "dot_bias", **more: Any) -> Any:
    model = create_ratings_model(name, **{"users": 3, "items": 2, "factors": 4, **more})
    with torch.no_grad():
        model.base.fill_(0.5)
        for table in (model.tables.users, model.tables.items):
            table.weight[1:].normal_(generator=torch.Generator().manual_seed(1))
    return model.eval()


def test_it_is_the_product_of_the_factors_and_the_biases() -> None:
    model = make_model()
    users, items = model.tables.users.weight, model.tables.items.weight
    for (user, item), found in zip(PAIRS.tolist(), model(PAIRS), strict=True):
        slow = 0.5 + users[user, 4] + items[item, 4]
        slow = slow + sum(users[user, place] * items[item, place] for place in range(4))
        assert found.item() == pytest.approx(slow.item(), abs=1e-6)


def test_the_neural_variant_puts_a_network_in_the_place_of_the_product() -> None:
    model = make_model("neural", layers=[5])
    users, items = model.tables.users.weight, model.tables.items.weight
    user, item = users[PAIRS[:, 0]], items[PAIRS[:, 1]]
    net = model.net(torch.cat([user[:, :4], item[:, :4]], 1))
    slow = net + 0.5 + user[:, 4:] + item[:, 4:]
    assert torch.allclose(model(PAIRS), slow) and model(PAIRS).shape == (4, 1)


def test_somebody_new_is_predicted_by_the_base_and_the_items_bias() -> None:
    model = make_model()
    bias = model.rows_of("items")[1][1]
    assert model(PAIRS[2:3]).item() == pytest.approx(0.5 + bias.item())
    assert model(torch.tensor([[0, 0]])).item() == 0.5


def test_sparse_and_ordinary_gradients_are_the_same() -> None:
    thin, whole = make_model(sparse=True), make_model(sparse=False)
    for model in (thin, whole):
        model(PAIRS).square().sum().backward()
    assert thin.sparse and not whole.sparse
    for name in ("users", "items"):
        found, other = (getattr(m.tables, name).weight.grad for m in (thin, whole))
        assert found.is_sparse and torch.allclose(found.to_dense(), other)


@pytest.mark.parametrize(("users", "sparse"), [(100, False), (LARGE // 5, True)])
def test_large_tables_are_sparse_and_say_so(users: int, sparse: bool) -> None:
    model = create_ratings_model(users=users, items=5, factors=4)
    assert model.sparse is sparse
    words = (
        "more than 1,000,000: only the rows of a batch" if sparse else "fewer than 1,000,000: ev"
    )
    assert words in model.notes[0]
    by_hand = create_ratings_model(users=users, items=5, factors=4, sparse=not sparse)
    assert by_hand.sparse is not sparse and "set by hand" in by_hand.notes[0]


@pytest.mark.parametrize("name", ["dot_bias", "neural"])
def test_a_model_is_built_again_from_its_spec(name: str) -> None:
    model = create_ratings_model(name, users=3, items=2, factors=4, layers=[5], dropout=0.1)
    twin = build_ratings(model.spec)
    assert twin.spec == model.spec and type(twin) is type(model)
    twin.load_state_dict(model.state_dict())


def test_weights_come_from_the_seed_and_the_global_numbers_stay() -> None:
    state = torch.get_rng_state()
    one, two, other = (create_ratings_model(users=3, items=2, seed=seed) for seed in (1, 1, 2))
    assert torch.equal(one.tables.users.weight, two.tables.users.weight)
    assert not torch.equal(one.tables.users.weight, other.tables.users.weight)
    assert torch.equal(torch.get_rng_state(), state) and isinstance(one, DotBias)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        (
            {"name": "dot_bais"},
            "'dot_bais' was given; known for ratings are dot_bias and neural; did",
        ),
        ({"factors": 0}, "factors=0 was given; allowed is a whole number from 1"),
        ({"users": True}, "users=True was given; allowed is a whole"),
        ({"layers": 100}, r"layers=100 was given; allowed is a list of widths; try layers="),
        ({"layers": [8, 0]}, "layers=0 was given; allowed is a whole"),
        ({"dropout": 2.0}, "dropout=2.0 was given"),
    ],
)
def test_what_is_out_of_range_is_refused(settings: dict[str, Any], words: str) -> None:
    with pytest.raises(SettingError, match=words):
        create_ratings_model(**{"name": "neural", "users": 3, "items": 2, **settings})


@pytest.mark.parametrize("spec", [{"kind": "ratings"}, {"name": "neural", "size": 3}, None])
def test_a_damaged_spec_is_refused(spec: Any) -> None:
    with pytest.raises(ModelError, match=r"does not describe a model of ratings .*; export"):
        build_ratings(spec)
