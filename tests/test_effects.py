"""The table that says whether each technique helps: honest words, and as the modules are now."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def effects() -> Iterator[ModuleType]:
    """`lessons.effects`, which is run from the repository's root and not installed."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(ROOT))
        import lessons.effects

        yield lessons.effects


Give = Callable[..., Any]


@pytest.fixture
def give(effects: ModuleType, monkeypatch: pytest.MonkeyPatch) -> Give:
    """Put a module of an effect in the place of one that is there."""

    def put(**settings: Any) -> Any:
        name = effects.names()[0]
        arms = {"plain": lambda seed: 60.0 + seed, "with": lambda seed: 62.5 + seed}
        module = SimpleNamespace(TITLE="T", MEASURE="accuracy, %", BETTER="higher", ARMS=arms)
        module.__dict__.update(settings)
        monkeypatch.setitem(sys.modules, f"lessons.effects.{name}", module)
        return effects.load(name)

    return put


def test_an_effect_is_measured_arm_by_arm_and_seed_by_seed(
    effects: ModuleType, give: Give, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    result = effects.measure(give(), range(3))
    assert result.values == {"plain": [60, 61, 62], "with": [62.5, 63.5, 64.5]}
    assert capsys.readouterr().out.count("\n") == 6
    for name in ("b", "a"):
        effects.add_result(name, result, tmp_path / "r.json", tmp_path / "page.md")
    assert list(effects.read_results(tmp_path / "r.json")) == ["a", "b"]
    line = (
        "| **T** | accuracy, % (higher is better) | plain: 61.0 ± 1 | with: 63.5 ± 1 "
        "| +2.50, +2.50, +2.50 | +2.50 | 3 of 3 | helps |"
    )
    assert (tmp_path / "page.md").read_text("utf-8").count(line) == 2


@pytest.mark.parametrize(
    ("apart", "better", "words"),
    [
        ([1.0, 1.1, 0.9, 1.0, 1.2], "higher", "helps"),
        ([1.0, 1.1, 0.9, 1.0, 1.2], "lower", "does not help: it is worse"),
        ([-1.0, -1.1, -0.9, -1.0, -1.2], "lower", "helps"),
        ([1.0, -1.1, 0.9, -1.0, 1.2], "higher", "no clear difference here"),
        ([0.0, 0.0, 0.0], "higher", "no clear difference here"),
    ],
)
def test_the_words_say_what_the_numbers_show(
    effects: ModuleType, apart: list[float], better: str, words: str
) -> None:
    assert effects.verdict(apart, better) == words


def test_what_is_no_effect_is_refused(effects: ModuleType, give: Give) -> None:
    with pytest.raises(ValueError, match="there is no effect 'nope'; there is "):
        effects.load("nope")
    with pytest.raises(ValueError, match='BETTER is None; allowed is "higher" and "lower"'):
        give(BETTER=None)
    with pytest.raises(ValueError, match="ARMS has 1 arms; give the control, then the technique"):
        give(ARMS={"plain": float})


def test_every_technique_is_in_the_table_over_five_seeds_as_its_module_is_now(
    effects: ModuleType,
) -> None:
    results = effects.read_results()
    assert list(results) == effects.names()
    for name, result in results.items():
        assert result.code == effects.digest(name), (
            f"run it again: python -m lessons.effects {name}"
        )
        assert all(len(values) >= 5 for values in result.values.values())
        assert list(result.values) == list(effects.load(name).arms)
    assert effects.PAGE.read_text("utf-8") == effects.written(results)
