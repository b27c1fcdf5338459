"""The student's notebooks: made from the lesson, the same every time, run, and offered anew."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import nbformat
import pytest
from course_world import ABOVE, make_lesson, source, write_source

from tenfold.course.bank import entry, find_bank, find_exercise, read_bank
from tenfold.course.build import build_course, main
from tenfold.course.copies import offer_newer
from tenfold.course.notebook import student_notebook
from tenfold.course.running import run_notebook
from tenfold.errors import FileError, MissingPackageError, SettingError, TrainingError


@pytest.fixture
def lessons(tmp_path: Path) -> Path:
    write_source(tmp_path / "lessons")
    return tmp_path / "lessons"


def test_the_student_gets_the_cells_and_a_check_behind_each_starter(tmp_path: Path) -> None:
    notebook = student_notebook(make_lesson(tmp_path))
    nbformat.validate(notebook)
    assert [cell.source for cell in notebook.cells[-2:]] == ["def half(x): ...", "%check 3.1"]
    assert [cell.id for cell in notebook.cells[-2:]] == ["exercise-3-1", "check-3-1"]
    text = json.dumps(notebook)
    assert all(secret not in text for secret in ("x / 2", "0.5 * x", "says:", "Divide"))
    assert notebook.metadata.kernelspec.name == "python3"
    assert notebook.metadata.tenfold["exercises"] == ["3.1"]
    assert notebook.metadata.tenfold["title"] == "Halves"
    assert notebook.metadata.tenfold["edition"] == entry(make_lesson(tmp_path))["edition"]


def test_ids_stay_when_a_cell_is_put_above_and_tell_equal_cells_apart(tmp_path: Path) -> None:
    more = source(above=ABOVE.replace("Halves are", "```python\nx = 1\n```\n\nHalves are") * 2)
    one = [cell.id for cell in student_notebook(make_lesson(tmp_path)).cells]
    two = [cell.id for cell in student_notebook(make_lesson(tmp_path, more)).cells]
    assert set(one[1:]) <= set(two)
    assert len(set(two)) == len(two)


def test_building_twice_writes_the_same_bytes(lessons: Path, tmp_path: Path) -> None:
    target = tmp_path / "notebooks"
    build_course(lessons, target)
    before = {file.name: file.read_bytes() for file in target.iterdir()}
    assert set(before) == {"03_halves.ipynb", "exercises.json"}
    build_course(lessons, target)
    assert {file.name: file.read_bytes() for file in target.iterdir()} == before


def test_a_build_of_one_lesson_leaves_the_others_exercises(lessons: Path, tmp_path: Path) -> None:
    target = tmp_path / "notebooks"
    other = source().replace("3.1", "4.1").replace("number: 3", "number: 4")
    write_source(lessons, other, name="04_more.md")
    build_course(lessons, target)
    (target / "03_halves.ipynb").unlink()
    build_course(lessons, target, names=["04"])
    assert list(read_bank(target / "exercises.json")["lessons"]) == ["3", "4"]
    assert not (target / "03_halves.ipynb").exists()
    (lessons / "04_more.md").unlink()
    build_course(lessons, target)
    assert list(read_bank(target / "exercises.json")["lessons"]) == ["3"]


def test_a_mistake_is_found_before_anything_is_written(lessons: Path, tmp_path: Path) -> None:
    write_source(lessons, source(check=""), name="04_more.md")
    with pytest.raises(FileError, match=r"04_more\.md cannot be built"):
        build_course(lessons, tmp_path / "notebooks")
    assert not (tmp_path / "notebooks").exists()


def test_a_run_notebook_has_outputs_that_a_build_without_code_changes_keeps(
    lessons: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "notebooks"
    main([str(lessons), str(target), "03", "--execute"])
    assert "03_halves.ipynb  ran in " in capsys.readouterr().out
    assert {file.name for file in target.iterdir()} == {"03_halves.ipynb", "exercises.json"}
    cells = nbformat.read(target / "03_halves.ipynb", 4).cells
    assert cells[2].outputs[0]["text"] == "tensor(2.)\n"
    assert "3.1 not attempted" in cells[-1].outputs[0]["data"]["text/plain"]
    write_source(lessons, source(above=ABOVE.replace("everywhere", "all over")))
    [built] = build_course(lessons, target)
    assert (str(built), built.seconds) == ("03_halves.ipynb  outputs kept", None)
    assert nbformat.read(target / "03_halves.ipynb", 4).cells[2].outputs == cells[2].outputs
    write_source(lessons, source(above=ABOVE.replace("ones(2)", "ones(3)")))
    assert str(build_course(lessons, target)[0]) == "03_halves.ipynb  not run"
    assert not nbformat.read(target / "03_halves.ipynb", 4).cells[2].outputs


CELLS = """
import os, random, numpy, torch
torch.manual_seed(0), numpy.random.seed(0), random.seed(0)
print(torch.rand(1).item(), numpy.random.rand(), random.random(), os.environ["OMP_NUM_THREADS"])
"""
SAMPLES = """
from tenfold import samples
print(samples.seedlings.__kwdefaults__["seed"])
from pathlib import Path
print(*sorted(file.name for file in Path().iterdir()))
"""


def printed(*, seed: int, beside: Path) -> str:
    cells = [nbformat.v4.new_code_cell(code) for code in (CELLS, SAMPLES)]
    notebook = nbformat.v4.new_notebook(cells=cells)
    run_notebook(notebook, name="a", beside=beside, seed=seed, threads=1)
    assert len(notebook.cells) == 2
    return "".join(one["text"] for cell in notebook.cells for one in cell.outputs)


def test_another_seed_from_outside_moves_every_seed(tmp_path: Path) -> None:
    (tmp_path / "leaf.svg").write_text("<svg/>")
    (tmp_path / "tenfold_progress.json").write_text("mine")
    as_it_is, again, other = (printed(seed=seed, beside=tmp_path).split() for seed in (0, 0, 5))
    assert as_it_is == again
    assert all(one != two for one, two in zip(as_it_is[:3], other[:3]))
    assert as_it_is[3:] == ["1", "0", "leaf.svg"]
    assert other[3:] == ["1", "5", "leaf.svg"]


@pytest.mark.parametrize(
    ("code", "words"), [("1 / 0", "ZeroDivisionError"), ("while True: pass", "timed out")]
)
def test_a_cell_that_fails_or_never_ends_names_itself(
    code: str, words: str, tmp_path: Path
) -> None:
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code)])
    with pytest.raises(TrainingError, match=f"(?s)a.ipynb failed: .*{words}"):
        run_notebook(notebook, name="a.ipynb", beside=tmp_path, cell_seconds=3)


def test_without_nbclient_the_error_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "nbclient", None)
    with pytest.raises(MissingPackageError, match=r'pip install "tenfold\[course\]"'):
        run_notebook(nbformat.v4.new_notebook(), name="a", beside=tmp_path)


def test_exercises_are_looked_for_here_then_above_then_in_the_package(tmp_path: Path) -> None:
    package, inner = tmp_path / "site" / "tenfold", tmp_path / "course" / "mine"
    inner.mkdir(parents=True)
    with pytest.raises(FileError, match=r"no exercises\.json in .*; copy it beside your notebooks"):
        find_bank(inner, package)
    for folder in (tmp_path / "notebooks", package / "notebooks", inner.parent, inner):
        build_course(write_source(tmp_path / "lessons").parent, folder)
        assert find_bank(inner, package) == folder / "exercises.json"
    assert find_exercise("3.1", inner).hints == ("Divide.", "By two.")
    with pytest.raises(SettingError, match=r"no exercise '3\.2'; there is 3\.1; did you mean"):
        find_exercise("3.2", inner)


def test_a_newer_edition_is_offered_once_beside_the_students(lessons: Path, tmp_path: Path) -> None:
    course, mine = tmp_path / "notebooks", tmp_path / "mine"
    for folder in (course, mine):
        build_course(lessons, folder)
    notebook = mine / "03_halves.ipynb"
    notebook.write_text(notebook.read_text("utf-8").replace("x): ...", "x): return x"), "utf-8")
    before = notebook.read_bytes()
    assert offer_newer(course, mine) == []
    write_source(lessons, source(above=ABOVE.replace("everywhere", "all over")))
    build_course(lessons, course)
    [name] = offer_newer(course, mine)
    assert name.startswith("03_halves_newer_")
    assert (mine / name).read_bytes() == (course / "03_halves.ipynb").read_bytes()
    assert offer_newer(course, mine) == []
    assert notebook.read_bytes() == before
    notebook.write_text("not a notebook any more")
    assert offer_newer(course, mine) == []
