"""%launch: a training line on several processes."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from tenfold.magics.call import Argument, Call, Magic, magic
from tenfold.magics.parser import MagicError
from tenfold.magics.training import TRAINING
from tenfold.text import did_you_mean, listed

__all__ = ["LAUNCHABLE", "LAUNCHING"]

LAUNCHABLE: dict[str, Magic] = {f"%{one.name}": one for one in TRAINING if one.name != "lr_find"}
"""What may stand behind %launch and its options."""
SECOND = re.compile(r"%launch\b.*?\s(%\w+)\s?(.*)")


@magic(
    "launch",
    Argument("--processes", "count", "how many; one for each GPU, else for each core, without it"),
    Argument(
        "--sync-batchnorm",
        "flag",
        "take the statistics of a batch norm over the shares of all processes",
        {"action": "store_true"},
    ),
    Argument("--on", "word", "this machine, or a cluster of Ray's", {"choices": ["local", "ray"]}),
    Argument(
        "--restarts",
        "count",
        "how often a run with --checkpoint goes on after a process died; 3 without it",
    ),
    Argument("line", "line", "a line that trains, as %%fit 3 --lr 1e-3", {"nargs": "..."}),
    example="%launch --processes 2 %fit_one_cycle 3 --lr 1e-3",
    learner=False,
)
def launch(call: Call) -> Any:
    """Train on several processes: each takes its share of every batch.

    The batch size, the history, %stop, %pause and %rate are those of one process. The processes
    stay for ten minutes, so the next launch begins at once.
    """
    found = SECOND.match(call.line)
    name = found[1] if found else "nothing"
    if found is None or name not in LAUNCHABLE:
        hint = did_you_mean(name, LAUNCHABLE, quoted=False)
        raise MagicError(
            f"{name} was given to launch; allowed is {listed(LAUNCHABLE)}{hint}; write it as in "
            f"{launch.example}"
        )
    settings = call.given("processes", "sync_batchnorm", "on", "restarts")
    one = LAUNCHABLE[name]
    inner = one.read(call.shell, found[2], names=call.names, used=call.used)
    if inner is None:  # it only asked for help
        return None
    through = lambda learner: learner.launch(**settings)  # noqa: E731
    return one.handler(replace(inner, line=call.line, silent=call.silent, through=through))


LAUNCHING: Magic = launch
