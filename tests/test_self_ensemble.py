"""TTA where each pixel has a prediction: every view is moved back before it is averaged."""

from __future__ import annotations

from itertools import product
from typing import Any

import mask_world
import pytest
import torch
from restoration_world import Gain, make_pictures, make_restorer
from torch import Tensor, nn

from tenfold.data.augment import Augment
from tenfold.data.images import ImageData
from tenfold.errors import SettingError
from tenfold.learner import Learner
from tenfold.picture_learners import restoration_learner

TURNS, FLIPS = range(4), (False, True)
ALL = list(product(TURNS, FLIPS))
ODD = (13, 22)
"""Neither square nor even: a turned picture has another shape."""


def slow(model: nn.Module, picture: Tensor, views: list[tuple[int, bool]], act: Any) -> Tensor:
    """The mean of the views, of which each pixel goes back by the number of its place."""
    height, width = picture.shape[-2:]
    places = torch.arange(height * width).view(height, width)
    total = 0.0
    for turns, flipped in views:
        seen, where = picture, places
        for _ in range(turns):  # a quarter turn: rows from the bottom become columns
            seen, where = seen.mT.flip(-1), where.mT.flip(-1)
        if flipped:
            seen, where = seen.flip(-2), where.flip(-2)
        with torch.no_grad():
            made = act(model(seen[None]))[0]
        back = torch.empty(len(made), height * width)
        back[:, where.flatten()] = made.flatten(1)
        total = total + back.view(-1, height, width)
    return total / len(views)


def pairs(sides: tuple[int, int], **more: Any) -> Any:
    height, width = sides
    clean = make_pictures(8, side=24)[:, :, :height, :width]
    given: dict[str, Any] = {"valid": 0.5, "batch_size": 3, "device": "cpu", **more}
    return ImageData.from_pairs(clean // 2, clean, **given)


class Leaning(nn.Module):
    """A network to which up, down, left and right are not the same."""

    def __init__(self) -> None:
        super().__init__()
        with torch.random.fork_rng():
            torch.manual_seed(1)
            self.layers = nn.Sequential(
                nn.Conv2d(3, 5, 3, padding=1), nn.ReLU(), nn.Conv2d(5, 3, 1)
            )

    def forward(self, pictures: Tensor) -> Tensor:
        return pictures + self.layers(pictures)


@pytest.mark.parametrize("sides", [(16, 16), ODD, (9, 9)])
def test_eight_views_are_turned_back_and_averaged_like_in_a_slow_loop(
    sides: tuple[int, int],
) -> None:
    learn = restoration_learner(pairs(sides), Leaning(), quiet=True, device="cpu")
    learn.plan(threads=1, precision="float32", channels_last=False)
    found, targets = learn.tta()
    inputs, wanted = learn.data.pairs(range(4))
    mean = [slow(learn.model, one, ALL, learn.task.activation) for one in inputs]
    torch.testing.assert_close(found, torch.stack(mean))
    assert torch.equal(targets, wanted) and not torch.equal(found, learn.predictions()[0])


def test_fewer_views_and_another_weight_can_be_asked_for() -> None:
    learn = restoration_learner(pairs(ODD), Leaning(), quiet=True, device="cpu")
    learn.plan(threads=1, precision="float32", channels_last=False)
    found = learn.tta(n=2, beta=0.5)[0]
    inputs, act = learn.data.pairs(range(4))[0], learn.task.activation
    for picture, mean in zip(inputs, found, strict=True):
        plain = slow(learn.model, picture, [(0, False)], act)
        # mirrored left and right is half a turn, then up and down
        views = slow(learn.model, picture, [(2, True), (3, False)], act)
        torch.testing.assert_close(mean, 0.5 * plain + 0.5 * views)
    assert torch.equal(learn.tta(beta=1)[0], learn.predictions()[0])


def test_what_treats_all_sides_alike_gains_nothing() -> None:
    learn = make_restorer(pairs(ODD))
    torch.testing.assert_close(learn.tta()[0], learn.predictions()[0])


def test_a_net_on_a_backbone_takes_odd_sizes_on_their_side() -> None:
    learn = restoration_learner(pairs(ODD), pretrained=False, quiet=True, device="cpu")
    learn.plan(threads=1, precision="float32", channels_last=False)
    found, targets = learn.tta()
    assert found.shape == targets.shape == (4, 3, *ODD)
    learn.model.eval()
    inputs = learn.data.pairs([2])[0]
    wanted = slow(learn.model, inputs[0], ALL, learn.task.activation)
    torch.testing.assert_close(found[2], wanted, atol=1e-4, rtol=1e-4)


def test_the_state_is_left_as_it_was_also_after_an_error() -> None:
    class Breaking(Gain):
        """Breaks off at pictures that lie on their side."""

        def forward(self, pictures: Tensor) -> Tensor:
            if self.breaks and pictures.shape[-1] == ODD[0]:
                raise ValueError("enough")
            return super().forward(pictures)

        breaks = False

    learn = restoration_learner(pairs(ODD), Breaking(), quiet=True, device="cpu")
    learn.fit(1, 0.01)
    before = {name: value.clone() for name, value in learn.model.state_dict().items()}
    modes, random = [module.training for module in learn.model.modules()], torch.get_rng_state()
    learn.tta()
    learn.model.breaks = True
    with pytest.raises(ValueError, match="enough"):
        learn.tta()
    assert torch.equal(random, torch.get_rng_state())
    assert modes == [module.training for module in learn.model.modules()]
    assert all(torch.equal(value, before[k]) for k, value in learn.model.state_dict().items())


def masks_learner(*, dihedral: bool) -> Learner:
    """A learner of masks of an odd size, whose net leans."""
    pictures, masks = mask_world.squares(side=24)
    height, width = ODD
    given: dict[str, Any] = {"classes": mask_world.CLASSES, "valid": 0.25, "batch_size": 2}
    given["augment"] = Augment(dihedral=dihedral)
    data = mask_world.MaskData.from_masks(
        pictures[:, :, :height, :width], masks[:, :height, :width], device="cpu", size=ODD, **given
    )
    return Learner(data, Leaning(), quiet=True, device="cpu")


@pytest.mark.parametrize("dihedral", [False, True])
def test_chances_of_pixels_are_averaged_like_in_a_slow_loop(dihedral: bool) -> None:
    learn = masks_learner(dihedral=dihedral)
    learn.plan(threads=1, precision="float32", channels_last=False)
    found, targets = learn.tta(n=7, beta=1 / 8 if dihedral else 1 / 2)
    views = ALL if dihedral else [(0, False), (2, True)]
    inputs = torch.cat([batch for batch, _ in learn.data.valid])
    mean = [slow(learn.model, one, views, learn.task.activation) for one in inputs]
    torch.testing.assert_close(found, torch.stack(mean))
    torch.testing.assert_close(found.sum(1), torch.ones(len(found), *ODD))
    assert torch.equal(targets, learn.predictions()[1])


def test_corners_are_refused_where_each_pixel_has_a_prediction() -> None:
    for learn, task in ((make_restorer(), "picture"), (masks_learner(dihedral=True), "pixel lab")):
        with pytest.raises(SettingError, match=rf"corners=True was given with {task}.*; a corner"):
            learn.tta(corners=True)
