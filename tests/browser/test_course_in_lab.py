"""The course's sidebar in a real JupyterLab: copied, opened, checked, reset, renewed."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from access import unreached, violations
from lab import Lab, shot, wait_until
from lab_course import CoursePage
from playwright.sync_api import Browser, expect

SHIPPED = Path(__file__).parents[2] / "notebooks"
FIRST, SECOND = "01_the_toolbox.ipynb", "02_differential_learning_rates.ipynb"
WRONG = "def stepped(weight, gradient, rate):\n    return weight + rate * gradient"
RIGHT = "def stepped(weight, gradient, rate):\n    return weight - rate * gradient"
LAZIEST = "def laziest(targets):\n    return targets.bincount().max() / len(targets)"

Open = Callable[[str], CoursePage]


@pytest.fixture
def open_course(browser: Browser, lab: Lab) -> Iterator[Open]:
    """`open_course("folder")`; in the end its page has complained of nothing."""
    opened: list[CoursePage] = []

    def open_it(name: str) -> CoursePage:
        folder = lab.notebooks / name
        folder.mkdir(exist_ok=True)
        page = browser.new_context(viewport={"width": 1280, "height": 1000}).new_page()
        opened.append(CoursePage(page, lab, folder))
        return opened[-1]

    yield open_it
    for one in opened:
        one.page.context.close()
        shutil.rmtree(one.folder)
    lab.end_kernels()
    assert [words for one in opened for words in one.complaints] == []


def copied(course: CoursePage) -> None:
    """Copy the course's files as the button does, for a test of what comes after."""
    course.button("Copy it into").first.click()
    expect(course.button("Start: 1 The toolbox")).to_be_visible()


def test_a_student_copies_the_course_opens_a_lesson_and_sees_the_states_move(
    open_course: Open,
) -> None:
    course = open_course("student")
    expect(course.button("Copy it into a new folder")).to_be_visible()
    shot(course.page, "course-empty")
    copied(course)
    for file in SHIPPED.glob("*.*"):
        assert (course.folder / file.name).read_bytes() == file.read_bytes()
    expect(course.lesson(1)).to_contain_text("not started")
    course.open_lesson(1)
    course.run(1)
    course.write("1.1", WRONG)
    course.button("Check 1.1").click()
    expect(course.exercise("1.1")).to_contain_text("wrong", timeout=40_000)
    assert course.progress("1.1")["verdict"] == "wrong"
    course.write("1.1", RIGHT)
    course.button("Check 1.1").press("Enter")
    expect(course.exercise("1.1")).to_contain_text("right")
    expect(course.root.get_by_role("status")).to_have_text("1.1: right")
    expect(course.button("Check 1.1")).to_be_focused()
    expect(course.lesson(1)).to_contain_text("1 of 5 right")
    course.write("1.3", LAZIEST)  # the same by the notebook's own keys
    for tag in ("exercise-1.3", "check-1.3"):
        course.run(course.place_of(tag))
    expect(course.lesson(1)).to_contain_text("2 of 5 right")
    cells = course.page.evaluate("jupyterapp.shell.currentWidget.content.model.cells.length")
    course.button("Hint 1 of 2 for 1.2").click()
    hints = course.root.get_by_role("list", name="Hints for 1.2")
    expect(hints.get_by_role("listitem")).to_have_count(1)
    assert course.progress("1.2")["hints"] == 1
    assert cells == course.page.evaluate(
        "jupyterapp.shell.currentWidget.content.model.cells.length"
    )
    for theme in ("Dark", "Light"):
        course.theme(theme)
        shot(course.page, f"course-{theme}".lower())
        assert course.faint() == []


def test_the_outline_leads_to_an_exercise_and_one_goes_on_there_after_a_reload(
    open_course: Open,
) -> None:
    course = open_course("outline")
    copied(course)
    course.lesson(1).focus()
    course.page.keyboard.press("ArrowRight")
    for _ in range(3):
        course.page.keyboard.press("ArrowDown")
    expect(course.exercise("1.3")).to_be_focused()
    course.page.keyboard.press("Enter")
    course.has_opened(1)
    cell = course.page.locator(".jp-Cell.jp-mod-active").filter(visible=True)
    expect(cell).to_contain_text("def laziest")
    expect(cell).to_be_in_viewport()
    expect(cell.locator(".cm-content")).to_be_focused()
    course.page.keyboard.press("Escape")
    course.page.keyboard.press("Alt+Shift+N")
    course.has_opened(2)
    course.open_lesson(1)
    course.exercise("1.4").click()
    expect(cell).to_contain_text("def epochs_of")
    wait_until(
        lambda: course.page.evaluate(
            """async () => (await jupyterapp.serviceManager.workspaces.fetch('outline'))
                .data['tenfold:course-places']?.outline?.cell === 'exercise-1-4'"""
        ),
        "the place was not kept",
    )
    for theme in ("Dark", "Light"):
        course.theme(theme)
        assert violations(course.root) == [] == unreached(course.root), theme
    course.page.reload()
    course.ready()
    course.has_opened(1)  # JupyterLab opens it again, at its top
    course.button("Continue: 1 The toolbox").press("Enter")
    expect(cell).to_contain_text("def epochs_of")
    expect(cell).to_be_in_viewport()


def test_a_reset_shows_the_differences_and_leaves_a_backup(open_course: Open) -> None:
    course = open_course("reset")
    copied(course)
    course.open_lesson(1)
    course.write("1.1", RIGHT)
    course.button("Reset…").first.click()
    dialog = course.page.get_by_role("dialog")
    expect(dialog.get_by_role("heading", name="exercise 1.1: changed")).to_be_visible()
    expect(dialog.locator("del").first).to_contain_text("− def stepped")
    for theme in ("Dark", "Light"):
        course.theme(theme)
        shot(course.page, f"course-reset-{theme}".lower())
    dialog.get_by_role("button", name="Keep a backup and reset").click()
    expect(course.button("Open it")).to_be_visible()
    backup = course.wait_for_file("01_the_toolbox backup ????-??-?? ????.ipynb")
    assert RIGHT.splitlines()[1] in backup.read_text("utf-8")
    assert (course.folder / FIRST).read_bytes() == (SHIPPED / FIRST).read_bytes()
    place = course.place_of("exercise-1.1")
    wait_until(lambda: "..." in course.source(place), "the page does not show the original")
    course.button("Open it").click()
    expect(course.page.get_by_role("tab", name=backup.name)).to_be_visible()
    expect(course.root.get_by_role("status")).to_contain_text("Your work is in 01_the_toolbox")
    shot(course.page, "course-backup")


def test_a_newer_edition_is_offered_beside_the_students(open_course: Open) -> None:
    course = open_course("newer")
    copied(course)
    bank, notebook = course.folder / "exercises.json", course.folder / SECOND
    edition = json.loads(notebook.read_text("utf-8"))["metadata"]["tenfold"]["edition"]
    for file in (bank, notebook):  # as an older version of Tenfold had them
        file.write_text(file.read_text("utf-8").replace(edition, "0" * 12), "utf-8")
    before = notebook.read_bytes()
    course.lesson(1).click()  # whatever makes it read again
    expect(course.root).to_contain_text("1 lesson is newer in this version")
    course.button("Put it beside mine").click()
    newer = course.wait_for_file("02_*_newer_*.ipynb")
    assert newer.name == f"{Path(SECOND).stem}_newer_{edition[:6]}.ipynb"
    expect(course.button("Put it beside mine")).to_have_count(0)
    assert newer.read_bytes() == (SHIPPED / SECOND).read_bytes()
    assert notebook.read_bytes() == before
    assert bank.read_bytes() == (SHIPPED / "exercises.json").read_bytes()
    course.button("Details of lesson 2").click()
    shot(course.page, "course-newer")
    course.button("Open the newer edition").click()
    expect(course.page.get_by_role("tab", name=newer.name)).to_be_visible()
