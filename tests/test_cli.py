"""The `tenfold` command, up to the door of JupyterLab."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType

import pytest

import tenfold
from tenfold.cli import main
from tenfold.cli.lab import copy_course, course_folder, lab_arguments
from tenfold.errors import FileError


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """A course of two notebooks, and files that are nobody's business."""
    folder = tmp_path / "source"
    (folder / "pictures").mkdir(parents=True)
    (folder / ".ipynb_checkpoints").mkdir()
    (folder / "01_toolbox.ipynb").write_text("{}")
    (folder / "pictures" / "leaf.svg").write_text("<svg/>")
    (folder / ".ipynb_checkpoints" / "01_toolbox.ipynb").write_text("old")
    return folder


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """What JupyterLab was asked to do; a stand-in takes its place."""
    asked: list[list[str]] = []
    stand_in = ModuleType("jupyterlab.labapp")
    stand_in.main = asked.append  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "jupyterlab.labapp", stand_in)
    return asked


def test_the_course_is_copied_without_hidden_files(course: Path, tmp_path: Path) -> None:
    copied, kept = copy_course(course, tmp_path / "mine")
    assert copied == ["01_toolbox.ipynb", "pictures/leaf.svg"]
    assert kept == []
    names = {file.name for file in (tmp_path / "mine").rglob("*") if file.is_file()}
    assert names == {"01_toolbox.ipynb", "leaf.svg"}


def test_what_a_student_changed_is_never_overwritten(course: Path, tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    copy_course(course, mine)
    (mine / "01_toolbox.ipynb").write_text("my answer")
    (mine / "pictures" / "leaf.svg").unlink()
    assert copy_course(course, mine) == (["pictures/leaf.svg"], ["01_toolbox.ipynb"])
    assert (mine / "01_toolbox.ipynb").read_text() == "my answer"


def test_the_bank_of_the_exercises_follows_the_course(course: Path, tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    (course / "exercises.json").write_text("old")
    copy_course(course, mine)
    (course / "exercises.json").write_text("new")
    assert copy_course(course, mine) == ([], [])
    assert (mine / "exercises.json").read_text() == "new"


def test_the_progress_of_whoever_made_the_course_stays_there(course: Path, tmp_path: Path) -> None:
    (course / "tenfold_progress.json").write_text("{}")
    copy_course(course, tmp_path / "mine")
    assert not (tmp_path / "mine" / "tenfold_progress.json").exists()


def test_a_file_in_the_place_of_the_folder_is_refused(course: Path, tmp_path: Path) -> None:
    target = tmp_path / "taken"
    target.write_text("")
    with pytest.raises(FileError, match=r"taken is a file\. Name a folder"):
        copy_course(course, target)


def test_the_course_of_this_installation_has_notebooks() -> None:
    assert list(course_folder().glob("01_*.ipynb"))


def test_an_installation_without_notebooks_says_how_to_mend_it(tmp_path: Path) -> None:
    with pytest.raises(FileError, match=r"No notebooks in .* install Tenfold again"):
        course_folder(tmp_path / "package" / "tenfold")


def test_lab_copies_the_course_and_serves_the_copy(
    served: list[list[str]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "mine"
    status = main(["lab", str(folder), "--no-browser", "--port", "8899", "--", "--ip=0.0.0.0"])
    assert status == 0
    assert f"The course is in {folder} (" in capsys.readouterr().out
    assert [word for word in served[0] if word != "--allow-root"] == [
        f"--ServerApp.root_dir={folder}",
        "--no-browser",
        "--port=8899",
        "--ip=0.0.0.0",
    ]


def test_lab_says_what_it_kept(
    served: list[list[str]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["lab", str(tmp_path)])
    first = next(tmp_path.glob("*.ipynb"))
    first.write_text("my answer")
    main(["lab", str(tmp_path)])
    assert f"Kept as you changed them: {first.name}" in capsys.readouterr().out
    assert len(served) == 2


def test_lab_without_a_folder_makes_one_here(
    served: list[list[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    main(["lab"])
    assert served[0][0] == f"--ServerApp.root_dir={tmp_path / 'tenfold-course'}"


def test_by_default_the_browser_opens_and_jupyter_picks_the_port(tmp_path: Path) -> None:
    options = " ".join(word.split("=")[0] for word in lab_arguments(tmp_path))
    assert "browser" not in options and "port" not in options


def test_without_jupyterlab_the_command_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "jupyterlab.labapp", None)
    assert main(["lab", str(tmp_path)]) == 1
    assert 'Install it: pip install "jupyterlab>=4.4"' in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["lab", "--port", "99999"], "'99999' is not a whole number from 1 to 65535"),
        (["lba"], "invalid choice: 'lba' (choose from"),
        ([], "required: COMMAND"),
    ],
)
def test_a_mistake_is_one_line(
    words: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(words)
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1


def test_the_version_is_that_of_the_package(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        main(["--version"])
    assert capsys.readouterr().out == f"tenfold {tenfold.__version__}\n"
