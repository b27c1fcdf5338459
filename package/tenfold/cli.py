"""The `tenfold` command: `tenfold lab` opens the course in JupyterLab on a copy of your own."""

from __future__ import annotations

import argparse
import filecmp
import os
import shutil
import sys
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import NoReturn

from tenfold.errors import FileError, MissingPackageError, TenfoldError
from tenfold.text import counted, listed

__all__ = ["copy_course", "course_folder", "lab_arguments", "main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the `tenfold` command and return its exit status.

    A mistake of the user's is one line on stderr and the status 2; what cannot be done is 1.
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    cut = words.index("--") if "--" in words else len(words)
    options = _parser().parse_args(words[:cut])
    try:
        _lab(options, words[cut + 1 :])
    except TenfoldError as error:
        print(f"tenfold: {error}", file=sys.stderr)
        return 1
    return 0


def course_folder(package: Path = Path(__file__).parent) -> Path:
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

    A file that is there and differs is the student's work and is never overwritten.
    Returns the names copied and the names kept.
    """
    if folder.exists() and not folder.is_dir():
        raise FileError(f"{folder} is a file. Name a folder for your copy: tenfold lab my-course")
    copied, kept = [], []
    for file in sorted(path for path in source.rglob("*") if path.is_file()):
        name = file.relative_to(source)
        if any(part.startswith((".", "__")) for part in name.parts):
            continue
        target = folder / name
        if not target.exists():
            _copy_whole(file, target)
            copied.append(name.as_posix())
        elif not filecmp.cmp(file, target, shallow=False):
            kept.append(name.as_posix())
    return copied, kept


def _copy_whole(file: Path, target: Path) -> None:
    """Copy under another name first, so that an interrupt leaves no half a notebook."""
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(f".{target.name}.partial")
    shutil.copyfile(file, partial)
    partial.replace(target)


def _lab(options: argparse.Namespace, more: list[str]) -> None:
    folder = Path(options.folder).expanduser().resolve()
    copied, kept = copy_course(course_folder(), folder)
    print(f"The course is in {folder} ({counted(len(copied), 'new file')}).")
    if kept:
        print(
            f"Kept as you changed them: {listed(kept)}. "
            "For a fresh copy move yours away and run this again."
        )
    arguments = lab_arguments(folder, browser=options.browser, port=options.port)
    if "--allow-root" in arguments:
        print("You are root, so JupyterLab is started with --allow-root.")
    _open_lab(arguments + more)


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


class _Parser(argparse.ArgumentParser):
    """argparse, with the mistake on one line instead of after a page of usage."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message}. See: {self.prog} --help\n")


def _port(word: str) -> int:
    if word.isdecimal() and 0 < int(word) < 65536:
        return int(word)
    raise argparse.ArgumentTypeError(f"{word!r} is not a whole number from 1 to 65535")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="tenfold", description="The Tenfold course and its tool.")
    parser.add_argument("--version", action="version", version=f"tenfold {version('tenfold')}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True, parser_class=_Parser)
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
    return parser


if __name__ == "__main__":
    sys.exit(main())
