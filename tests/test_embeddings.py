"""The map of the validation set: what it is made of, how it is judged, what it refuses."""

from __future__ import annotations

import sys

import pytest
import torch
from inside_world import CLASSES, make_learner, make_net
from sklearn.decomposition import PCA
from torch import nn

from tenfold.errors import DataError, MissingPackageError, ModelError, SettingError
from tenfold.interpret.embeddings import embeddings, last_vectors
from tenfold.train.plan import Plan
from tenfold.train.task import multi_label, single_label

VECTORS = torch.randn(30, 6, generator=torch.Generator().manual_seed(2))
TARGETS = torch.arange(30) % 3
TASK = single_label(3)


def test_vectors_are_what_the_last_linear_layer_sees() -> None:
    net = make_net().eval()
    data = [(torch.rand(n, 3, 8, 8), torch.zeros(n, dtype=torch.int64)) for n in (5, 3)]
    vectors, outputs, _ = last_vectors(net, data, plan=Plan(threads=1))
    with torch.no_grad():
        torch.testing.assert_close(vectors, torch.cat([net[:7](x) for x, _ in data]))
        torch.testing.assert_close(outputs, torch.cat([net(x) for x, _ in data]))


def test_the_map_is_that_of_scikit_learn_but_for_the_sign() -> None:
    found = embeddings(VECTORS, VECTORS[:, :3], TARGETS, task=TASK, classes=CLASSES)
    wanted = torch.from_numpy(PCA(2).fit_transform(VECTORS.numpy()))
    torch.testing.assert_close(found.places.abs(), wanted.abs(), rtol=1e-3, atol=1e-4)


def test_neighbours_are_those_of_a_loop() -> None:
    found = embeddings(VECTORS, VECTORS[:, :3], TARGETS, task=TASK, classes=CLASSES)
    alike = 0
    for place, vector in enumerate(VECTORS):
        apart = [
            (float((vector - other).norm()), n) for n, other in enumerate(VECTORS) if n != place
        ]
        alike += int(TARGETS[min(apart)[1]] == TARGETS[place])
    assert found.neighbours == pytest.approx(alike / 30)


def test_t_sne_repeats_itself_and_leaves_the_random_numbers() -> None:
    before = torch.get_rng_state()
    told = {"task": TASK, "classes": CLASSES, "way": "tsne", "seed": 3}
    one, other = (embeddings(VECTORS, VECTORS[:, :3], TARGETS, **told) for _ in range(2))
    assert torch.equal(one.places, other.places) and torch.equal(before, torch.get_rng_state())


def test_the_table_has_the_nearest_class_and_the_picture_every_item() -> None:
    vectors = torch.tensor([[0.0, 0.0], [0.1, 0.0], [1.0, 0.0], [1.1, 0.0], [9.0, 0.0], [9.1, 0.0]])
    kinds = torch.tensor([0, 0, 1, 1, 2, 2])
    outputs = torch.eye(3)[[0, 1, 1, 1, 2, 2]]
    found = embeddings(vectors, outputs, kinds, task=TASK, classes=CLASSES)
    assert found.table[1:] == [
        ["cat", "2", "1", "a dog"], ["a dog", "2", "2", "cat"], ["owl", "2", "2", "a dog"]
    ]  # fmt: skip
    dots = found.plot().axes[0].collections
    assert (
        sum(len(one.get_offsets()) for one in dots[:-1]) == 6 and len(dots[-1].get_offsets()) == 1
    )


def test_a_learner_lays_its_validation_set_flat() -> None:
    found = make_learner().embeddings()
    assert found.vectors.shape == (20, 80) and found.classes == CLASSES


def test_what_has_no_map_is_refused() -> None:
    with pytest.raises(SettingError, match=r"way='tnse' was given; .*mean 'tsne'"):
        make_learner().embeddings(way="tnse")
    with pytest.raises(SettingError, match="asked for with multi label; it needs one class"):
        embeddings(VECTORS, VECTORS, TARGETS, task=multi_label(3), classes=CLASSES)
    with pytest.raises(DataError, match="a map needs 4 items and more, and there are 3"):
        embeddings(VECTORS[:3], VECTORS[:3, :3], TARGETS[:3], task=TASK, classes=CLASSES)
    net, data = nn.Sequential(nn.Conv2d(3, 2, 1), nn.Flatten()), [(torch.rand(2, 3, 1, 1),) * 2]
    with pytest.raises(ModelError, match="Sequential has no linear layer at its end"):
        last_vectors(net, data, plan=Plan(threads=1))


def test_without_scikit_learn_t_sne_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sklearn.manifold", None)
    with pytest.raises(MissingPackageError, match=r't-SNE needs scikit-learn, .*way="pca"'):
        embeddings(VECTORS, VECTORS, TARGETS, task=TASK, classes=CLASSES, way="tsne")
