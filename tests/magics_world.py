"""The world of the magics' tests: a shell without a terminal, and a learner that fits at once."""

from __future__ import annotations

import types
from pathlib import Path
from typing import Any

import torch
from IPython.core.interactiveshell import InteractiveShell
from torch import nn
from traitlets.config import Config

from tenfold.learner import Learner
from tenfold.train.task import single_label


def make_shell(folder: Path) -> InteractiveShell:
    """A shell of its own, with the magics loaded and no history on disk."""
    config = Config()
    config.HistoryManager.enabled = False
    shell = InteractiveShell(
        config=config, ipython_dir=str(folder), user_module=types.ModuleType("notebook")
    )
    assert shell.run_cell("%load_ext tenfold").success
    return shell


def pairs(*shape: int, batches: int = 2, size: int = 4) -> list[tuple[torch.Tensor, torch.Tensor]]:
    """Batches of two classes that the first number of each item tells apart."""
    inputs = [torch.randn(size, *shape) for _ in range(batches)]
    return [(batch, (batch.flatten(1)[:, 0] > 0).long()) for batch in inputs]


class TwoGroups(nn.Sequential):
    """A model with a body and a head."""

    def groups(self) -> list[list[nn.Module]]:
        return [[self[1]], [self[2]]]


def make_learner(*shape: int, quiet: bool = True, **settings: Any) -> Learner:
    """A learner on numbers (2,), or on pictures when their shape is given."""
    sets = (pairs(*(shape or (2,))), pairs(*(shape or (2,))))
    items = int(torch.tensor(shape or (2,)).prod())
    model = TwoGroups(nn.Flatten(), nn.Linear(items, 4), nn.Linear(4, 2))
    learner = Learner(sets, model, task=single_label(2), quiet=quiet, device="cpu", **settings)
    learner.plan(threads=1, precision="float32", channels_last=False)
    return learner


def run(shell: InteractiveShell, line: str) -> Any:
    """The value of a cell, which must not fail."""
    result = shell.run_cell(line)
    result.raise_error()
    return result.result


def refusal(shell: InteractiveShell, line: str) -> str:
    """The one line that a wrong line ends in; the cell fails."""
    result = shell.run_cell(line)
    assert not result.success
    error = result.error_in_exec
    lines = error._render_traceback_()
    assert type(error).__name__ == "MagicError" and len(lines) == 1 and "\n" not in lines[0]
    return str(lines[0])
