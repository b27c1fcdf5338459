from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from magics_world import make_learner, refusal, run

from tenfold.magics.saving import means_code


@pytest.fixture
def shell(shell: Any, tmp_path: Path) -> Any:
    shell.user_ns.update(learn=make_learner(), where=str(tmp_path / "with space.tenfold"))
    return shell


def test_what_save_writes_load_reads(shell: Any, capsys: pytest.CaptureFixture[str]) -> None:
    run(shell, "%fit 2 --lr 1e-2\npath = %save $where")
    weight = shell.user_ns["learn"].model[1].weight.detach().clone()
    shell.user_ns["learn"] = make_learner()
    run(shell, "%load {where}")
    assert shell.user_ns["learn"].model[1].weight.equal(weight)
    assert shell.user_ns["path"] == Path(shell.user_ns["where"])
    said = capsys.readouterr().out
    assert "saved the training state to" in said and "2 epochs trained so far" in said


def test_a_path_with_a_space_is_quoted(shell: Any) -> None:
    run(shell, f"%save '{shell.user_ns['where']}';")
    assert Path(shell.user_ns["where"]).exists()


def test_export_writes_a_predictor(shell: Any, tmp_path: Path) -> None:
    run(shell, f"%export {tmp_path / 'net.tenfold'}")
    assert (tmp_path / "net.tenfold").exists()


def test_a_file_that_is_not_there_is_one_line(shell: Any) -> None:
    assert "nowhere.tenfold" in refusal(shell, "%load nowhere.tenfold")
    assert "path is missing; write it as in %export plants" in refusal(shell, "%export")


@pytest.mark.parametrize(
    ("line", "has_learner", "code"),
    [
        ("stage1.tenfold", True, False),
        ("stage1.tenfold", False, True),
        ("$where", True, False),
        ("'my file'", True, False),
        ("", True, False),
        ("script.py", True, True),
        ("https://example.org/a.py", True, True),
        ("-r 1-5 script", True, True),
        ("-f session 1-5", True, True),
        ("session 1-5", True, True),
        ("--learner learn a", False, False),
        ("--help", False, False),
        ("'half", True, False),
    ],
)
def test_a_line_for_code_is_told_from_a_line_for_a_learner(
    line: str, has_learner: bool, code: bool
) -> None:
    assert means_code(line, has_learner) is code


def test_lines_for_code_reach_the_magic_of_ipython(shell: Any, tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text("x = 1\n")
    run(shell, f"%load {script}")
    assert "x = 1" in shell.rl_next_input
    del shell.user_ns["learn"]
    assert "Missing filename" in str(shell.run_cell("%save").error_in_exec)
