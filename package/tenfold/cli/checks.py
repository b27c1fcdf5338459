"""The checks of `tenfold doctor` that import nothing: packages, data, weights, the course."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

from tenfold.cli.data import megabytes
from tenfold.cli.findings import Finding, fault, fits, note, pip
from tenfold.cli.lab import course_folder
from tenfold.course.bank import BANK
from tenfold.data.real.catalogue import SETS, find
from tenfold.device import cache_folder
from tenfold.errors import FileError
from tenfold.text import counted, did_you_mean, listed

__all__ = ["check_course", "check_data", "check_packages", "check_weights"]

_PACKAGE = Path(__file__).parents[1]
_NAMED = ("torch", "torchvision", "ipykernel", "ipywidgets", "anywidget")
_LAB = "jupyterlab>=4.4"
_LOW = 2e9  # bytes of disk that the cache may come to need


def check_packages() -> Iterator[Finding]:
    """Python, and every package that Tenfold asks for, by its metadata only."""
    python = ".".join(map(str, sys.version_info[:3]))
    yield Finding("ok", f"Python {python} ({sys.executable})")
    wanted = _requirements("tenfold")
    if not wanted:
        yield fault("tenfold is on the path, but not installed", _again())
    good = []
    for name, condition in wanted.items():
        finding = _package(name, condition)
        if finding.state != "ok" or name in _NAMED:
            yield finding
        else:
            good.append(name)
    if good:
        yield Finding("ok", f"{counted(len(good), 'other package')}: {listed(good, most=20)}")
    yield from _pair()
    lab = _package("jupyterlab", _LAB.removeprefix("jupyterlab"))
    yield lab if lab.state == "ok" else note(lab.words, lab.mend)


def _requirements(package: str) -> dict[str, str]:
    """What a package asks for without extras: names and the conditions on their versions."""
    try:
        lines = requires(package) or []
    except PackageNotFoundError:
        return {}
    found = {}
    for line in lines:
        plain, _, marker = line.partition(";")
        match = re.match(r"\s*([\w.-]+)(?:\[.*?\])?\s*\(?([^)]*)\)?\s*$", plain)
        if match and not marker.strip():
            found[match[1]] = match[2].strip()
    return found


def _package(name: str, condition: str) -> Finding:
    requirement = f"{name}{condition.replace(' ', '')}"
    try:
        # a folder without its metadata says None
        found: str | None = version(name)
    except PackageNotFoundError:
        return fault(f"{name} is not installed", pip(requirement))
    if not found:
        return fault(f"{name} is damaged: it has no version", pip("--force-reinstall", requirement))
    if not fits(found, condition):
        words = f"{name} {found}: Tenfold needs {condition}"
        return fault(f"{words}{_REASONS.get(name, '')}", pip(requirement))
    return Finding("ok", f"{name} {found}")


_REASONS = {
    "ipykernel": "; 7.0 cannot show output that comes from a thread, and training runs in one",
}


def _pair() -> Iterator[Finding]:
    """torchvision is built for one torch, and says which."""
    wanted = _requirements("torchvision").get("torch", "")
    try:
        torch, torchvision = version("torch"), version("torchvision")
    except PackageNotFoundError:
        return  # said already
    if not fits(torch, wanted):
        yield fault(
            f"torchvision {torchvision} is built for torch{wanted}, and torch is {torch}",
            pip("--upgrade", "torch", "torchvision"),
        )


def check_data() -> Iterator[Finding]:
    """TENFOLD_DATA, the cache, the space on its disk, and the real sets that are there."""
    home = os.environ.get("TENFOLD_DATA")
    if home and not Path(home).expanduser().is_dir():
        yield fault(
            f"TENFOLD_DATA is {home}, which is no folder{_alike(Path(home))}",
            "unset TENFOLD_DATA   (or set it to the folder of your data sets)",
        )
    elif home:
        yield Finding("ok", f"TENFOLD_DATA is {home}")
    try:
        cache = cache_folder()
        with tempfile.TemporaryFile(dir=cache):
            pass
    except OSError as error:
        words = f"the cache cannot be written to: {error}"
        yield fault(words, 'export TENFOLD_CACHE="$HOME/tenfold-cache"')
        return
    free = shutil.disk_usage(cache).free
    words = f"the cache {cache} has {megabytes(free)} free"
    if free < _LOW:
        yield note(words, "export TENFOLD_CACHE=…   (a folder on a larger disk)")
    else:
        yield Finding("ok", words)
    here = [name for name in SETS if find(name) is not None]
    words = f"{len(here)} of {len(SETS)} real data sets are here"
    if here:
        yield Finding("ok", f"{words}: {listed(here, most=20)}")
    else:
        yield note(f"{words}; the course runs without", "tenfold data list")


def _alike(home: Path) -> str:
    above = home.expanduser().parent
    names = [path.name for path in above.iterdir()] if above.is_dir() else []
    return did_you_mean(home.name, names)


def check_weights() -> Iterator[Finding]:
    """The bundled networks: whether each file is there and whole."""
    folder = _PACKAGE / "models" / "weights"
    for name in ("nano", "nano_lm"):
        file = folder / f"{name}.safetensors"
        wrong = not_whole(file)
        if wrong:
            yield fault(f"the weights of {name} are {wrong}: {file}", _again())
        else:
            yield Finding("ok", f"weights of {name} ({file.stat().st_size / 1e6:.1f} MB)")
    home = Path(os.environ.get("TORCH_HOME") or "~/.cache/torch").expanduser()
    others = [file.name for file in (home / "hub" / "checkpoints").glob("*.pth")]
    if others:
        yield Finding("ok", f"in {home}: {listed(sorted(others))}")


def not_whole(file: Path) -> str:
    """What is wrong with a safetensors file by its header, or nothing."""
    try:
        with open(file, "rb") as content:
            length = int.from_bytes(content.read(8), "little")
            if length > file.stat().st_size:
                return "damaged"
            header = json.loads(content.read(length))
        ends = [one["data_offsets"][1] for name, one in header.items() if name != "__metadata__"]
    except FileNotFoundError:
        return "missing"
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return "damaged"
    return "" if file.stat().st_size == 8 + length + max(ends, default=0) else "cut off"


def check_course() -> Iterator[Finding]:
    """The notebooks that came with the package, their exercises, and the panel's page."""
    try:
        folder = course_folder()
    except FileError as error:
        yield fault(str(error), _again())
    else:
        count = counted(len(list(folder.glob("*.ipynb"))), "notebook")
        yield Finding("ok", f"the course: {count} in {folder}")
        if not (folder / BANK).is_file():
            own = (folder.parent / "lessons").is_dir()
            mend = "tenfold course build" if own else _again()
            yield note(f"no {BANK} beside them, so %check cannot judge", mend)
    page = _PACKAGE / "live" / "widgets" / "static" / "panel.js"
    if page.is_file():
        yield Finding("ok", "the panel's page")
    else:
        yield fault(f"the panel's page is not built: {page}", _again())


def _again() -> str:
    """The line that installs Tenfold again: from the checkout where it is one."""
    checkout = _PACKAGE.parents[1]
    if (checkout / "pyproject.toml").is_file():
        return pip("--editable", f"{checkout}[lab]")
    return pip("--force-reinstall", "--no-deps", "tenfold")
