from __future__ import annotations

import signal
from pathlib import Path
from typing import Any

import pytest
import torch
from atomic_world import Act, Lines, fail, interrupt, interrupt_twice, two_threads, wrong_after
from factories import make_learner, make_pairs
from test_precompute import make_vision_learner

from tenfold.learner import Learner
from tenfold.train.interrupts import Interrupts


def numbers() -> Learner:
    """A frozen group, a mixture of modes, bfloat16, and one thread where the process has two."""
    learn = make_learner((make_pairs(2), make_pairs(1, seed=2)))
    learn.plan(precision="bfloat16", threads=1)
    learn.freeze_to(1)
    learn.model.late.eval()
    learn.model.head.train()
    return learn


def trained() -> Learner:
    """One that has an optimizer with a state."""
    learn = numbers()
    learn.fit(1, 0.01)
    return learn


def pictures() -> Learner:
    learn = make_vision_learner()
    learn.plan(precision="bfloat16")
    learn.model.eval()
    learn.model.head.train()
    return learn


def activations(learn: Learner) -> Any:
    return learn._pass_parts()


WORK = {
    "fit": (numbers, lambda learn: learn.fit(1, 0.01)),
    "lr_find": (trained, lambda learn: learn.lr_find(steps=10)),
    "predictions": (numbers, lambda learn: learn.predictions()),
    "predict": (numbers, lambda learn: learn.predict(torch.zeros(3))),
    "tta": (pictures, lambda learn: learn.tta(n=1)),
    "features": (pictures, activations),
}
# how many lines of a piece of work are tried; the soak does every one
TRIED = {numbers: 24, trained: 16, pictures: 6}
ACTS = {"fail": fail, "interrupt": interrupt, "interrupt twice": interrupt_twice}


def lines_of(name: str, *, loop: bool) -> int:
    """How many lines some work has."""
    make, work = WORK[name]
    learn = make()
    with Lines(loop=loop) as lines:
        work(learn)
    return lines.count


def faults(name: str, act: Act, *, step: int, first: int = 0) -> list[str]:
    """What goes wrong when `act` comes at every `step`th line of some work."""
    make, work = WORK[name]
    loop, wrong = act is fail, []
    with two_threads():
        for at in range(first, lines_of(name, loop=loop), step):
            lines = Lines(act=act, at=at, loop=loop)
            wrong += wrong_after(make(), work, lines=lines, exact=name == "lr_find")
    return wrong


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TENFOLD_CACHE", str(tmp_path))


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("name", WORK)
def test_whatever_comes_between_two_lines_everything_is_put_back(name: str, act: str) -> None:
    step = max(1, lines_of(name, loop=act == "fail") // TRIED[WORK[name][0]])
    assert faults(name, ACTS[act], step=step, first=step // 2) == []


def test_an_interrupt_that_came_too_early_raises_in_the_body() -> None:
    reached = []
    with pytest.raises(KeyboardInterrupt), Interrupts() as interrupts:
        signal.raise_signal(signal.SIGINT)
        reached.append("before")
        with interrupts.raising():
            reached.append("body")
    assert reached == ["before"]


def test_an_interrupt_that_came_too_late_raises_once_all_is_put_back() -> None:
    before, reached = signal.getsignal(signal.SIGINT), []
    with pytest.raises(KeyboardInterrupt), Interrupts() as interrupts:
        with interrupts.raising():
            pass
        signal.raise_signal(signal.SIGINT)
        reached.append("put back")
    assert reached == ["put back"] and signal.getsignal(signal.SIGINT) is before


def test_an_interrupt_in_the_body_raises_there_and_no_second_one_breaks_the_end() -> None:
    reached = []
    with pytest.raises(KeyboardInterrupt), Interrupts() as interrupts:
        try:
            with interrupts.raising():
                signal.raise_signal(signal.SIGINT)
                reached.append("body")
        finally:
            signal.raise_signal(signal.SIGINT)
            reached.append("put back")
    assert reached == ["put back"]


def test_autocast_that_an_error_left_on_is_off_again() -> None:
    learn = numbers()

    def leave_on(*_: Any) -> Any:
        torch.autocast("cpu", torch.bfloat16).__enter__()
        raise ValueError

    learn.model.head.forward = leave_on
    with pytest.raises(ValueError):
        learn.predictions()
    assert not torch.is_autocast_enabled("cpu")
    assert torch.autocast_decrement_nesting() == -1 and torch.autocast_increment_nesting() == 0
