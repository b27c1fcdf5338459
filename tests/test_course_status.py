"""How far the students are, one folder or many."""

from __future__ import annotations

from pathlib import Path

import pytest
from course_world import source, write_source

from tenfold.course.build import build_course
from tenfold.course.progress import PROGRESS, Progress
from tenfold.course.status import Count, course_status, status_table
from tenfold.errors import FileError


@pytest.fixture
def students(tmp_path: Path) -> Path:
    """Two students' folders below a course's, the first with work in it."""
    write_source(tmp_path / "lessons")
    other = source().replace("3.1", "4.1").replace("number: 3", "number: 4")
    write_source(tmp_path / "lessons", other, name="04_more.md")
    folder = tmp_path / "students"
    for name in ("ada", "blaise"):
        build_course(tmp_path / "lessons", folder / name)
    Progress(folder / "ada").attempt("3.1", "right")
    Progress(folder / "ada").attempt("3.1", "wrong")
    Progress(folder / "ada").attempt("4.1", "wrong")
    Progress(folder / "ada").saw_hints("9.9", 1)
    return folder


def test_a_students_folder_has_a_count_for_each_notebook(students: Path) -> None:
    [one] = course_status(students / "ada")
    assert one.folder == "ada"
    assert dict(one.notebooks) == {
        "03_halves.ipynb": Count(1, 1, 1),
        "04_more.ipynb": Count(0, 1, 1),
    }
    assert one.sum == Count(1, 2, 2)
    assert status_table([one]).splitlines() == [
        "notebook         right  attempted  exercises",
        "03_halves.ipynb      1          1          1",
        "04_more.ipynb        0          1          1",
        "together             1          2          2",
    ]


def test_of_many_students_each_has_a_row(students: Path) -> None:
    (students / "notes").mkdir()
    assert status_table(course_status(students)).splitlines() == [
        "right/attempted/exercises     03     04  together",
        "ada                        1/1/1  0/1/1     1/2/2",
        "blaise                     0/0/1  0/0/1     0/0/2",
    ]


def test_broken_progress_is_told_and_holds_nobody_up(students: Path) -> None:
    (students / "ada" / PROGRESS).write_text("{")
    *rows, fault = status_table(course_status(students)).splitlines()
    assert rows[1].split() == ["ada", "0/0/1", "0/0/1", "0/0/2"]
    assert fault.startswith("ada: ") and "is not JSON" in fault
    assert "is not JSON" in status_table(course_status(students / "ada"))


def test_a_folder_without_students_is_refused(tmp_path: Path) -> None:
    with pytest.raises(
        FileError, match=r"no notebooks and no tenfold_progress\.json in .*; name a"
    ):
        course_status(tmp_path)
    with pytest.raises(FileError, match="is not a folder; name the one with the notebooks"):
        course_status(tmp_path / "absent")
