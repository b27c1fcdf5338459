"""`tenfold lab`: open the course in JupyterLab on a copy of your own."""

from __future__ import annotations

import argparse
import filecmp
import os
import shutil
import sys
from pathlib import Path
from typing import Any

from tenfold.course.bank import BANK
from tenfold.course.copies import offer_newer
from tenfold.course.progress import PROGRESS
from tenfold.errors import FileError, MissingPackageError
from tenfold.text import counted, listed

__all__ = ["add_lab", "copy_course", "course_folder", "lab_arguments"]


def add_lab(commands: argparse._SubParsersAction[Any]) -> None:
    """Teach the parser `tenfold lab`."""
    lab = commands.add_parser(
        "lab",
        help="copy the course to a folder and open it in JupyterLab",
        epilog="Whatever follows -- goes to jupyter lab unchanged: tenfold lab -- --ip=0.0.0.0",
    )
    lab.add_argument(
        "folder",
        nargs="?",
        default="tenfold-course",
        metavar="DIR",
        help="folder of your copy (default: tenfold-course)",
    )
    lab.add_argument(
        "--no-browser",
        dest="browser",
        action="store_false",
        help="print the address and open no browser",
    )
    lab.add_argument("--port", type=_port, help="port of the server (default: 8888 or the next)")
    lab.set_defaults(call=_lab, more=[])


def _port(word: str) -> int:
    if word.isdecimal() and 0 < int(word) < 65536:
        return int(word)
    raise argparse.ArgumentTypeError(f"{word!r} is not a whole number from 1 to 65535")


def course_folder(package: Path = Path(__file__).parents[1]) -> Path:
    """The folder that holds the course's notebooks: inside the wheel, else in the checkout."""
    for folder in (package / "notebooks", package.parents[1] / "notebooks"):
        if any(folder.glob("*.ipynb")):
            return folder
    raise FileError(
        f"No notebooks in {package / 'notebooks'}. A wheel carries them and so does a checkout; "
        "install Tenfold again from one of them."
    )


def copy_course(source: Path, folder: Path) -> tuple[list[str], list[str]]:
    """Copy the files of `source` into `folder`, which is made when needed.

    A file that is there and differs is the student's work and is never overwritten: only the
    bank of the exercises is the course's, and follows it. Returns the names copied and the names
    kept.
    """
    if folder.exists() and not folder.is_dir():
        raise FileError(f"{folder} is a file. Name a folder for your copy: tenfold lab my-course")
    copied, kept = [], []
    for file in sorted(path for path in source.rglob("*") if path.is_file()):
        name = file.relative_to(source)
        if name.name == PROGRESS or any(part.startswith((".", "__")) for part in name.parts):
            continue
        target = folder / name
        if not target.exists():
            _copy_whole(file, target)
            copied.append(name.as_posix())
        elif filecmp.cmp(file, target, shallow=False):
            continue
        elif name.name == BANK:
            _copy_whole(file, target)
        else:
            kept.append(name.as_posix())
    return copied, kept


def _copy_whole(file: Path, target: Path) -> None:
    """Copy under another name first, so that an interrupt leaves no half a notebook."""
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(f".{target.name}.partial")
    shutil.copyfile(file, partial)
    partial.replace(target)


def _lab(options: argparse.Namespace) -> int:
    folder = Path(options.folder).expanduser().resolve()
    course = course_folder()
    copied, kept = copy_course(course, folder)
    newer = offer_newer(course, folder)
    print(f"The course is in {folder} ({counted(len(copied), 'new file')}).")
    if kept:
        print(
            f"Kept as you changed them: {listed(kept)}. "
            "For a fresh copy move yours away and run this again."
        )
    if newer:
        print(f"The course has changed since; the new edition is beside yours: {listed(newer)}.")
    arguments = lab_arguments(folder, browser=options.browser, port=options.port)
    if "--allow-root" in arguments:
        print("You are root, so JupyterLab is started with --allow-root.")
    _open_lab(arguments + options.more)
    return 0


def lab_arguments(folder: Path, *, browser: bool = True, port: int | None = None) -> list[str]:
    """The arguments of `jupyter lab` that serve `folder`."""
    arguments = [f"--ServerApp.root_dir={folder}"]
    if not browser:
        arguments.append("--no-browser")
    if port is not None:
        arguments.append(f"--port={port}")
    if getattr(os, "geteuid", lambda: -1)() == 0:
        # a container's only user is often root, where Jupyter would refuse to start
        arguments.append("--allow-root")
    return arguments


def _open_lab(arguments: list[str]) -> None:
    try:
        from jupyterlab.labapp import main as jupyter_lab
    except ImportError as error:
        raise MissingPackageError(
            "JupyterLab is not installed; the course opens in version 4.4 or newer. "
            'Install it: pip install "jupyterlab>=4.4"'
        ) from error
    sys.stdout.flush()
    jupyter_lab(arguments)
