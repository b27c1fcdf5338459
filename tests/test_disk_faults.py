from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

import pytest
from factories import same
from fault_world import Crash, Disk
from resume_world import Often, learner, result

from tenfold.errors import FileError, TenfoldError
from tenfold.learner import Learner
from tenfold.techniques.checkpoints import Checkpoints

WHOLE: list[Any] = []


def whole() -> list[Any]:
    """The result of the run that nothing happens to."""
    if not WHOLE:
        made = learner()
        begin(made)
        WHOLE.extend(result(made))
    return WHOLE


def begin(learn: Learner, folder: Path | None = None) -> None:
    more: dict[str, Any] = {}
    if folder is not None:
        checkpoints = Checkpoints(folder, keep=1)
        more = {"checkpoint": checkpoints, "callbacks": [Often(checkpoints)]}
    learn.fit(2, 0.05, schedule="cosine", **more)


class Told(list[str]):
    """A learner's words to its user."""

    def of(self, learn: Learner) -> Learner:
        learn._say = self.append  # type: ignore[method-assign]
        return learn


def calls(folder: Path) -> list[str]:
    """The calls of a run whose disk is good."""
    with Disk(folder).in_place() as disk:
        begin(learner(), folder)
    return disk.seen


def tried(folder: Path, *, fault: str, at: int) -> tuple[Learner, Told, BaseException | None]:
    learn, told = learner(), Told()
    error: BaseException | None = None
    with Disk(folder, fault=fault, at=at).in_place():
        try:
            begin(told.of(learn), folder)
        except (TenfoldError, Crash) as caught:
            error = caught
    return learn, told, error


def goes_on(folder: Path) -> Learner:
    """A new process: it resumes, or begins anew where it is told that there is nothing yet."""
    again = learner()
    try:
        again.resume(folder)
    except FileError as error:
        assert "there is no checkpoint in" in str(error)
        begin(again, folder)
    return again


def places(seen: list[str], fault: str) -> list[int]:
    """The calls at which a fault can happen."""
    writes = fault in ("full", "short", "torn")
    return [at for at, name in enumerate(seen) if not writes or name == "write"]


@pytest.mark.parametrize("fault", ["fail", "full", "short", "crash", "torn"])
def test_no_fault_at_any_call_of_a_save_loses_the_run(fault: str, tmp_path: Path) -> None:
    seen = calls(tmp_path / "clean")
    assert seen.count("write") >= 3 and seen.count("replace") == 3
    for at in places(seen, fault):
        folder = tmp_path / str(at)
        with contextlib.suppress(Crash):
            learn, told, error = tried(folder, fault=fault, at=at)
            assert len(told) <= 1, told
            if error is None:  # training went on to its end
                assert same(result(learn), whole()), (fault, at, seen[at])
        assert same(result(goes_on(folder)), whole()), (fault, at, seen[at])


def test_a_disk_that_is_full_is_said_once_and_training_goes_on(tmp_path: Path) -> None:
    at = calls(tmp_path / "clean").index("write")
    learn, told, error = tried(tmp_path / "run", fault="full", at=at)
    assert error is None and same(result(learn), whole())
    (line,) = told
    assert "no checkpoint was written: " in line and "No space left on device" in line
    assert "training goes on" in line


def test_a_folder_that_cannot_be_made_is_refused_before_training(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    learn = learner()
    with pytest.raises(FileError, match=r"cannot be used for checkpoints .*choose a folder that"):
        begin(learn, tmp_path / "file" / "run")
    assert not learn.history.steps
