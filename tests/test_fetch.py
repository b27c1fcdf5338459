"""What is downloaded becomes the layout that is read: made-up archives of the publishers' form."""

from __future__ import annotations

import gzip
import io
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from torchvision import datasets

from tenfold.data import real
from tenfold.data.real.catalogue import SETS, find
from tenfold.data.real.fetch import SOURCES, fetch
from tenfold.errors import FileError

Files = dict[str, bytes]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is TENFOLD_DATA, and empty."""
    monkeypatch.setenv("TENFOLD_DATA", str(tmp_path))
    return tmp_path


def giving(files: Files) -> Callable[..., Path]:
    """A stand-in for `download`: it gives these, by the last part of the address."""

    def get(url: str, target: Path, *, md5: str | None) -> Path:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(files[url.rpartition("/")[2]])
        return target

    return get


def tar(files: Files) -> bytes:
    whole = io.BytesIO()
    with tarfile.open(fileobj=whole, mode="w:gz") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return whole.getvalue()


def jpeg(shade: int) -> bytes:
    content = io.BytesIO()
    Image.new("RGB", (20, 16), (shade, 90, 30)).save(content, "JPEG")
    return content.getvalue()


def test_imagenette(home: Path) -> None:
    names = [f"imagenette2-160/{part}/{kind}/{number}.JPEG"
             for part in ("train", "val") for kind in ("n01440764", "n03888257")
             for number in range(2)]  # fmt: skip
    archive = tar({name: jpeg(shade * 20) for shade, name in enumerate(names)})
    place, words = fetch("imagenette", home, get=giving({"imagenette2-160.tgz": archive}))
    assert (place, words) == (home / "imagenette2-160", "its checksum is right")
    data = real.imagenette(size=16)
    assert data.classes == ["parachute", "tench"]
    assert (len(data.train.targets), len(data.valid.targets)) == (4, 4)
    assert [path.name for path in home.iterdir()] == ["imagenette2-160"]


def test_pets(home: Path) -> None:
    pictures = {f"images/{name}.jpg": jpeg(50) for name in ("Abyssinian_1", "great_pyrenees_2")}
    lists = {"annotations/trainval.txt": b"Abyssinian_1 1 1 1\ngreat_pyrenees_2 2 2 1\n",
             "annotations/test.txt": b"Abyssinian_1 1 1 1\n"}  # fmt: skip
    archives = {"images.tar.gz": tar(pictures), "annotations.tar.gz": tar(lists)}
    fetch("pets", home, get=giving(archives))
    data = real.pets(size=16)
    assert data.classes == ["abyssinian", "great pyrenees"]
    assert (len(data.train.targets), len(data.valid.targets)) == (2, 1)


def test_cifar10(home: Path) -> None:
    planes = np.zeros((2, 3, 32, 32), np.uint8)
    planes[1, 0, 3, 5] = 200  # the second picture has one red point
    rows = b"".join(bytes([number]) + planes[number].tobytes() for number in range(2))
    files = {f"data_batch_{number}.bin": rows for number in range(1, 6)}
    files |= {"test_batch.bin": rows, "batches.meta.txt": b"airplane\nautomobile\n\n"}
    archive = tar({f"cifar-10-batches-bin/{name}": content for name, content in files.items()})
    fetch("cifar10", home, get=giving({"cifar-10-binary.tar.gz": archive}))
    data = real.cifar10()
    assert data.classes == ["airplane", "automobile"]
    assert (len(data.train.targets), data.valid.targets.tolist()) == (10, [0, 1])
    with np.load(find("cifar10") or "") as stored:
        assert stored["x_test"][1, 3, 5].tolist() == [200, 0, 0]
        assert stored["x_test"].sum() == 200


def test_fashion_mnist(home: Path) -> None:
    shades = np.arange(3 * 28 * 28).reshape(3, 28, 28).astype(np.uint8)
    pictures, labels = bytes(16) + shades.tobytes(), bytes(8) + bytes([0, 9, 3])
    names = [url.rpartition("/")[2] for url, _ in SOURCES["fashion_mnist"]]
    contents = [gzip.compress(pictures if "images" in name else labels) for name in names]
    fetch("fashion_mnist", home, get=giving(dict(zip(names, contents, strict=True))))
    data = real.fashion_mnist()
    assert data.classes[9] == "Ankle boot"
    assert data.valid.targets.tolist() == [0, 9, 3]
    with np.load(find("fashion_mnist") or "") as stored:
        assert (stored["x_train"] == shades).all()


def test_imdb(home: Path) -> None:
    files = {f"aclImdb/{part}/{kind}/{number}_{stars}.txt": f"Film {number} is {kind}.".encode()
             for part in ("train", "test") for kind, stars in (("pos", 9), ("neg", 2))
             for number in range(12)}  # fmt: skip
    files |= {f"aclImdb/train/unsup/{number}_0.txt": b"A film, perhaps." for number in range(30)}
    files["aclImdb/train/urls_pos.txt"] = b"http://nowhere"
    archive = tar(files)
    fetch("imdb", home, get=giving({"aclImdb_v1.tar.gz": archive}))
    data = real.imdb(least_count=1)
    assert data.classes == ["neg", "pos"]
    assert len(data.texts["train"]) == len(data.texts["valid"]) == 24
    everything = real.imdb(labels=False, least_count=1).texts
    assert len(everything["train"]) + len(everything["valid"]) == 24 + 30


def test_movielens_says_that_there_is_no_checksum(home: Path) -> None:
    whole = io.BytesIO()
    rows = [f"{user},{film},{(user + film) % 5 + 0.5},9" for user in range(9) for film in range(9)]
    with zipfile.ZipFile(whole, "w") as archive:
        ratings = "\n".join(["userId,movieId,rating,timestamp", *rows])
        archive.writestr("ml-latest-small/ratings.csv", ratings)
        films = "\n".join(["movieId,title,genres", *(f"{n},Film {n},Drama" for n in range(9))])
        archive.writestr("ml-latest-small/movies.csv", films)
        archive.writestr("ml-latest-small/README.txt", "Read me.")
    get = giving({"ml-latest-small.zip": whole.getvalue()})
    _, words = fetch("movielens", home, get=get)
    assert words == "no checksum is published; it has its columns and 81 rows"
    data = real.movielens()
    assert (data.title(3), data.scale) == ("Film 3", (0.5, 5.0))


def person(work: str, label: str) -> str:
    education = "Bachelors, 13, Never-married, Sales, Husband, White, Male"
    return f"39, {work}, 77516, {education}, 2174, 0, 40, Cuba, {label}"


def test_adult_gets_its_header_and_its_gaps(home: Path) -> None:
    kinds = [("?", "<=50K"), ("Private", ">50K"), ("Private", "<=50K")]
    rows = "\n".join(person(*kinds[number % 3]) for number in range(32_561))
    _, words = fetch("adult", home, get=giving({"adult.data": rows.encode()}))
    assert words.endswith("32,561 rows")
    assert real.adult(rows=1000).classes == ["<50k", ">=50k"]
    assert "39,,77516,Bachelors" in (home / "adult" / "adult.csv").read_text()


def test_adult_with_other_classes_is_refused(home: Path) -> None:
    with pytest.raises(FileError, match="has other classes than <=50K and >50K"):
        fetch("adult", home, get=giving({"adult.data": person("?", "rich").encode()}))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"<html>Log in to the net of this hotel</html>", "came with 0 rows and without median_"),
        (b"median_income,median_house_value,ocean_proximity\n1,2,INLAND\n", "expected are 20640"),
        (b"", "came as something that is no table"),
    ],
)
def test_what_came_instead_of_a_table_is_refused(home: Path, content: bytes, message: str) -> None:
    with pytest.raises(FileError, match=message):
        fetch("housing", home, get=giving({"housing.csv": content}))
    assert find("housing") is None


def test_housing_and_pm25_are_taken_as_they_are(home: Path) -> None:
    head = b"median_income,median_house_value,ocean_proximity\n"
    fetch("housing", home, get=giving({"housing.csv": head + b"1,2,INLAND\n" * 20_640}))
    head = b"No,year,month,day,hour,pm2.5,cbwd\n"
    table = head + b"1,2010,1,1,0,NA,NW\n" * 43_824
    fetch("pm25", home, get=giving({"PRSA_data_2010.1.1-2014.12.31.csv": table}))
    assert find("housing") and find("pm25")


def test_a_contest_of_kaggle_is_only_pointed_to(home: Path) -> None:
    with pytest.raises(FileError, match="rossmann cannot be downloaded for you; to get it, log in"):
        fetch("rossmann", home)


def test_every_set_can_be_downloaded_or_says_how_to_get_it() -> None:
    assert {name for name, one in SETS.items() if not one.by_hand} == set(SOURCES)


def test_addresses_and_checksums_are_those_of_torchvision() -> None:
    resources = datasets.FashionMNIST.resources
    clothes = {f"{datasets.FashionMNIST.mirrors[0]}{name}": md5 for name, md5 in resources}
    assert dict(SOURCES["fashion_mnist"]) == clothes
    assert SOURCES["pets"] == datasets.OxfordIIITPet._RESOURCES
    assert SOURCES["imagenette"][0] == datasets.Imagenette._ARCHIVES["160px"]
