"""A check: four verdicts, and no trace of it."""

from __future__ import annotations

import random
import sys
import threading
import types
import warnings
from typing import Any

import numpy as np
import pytest
import torch
from course_world import make_exercise
from magics_world import make_learner

from tenfold.course.checking import Verdict, run_check
from tenfold.learner import Learner


def notebook(code: str = "") -> dict[str, Any]:
    """A notebook's variables after a cell."""
    module = types.ModuleType("__main__")
    exec(compile(code, "cell", "exec"), module.__dict__)
    return module.__dict__


def verdict(code: str, check: str = "", starter: str = "def half(x): ...") -> Verdict:
    exercise = make_exercise(check, starter) if check else make_exercise(starter=starter)
    return run_check(exercise, notebook(code))


def test_a_right_answer_is_right_and_gets_the_checks_sentence() -> None:
    assert str(verdict("def half(x): return x / 2")) == "3.1 right: Half of anything is right."
    quiet = verdict("def half(x): return x / 2", "def check(half): ...")
    assert str(quiet) == "3.1 right"


def test_a_wrong_answer_is_told_what_was_seen() -> None:
    said = verdict("def half(x): return 3 * x")
    assert said.kind == "wrong"
    assert "not" in said.words


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("", "there is no half yet: run the cell above"),
        ("half = ...", "half is still ... : put your answer in its place"),
        ("half = [1, (2, {'a': ...})]", "half is still ..."),
        ("def half(x): ...", "half is still as it was given"),
        ("def half(x):\n\n    ...", "half is still as it was given"),
    ],
)
def test_what_was_not_touched_is_not_attempted(code: str, words: str) -> None:
    said = verdict(code)
    assert said.kind == "not attempted"
    assert said.words.startswith(words)


NET = "class Net:\n    def __init__(self): ...\n    def forward(self, x): ..."


def test_a_class_is_attempted_once_one_of_its_functions_differs() -> None:
    check = "def check(Net): ..."
    assert verdict(NET, check, starter=NET).kind == "not attempted"
    assert verdict(NET.replace("x): ...", "x): return x"), check, starter=NET).kind == "right"


def test_an_object_counts_as_its_class_and_a_decorated_function_as_what_is_below() -> None:
    starter = f"import torch\n{NET}\nnet = Net()\n@torch.no_grad()\ndef half(x): ..."
    for name in ("net", "half"):
        check = f"def check({name}): ..."
        assert verdict(starter, check, starter=starter).kind == "not attempted"
        filled = starter.replace("x): ...", "x): return x")
        assert verdict(filled, check, starter=starter).kind == "right"


def test_an_error_shows_the_students_own_line() -> None:
    said = verdict("def half(x):\n    y = x\n    return y / None")
    assert said.kind == "raised"
    assert said.words.startswith("TypeError: unsupported operand")
    assert said.words.endswith("at line 3")
    assert str(said).startswith("3.1 your code raised: TypeError")


def test_an_answer_of_the_wrong_kind_is_told_so() -> None:
    said = verdict("half = 3")
    assert said.kind == "raised"
    assert "'int' object is not callable, when the check used your answer" in said.words


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("def half(x): print('3.1 right')", "raised"),
        ("def half(x): raise SystemExit(0)", "raised"),
        ("def half(x): raise Exception('right')", "raised"),
        ("class Wrong(Exception): ...\ndef half(x): raise Wrong('right')", "raised"),
        ("class Same:\n    def __eq__(self, other): return True\nhalf = Same()", "wrong"),
        ("class Same(float):\n    def __eq__(self, other): return True\nhalf = [Same()]", "wrong"),
    ],
)
def test_there_is_no_way_to_pass_by_tricks(code: str, kind: str) -> None:
    assert verdict(code).kind == kind


def test_an_object_that_judges_itself_is_refused_and_a_dataclass_is_not() -> None:
    said = verdict("class Same:\n    def __eq__(self, other): return True\nhalf = Same()")
    assert "half has an object of your class Same, which decides itself" in said.words
    data = "from dataclasses import dataclass\n@dataclass\nclass D:\n    x: int\nhalf = D(2)"
    check = "def check(half):\n    assert half.x == 2"
    assert verdict(data, check, starter="half = ...").kind == "right"


def test_what_it_printed_is_kept_off_the_page_and_told(capsys: pytest.CaptureFixture[str]) -> None:
    check = "def check(half):\n    half(1)\n    raise Wrong('no')"
    said = verdict("def half(x): print(*range(12), sep='\\n')", check)
    assert capsys.readouterr().out == ""
    assert said.printed.splitlines()[-2:] == ["9", "… and 2 more lines"]
    assert "Your code printed:\n0\n" in str(said)


@pytest.mark.parametrize("main", [True, False])
@pytest.mark.parametrize(
    "body", ["while True: pass", "import threading; threading.Event().wait(0.3); id(0)"]
)
def test_code_without_an_end_is_ended_in_any_thread(main: bool, body: str) -> None:
    answers: list[Verdict] = []
    names = notebook(f"def half(x):\n    {body}")

    def work() -> None:
        answers.append(run_check(make_exercise(), names, limit=0.05))

    if main:
        work()
    else:
        thread = threading.Thread(target=work)
        thread.start()
        thread.join(30)
    assert answers[0].kind == "raised"
    assert "it did not end within 0.05 seconds" in answers[0].words


def test_an_interrupt_is_the_persons_own_and_goes_on() -> None:
    with pytest.raises(KeyboardInterrupt):
        verdict("def half(x): raise KeyboardInterrupt")


def test_random_numbers_are_left_alone_and_drawn_anew_at_each_attempt() -> None:
    torch.rand(1), np.random.rand(), random.random()
    before = torch.get_rng_state(), np.random.get_state()[1].copy(), random.getstate()
    check = "import torch\ndef check(half): raise Wrong(str(torch.rand(1)))"
    names = notebook("half = 1")
    said = [run_check(make_exercise(check), names, seed=seed).words for seed in (0, 0, 1)]
    assert said[0] == said[1] != said[2]
    assert torch.equal(before[0], torch.get_rng_state())
    assert (before[1] == np.random.get_state()[1]).all()
    assert before[2] == random.getstate()


def test_the_students_objects_are_left_as_they_were() -> None:
    check = """def check(weights, net, rates, graph):
    weights.zero_(); rates.append(1); graph.mul_(0)
    assert net.weight is weights
"""
    names = notebook("import torch\nfrom torch import nn\nnet = nn.Linear(2, 2)")
    names |= {"weights": names["net"].weight, "rates": [0.1], "graph": names["net"].weight * 1}
    names["net"].requires_grad_(False)
    exercise = make_exercise(check, "weights = net = rates = graph = ...")
    assert run_check(exercise, names).kind == "right"
    assert names["net"].weight.abs().sum() > 0
    assert names["graph"].abs().sum() > 0
    assert names["rates"] == [0.1]


def leave_traces() -> None:
    """What a careless answer does to the world around it."""
    from matplotlib import pyplot

    torch.set_grad_enabled(False)
    torch.set_default_dtype(torch.float64)
    torch.set_num_threads(2)
    warnings.simplefilter("ignore")
    pyplot.figure()
    pyplot.rcParams["lines.linewidth"] = 99
    Learner.observers.append("somebody")  # type: ignore[arg-type]


def world() -> list[object]:
    pyplot = sys.modules["matplotlib.pyplot"]
    modes = torch.is_grad_enabled(), torch.get_default_dtype(), torch.get_num_threads()
    figures = pyplot.get_fignums(), pyplot.rcParams["lines.linewidth"]
    return [*modes, list(warnings.filters), *figures, list(Learner.observers), Learner.reporter]


def test_the_world_around_is_left_as_it_was() -> None:
    import matplotlib.pyplot  # noqa: F401

    names = notebook("y = 1\ndef half(x):\n    global y, z\n    y = z = 2\n    traces()")
    names["traces"] = leave_traces
    before = world()
    said = run_check(make_exercise("def check(half): half(1)"), names)
    assert said.kind == "right", said.words
    assert world() == before
    assert names["y"] == 1 and "z" not in names


def test_a_learner_is_trained_as_a_copy_that_shares_its_data() -> None:
    learner = make_learner()
    before = learner.model[1].weight.clone()
    check = "def check(learn):\n    learn.fit(1, 0.1)\n    raise Wrong(str(id(learn.data)))"
    names = notebook() | {"learn": learner}
    said = run_check(make_exercise(check, "learn = ..."), names, limit=60)
    assert (said.kind, said.words) == ("wrong", str(id(learner.data)))
    assert torch.equal(before, learner.model[1].weight)
    assert len(learner.history) == 0
