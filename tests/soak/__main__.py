"""`python -m tests.soak [part …]`: hours of what could go wrong; figures go to results/."""

from __future__ import annotations

import argparse
import importlib
import json
import os
import platform
import tempfile
import time
from pathlib import Path

RESULTS = Path(__file__).parent / "results"
PARTS = {"kills": 200, "files": 10_000, "lines": 1, "launch": 20}


def main(arguments: list[str] | None = None) -> int:
    """Run the parts asked for, or all; 1 where something was wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="part", help=f"{', '.join(PARTS)}")
    parser.add_argument(
        "--count",
        type=int,
        help="how many kills, files or deaths of a rank; of the lines every so many",
    )
    parser.add_argument("--seed", type=int, default=0, help="another seed, other moments")
    parser.add_argument("--results", type=Path, default=RESULTS, help="where the figures go")
    given = parser.parse_args(arguments)
    wrong = 0
    for part in given.parts or PARTS:
        if part not in PARTS:
            parser.error(f"{part}: there is no such part; there are {', '.join(PARTS)}")
        wrong += run(part, given.count or PARTS[part], seed=given.seed, results=given.results)
    return int(wrong > 0)


def run(part: str, count: int, *, seed: int, results: Path) -> int:
    """Measure one part, and keep its figures; how much was wrong."""
    begin = time.monotonic()
    module = importlib.import_module(f".{part}", __package__)
    with tempfile.TemporaryDirectory() as folder:
        # trainings must not write to the user's cache, and have to share one
        os.environ["TENFOLD_CACHE"] = str(Path(folder) / "cache")
        found = module.measure(count, Path(folder), seed=seed)
    found |= {"seed": seed, "minutes": round((time.monotonic() - begin) / 60, 1)}
    found["machine"] = f"{os.cpu_count()} cores, Python {platform.python_version()}"
    results.mkdir(parents=True, exist_ok=True)
    text = json.dumps(found, indent=2)
    (results / f"{part}.json").write_text(text + "\n")
    print(text)
    return len(found["wrong"])


if __name__ == "__main__":
    raise SystemExit(main())
