"""What Shift-Tab shows on the line of a magic, by itself and from a real kernel."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from kernel_world import Notebook

from tenfold.magics.explain import explain, explained
from tenfold.magics.extension import MAGICS

pytestmark = pytest.mark.filterwarnings("default")

PAGE = Path(__file__).parents[1] / "extension" / "src" / "lab" / "help" / "magics.json"
CYCLE_LEN = "%fit_sgdr --cycle-len COUNT\n  epochs of the first cycle; 1 without it"


def at_mark(code: str) -> str | None:
    """What is explained where the code has a |."""
    return explain(MAGICS, code.replace("|", ""), code.index("|"))


@pytest.mark.parametrize(
    "code",
    [
        "|%fit_sgdr 3",
        "%fit_|sgdr 3",
        "%fit_sgdr|",
        "%fit_sgdr |3 --lr 1e-2",
        "r = %fit_sgdr| 3 --lr 1e-2",
        "x = 1\n  r = %fit_sgdr| 3\ny = 2",
        "%fit_sgdr 3 --no-su|ch",
    ],
)
def test_the_whole_help_is_shown_on_a_name_and_on_a_value(code: str) -> None:
    assert at_mark(code) == MAGICS["fit_sgdr"].parser().format_help()


@pytest.mark.parametrize(
    "code",
    [
        "%fit_sgdr 3 --cycle-|len 1",
        "x = 1\nr = %fit_sgdr 3 |--cycle-len 1",
        "%fit_sgdr 3 --cycle-len|=1\ny",
    ],
)
def test_an_option_is_explained_alone(code: str) -> None:
    assert at_mark(code) == CYCLE_LEN


@pytest.mark.parametrize(
    "code",
    ["r| = %fit 3", "x| = 1\n%fit 3", "%fit 3\nx| = 1", "%ti|me 3", "x = '%fi|t'", "# %fi|t", "|"],
)
def test_elsewhere_nothing_is_explained(code: str) -> None:
    assert at_mark(code) is None


def test_the_page_has_the_same_help_and_is_small() -> None:
    """With TENFOLD_GOLDEN=write the file is written anew."""
    if os.environ.get("TENFOLD_GOLDEN") == "write":
        PAGE.write_text(explained(MAGICS), "utf-8")
    assert PAGE.read_text("utf-8") == explained(MAGICS)
    assert PAGE.stat().st_size < 1_200 * len(MAGICS)


@pytest.fixture(scope="module")
def notebook() -> Iterator[Notebook]:
    notebook = Notebook("%load_ext tenfold")
    yield notebook
    notebook.close()


def inspected(notebook: Notebook, code: str) -> str:
    reply = notebook.inspect(code.replace("|", ""), code.index("|"))
    assert reply["status"] == "ok"
    return str(reply["data"].get("text/plain", ""))


def test_a_kernel_explains_options_and_leaves_other_names_to_ipython(notebook: Notebook) -> None:
    assert inspected(notebook, "x = 1\nr = %fit_sgdr 3 --cycle-le|n 1") == CYCLE_LEN
    assert "items in a container" in inspected(notebook, "len|")
    assert inspected(notebook, "no_such_name|") == ""


def test_unloading_gives_the_inspections_back_to_ipython(notebook: Notebook) -> None:
    before = "type(get_ipython().kernel).do_inspect.__qualname__"
    notebook.run("%unload_ext tenfold")
    assert (
        notebook.text(f"print(get_ipython().kernel.do_inspect.__qualname__ == {before})") == "True"
    )
    assert inspected(notebook, "%fit_sgdr 3 --cycle-le|n 1") != CYCLE_LEN
    notebook.run("%load_ext tenfold")
    assert inspected(notebook, "%fit_sgdr 3 --cycle-le|n 1") == CYCLE_LEN
