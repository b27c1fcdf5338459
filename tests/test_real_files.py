"""`tenfold.real` on the real files of TENFOLD_DATA: their counts, classes and columns."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas
import pytest
import torch

from tenfold.data import real

Needs = Callable[[str], Path]


def test_imagenette(needs_data: Needs) -> None:
    needs_data("imagenette128")
    data = real.imagenette(size=32, pictures=60)
    assert data.classes[1:3] == ["French horn", "cassette player"] and len(data.classes) == 10
    assert set(data.class_counts().values()) == {4, 5}
    assert len(data.train.targets) == 45 and len(data.valid.targets) == 15


def test_cifar10(needs_data: Needs) -> None:
    needs_data("cifar10")
    data = real.cifar10(pictures=120)
    assert data.class_counts() == dict.fromkeys(data.classes, 10)
    assert (len(data.valid.targets), data.size) == (20, (32, 32))


def test_fashion_mnist(needs_data: Needs) -> None:
    needs_data("fashion_mnist")
    data = real.fashion_mnist()
    assert set(data.class_counts().values()) == {6000}
    assert len(data.valid.targets) == 10_000


def test_imdb(needs_data: Needs) -> None:
    needs_data("imdb")
    data = real.imdb(texts=100)
    assert [len(data.texts[part]) for part in ("train", "valid")] == [50, 50]
    assert data.train.targets.sum() == 25


def test_wikitext(needs_data: Needs) -> None:
    folder = needs_data("wikitext2")
    data = real.wikitext()
    words = (folder / "valid.txt").read_text("utf-8").split()
    assert len(data.texts["valid"]) == 60 and len(data.texts["train"]) == 60
    assert sum(len(text.split()) for text in data.texts["valid"]) == len(words)


@pytest.mark.parametrize(
    ("name", "rows", "target"),
    [("adult", 32_561, "salary"), ("housing", 20_640, "median_house_value")],
)
def test_a_table(name: str, rows: int, target: str, needs_data: Needs) -> None:
    needs_data(name)
    data = getattr(real, name)()
    assert data.target == target
    assert len(data.train.targets) + len(data.valid.targets) == rows
    assert len(data.valid.targets) == pytest.approx(rows / 5, abs=1)


def test_pm25_keeps_the_last_year_for_validation(needs_data: Needs) -> None:
    frame = pandas.read_csv(needs_data("pm25") / "pollution.csv")
    last = frame[frame["year"] == 2014]["pm2.5"].dropna()
    data = real.pm25()
    assert len(data.valid.targets) == len(last)
    assert len(data.train.targets) == frame["pm2.5"].notna().sum() - len(last)
    assert torch.isfinite(data.train.targets).all()


def test_movielens(needs_data: Needs) -> None:
    needs_data("movielens")
    data = real.movielens()
    assert len(data.train.targets) + len(data.valid.targets) == 100_836
    assert (data.title(1), data.scale) == ("Toy Story (1995)", (0.5, 5.0))
    assert len(real.movielens(ratings=1000).valid.targets) == 100
