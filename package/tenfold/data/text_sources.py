"""Where texts come from: lists, tables and folders, each text checked, and who validates."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from tenfold.data.folders import pictures_in as files_in
from tenfold.data.frames import by_column, read_labels, refuse_missing
from tenfold.data.split import label_groups, stratified_split
from tenfold.data.text_encoder import text_of
from tenfold.errors import DataError
from tenfold.text import counted, did_you_mean, listed

__all__ = ["TextSources", "TextSplit", "from_folder", "from_frame", "from_texts"]


@dataclass(frozen=True, eq=False)
class TextSplit:
    """Texts with their targets, if they have any, and where each stood in what was given."""

    texts: list[str]
    targets: Tensor | None
    places: list[Any]

    def rows(self, numbers: Tensor) -> TextSplit:
        """The texts with these numbers, in this order."""
        chosen = numbers.tolist()
        targets = None if self.targets is None else self.targets[numbers]
        places = [self.places[number] for number in chosen]
        return TextSplit([self.texts[number] for number in chosen], targets, places)


@dataclass(frozen=True, eq=False)
class TextSources:
    """The splits of a set of texts; `classes` is None for a language model's."""

    train: TextSplit
    valid: TextSplit
    test: TextSplit | None
    classes: list[str] | None

    def __post_init__(self) -> None:
        for name, split in (("training", self.train), ("validation", self.valid)):
            if not split.texts:
                raise DataError(f"there is no {name} text; at least one is needed; add some")
        if self.classes is not None and len(self.classes) < 2:
            raise DataError(
                f"a single class was found ({listed(self.classes)}); at least two are needed to "
                "tell apart; check the labels, or leave them out for a language model"
            )
        if self.classes is not None:
            self._check_known(self.classes)

    def _check_known(self, classes: list[str]) -> None:
        """Every class that validates is trained too."""
        strange = sorted(_seen(self.valid) - _seen(self.train))
        if strange:
            names = listed(classes[number] for number in strange)
            raise DataError(
                f"validation has {counted(len(strange), 'class')} that training lacks: {names}; a "
                "model cannot learn what it never sees; add training texts or take these out"
            )

    @property
    def splits(self) -> dict[str, TextSplit]:
        """Those there are, by name."""
        named = {"train": self.train, "valid": self.valid, "test": self.test}
        return {name: split for name, split in named.items() if split is not None}


def _seen(split: TextSplit) -> set[int]:
    assert split.targets is not None
    many = split.targets.ndim == 2
    found = split.targets.sum(0).nonzero().flatten() if many else split.targets.unique()
    return set(found.tolist())


def from_texts(
    texts: Sequence[Any],
    labels: Sequence[Any] | None,
    *,
    valid: float,
    valid_texts: Sequence[Any] | None,
    valid_labels: Sequence[Any] | None,
    test: Sequence[Any] | None,
    label_separator: str | None,
    seed: int,
) -> TextSources:
    """From lists: a share of the texts validates, or texts of their own."""
    own, own_labels = _listed(valid_texts), _listed(valid_labels)
    both = [*texts, *own]
    _check_pairs(texts, labels, "labels")
    if valid_texts is not None and labels is not None:
        _check_pairs(own, own_labels, "valid_labels")
    targets, classes = None, None
    if labels is not None:
        targets, classes = read_labels([*labels, *own_labels], "labels", label_separator)
    whole = _checked(both, targets, list(range(len(both))), "text")
    if valid_texts is None:
        train, checks = _divided(whole, valid, seed=seed)
    else:
        numbers = torch.arange(len(both))
        train, checks = whole.rows(numbers[: len(texts)]), whole.rows(numbers[len(texts) :])
    return TextSources(train, checks, _test(test), classes)


def _listed(given: Sequence[Any] | None) -> list[Any]:
    return [] if given is None else list(given)


def _check_pairs(texts: Sequence[Any], labels: Sequence[Any] | None, name: str) -> None:
    if isinstance(texts, str | bytes):
        raise DataError(
            f"one text was given ({texts!r:.40}); a list of texts is needed; put it in a list"
        )
    if labels is not None and len(labels) != len(texts):
        raise DataError(
            f"{counted(len(texts), 'text')} came with {len(labels):,} {name}; each text needs one; "
            "check how they were put together"
        )


def from_frame(
    frame: Any,
    *,
    text: str,
    label: str | None,
    label_separator: str | None,
    valid: float | str,
    test: Sequence[Any] | None,
    seed: int,
) -> TextSources:
    """From a DataFrame or a dict of lists: a column of texts, perhaps one of labels."""
    given = _column(frame, text, "text")
    refuse_missing(given, text, "drop the rows, as frame.dropna()")
    targets, classes = None, None
    if label is not None:
        targets, classes = read_labels(_column(frame, label, "label"), label, label_separator)
    places = list(getattr(frame, "index", range(len(given))))
    whole = _checked(given, targets, places, "row")
    if isinstance(valid, str):
        train, checks = by_column(whole, _column(frame, valid, "valid"), valid)
    else:
        train, checks = _divided(whole, valid, seed=seed)
    return TextSources(train, checks, _test(test), classes)


def _column(frame: Any, name: str, role: str) -> list[Any]:
    names = [str(column) for column in getattr(frame, "columns", frame)]
    if names.count(name) != 1:
        what = "no column" if name not in names else f"{names.count(name)} columns"
        raise DataError(
            f"the frame has {what} {name!r}; needed is one; it has {listed(names)}; name it with "
            f"{role}={did_you_mean(name, set(names) - {name})}"
        )
    return list(frame[name])


def from_folder(
    path: str | os.PathLike[str], *, label: bool, valid: float, encoding: str, seed: int
) -> TextSources:
    """From files, one text each: in folders of their classes, or for a language model anywhere."""
    root = Path(path).expanduser()
    if not root.is_dir():
        raise DataError(
            f"{root} is no folder; give one with train/ and valid/, or with a folder of text files "
            "for each class; label=False takes every file below it for a language model"
        )
    train = root / "train" if (root / "train").is_dir() else root
    own = next((root / name for name in ("valid", "val") if (root / name).is_dir()), None)
    classes = _class_folders(train) if label else None
    whole = _read_folder(train, classes, encoding)
    if own is not None and train != root:
        return TextSources(whole, _read_folder(own, classes, encoding), None, classes)
    parts = _divided(whole, valid, seed=seed)
    return TextSources(*parts, None, classes)


def _class_folders(folder: Path) -> list[str]:
    inside = (entry for entry in folder.iterdir() if entry.is_dir())
    names = sorted(entry.name for entry in inside if not entry.name.startswith("."))
    if not names:
        raise DataError(
            f"{folder} holds no folder; a folder of text files is needed for each class; make "
            "them, or give label=False for a language model"
        )
    return names


def _read_folder(folder: Path, classes: list[str] | None, encoding: str) -> TextSplit:
    groups = [folder] if classes is None else [folder / name for name in classes]
    found = [files_in(group) if group.is_dir() else [] for group in groups]
    files = [file for group in found for file in group]
    numbers = [number for number, group in enumerate(found) for _ in group]
    texts = [_read_file(file, encoding) for file in files]
    return TextSplit(texts, None if classes is None else torch.tensor(numbers), files)


def _read_file(file: Path, encoding: str) -> str:
    given: Any = file.read_bytes()
    if encoding.lower().replace("_", "-") not in ("utf-8", "utf8"):
        try:
            given = given.decode(encoding)
        except (UnicodeDecodeError, LookupError) as error:
            raise DataError(
                f"{file} cannot be read with encoding={encoding!r} ({error}); name the encoding "
                "that the file was written in"
            ) from error
    return text_of(given, str(file))


def _checked(texts: list[Any], targets: Tensor | None, places: list[Any], what: str) -> TextSplit:
    """Every text held to be one; the empty ones are told together."""
    empty = [
        place
        for place, text in zip(places, texts)
        if isinstance(text, str | bytes) and not text.strip()
    ]
    if empty:
        raise DataError(
            f"{counted(len(empty), 'text')} of {len(texts):,} {'is' if len(empty) == 1 else 'are'} "
            f"empty ({what} {listed(empty, most=5)}); a text needs one word at least; leave them "
            "out"
        )
    return TextSplit([text_of(t, f"{what} {p}") for p, t in zip(places, texts)], targets, places)


def _divided(whole: TextSplit, share: float, *, seed: int) -> tuple[TextSplit, TextSplit]:
    """Training and validation: `share` of every class, or of all texts, validates."""
    if whole.targets is None:
        groups = torch.zeros(len(whole.texts), dtype=torch.int64)
    else:
        groups = label_groups(whole.targets) if whole.targets.ndim == 2 else whole.targets
    train, valid = stratified_split(groups, share, seed=seed)
    return whole.rows(train), whole.rows(valid)


def _test(texts: Sequence[Any] | None) -> TextSplit | None:
    if texts is None:
        return None
    return _checked(list(texts), None, list(range(len(texts))), "test text")
