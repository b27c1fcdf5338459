"""The examples in the docstrings run, and print what they say."""

from __future__ import annotations

import doctest
from importlib import import_module
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "package"
FILES = [
    file.relative_to(PACKAGE).with_suffix("")
    for file in sorted(PACKAGE.rglob("*.py"))
    if ">>> " in file.read_text("utf-8")
]


@pytest.mark.parametrize("file", FILES, ids=str)
def test_the_examples_of_a_module_run(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # an example may save a file
    module = import_module(".".join(file.parts).removesuffix(".__init__"))
    failed, _ = doctest.testmod(module, optionflags=doctest.ELLIPSIS)
    assert not failed, "see the captured output"
