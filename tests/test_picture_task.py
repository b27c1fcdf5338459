"""Picture to picture: the task, its metrics against slow loops, what it refuses."""

from __future__ import annotations

import math

import pytest
import torch
from torchmetrics.functional.image import structural_similarity_index_measure

from tenfold.errors import ModelError, SettingError
from tenfold.train.metrics import Scores
from tenfold.train.picture_task import decibels
from tenfold.train.task import make_task, picture

SHAPE = (3, 3, 16, 16)


def test_pixel_losses_are_means_of_absolute_and_of_squared_differences() -> None:
    made, wanted = torch.rand(SHAPE), torch.rand(SHAPE)
    gaps = (made - wanted).flatten().tolist()
    assert math.isclose(
        float(picture().loss(made, wanted)), sum(map(abs, gaps)) / len(gaps), rel_tol=1e-5
    )
    squares = sum(gap**2 for gap in gaps) / len(gaps)
    assert math.isclose(float(picture(loss="l2").loss(made, wanted)), squares, rel_tol=1e-5)


def test_psnr_and_ssim_are_means_over_pictures_however_they_are_batched() -> None:
    made, wanted = torch.rand(SHAPE), torch.rand(SHAPE)
    scores = Scores(("psnr", "ssim"), task=picture(), device=made.device)
    for part in (slice(0, 2), slice(2, 3)):
        scores.update(made[part], wanted[part])
    found = scores.compute()
    each = [float((a - b).square().mean()) for a, b in zip(made, wanted, strict=True)]
    slow = [-10 * math.log10(error) for error in each]
    assert math.isclose(found["psnr"], sum(slow) / 3, rel_tol=1e-5)
    torch.testing.assert_close(decibels(made, wanted), torch.tensor(slow))
    ssim = [
        float(structural_similarity_index_measure(a[None], b[None], data_range=(0.0, 1.0)))
        for a, b in zip(made, wanted, strict=True)
    ]
    assert math.isclose(found["ssim"], sum(ssim) / 3, rel_tol=1e-4)


def test_the_task_is_made_again_from_its_settings_whatever_loss_it_was_trained_with() -> None:
    task = picture(loss="l2").with_loss(lambda outputs, targets: outputs.sum())
    again = make_task(task.name, dict(task.settings))
    assert (again.name, again.settings, again.outputs) == ("picture", (("loss", "l2"),), 3)


def refused(outputs: torch.Tensor, targets: torch.Tensor) -> str:
    with pytest.raises(ModelError) as caught:
        picture().check(outputs, targets)
    return str(caught.value)


def test_what_is_no_pair_of_pictures_is_refused() -> None:
    picture().check(torch.randn(SHAPE), torch.rand(SHAPE))
    assert "(3, 3, 16, 16) came with targets of (3,); picture to picture needs both" in refused(
        torch.rand(SHAPE), torch.rand(3)
    )
    assert "the model gives 1 outputs for each item; picture on this data needs 3" in refused(
        torch.rand(3, 1, 16, 16), torch.rand(3, 1, 16, 16)
    )
    assert "4 x 5 pixels were given; allowed are 6 x 6" in refused(*[torch.rand(1, 3, 4, 5)] * 2)
    whole = torch.full(SHAPE, 200, dtype=torch.uint8)
    assert "torch.uint8 from 200 to 200 were given; pictures to learn are floats" in refused(
        torch.rand(SHAPE), whole
    )
    with pytest.raises(SettingError, match="loss='l3' was given; allowed are l1 and l2; did you"):
        picture(loss="l3")
