from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from mask_world import CLASSES, make_data, make_learner, squares
from torch import nn

from tenfold.errors import DataError, ModelError, SettingError
from tenfold.interpret.mask_prediction import MaskPrediction
from tenfold.learner import Learner
from tenfold.learners import unet_learner
from tenfold.predictor import load
from tenfold.techniques.tta import tta_views
from tenfold.train.pixel_scores import class_ious, count_pixels
from tenfold.train.task import pixel_labels, single_label


@pytest.fixture(scope="module")
def trained() -> Learner:
    learn = make_learner()
    learn.fit_one_cycle(4, 1e-2)
    learn.unfreeze()
    learn.fit_one_cycle(8, "1e-4:1e-2")
    return learn


def test_a_unet_on_the_bundled_body_learns_shapes_in_a_few_steps(trained: Learner) -> None:
    scores = trained.score(*trained.predictions())
    assert scores["pixel_accuracy"] > 0.95 and scores["mean_iou"] > 0.8
    assert trained.history.rows[-1]["mean_iou"] == pytest.approx(scores["mean_iou"])


def test_the_groups_freeze_and_train_as_those_of_every_vision_model() -> None:
    learn = make_learner()
    frozen = {name: value.clone() for name, value in learn.model.body.state_dict().items()}
    head = learn.model.head.last.weight.clone()
    learn.fit(1, 1e-3)
    assert all(torch.equal(frozen[n], v) for n, v in learn.model.body.state_dict().items())
    assert not torch.equal(head, learn.model.head.last.weight)
    learn.unfreeze()
    run = learn.fit(1, "1e-5:1e-3")
    assert [group["lr"] for group in run.optimizer.param_groups[::2]] == [1e-5, 1e-4, 1e-3]
    assert not torch.equal(frozen["stem.0.weight"], learn.model.body.stem[0].weight)


def test_random_weights_are_not_frozen_and_a_module_is_taken_as_it_is() -> None:
    assert make_learner(pretrained=False).model.body.stem[0].weight.requires_grad
    net = nn.Conv2d(3, 3, 1)
    learn = unet_learner(make_data(), net, quiet=True, device="cpu")
    assert learn.model is net and learn.fit(1, 1e-2).state == "finished"


def test_lr_find_puts_everything_back() -> None:
    learn = make_learner()
    before = copy.deepcopy(learn.model.state_dict())
    curve = learn.lr_find(steps=10)
    assert len(curve.losses) and all(
        torch.equal(before[name], value) for name, value in learn.model.state_dict().items()
    )


def test_growing_pictures_go_through_the_same_net(trained: Learner) -> None:
    learn = make_learner()
    learn.model.load_state_dict(trained.model.state_dict())
    before = learn.score(*learn.predictions())["pixel_accuracy"]
    learn.set_data(make_data(size=45))
    predictions, targets = learn.predictions()
    assert predictions.shape == (3, 3, 45, 45) and targets.shape == (3, 45, 45)
    assert learn.score(predictions, targets)["pixel_accuracy"] > before - 0.1
    assert learn.fit(1, 1e-3).state == "finished"


def test_other_classes_are_refused_by_set_data() -> None:
    with pytest.raises(DataError, match="other classes"):
        make_learner().set_data(make_data(classes=["soil", "square", "line"]))


def test_precompute_is_refused_because_the_head_needs_every_map() -> None:
    learn = make_learner()
    with pytest.raises(ModelError, match="needs a model from vision_learner"):
        learn.precompute = True


def test_masks_larger_than_the_outputs_are_refused_at_the_first_step() -> None:
    learn = unet_learner(make_data(), nn.Conv2d(3, 3, 2, stride=2), quiet=True, device="cpu")
    with pytest.raises(ModelError, match=r"masks of 32 x 32 pixels came with outputs of 16 x 16"):
        learn.fit(1, 1e-3)


def test_the_loss_is_chosen_by_the_task() -> None:
    learn = make_learner(task=pixel_labels(3, loss="cross_entropy+dice"))
    assert learn.fit(1, 1e-3).state == "finished"


# ---- looking ---------------------------------------------------------------------------------


def test_iou_is_counted_over_the_whole_validation_set(trained: Learner) -> None:
    predictions, targets = trained.predictions()
    counts = count_pixels(predictions.argmax(1), targets, classes=3, ignore=255)
    found = trained.iou()
    assert torch.equal(found.counts, counts) and found.classes == CLASSES
    ious = dict(zip(CLASSES, class_ious(counts).tolist(), strict=True))
    assert found.by_class == ious and found.mean == pytest.approx(sum(ious.values()) / 3)
    assert found.accuracy == trained.score(predictions, targets)["pixel_accuracy"]
    assert list(found.by_class.values()) == sorted(ious.values(), reverse=True)


def test_iou_shows_itself_as_words_a_table_and_bars(trained: Learner) -> None:
    found = trained.iou()
    assert repr(found).splitlines()[0] == found.summary
    assert found._repr_html_().count('<th scope="row"') == 3
    axes = found.plot().axes[0]
    assert [bar.get_width() for bar in axes.patches] == list(found.by_class.values())


def test_the_worst_masks_are_those_with_the_largest_loss(trained: Learner) -> None:
    found = trained.top_losses(2)
    predictions, targets = trained.predictions()
    losses = [
        trained.task.loss(row[None].log(), target[None]).item()
        for row, target in zip(predictions, targets, strict=True)
    ]
    order = sorted(range(3), key=lambda item: -losses[item])[:2]
    assert [item.index for item in found.items] == order
    assert [item.loss for item in found.items] == pytest.approx(
        [losses[i] for i in order], rel=1e-3
    )
    assert torch.equal(found.masks.long(), predictions.argmax(1)[order])
    wrong = [counts_of(predictions, targets, item) for item in order]
    assert [(item.actual, item.predicted) for item in found.items] == wrong


def counts_of(predictions: Any, targets: Any, item: int) -> tuple[str, str]:
    """The mistake that most pixels of an item made, by a slow loop."""
    pairs = zip(targets[item].flatten().tolist(), predictions[item].argmax(0).flatten().tolist())
    mistakes = [(CLASSES[a], CLASSES[p]) for a, p in pairs if a != p]
    return max(sorted(set(mistakes)), key=mistakes.count)


def test_picture_target_and_prediction_stand_side_by_side(trained: Learner) -> None:
    found = trained.top_losses(2)
    axes = [one for one in found.plot().axes if one.images]
    titles = [one.get_title() for one in axes]
    assert titles[1:3] == ["target", "prediction"] and titles[0] == found.items[0].title
    plain, target, predicted = (one.images[0].get_array() for one in axes[:3])
    assert (plain != target).any() and (target != predicted).any()


def test_a_prediction_is_a_mask_that_shows_itself(trained: Learner) -> None:
    pictures, masks = squares()
    found = trained.predict(pictures[0])
    assert isinstance(found, MaskPrediction) and found.mask.dtype == torch.uint8
    assert torch.equal(found.mask.long(), found.probabilities.argmax(0))
    assert (found.mask == masks[0]).float().mean() > 0.9
    assert sum(found.shares.values()) == pytest.approx(1) and found.label == "soil"
    assert len([axes for axes in found.plot().axes if axes.images]) == 2
    several = trained.predict([pictures[0], pictures[1]])
    assert isinstance(several, list) and torch.equal(several[0].mask, found.mask)


def test_an_exported_unet_gives_the_same_masks(trained: Learner, tmp_path: Path) -> None:
    picture = squares()[0][2]
    again = load(trained.export(tmp_path / "unet.safetensors"))
    expected = trained.predict(picture)
    assert torch.equal(again.predict(picture).mask, expected.mask)
    assert again.classes == CLASSES and again.task.settings == trained.task.settings


def test_a_saved_unet_trains_on(trained: Learner, tmp_path: Path) -> None:
    trained.save(tmp_path / "state.safetensors")
    learn = make_learner()
    learn.load(tmp_path / "state.safetensors")
    torch.testing.assert_close(learn.predictions()[0], trained.predictions()[0])


def test_mirrored_views_are_moved_back_before_they_are_averaged(trained: Learner) -> None:
    plain, targets = trained.predictions()
    mirrored = copy.copy(trained)
    mirrored.data = copy.copy(trained.data)
    mirrored.data.valid = copy.copy(trained.data.valid)
    mirrored.data.valid.inputs = trained.data.valid.inputs.flip(-1)
    back = mirrored.predictions()[0].flip(-1)
    found, again = trained.tta(n=4, beta=0.25)
    assert torch.equal(again, targets)
    torch.testing.assert_close(found, 0.25 * plain + 0.75 * back)


@pytest.mark.parametrize("dihedral", [True, False])
def test_every_view_of_a_picture_comes_back_as_it_was(dihedral: bool) -> None:
    from tenfold.data.augment import Augment

    picture = torch.rand(2, 3, 5, 7)
    views = tta_views(pixel_labels(2), Augment(dihedral=dihedral), n=9, corners=False)
    assert len(views) == (7 if dihedral else 1)
    seen = [view(picture, torch.Generator()) for view, _ in views]
    for moved, (_, back) in zip(seen, views, strict=True):
        assert torch.equal(back(moved), picture)
    assert len({tuple(moved.flatten().tolist()) for moved in seen}) == len(views)


def test_corners_are_refused_where_pixels_have_classes(trained: Learner) -> None:
    with pytest.raises(SettingError, match=r"corners=True was given with pixel labels; .*mirrored"):
        trained.tta(corners=True)


def test_iou_of_another_task_is_refused() -> None:
    items = [(torch.randn(4, 3), torch.tensor([0, 1, 0, 1]))]
    learn = Learner((items, items), nn.Linear(3, 2), task=single_label(2), quiet=True)
    with pytest.raises(SettingError, match=r"asked for with single label; .*from_masks, or use"):
        learn.iou()


LOOKS: dict[str, Callable[[Learner], Any]] = {
    "iou": lambda learn: learn.iou(),
    "top_losses": lambda learn: learn.top_losses(2).plot(),
    "predict": lambda learn: learn.predict(squares()[0][0]).plot(),
    "predictions": lambda learn: learn.predictions(),
    "tta": lambda learn: learn.tta(),
    "show_batch": lambda learn: learn.data.show_batch(2),
}


@pytest.mark.parametrize("look", LOOKS)
def test_looking_leaves_model_modes_hooks_and_random_numbers_as_they_were(
    look: str, trained: Learner
) -> None:
    model = trained.model
    model.train()
    model.body.stem.eval()
    before = copy.deepcopy(model.state_dict())
    modes, state = [module.training for module in model.modules()], torch.get_rng_state()
    LOOKS[look](trained)
    assert [module.training for module in model.modules()] == modes
    assert torch.equal(torch.get_rng_state(), state)
    assert all(torch.equal(before[name], value) for name, value in model.state_dict().items())
    assert not any(module._forward_hooks for module in model.modules())
