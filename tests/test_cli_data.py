"""`tenfold data`: the list, a path for scripts, and what it says about getting a set."""

from __future__ import annotations

from pathlib import Path

import pytest

from tenfold.cli import main
from tenfold.cli.data import set_table, size_of
from tenfold.data.real.catalogue import SETS


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """TENFOLD_DATA with one set of three million bytes, and an empty cache."""
    monkeypatch.setenv("TENFOLD_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("TENFOLD_CACHE", str(tmp_path / "cache"))
    file = tmp_path / "data" / "adult" / "adult.csv"
    file.parent.mkdir(parents=True)
    file.write_bytes(bytes(3_000_000))
    return tmp_path


def test_the_list_says_of_every_set_where_it_is_or_how_to_get_it(home: Path) -> None:
    lines = {line.split()[0]: line for line in set_table().splitlines()}
    assert set(lines) == {"name", *SETS}
    assert lines["adult"].endswith(f"{home / 'data' / 'adult' / 'adult.csv'} (3 MB)")
    assert lines["imdb"].endswith("absent; tenfold data get imdb (84 MB)")
    assert lines["rossmann"].endswith("absent; tenfold data get rossmann says how")


def test_the_list_has_licences_and_what_the_samples_keep(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (home / "cache" / "real").mkdir(parents=True)
    (home / "cache" / "real" / "big").write_bytes(bytes(5_000_000))
    (home / "cache" / "seedlings.npz").write_bytes(bytes(2_000_000))
    assert main(["data", "list"]) == 0
    out = capsys.readouterr().out
    assert all(f"{name}: {one.licence}" in out for name, one in SETS.items())
    assert f"searched: {home / 'data'}, then {home / 'cache' / 'real'}" in out
    assert f"decoded pictures: 2 MB in {home / 'cache'}; it can be deleted" in out


def test_a_path_is_alone_on_its_line(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["data", "path", "adult"]) == 0
    assert main(["data", "path"]) == 0
    places = [home / "data" / "adult" / "adult.csv", home / "cache" / "real"]
    assert capsys.readouterr().out.splitlines() == list(map(str, places))


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["path", "imdb"], "get it with `tenfold data get imdb` (84 MB)"),
        (["path", "idmb"], "there is no data set 'idmb'; did you mean 'imdb'?"),
        (["get", "adult", "idmb"], "there is no data set 'idmb'; did you mean 'imdb'?"),
        (["get", "rossmann"], "rossmann cannot be downloaded for you; to get it, log in at kaggle"),
    ],
)
def test_what_cannot_be_done_is_one_line(
    words: list[str], message: str, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["data", *words]) == 1
    out, error = capsys.readouterr()
    assert message in error and error.count("\n") == 1
    assert out == ""


def test_what_is_there_is_not_downloaded_again(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["data", "get", "adult"]) == 0
    assert capsys.readouterr().out.startswith("adult is there already: ")


def test_a_set_is_as_large_as_its_files(tmp_path: Path) -> None:
    (tmp_path / "inner").mkdir()
    for file, size in ((tmp_path / "a", 10), (tmp_path / "inner" / "b", 5)):
        file.write_bytes(bytes(size))
    assert (size_of(tmp_path), size_of(tmp_path / "a")) == (15, 10)
