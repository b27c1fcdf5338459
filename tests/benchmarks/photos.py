"""Real photos for the parts that train on them: all of Imagenette, or a share by links."""

from __future__ import annotations

import os
from pathlib import Path


def imagenette() -> Path:
    """The folder with train/ and val/; says what to set when it is not there."""
    home = os.environ.get("TENFOLD_DATA", "")
    folder = Path(home) / "imagenette128"
    if not home or not folder.exists():
        raise SystemExit("imagenette128 is needed: set TENFOLD_DATA to the folder that holds it")
    return folder


def some_photos(folder: Path, *, train: int, valid: int) -> Path:
    """Links to so many of the photos, as many of each class, under `folder`."""
    for name, wanted in (("train", train), ("val", valid)):
        classes = sorted(path for path in (imagenette() / name).iterdir() if path.is_dir())
        for path in classes:
            inside = folder / name / path.name
            inside.mkdir(parents=True)
            for photo in sorted(path.iterdir())[: wanted // len(classes)]:
                (inside / photo.name).symlink_to(photo)
    return folder
