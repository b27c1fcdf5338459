from __future__ import annotations

from typing import Any

import pytest
from magics_world import make_learner

from tenfold.magics.extension import MAGICS, load_magics


def state(shell: Any) -> tuple[object, ...]:
    return (
        dict(shell.magics_manager.magics["line"]),
        list(shell.Completer.custom_matchers),
        list(shell.input_transformers_cleanup),
    )


def test_unloading_leaves_the_shell_as_it_was(shell: Any) -> None:
    shell.run_cell("%unload_ext tenfold")
    before = state(shell)
    shell.run_cell("%load_ext tenfold")
    assert state(shell) != before
    shell.run_cell("%unload_ext tenfold")
    assert state(shell) == before
    assert "not found" in str(shell.run_cell("%fit 1").error_in_exec)


def test_the_load_and_save_of_ipython_come_back(shell: Any) -> None:
    assert "training state" in shell.find_line_magic("save").__doc__
    shell.run_cell("%unload_ext tenfold")
    assert type(shell.find_line_magic("save").__self__).__name__ == "CodeMagics"
    assert type(shell.find_line_magic("load").__self__).__name__ == "CodeMagics"


def test_loading_twice_changes_nothing(shell: Any) -> None:
    before = state(shell)
    load_magics(shell)
    assert state(shell) == before


def test_reloading_works(shell: Any) -> None:
    assert shell.run_cell("%reload_ext tenfold").success
    shell.user_ns["learn"] = make_learner()
    assert shell.run_cell("%fit 1").success
    assert len(shell.Completer.custom_matchers) == 1


def test_a_magic_that_somebody_replaced_since_stays_theirs(shell: Any) -> None:
    def mine(line: str) -> str:
        return "mine"

    shell.register_magic_function(mine, "line", "fit")
    shell.run_cell("%unload_ext tenfold")
    assert shell.find_line_magic("fit") is mine


def test_tenfold_lists_every_magic_with_its_line(
    shell: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    assert shell.run_cell("%tenfold").success
    shown = capsys.readouterr().out
    for name, one in MAGICS.items():
        assert any(row.startswith(f"%{name} ") and one.summary in row for row in shown.splitlines())
    assert all(len(one.summary) < 90 for one in MAGICS.values())


@pytest.mark.parametrize(
    ("line", "parted"),
    [
        ("%tta;", "%tta ;"),
        ("  %tta;  # quietly", "  %tta ;  # quietly"),
        ("preds, targets = %tta;", "preds, targets = %tta ;"),
        ("x = 1; y = '%tta;'", "x = 1; y = '%tta;'"),
        ("%pwd;", "%pwd;"),
        ("%tta 3;", "%tta 3;"),
        ("a = b %tta;", "a = b %tta;"),
    ],
)
def test_a_semicolon_right_behind_a_magic_is_parted_from_its_name(
    shell: Any, line: str, parted: str
) -> None:
    apart = shell.input_transformers_cleanup[-1]
    assert apart([line]) == [parted]
