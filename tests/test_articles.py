"""The articles' code, block by block as printed, after `from tenfold.articles import *`.

The blocks name VGG16, whose 528 MB of weights no test can download, so VGG16 stands for the
bundled network while they run; that the real name means torchvision's VGG16 is a test of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from picture_folders import drawn, two_splits

from tenfold import articles
from tenfold.articles import ConvLearner, ImageClassifierData, nano, tfms_from_model
from tenfold.errors import ModelError, SettingError, StateError

BLOCKS = [
    "model = VGG16",
    "data = ImageClassifierData.from_paths(PATH)",
    "learn = ConvLearner.pretrained(model, data, precompute=True)",
    "learn.freeze()",
    "learn.fit(0.1, epochs=3)",
    "learn.unfreeze()",
    "learn.fit([0.001, 0.01, 0.1], epochs=3)",
    "learn.lr_find()",
    "learn.sched.plot_lr()",
    "learn.sched.plot()",
    "learn.fit(0.1, 1)",
    "learn.fit(0.1, 3, cycle_len=1, cycle_mult=2)",
    "learn = ConvLearner.pretrained(model, data, ps=0.5, precompute=True)",
    """
def get_data(sz):
    tfms = tfms_from_model(model, sz)
    return ImageClassifierData.from_paths(PATH, tfms=tfms)
""",
    "learn.set_data(get_data(299))",
    "learn.fit(0.1, 3)",
    "preds, target = learn.TTA()",
]


def small_learner(root: Path, **more: Any) -> ConvLearner:
    tfms = tfms_from_model(nano, 32)
    return ConvLearner.pretrained(
        nano, ImageClassifierData.from_paths(two_splits(root), tfms=tfms, bs=4), **more
    )


@pytest.fixture(scope="module")
def learn(tmp_path_factory: pytest.TempPathFactory) -> ConvLearner:
    """One learner for the tests that only ask it something."""
    return small_learner(tmp_path_factory.mktemp("articles"))


def test_every_block_of_the_articles_runs_in_order(tmp_path: Path) -> None:
    few = {"cat": 2, "dog": 2}
    names: dict[str, Any] = {"PATH": drawn(tmp_path, train=few, valid=few)}
    exec("from tenfold.articles import *", names)
    names["VGG16"] = names["nano"]
    for block in BLOCKS:
        exec(block, names)
    assert names["preds"].shape == (4, 2) and names["target"].tolist() == [0, 0, 1, 1]
    assert torch.allclose(names["preds"].sum(1), torch.ones(4))
    assert names["learn"].learner.data.size == (299, 299)
    assert len(names["learn"].learner.history) == 3


def test_vgg16_is_torchvisions_with_and_without_brackets(
    learn: ConvLearner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "hub" / "checkpoints" / "vgg16-397923af.pth"
    file.parent.mkdir(parents=True)
    file.write_bytes(b"no weights")
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    for model in (articles.VGG16, articles.VGG16()):
        with pytest.raises(ModelError, match=r'weights of "vgg16" in .*vgg16-397923af.pth'):
            ConvLearner.pretrained(model, learn.learner.data)


def test_every_network_of_the_articles_has_a_backbone() -> None:
    from tenfold.models.backbone import backbone_names

    given = {name for name in vars(articles).values() if isinstance(name, articles.Architecture)}
    assert given <= set(backbone_names())


def test_a_list_of_rates_gives_each_layer_group_its_own(learn: ConvLearner) -> None:
    learn.fit([0.001, 0.01, 0.1], epochs=1)
    assert learn.learner.history.rates[-1].tolist() == [0.001, 0.01, 0.1]


def test_three_cycles_with_cycle_mult_2_last_1_and_2_and_4_epochs(tmp_path: Path) -> None:
    learn = small_learner(tmp_path, precompute=True)
    learn.fit(0.1, 3, cycle_len=1, cycle_mult=2)
    rates, steps = learn.learner.history.rates[:, -1], 2
    assert len(learn.learner.history) == 7
    assert [rates[steps * epoch] for epoch in (0, 1, 3)] == [0.1, 0.1, 0.1]


def test_ps_is_the_dropout_of_every_layer_of_the_head(learn: ConvLearner, tmp_path: Path) -> None:
    learner = small_learner(tmp_path, ps=0.3).learner
    rates = [m.p for m in learner.model.modules() if isinstance(m, torch.nn.Dropout)]
    assert rates == [0.3, 0.3]


def test_after_lr_find_plot_lr_shows_the_finder_and_after_fit_the_training(
    tmp_path: Path,
) -> None:
    learn = small_learner(tmp_path, precompute=True)
    curve = learn.lr_find()
    finding = learn.sched.plot_lr().axes[0].lines[0].get_ydata()
    learn.fit(0.1, 1)
    training = learn.sched.plot_lr().axes[0].lines[0].get_ydata()
    assert list(finding) == curve.rates.tolist() and list(training) == [0.1, 0.1]


def test_precompute_can_be_turned_off(tmp_path: Path) -> None:
    learn = small_learner(tmp_path, precompute=True)
    learn.precompute = False
    assert "precompute" not in repr(learn) and not learn.learner.precompute


@pytest.mark.parametrize("plot", ["plot", "plot_lr"])
def test_a_plot_before_anything_was_trained_says_what_to_call(plot: str, tmp_path: Path) -> None:
    learn = small_learner(tmp_path)
    with pytest.raises(StateError, match=r"learn.lr_find"):
        getattr(learn.sched, plot)()


@pytest.mark.parametrize("give", [{}, {"cycles": 1, "epochs": 1}])
def test_cycles_and_epochs_are_one_or_the_other(give: dict[str, int], learn: ConvLearner) -> None:
    with pytest.raises(SettingError, match=r"give one of them: learn.fit\(0.1, 3\)"):
        learn.fit(0.1, **give)


def test_the_star_import_brings_exactly_the_articles_names() -> None:
    names: dict[str, Callable[..., Any]] = {}
    exec("from tenfold.articles import *", names)
    assert {"VGG16", "ConvLearner", "ImageClassifierData", "tfms_from_model"} <= set(names)
    assert not {"Path", "Any", "os", "Tensor"} & set(names)
