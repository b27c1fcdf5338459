"""`exercises.json`: what %check, %hint and %solution need, beside the student's notebooks."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tenfold.course.lesson import Exercise, Lesson
from tenfold.course.notebook import edition
from tenfold.course.records import read_record, write_record
from tenfold.errors import FileError, SettingError
from tenfold.text import did_you_mean, listed

__all__ = ["BANK", "entry", "find_bank", "find_exercise", "read_bank", "write_bank"]

BANK = "exercises.json"
VERSION = 1
PACKAGE = Path(__file__).parents[1]


def write_bank(folder: Path, lessons: Iterable[Lesson], *, whole: bool = False) -> Path:
    """Write lessons into the bank of a folder; those of other lessons stay, unless it is `whole`.

    `{"version": 1, "lessons": {"3": {"notebook": …, "title": …, "minutes": …, "able": …,
    "edition": …, "exercises": {"3.1": {"title", "starter", "check", "solution", "hints"}}}}}`
    """
    file = Path(folder) / BANK
    before = {} if whole or not file.exists() else read_bank(file)["lessons"]
    now = {str(lesson.number): entry(lesson) for lesson in lessons}
    merged = dict(sorted({**before, **now}.items(), key=lambda item: int(item[0])))
    write_record(file, {"version": VERSION, "lessons": merged})
    return file


def entry(lesson: Lesson) -> dict[str, Any]:
    """What the bank holds of one lesson."""
    return {
        "notebook": f"{lesson.slug}.ipynb",
        "title": lesson.title,
        "minutes": lesson.minutes,
        "able": lesson.able,
        "edition": edition(lesson),
        "exercises": {
            one.number: {
                "title": one.title,
                "starter": one.starter,
                "check": one.check,
                "solution": one.solutions[0],
                "hints": list(one.hints),
            }
            for one in lesson.exercises
        },
    }


def read_bank(file: Path) -> dict[str, Any]:
    """The bank as it is in the file; raises FileError for what is not one."""
    return read_record(file, version=VERSION, mend="build it again: tenfold course build")


def find_bank(folder: Path, package: Path = PACKAGE) -> Path:
    """The bank of a folder: there, else in the nearest parent, else in the package."""
    places = [folder, *folder.parents, package / "notebooks", package.parents[1] / "notebooks"]
    for place in places:
        if (place / BANK).is_file():
            return place / BANK
    raise FileError(
        f"There is no {BANK} in {folder}, above it, or in this installation of Tenfold; copy it "
        "beside your notebooks, or install Tenfold again"
    )


def find_exercise(number: str, folder: Path, package: Path = PACKAGE) -> Exercise:
    """One exercise by its number, "3.1"; raises SettingError when there is none."""
    lessons = read_bank(find_bank(folder, package))["lessons"].values()
    all_of = {key: one for lesson in lessons for key, one in lesson["exercises"].items()}
    if number not in all_of:
        raise SettingError(
            f"there is no exercise {number!r}; there is {listed(all_of, most=40)}"
            f"{did_you_mean(number, all_of)}"
        )
    one = all_of[number]
    return Exercise(
        number,
        one["title"],
        starter=one["starter"],
        check=one["check"],
        solutions=(one["solution"],),
        hints=tuple(one["hints"]),
    )
