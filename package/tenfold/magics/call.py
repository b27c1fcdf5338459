"""A magic as a value: its parser, what it does, and the one way in which every line is run."""

from __future__ import annotations

import argparse
import dis
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from IPython.display import display

from tenfold.errors import TenfoldError
from tenfold.learner import Learner
from tenfold.live.job import brief
from tenfold.live.jobs import Job, current, jobs
from tenfold.magics.parser import MagicError, MagicParser, split
from tenfold.magics.resolve import find_learner, read_value
from tenfold.magics.work import finished, start, synchronous, wait_for
from tenfold.text import counted

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

__all__ = ["BACKGROUND", "Argument", "Call", "Magic", "magic"]

# what follows a call in the bytecode when nobody takes its value
BARE = {"POP_TOP", "PRINT_EXPR", "CALL_INTRINSIC_1"}

Handler = Callable[["Call"], Any]


@dataclass(frozen=True)
class Argument:
    """One argument of a magic; `kind` is a key of `resolve.KINDS`, or flag."""

    name: str
    kind: str
    help: str
    settings: Mapping[str, Any] = field(default_factory=dict)


BACKGROUND = Argument(
    "--background",
    "flag",
    "go on in the background and give the cell back at once; the value is the job",
    {"action": "store_true"},
)
LEARNER = Argument("--learner", "learner", "the learner by name; not needed when there is only one")


@dataclass(frozen=True)
class Call:
    """One line of a magic, read: the values of its arguments and the names around it.

    `line` is the magic as it was written. `used` says whether its value is assigned or passed
    on; a bare line shows what it has to show, and a semicolon at its end makes it `silent`.
    """

    shell: InteractiveShell
    names: Mapping[str, Any]
    arguments: argparse.Namespace
    used: bool = False
    silent: bool = False
    line: str = ""
    through: Callable[[Learner], Any] = lambda learner: learner
    """What takes the place of the learner in the work: itself, or its launch."""

    def __getitem__(self, name: str) -> Any:
        return getattr(self.arguments, name)

    def given(self, *names: str) -> dict[str, Any]:
        """Those of the arguments that the line gave; the rest is left to the API's defaults."""
        return {name: self[name] for name in names if self[name] is not None}

    @property
    def learner(self) -> Learner:
        """The learner named on the line, else the only one."""
        return find_learner(self.names, self["learner"])

    @property
    def idle_learner(self) -> Learner:
        """The learner, once no job works on it any more."""
        learner = self.learner
        if current() is None:
            for job in jobs.unfinished(learner):
                self.say(f"waiting for {job}; %stop ends it")
                wait_for(job)
        return learner

    def work(
        self,
        work: Callable[[Learner], Any],
        *,
        then: Callable[[Any], None] = lambda value: None,
        waits: bool = False,
    ) -> Any:
        """Do `work(learner)` in the worker thread, and `then` what shows its value.

        The value, once the job has ended; with --background the job, at once. A learner that has
        a job already is refused, or waited for with `waits`.
        """
        learner = self.idle_learner if waits else self.learner

        def both() -> Any:
            value = work(self.through(learner))
            then(value)
            return value

        if current() is not None:  # a panel's lines are in the worker already
            return both()
        background = getattr(self.arguments, "background", False)
        lasting = background and not synchronous(self.shell)
        before = len(jobs.unfinished())
        job = start(
            self.shell,
            told_of(both, line=self.line) if lasting else both,
            lines=[self.line],
            learner=learner,
            name=next((name for name, value in self.names.items() if value is learner), ""),
            keep=self.used or not lasting,
        )
        if before:
            self.say(f"job {job.number} waits for {counted(before, 'job')}; %jobs lists them")
        return job if lasting else self._finished(job)

    def _finished(self, job: Job) -> Any:
        value = finished(job)
        job.result = None  # whoever called has it
        return value

    def show(self, result: Any) -> None:
        """Show a result, unless the line ended with a semicolon."""
        if not self.silent:
            display(result)

    def say(self, sentence: str) -> None:
        """Print a sentence, unless the line ended with a semicolon."""
        if not self.silent:
            print(sentence)


@dataclass(frozen=True)
class Magic:
    """A line magic: a name, its arguments, an example, and a function of the `Call`."""

    name: str
    handler: Handler
    arguments: tuple[Argument, ...]
    example: str
    prefer_old: Callable[[str, bool], bool] | None = None
    """Whether a line, and whether there is a learner, mean the magic of IPython's of this name."""

    @property
    def summary(self) -> str:
        """The first line of the documentation."""
        return (self.handler.__doc__ or "").strip().splitlines()[0]

    def parser(self) -> MagicParser:
        """A fresh parser of the line."""
        description = "\n".join(
            line.strip() for line in (self.handler.__doc__ or "").strip().splitlines()
        )
        parser = MagicParser(self.name, description=description, example=self.example)
        for argument in self.arguments:
            parser.add(argument.name, kind=argument.kind, help=argument.help, **argument.settings)
        return parser

    def run(
        self, shell: InteractiveShell, line: str, *, names: Mapping[str, Any], used: bool
    ) -> Any:
        """Read the line and do what it says; a mistake becomes a MagicError of one line."""
        try:
            call = self.read(shell, line, names=names, used=used)
            result = None if call is None else self.handler(call)
        except (MagicError, TenfoldError) as error:
            raise MagicError(self._one_line(error)) from error
        return result if used else None

    def read(
        self, shell: InteractiveShell, line: str, *, names: Mapping[str, Any], used: bool
    ) -> Call | None:
        """The line as a call, not yet done; None when it only asked for help."""
        parser = self.parser()
        words, silent = split(line)
        arguments = parser.read(words)
        if arguments.help:
            print(parser.format_help())
            return None
        read_all(parser, arguments, names)
        whole = f"%{self.name} {line.strip()}".rstrip(" ;")
        return Call(shell, names, arguments, used=used, silent=silent, line=whole)

    def _one_line(self, error: Exception) -> str:
        words = " ".join(line.strip() for line in str(error).splitlines())
        return words if words.startswith(f"%{self.name}:") else f"%{self.name}: {words}"


def told_of(work: Callable[[], Any], *, line: str) -> Callable[[], Any]:
    """The work, with a line in its cell when it fails: nobody may be waiting for it."""

    def telling() -> Any:
        try:
            return work()
        except Exception as error:
            print(f"{line} failed: {brief(error)}; %wait shows where", file=sys.stderr)
            raise

    return telling


def magic(
    name: str,
    *arguments: Argument,
    example: str,
    learner: bool = True,
    prefer_old: Callable[[str, bool], bool] | None = None,
) -> Callable[[Handler], Magic]:
    """Make a magic of a function; with `learner` it also takes --learner."""
    extra = (LEARNER,) if learner else ()

    def make(handler: Handler) -> Magic:
        return Magic(name, handler, (*arguments, *extra), example, prefer_old)

    return make


def read_all(parser: MagicParser, arguments: argparse.Namespace, names: Mapping[str, Any]) -> None:
    """Read every word of the arguments as the kind that it was declared with."""
    for name, kind in parser.kinds.items():
        value = getattr(arguments, name)
        if kind == "flag":
            continue
        if isinstance(value, list):
            setattr(arguments, name, [read_value(names, word, kind=kind) for word in value])
        elif isinstance(value, str):
            try:
                setattr(arguments, name, read_value(names, value, kind=kind))
            except MagicError as error:
                raise MagicError(f"{_spelling(parser, name)}: {error}") from error


def _spelling(parser: MagicParser, name: str) -> str:
    return next((o for o, action in parser.options().items() if action.dest == name), name)


def value_is_used() -> bool:
    """Whether the line that called this magic assigns its value or passes it on.

    Read off the bytecode of the cell, because IPython hands `r = %tta` and `%tta` over alike.
    """
    frame = sys._getframe(1)
    while frame is not None and frame.f_code.co_name != "run_line_magic":
        frame = frame.f_back  # type: ignore[assignment]
    caller = frame.f_back if frame is not None else None
    if caller is None:
        return True
    rest = (one for one in dis.get_instructions(caller.f_code) if one.offset > caller.f_lasti)
    return next((one.opname for one in rest if one.opname != "CACHE"), "") not in BARE
