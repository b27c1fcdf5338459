"""Change files at random, and read them: a clear error each, or what they were."""

from __future__ import annotations

import sys
from pathlib import Path


def measure(count: int, folder: Path, *, seed: int = 0) -> dict[str, object]:
    """Read `count` changed exports, training states and checkpoints; the figures."""
    sys.path.insert(0, str(Path(__file__).parents[1]))
    from test_damaged_files import faults

    wrong, seen, memory = faults(folder, count, seed=seed)
    return {
        "files": count,
        "of which": dict(sorted(seen.items())),
        "more memory at most, in MB": round(memory / 1e6, 1),
        "wrong": wrong,
    }
