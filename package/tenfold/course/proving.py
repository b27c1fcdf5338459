"""Hold every exercise to its word: `tenfold course check`.

Each exercise runs with its solutions (right), with the starter as it is (not attempted) and
with every wrong answer (wrong, for the reason that it names).
"""

from __future__ import annotations

import ast
import linecache
import re
import types
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tenfold.course.checking import run_check
from tenfold.course.lesson import Exercise, Lesson
from tenfold.course.reading import read_lessons
from tenfold.errors import FileError
from tenfold.tables import text_table
from tenfold.train.state import kept_random

__all__ = ["Case", "Proof", "cases", "check_course", "prove", "report"]

# more than a student has: the machine that proves may be busy
LIMIT_SECONDS = 60.0
MAGIC = re.compile(r"^\s*(?:[\w, ]+=\s*)?[%!].*$", re.MULTILINE)


@dataclass(frozen=True)
class Case:
    """One answer to an exercise and what the check has to say about it."""

    exercise: Exercise
    answer: str
    code: str
    verdict: str
    says: str = ""

    @property
    def name(self) -> str:
        """For example "3.1 wrong 2"."""
        return f"{self.exercise.number} {self.answer}"


@dataclass(frozen=True)
class Proof:
    """What a check did say about a case; `fault` is empty when it was what it has to say."""

    case: Case
    verdict: str
    words: str
    fault: str


def cases(exercise: Exercise) -> Iterator[Case]:
    """Every answer that an exercise comes with."""
    for place, code in enumerate(exercise.solutions, 1):
        yield Case(exercise, f"solution {place}", code, "right")
    yield Case(exercise, "starter", exercise.starter, "not attempted")
    for place, wrong in enumerate(exercise.wrongs, 1):
        yield Case(exercise, f"wrong {place}", wrong.code, "wrong", wrong.says)


def prove(lesson: Lesson, case: Case, *, seeds: Sequence[int] = (0, 1, 2)) -> Proof:
    """Run the check on a case once for each seed of its random inputs; stop at a fault."""
    proof = Proof(case, "", "", "no seed was given")
    for seed in seeds:
        proof = _prove(lesson, case, seed)
        if proof.fault:
            break
    return proof


def _prove(lesson: Lesson, case: Case, seed: int) -> Proof:
    module = types.ModuleType("__main__")
    try:
        with kept_random(seed):
            prepare(lesson, case.exercise, module.__dict__)
            _run(case.code, f"<{case.name}>", module.__dict__)
    except Exception as error:
        return Proof(case, "", "", f"its own cell raised {type(error).__name__}: {error}")
    verdict = run_check(case.exercise, module.__dict__, seed=seed, limit=LIMIT_SECONDS)
    fault = ""
    if verdict.kind != case.verdict:
        fault = f"it should be {case.verdict!r} and is {verdict.kind!r}: {verdict.words}"
    elif case.says not in verdict.words:
        fault = f"the reason should say {case.says!r} and says: {verdict.words}"
    return Proof(case, verdict.kind, verdict.words, fault)


def prepare(lesson: Lesson, exercise: Exercise, names: dict[str, Any]) -> None:
    """Give an exercise what the notebook above it gives, without running all of that.

    That is the imports, functions and classes of the code cells, and everything in cells that
    are tagged `for-exercises`. Lines that are magics are left out.
    """
    for place, cell in enumerate(lesson.before(exercise)):
        code = MAGIC.sub("", cell.source)
        if "for-exercises" not in cell.tags:
            code = _definitions(code)
        _run(code, f"<cell {place} above {exercise.number}>", names)


def _definitions(code: str) -> str:
    kinds = ast.Import | ast.ImportFrom | ast.FunctionDef | ast.ClassDef
    body: list[ast.stmt] = [node for node in ast.parse(code).body if isinstance(node, kinds)]
    return ast.unparse(ast.Module(body, type_ignores=[]))


def _run(code: str, file: str, names: dict[str, Any]) -> None:
    linecache.cache[file] = (len(code), None, code.splitlines(True), file)
    exec(compile(code, file, "exec"), names)


def check_course(source: Path, *, names: Sequence[str] = ()) -> list[Proof]:
    """Run every case of the lessons in `source` and print a table of them.

    `names` chooses lessons by the beginning of their file names. Raises FileError that lists
    the faults, when there are any; otherwise returns what was said about each case.
    """
    proofs = [
        prove(lesson, case)
        for lesson in read_lessons(Path(source), names)
        for exercise in lesson.exercises
        for case in cases(exercise)
    ]
    print(report(proofs))
    faults = [f"{proof.case.name}: {proof.fault}" for proof in proofs if proof.fault]
    if faults:
        raise FileError("These answers are not judged as they should be:\n- " + "\n- ".join(faults))
    return proofs


def report(proofs: Sequence[Proof]) -> str:
    """A table of proofs: the case, what the check said, and why."""
    rows = [["exercise", "verdict", "words"]]
    for proof in proofs:
        said = " ".join((proof.fault or proof.words).split())
        rows.append([proof.case.name, proof.verdict or "–", said])
    return text_table(rows, words=True)
