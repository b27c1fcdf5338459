from __future__ import annotations

import pytest
from factories import At, make_run

from tenfold.train.report import TextReport
from tenfold.train.run import Run
from tenfold.train.trainer import fit


def printed(run: Run, capsys: pytest.CaptureFixture[str]) -> list[list[str]]:
    fit(run)
    return [line.split() for line in capsys.readouterr().out.splitlines()]


def test_every_epoch_is_one_line_under_one_header(capsys: pytest.CaptureFixture[str]) -> None:
    header, *rows = printed(make_run(callbacks=[TextReport()]), capsys)
    assert header == ["epoch", "train_loss", "valid_loss", "accuracy", "seconds"]
    assert [row[0] for row in rows] == ["1", "2"]
    # below a second, as in "0.2 s" or "< 0.1 s"
    assert all(row[-1] == "s" and float(row[-2]) < 1 for row in rows)
    assert all(len(" ".join(row).replace("< ", "").split()) == len(header) + 1 for row in rows)


def test_a_stop_is_said_with_its_step(capsys: pytest.CaptureFixture[str]) -> None:
    stop = At("after_step", lambda run: run.stop("interrupted"), step=6)
    lines = printed(make_run(callbacks=[TextReport(), stop]), capsys)
    assert lines[-1] == ["interrupted", "at", "step", "6", "of", "8"]


def test_the_header_comes_again_with_the_next_run(capsys: pytest.CaptureFixture[str]) -> None:
    report = TextReport()
    for _ in range(2):
        assert printed(make_run(callbacks=[report]), capsys)[0][0] == "epoch"
