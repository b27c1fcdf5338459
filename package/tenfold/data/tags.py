"""Picture sets for several labels from folders of tags: a picture lies in each of its tags."""

from __future__ import annotations

import filecmp
import os
from dataclasses import dataclass, field
from pathlib import Path

import torch

from tenfold.data.folders import existing, pictures_in, unlabelled
from tenfold.data.sources import Source, Sources, divided
from tenfold.errors import DataError

__all__ = ["sources_from_tags"]


@dataclass
class Tagged:
    """A picture and the folders that it was found in."""

    file: Path
    tags: set[str] = field(default_factory=set)


def sources_from_tags(
    path: str | os.PathLike[str],
    *,
    valid: float = 0.2,
    seed: int = 0,
    test: str | os.PathLike[str] | None = None,
) -> Sources:
    """Find the pictures of `path`, in the layouts of `sources_from_folder`, by their names.

    One name in several tag folders is one picture with several labels; a picture that lies
    beside the folders has none.
    """
    root = existing(Path(path).expanduser())
    more, parts = unlabelled(root, test), [root]
    if (root / "train").is_dir():
        checks = [root / name for name in ("valid", "val") if (root / name).is_dir()]
        parts = [root / "train", *checks[:1]]
    found = [_tagged(part) for part in parts]
    names = sorted({tag for pictures in found for one in pictures for tag in one.tags})
    if not names:
        raise DataError(
            f"{parts[0]} holds no folder with pictures; it needs a folder for each tag, with the "
            "pictures that carry it; make them, or use ImageData.from_csv with label_separator="
        )
    whole = [_source(pictures, names) for pictures in found]
    train, held = whole if len(whole) == 2 else divided(whole[0], valid, seed=seed)
    return Sources(train, held, more, names, root).checked()


def _tagged(folder: Path) -> list[Tagged]:
    """Every picture of the tag folders, and those beside them, sorted by name."""
    found: dict[str, Tagged] = {}
    for file in pictures_in(folder):
        tag, *inner = file.relative_to(folder).parts
        one = found.setdefault("/".join(inner or [tag]), Tagged(file))
        if one.file != file and not filecmp.cmp(one.file, file, shallow=False):
            raise DataError(
                f"{one.file} and {file} have one name and are different pictures; a picture with "
                "several tags lies in each of their folders under one name; rename one of the two"
            )
        one.tags |= {tag} if inner else set()
    return [found[name] for name in sorted(found)]


def _source(pictures: list[Tagged], names: list[str]) -> Source:
    rows = [[float(name in one.tags) for name in names] for one in pictures]
    return Source(
        tuple(one.file for one in pictures), torch.tensor(rows).view(len(rows), len(names))
    )
