"""From a source to a lesson: what it holds, and every mistake by name."""

from __future__ import annotations

import sys
from pathlib import Path

import jupytext
import pytest
from course_world import HEADER, make_lesson, source, write_source

from tenfold.course.reading import find_sources, read_lesson, read_lessons
from tenfold.errors import FileError, MissingPackageError


def test_a_lesson_holds_its_header_cells_and_exercise(tmp_path: Path) -> None:
    lesson = make_lesson(tmp_path)
    assert (lesson.slug, lesson.number, lesson.title) == ("03_halves", 3, "Halves")
    assert (lesson.minutes, lesson.able) == (20, "halve")
    [exercise] = lesson.exercises
    assert (exercise.number, exercise.title, exercise.names) == ("3.1", "Half", ["half"])
    assert exercise.hints == ("Divide.", "By two.")
    assert len(exercise.solutions) == 2
    assert [wrong.says for wrong in exercise.wrongs] == [", not"] * 3


def test_the_students_cells_are_all_but_the_machinery(tmp_path: Path) -> None:
    cells = make_lesson(tmp_path).cells
    assert [cell.kind for cell in cells] == ["markdown", "code", "code", "markdown", "code"]
    assert cells[0].source == "# 03 · Halves\n\nHalves are everywhere."
    assert cells[2].tags == ("nbval-check-output",)
    assert cells[-1].tags == ("exercise-3.1",)


def test_what_stands_above_an_exercise_is_its_code(tmp_path: Path) -> None:
    lesson = make_lesson(tmp_path)
    above = [cell.source for cell in lesson.before(lesson.exercises[0])]
    assert above == ["%load_ext tenfold\nimport torch", "print(torch.ones(2).sum())"]


def test_a_notebook_with_the_same_tags_is_the_same_lesson(tmp_path: Path) -> None:
    markdown = make_lesson(tmp_path)
    notebook = jupytext.read(tmp_path / "03_halves.md")
    notebook.cells.pop(0)  # the header, which a notebook has as metadata
    notebook.metadata["tenfold"] = {
        "number": 3,
        "title": "Halves",
        "minutes": 20,
        "able": "halve",
    }
    jupytext.write(notebook, tmp_path / "03_halves.ipynb")
    assert read_lesson(tmp_path / "03_halves.ipynb") == markdown


TWO_NAMES = "def half(x): ...\n\n(a, b), c = (1, 2), 3\nclass D: ...\ne: int = 1"


def test_the_names_of_an_exercise_are_what_its_top_level_defines(tmp_path: Path) -> None:
    lesson = make_lesson(tmp_path, source(exercise=TWO_NAMES))
    assert set(lesson.exercises[0].names) == {"half", "a", "b", "c", "D", "e"}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (source(header=""), "there is no header; begin the file with a line between two ---"),
        (source(header="---\ntenfold: 3\n---\n"), "there is no header"),
        (
            source(header=HEADER.replace("20", '"long"')),
            "the header has minutes: 'long'; it needs a whole number, as in tenfold: {number: 3,",
        ),
        (
            source(header=HEADER.replace('"halve"', '""')),
            "the header has able: ''; it needs words",
        ),
        (
            source(header=HEADER.replace("minutes", "minuts")),
            "the header has 'minuts'; allowed is number, title, minutes and able; did you mean",
        ),
        (
            source(header=HEADER.replace("number: 3", "number: 4")),
            "the header has number: 4 and the file's name begins with 03; make them the same",
        ),
        (
            source().replace('"solution-3.1"', '"solutoin-3.1"', 1),
            "the tag 'solutoin-3.1' is unknown; allowed is exercise-3.1, solution-3.1,",
        ),
        (
            source().replace('"hint-3.1"', '"hint-4.1"', 1),
            "the tag 'hint-4.1' names lesson 4; this is lesson 3, so write hint-3.1",
        ),
        (source(ask=""), "right above the cell exercise-3.1 there is no Markdown cell with the"),
        (source(exercise=""), "0 cells tagged exercise-3.1; give it one, which the student starts"),
        (source(check=""), "exercise 3.1 has 0 cells tagged check-3.1; give it one, with def"),
        (source(**{"solution ": ""}), "1 cells tagged solution-3.1; give it one, and a second"),
        (source(**{"wrong ": ""}), "2 cells tagged wrong-3.1; give it 3 typical wrong answers or"),
        (
            source(hint="", **{"hint ": ""}),
            "exercise 3.1 has 0 cells tagged hint-3.1; give it one or",
        ),
        (source(wrong="half = abs"), "begins with ['half = abs']; begin it with '# says: part of"),
        (source(exercise="%fit 1"), "the cell exercise-3.1 is not Python"),
        (source(check="def check(half)"), "the cell check-3.1 is not Python"),
        (source(exercise="print(1)"), "the cell exercise-3.1 defines no name; write one"),
        (source(check="def test(half): ..."), "the cell check-3.1 has no def check(name):"),
        (
            source(check="def check(hafl): ..."),
            "check-3.1 asks for 'hafl'; exercise-3.1 defines half; use a name that the student "
            "defines; did you mean 'half'?",
        ),
        (
            source().replace("-3.1", "-3.2").replace("Exercise 3.1", "Exercise 3.2"),
            "the exercises are 3.2; number them from 1 without a gap",
        ),
        (
            source().replace('<!-- #region tags=["hint-3.1"] -->\nDivide.', "").replace(
                "def half(x): ...", "def half(x): ...\n```\n\n```python tags=[\"hint-3.1\"]\n1"
            ),
            "the hint of exercise 3.1 is a code cell; make it Markdown",
        ),
    ],
)  # fmt: skip
def test_a_mistake_says_what_was_given_what_is_allowed_and_what_to_do(
    text: str, words: str, tmp_path: Path
) -> None:
    file = write_source(tmp_path, text)
    with pytest.raises(FileError) as caught:
        read_lesson(file)
    assert str(caught.value).startswith("03_halves.md cannot be built:\n- ")
    assert words in str(caught.value)


def test_all_mistakes_come_at_once(tmp_path: Path) -> None:
    file = write_source(tmp_path, source(header="", check="", hint="", **{"hint ": ""}))
    with pytest.raises(FileError) as caught:
        read_lesson(file)
    assert str(caught.value).count("\n- ") >= 2


def test_a_header_that_is_not_yaml_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileError, match=r"03_halves\.md is not a notebook that can be read"):
        make_lesson(tmp_path, "---\ntenfold: {number: 3, title: a: b}\n---\n")


def test_lessons_are_chosen_by_the_beginning_of_their_names(tmp_path: Path) -> None:
    write_source(tmp_path)
    write_source(tmp_path, name="WRITING_a_page.md")
    (tmp_path / "04_later.md").write_text("")
    assert [file.stem for file in find_sources(tmp_path)] == ["03_halves", "04_later"]
    assert [lesson.slug for lesson in read_lessons(tmp_path, ["03"])] == ["03_halves"]
    assert [lesson.slug for lesson in read_lessons(tmp_path, ["x/03_halves.md"])] == ["03_halves"]


def test_an_unknown_lesson_and_an_empty_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(FileError, match=r"There are no lessons in .*a file like 03_a_title\.md"):
        find_sources(tmp_path)
    write_source(tmp_path)
    with pytest.raises(FileError, match=r"no lesson '03_havles' in .*there is 03_halves; did you"):
        find_sources(tmp_path, ["03_havles"])


def test_without_jupytext_the_error_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "jupytext", None)
    with pytest.raises(MissingPackageError, match=r'pip install "tenfold\[course\]"'):
        make_lesson(tmp_path)
