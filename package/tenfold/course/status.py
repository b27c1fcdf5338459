"""How far the students are: `tenfold course status`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tenfold.course.bank import find_bank, read_bank
from tenfold.course.progress import PROGRESS, read_progress
from tenfold.errors import FileError
from tenfold.tables import text_table

__all__ = ["Count", "Standing", "course_status", "status_table"]


@dataclass(frozen=True)
class Count:
    """Of one notebook's exercises: how many are right, were attempted, and are there."""

    right: int
    attempted: int
    total: int

    def __str__(self) -> str:
        return f"{self.right}/{self.attempted}/{self.total}"


@dataclass(frozen=True)
class Standing:
    """One folder of notebooks: a count for each by its file's name, or what is wrong with it."""

    folder: str
    notebooks: Mapping[str, Count]
    fault: str = ""

    @property
    def sum(self) -> Count:
        """All notebooks together."""
        counts = self.notebooks.values()
        return Count(
            sum(one.right for one in counts),
            sum(one.attempted for one in counts),
            sum(one.total for one in counts),
        )


def course_status(folder: Path) -> list[Standing]:
    """The standing of a student's folder; of a folder of such folders, one for each.

    A student's folder is one with progress, or with notebooks. Raises FileError where there is
    neither.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise FileError(f"{folder} is not a folder; name the one with the notebooks")
    if _is_a_copy(folder):
        return [_standing(folder)]
    found = [_standing(one) for one in sorted(folder.iterdir()) if one.is_dir() and _is_a_copy(one)]
    if not found:
        raise FileError(
            f"There are no notebooks and no {PROGRESS} in {folder} or in the folders in it; name "
            "a student's folder, or one that holds the students' folders"
        )
    return found


def _is_a_copy(folder: Path) -> bool:
    return (folder / PROGRESS).exists() or any(folder.glob("[0-9]*_*.ipynb"))


def _standing(folder: Path) -> Standing:
    lessons = read_bank(find_bank(folder.resolve()))["lessons"].values()
    fault = ""
    try:
        done = read_progress(folder)["exercises"]
    except FileError as error:
        done, fault = {}, str(error)
    counts = {lesson["notebook"]: _count(lesson["exercises"], done) for lesson in lessons}
    return Standing(folder.resolve().name, counts, fault)


def _count(numbers: Mapping[str, Any], done: Mapping[str, Any]) -> Count:
    own = [done[number] for number in numbers if number in done]
    return Count(
        sum(bool(one.get("solved")) for one in own),
        sum(one.get("attempts", 0) > 0 for one in own),
        len(numbers),
    )


def status_table(standings: Sequence[Standing]) -> str:
    """One student's notebooks, a row for each; of several students, a row for each student."""
    if len(standings) == 1:
        rows = [["notebook", "right", "attempted", "exercises"]]
        counts = {**standings[0].notebooks, "together": standings[0].sum}
        rows += [[name, *map(str, (c.right, c.attempted, c.total))] for name, c in counts.items()]
        return "\n".join(filter(None, (text_table(rows), standings[0].fault)))
    names = list(dict.fromkeys(name for one in standings for name in one.notebooks))
    rows = [["right/attempted/exercises", *(name.split("_")[0] for name in names), "together"]]
    for one in standings:
        rows.append([one.folder, *(str(one.notebooks.get(n, "–")) for n in names), str(one.sum)])
    faults = [f"{one.folder}: {one.fault}" for one in standings if one.fault]
    return "\n".join([text_table(rows), *faults])
