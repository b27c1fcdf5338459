from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from IPython.core.error import UsageError
from magics_world import make_learner, refusal

from tenfold.magics.extension import MAGICS
from tenfold.magics.parser import MagicError, MagicParser, split


@pytest.fixture
def shell(shell: Any) -> Any:
    shell.user_ns["learn"] = make_learner()
    return shell


@pytest.mark.parametrize(
    ("line", "words", "silent"),
    [
        ("3 --lr 1e-2", ["3", "--lr", "1e-2"], False),
        ("'two words' x", ["two words", "x"], False),
        ('--lr="1e-4, 1e-3"', ["--lr=1e-4, 1e-3"], False),
        (r"C:\photos\cat.jpg", [r"C:\photos\cat.jpg"], False),
        ("3;", ["3"], True),
        ("3 ;", ["3"], True),
        ("3 'a;'", ["3", "a;"], False),
        ("3  # one more, don't ask", ["3"], False),
        ("3; # quietly", ["3"], True),
        ("a#b", ["a#b"], False),
        ("", [], False),
    ],
)
def test_a_line_is_split_into_words(line: str, words: list[str], silent: bool) -> None:
    assert split(line) == (words, silent)


def test_a_quote_that_is_not_closed_is_refused(shell: Any) -> None:
    assert "a quote is not closed" in refusal(shell, "%save 'half")


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("%fit", "%fit: epochs is missing; write it as in %fit 3"),
        ("%fit 3 4", "there is no place for '4'"),
        ("%fit 3 --lr", "--lr needs a value"),
        ("%fit 3 --clp 1", "there is no option --clp; there are --help, --lr"),
        ("%fit 3 --clp 1", "did you mean --clip?"),
        ("%fit_sgdr 3 --cycle-lenn 1", "did you mean --cycle-len?"),
        ("%fit_sgdr 3 --cycle-lenn=1", "there is no option --cycle-lenn;"),
        ("%plan --precision float33", "did you mean float32?"),
        ("%plan --channels-last maybe", "allowed is on and off"),
        ("%fit_sgdr 3 --snapshots=2", "--snapshots: ignored explicit argument '2'"),
    ],
)
def test_a_wrong_line_is_one_line_that_says_what_is_right(
    shell: Any, line: str, words: str
) -> None:
    assert words in refusal(shell, line)


def test_a_mistake_is_a_usage_error_that_runners_of_notebooks_see() -> None:
    # IPython prints UsageError itself to stderr, where nbval does not look
    assert issubclass(MagicError, UsageError) and MagicError is not UsageError


@pytest.mark.parametrize("name", MAGICS)
def test_every_magic_shows_its_help_and_does_nothing_else(
    shell: Any, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert shell.run_cell(f"%{name} --help").success
    shown = capsys.readouterr().out
    assert shown.startswith(f"usage: %{name}") and MAGICS[name].summary in shown
    assert MAGICS[name].example in shown


@pytest.mark.parametrize("name", MAGICS)
def test_the_documentation_of_a_magic_is_its_help(shell: Any, name: str) -> None:
    assert shell.find_line_magic(name).__doc__ == MAGICS[name].parser().format_help()


@pytest.mark.parametrize("name", MAGICS)
def test_every_example_can_be_parsed(name: str) -> None:
    line = MAGICS[name].example.partition(f"%{name}")[2]
    MAGICS[name].parser().read(split(line)[0])


@pytest.mark.parametrize("name", MAGICS)
def test_every_option_says_what_it_is_for(name: str) -> None:
    parser = MAGICS[name].parser()
    actions = [*parser.positions(), *parser.options().values()]
    assert all(action.help for action in actions)


def test_an_abbreviated_option_is_not_guessed() -> None:
    parser = MagicParser("fit", description="", example="%fit --learner a")
    parser.add("--learner", kind="learner")
    with pytest.raises(MagicError, match="there is no option --lea"):
        parser.read(["--lea", "a"])


@pytest.mark.parametrize("line", ["%fit 1 --nope", "%freeze_to", "%tta --n"])
def test_a_wrong_line_trains_nothing(shell: Any, line: str) -> None:
    refusal(shell, line)
    assert len(shell.user_ns["learn"].history) == 0


def test_an_error_of_the_api_becomes_one_line_and_others_stay(
    shell: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    assert refusal(shell, "%fit 0").startswith("%fit: epochs=0 was given; allowed is")
    broken: Callable[[Any, Any], float] = lambda predictions, targets: 1 / 0  # noqa: E731
    shell.user_ns["learn"].metrics.append(broken)
    assert isinstance(shell.run_cell("%fit 1").error_in_exec, ZeroDivisionError)
    capsys.readouterr()
