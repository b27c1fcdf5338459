"""Picture sets for several labels from boxes as COCO keeps them: the classes in each picture.

Lin et al. 2014, "Microsoft COCO: Common Objects in Context", arXiv:1405.0312. Of the JSON only
`images`, `annotations` and `categories` are read.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from tenfold.data.folders import existing, unlabelled
from tenfold.data.sources import Source, Sources, divided
from tenfold.errors import DataError
from tenfold.text import counted, listed

__all__ = ["Given", "sources_from_coco"]

Given = str | os.PathLike[str] | Mapping[str, Any]


@dataclass(frozen=True)
class Boxes:
    """What a file says: the classes in its order, and those of each picture by file name."""

    classes: list[str]
    pictures: dict[str, set[str]]


def sources_from_coco(
    annotations: Given,
    folder: str | os.PathLike[str],
    *,
    valid: float | Given = 0.2,
    valid_folder: str | os.PathLike[str] | None = None,
    seed: int = 0,
    test: str | os.PathLike[str] | None = None,
) -> Sources:
    """The pictures of a COCO-style file below `folder`, each with the classes that it shows.

    `valid` is a share, or another such file, whose pictures lie in `valid_folder` or, without it,
    in `folder`. Classes without any picture are left out.
    """
    root = existing(Path(folder).expanduser())
    boxes = read_boxes(annotations)
    if isinstance(valid, float | int):
        names = _shown(boxes)
        train, held = divided(_source(boxes, root, names), valid, seed=seed)
        return Sources(train, held, unlabelled(root, test), names, root).checked()
    checks = read_boxes(valid)
    place = root if valid_folder is None else existing(Path(valid_folder).expanduser())
    names = list(dict.fromkeys([*_shown(boxes), *_shown(checks)]))
    train, held = _source(boxes, root, names), _source(checks, place, names)
    return Sources(train, held, unlabelled(root, test), names, root).checked()


def read_boxes(given: Given) -> Boxes:
    """Read a file, or what was read from one already.

    >>> read_boxes({"categories": [{"id": 7, "name": "cat"}],
    ...     "images": [{"id": 1, "file_name": "a.jpg"}, {"id": 2, "file_name": "b.jpg"}],
    ...     "annotations": [{"image_id": 1, "category_id": 7, "bbox": [0, 0, 5, 5]}]}).pictures
    {'a.jpg': {'cat'}, 'b.jpg': set()}
    """
    told, name = (given, "the mapping") if isinstance(given, Mapping) else (_json(given), given)
    try:
        classes = {one["id"]: str(one["name"]) for one in told["categories"]}
        files = {one["id"]: str(one["file_name"]) for one in told["images"]}
        pairs = [(one["image_id"], one["category_id"]) for one in told["annotations"]]
    except (KeyError, TypeError) as error:
        what = f"no {error}" if isinstance(error, KeyError) else "another form"
        raise DataError(
            f"{name} has {what} where COCO has one; it needs images (id, file_name), categories "
            "(id, name) and annotations (image_id, category_id); give such a file"
        ) from error
    pictures: dict[str, set[str]] = {file: set() for file in files.values()}
    for image, category in pairs:
        if image not in files or category not in classes:
            raise DataError(
                f"{name} has a box of image {image!r} and category {category!r}, and does not "
                "list them both; add what is missing, or take the box out"
            )
        pictures[files[image]].add(classes[category])
    if not pairs:
        raise DataError(f"{name} has no box, so there is nothing to learn; give a file with boxes")
    return Boxes(list(dict.fromkeys(classes.values())), pictures)


def _json(path: str | os.PathLike[str]) -> Any:
    file = Path(path).expanduser()
    if not file.is_file():
        raise DataError(f"there is no file {file}; give the JSON file with the boxes")
    try:
        return json.loads(file.read_text("utf-8"))
    except ValueError as error:
        raise DataError(f"{file} is no JSON ({error}); give the file with the boxes") from error


def _shown(boxes: Boxes) -> list[str]:
    """The classes that at least one picture shows."""
    seen = set[str]().union(*boxes.pictures.values())
    return [name for name in boxes.classes if name in seen]


def _source(boxes: Boxes, folder: Path, names: list[str]) -> Source:
    files = tuple(folder / name for name in boxes.pictures)
    absent = [str(file) for file in files if not file.is_file()]
    if absent:
        raise DataError(
            f"{counted(len(absent), 'picture')} of the boxes cannot be found: {listed(absent)}; "
            "check folder= and valid_folder="
        )
    rows = [[float(name in shown) for name in names] for shown in boxes.pictures.values()]
    return Source(files, torch.tensor(rows).view(len(rows), len(names)))
