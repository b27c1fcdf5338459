"""The loss around the weights: held to closed forms, resumed, and nothing is changed."""

from __future__ import annotations

import random
import signal
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from factories import make_learner, make_net, same, tensors
from torch import Tensor, nn

from tenfold.data.batches import Batches
from tenfold.errors import StateError, StoppedError
from tenfold.interpret.directions import filter_norms, random_direction
from tenfold.interpret.landscape import order
from tenfold.learner import Learner
from tenfold.models.initialise import initialise
from tenfold.train.random_state import random_state
from tenfold.train.task import number, single_label

SIZES = {"points": 5, "items": 16}


def line_learner(*, loss: Callable[[Tensor, Tensor], Tensor] | None = None) -> Learner:
    """Linear regression without a bias: its loss is a parabola in every direction."""
    generator = torch.Generator().manual_seed(3)
    inputs = torch.randn(24, 3, generator=generator)
    pairs = [(part, part.sum(1, keepdim=True) + 1) for part in inputs.split(8)]
    task = number() if loss is None else number().with_loss(loss)
    model = nn.Linear(3, 1, bias=False)
    nn.init.ones_(model.weight)
    return make_learner((pairs, pairs[:1]), model, task=task)


def hessian_of(learn: Learner) -> Tensor:
    inputs = torch.cat([batch for batch, _ in learn.data.train])
    return 2 * inputs.T @ inputs / len(inputs)


def test_every_filter_of_a_direction_is_as_long_as_that_of_the_weights() -> None:
    weights = {"filters": torch.randn(5, 2, 3, 3), "rows": torch.randn(4, 6), "bias": torch.ones(4)}
    direction = random_direction(weights, seed=1)
    assert set(direction) == {"filters", "rows"}
    for name, found in direction.items():
        for one, other in zip(found, weights[name], strict=True):
            assert one.norm().item() == pytest.approx(other.norm().item(), rel=1e-5)
    assert same(direction, random_direction(weights, seed=1))
    assert not same(direction, random_direction(weights, seed=2))
    assert random_direction({"zero": torch.zeros(2, 2)}, seed=0)["zero"].abs().max() == 0


@pytest.mark.parametrize("seed", [0, 1])
def test_a_direction_is_not_the_one_in_which_a_net_of_the_same_seed_began(seed: int) -> None:
    layer = initialise(nn.Linear(100, 50), seed=seed)
    direction = random_direction({"w": layer.weight.detach()}, seed=seed)["w"]
    cosine = nn.functional.cosine_similarity(direction.flatten(), layer.weight.flatten(), dim=0)
    assert abs(cosine.item()) < 0.05


def test_the_loss_on_a_plane_equals_the_closed_form() -> None:
    learn = line_learner()
    found = learn.landscape(points=5, radius=0.8, items=24, seed=4)
    weight, start = learn.model.weight.detach(), found.loss
    first, second = (random_direction({"w": weight}, seed=seed)["w"] for seed in (4, 5))
    inputs, targets = (torch.cat(part) for part in zip(*learn.data.train, strict=True))
    for row, y in enumerate(found.along):
        for column, x in enumerate(found.along):
            moved = weight + float(x) * first + float(y) * second
            slow = ((inputs @ moved.T - targets) ** 2).mean().item()
            assert found.losses[row, column] == pytest.approx(slow, rel=1e-4)
    assert start == pytest.approx(1.0, rel=1e-4) and found.whole


def test_the_rise_and_the_eigenvalue_equal_those_of_the_hessian() -> None:
    learn = line_learner()
    found = learn.sharpness(0.3, directions=4, items=24, hessian=True)
    hessian, weight = hessian_of(learn), learn.model.weight.detach()
    steps = [0.3 * random_direction({"w": weight}, seed=seed)["w"] for seed in range(4)]
    wanted = [(step @ hessian @ step.T / 2).item() for step in steps]
    assert found.rises == pytest.approx(wanted, rel=1e-3)
    assert found.rise == pytest.approx(np.median(wanted), rel=1e-3)
    assert found.mean == pytest.approx(np.mean(wanted), rel=1e-3)
    assert found.eigenvalue == pytest.approx(torch.linalg.eigvalsh(hessian).max().item(), rel=0.02)
    assert "largest eigenvalue" in repr(found) and "<table>" in found._repr_html_()


def test_a_line_has_a_curve_for_each_direction_and_its_rise() -> None:
    learn = line_learner()
    found = learn.landscape(1, points=5, radius=0.6, directions=3, items=24)
    wanted = learn.sharpness(0.3, directions=3, items=24)
    assert found.losses.shape == (3, 5) and found.loss == pytest.approx(wanted.loss)
    sides = found.losses[:, [1, 3]]
    assert sides.mean(1) - found.loss == pytest.approx(wanted.rises, rel=1e-4)
    assert found.rise(0.3) == pytest.approx(np.median(sides) - found.loss)


def test_layers_of_other_sizes_that_compute_the_same_have_the_same_landscape() -> None:
    net = nn.Sequential(nn.Linear(3, 6, bias=False), nn.ReLU(), nn.Linear(6, 2, bias=False))
    other = nn.Sequential(nn.Linear(3, 6, bias=False), nn.ReLU(), nn.Linear(6, 2, bias=False))
    with torch.no_grad():
        other[0].weight.copy_(net[0].weight * 10)
        other[2].weight.copy_(net[2].weight / 10)
    losses = [make_learner(model=one).landscape(**SIZES).losses for one in (net, other)]
    np.testing.assert_allclose(losses[0], losses[1], rtol=1e-4)
    norms = filter_norms(net[0].weight), filter_norms(other[0].weight)
    torch.testing.assert_close(norms[0] * 10, norms[1])


def test_the_line_between_two_solutions_begins_at_one_and_ends_at_the_other() -> None:
    learn, other = line_learner(), line_learner()
    with torch.no_grad():
        other.model.weight.fill_(-1.0)
    found = learn.landscape(to=other, items=24)
    at = {float(place): float(loss) for place, loss in zip(found.along, found.losses[0])}
    assert at[0.0] == pytest.approx(learn.sharpness(items=24, directions=1).loss)
    assert at[1.0] == pytest.approx(other.sharpness(items=24, directions=1).loss)
    inputs, targets = (torch.cat(part) for part in zip(*learn.data.train, strict=True))
    middle = ((inputs @ torch.zeros(3, 1) - targets) ** 2).mean().item()
    assert at[0.5] == pytest.approx(middle, rel=1e-4)
    assert found.barrier == pytest.approx(0) and "no barrier between them" in found.words
    assert min(at) == -0.5 and max(at) == 1.5


def test_statistics_of_a_norm_move_along_the_line_too(tmp_path: Any) -> None:
    learn = make_learner()
    path = learn.save(tmp_path / "before.tenfold")
    before = learn.landscape(1, points=3, directions=1, items=32).loss
    learn.fit(2, 0.05)
    for other in (path, make_net(), make_learner().model.state_dict(), make_learner()):
        assert learn.landscape(to=other, points=5, items=32).whole
    found = learn.landscape(to=path, points=5, items=32)
    assert float(found.losses[0, found.along == 1][0]) == pytest.approx(before, rel=1e-5)


def test_several_batches_count_by_their_items() -> None:
    pairs = [(torch.ones(6, 3), torch.ones(6, 1)), (torch.ones(2, 3), torch.zeros(2, 1))]
    model = nn.Linear(3, 1, bias=False)
    nn.init.zeros_(model.weight)
    learn = make_learner((pairs, pairs), model, task=number())
    assert learn.sharpness(items=8, directions=1).loss == pytest.approx(6 / 8)
    assert learn.sharpness(items=6, directions=1).loss == pytest.approx(1.0)


def held(learn: Learner) -> Any:
    modes = [module.training for module in learn.model.modules()]
    hooks = [len(module._forward_hooks) for module in learn.model.modules()]
    grads = [weight.grad for weight in learn.model.parameters()]
    drawn = random_state()
    return tensors(learn.model), modes, hooks, grads, drawn["cpu"], drawn["python"], learn.run


def test_nothing_is_changed() -> None:
    learn = make_learner()
    learn.fit(1, 0.1)
    learn.model.late.eval()
    versions = [one._version for one in learn.model.parameters()]
    before = held(learn)
    learn.landscape(**SIZES)
    learn.landscape(1, **SIZES)
    learn.landscape(to=make_net(seed=3), **SIZES)
    learn.sharpness(items=8, directions=2, hessian=True)
    after = held(learn)
    assert same(before[:5], after[:5]) and before[5:] == after[5:]
    assert [one._version for one in learn.model.parameters()] == versions
    assert random.getstate() == before[5]


class Counting:
    """A loss that does something at one of its calls."""

    def __init__(self, at: int, action: Callable[[], Any]) -> None:
        self.calls, self.at, self.action = 0, at, action

    def __call__(self, outputs: Tensor, targets: Tensor) -> Tensor:
        self.calls += 1
        if self.calls == self.at:
            self.action()
        return nn.functional.mse_loss(outputs, targets)


@pytest.mark.parametrize("how", ["stop", "interrupt"])
def test_what_was_measured_is_kept_and_the_same_call_goes_on(how: str) -> None:
    whole = line_learner().landscape(**SIZES)
    learn: Learner
    end: dict[str, Callable[[], Any]] = {
        "stop": lambda: learn.run and learn.run.stop(),
        "interrupt": lambda: signal.raise_signal(signal.SIGINT),
    }
    loss = Counting(20, end[how])  # two batches for each point
    learn = line_learner(loss=loss)
    before = tensors(learn.model)
    part = learn.landscape(**SIZES)
    assert part.measured in (9, 10) and not part.whole and learn.run is None
    assert f"{part.measured} of 25 points of the landscape are measured; the same" in part.words
    assert "–" in repr(part) and part.plot() is not None
    calls = loss.calls
    found = learn.landscape(**SIZES)
    assert found is part and found.whole and loss.calls - calls == 2 * (25 - 10 + (10 - 9))
    np.testing.assert_allclose(found.losses, whole.losses)
    assert learn.landscape(**SIZES) is found and loss.calls - calls == 2 * 16
    assert same(before, tensors(learn.model))


def test_other_weights_other_settings_and_other_data_begin_anew() -> None:
    learn = line_learner()
    first = learn.landscape(**SIZES)
    assert learn.landscape(**SIZES, seed=1) is not first
    again = learn.landscape(**SIZES)
    with torch.no_grad():
        learn.model.weight.add_(1)
    moved = learn.landscape(**SIZES)
    assert moved is not again
    pairs = [(inputs * 2, targets) for inputs, targets in learn.data.train]
    learn.set_data((pairs, pairs))
    assert learn.landscape(**SIZES) is not moved


def test_a_stop_before_the_first_point_has_no_result() -> None:
    learn: Learner
    learn = line_learner(loss=Counting(1, lambda: learn.run and learn.run.stop()))
    with pytest.raises(StoppedError, match="so there is no result; nothing was changed"):
        learn.landscape(**SIZES)


def test_points_come_coarsely_first_and_each_once() -> None:
    points = order((9, 9), both=True)
    assert points[0] == (4, 4) and sorted(points) == [(r, c) for r in range(9) for c in range(9)]
    assert set(points[1:9]) == {(r, c) for r in (0, 4, 8) for c in (0, 4, 8)} - {(4, 4)}
    assert {row for row, _ in order((3, 5), both=False)[:3]} == {0, 1, 2}


def test_a_loss_that_is_no_number_is_far_away_and_is_drawn_around() -> None:
    def broken(outputs: Tensor, targets: Tensor) -> Tensor:
        loss = nn.functional.mse_loss(outputs, targets)
        return loss if loss < 1.2 else loss * float("nan")

    found = line_learner(loss=broken).landscape(**SIZES, radius=1.0)
    assert found.whole and np.isinf(found.losses).any() and found.loss < 1.2
    assert found.plot()._repr_png_()[:4] == b"\x89PNG"


def test_each_kind_has_its_picture_its_words_and_its_table() -> None:
    learn = make_learner()
    plane = learn.landscape(points=7, items=8)
    assert "over a plane around the weights" in plane.words
    assert plane.table[0] == ["place", "along the first", "along the second"]
    assert len(plane.table) == 8 and plane._repr_html_().startswith("<table><caption>the loss over")
    lines = learn.landscape(1, points=21, items=8)
    assert "along 3 random directions" in lines.words and len(lines.table) <= 12
    assert lines.table[0] == ["place", "direction 1", "direction 2", "direction 3"]
    between = learn.landscape(to=make_net(seed=2), points=5, items=8)
    pictures = [plane.plot(), plane.plot(surface=True), lines.plot(), between.plot()]
    assert all(one._repr_png_()[:4] == b"\x89PNG" for one in pictures)


def test_only_what_trains_is_moved() -> None:
    learn = make_learner()
    learn.freeze()
    found = learn.landscape(1, points=3, directions=1, radius=0.5, items=8)
    weights = {"head.weight": learn.model.head.weight.detach()}
    moved = make_net()
    with torch.no_grad():
        moved.head.weight.add_(random_direction(weights, seed=0)["head.weight"], alpha=0.5)
    wanted = make_learner(model=moved).sharpness(items=8, directions=1).loss
    assert found.losses[0, 2] == pytest.approx(wanted, rel=1e-5)
    learn.freeze_to(3)
    for look in (learn.landscape, learn.sharpness):
        with pytest.raises(StateError, match=r"no matrix and no filter.*learn\.unfreeze\(\)"):
            look()


def test_what_the_data_iterates_is_left_where_it_was() -> None:
    inputs, targets = torch.randn(32, 3), torch.arange(32) % 2
    data = Batches(inputs, targets, batch_size=8, shuffle=True)
    learn = make_learner((data, data), task=single_label(2))
    learn.summary()  # a plan is timed once
    data.epoch = 7
    learn.landscape(**SIZES)
    learn.summary()
    assert data.epoch == 7
