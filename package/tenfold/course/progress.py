"""The student's progress: one small JSON file beside the notebooks.

    {"version": 1,
     "exercises": {"3.1": {"verdict": "wrong", "attempts": 2, "solved": false,
                           "hints": 1, "solution": false, "when": "2026-11-21T07:00:00+00:00"}},
     "guesses": {"accuracy": {"guess": "0.5", "was": "0.66", "when": …}}}

`verdict` is that of the last attempt, `attempts` counts the verdicts right, wrong and raised,
`solved` stays true once it was right, `hints` counts those that were shown, `solution` says
whether the solution was; `when` is the last change, in universal time.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tenfold.course.records import NewerFileError, locked, read_record, write_record
from tenfold.errors import FileError

__all__ = ["PROGRESS", "Progress", "read_progress"]

PROGRESS = "tenfold_progress.json"
VERSION = 1
NEW = {"verdict": "", "attempts": 0, "solved": False, "hints": 0, "solution": False, "when": ""}


def read_progress(folder: Path) -> dict[str, Any]:
    """The progress in a folder, empty where there is none; raises FileError for a broken file."""
    file = Path(folder) / PROGRESS
    if not file.exists():
        return {"version": VERSION, "exercises": {}, "guesses": {}}
    record = read_record(file, version=VERSION, mend="move it away, and a new one begins")
    halves = [record.get("exercises"), record.get("guesses")]
    if not all(isinstance(half, dict) and all(map(_is_entry, half.values())) for half in halves):
        raise FileError(f"{file} is not a progress file; move it away, and a new one begins")
    return record


def _is_entry(value: object) -> bool:
    return isinstance(value, dict)


class Progress:
    """The progress in a folder, read afresh and written whole at every change.

    Two kernels may write at once. A file that cannot be read is set aside, and one that a newer
    Tenfold wrote is left alone: `told` gets one line, and the student goes on.
    """

    def __init__(self, folder: Path, *, told: Callable[[str], None] = print) -> None:
        self._file, self._told = Path(folder) / PROGRESS, told

    def exercise(self, number: str) -> dict[str, Any]:
        """What is known of one exercise, as in the file."""
        return {**NEW, **self._read()["exercises"].get(number, {})}

    def guess(self, name: str) -> str | None:
        """The guess of that name, as it was written."""
        found = self._read()["guesses"].get(name, {}).get("guess")
        return None if found is None else str(found)

    def attempt(self, number: str, verdict: str) -> None:
        """Count an attempt: right, wrong or raised."""

        def change(one: dict[str, Any]) -> None:
            one["verdict"], one["attempts"] = verdict, one["attempts"] + 1
            one["solved"] = one["solved"] or verdict == "right"

        self._change("exercises", number, change)

    def saw_hints(self, number: str, count: int) -> None:
        """The student has seen so many of the hints."""
        self._change("exercises", number, lambda one: one.update(hints=max(count, one["hints"])))

    def saw_solution(self, number: str) -> None:
        """The student has seen the solution."""
        self._change("exercises", number, lambda one: one.update(solution=True))

    def guessed(self, name: str, guess: str) -> None:
        """Record a guess; a second one of the same name takes its place."""
        self._change("guesses", name, lambda one: one.update(guess=guess))

    def was(self, name: str, value: str) -> None:
        """Record what a guess turned out to be."""
        self._change("guesses", name, lambda one: one.update(was=value))

    def _change(self, part: str, key: str, change: Callable[[dict[str, Any]], Any]) -> None:
        try:
            with locked(self._file):
                record = self._whole()
                one = {**(NEW if part == "exercises" else {}), **record[part].get(key, {})}
                change(one)
                one["when"] = datetime.now(UTC).isoformat(timespec="seconds")
                record[part][key] = one
                write_record(self._file, record)
        except OSError as error:
            self._told(f"your progress is not saved: {error}")

    def _read(self) -> dict[str, Any]:
        try:
            return self._whole()
        except OSError:  # the change that follows says why
            return {"exercises": {}, "guesses": {}}

    def _whole(self) -> dict[str, Any]:
        """The record, after a broken file was set aside."""
        try:
            return read_progress(self._file.parent)
        except NewerFileError:
            raise
        except FileError:
            aside = self._set_aside()
            self._told(f"{PROGRESS} could not be read; it is now {aside.name} and a new one begins")
            return read_progress(self._file.parent)

    def _set_aside(self) -> Path:
        number = 1
        while (aside := self._file.with_name(f"tenfold_progress.broken{number}.json")).exists():
            number += 1
        return self._file.rename(aside)
