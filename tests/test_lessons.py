"""The course itself: every exercise, every cell, every link and picture of every notebook."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any

import nbformat
import pytest

from tenfold.course.bank import entry, read_bank
from tenfold.course.lesson import Lesson
from tenfold.course.notebook import student_notebook
from tenfold.course.proving import Case, cases, prove
from tenfold.course.reading import find_sources, read_lesson

ROOT = Path(__file__).parents[1]
NOTEBOOKS = ROOT / "notebooks"
LESSONS = {file.stem: read_lesson(file) for file in find_sources(ROOT / "lessons")}
CASES = {
    case.name: (lesson, case)
    for lesson in LESSONS.values()
    for exercise in lesson.exercises
    for case in cases(exercise)
}
# What a lesson has, in this order: a name, and what a cell of it looks like.
SECTIONS = [
    ("a guess", "code", r"^%guess \w+ [^-]"),
    ("the idea, small, from PyTorch", "code", r"\btorch\b|\bnn\."),
    ("broken on purpose", "markdown", r"^##+ .*on purpose"),
    ("equal by assertion", "code", r"^\s*assert "),
    ("the panel", "code", r"^%panel"),
    ("what the paper claims", "markdown", r"^##+ .*paper"),
    ("on real data", "markdown", r"^## On real data"),
    ("exercises", "markdown", r"^## Exercises"),
    ("when it fails", "markdown", r"^## When it fails"),
    ("further reading", "markdown", r"^## Further reading"),
]
# The tour opens every box of the course, and builds none of them.
TOUR = {"01_the_toolbox": SECTIONS[:1] + SECTIONS[4:5] + SECTIONS[7:]}
LINK = re.compile(r"!?\[([^\]]*)\]\(([^)\s]+)\)")

each_lesson = pytest.mark.parametrize("name", LESSONS)


def built(name: str) -> Any:
    return nbformat.read(NOTEBOOKS / f"{name}.ipynb", as_version=4)


def test_every_notebook_has_its_source() -> None:
    assert {file.stem for file in NOTEBOOKS.glob("*.ipynb")} == set(LESSONS)


@pytest.mark.parametrize("name", CASES)
def test_an_answer_is_judged_as_it_should_be(name: str) -> None:
    lesson, case = CASES[name]
    assert prove(lesson, case).fault == ""


@each_lesson
def test_a_lesson_has_three_to_five_exercises_and_says_how_long_it_takes(name: str) -> None:
    lesson = LESSONS[name]
    assert 3 <= len(lesson.exercises) <= 5
    assert 10 <= lesson.minutes <= 90


@each_lesson
def test_the_student_s_notebook_is_built_from_the_source_as_it_is(name: str) -> None:
    wanted, found = student_notebook(LESSONS[name]), built(name)
    assert list(map(said, found.cells)) == list(map(said, wanted.cells)), "build it again"
    assert found.metadata.tenfold == wanted.metadata.tenfold
    nbformat.validate(found)


def said(cell: Any) -> tuple[Any, ...]:
    return cell.id, cell.cell_type, cell.source, cell.metadata.get("tags", [])


def test_the_exercises_file_is_built_from_the_sources_as_they_are() -> None:
    found = read_bank(NOTEBOOKS / "exercises.json")["lessons"]
    assert found == {str(one.number): entry(one) for one in LESSONS.values()}, "build it again"


@each_lesson
def test_every_cell_was_run_from_top_to_bottom_without_an_error(name: str) -> None:
    code = [cell for cell in built(name).cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
    kinds = {output.output_type for cell in code for output in cell.outputs}
    assert "error" not in kinds


@each_lesson
def test_code_cells_have_two_lines_at_the_median_and_fifteen_at_most(name: str) -> None:
    cells = [cell.source.splitlines() for cell in LESSONS[name].cells if cell.kind == "code"]
    assert median(sum(map(bool, map(str.strip, lines))) for lines in cells) <= 2
    assert max(map(len, cells)) <= 15


@each_lesson
def test_the_sections_come_in_their_order(name: str) -> None:
    cells, place = LESSONS[name].cells, 0
    for section, kind, pattern in TOUR.get(name, SECTIONS):
        rule = re.compile(pattern, re.MULTILINE | re.IGNORECASE)
        found = [i for i, c in enumerate(cells) if c.kind == kind and rule.search(c.source)]
        after = [i for i in found if i >= place]
        assert after, f"there is no {section!r} behind cell {place}; it is in {found}"
        place = after[0]


@each_lesson
def test_a_picture_comes_before_the_first_guess_and_the_guess_is_answered(
    name: str,
) -> None:
    cells = built(name).cells
    guesses = [i for i, c in enumerate(cells) if re.search(r"^%guess \w+ [^-]", c.source, re.M)]
    shown = [i for i, _, _ in pictures(name)]
    assert shown and shown[0] < guesses[0]
    answered = [c.source for c in cells if re.search(r"^%guess \w+ --was", c.source, re.M)]
    assert answered


def pictures(name: str) -> Iterator[tuple[int, Any, str]]:
    """Every picture in the outputs: the place of its cell, its data, and its words."""
    for place, cell in enumerate(built(name).cells):
        for output in cell.get("outputs", ()):
            data = output.get("data", {})
            if any(kind.startswith("image/") for kind in data):
                yield place, data, data.get("text/plain", "")


@each_lesson
def test_every_picture_has_words_that_stand_for_it(name: str) -> None:
    mute = [
        (place, words)
        for place, _, words in pictures(name)
        if words.startswith("<") or len(re.findall(r"[^\W\d_]{2,}", words)) < 4
    ]
    assert not mute


@each_lesson
def test_links_have_words_and_lead_somewhere(name: str) -> None:
    for cell in LESSONS[name].cells:
        for words, target in LINK.findall(cell.source) if cell.kind == "markdown" else ():
            assert words.strip(), f"a link or picture without words: {target}"
            local = not re.match(r"https?://|mailto:|attachment:", target)
            assert not local or exists(LESSONS[name], target), f"{target} is not there"


def exists(lesson: Lesson, target: str) -> bool:
    file, _, heading = target.partition("#")
    if file:
        return (NOTEBOOKS / file).exists()
    titles = re.findall(r"^#+ (.+)$", "\n".join(cell.source for cell in lesson.cells), re.M)
    return heading in {title.strip().replace(" ", "-") for title in titles}


@each_lesson
def test_outputs_name_no_memory_addresses_and_no_machine(name: str) -> None:
    text = "\n".join(
        str(output.get("text", "")) + str(output.get("data", {}).get("text/plain", ""))
        for cell in built(name).cells
        for output in cell.get("outputs", ())
    )
    assert not re.findall(r"0x[0-9a-f]{6,}|<Figure|Traceback|(?:/tmp|/home|/root)/\S+", text)


def test_wrong_answers_differ_from_each_other() -> None:
    for lesson in LESSONS.values():
        for exercise in lesson.exercises:
            assert len({wrong.code for wrong in exercise.wrongs}) == len(exercise.wrongs)
            assert len(set(exercise.solutions)) == len(exercise.solutions)


def test_the_cases_are_all_here() -> None:
    assert all(isinstance(case, Case) for _, case in CASES.values())
    assert len(CASES) >= 6 * sum(len(lesson.exercises) for lesson in LESSONS.values())
