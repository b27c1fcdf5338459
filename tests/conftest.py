"""What every test gets: fixed seeds, one thread, a cache of its own, and a way to ask for data."""

from __future__ import annotations

import importlib.util
import os
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import torch
from magics_world import make_shell


@pytest.fixture(scope="session", autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep the user's cache out of the tests and the tests out of the user's cache."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TENFOLD_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture(autouse=True)
def seeded() -> None:
    random.seed(0)
    np.random.seed(0)
    torch.manual_seed(0)


@pytest.fixture
def shell(tmp_path: Path) -> Any:
    """A shell with the magics and no learner; a file of tests may give it one under this name."""
    return make_shell(tmp_path)


@pytest.fixture(scope="session")
def hook() -> ModuleType:
    """hatch_build.py, which is no part of the package."""
    file = Path(__file__).parents[1] / "hatch_build.py"
    spec = importlib.util.spec_from_file_location(file.stem, file)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def needs_data() -> Callable[[str], Path]:
    """`needs_data("cifar10")` is that folder of TENFOLD_DATA; without it the test skips."""
    return lambda name: _present("TENFOLD_DATA", name)


@pytest.fixture
def needs_weights() -> Callable[[str], Path]:
    """`needs_weights("squeezenet1_0-b66bff10.pth")` is that checkpoint of TORCH_HOME, or a skip."""
    return lambda name: _present("TORCH_HOME", f"hub/checkpoints/{name}")


def _present(variable: str, name: str) -> Path:
    home = os.environ.get(variable)
    if not home:
        pytest.skip(f"{name} is needed and {variable} is not set: set it to the folder holding it")
    path = Path(home) / name
    if not path.exists():
        pytest.skip(f"{name} is needed and {variable} is set to a folder that lacks it: {home}")
    return path
