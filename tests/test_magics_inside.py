"""%gradcam and its like: what they show, what they give, what they refuse and complete."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from inside_world import make_learner
from magics_world import make_shell, refusal, run
from panel_world import World

from tenfold.errors import SettingError
from tenfold.interpret.heat_maps import HeatMaps
from tenfold.live.panels.report import report_html, report_text
from tenfold.live.widgets.payloads import learner_facts
from tenfold.live.widgets.results import pieces
from tenfold.live.widgets.still import report_of
from tenfold.magics.complete import complete
from tenfold.magics.extension import MAGICS
from tenfold.magics.panel import read

LINES = {
    "gradcam": "%gradcam 0 5 --label owl --layer 3 --guided --axiomatic",
    "occlusion": "%occlusion 0 5 --patch 4 --stride 2",
    "integrated_gradients": "%integrated_gradients 0 5 --steps 4 --baseline 0.5",
    "activations": "%activations",
    "embeddings": "%embeddings --way pca",
    "calibration": "%calibration --bins 5",
}


@pytest.fixture
def shell(shell: Any) -> Any:
    shell.user_ns["learn"] = make_learner()
    return shell


@pytest.mark.parametrize("name", LINES)
def test_each_shows_its_picture_in_words_and_its_table(
    name: str, shell: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(shell, LINES[name]) is None
    shown = capsys.readouterr().out
    run(shell, f"found = {LINES[name]}")
    assert capsys.readouterr().out == ""
    found = shell.user_ns["found"]
    assert found.words in shown and repr(found) in shown


def test_items_are_numbers_or_variables(shell: Any) -> None:
    shell.user_ns["mine"] = torch.rand(3, 8, 8)
    assert len(run(shell, "found = %gradcam\nfound")) == 9
    assert run(shell, "found = %gradcam 3\nfound").items == [3]
    assert run(shell, "found = %gradcam mine\nfound").items is None


def test_top_losses_come_with_heat_maps(shell: Any) -> None:
    found = run(shell, "found = %top_losses 2 --heat\nfound")
    assert isinstance(found.heat, HeatMaps)
    assert run(shell, "found = %top_losses 2\nfound").heat is None


def test_applying_says_so_and_changes_the_predictions(
    shell: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    learn = shell.user_ns["learn"]
    before = learn.predictions()[0]
    run(shell, "%calibration --apply")
    assert "predictions are divided by the temperature" in capsys.readouterr().out
    assert not torch.equal(before, learn.predictions()[0])


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("%gradcam 20", "%gradcam: item 20 was given; there are 20 validation items"),
        ("%gradcam 0 -1", "%gradcam: item -1 was given"),
        ("%gradcam 0 --label owel", "%gradcam: label='owel' was given"),
        ("%gradcam 0 --layer 9", "%gradcam: the layer '9' was given"),
        ("%occlusion 0 --patch 99", "%occlusion: patch=99 was given"),
        ("%embeddings --way umap", "%embeddings: --way 'umap' was given; allowed is pca and tsne"),
        ("%calibration --bins 1", "%calibration: bins=1 was given"),
        ("%gradcam no_such.jpg", "%gradcam: "),
    ],
)
def test_a_mistake_is_one_line(line: str, words: str, shell: Any) -> None:
    assert refusal(shell, line).startswith(words)


def test_layers_and_classes_are_completed() -> None:
    learn = make_learner()
    parser = MAGICS["gradcam"].parser()
    layers = complete(parser, "0 --layer ", {"learn": learn})
    assert ("4", "value") in layers
    classes = complete(parser, "0 --label ", {"learn": learn})
    assert classes == [("cat", "value"), ("'a dog'", "value"), ("owl", "value")]
    assert complete(parser, "0 --layer ", {}) == []
    assert complete(MAGICS["embeddings"].parser(), "--way ", {}) == [
        ("pca", "value"), ("tsne", "value")
    ]  # fmt: skip


def test_a_page_may_ask_about_items_and_about_no_file(tmp_path: Path) -> None:
    shell = make_shell(tmp_path)
    names = {"learn": make_learner()}
    one, call = read(shell, "%gradcam 0 17 --label owl", names=names)
    assert one.name == "gradcam" and call["items"] == ["0", "17"]
    for word in ("photo.jpg", "learn", "-1"):
        with pytest.raises(SettingError, match="takes numbers of validation items"):
            read(shell, f"%gradcam {word}", names=names)


def test_the_panel_is_told_and_a_saved_notebook_keeps_the_tables() -> None:
    world = World(make_learner())
    learn = world.learn
    looks = {
        "gradcam": learn.grad_cam([0, 5]),
        "activations": learn.activations(),
        "embeddings": learn.embeddings(),
        "calibration": learn.calibration(),
    }
    for name, found in looks.items():
        world.panel.took(name, f"%{name}", found)
    report = report_of(world.panel)
    for text in (report_text(report), report_html(report)):
        assert "too sure" in text or "not sure enough" in text
        assert "nearest class" in text and "hottest at" in text and "BatchNorm2d" in text
    for key in ("heat", "activations", "embeddings", "calibration"):
        assert getattr(world.panel, f"{key}_png")[:4] == b"\x89PNG"
    world.panel.close()


def test_the_map_has_a_point_and_a_small_picture_for_each_item() -> None:
    learn = make_learner()
    (piece,) = pieces("embeddings", "%embeddings", learn.embeddings(), learner=learn)
    points = piece.facts["points"]
    assert [point["item"] for point in points] == list(range(20)) and piece.facts["columns"] == 5
    assert {point[way] for point in points for way in "xy"} >= {0.0, 1.0}
    assert points[1]["actual"] == "a dog" and piece.png[:4] == b"\x89PNG"


def test_what_fits_a_learner_is_said() -> None:
    shows = learner_facts(make_learner(), name="learn", option="")["shows"]
    assert {"gradcam", "activations", "embeddings", "calibration"} <= set(shows)
