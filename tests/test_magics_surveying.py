"""%summary, %landscape and %sharpness: what they show, what they give, and what they refuse."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from magics_world import make_learner, refusal, run

from tenfold.interpret.landscape import Landscape
from tenfold.interpret.layer_table import Summary
from tenfold.interpret.sharpness import Sharpness
from tenfold.live.panels.report import report_html, report_text
from tenfold.live.widgets.payloads import learner_facts
from tenfold.live.widgets.results import pieces
from tenfold.live.widgets.still import report_of

SMALL = "--points 5 --items 8"


@pytest.fixture
def shell(shell: Any) -> Any:
    shell.user_ns["learn"] = make_learner()
    return shell


Shown = pytest.CaptureFixture[str]


def test_a_bare_line_shows_and_a_value_is_given(shell: Any, capsys: Shown) -> None:
    kinds = {
        "%summary --depth 1": (Summary, "22 of them trained"),
        f"%landscape {SMALL}": (Landscape, "the loss over a plane around the weights"),
        f"%landscape --dimensions 1 {SMALL}": (Landscape, "along 3 random directions"),
        "%sharpness --directions 2 --items 8": (Sharpness, "the mean of 2 directions"),
    }
    for line, (kind, words) in kinds.items():
        assert run(shell, line) is None
        assert words in capsys.readouterr().out
        run(shell, f"found = {line}")
        assert isinstance(shell.user_ns["found"], kind) and capsys.readouterr().out == ""
        assert run(shell, f"{line};") is None and capsys.readouterr().out == ""


def test_every_option_reaches_the_learner(shell: Any) -> None:
    run(shell, f"found = %landscape {SMALL} --radius 0.5 --of valid --seed 3 --surface")
    settings = shell.user_ns["found"].settings
    assert (settings.kind, settings.points, settings.radius) == ("plane", 5, 0.5)
    assert (settings.of, settings.seed, settings.items) == ("valid", 3, 8)
    run(shell, "found = %sharpness --radius 0.2 --directions 2 --items 8 --hessian")
    found = shell.user_ns["found"]
    assert found.radius == 0.2 and len(found.rises) == 2 and found.eigenvalue is not None
    run(shell, "found = %summary --depth 1")
    assert [one.name for one in shell.user_ns["found"].rows] == ["0", "1", "2"]


def test_the_other_solution_is_a_file_or_a_variable(
    shell: Any, tmp_path: Path, capsys: Shown
) -> None:
    path = tmp_path / "first.tenfold"
    run(shell, f"%save {path}")
    shell.user_ns["other"] = make_learner().model
    for name in (path, "other", "$other"):
        run(shell, f"%landscape --to {name} {SMALL}")
        assert "the line between two solutions" in capsys.readouterr().out


def test_the_same_line_goes_on_and_then_has_its_result_at_once(shell: Any) -> None:
    run(shell, f"first = %landscape {SMALL}")
    run(shell, f"second = %landscape {SMALL}")
    assert shell.user_ns["first"] is shell.user_ns["second"]


def test_in_the_background_the_value_is_a_job(shell: Any) -> None:
    run(shell, f"job = %landscape {SMALL} --background")
    assert shell.user_ns["job"].wait(30)


REFUSED = [
    ("%landscape --points 4", "points=4 was given; allowed are odd numbers"),
    ("%landscape --of test", "--of 'test' was given; allowed is train and valid"),
    ("%landscape --to nothing.tenfold", "nothing.tenfold was given, and there is no such file"),
    ("%landscape --points many", "'many' was given; allowed is a whole number"),
    ("%landscape --dimensions 3", "dimensions=3 was given; allowed are 1, a few lines, and 2"),
    ("%summary --depth 0", "depth=0 was given; allowed is 1 and above"),
    ("%sharpness --radius -1", "radius=-1.0 was given; allowed is above 0"),
]


@pytest.mark.parametrize(("line", "words"), REFUSED)
def test_a_mistake_is_one_line(shell: Any, line: str, words: str) -> None:
    said = refusal(shell, line)
    assert words in said and "\n" not in said


def test_the_panel_shows_them_and_the_notebook_keeps_their_tables() -> None:
    from panel_world import World

    world = World(make_learner())
    learn, took = world.learn, world.panel.took
    assert {"summary", "landscape", "sharpness"} <= set(
        learner_facts(learn, name="learn", option="")["shows"]
    )
    summary, plane = learn.summary(), learn.landscape(points=5, items=8)
    sharp = learn.sharpness(items=8, directions=2)
    took("summary", "%summary", summary)
    took("landscape", f"%landscape {SMALL}", plane)
    took("sharpness", "%sharpness", sharp)
    (piece,) = pieces("landscape", "%landscape --surface", plane, learner=learn)
    assert piece.png is not None and piece.png[:4] == b"\x89PNG"
    assert piece.facts["words"] == plane.words == piece.facts["picture"]
    text, html = (make(report_of(world.panel)) for make in (report_text, report_html))
    for words in (summary.words, plane.words, sharp.caption, "Flatten", "along the second"):
        assert words in text and words in html
    world.panel.close()
