"""`%load_ext tenfold` and its undoing: magics, completion and the report of progress."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from IPython.core.magic import needs_local_scope, no_var_expand

from tenfold.learner import Learner
from tenfold.live.comm import register, unregister
from tenfold.live.crowding import Crowding
from tenfold.live.monitor import monitor
from tenfold.magics.call import Call, Magic, magic, value_is_used
from tenfold.magics.complete import make_matcher
from tenfold.magics.course import COURSE
from tenfold.magics.explain import answer_inspections
from tenfold.magics.generating import GENERATING
from tenfold.magics.ideas import IDEAS
from tenfold.magics.inside import INSIDE
from tenfold.magics.judging import JUDGING
from tenfold.magics.launching import LAUNCHING
from tenfold.magics.looking import LOOKING
from tenfold.magics.panel import PANEL
from tenfold.magics.pixels import PIXELS
from tenfold.magics.preparing import PREPARING
from tenfold.magics.report import KernelReport, in_kernel
from tenfold.magics.resolve import learners
from tenfold.magics.restoring import RESTORING
from tenfold.magics.saving import SAVING
from tenfold.magics.searching import SEARCHING
from tenfold.magics.settings import Tenfold
from tenfold.magics.several import SEVERAL
from tenfold.magics.steering import STEERING
from tenfold.magics.surveying import SURVEYING
from tenfold.magics.training import TRAINING
from tenfold.text import escape
from tenfold.train.events import Callback

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

__all__ = ["MAGICS", "load_magics", "unload_magics"]

LineMagic = Callable[..., Any]


@magic("tenfold", example="%tenfold", learner=False)
def tenfold(call: Call) -> None:
    """List the magics, with one line for each."""
    call.show(MagicList())


class MagicList:
    """Every magic with its summary, as text and as a table."""

    def __repr__(self) -> str:
        width = max(map(len, MAGICS)) + 1
        lines = [f"{'%' + name:<{width}}  {one.summary}" for name, one in MAGICS.items()]
        return "\n".join([*lines, "", "%fit --help or %fit? shows the options of one."])

    def _repr_html_(self) -> str:
        rows = "".join(
            f'<tr><td style="text-align:left"><code>%{name}</code></td>'
            f'<td style="text-align:left">{escape(one.summary)}</td></tr>'
            for name, one in MAGICS.items()
        )
        return (
            '<table aria-label="the magics of Tenfold"><tbody>'
            f"{rows}</tbody></table><p><code>%fit --help</code> shows the options of one.</p>"
        )


MAGICS: dict[str, Magic] = {
    one.name: one
    for one in (
        *TRAINING,
        LAUNCHING,
        *STEERING,
        *PREPARING,
        *LOOKING,
        *JUDGING,
        *IDEAS,
        *GENERATING,
        *SURVEYING,
        *INSIDE,
        *SEVERAL,
        *PIXELS,
        *RESTORING,
        *SEARCHING,
        PANEL,
        *SAVING,
        *COURSE,
        tenfold,
    )
}
"""Every magic by its name."""

SEMICOLON = re.compile(rf"^((?:[^%#'\"]+=)?\s*%(?:{'|'.join(MAGICS)}));(?=\s*$|\s*#)")


def apart(lines: list[str]) -> list[str]:
    """Part a magic's name from a semicolon right behind it: IPython reads `%tta;` as one name."""
    return [SEMICOLON.sub(r"\1 ;", line) for line in lines]


class Extension:
    """What was added to one shell, so that all of it can be taken away again."""

    def __init__(self, shell: InteractiveShell) -> None:
        self._shell = shell
        self._ours: dict[str, LineMagic] = {}
        self._before: dict[str, LineMagic | None] = {}
        self._matcher = make_matcher(MAGICS, lambda: shell.user_ns)
        self._reporter: Callback | None = None
        self._undo: Callable[[], None] = lambda: None
        self._settings, self._crowding = Tenfold(parent=shell), Crowding()

    def add(self) -> None:
        """Register everything."""
        for name, one in MAGICS.items():
            self._before[name] = self._shell.find_line_magic(name)
            self._ours[name] = line_magic(self._shell, one, before=self._before[name])
            self._table[name] = self._ours[name]
        self._shell.Completer.custom_matchers.append(self._matcher)
        self._shell.input_transformers_cleanup.append(apart)
        self._configurables.append(self._settings)
        monitor.watch()
        Learner.observers.append(self._crowding)
        if in_kernel(self._shell):
            self._reporter, Learner.reporter = Learner.reporter, KernelReport()
            register(self._shell)
            self._undo = answer_inspections(self._shell, MAGICS)

    def remove(self) -> None:
        """Put back what was there before; a magic that somebody replaced since stays theirs."""
        for name, ours in self._ours.items():
            if self._table.get(name) is ours:
                before = self._before[name]
                if before is None:
                    del self._table[name]
                else:
                    self._table[name] = before
        if self._matcher in self._shell.Completer.custom_matchers:
            self._shell.Completer.custom_matchers.remove(self._matcher)
        if apart in self._shell.input_transformers_cleanup:
            self._shell.input_transformers_cleanup.remove(apart)
        if self._settings in self._configurables:
            self._configurables.remove(self._settings)
        monitor.unwatch()
        Learner.observers.remove(self._crowding)
        if self._reporter is not None:
            Learner.reporter = self._reporter
            unregister(self._shell)
            self._undo()

    @property
    def _configurables(self) -> list[Any]:
        return self._shell.configurables

    @property
    def _table(self) -> dict[str, Any]:
        return self._shell.magics_manager.magics["line"]


def line_magic(shell: InteractiveShell, one: Magic, *, before: LineMagic | None) -> LineMagic:
    """The function that IPython calls for `one`; its documentation is the help."""

    @no_var_expand
    @needs_local_scope
    def run(line: str, local_ns: dict[str, Any] | None = None) -> Any:
        names = {**shell.user_ns, **(local_ns or {})}
        if before and one.prefer_old and one.prefer_old(line, bool(learners(names))):
            return shell_magic(before, line, local_ns)
        return one.run(shell, line, names=names, used=value_is_used())

    run.__name__ = run.__qualname__ = one.name
    run.__doc__ = one.parser().format_help()
    return run


def shell_magic(function: LineMagic, line: str, local_ns: dict[str, Any] | None) -> Any:
    """Call a magic of IPython's as IPython would."""
    if getattr(function, "needs_local_scope", False):
        return function(line, local_ns=local_ns)
    return function(line)


_LOADED: WeakKeyDictionary[InteractiveShell, Extension] = WeakKeyDictionary()


def load_magics(shell: InteractiveShell) -> None:
    """Add the magics to a shell; a second time changes nothing."""
    if shell not in _LOADED:
        _LOADED[shell] = Extension(shell)
        _LOADED[shell].add()


def unload_magics(shell: InteractiveShell) -> None:
    """Take the magics away again and put back what they replaced."""
    if shell in _LOADED:
        _LOADED.pop(shell).remove()
