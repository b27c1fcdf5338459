"""A run on the ranks of a pool: sent there, followed, brought back, gone on with after a death."""

from __future__ import annotations

import contextlib
import sys
import time
from pathlib import Path
from typing import Any

import torch

from tenfold.errors import ModelError, TrainingError
from tenfold.parallel.channel import Message
from tenfold.parallel.followed import Followed
from tenfold.parallel.parcel import Parcel, on_device, opened, packed
from tenfold.parallel.pool import Settings
from tenfold.parallel.pools import pool_for
from tenfold.parallel.worker import known_parts
from tenfold.techniques.checkpoints import Checkpoints
from tenfold.techniques.taking_up import Found
from tenfold.train.events import Callback
from tenfold.train.interrupts import Interrupts
from tenfold.train.run_folder import RunFolder
from tenfold.train.state import tensors_of

__all__ = ["RankError", "follow"]

# seconds in which the other ranks may say what ended them, once one has
SETTLE, LAST_WORDS = 1.0, 15.0
# what an error says that only means: another rank is gone
LOST = ("gloo", "NCCL", "Connection closed", "Connection reset", "DistBackendError")


class RankError(Exception):
    """The traceback of a rank, as the cause of the error that it ended with."""

    def __str__(self) -> str:
        return "\n" + str(self.args[0])


class Died(Exception):
    """A rank is gone without a word."""


def follow(run: Followed, settings: Settings) -> Followed:
    """Carry out a run on the ranks of a pool, and bring everything back into this process."""
    interrupts = Interrupts(lambda: run.stop("interrupted"))
    with interrupts, run.awaited():
        run.memories = [0] * settings.processes
        run.begin()
        run.events.call("before_fit", run)
        try:
            with interrupts.raising():
                result = Follower(run, settings).outcome()
            bring(run, result)
            run.end(result["state"])
            run.message = result["message"]
        except BaseException as error:
            run.end("failed", error)
            raise
        finally:
            run.events.call("after_fit", run)
    return run


class Follower:
    """Sends one run to a pool and hears what comes back."""

    def __init__(self, run: Followed, settings: Settings) -> None:
        self._run, self._settings = run, settings
        self._work = self._parcel()
        self._pool = pool_for(settings)
        self._done: dict[int, Parcel | None] = {}
        self._restarts = 0
        self._unread, self._place = 0, ""

    def outcome(self) -> dict[str, Any]:
        """What rank 0 brings back; raises what ended a rank."""
        try:
            while True:
                try:
                    return self._attempt()
                except Died as died:
                    self._again(died)
        except BaseException:
            self._run.tied(None)
            self._pool.close()
            raise

    def _parcel(self, found: Found | None = None) -> Parcel:
        """The run as the ranks get it; `found` is the checkpoint that it goes on from."""
        run = self._run
        values = run.parts
        values.update(inputs=None, targets=None, outputs=None, loss=None, row={})
        values["callbacks"] = [elsewhere(one, found) for one in run.sent]
        if found is not None:
            place = found.place
            values.update(place=place, history=found.history, base_rates=place.base_rates)
        try:
            if run.scores is not None:
                values["scores"] = packed(run.scores)
            return packed({"run": values, "sync_batchnorm": self._settings.sync_batchnorm})
        except Exception as error:
            raise ModelError(
                f"this run cannot be sent to other processes ({error}); model, data and callbacks "
                "must be free of locks, files and generators; train it with learn.fit"
            ) from error

    def _attempt(self) -> dict[str, Any]:
        pool, run = self._pool, self._run
        tensors, place = pool.place(self._work)
        self._unread, self._place = len(pool.channels), place
        try:
            for channel in pool.channels:
                channel.send("train", list(sys.path), self._work.structure, tensors, place)
            run.tied(pool.channels[0])
            self._done.clear()
            while len(self._done) < len(pool.channels):
                for rank, message in pool.messages():
                    self._take(rank, message)
        finally:
            self._let_go(place)
        run.tied(None)
        pool.rest()
        return self._opened(self._done[0])

    def _let_go(self, place: str) -> None:
        """Remove the file of the tensors: a rank that has mapped it does not need its name."""
        if place:
            with contextlib.suppress(OSError):
                Path(place).unlink()

    def _take(self, rank: int, message: Message | None) -> None:
        kind, *values = message or ("gone",)
        if kind == "opened":
            self._unread -= 1
            if not self._unread:
                self._let_go(self._place)
        elif kind == "news":
            self._news(*values)
        elif kind == "memory":
            memories = list(self._run.memories)
            memories[values[0]] = values[1]
            self._run.memories = memories
        elif kind == "print":
            print(values[0], end="")
        elif kind == "done":
            self._done[rank] = values[1]
        elif kind in {"failed", "gone"}:
            self._raise(rank, message)

    def _news(self, event: str, facts: dict[str, Any], steps: Any, rows: Any, marks: Any) -> None:
        """Add what is new: after a restart the ranks tell again what they have told."""
        history = self._run.history
        known = max(0, history.steps - steps[0])
        if known < len(steps[1]):
            history.add_steps(steps[1][known:], steps[2][known:])
        history.rows.extend(rows[1][max(0, len(history.rows) - rows[0]) :])
        history.marks.extend(marks[1][max(0, len(history.marks) - marks[0]) :])
        self._run.hear(event, facts)

    # ---- when a rank does not end well -------------------------------------------------------

    def _raise(self, rank: int, message: Message | None) -> None:
        """Raise what ended the run: a death before an error, an error before its echo."""
        heard = {rank: message}
        # where one only says that another is gone, that one's end is still to be heard
        cause = message is not None and not echo(message)
        until = time.monotonic() + (SETTLE if cause else LAST_WORDS)
        while len(heard) < len(self._pool.channels) and time.monotonic() < until:
            if any(one is None for one in heard.values()):
                break
            for other, more in self._pool.messages():
                if more is None or more[0] == "failed":
                    heard.setdefault(other, more)
        for gone, more in heard.items():
            if more is None:
                raise Died(gone)
        failures = [one for _, one in sorted(heard.items()) if one is not None]
        own = [one for one in failures if not echo(one)] or failures
        self._fail(own[0], result=failures[0][5])

    def _fail(self, failed: Message, *, result: Parcel | None) -> None:
        _, rank, step, structure, words, _ = failed
        if result is not None:  # of rank 0: it had put things in order before it ended
            bring(self._run, self._opened(result))
        try:
            error = opened(Parcel(structure)) if structure is not None else None
        except Exception:
            error = None
        if not isinstance(error, BaseException) or echo(failed):
            last = words.strip().splitlines()[-1]
            error = TrainingError(
                f"rank {rank} of {self._settings.processes} failed at step {step + 1}: {last}; "
                "its traceback is above; train with learn.fit to look for the cause"
            )
        raise error from RankError(words)

    def _again(self, died: Died) -> None:
        """Let the agent's new ranks go on from the last checkpoint, if they can."""
        pool, run = self._pool, self._run
        run.tied(None)
        writer = next((one for one in run.sent if isinstance(one, Checkpoints)), None)
        if writer is None or self._restarts >= self._settings.restarts:
            raise self._death(died, None if writer is None else writer.folder)
        self._restarts += 1
        run.say(f"{self._dead(died)}; every rank begins anew, from the last checkpoint")
        pool.gather()
        found = None
        if writer.begun:  # else it died before the first was written: begin at the beginning
            found = Found.of(writer.folder)
            found.restore(run.model, run.optimizer)
        self._work = self._parcel(found)

    def _dead(self, died: Died) -> str:
        rank, run = died.args[0], self._run
        return (
            f"rank {rank} of {self._settings.processes} (process {self._pool.pids[rank]}) died at "
            f"step {run.step + 1} of {run.total_steps}, killed from outside or for want of memory"
        )

    def _death(self, died: Died, folder: RunFolder | None) -> TrainingError:
        rank = died.args[0]
        words = self._pool.said_last(rank) or f"process {self._pool.pids[rank]} said nothing"
        how = "give checkpoint=folder to go on after a death"
        if folder is not None:
            how = "no checkpoint was written yet, so train again"
        if folder is not None and folder.unfinished():
            how = f"learn.resume({str(folder.path)!r}) goes on from the last checkpoint"
        whose = "of the last checkpoint" if self._restarts else "from before this fit"
        error = TrainingError(f"{self._dead(died)}; the learner has the weights {whose}; {how}")
        error.__cause__ = RankError(words)
        return error

    def _opened(self, parcel: Parcel | None) -> dict[str, Any]:
        assert parcel is not None
        with on_device(self._run.device):
            return opened(parcel, known_parts(self._run))


def elsewhere(callback: Callback, found: Found | None) -> Callback:
    """A callback as the ranks get it: checkpoints are written there, and locked there."""
    if isinstance(callback, Checkpoints):
        return callback.elsewhere(**({} if found is None else found.identity))
    return callback


@torch.no_grad()
def bring(run: Followed, result: dict[str, Any]) -> None:
    """Put the outcome of the ranks into model, optimizer and callbacks of the kernel."""
    now = tensors_of(run.model)
    for name, value in result["weights"].items():
        now[name].copy_(value)
    run.optimizer.state.clear()
    run.optimizer.state.update(result["slots"])
    run.optimizer.param_groups[:] = result["groups"]
    for callback, state in zip(run.sent, result["callbacks"], strict=True):
        vars(callback).update(state or {})


def echo(failed: Message) -> bool:
    """Whether an error only says that another rank is gone."""
    last = failed[4].strip().splitlines()[-1] if failed[4].strip() else ""
    return any(word in last for word in LOST)
