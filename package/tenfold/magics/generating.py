"""The magics of generators: look at what they make, and whose turn it is."""

from __future__ import annotations

from tenfold.interpret.sheet import Sheet, Sheets, check_model
from tenfold.learner import Learner
from tenfold.magics.call import Argument, Call, Magic, magic
from tenfold.magics.parser import MagicError

__all__ = ["GENERATING"]


@magic(
    "sheet",
    Argument("n", "count", "how many pictures; 64 without it", {"nargs": "?"}),
    Argument("--seed", "count", "of the noise they are made of; 0 without it"),
    Argument(
        "--epochs",
        "flag",
        "a few pictures of the same noise after every epoch, a row for each",
        {"action": "store_true"},
    ),
    example="%sheet 64 --seed 1",
)
def sheet(call: Call) -> Sheet | Sheets:
    """Show pictures that a GAN makes: the same seed makes them of the same noise at any time."""
    settings = call.given("n", "seed")
    epochs = call["epochs"]
    if epochs and settings:
        raise MagicError(
            f"--epochs was given with {' and '.join(settings)}; it shows what was kept while "
            "training; leave the one or the other out"
        )

    def look(learner: Learner) -> Sheet | Sheets:
        return learner.sheets() if epochs else learner.sheet(**settings)

    def show(found: Sheet | Sheets) -> None:
        if not call.used:
            call.show(found)

    return call.work(look, then=show, waits=True)


@magic(
    "critic_steps",
    Argument("steps", "count", "how often the critic learns for each step of the generator"),
    example="%critic_steps 2",
)
def critic_steps(call: Call) -> None:
    """Change how often a GAN's critic learns for each step of its generator, also on the way."""
    model = check_model(call.learner.model)
    model.critic_steps = call["steps"]
    call.say(f"the critic learns {call['steps']} to 1 from the next batch on")


GENERATING: tuple[Magic, ...] = (sheet, critic_steps)
