"""The run of the kernel that follows the ranks: its history, events and controls are the usual."""

from __future__ import annotations

import contextlib
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import torch

from tenfold.errors import ModelError, TrainingError
from tenfold.parallel.channel import Message
from tenfold.parallel.parcel import Parcel, on_device, opened, packed
from tenfold.parallel.pool import Pool, Settings, pool_for
from tenfold.parallel.worker import known_parts, tensors_of
from tenfold.train.events import Callback, Events
from tenfold.train.run import Run, check_rate
from tenfold.train.trainer import interruptible

__all__ = ["Followed", "RankError", "follow"]

# seconds in which the other ranks may say what ended them, once one has
SETTLE = 1.0
# what an error says that only means: another rank is gone
LOST = ("gloo", "NCCL", "Connection closed", "Connection reset", "DistBackendError")


class RankError(Exception):
    """The traceback of a rank, as the cause of the error that it ended with."""

    def __str__(self) -> str:
        return "\n" + str(self.args[0])


class Died(Exception):
    """A rank is gone without a word."""


@dataclass(eq=False, repr=False)
class Followed(Run):
    """A run that is carried out by the ranks of a pool; `here` are the callbacks of the kernel."""

    here: Sequence[Callback] = ()

    def __post_init__(self) -> None:
        super().__post_init__()
        self.events = Events(self.here)
        self._pool: Pool | None = None
        self._early: list[Message] = []
        self._control = threading.RLock()

    @classmethod
    def of(cls, run: Run, here: Sequence[Callback]) -> Followed:
        """The same run, to be carried out elsewhere."""
        values = {one.name: getattr(run, one.name) for one in fields(Run)}
        return cls(**values, here=here)

    @property
    def sent(self) -> list[Callback]:
        """The callbacks that go to the ranks."""
        return [one for one in self.callbacks if one not in self.here]

    def pause(self) -> None:
        """Let every rank wait before its next batch."""
        self._send("pause")

    def resume(self) -> None:
        """Let every rank go on."""
        self._send("resume")

    def stop(self, message: str = "stopped") -> None:
        """Let every rank end after the present batch."""
        self._send("stop", message)

    def set_rate(self, lr: float, *, group: int | None = None) -> None:
        """Let every rank train at another rate from the next batch on."""
        self._send("rate", check_rate(lr, group, groups=len(self.base_rates)), group)

    def tied(self, pool: Pool | None) -> None:
        """From here on requests go to the ranks of this pool; those asked before go first."""
        with self._control:
            self._pool = pool
            early, self._early = self._early, []
            for message in early:
                self._send(*message)

    def _send(self, *message: Any) -> None:
        with self._control:
            if self._pool is None:
                self._early.append(message)
            else:
                self._pool.channels[0].send(*message)

    def hear(self, event: str, facts: dict[str, Any]) -> None:
        """Be where rank 0 is, and tell who watches."""
        batch = facts.pop("batch")
        for name, value in facts.items():
            setattr(self, name, value)
        self.targets = range(batch * len(self.memories)) if batch else None
        if self.state in {"running", "paused"} and event != "after_fit":
            self.events.call(event, self)


def follow(run: Followed, settings: Settings) -> Followed:
    """Carry out a run on the ranks of a pool, and bring everything back into this process."""
    with run.awaited(), interruptible(run):
        run.begin()
        run.events.call("before_fit", run)
        try:
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

    def _parcel(self) -> Parcel:
        run = self._run
        values = {one.name: getattr(run, one.name) for one in fields(Run)}
        values.update(callbacks=run.sent, inputs=None, targets=None, outputs=None, loss=None)
        try:
            return packed({"run": values, "sync_batchnorm": self._settings.sync_batchnorm})
        except Exception as error:
            raise ModelError(
                f"this run cannot be sent to other processes ({error}); model, data and callbacks "
                "must be free of locks, files and generators; train it with learn.fit"
            ) from error

    def _attempt(self) -> dict[str, Any]:
        pool, run = self._pool, self._run
        tensors, place = pool.place(self._work)
        try:
            run.memories = [0] * len(pool.channels)
            for channel in pool.channels:
                channel.send("train", list(sys.path), self._work.structure, tensors, place)
            run.tied(pool)
            self._done.clear()
            while len(self._done) < len(pool.channels):
                for rank, message in pool.messages():
                    self._take(rank, message)
        finally:
            if place:
                with contextlib.suppress(OSError):
                    Path(place).unlink()
        run.tied(None)
        pool.rest()
        return self._opened(self._done[0])

    def _take(self, rank: int, message: Message | None) -> None:
        kind, *values = message or ("gone",)
        if kind == "news":
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

    def _news(
        self, event: str, facts: dict[str, Any], steps: Any, rows: Any, marks: Any
    ) -> None:
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
        until = time.monotonic() + SETTLE
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
        """Let the agent's new ranks go on from a checkpoint, if there is one."""
        rank, pool, run = died.args[0], self._pool, self._run
        run.tied(None)
        process = pool.pids[rank]
        words = pool.said_last(rank)
        raise TrainingError(
            f"rank {rank} of {self._settings.processes} (process {process}) died at step "
            f"{run.step + 1} of {run.total_steps}, killed from outside or for want of memory; "
            "the weights are those from before this fit; give checkpoint=folder to go on after "
            "a death"
        ) from RankError(words or f"process {process} left no traceback")

    def _opened(self, parcel: Parcel | None) -> dict[str, Any]:
        assert parcel is not None
        with on_device(self._run.device):
            return opened(parcel, known_parts(self._run))


@torch.no_grad()
def bring(run: Followed, result: dict[str, Any]) -> None:
    """Put the outcome of the ranks into the model, the optimizer and the callbacks of the kernel."""
    now = tensors_of(run.model)
    for name, value in result["weights"].items():
        now[name].copy_(value)
    run.optimizer.state.clear()
    run.optimizer.state.update(result["slots"])
    run.optimizer.param_groups[:] = result["groups"]
    for callback, state in zip(run.sent, result["callbacks"], strict=True):
        vars(callback).update(state)


def echo(failed: Message) -> bool:
    """Whether an error only says that another rank is gone."""
    last = failed[4].strip().splitlines()[-1] if failed[4].strip() else ""
    return any(word in last for word in LOST)
