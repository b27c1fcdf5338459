"""`tenfold course`: each command reaches its function, and says what went wrong in one line."""

from __future__ import annotations

from pathlib import Path

import pytest

from tenfold.cli import main


@pytest.mark.parametrize("command", [["build", "none", "out"], ["check", "none"]])
def test_a_folder_without_lessons_is_one_line(
    command: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["course", *command]) == 1
    error = capfd.readouterr().err
    assert error.startswith("tenfold: ") and "none" in error and error.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_status_of_a_folder_that_is_not_there(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["course", "status", str(tmp_path / "none")]) == 1
    assert "none is not a folder; name the one with the notebooks" in capsys.readouterr().err
