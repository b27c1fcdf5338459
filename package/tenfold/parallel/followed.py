"""The run of the kernel that follows the ranks: its history, events and controls are the usual."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tenfold.parallel.channel import Channel, Message
from tenfold.train.events import Callback, Events
from tenfold.train.run import Run, check_rate

__all__ = ["Followed"]


@dataclass(eq=False, repr=False)
class Followed(Run):
    """A run that is carried out by the ranks of a pool; `here` are the callbacks of the kernel."""

    here: Sequence[Callback] = ()

    def __post_init__(self) -> None:
        super().__post_init__()
        self.events = Events(self.here)
        self._leader: Channel | None = None
        self._early: list[Message] = []
        self._control = threading.RLock()

    @classmethod
    def of(cls, run: Run, here: Sequence[Callback]) -> Followed:
        """The same run, to be carried out elsewhere."""
        return cls(**run.parts, here=here)

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

    def tied(self, leader: Channel | None) -> None:
        """From here on requests go to this rank 0; those asked before go first."""
        with self._control:
            self._leader = leader
            early, self._early = self._early, []
            for message in early:
                self._send(*message)

    def _send(self, *message: Any) -> None:
        with self._control:
            if self._leader is None:
                self._early.append(message)
            else:
                self._leader.send(*message)

    def say(self, sentence: str) -> None:
        """Tell the person who waits, unless nothing is reported here."""
        if self.here:
            print(sentence)

    def hear(self, event: str, facts: dict[str, Any]) -> None:
        """Be where rank 0 is, and tell who watches."""
        batch = facts.pop("batch")
        for name, value in facts.items():
            setattr(self, name, value)
        self.targets = range(batch * len(self.memories)) if batch else None
        if self.state in {"running", "paused"} and event != "after_fit":
            self.events.call(event, self)
