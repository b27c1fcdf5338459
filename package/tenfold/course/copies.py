"""A newer edition of a lesson is offered beside the student's copy, never over it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

__all__ = ["offer_newer"]


def offer_newer(source: Path, folder: Path) -> list[str]:
    """Put newer editions of the notebooks in `source` beside a student's copies in `folder`.

    A student's notebook tells the edition that it was made from, whatever was changed in it
    since. Where the course's is another, it is written under a name with its edition, as in
    03_a_title_newer_1a2b3c.ipynb, once. Returns the names that are new.
    """
    new = []
    for file in sorted(Path(source).glob("*.ipynb")):
        theirs, edition = Path(folder) / file.name, _edition(file)
        if not theirs.exists() or not edition or _edition(theirs) == edition:
            continue
        target = theirs.with_name(f"{file.stem}_newer_{edition[:6]}.ipynb")
        if not target.exists():
            shutil.copyfile(file, target)
            new.append(target.name)
    return new


def _edition(file: Path) -> str:
    """The edition in a notebook's metadata; empty where there is none, or it is no notebook."""
    try:
        return str(json.loads(file.read_text("utf-8"))["metadata"]["tenfold"]["edition"])
    except (ValueError, KeyError, TypeError):
        return ""
