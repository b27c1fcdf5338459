"""The proof of a course: every answer judged as it should be, and told when it is not."""

from __future__ import annotations

from pathlib import Path

import pytest
from course_world import ABOVE, PARTS, make_lesson, source, write_source

from tenfold.course.proving import cases, check_course, prove
from tenfold.course.reading import read_lesson
from tenfold.errors import FileError


def faults(folder: Path, **parts: str) -> list[str]:
    lesson = make_lesson(folder, source(**parts))
    proofs = [prove(lesson, case) for case in cases(lesson.exercises[0])]
    return [f"{proof.case.name}: {proof.fault}" for proof in proofs if proof.fault]


def test_a_sound_exercise_has_no_faults(tmp_path: Path) -> None:
    assert faults(tmp_path) == []


@pytest.mark.parametrize(
    ("parts", "fault"),
    [
        ({"solution": "def half(x): return x"}, "solution 1: it should be 'right' and is 'wrong'"),
        ({"wrong": "# says: no\nhalf = lambda x: x / 2"}, "wrong 1: it should be 'wrong' and is"),
        ({"wrong": "# says: red\nhalf = lambda x: x"}, "wrong 1: the reason should say 'red' and"),
        (
            {"solution": PARTS["exercise"]},
            "solution 1: it should be 'right' and is 'not attempted'",
        ),
        ({"exercise": "half = half * 2"}, "starter: its own cell raised NameError: name 'half'"),
        ({"wrong": "# says: x\n1 / 0"}, "wrong 1: its own cell raised ZeroDivisionError"),
    ],
)
def test_what_is_misjudged_is_named(parts: dict[str, str], fault: str, tmp_path: Path) -> None:
    found = faults(tmp_path, **parts)
    assert any(line.startswith(f"3.1 {fault}") for line in found) or fault == "solution 1: "


LUCKY = """
import torch
def check(half):
    if torch.rand(1) < 0.5:
        raise Wrong("bad luck")
"""


def test_a_check_that_leaves_it_to_luck_is_found(tmp_path: Path) -> None:
    assert any("solution" in line for line in faults(tmp_path, check=LUCKY))


SETTINGS = """
```python
from math import sqrt
%load_ext tenfold
curve = %lr_find --learner learn
factor = sqrt(4)
1 / 0

def divide(x):
    return x / factor
```

```python tags=["for-exercises"]
factor = sqrt(4)
```
"""


def test_an_answer_finds_the_imports_functions_and_tagged_cells_above_it(tmp_path: Path) -> None:
    parts = {"solution": "def half(x): return divide(x)", "above": ABOVE + SETTINGS}
    assert faults(tmp_path, **parts) == []
    untagged = ABOVE + SETTINGS.replace(' tags=["for-exercises"]', "")
    [fault, *_] = faults(tmp_path, **{**parts, "above": untagged})
    assert "NameError: name 'factor' is not defined" in fault


def test_the_lesson_that_the_page_on_writing_shows_is_sound(tmp_path: Path) -> None:
    page = (Path(__file__).parents[1] / "lessons" / "WRITING.md").read_text("utf-8")
    text = page.split("~~~markdown\n")[1].split("~~~")[0]
    lesson = read_lesson(write_source(tmp_path, text, name="11_halves.md"))
    assert not [
        proof for case in cases(lesson.exercises[0]) if (proof := prove(lesson, case)).fault
    ]


def test_the_table_shows_every_answer(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_source(tmp_path)
    proofs = check_course(tmp_path)
    rows = capsys.readouterr().out.splitlines()
    assert len(proofs) == len(rows) - 1 == 6
    assert rows[1].split() == [
        "3.1",
        "solution",
        "1",
        "right",
        "Half",
        "of",
        "anything",
        "is",
        "right.",
    ]
    assert rows[3].startswith("3.1 starter     not attempted  half is still as it was given")
    assert rows[4].startswith("3.1 wrong 1     wrong          half(")


def test_faults_are_listed_behind_the_table(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_source(tmp_path, source(wrong="# says: red\nhalf = lambda x: x"))
    with pytest.raises(FileError, match=r"not judged as they should be:\n- 3\.1 wrong 1: the reas"):
        check_course(tmp_path, names=["03"])
    assert "the reason should say 'red'" in capsys.readouterr().out
