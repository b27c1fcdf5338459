"""Kill trainings with SIGKILL at random moments, go on, and compare with one never killed."""

from __future__ import annotations

import os
import random
import select
import shutil
import signal
import time
from collections import Counter
from pathlib import Path

import torch

from tenfold.train.checkpoint import read_file

from .training import CASES, SAVING, Case, child, where

# a training that is killed so often is let run to its end
MOST_KILLS = 3
# every second kill waits for one of these moments, since some of them are short
MOMENTS = ("optimizer step", "between batches", "validation", "epoch ends", "epoch begins", SAVING)
# seconds between two looks at where a training is
LOOK = 0.0005


def measure(kills: int, folder: Path, *, seed: int = 0) -> dict[str, object]:
    """Kill `kills` times in all, in turns over the cases; the figures, and what went wrong."""
    rng, moments, wrong = random.Random(seed), Counter[str](), list[str]()
    trials = done = 0
    wholes: dict[Case, float] = {}
    while done < kills:
        case = CASES[trials % len(CASES)]
        if case not in wholes:
            wholes[case] = whole(case, folder / f"whole-{trials % len(CASES)}")
        place = folder / f"trial-{trials}"
        seen = killed(case, place, seconds=wholes[case], rng=rng, most=kills - done)
        moments.update(seen)
        done, trials = done + len(seen), trials + 1
        told = compared(place / "result", folder / f"whole-{CASES.index(case)}" / "result")
        wrong += [f"trial {trials} ({case}): {one}" for one in told]
        print(f"{done:4} kills, {trials} runs, {len(wrong)} wrong: {case}, {', '.join(seen)}")
        shutil.rmtree(place)
    return {
        "kills": done,
        "runs": trials,
        "wrong": wrong,
        "moments": dict(moments.most_common()),
    }


def whole(case: Case, place: Path) -> float:
    """Train without a kill and without checkpoints; how long it took, in seconds."""
    begin = time.monotonic()
    with child(case, place, checkpoints=False) as number:
        _, status = os.waitpid(number, 0)
    if status:
        raise RuntimeError((place / "error").read_text())
    return time.monotonic() - begin


def killed(case: Case, place: Path, *, seconds: float, rng: random.Random, most: int) -> list[str]:
    """Begin, kill, go on until it ends: the moments of the kills, one at least."""
    seen: list[str] = []
    while True:
        last = len(seen) == min(MOST_KILLS, most)
        with child(case, place) as number:
            if last:
                status: int | None = ended(number, None)
            else:
                aim = rng.choice(MOMENTS) if rng.random() < 0.5 else ""
                status = ended(number, rng.uniform(0, seconds), aim=aim, place=place)
        if status is not None and seen:
            return seen
        if status is not None:
            shutil.rmtree(place)  # the kill came too late, so there was none
            continue
        seen.append(where(place))


def ended(number: int, limit: float | None, *, aim: str = "", place: Path = Path()) -> int | None:
    """The exit status of a process; None when it was killed after `limit` seconds.

    With `aim` it is killed when it is at that moment next.
    """
    handle = os.pidfd_open(number)
    try:
        over, _, _ = select.select([handle], [], [], limit)
        while aim and not over and where(place) != aim:
            over, _, _ = select.select([handle], [], [], LOOK)
        if not over:
            os.kill(number, signal.SIGKILL)
        _, status = os.waitpid(number, 0)
    finally:
        os.close(handle)
    if status and not os.WIFSIGNALED(status):
        raise RuntimeError(f"the training ended with {status}")
    return None if os.WIFSIGNALED(status) else 0


def compared(mine: Path, theirs: Path) -> list[str]:
    """In what a result differs from another, bit by bit."""
    if not mine.exists():
        return ["there is no result"]
    (tensors, words), (expected, told) = (read_file(f, kind="result") for f in (mine, theirs))
    wrong = [name for name in expected if not torch.equal(tensors[name], expected[name])]
    return wrong + [name for name in ("rows", "marks") if words[name] != told[name]]
