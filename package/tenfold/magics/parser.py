"""One parser style for every magic: words, options, --help, and errors of one line."""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from typing import Any, NoReturn

from IPython.core.error import UsageError

from tenfold.text import did_you_mean, listed

__all__ = ["MagicError", "MagicParser", "split"]

WORD = re.compile(r"""\s*((?:[^\s'"]|'[^']*'|"[^"]*")+)""")
QUOTED = re.compile(r"""'([^']*)'|"([^"]*)\"""")


class MagicError(UsageError):
    """A mistake on a magic's line: shown as one line, and still an error to Run All and nbval.

    UsageError itself would be printed to stderr, where runners of notebooks miss it.
    """

    def _render_traceback_(self) -> list[str]:
        return [str(self)]


def split(line: str) -> tuple[list[str], bool]:
    """The words of a line without quotes and comment, and whether it ended with a semicolon.

    Backslashes stay what they are: they belong to Windows paths.

    >>> split("'my file' --lr 1e-2;  # slowly")
    (['my file', '--lr', '1e-2'], True)
    """
    words, place = [], 0
    while found := WORD.match(line, place):
        if found[1].startswith("#"):
            place = len(line)
            break
        words.append(found[1])
        place = found.end()
    if line[place:].strip():
        raise MagicError(f"a quote is not closed in {line.strip()!r}; close it, or leave it out")
    silent = bool(words) and words[-1].endswith(";")
    if silent:
        words[-1] = words[-1].rstrip(";")
    return [QUOTED.sub(lambda one: one[1] or one[2] or "", word) for word in words if word], silent


class MagicParser(argparse.ArgumentParser):
    """argparse with the habits of a magic.

    Values stay words: `tenfold.magics.resolve` reads them with the user's names at hand, by the
    kind that `add` was given.
    """

    def __init__(self, name: str, *, description: str, example: str) -> None:
        super().__init__(
            prog=f"%{name}",
            description=description,
            epilog=f"example:\n  {example}",
            formatter_class=lambda prog: argparse.RawDescriptionHelpFormatter(prog, width=88),
            add_help=False,
            allow_abbrev=False,
        )
        self.example = example
        self.kinds: dict[str, str] = {}
        self.color = False  # Python 3.14 would colour the help, which is a docstring here
        # so that --lr -1e-3 is read as a rate and refused with words about rates
        self._negative_number_matcher = re.compile(r"^-[\d.]+(e[-+]?\d+)?(:\S*)?$")
        self.add("--help", help="show this help", action="store_true")

    def add(self, name: str, *, kind: str = "flag", **settings: Any) -> None:
        """Add one argument; `kind` says how its word is read and completed."""
        if name.startswith("-") and kind != "flag" and "choices" not in settings:
            settings.setdefault("metavar", kind.upper())
        action = self.add_argument(name, **settings)
        self.kinds[action.dest] = kind

    def read(self, words: Sequence[str]) -> argparse.Namespace:
        """The words of a line by argument; raises MagicError."""
        if "--help" in words:
            return argparse.Namespace(help=True)
        known, rest = self.parse_known_args(list(words))
        if rest:
            self._refuse(rest[0])
        return known

    def positions(self) -> list[argparse.Action]:
        """The arguments without a dash, in order."""
        return [action for action in self._actions if not action.option_strings]

    def options(self) -> dict[str, argparse.Action]:
        """The arguments with a dash by their spelling."""
        return {name: action for action in self._actions for name in action.option_strings}

    def error(self, message: str) -> NoReturn:
        """Raise one line: what was wrong, and an example of the right way."""
        found = re.fullmatch(r"argument (\S+): (.*)", message)
        if found and "expected" in found[2]:
            message = f"{found[1]} needs a value"
        elif found and "invalid choice" in found[2]:
            message = self._wrong_choice(found[1], found[2])
        elif found:
            message = f"{found[1]}: {found[2]}"
        elif "required" in message:
            message = f"{message.rsplit(': ')[-1]} is missing"
        raise MagicError(f"{self.prog}: {message}; write it as in {self.example}")

    def _wrong_choice(self, name: str, message: str) -> str:
        given = message.split("'")[1]
        choices = [
            str(choice)
            for action in self._actions
            if name in (*action.option_strings, action.dest, action.metavar)
            for choice in action.choices or ()
        ]
        hint = did_you_mean(given, choices, quoted=False)
        return f"{name} {given!r} was given; allowed is {listed(choices)}{hint}"

    def _refuse(self, word: str) -> NoReturn:
        name = word.split("=")[0]
        if not word.startswith("-"):
            raise MagicError(
                f"{self.prog}: there is no place for {word!r}; write it as in {self.example}; "
                f"{self.prog} --help shows all"
            )
        hint = did_you_mean(name, self.options(), quoted=False)
        raise MagicError(
            f"{self.prog}: there is no option {name}; there are {listed(self.options())}{hint}"
        )
