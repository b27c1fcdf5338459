"""A lesson and its exercises, as values."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import takewhile
from typing import Any

__all__ = ["Cell", "Exercise", "Lesson", "WrongAnswer"]


@dataclass(frozen=True)
class Cell:
    """One cell: `kind` is markdown, code or raw."""

    kind: str
    source: str
    tags: tuple[str, ...] = ()


@dataclass(frozen=True)
class WrongAnswer:
    """A typical mistake, and the part of the reason that the check has to give for it."""

    says: str
    code: str


@dataclass(frozen=True)
class Exercise:
    """One exercise: what the student sees, and what only the checking knows.

    `number` is lesson and place, "3.1". The first of `solutions` is shown to the student; the
    others, and the wrong answers, hold the check to its word in the tests.
    """

    number: str
    title: str
    starter: str
    check: str
    solutions: tuple[str, ...]
    hints: tuple[str, ...] = ()
    wrongs: tuple[WrongAnswer, ...] = ()

    @property
    def names(self) -> list[str]:
        """What the starter defines at its top level: the names that the student fills."""
        return list(dict.fromkeys(defined(ast.parse(self.starter))))


@dataclass(frozen=True)
class Lesson:
    """One notebook of the course; `slug` is its file's name without the ending.

    `able` ends the sentence "After this lesson you can …". The cells are the student's: those
    that belong to the exercises' machinery are in `exercises` instead.
    """

    slug: str
    number: int
    title: str
    minutes: int
    able: str
    cells: tuple[Cell, ...]
    exercises: tuple[Exercise, ...]

    def before(self, exercise: Exercise) -> list[Cell]:
        """The code cells above an exercise's starter, those of other exercises left out."""
        tag = f"exercise-{exercise.number}"
        above = takewhile(lambda cell: tag not in cell.tags, self.cells)
        return [
            cell
            for cell in above
            if cell.kind == "code" and not any(tag.startswith("exercise-") for tag in cell.tags)
        ]


def defined(tree: ast.Module) -> Iterator[str]:
    """The names that the top level of a piece of code assigns or defines."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets: list[Any] = node.targets if isinstance(node, ast.Assign) else [node.target]
            for target in targets:
                yield from (one.id for one in ast.walk(target) if isinstance(one, ast.Name))
