"""From the records to the views: one thread sends each of them a few messages a second."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from typing import Any

from tenfold.live.record import Record, Records, Sent
from tenfold.live.wire import answer, runs_message

__all__ = ["CALM_PERIOD", "PATIENCE", "PERIOD", "YOUNG", "Publisher", "Send", "View"]

# seconds between two messages to a page: while a run is young or the page has asked something,
# and afterwards. JupyterLab spends some twelve milliseconds on each (measured), taken from training
PERIOD, CALM_PERIOD = 0.4, 1.0
YOUNG = 5.0
# a view that has not said for so long that it is there is left alone
PATIENCE = 60.0
MOST_ANSWERS = 8

Send = Callable[[dict[str, Any], list[bytes]], None]


class View:
    """A page that listens; made by `Monitor.listen`."""

    def __init__(self, publisher: Publisher, send: Send, *, owner: str | None) -> None:
        self.send, self.owner, self.closed = send, owner, False
        self.fresh, self.urgent = True, False
        self.last, self.renewed = float("-inf"), 0.0
        self.answers: deque[tuple[str, bool, str]] = deque(maxlen=MOST_ANSWERS)
        self._publisher = publisher
        self._number = 0
        self._sent: dict[int, Sent] = {}

    def renew(self, *, fresh: bool = False) -> None:
        """Say that the page is there; `fresh` asks for everything once more."""
        self._publisher.add(self, fresh=fresh)

    def answer(self, to: str, *, ok: bool, words: str = "") -> None:
        """Tell the page what became of its command `to`."""
        self.answers.append((to, ok, words))
        self._publisher.wake()

    def close(self) -> None:
        """Send nothing more."""
        self.closed = True
        self._publisher.remove(self)

    def period(self, records: Records) -> float:
        """The seconds until the page may be told something again."""
        there = records.all(owner=self.owner)
        young = any(one.active and one.facts["seconds"] < YOUNG for one in there)
        return PERIOD if young or self.fresh or self.answers else CALM_PERIOD

    def waits(self, records: Records) -> bool:
        """Whether there is something that the page was not told."""
        there = records.all(owner=self.owner)
        known = [self._sent.get(one.number, Sent()).revision == one.revision for one in there]
        return self.fresh or bool(self.answers) or not all(known)

    def next_answer(self) -> dict[str, Any] | None:
        """The oldest answer that was not sent."""
        if not self.answers:
            return None
        to, ok, words = self.answers.popleft()
        self._number += 1
        return answer(self._number, to, ok=ok, words=words)

    def news(self, records: Records, *, fresh: bool) -> tuple[dict[str, Any], list[bytes]] | None:
        """A snapshot, or what changed since the last message; None when nothing did."""
        known = {} if fresh else self._sent
        runs: list[dict[str, Any]] = []
        buffers: list[bytes] = []
        there = records.all(owner=self.owner)
        self._sent = {record.number: known.get(record.number, Sent()) for record in there}
        for record in there:
            sent = self._sent[record.number]
            with records.lock:  # for one run at a time: a trainer may be waiting
                if sent.revision != record.revision:
                    runs.append(record.news(sent, buffers))
        if not runs and not fresh:
            return None
        self._number += 1
        return runs_message("snapshot" if fresh else "delta", self._number, runs), buffers


class Publisher:
    """Sends to every view at most one message of news and one answer in each period.

    The end of a run is sent at once. The thread is there while a view and a run are. `clock`
    tells the seconds; `start` starts the thread.
    """

    def __init__(
        self,
        records: Records,
        *,
        clock: Callable[[], float],
        start: Callable[[Callable[[], None]], None],
    ) -> None:
        self._records, self._clock, self._start = records, clock, start
        self._views: list[View] = []
        # held twice when a page that is no longer used is collected at the wrong moment
        self._lock = threading.RLock()
        self._woken = threading.Event()
        self._going = False

    def add(self, view: View, *, fresh: bool = False) -> None:
        """Send to a view from now on; one that was dropped gets everything once more."""
        with self._lock:
            view.renewed = self._clock()
            if view not in self._views and not view.closed:
                self._views.append(view)
                fresh = True
            view.fresh = view.fresh or fresh
        self.wake()

    def remove(self, view: View) -> None:
        """Send nothing more to a view."""
        with self._lock:
            if view in self._views:
                self._views.remove(view)
            self._woken.set()

    def changed(self, record: Record) -> None:
        """Say that a record has changed; its end is sent at once."""
        if record.ended:
            with self._lock:
                for view in list(self._views):
                    view.urgent |= view.owner in (None, record.facts["owner"])
        self.wake()

    def wake(self) -> None:
        """Let the thread look; starts it where there is none."""
        with self._lock:
            self._woken.set()
            if self._views and not self._going:
                self._going = True
                self._start(self._loop)

    def step(self) -> float | None:
        """Send what is due; the seconds until something may be, or None when there is no need."""
        with self._lock:
            views = list(self._views)
        waits = [wait for wait in map(self._serve, views) if wait is not None]
        active = any(record.active for record in self._records.all())
        with self._lock:
            return min([*waits, PATIENCE]) if self._views and (waits or active) else None

    def _loop(self) -> None:
        while True:
            self._woken.clear()
            wait = self.step()
            with self._lock:
                if wait is None and not self._woken.is_set():
                    self._going = False
                    return
            self._woken.wait(wait)

    def _serve(self, view: View) -> float | None:
        """Send one view what is due; the seconds until its next turn, None with nothing to say."""
        with self._lock:
            now = self._clock()
            if now - view.renewed > PATIENCE and view in self._views:
                self._views.remove(view)
            urgent, view.urgent = view.urgent, False
            if view not in self._views or not view.waits(self._records):
                return None
            due = view.last + view.period(self._records)
            if now < due and not urgent:
                return due - now
            fresh, view.fresh, view.last = view.fresh, False, now
        self._send(view, fresh=fresh)
        return PERIOD if view.answers else None

    def _send(self, view: View, *, fresh: bool) -> None:
        try:
            news, said = view.news(self._records, fresh=fresh), view.next_answer()
            if news is not None:
                view.send(*news)
            if said is not None:
                view.send(said, [])
        except Exception:  # the page is gone: whatever its channel raises
            self.remove(view)
