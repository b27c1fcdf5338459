"""Picture folders: one folder for each class, with or without train/ and valid/ above them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import torch

from tenfold.data.sources import Source, Sources, divided
from tenfold.data.split import check_share
from tenfold.errors import DataError
from tenfold.text import counted, listed

__all__ = ["existing", "pictures_in", "sources_from_folder", "unlabelled"]

_NOT_DATA = {"thumbs.db", "desktop.ini"}


def sources_from_folder(
    path: str | os.PathLike[str],
    *,
    valid: float = 0.2,
    seed: int = 0,
    test: str | os.PathLike[str] | None = None,
) -> Sources:
    """Find the pictures of `path`, in one of two layouts, and split where that is asked for.

    Either train/ with a folder for each class, beside valid/ or val/ and perhaps test/ without
    labels; or the folders of the classes themselves. Without valid/, the share `valid` of every
    class validates. `test` names another folder of pictures without labels.
    """
    check_share(valid)
    root = existing(Path(path).expanduser())
    if not (root / "train").is_dir():
        return _from_classes(root, root, valid=valid, seed=seed, test=unlabelled(root, test))
    if test is None and (root / "test").is_dir():
        test = "test"
    more = unlabelled(root, test)
    for name in ("valid", "val"):
        if (root / name).is_dir():
            return _from_splits(root, root / name, test=more)
    return _from_classes(root, root / "train", valid=valid, seed=seed, test=more)


def pictures_in(folder: Path) -> list[Path]:
    """Every file below `folder`, sorted, but for hidden ones and what file managers leave."""
    return sorted(_walk(folder))


def _walk(folder: Path) -> Iterator[Path]:
    for here, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in names:
            if not name.startswith(".") and name.lower() not in _NOT_DATA:
                yield Path(here, name)


def existing(root: Path) -> Path:
    """The folder itself; DataError when there is none."""
    if root.is_dir():
        return root
    what = "is a file, not a folder" if root.exists() else "does not exist"
    raise DataError(
        f"{root} {what}; give a folder with train/ and valid/, or with a folder for each class"
    )


def unlabelled(root: Path, test: str | os.PathLike[str] | None) -> Source | None:
    """The pictures of the folder `test` below `root`, without targets; None when not asked for."""
    if test is None:
        return None
    folder = existing(root / test)
    files = pictures_in(folder)
    if not files:
        raise DataError(f"{folder} holds no picture; add some, or take the folder away")
    return Source(tuple(files))


def _from_splits(root: Path, valid: Path, *, test: Source | None) -> Sources:
    train, checks = _classes(root / "train"), _classes(valid)
    strange = sorted(set(checks) - set(train))
    if strange:
        raise DataError(
            f"{valid} has {counted(len(strange), 'class')} that train lacks: {listed(strange)}; "
            "a model cannot learn what it never sees; add training pictures or take these out"
        )
    names = list(train)
    return Sources(_source(train, names), _source(checks, names), test, names, root).checked()


def _from_classes(
    root: Path, folder: Path, *, valid: float, seed: int, test: Source | None
) -> Sources:
    classes = _classes(folder)
    without = set(test.files) if test is not None else set()
    classes = {name: files for name, files in classes.items() if not without.issuperset(files)}
    names = list(classes)
    if len(names) == 1:
        raise DataError(
            f"{folder} holds a single class ({names[0]}); at least two are needed to tell apart; "
            "put each class in a folder of its own"
        )
    train, checks = divided(_source(classes, names), valid, seed=seed)
    return Sources(train, checks, test, names, root).checked()


def _classes(folder: Path) -> dict[str, list[Path]]:
    """The files of every class folder; a folder without any is a mistake to be told of."""
    inside = sorted(entry for entry in folder.iterdir() if not entry.name.startswith("."))
    classes = {entry.name: pictures_in(entry) for entry in inside if entry.is_dir()}
    if not classes:
        loose = sum(entry.is_file() and entry.name.lower() not in _NOT_DATA for entry in inside)
        found = counted(loose, "file") + " but no folder" if loose else "nothing"
        raise DataError(
            f"{folder} holds {found}; it needs a folder of pictures for each class; make them, or "
            "use ImageData.from_csv when the labels are in a table"
        )
    empty = [name for name, files in classes.items() if not files]
    if empty:
        raise DataError(
            f"{counted(len(empty), 'class folder')} of {folder} without a picture: "
            f"{listed(empty)}; add pictures or take the folder away"
        )
    return classes


def _source(classes: dict[str, list[Path]], names: list[str]) -> Source:
    files = tuple(file for found in classes.values() for file in found)
    number = {name: number for number, name in enumerate(names)}
    numbers = [number[name] for name, found in classes.items() for _ in found]
    return Source(files, torch.tensor(numbers))
