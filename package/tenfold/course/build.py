"""From the lessons' sources to the student's notebooks: `tenfold course build`."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tenfold.course.bank import write_bank
from tenfold.course.lesson import Lesson
from tenfold.course.notebook import keep_outputs, student_notebook
from tenfold.course.reading import read_lessons
from tenfold.course.records import locked
from tenfold.course.running import run_notebook

if TYPE_CHECKING:
    from nbformat import NotebookNode

__all__ = ["Built", "build_course"]


@dataclass(frozen=True)
class Built:
    """One notebook that was written; `seconds` is how long it ran, None when it did not."""

    file: Path
    seconds: float | None
    kept_outputs: bool

    def __str__(self) -> str:
        if self.seconds is not None:
            return f"{self.file.name}  ran in {self.seconds:.1f} s"
        return f"{self.file.name}  {'outputs kept' if self.kept_outputs else 'not run'}"


def build_course(
    source: Path, target: Path, *, names: Sequence[str] = (), execute: bool = False
) -> list[Built]:
    """Write the notebooks and exercises.json of the lessons in `source` into `target`.

    `names` chooses lessons by the beginning of their file names ("03"); without it all are
    built. With `execute` each notebook is run. Otherwise a notebook that is there already
    gives its outputs to the new one, unless any code differs.

    Raises FileError for a lesson with mistakes, before anything is written, and TrainingError
    for a cell that fails: that notebook is not written.
    """
    source, target = Path(source), Path(target)
    lessons = read_lessons(source, names)
    target.mkdir(parents=True, exist_ok=True)
    with locked(target / "exercises.json"):
        write_bank(target, lessons, whole=not names)
    built = []
    for lesson in lessons:
        built.append(_build(lesson, target, execute=execute))
        print(built[-1], flush=True)
    return built


def _build(lesson: Lesson, target: Path, *, execute: bool) -> Built:
    file = target / f"{lesson.slug}.ipynb"
    notebook, kept, seconds = student_notebook(lesson), False, None
    if execute:
        seconds = run_notebook(notebook, name=file.name, beside=target)
    elif file.exists():
        kept = keep_outputs(notebook, _read(file))
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)  # the clock times of the cells
    _write(file, notebook)
    return Built(file, seconds, kept)


def _read(file: Path) -> NotebookNode:
    import nbformat

    return nbformat.read(file, as_version=4)


def _write(file: Path, notebook: NotebookNode) -> None:
    import nbformat

    partial = file.with_name(f".{file.name}.partial")
    nbformat.write(notebook, partial)
    partial.replace(file)


def main(words: Sequence[str] | None = None) -> None:
    """`python -m tenfold.course.build LESSONS NOTEBOOKS [NAME…] [--execute]`."""
    parser = argparse.ArgumentParser(prog="python -m tenfold.course.build")
    parser.add_argument("source", type=Path)
    parser.add_argument("target", type=Path)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--execute", action="store_true")
    options = parser.parse_args(words)
    build_course(options.source, options.target, names=options.names, execute=options.execute)


if __name__ == "__main__":
    main()
