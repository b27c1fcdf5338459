from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest
import torch
from factories import make_learner
from torch import Tensor, nn
from torch.utils.data import DataLoader, TensorDataset

from tenfold.data.augment import Augment, corner_views
from tenfold.data.batches import Batches
from tenfold.data.images import ImageData
from tenfold.errors import DataError, SettingError
from tenfold.learner import Learner
from tenfold.train.state import kept_random
from tenfold.train.task import multi_label, single_label

PICTURES = torch.rand(10, 3, 8, 8, generator=torch.Generator().manual_seed(0))
LABELS = torch.tensor([0, 1] * 5)


def plain_batches() -> Any:
    return [(PICTURES[:6], LABELS[:6]), (PICTURES[6:], LABELS[6:])]


def torch_loader() -> Any:
    return DataLoader(TensorDataset(PICTURES, LABELS), batch_size=6)


def own_batches() -> Any:
    return Batches(PICTURES, LABELS, batch_size=6)


def shuffled_batches() -> Any:
    return Batches(PICTURES, LABELS, batch_size=6, shuffle=True)


def make_picture_learner(data: Any = None, **more: Any) -> Learner:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = nn.Sequential(nn.Flatten(), nn.Linear(192, 2))
    pairs = plain_batches() if data is None else data
    return make_learner((pairs, pairs), model, **more)


def slow_tta(learn: Learner, views: list[Callable[[Tensor], Tensor]], beta: float) -> Tensor:
    learn.model.eval()
    with torch.no_grad():
        rows = []
        for picture in PICTURES:
            plain = torch.softmax(learn.model(picture[None]), 1)
            others = [torch.softmax(learn.model(view(picture[None])), 1) for view in views]
            rows.append(beta * plain + (1 - beta) * sum(others) / len(others))
    return torch.cat(rows)


@pytest.mark.parametrize("beta", [0.0, 0.25, 0.6])
def test_corner_views_are_averaged_like_in_a_slow_loop(beta: float) -> None:
    learn = make_picture_learner()
    views = [lambda batch, i=i: corner_views(batch)[i] for i in range(8)]
    predictions, targets = learn.tta(corners=True, beta=beta)
    assert torch.allclose(predictions, slow_tta(learn, views, beta), atol=1e-6)
    assert torch.equal(targets, LABELS)


class Fixed:
    """A view that darkens by a share which the generator decides, for the slow loop to repeat."""

    def __init__(self) -> None:
        self.shares: list[Tensor] = []

    def __call__(self, batch: Tensor, generator: torch.Generator) -> Tensor:
        share = torch.rand(len(batch), 1, 1, 1, generator=generator)
        self.shares.append(share)
        return batch * share


@pytest.mark.parametrize(("n", "beta"), [(1, 0.0), (3, 0.25), (4, 0.5)])
def test_random_views_are_averaged_with_the_weight_of_the_plain_one(n: int, beta: float) -> None:
    learn, view = make_picture_learner(), Fixed()
    learn.data.augment = view
    found = learn.tta(n=n, beta=beta)[0]
    with torch.no_grad():
        softmax = [torch.softmax(learn.model(PICTURES * share), 1) for share in whole(view.shares)]
        plain = torch.softmax(learn.model(PICTURES), 1)
    assert len(softmax) == n
    assert torch.allclose(found, beta * plain + (1 - beta) * sum(softmax) / n, atol=1e-6)


def whole(shares: list[Tensor]) -> list[Tensor]:
    return [torch.cat(pair) for pair in zip(shares[::2], shares[1::2], strict=True)]


def test_with_beta_1_the_predictions_are_the_plain_ones() -> None:
    learn = make_picture_learner()
    assert torch.equal(learn.tta(beta=1)[0], learn.predictions()[0])


@pytest.mark.parametrize("make", [plain_batches, torch_loader, own_batches, shuffled_batches])
def test_rows_sum_to_1_and_one_seed_gives_one_result_on_any_data(make: Callable[[], Any]) -> None:
    learn = make_picture_learner(make())
    first, again, other = (learn.tta(seed=seed)[0] for seed in (3, 3, 4))
    assert torch.allclose(first.sum(1), torch.ones(10), atol=1e-6)
    assert torch.equal(first, again) and not torch.equal(first, other)


def test_the_global_random_numbers_are_left_alone() -> None:
    learn = make_picture_learner()
    with kept_random():
        expected = torch.rand(3)
    learn.tta()
    assert torch.equal(torch.rand(3), expected)


def test_several_labels_are_averaged_as_chances() -> None:
    pairs = [(PICTURES, torch.nn.functional.one_hot(LABELS).float())]
    learn = make_picture_learner(pairs, task=multi_label(2))
    views = [lambda batch, i=i: corner_views(batch)[i] for i in range(8)]
    with torch.no_grad():
        slow = sum(torch.sigmoid(learn.model(view(PICTURES))) for view in views) / 8
    assert torch.allclose(learn.tta(corners=True, beta=0)[0], slow, atol=1e-6)


def test_the_augmentation_of_the_data_is_used() -> None:
    data = ImageData.from_arrays(PICTURES, LABELS, PICTURES, LABELS, augment=Augment.none())
    learn = make_learner(data, nn.Sequential(nn.Flatten(), nn.Linear(192, 2)), task=single_label(2))
    plain, found = learn.predictions()[0], learn.tta(n=2)[0]
    assert torch.allclose(found, plain, atol=1e-6)


def test_data_in_another_order_each_time_is_refused() -> None:
    items = TensorDataset(torch.rand(40, 3, 8, 8), torch.arange(40) % 2)
    generator = torch.Generator().manual_seed(1)
    loader = DataLoader(items, batch_size=6, shuffle=True, generator=generator)
    with pytest.raises(DataError, match=r"came in another order the second time.*shuffle=False"):
        make_picture_learner(loader).tta()


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"n": 0}, "n=0 was given; allowed is 1 view and above; try 4"),
        ({"n": True}, "n=True was given"),
        ({"n": 1.5}, "n=1.5 was given"),
        ({"beta": -0.1}, r"beta=-0.1 was given; allowed is 0 \(augmented only\) to 1"),
        ({"beta": math.nan}, "beta=nan was given"),
    ],
)
def test_views_and_weights_that_mean_nothing_are_refused(
    settings: dict[str, Any], words: str
) -> None:
    with pytest.raises(SettingError, match=words):
        make_picture_learner().tta(**settings)


def test_data_without_pictures_is_refused() -> None:
    with pytest.raises(DataError, match=r"shape \(8, 3\) were given; test-time .* use predictions"):
        make_learner().tta()


def test_several_inputs_are_refused() -> None:
    class Two(nn.Linear):
        def forward(self, first: Tensor, second: Tensor) -> Tensor:
            return super().forward(first)

    pairs = [((torch.rand(4, 3), torch.rand(4, 3)), LABELS[:4])]
    with pytest.raises(DataError, match="inputs of shape tuple were given; test-time"):
        make_learner((pairs, pairs), Two(3, 2)).tta()


def test_an_empty_set_is_refused() -> None:
    with pytest.raises(
        DataError, match="nothing to predict: the data gave no batch; check the set"
    ):
        make_learner((plain_batches(), [])).predictions()
