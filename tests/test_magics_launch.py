"""%launch reads like the magic behind it; tests of its words start no process."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from IPython.core.completer import provisionalcompleter
from IPython.core.interactiveshell import InteractiveShell
from magics_world import make_learner, make_shell, refusal

from tenfold.errors import SettingError
from tenfold.parallel.launch import on_its_device
from tenfold.parallel.pool import Settings
from tenfold.train.plan import Plan


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Iterator[InteractiveShell]:
    shell = make_shell(Path(tmp_path_factory.mktemp("ipython")))
    shell.user_ns["learn"] = make_learner()
    yield shell
    shell.run_cell("%unload_ext tenfold")


@pytest.mark.parametrize(("line", "words"), [
    ("%launch", "nothing was given to launch; allowed is %fit, %fit_sgdr, %fit_one_cycle, "),
    ("%launch --processes 2 %ftune 3", "%ftune was given to launch; .* did you mean %fine_tune?"),
    ("%launch %lr_find", "%lr_find was given to launch"),
    ("%launch --processes 0 %fit 1", "%launch: processes=0 was given; allowed is 1 and above"),
    ("%launch --processes two %fit 1", "--processes: .two. was given; allowed is a whole number"),
    ("%launch --on slurm %fit 1", "'slurm' was given; allowed is local and ray"),
    ("%launch %fit", "%fit: epochs is missing"),
    ("%launch %fit 1 --lrr 3", "%fit: there is no option --lrr"),
])  # fmt: skip
def test_a_mistake_is_one_line(shell: InteractiveShell, line: str, words: str) -> None:
    assert re.search(words.replace("?", r"\?"), refusal(shell, line))


@pytest.mark.parametrize(("line", "wanted"), [
    ("%launch --pro", ["--processes"]),
    ("%launch --on ", ["local", "ray"]),
    ("%launch --processes 2 %fit_", ["%fit_sgdr", "%fit_one_cycle"]),
    ("%launch --processes 2 %fit 3 --sch", ["--schedule"]),
    ("job = %launch %fit 3 --schedule cos", ["cosine"]),
])  # fmt: skip
def test_it_completes_its_own_words_and_those_of_the_magic_behind_it(
    shell: InteractiveShell, line: str, wanted: list[str]
) -> None:
    with provisionalcompleter():
        found = [one.text for one in shell.Completer.completions(line, len(line))]
    assert found[: len(wanted)] == wanted


def test_help_is_that_of_the_magic_that_is_asked(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    assert shell.run_cell("%launch --help").success
    out = capsys.readouterr().out
    assert "each takes its share of every batch" in out and "--sync-batchnorm" in out


@pytest.mark.skipif(find_spec("ray") is not None, reason="Ray is installed, so it is not missed")
def test_without_ray_its_place_is_refused_with_what_to_install(shell: InteractiveShell) -> None:
    words = refusal(shell, "%launch --processes 2 --on ray %fit 1")
    assert words.endswith("which is not installed; run `pip install tenfold[ray]`")


def test_more_processes_than_gpus_are_refused() -> None:
    run = SimpleNamespace(device=torch.device("cuda"), plan=Plan(threads=1))
    settings = Settings(torch.cuda.device_count() + 1)
    with pytest.raises(SettingError, match="each process needs its own; ask for as many"):
        on_its_device(settings, run)  # type: ignore[arg-type]
