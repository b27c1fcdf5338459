"""`tenfold.real`: sets that are found, cut down or missing, in folders made up for the test."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import numpy as np
import pandas
import pytest
from PIL import Image

import tenfold
from tenfold.data import real, samples
from tenfold.data.real.catalogue import SETS, find, named
from tenfold.data.real.fewer import fewer
from tenfold.errors import FileError, SettingError


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is TENFOLD_DATA; the cache is empty too."""
    monkeypatch.setenv("TENFOLD_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("TENFOLD_CACHE", str(tmp_path / "cache"))
    (tmp_path / "data").mkdir()
    return tmp_path / "data"


def test_it_is_a_door_of_tenfold_beside_the_samples() -> None:
    assert tenfold.real is real
    assert set(real.__all__) == set(SETS)
    with pytest.raises(AttributeError, match="no attribute 'mnist'"):
        _ = real.mnist


@pytest.mark.parametrize("name", [name for name, one in SETS.items() if not one.by_hand])
def test_a_set_that_is_not_there_says_the_line_that_gets_it(name: str, home: Path) -> None:
    with pytest.raises(
        FileError, match=rf"{name} is not in .*get it with `tenfold data get {name}"
    ):
        getattr(real, name)()


@pytest.mark.parametrize("name", ["rossmann", "plant_seedlings", "wikitext"])
def test_a_set_that_is_got_by_hand_says_how(name: str, home: Path) -> None:
    with pytest.raises(FileError, match=rf"{name} is not in .*; to get it, .*FOLDER"):
        getattr(real, name)()


def test_an_unknown_set_names_the_nearest() -> None:
    with pytest.raises(SettingError, match=r"no data set 'movielense'; did you mean 'movielens'\?"):
        named("movielense")


def test_tenfold_data_comes_before_the_downloads(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for place in (home, tmp_path / "cache" / "real"):
        (place / "adult").mkdir(parents=True)
        (place / "adult" / "adult.csv").touch()
    assert find("adult") == home / "adult" / "adult.csv"
    monkeypatch.delenv("TENFOLD_DATA")
    assert find("adult") == tmp_path / "cache" / "real" / "adult" / "adult.csv"


def test_half_a_set_is_not_found(home: Path) -> None:
    (home / "imdb").mkdir()
    (home / "imdb" / "labelled.csv.gz").touch()
    assert find("imdb") is None


def test_fewer_items_keep_the_classes_and_the_splits_even() -> None:
    rng = np.random.default_rng(1)
    labels, validates = rng.permutation(np.repeat([0, 1, 2], [500, 100, 60])), rng.random(660) < 0.3
    chosen = fewer(validates, 66, name="pictures", labels=labels)
    assert abs(len(chosen) - 66) <= 1 and len(set(chosen)) == len(chosen)
    assert abs(validates[chosen].mean() - validates.mean()) < 0.02
    for part in (validates, ~validates):
        counts = np.bincount(labels[[number for number in chosen if part[number]]])
        assert counts.max() - counts.min() <= 1
    assert (chosen == fewer(validates, 66, name="pictures", labels=labels)).all()
    assert (chosen != fewer(validates, 66, name="pictures", labels=labels, seed=1)).any()


def test_more_than_there_are_is_all() -> None:
    assert fewer(np.zeros(30, bool), 1000, name="rows").tolist() == list(range(30))


@pytest.mark.parametrize("most", [3, True, 50.5, "many"])
def test_a_number_of_items_that_makes_no_sense_is_refused(most: object) -> None:
    with pytest.raises(SettingError, match=rf"rows={most!r} was given; allowed is a whole number"):
        fewer(np.zeros(30, bool), most, name="rows")  # type: ignore[arg-type]


def contest(folder: Path) -> pandas.DataFrame:
    """The two files of Rossmann's contest, from the sample that has its columns."""
    frame = samples.sales_frame(stores=6, days=100)
    kinds = ["StoreType", "Assortment", "CompetitionDistance"]
    frame.groupby("Store")[kinds].first().reset_index().to_csv(folder / "store.csv", index=False)
    frame.drop(columns=kinds).iloc[::-1].to_csv(folder / "train.csv", index=False)
    return frame


def test_the_files_of_rossmanns_contest_become_what_the_sample_is(tmp_path: Path) -> None:
    frame = contest(tmp_path)
    data = real.rossmann(tmp_path)
    sold = frame[frame["Sales"] > 0]
    last = sold["Date"].isin(sorted(sold["Date"].unique())[-42:])
    assert (data.target, data.log) == ("Sales", True)
    assert len(data.valid.targets) == last.sum()
    assert len(data.train.targets) == len(sold) - last.sum()
    assert data.valid.targets.flatten().tolist() == sold[last]["Sales"].tolist()


def test_a_folder_without_the_contest_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileError, match=r"has no train.csv and no store.csv; give the folder"):
        real.rossmann(tmp_path)
    with pytest.raises(FileError, match="has no folder train; give the folder"):
        real.plant_seedlings(tmp_path)


def test_the_files_of_the_seedlings_contest(tmp_path: Path) -> None:
    samples.write_seedlings(tmp_path / "drawn", 120, size=32)
    (tmp_path / "drawn" / "train").rename(tmp_path / "train")
    (tmp_path / "test").mkdir()
    Image.new("RGB", (32, 32)).save(tmp_path / "test" / "0021e90e4.png")
    data = real.plant_seedlings(tmp_path, size=24, valid=0.25)
    assert len(data.classes) == 12
    assert data.test is not None and len(data.files["test"]) == 1


def test_imagenette_without_pictures_is_said(home: Path) -> None:
    for part in ("train", "val"):
        (home / "imagenette128" / part / "n01440764").mkdir(parents=True)
    with pytest.raises(FileError, match=r"no pictures in .*imagenette128; delete it"):
        real.imagenette()


def test_cifar10_as_jpegs_is_decoded_once(home: Path) -> None:
    file = home / "cifar10" / "cifar10_jpg.zip"
    file.parent.mkdir()
    with zipfile.ZipFile(file, "w") as archive:
        for number in range(40):
            content = io.BytesIO()
            Image.new("RGB", (32, 32), (6 * number, 0, 0)).save(content, "JPEG")
            part = "test" if number % 4 == 0 else "train"
            name = f"{part}/{('cat', 'dog')[number % 2]}/{number:04}.jpg"
            archive.writestr(name, content.getvalue())
    first, again = real.cifar10(), real.cifar10()
    assert (first.classes, len(first.train.targets), len(first.valid.targets)) == (
        ["cat", "dog"], 30, 10,
    )  # fmt: skip
    assert first.fingerprint == again.fingerprint
    assert len(list((home.parent / "cache").glob("cifar10-*.npz"))) == 1
    assert len(real.cifar10(pictures=20).train.targets) == 15


def test_a_damaged_file_of_arrays_is_said(home: Path) -> None:
    (home / "fashion_mnist").mkdir()
    (home / "fashion_mnist" / "fashion_mnist.npz").write_bytes(b"PK\x03\x04 and no more")
    with pytest.raises(FileError, match=r"fashion_mnist.npz cannot be read \(.*\); delete it"):
        real.fashion_mnist()


def test_wikitext_is_read_by_articles_and_trains_on_train(home: Path) -> None:
    history = " = = History = = \n\n It was \n = x = \n so . \n"
    text = f" \n = A = \n \n One fine day . \n\n{history} \n = B = \n\n No . \n"
    (home / "wikitext2").mkdir()
    for part, times in (("train", 3), ("valid", 1), ("test", 2)):
        (home / "wikitext2" / f"{part}.txt").write_text(text * times)
    data = real.wikitext(least_count=1)
    assert (len(data.texts["train"]), len(data.texts["valid"])) == (6, 2)
    assert data.texts["valid"][0].startswith("= A =\n\nOne fine day .")
    (home / "wikitext2" / "train.txt").unlink()
    assert len(real.wikitext(least_count=1).texts["train"]) == 4
    (home / "wikitext2" / "valid.txt").write_text("Nothing.")
    with pytest.raises(FileError, match='has no line " = Title = " at which'):
        real.wikitext()
