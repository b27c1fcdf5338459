"""What JupyterLab reads of the extension: how much there is to load, and keys that are free."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from jupyterlab.commands import get_app_dir

EXTENSION = Path(__file__).parents[1] / "extension"
SCHEMAS = sorted((EXTENSION / "schema").glob("*.json"))
MOST = 250_000


@pytest.fixture(scope="module", autouse=True)
def built(hook: ModuleType) -> None:
    hook.build_page(EXTENSION.parent)


def test_all_that_is_loaded_is_small() -> None:
    files = list((EXTENSION / "labextension" / "static").glob("*.js"))
    assert len(files) > 2
    assert sum(len(gzip.compress(file.read_bytes())) for file in files) < MOST


def loaded_at_start() -> set[str]:
    """The sources that are in the first file, or in what it imports at once."""
    left, parts = ["index.js"], set()
    while left:
        parts.add(name := left.pop())
        text = (EXTENSION / "lib" / name).read_text("utf-8")
        left += set(re.findall(r'from "\./(.+?)"', text)) - parts
    texts = [(EXTENSION / "lib" / name).read_text("utf-8") for name in parts]
    return set(re.findall(r"^// (src/\S+)", "\n".join(texts), re.MULTILINE))


def test_what_is_heavy_is_loaded_when_it_is_shown() -> None:
    sources = loaded_at_start()
    assert "src/lab/index.ts" in sources
    assert not [one for one in sources if one.startswith("src/chart/") or one.endswith(".json")]


@pytest.mark.parametrize("schema", SCHEMAS, ids=lambda file: file.stem)
def test_a_schema_belongs_to_a_plugin_and_is_translated_by_us(schema: Path) -> None:
    settings = json.loads(schema.read_text("utf-8"))
    assert settings["title"] and settings["description"]
    assert settings["jupyter.lab.internationalization"] == {"domain": "tenfold"}
    sources = [file.read_text("utf-8") for file in (EXTENSION / "src" / "lab").rglob("*.ts")]
    assert any(f"id: 'tenfold:{schema.stem}'" in text for text in sources)


def shortcuts(files: Iterator[Path] | list[Path]) -> dict[tuple[str, ...], list[str]]:
    """The commands by their keys, of which the order in one press does not matter."""
    found: dict[tuple[str, ...], list[str]] = {}
    for file in files:
        for one in json.loads(file.read_text("utf-8")).get("jupyter.lab.shortcuts", []):
            for keys in spellings(one):
                found.setdefault(keys, []).append(one["command"])
    return found


def spellings(shortcut: dict[str, Any]) -> Iterator[tuple[str, ...]]:
    """The presses on a Mac, where Accel is Cmd, and elsewhere, where it is Ctrl."""
    for system, accel in (("macKeys", "Cmd"), ("winKeys", "Ctrl"), ("linuxKeys", "Ctrl")):
        keys = shortcut.get(system, shortcut["keys"])
        presses = [re.sub(r"\bAccel\b", accel, press).split() for press in keys if press]
        yield tuple(" ".join(sorted(press)) for press in presses)


def test_no_shortcut_takes_a_key_of_jupyterlabs() -> None:
    theirs = shortcuts((Path(get_app_dir()) / "schemas").rglob("*.json"))
    ours = shortcuts(SCHEMAS)
    assert ("D", "D") in theirs and ours
    assert not {keys: commands for keys, commands in ours.items() if len(set(commands)) > 1}
    begun = {keys[:length] for keys in theirs for length in range(1, len(keys) + 1)}
    assert not {keys: commands for keys, commands in ours.items() if keys in begun}
    assert not {keys: commands for keys, commands in ours.items() if keys[:1] in theirs}
