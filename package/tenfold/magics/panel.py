"""`%panel`, and how the clicks on it become the lines of magics that they stand for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import chain
from typing import TYPE_CHECKING, Any

from IPython import get_ipython

from tenfold.errors import SettingError, StateError
from tenfold.learner import Learner
from tenfold.live.jobs import Job
from tenfold.live.output import parent_of
from tenfold.live.widgets.payloads import asks
from tenfold.magics.call import Call, Magic, magic
from tenfold.magics.generating import GENERATING
from tenfold.magics.ideas import IDEAS
from tenfold.magics.inside import INSIDE
from tenfold.magics.judging import JUDGING
from tenfold.magics.looking import LOOKING
from tenfold.magics.parser import MagicError
from tenfold.magics.pixels import PIXELS
from tenfold.magics.preparing import PREPARING
from tenfold.magics.resolve import learners
from tenfold.magics.restoring import RESTORING
from tenfold.magics.saving import SAVING
from tenfold.magics.several import SEVERAL
from tenfold.magics.surveying import SURVEYING
from tenfold.magics.training import TRAINING
from tenfold.magics.work import start
from tenfold.text import listed

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from tenfold.live.widgets.panel import Panel

__all__ = ["PANEL", "open_panel"]

LINE = re.compile(r"%(\w+)(?:\s+(.*))?")
ROOMS = (
    TRAINING, PREPARING, LOOKING, JUDGING, SEVERAL, PIXELS, SURVEYING, INSIDE, IDEAS, RESTORING,
    GENERATING, SAVING,
)  # fmt: skip
CLICKABLE: dict[str, Magic] = {
    one.name: one for one in chain(*ROOMS) if one.name not in {"load", "save", "set_data"}
}
"""What a page may ask for: magics that read their line themselves, and evaluate nothing."""


@magic("panel", example="%panel")
def panel(call: Call) -> Panel:
    """Show a panel that trains, finds the rate and looks, and writes the magic of each click."""
    from tenfold.live.widgets.panel import show

    made = make_panel(call.learner, call.shell, names=call.names)
    if not call.used:
        show(made)
    return made


PANEL: Magic = panel


def open_panel(learner: Learner) -> Panel:
    """The panel of a learner; a cell that ends on it shows it. Raises StateError in a script."""
    shell = get_ipython()
    if shell is None:
        raise StateError(
            "a panel was asked for outside a notebook; in a script, train with learn.fit(...) and "
            "look with learn.history"
        )
    if "tenfold" not in shell.extension_manager.loaded:
        shell.extension_manager.load_extension("tenfold")
    return make_panel(learner, shell, names=shell.user_ns)


def make_panel(learner: Learner, shell: InteractiveShell, *, names: Mapping[str, Any]) -> Panel:
    """A panel whose lines run in this shell, with outputs below the cell that made it."""
    from tenfold.live.widgets.panel import Panel  # widgets are loaded with the first panel

    there = learners(names)
    name = next((name for name, one in there.items() if one is learner), "learn")
    parent = parent_of(shell)

    def run_lines(lines: list[str], panel: Panel) -> Job:
        learner = panel.the_learner  # the panel does not keep it alive, so neither does this
        calls = [read(shell, line, names={name: learner}) for line in lines]

        def work() -> None:
            for one, call in calls:
                panel.took(one.name, call.line, one.handler(call))

        return start(
            shell,
            work,
            lines=[call.line for _, call in calls],
            learner=learner,
            name=name,
            in_cell=False,
            keep=False,
            parent=parent,
        )

    return Panel(learner, name=name, several=len(there) > 1, run_lines=run_lines)


def read(shell: InteractiveShell, line: str, *, names: Mapping[str, Any]) -> tuple[Magic, Call]:
    """A line that a page sent, as a magic and its call; raises SettingError for any other line."""
    found = LINE.fullmatch(line.strip())
    if found is None or found[1] not in CLICKABLE:
        raise SettingError(f"{line!r} was sent; a panel can run {listed(CLICKABLE, most=99)}")
    one = CLICKABLE[found[1]]
    asked = {asks(learner.data) for learner in names.values()}
    if one.name == "predict" and not asked <= {"text", "row"}:
        # a page could read files with it
        raise SettingError(f"{line!r} was sent; drop the picture on the panel instead")
    try:
        # a semicolon: what a cell would show, the panel shows itself
        call = one.read(shell, f"{found[2] or ''};", names=names, used=True)
    except MagicError as error:
        raise SettingError(str(error)) from error
    if call is None:
        raise SettingError(f"{line!r} was sent; help is for cells: write it in one")
    if one in INSIDE and not numbered(call):
        # a page could read files with it
        raise SettingError(f"{line!r} was sent; a panel takes numbers of validation items, as 0 17")
    return one, call


def numbered(call: Call) -> bool:
    """Whether the items of a line, where it has some, are numbers."""
    items = getattr(call.arguments, "items", ())
    return all(isinstance(word, str) and word.isdigit() for word in items)
