"""The student's progress: one file, whole at every moment."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tenfold.course.progress import PROGRESS, Progress, read_progress
from tenfold.course.records import locked, read_record
from tenfold.errors import FileError

MANY = """
import sys
from pathlib import Path
from tenfold.course.progress import Progress
for _ in range(25):
    Progress(Path(sys.argv[1])).attempt("3.1", "wrong")
"""


@pytest.fixture
def told() -> list[str]:
    return []


@pytest.fixture
def progress(tmp_path: Path, told: list[str]) -> Progress:
    return Progress(tmp_path, told=told.append)


def content(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / PROGRESS).read_text("utf-8"))
    return found


def test_nothing_is_written_by_looking(progress: Progress, tmp_path: Path) -> None:
    assert progress.exercise("3.1")["attempts"] == 0
    assert progress.guess("accuracy") is None
    assert not list(tmp_path.iterdir())


def test_attempts_are_counted_and_solved_stays(progress: Progress, tmp_path: Path) -> None:
    for verdict in ("wrong", "right", "raised"):
        progress.attempt("3.1", verdict)
    one = content(tmp_path)["exercises"]["3.1"]
    assert one.pop("when").endswith("+00:00")
    assert one == {
        "verdict": "raised",
        "attempts": 3,
        "solved": True,
        "hints": 0,
        "solution": False,
    }


def test_hints_the_solution_and_guesses_are_remembered(progress: Progress, tmp_path: Path) -> None:
    progress.saw_hints("3.1", 2)
    progress.saw_hints("3.1", 1)
    progress.saw_solution("3.1")
    progress.guessed("accuracy", "0.5")
    progress.guessed("accuracy", "0.6")
    progress.was("accuracy", "0.66")
    found = content(tmp_path)
    assert found["version"] == 1
    assert found["exercises"]["3.1"]["hints"] == 2
    assert found["exercises"]["3.1"]["solution"] is True
    assert {**found["guesses"]["accuracy"], "when": ""} == {
        "guess": "0.6",
        "was": "0.66",
        "when": "",
    }
    assert progress.guess("accuracy") == "0.6"


NO_ENTRY = '{"version": 1, "exercises": {"3.1": 5}, "guesses": {}}'


@pytest.mark.parametrize("broken", ['{"version": 1, "exer', "[]", "{}", '{"version": 1}', NO_ENTRY])
def test_a_broken_file_is_set_aside_with_one_line(
    broken: str, progress: Progress, told: list[str], tmp_path: Path
) -> None:
    (tmp_path / "tenfold_progress.broken1.json").write_text("an earlier one")
    (tmp_path / PROGRESS).write_text(broken)
    progress.attempt("3.1", "wrong")
    assert content(tmp_path)["exercises"]["3.1"]["attempts"] == 1
    assert (tmp_path / "tenfold_progress.broken2.json").read_text() == broken
    assert told == [
        "tenfold_progress.json could not be read; it is now tenfold_progress.broken2.json and a "
        "new one begins"
    ]


def test_the_file_of_a_newer_version_is_left_alone(
    progress: Progress, told: list[str], tmp_path: Path
) -> None:
    newer = '{"version": 2, "whatever": []}'
    (tmp_path / PROGRESS).write_text(newer)
    progress.attempt("3.1", "right")
    assert progress.exercise("3.1")["attempts"] == 0
    assert progress.guess("accuracy") is None
    assert (tmp_path / PROGRESS).read_text() == newer
    [line] = told
    assert "is of version 2 and this Tenfold reads up to 1; upgrade it" in line


def test_where_nothing_can_be_written_the_student_goes_on(told: list[str], tmp_path: Path) -> None:
    Progress(tmp_path / "absent", told=told.append).attempt("3.1", "right")
    assert told[0].startswith("your progress is not saved: ")


def test_a_broken_file_that_cannot_be_moved_holds_nobody_up(
    progress: Progress, told: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError("not yours")

    (tmp_path / PROGRESS).write_text("{")
    monkeypatch.setattr(Path, "rename", refuse)
    assert progress.exercise("3.1")["attempts"] == 0
    progress.attempt("3.1", "right")
    assert told == ["your progress is not saved: not yours"]


def test_a_broken_file_is_an_error_to_who_reads_it_for_a_class(tmp_path: Path) -> None:
    (tmp_path / PROGRESS).write_text("{")
    with pytest.raises(FileError, match=r"is not JSON .*; move it away, and a new one begins"):
        read_progress(tmp_path)
    (tmp_path / PROGRESS).write_text('{"version": 1}')
    with pytest.raises(FileError, match="is not a progress file; move it away"):
        read_progress(tmp_path)


def test_a_file_that_is_not_of_the_course_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text("[1]")
    with pytest.raises(FileError, match=r"a\.json has no version, .*; mend it"):
        read_record(tmp_path / "a.json", version=1, mend="mend it")


def test_kernels_that_write_at_once_lose_nothing(tmp_path: Path) -> None:
    command = [sys.executable, "-c", MANY, str(tmp_path)]
    running = [subprocess.Popen(command) for _ in range(2)]
    assert [one.wait(120) for one in running] == [0, 0]
    assert content(tmp_path)["exercises"]["3.1"]["attempts"] == 50
    assert {file.name for file in tmp_path.iterdir()} == {PROGRESS}


def test_the_lock_of_a_process_that_died_is_broken(progress: Progress, tmp_path: Path) -> None:
    lock = tmp_path / f".{PROGRESS}.lock"
    lock.touch()
    os.utime(lock, (0, 0))
    progress.attempt("3.1", "right")
    assert content(tmp_path)["exercises"]["3.1"]["solved"]
    assert not lock.exists()


def test_a_second_holder_waits_for_the_first(tmp_path: Path) -> None:
    file, order = tmp_path / "a.json", []

    def second() -> None:
        with locked(file):
            order.append("second")

    with locked(file):
        thread = threading.Thread(target=second)
        thread.start()
        thread.join(0.05)
        order.append("first")
    thread.join(30)
    assert order == ["first", "second"]


def test_a_write_that_fails_leaves_the_old_file(
    progress: Progress, told: list[str], tmp_path: Path, full_disk: Callable[[], None]
) -> None:
    progress.attempt("3.1", "wrong")
    before = (tmp_path / PROGRESS).read_bytes()
    full_disk()
    progress.attempt("3.1", "right")
    assert told == ["your progress is not saved: no space"]
    assert (tmp_path / PROGRESS).read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == [PROGRESS]


@pytest.fixture
def full_disk(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    def refuse(*_: object) -> None:
        raise OSError("no space")

    return lambda: monkeypatch.setattr(os, "replace", refuse)
