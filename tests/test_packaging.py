"""One fact, one place: the files that repeat a fact are held to the one that owns it."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml
from hatchling.builders.sdist import SdistBuilder
from hatchling.builders.wheel import WheelBuilder
from torch import nn

import tenfold
from tenfold.errors import SettingError
from tenfold.train.optim import make_optimizer

ROOT = Path(__file__).parents[1]
EXTENSION = ROOT / "extension"
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]

# Where the name that is imported is not the name that is installed.
INSTALLED_AS = {
    "cycler": "matplotlib",
    "ipython": "ipython",
    # ipykernel is built on these two, so they are wherever it is
    "jupyter_client": "ipykernel",
    "jupyter_core": "ipykernel",
    "pil": "pillow",
    "sklearn": "scikit-learn",
    "yaml": "pyyaml",
}


def plain(requirement: str) -> str:
    return re.match(r"[\w.-]+", requirement)[0].lower().replace("_", "-")  # type: ignore[index]


def test_the_conda_environment_holds_what_pyproject_asks_for() -> None:
    environment = yaml.safe_load((ROOT / "environment.yml").read_text("utf-8"))
    python, _, inner = environment["dependencies"]
    wanted = [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["lab"]]
    assert python == f"python{PROJECT['requires-python']}"
    assert inner["pip"] == [*wanted, "-e .[lab]"]


def test_the_newest_heading_of_the_changelog_is_the_version() -> None:
    headings = re.findall(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)
    assert headings[0] == tenfold.__version__


def test_every_package_that_is_imported_is_asked_for() -> None:
    optional = PROJECT["optional-dependencies"]
    extras = [
        line
        for name in ("course", "lab", "ray", "search", "text", "timm")
        for line in optional[name]
    ]
    lines = [*PROJECT["dependencies"], *extras]
    asked = {plain(line) for line in lines} | {"tenfold"}
    imported = {
        name.split(".")[0].lower()
        for file in (ROOT / "package").rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        for name in names(node)
    }
    strangers = imported - {name.lower() for name in sys.stdlib_module_names}
    assert {INSTALLED_AS.get(name, name) for name in strangers} <= asked


def names(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return [node.module or ""] if isinstance(node, ast.ImportFrom) and not node.level else []


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[zipfile.ZipFile]:
    """The wheel that this checkout builds."""
    folder = tmp_path_factory.mktemp("wheel")
    built = next(WheelBuilder(str(ROOT)).build(directory=str(folder), versions=["standard"]))
    with zipfile.ZipFile(built) as archive:
        yield archive


def test_the_wheel_carries_the_course_and_the_weights(wheel: zipfile.ZipFile) -> None:
    notebooks = {f"tenfold/notebooks/{file.name}" for file in (ROOT / "notebooks").glob("*.ipynb")}
    notebooks.add("tenfold/notebooks/exercises.json")
    weights = ROOT / "package" / "tenfold" / "models" / "weights"
    files = {f"tenfold/models/weights/{file.name}" for file in weights.glob("*.safetensors")}
    assert notebooks and files
    assert notebooks | files | {"tenfold/py.typed"} <= set(wheel.namelist())


def test_the_wheel_carries_the_extension_and_its_course(wheel: zipfile.ZipFile) -> None:
    place = f"tenfold-{tenfold.__version__}.data/data/share/jupyter/labextensions/tenfold/"
    there = {name.removeprefix(place) for name in wheel.namelist() if name.startswith(place)}
    schemas = {f"schemas/tenfold/{file.name}" for file in (EXTENSION / "schema").glob("*.json")}
    course = {f"course/{file.name}" for file in (ROOT / "notebooks").glob("*.ipynb")}
    assert schemas and course
    assert schemas | course | {"course/exercises.json", "install.json", "package.json"} <= there
    package = json.loads(wheel.read(f"{place}package.json"))
    assert package["version"] == tenfold.__version__
    assert package["jupyterlab"]["_build"]["load"] in there


def test_the_wheel_says_where_its_languages_are(wheel: zipfile.ZipFile) -> None:
    metadata = f"tenfold-{tenfold.__version__}.dist-info/entry_points.txt"
    assert "[jupyterlab.locale]\ntenfold = tenfold\n" in wheel.read(metadata).decode()
    catalogue = wheel.read("tenfold/locale/zh_CN/LC_MESSAGES/tenfold.json")
    assert json.loads(catalogue)[""]["language"] == "zh-CN"


def test_the_wheel_carries_nothing_else(wheel: zipfile.ZipFile) -> None:
    version, names = tenfold.__version__, wheel.namelist()
    assert not [name for name in names if not name.startswith(("tenfold/", f"tenfold-{version}"))]
    hidden = ("ipynb_checkpoints", "__pycache__", "tenfold_progress", "node_modules")
    assert not [name for name in names if any(word in name for word in hidden)]


def test_a_source_distribution_needs_no_node(tmp_path: Path, hook: ModuleType) -> None:
    """What is built lies in it, and is not older than what it was built from."""
    built = next(SdistBuilder(str(ROOT)).build(directory=str(tmp_path), versions=["standard"]))
    with tarfile.open(built) as archive:
        archive.extractall(tmp_path, filter="data")
    (root,) = (one for one in tmp_path.iterdir() if one.is_dir())
    assert hook.is_built(root)
    assert not (root / "extension" / "node_modules").exists()
    assert {file.name for file in hook.course_files(root)} == {
        file.name for file in hook.course_files(ROOT)
    }


def test_the_message_that_contributing_quotes_is_the_one_you_get() -> None:
    with pytest.raises(SettingError) as caught:
        make_optimizer("adamv", nn.Linear(1, 1), rates=[0.1])
    assert f"> {caught.value}\n" in (ROOT / "CONTRIBUTING.md").read_text("utf-8")


def blocks(page: Path) -> list[str]:
    return re.findall(r"^```python\n(.*?)^```$", page.read_text("utf-8"), re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("page", [page.name for page in ROOT.glob("*.md") if blocks(page)])
def test_the_code_of_a_page_runs_from_top_to_bottom(page: str, tmp_path: Path) -> None:
    """As cells of one notebook, so that the magics of a page run too."""
    script = tmp_path / "page.ipy"
    script.write_text("\n".join(blocks(ROOT / page)), "utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "IPython", "--HistoryManager.enabled=False", script.name],
        cwd=tmp_path,
        env={**os.environ, "IPYTHONDIR": str(tmp_path), "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("name", tenfold.__all__)
def test_every_public_name_can_be_imported_and_says_what_it_is_for(name: str) -> None:
    assert getattr(tenfold, name).__doc__
