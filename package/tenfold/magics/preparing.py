"""The magics that say what trains, on which data, and how the machine is used."""

from __future__ import annotations

from typing import Any

from tenfold.learner import Learner
from tenfold.magics.call import Argument, Call, Magic, magic
from tenfold.magics.parser import MagicError
from tenfold.text import counted
from tenfold.train.optim import layer_groups, parameters_of

__all__ = ["PREPARING"]


@magic("freeze", example="%freeze")
def freeze(call: Call) -> None:
    """Train only the last layer group from here on."""
    learner = call.learner
    learner.freeze()
    call.say(what_trains(learner))


@magic(
    "unfreeze",
    Argument(
        "--gradually",
        "flag",
        "one layer group more than before, from the head down",
        {"action": "store_true"},
    ),
    example="%unfreeze",
)
def unfreeze(call: Call) -> None:
    """Train every layer group from here on, or one more than before."""
    learner = call.learner
    learner.unfreeze(gradually=call["gradually"])
    call.say(what_trains(learner))


@magic(
    "freeze_to",
    Argument("group", "count", "the first group that trains; -1 is the last group, 0 all of them"),
    example="%freeze_to -2",
)
def freeze_to(call: Call) -> None:
    """Train the layer groups from this one on."""
    learner = call.learner
    learner.freeze_to(call["group"])
    call.say(what_trains(learner))


def what_trains(learner: Learner) -> str:
    """Which layer groups train, and how many weights that is."""
    groups = [list(parameters_of(modules)) for modules in layer_groups(learner.model)]
    training = [any(parameter.requires_grad for parameter in group) for group in groups]
    weights = [parameter for group in groups for parameter in group]
    trained = sum(parameter.numel() for parameter in weights if parameter.requires_grad)
    total = sum(parameter.numel() for parameter in weights)
    of = f"{sum(training)} of {counted(len(groups), 'layer group')}"
    return f"training {of}: {trained:,} of {total:,} weights"


@magic(
    "precompute",
    Argument("switch", "word", "on or off", {"choices": ("on", "off")}),
    example="%precompute on",
)
def precompute(call: Call) -> None:
    """Train the head on stored activations of the frozen body, or do so no longer."""
    learner = call.learner
    learner.precompute = call["switch"] == "on"
    call.say(f"precompute is {'on' if learner.precompute else 'off'}; {what_trains(learner)}")


@magic(
    "set_data",
    Argument("data", "data", "the variable that holds the new data"),
    example="%set_data larger",
)
def set_data(call: Call) -> None:
    """Go on with other data, as larger pictures of the same classes."""
    learner = call.learner
    learner.set_data(call["data"])
    words = repr(learner.data)
    short = len(words) < 200 and " at 0x" not in words
    call.say(f"the learner has new data: {words if short else type(learner.data).__name__}")


@magic(
    "plan",
    Argument(
        "--precision",
        "word",
        "how numbers are kept in a pass",
        {"choices": ("float32", "bfloat16")},
    ),
    Argument(
        "--channels-last", "word", "the memory layout of pictures", {"choices": ("on", "off")}
    ),
    Argument("--threads", "count", "threads of the processor, 1 and above"),
    Argument("--auto", "flag", "choose everything by timing again", {"action": "store_true"}),
    example="%plan --precision float32 --threads 1",
)
def plan(call: Call) -> Any:
    """Show how this machine is used, and why; settings given here are kept."""
    settings = call.given("precision", "threads")
    if call["channels_last"] is not None:
        settings["channels_last"] = call["channels_last"] == "on"
    if call["auto"] and settings:
        raise MagicError(
            "--auto chooses everything; leave the other options out, or leave out --auto"
        )
    chosen = call.learner.plan(auto=call["auto"], **settings)
    call.say(str(chosen))
    return chosen


PREPARING: tuple[Magic, ...] = (freeze, unfreeze, freeze_to, precompute, set_data, plan)
