"""What joins the wheel from outside the package: the course, and the extension once it is built.

An editable install gets neither: there the checkout's own `notebooks/` folder is found.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

EXTENSION = "share/jupyter/labextensions/tenfold"


class CourseAndExtension(BuildHookInterface):
    """Adds the notebooks as `tenfold/notebooks`, and the built extension where JupyterLab looks."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "editable":
            return
        root = Path(self.root)
        for file in sorted((root / "notebooks").rglob("*")):
            inside = file.relative_to(root)
            hidden = any(part.startswith((".", "__")) for part in inside.parts)
            if file.is_file() and not hidden:
                build_data["force_include"][str(inside)] = f"tenfold/{inside.as_posix()}"
        built = root / "extension" / "labextension"
        if built.is_dir():
            build_data["shared_data"][str(built)] = EXTENSION
