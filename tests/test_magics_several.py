"""%labels, %tune_thresholds and %confusion of several labels, in the shell and in the panel."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from magics_world import make_learner, refusal, run
from torch import nn

from tenfold.data.images import ImageData
from tenfold.interpret.label_confusion import LabelCell, LabelConfusion
from tenfold.interpret.labels import Labels
from tenfold.learner import Learner
from tenfold.live.panels.looked import tables
from tenfold.live.widgets.payloads import learner_facts
from tenfold.live.widgets.results import Piece, pieces
from tenfold.techniques.tune_thresholds import Thresholds

PICTURES = torch.rand(24, 3, 8, 8, generator=torch.Generator().manual_seed(0))
TRUTH = (torch.rand(24, 2, generator=torch.Generator().manual_seed(1)) > 0.4).float()


def several() -> Learner:
    data = ImageData.from_arrays(
        PICTURES, TRUTH, PICTURES, TRUTH, classes=["cat", "a dog"], device="cpu"
    )
    torch.manual_seed(0)
    model = nn.Sequential(nn.Flatten(), nn.Linear(192, 2))
    learn = Learner(data, model, quiet=True, device="cpu")
    learn.plan(threads=1, precision="float32", channels_last=False)
    return learn


@pytest.fixture
def shell(shell: Any) -> Any:
    shell.user_ns["learn"] = several()
    return shell


def test_labels_shows_curves_and_a_table_or_gives_both(
    shell: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(shell, "%labels --beta 2") is None
    shown, found = capsys.readouterr().out, shell.user_ns["learn"].labels(beta=2)
    assert shown == f"{found.summary}\n{found}\n" and "F2" in shown
    run(shell, "found = %labels")
    assert isinstance(shell.user_ns["found"], Labels) and capsys.readouterr().out == ""


def test_tune_thresholds_changes_what_is_decided(
    shell: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    learn = shell.user_ns["learn"]
    run(shell, "found = %tune_thresholds --beta 0.5")
    found = shell.user_ns["found"]
    assert isinstance(found, Thresholds) and found.beta == 0.5
    assert learn.task.thresholds == tuple(found.after.tolist()) != (0.5, 0.5)
    assert capsys.readouterr().out == ""
    assert run(shell, "%tune_thresholds") is None
    assert "mean F1: " in capsys.readouterr().out


def test_confusion_shows_what_is_missed_and_the_pictures_of_a_cell(
    shell: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    found = shell.user_ns["learn"].confusion()
    assert isinstance(found, LabelConfusion) and run(shell, "%confusion") is None
    shown = capsys.readouterr().out
    assert str(found) in shown and f"most often wrong: {found.most_wrong()[0]}" in shown
    wrong = found.most_wrong()[0]
    line = f"%confusion --label '{wrong.label}' --cell {wrong.cell}"
    assert run(shell, line) is None
    pictures = capsys.readouterr().out.splitlines()
    assert pictures[0].endswith("validation pictures") or wrong.times == 1
    assert pictures[1].startswith(str(found.cell(wrong.label, wrong.cell)))
    run(shell, f"cell = {line}")
    assert (
        isinstance(shell.user_ns["cell"], LabelCell) and len(shell.user_ns["cell"]) == wrong.times
    )


def test_nothing_wrong_is_said(shell: Any, capsys: pytest.CaptureFixture[str]) -> None:
    learn = shell.user_ns["learn"]
    learn.fit(60, 0.05)
    learn.fit(60, 0.01)
    assert not learn.confusion().most_wrong()
    run(shell, "%confusion")
    assert "nothing is missed or seen in vain" in capsys.readouterr().out


def test_mistakes_are_one_line(shell: Any) -> None:
    assert "--cell is missing; --label and --cell name a cell together; write it as in" in refusal(
        shell, "%confusion --label cat"
    )
    assert "--actual and --predicted were given with multi label, whose cells have" in refusal(
        shell, "%confusion --actual cat --predicted 'a dog'"
    )
    assert "--cell 'miss' was given; allowed is hits, misses and false-alarms" in refusal(
        shell, "%confusion --label cat --cell miss"
    )
    assert "the label 'cta' was given; there are cat and a dog; did you mean 'cat'?" in refusal(
        shell, "%confusion --label cta --cell hits"
    )
    assert "beta=0.0 was given; allowed is a number above 0" in refusal(shell, "%labels --beta 0")
    shell.user_ns["learn"] = make_learner()
    for line in ("%labels", "%tune_thresholds"):
        assert "was asked for with single label; it is for several labels" in refusal(shell, line)


def told(name: str, value: Any, learner: Learner) -> dict[str, Piece]:
    return {piece.key: piece for piece in pieces(name, f"%{name}", value, learner=learner)}


def test_the_panel_is_told_of_each_with_its_picture() -> None:
    learn = several()
    shows = learner_facts(learn, name="learn", option="")["shows"]
    assert {"confusion", "labels", "tune_thresholds", "top_losses", "tta"} <= set(shows)
    found = learn.confusion()
    matrix = told("confusion", found, learn)["confusion"].facts
    assert matrix["cells"] == ["hits", "misses", "false-alarms"]
    assert matrix["classes"] == ["cat", "a dog"] and matrix["words"] == found.summary
    assert [row[1] for row in matrix["matrix"]] == found.counts("misses")
    wrong = found.most_wrong()[0]
    cell = told("confusion", found.cell(wrong.label, wrong.cell), learn)["cell"]
    assert (cell.facts["actual"], cell.facts["predicted"]) == (wrong.label, wrong.cell)
    assert cell.facts["count"] == wrong.times and cell.png
    labels = told("labels", learn.labels(), learn)["labels"]
    assert labels.facts["tables"][0]["rows"] == learn.labels().table and labels.png
    chosen = learn.tune_thresholds()
    after = told("tune_thresholds", chosen, learn)
    piece = after.pop("tune_thresholds")
    assert piece.facts["words"] == chosen.summary and piece.png
    # what the old thresholds decided is no longer so
    assert {key: one.facts for key, one in after.items()} == dict.fromkeys(
        ("confusion", "cell", "labels")
    )


def test_a_saved_notebook_keeps_them_as_tables() -> None:
    learn = several()
    found = {"confusion": learn.confusion(), "labels": learn.labels()}
    facts = {name: told(name, value, learn)[name].facts for name, value in found.items()}
    kept = dict(tables(facts))
    rows = kept[found["confusion"].summary]
    assert rows[0] == ["label", "hits", "misses", "false alarms"] and rows[1][0] == "cat"
    assert kept["each label"] == found["labels"].table and kept[found["labels"].summary] == []
