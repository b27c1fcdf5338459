"""The student's notebook, made from a lesson."""

from __future__ import annotations

import ast
import hashlib
from collections import Counter
from typing import TYPE_CHECKING, Any

from tenfold.course.lesson import Cell, Lesson

if TYPE_CHECKING:
    from nbformat import NotebookNode

__all__ = ["edition", "keep_outputs", "student_notebook"]

KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}


def student_notebook(lesson: Lesson) -> NotebookNode:
    """The notebook that a student gets, not run yet: each starter is followed by its %check.

    `metadata.tenfold` holds what the header says, the exercises' numbers, and the `edition`,
    which changes when the lesson does.
    """
    from nbformat import v4

    cells, seen = [], Counter[str]()
    for cell in _with_checks(lesson):
        make: Any = getattr(v4, f"new_{cell.kind}_cell")
        made = make(cell.source, metadata={"tags": list(cell.tags)} if cell.tags else {})
        made["id"] = _id(cell, seen)
        cells.append(made)
    metadata = {
        "kernelspec": KERNEL,
        "language_info": {"name": "python"},
        "tenfold": {
            "number": lesson.number,
            "title": lesson.title,
            "minutes": lesson.minutes,
            "able": lesson.able,
            "exercises": [one.number for one in lesson.exercises],
            "edition": edition(lesson),
        },
    }
    return v4.new_notebook(cells=cells, metadata=metadata)


def edition(lesson: Lesson) -> str:
    """A short name of what the student's notebook says; it changes with every word of it."""
    return _digest("\x00".join(f"{cell.kind}\x01{cell.source}" for cell in _with_checks(lesson)))


def _with_checks(lesson: Lesson) -> list[Cell]:
    cells = []
    for cell in lesson.cells:
        cells.append(cell)
        cells += [
            Cell("code", f"%check {one.number}", (f"check-{one.number}",))
            for one in lesson.exercises
            if f"exercise-{one.number}" in cell.tags
        ]
    return cells


def _id(cell: Cell, seen: Counter[str]) -> str:
    """Its tag where it belongs to an exercise, else from its words: the same in every build."""
    for tag in cell.tags:
        if tag.startswith(("exercise-", "check-")):
            return tag.replace(".", "-")
    name = _digest(f"{cell.kind}\x00{cell.source}")
    seen[name] += 1
    return name if seen[name] == 1 else f"{name}-{seen[name]}"


def _digest(words: str) -> str:
    return hashlib.blake2b(words.encode(), digest_size=6).hexdigest()


def keep_outputs(notebook: NotebookNode, before: NotebookNode) -> bool:
    """Take the outputs over from an earlier build; not when any code differs: they might too.

    Returns whether it did.
    """
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    old = [cell for cell in before.cells if cell.cell_type == "code"]
    if [_meaning(cell.source) for cell in code] != [_meaning(cell.source) for cell in old]:
        return False
    for cell, one in zip(code, old):
        cell.outputs, cell.execution_count = one.outputs, one.execution_count
    notebook.metadata.language_info = before.metadata.language_info
    return True


def _meaning(code: str) -> str:
    """The same for code that differs in layout and comments alone, as far as it is Python."""
    try:
        return ast.dump(ast.parse(code))
    except SyntaxError:  # a magic
        return code
