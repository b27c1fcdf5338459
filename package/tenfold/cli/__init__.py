"""The `tenfold` command: the course in JupyterLab, notebooks run, faults found, data fetched."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import NoReturn

from tenfold.cli.course import add_course
from tenfold.cli.data import add_data
from tenfold.cli.doctor import add_doctor
from tenfold.cli.lab import add_lab
from tenfold.cli.run import add_run, script_in
from tenfold.errors import TenfoldError

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the `tenfold` command and return its exit status.

    A mistake of the user's is one line on stderr and the status 2; what cannot be done, or was
    found to be at fault, is 1; Ctrl-C is 130.
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    more: list[str] = []
    if words[:1] == ["lab"] and "--" in words:
        cut = words.index("--")
        words, more = words[:cut], words[cut + 1 :]
    if words[:1] == ["run"] and (script := script_in(words)):
        words, more = words[: script + 1], words[script + 1 :]
    options = _parser().parse_args(words)
    options.more = more
    try:
        return int(options.call(options))
    except TenfoldError as error:
        print(f"tenfold: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("tenfold: stopped", file=sys.stderr)
        return 130


class _Parser(argparse.ArgumentParser):
    """argparse, with the mistake on one line instead of after a page of usage."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message}. See: {self.prog} --help\n")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="tenfold", description="The Tenfold course and its tool.")
    parser.add_argument("--version", action="version", version=f"tenfold {_version()}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True, parser_class=_Parser)
    for add in (add_lab, add_run, add_doctor, add_course, add_data):
        add(commands)
    return parser


def _version() -> str:
    try:
        return version("tenfold")
    except PackageNotFoundError:  # on the path, but not installed: `tenfold doctor` says so
        return "unknown"
