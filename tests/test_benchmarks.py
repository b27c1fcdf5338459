from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from benchmarks import step, tabular
from benchmarks.__main__ import main
from benchmarks.harness import Table, Target, interleave, slope
from benchmarks.tables import store


def small_table(**more: object) -> Table:
    samples = {"bare": [10.0, 20.0, 30.0], "ours": [5.0, 30.0, 30.0]}
    settings = {"unit": "µs", "baseline": "bare", "samples": samples, "load": (0.1, 0.1), **more}
    return Table(part="step", title="A step", **settings)  # type: ignore[arg-type]


def test_contenders_take_turns_and_every_second_round_goes_backwards() -> None:
    order: list[str] = []
    samples = interleave(
        {name: lambda name=name: order.append(name) or 1.0 for name in "AB"},  # type: ignore
        rounds=3,
    )
    assert order == ["A", "B", "B", "A", "A", "B"]
    assert samples == {"A": [1.0] * 3, "B": [1.0] * 3}


def test_a_slope_runs_both_lengths() -> None:
    lengths: list[int] = []
    assert isinstance(slope(lengths.append, short=2, long=5), float)
    assert lengths == [2, 5]


def test_a_ratio_compares_within_each_round() -> None:
    assert small_table().ratios("ours") == [0.5, 1.5, 1.0]
    assert small_table().ratio("ours") == 1.0


@pytest.mark.parametrize(
    ("value", "at_least", "met"), [(0.9, False, True), (1.1, False, False), (1.1, True, True)]
)
def test_a_target_is_met_on_its_right_side(value: float, at_least: bool, met: bool) -> None:
    assert Target("figure", value, 1.0, at_least).met is met


def test_results_keep_the_other_parts_and_the_losers(tmp_path: Path) -> None:
    store(small_table(targets=[Target("ours over bare", 1.1, 1.0)]), tmp_path)
    file = store(small_table(columns={"ours": {"accuracy": "0.9"}}, load=(2.0, 2.0)), tmp_path)
    other = small_table()
    other.part = "other"
    store(other, tmp_path)
    assert set(json.loads(file.read_text("utf-8"))["parts"]) == {"step", "other"}
    page = (tmp_path / "results.md").read_text("utf-8")
    assert "| ours | 30 | 5 | 30 | 1.00 | 0.9 |" in page
    assert "the machine was not quiet" in page


def test_a_target_that_was_missed_stands_in_the_page(tmp_path: Path) -> None:
    store(small_table(targets=[Target("ours over bare", 1.1, 1.0)]), tmp_path)
    page = (tmp_path / "results.md").read_text("utf-8")
    assert "- **missed**: ours over bare: 1.1, wanted at most 1" in page


def test_the_step_benchmark_measures_tenfold_beside_both_loops() -> None:
    table = step.measure(rounds=1, short=2, long=4, with_peers=False)
    assert {step.BARE, step.NAIVE, step.OURS} <= set(table.samples)
    assert [target.limit for target in table.targets] == [1.0, 0.9]


def test_the_tabular_benchmark_measures_without_the_peers(
    needs_data: Callable[[str], Path],
) -> None:
    needs_data("adult/adult.csv")
    table = tabular.measure(rounds=1, wide_rows=100, with_peers=False)
    assert set(table.samples) == {tabular.BARE, tabular.OURS}
    assert [target.limit for target in table.targets] == [1.1, 3.0, 2.0]


def test_an_unknown_part_is_refused_with_the_list(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["steps"])
    assert "steps: there is no such part; there are step, import" in capsys.readouterr().err
