"""Docstrings: real English prose that every install carries, as a corpus and as a problem.

The docstrings of the standard library and of four scientific packages, their names masked. A
language model learns how they are written; a classifier finds out which package one is from.
"""

from __future__ import annotations

import json
import os
import platform
import sysconfig
from collections.abc import Iterator
from contextlib import suppress
from importlib.metadata import version
from importlib.util import find_spec
from operator import index as whole
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tenfold.data.samples._docstrings import docstrings_in
from tenfold.data.split import check_share
from tenfold.device import cache_folder
from tenfold.errors import SettingError

if TYPE_CHECKING:
    import pandas

    from tenfold.data.texts import TextData

__all__ = ["PACKAGES", "docstring_frame", "docstrings"]

PACKAGES = ("matplotlib", "numpy", "pandas", "python", "torch")
VERSION = 1  # raise it when the masking changes, so that kept texts are read again
_EACH = 1500  # docstrings of one package
Rows = list[tuple[str, str]]  # file and text


def docstrings(
    texts: int = 3000, *, label: bool = True, valid: float = 0.2, seed: int = 0, **more: Any
) -> TextData:
    """Docstrings to classify by package, or with `label=False` to train a language model on.

    Whole files validate, so that no docstring is judged beside its twin. Installed versions
    differ, and so do the texts a little from machine to machine. They are read once (seconds) and
    kept in the cache folder. `more` are the arguments of `TextData`.

    >>> data = docstrings(200)
    >>> data.classes
    ['matplotlib', 'numpy', 'pandas', 'python', 'torch']
    """
    from tenfold.data.texts import TextData

    frame = docstring_frame(texts, valid=valid, seed=seed)
    column = "package" if label else None
    return TextData.from_frame(frame, label=column, valid="valid", seed=seed, **more)


def docstring_frame(texts: int = 3000, *, valid: float = 0.2, seed: int = 0) -> pandas.DataFrame:
    """The table of `docstrings`: text, package, file, and whether the row validates.

    >>> list(docstring_frame(50).columns)
    ['text', 'package', 'file', 'valid']
    """
    import pandas

    check_share(valid)
    _check_count(texts)
    rows = []
    for place, (package, found) in enumerate(_kept().items()):
        rng = np.random.default_rng([seed, place])
        share = texts // len(PACKAGES) + (place < texts % len(PACKAGES))
        chosen = [found[number] for number in rng.permutation(len(found))[:share]]
        held = _held(chosen, valid)
        rows += [(text, package, file, file in held) for file, text in chosen]
    return pandas.DataFrame(rows, columns=["text", "package", "file", "valid"])


def _held(rows: Rows, share: float) -> set[str]:
    """The files that validate: those of about `share` of the docstrings, one file at least."""
    counts: dict[str, int] = {}
    for file, _ in rows:
        counts[file] = counts.get(file, 0) + 1
    held: set[str] = set()
    wanted = max(1.0, share * len(rows))
    for file, count in counts.items():
        if count <= wanted and len(held) < len(counts) - 1:
            held.add(file)
            wanted -= count
    return held


def _kept() -> dict[str, Rows]:
    """Every package's docstrings, from the cache or from the source files."""
    numbers = [platform.python_version(), *map(version, PACKAGES[:3]), version("torch")]
    file = cache_folder() / f"docstrings-v{VERSION}-{'-'.join(numbers)}.json"
    try:
        found = json.loads(file.read_text("utf-8"))
        return {name: [(where, text) for where, text in found[name]] for name in PACKAGES}
    except (OSError, ValueError, KeyError, TypeError):
        pass
    made = {package: _read(package) for package in PACKAGES}
    with suppress(OSError):  # a full disk or a read-only home costs time, not the data
        part = file.with_suffix(f".{os.getpid()}.part")
        part.write_text(json.dumps(made), "utf-8")
        part.replace(file)
    return made


def _read(package: str) -> Rows:
    root = _root(package)
    sources, chosen = list(_sources(root)), dict[str, str]()
    # files by a fixed chance until there is enough: to mask all of them takes ten times as long
    for number in np.random.default_rng(0).permutation(len(sources)):
        file = sources[number].relative_to(root).as_posix()
        for text in docstrings_in(sources[number].read_text("utf-8", errors="replace")):
            chosen.setdefault(text, file)
        if len(chosen) >= _EACH:
            break
    return [(file, text) for text, file in list(chosen.items())[:_EACH]]


def _root(package: str) -> Path:
    if package == "python":
        return Path(sysconfig.get_paths()["stdlib"])
    spec = find_spec(package)
    assert spec is not None and spec.origin is not None
    return Path(spec.origin).parent


def _sources(root: Path) -> Iterator[Path]:
    for here, folders, names in os.walk(root):
        folders[:] = sorted(
            name
            for name in folders
            if "test" not in name and name not in ("site-packages", "idlelib", "__pycache__")
        )
        yield from (Path(here, name) for name in sorted(names) if name.endswith(".py"))


def _check_count(texts: Any) -> None:
    least, most = 4 * len(PACKAGES), _EACH * len(PACKAGES)
    try:
        fits = not isinstance(texts, bool) and least <= whole(texts) <= most
    except TypeError:
        fits = False
    if not fits:
        raise SettingError(
            f"texts={texts!r} was given; allowed is a whole number from {least} to {most:,}; try "
            "3000"
        )
