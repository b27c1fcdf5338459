"""Environments that are broken on purpose: this one's packages, with some left out or replaced."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

PACKAGE = Path(__file__).parents[1] / "package"


def environment(
    folder: Path,
    *,
    without: str = "",
    metadata: Mapping[str, str] = MappingProxyType({}),
    modules: Mapping[str, str] = MappingProxyType({}),
) -> Path:
    """The Python of a new environment whose packages are links to those of this one.

    `without` is a pattern of names in site-packages, and of extensions of JupyterLab, that are
    left out; `metadata` gives packages another METADATA; `modules` are files with other code.
    """
    venv.create(folder, symlinks=True)
    python = folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    site = Path(sysconfig.get_path("purelib", vars={"base": str(folder)}))
    _link(Path(sysconfig.get_path("purelib")), site, leave_out=without)
    jupyter = Path("share/jupyter")
    for part in ("kernels", "labextensions"):
        _link(Path(sys.prefix) / jupyter / part, folder / jupyter / part, leave_out=without)
    for name, words in metadata.items():
        about = site / f"{name}-0.dist-info" / "METADATA"
        about.parent.mkdir()
        about.write_text(words)
    for name, code in modules.items():
        (site / name).write_text(code)
    return python


def _link(source: Path, target: Path, *, leave_out: str) -> None:
    target.mkdir(parents=True, exist_ok=True)
    for path in source.iterdir():
        if not (leave_out and re.fullmatch(leave_out, path.name)):
            (target / path.name).symlink_to(path, target_is_directory=path.is_dir())


def doctor(python: str | Path, **variables: str) -> tuple[int, str]:
    """The exit status of `tenfold doctor` in an environment, and what it printed."""
    settings = {"PYTHONPATH": str(PACKAGE), **variables}
    done = subprocess.run(
        [str(python), "-m", "tenfold.cli", "doctor"],
        env={**os.environ, **settings},
        capture_output=True,
        text=True,
        timeout=180,
    )
    assert not done.stderr, done.stderr
    return done.returncode, done.stdout
