"""Where pictures come from: the files or arrays of each split, their targets, their classes."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from torch import Tensor

from tenfold.data.split import label_groups, stratified_split
from tenfold.errors import DataError
from tenfold.text import counted, listed

__all__ = ["Source", "Sources", "divided"]


@dataclass(frozen=True)
class Source:
    """One split: picture files, or pictures as uint8 (N, 3, H, W), with targets if it has any."""

    pictures: tuple[Path, ...] | Tensor
    targets: Tensor | None = None

    def __len__(self) -> int:
        return len(self.pictures)

    @property
    def files(self) -> list[Path]:
        """The files; none when the pictures came as arrays."""
        return [] if isinstance(self.pictures, Tensor) else list(self.pictures)

    def rows(self, numbers: Tensor) -> Source:
        """The items with these numbers, in this order."""
        targets = None if self.targets is None else self.targets[numbers]
        if isinstance(self.pictures, Tensor):
            return Source(self.pictures[numbers], targets)
        return Source(tuple(self.pictures[number] for number in numbers.tolist()), targets)


@dataclass(frozen=True)
class Sources:
    """The splits of a picture set with the names of its classes."""

    train: Source
    valid: Source
    test: Source | None
    classes: list[str]
    root: Path | None = None

    @property
    def splits(self) -> list[Source]:
        """Training, validation and, if there is one, test."""
        return [split for split in (self.train, self.valid, self.test) if split is not None]

    @property
    def many_labels(self) -> bool:
        """Whether a picture can carry several labels: targets are a 0/1 matrix."""
        return self.train.targets is not None and self.train.targets.ndim == 2

    @property
    def sides(self) -> tuple[int, int]:
        """Height and width of training pictures that came as arrays."""
        assert isinstance(self.train.pictures, Tensor)
        return int(self.train.pictures.shape[2]), int(self.train.pictures.shape[3])

    def checked(self) -> Sources:
        """Itself, when it can be learned from; otherwise DataError."""
        for name, split in (("training", self.train), ("validation", self.valid)):
            if not len(split):
                raise DataError(f"there is no {name} picture; at least one is needed; add some")
        known, validated = self._seen(self.train), self._seen(self.valid)
        if len(known | validated) < (1 if self.many_labels else 2):
            raise DataError(
                f"a single class was found ({listed(sorted(known | validated)) or 'none'}); at "
                "least two are needed to tell apart; check the folders or the labels"
            )
        self._check_known(known, validated)
        return self

    def _check_known(self, known: set[str], validated: set[str]) -> None:
        strange = [name for name in self.classes if name in validated - known]
        if strange:
            raise DataError(
                f"valid has {counted(len(strange), 'class')} that train lacks: {listed(strange)}; "
                "a model cannot learn what it never sees; add training pictures or take these out"
            )
        missing = [name for name in self.classes if name not in known]
        if missing and self.train.files:  # arrays may be a part of a larger set
            raise DataError(
                f"no training picture is left of the class {listed(missing)}; each class needs "
                "one; add pictures or take the class out"
            )

    def _seen(self, split: Source) -> set[str]:
        assert split.targets is not None
        many = split.targets.ndim == 2
        numbers = split.targets.sum(0).nonzero().flatten() if many else split.targets.unique()
        return {self.classes[number] for number in numbers.tolist()}

    def without(self, bad: set[Path]) -> Sources:
        """The same splits without these files."""
        return replace(
            self,
            train=_without(self.train, bad),
            valid=_without(self.valid, bad),
            test=None if self.test is None else _without(self.test, bad),
        )

    def fingerprint(self) -> str:
        """A key of the content: names, sizes and times of files or bytes of arrays, and targets."""
        digest = hashlib.blake2b(digest_size=16)
        for split in self.splits:
            if isinstance(split.pictures, Tensor):
                digest.update(split.pictures.cpu().contiguous().numpy().tobytes())
            else:
                digest.update(described(split.files, self.root).encode())
            if split.targets is not None:
                digest.update(split.targets.cpu().contiguous().numpy().tobytes())
        digest.update("\n".join(self.classes).encode())
        return digest.hexdigest()


def described(files: list[Path], root: Path | None) -> str:
    """Name, size and time of each file, a line for each; the names as seen from `root`."""
    lines = []
    for file in files:
        known = file.stat()
        name = file.relative_to(root) if root is not None and file.is_relative_to(root) else file
        lines.append(f"{name}\t{known.st_size}\t{known.st_mtime_ns}")
    return "\n".join(lines)


def divided(source: Source, share: float, *, seed: int) -> tuple[Source, Source]:
    """Training and validation parts of one source: `share` of every class validates."""
    assert source.targets is not None
    many = source.targets.ndim == 2
    groups = label_groups(source.targets) if many else source.targets
    train, valid = stratified_split(groups, share, seed=seed)
    if many:
        train, valid = _every_label_trains(source.targets, train, valid)
    return source.rows(train), source.rows(valid)


def _every_label_trains(labels: Tensor, train: Tensor, valid: Tensor) -> tuple[Tensor, Tensor]:
    """Move pictures with a label that only validates to training: rare labels, by bad luck."""
    unseen = labels[train].sum(0) == 0
    moves = labels[valid][:, unseen].sum(1) > 0
    return torch.cat([train, valid[moves]]).sort().values, valid[~moves]


def _without(split: Source, bad: set[Path]) -> Source:
    good = [number for number, file in enumerate(split.files) if file not in bad]
    return split.rows(torch.tensor(good, dtype=torch.long))
