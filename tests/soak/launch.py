"""A rank is killed at a random moment; the run goes on by itself, or is resumed, bit for bit."""

from __future__ import annotations

import os
import random
import signal
import sys
import threading
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from factories import make_pairs, same, tensors
from launch_world import Slow, ranks_alive, still, until

from tenfold.errors import TrainingError
from tenfold.learner import Learner
from tenfold.parallel.pools import close_all

EPOCHS, STEPS = 4, 10


def learner(*callbacks: Any) -> Learner:
    """Batch norm and SGD's momentum included; ten steps an epoch."""
    pairs = make_pairs(STEPS - 1, rest=3), make_pairs(3, seed=2, rest=1)
    return still(norm=True, data=pairs, callbacks=callbacks, optimizer="sgd")


def told(learn: Learner) -> Any:
    """Everything that has to be the same."""
    rows = [{k: v for k, v in row.items() if k != "seconds"} for row in learn.history.rows]
    return rows, learn.history.losses.tolist(), tensors(learn.model)


def measure(count: int, folder: Path, *, seed: int) -> dict[str, Any]:
    """Kill `count` ranks: the first half in runs that go on, the other in runs that are resumed."""
    whole = learner()
    whole.launch(2).fit_sgdr(2, 0.1, cycle_len=2)
    wanted, dice = told(whole), random.Random(seed)
    wrong: list[dict[str, Any]] = []
    deaths = 0
    for number in range(count):
        moment = {
            "rank": dice.randrange(2),
            "step": dice.randrange(EPOCHS * STEPS),
            "after": dice.random() * 0.05,
            "resumed": number >= count // 2,
        }
        found, died = one(folder / str(number), **moment)
        deaths += died
        if not same(found, wanted):
            wrong.append(moment)
        print(number, moment, "right" if not wrong else f"{len(wrong)} wrong", flush=True)
    close_all()
    left = ranks_alive()
    return {"kills": count, "deaths": deaths, "wrong": wrong, "processes left": len(left)}


def one(folder: Path, *, rank: int, step: int, after: float, resumed: bool) -> tuple[Any, bool]:
    """What is left of a run in which a rank was killed, and whether it came to that."""
    learn = learner(Slow())
    more: dict[str, Any] = {"restarts": 0} if resumed else {}
    killed: list[int] = []

    def kill() -> None:
        until(learn, lambda run: run.step >= step)
        threading.Event().wait(after)
        if learn.run is not None and not learn.run.ended:
            killed.append(ranks_alive()[rank])
            os.kill(killed[0], signal.SIGKILL)

    thread = threading.Thread(target=kill)
    thread.start()
    try:
        learn.launch(2, **more).fit_sgdr(2, 0.1, cycle_len=2, checkpoint=folder)
    except TrainingError as error:
        learn = learner(Slow())
        again = learn.launch(2, **more)
        if "no checkpoint was written yet" in str(error):  # it died before the first was
            again.fit_sgdr(2, 0.1, cycle_len=2, checkpoint=folder)
        else:
            again.resume(folder)
    thread.join()
    return told(learn), bool(killed)
