"""A little of `make soak` in every test: real processes, killed for real."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.skipif(not hasattr(__import__("os"), "pidfd_open"), reason="it asks Linux for this")
def test_trainings_killed_by_the_system_go_on_bit_for_bit(tmp_path: Path) -> None:
    line = [sys.executable, "-m", "tests.soak", "kills", "--count", "1", "--seed", "7"]
    done = subprocess.run(
        [*line, "--results", str(tmp_path)],
        cwd=Path(__file__).parents[1],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads((tmp_path / "kills.json").read_text())["kills"] == 1
