"""%optimizers, %compare_optimizers, %widths and %decays: what they show, give and refuse."""

from __future__ import annotations

from typing import Any

import pytest
from magics_world import make_learner, refusal, run

from tenfold.figures import Told
from tenfold.interpret.optimizer_runs import OptimizerRuns
from tenfold.magics.ideas import shown
from tenfold.moving import Moving

QUICK = {
    "optimizers": "%optimizers saddle --steps 9 --lr 0.1 --only sgd adam",
    "widths": "%widths corner --units 1 2",
    "decays": "%decays --points 5 --noise 0 --seed 2",
}


@pytest.mark.parametrize("name", QUICK)
def test_a_bare_line_shows_and_one_that_is_used_gives(
    name: str, shell: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(shell, QUICK[name]) is None
    told = capsys.readouterr().out
    found = run(shell, f"found = {QUICK[name]}") or shell.user_ns["found"]
    assert capsys.readouterr().out == ""
    assert told == f"{found.words}\n{found!r}\n"
    run(shell, f"{QUICK[name]};")
    assert capsys.readouterr().out == ""


def test_the_line_says_what_is_compared(shell: Any) -> None:
    run(shell, f"found = {QUICK['optimizers']}")
    found = shell.user_ns["found"]
    assert [(walk.name, walk.lr) for walk in found.walks] == [("sgd", 0.1), ("adam", 0.1)]
    assert found.surface.name == "saddle" and found.steps == 9
    run(shell, "found = %widths steps --units 2 1 --activation tanh")
    assert shell.user_ns["found"].activation == "tanh"
    run(shell, f"found = {QUICK['decays']}")
    assert len(shell.user_ns["found"].inputs) == 5


class Said:
    """A call that keeps what it is given to show."""

    used = silent = False

    def __init__(self, *, still: bool) -> None:
        self.arguments, self.seen = {"still": still}, list[Any]()

    def __getitem__(self, name: str) -> Any:
        return self.arguments[name]

    def show(self, result: Any) -> None:
        self.seen.append(result)


@pytest.mark.parametrize(("still", "kind"), [(False, Moving), (True, Told)])
def test_it_moves_unless_the_line_says_still(still: bool, kind: type, shell: Any) -> None:
    run(shell, f"found = {QUICK['widths']}")
    call, found = Said(still=still), shell.user_ns["found"]
    assert shown(call, found) is found  # type: ignore[arg-type]
    assert type(call.seen[0]) is kind and call.seen[1] is found


def test_optimizers_are_compared_on_the_learner(
    shell: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    shell.user_ns["learn"] = learn = make_learner()
    run(shell, "%compare_optimizers 2 --only sgd adam --lr 0.05")
    told = capsys.readouterr().out
    assert "2 epochs from the same weights" in told and "valid_loss" in told
    run(shell, "found = %compare_optimizers --only adamw --lr 0.05")
    found = shell.user_ns["found"]
    assert isinstance(found, OptimizerRuns) and found.epochs == 1 and not len(learn.history)


def test_what_is_not_there_is_one_line(shell: Any) -> None:
    assert "surface 'beal' was given; allowed is valley" in refusal(shell, "%optimizers beal")
    assert "did you mean adam?" in refusal(shell, "%optimizers --only adamv")
    assert "steps=0 was given; allowed is 1 to" in refusal(shell, "%optimizers --steps 0")
    assert "widths=[0] was given; allowed are" in refusal(shell, "%widths --units 0")
    assert "points=1 was given; allowed is 3" in refusal(shell, "%decays --points 1")
    assert "there is no learner yet" in refusal(shell, "%compare_optimizers")
    shell.user_ns["learn"] = make_learner()
    assert "epochs=0 was given; allowed is 1" in refusal(shell, "%compare_optimizers 0")
