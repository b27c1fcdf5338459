"""Run every notebook of the course once more, with other seeds, threads and order.

`python -m tests.run_all` is for `make test`: after nbval has run the notebooks as they are, a
result that only holds by luck fails here. Cells tagged nbval-check-output must print the same.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat

from tenfold.course.running import run_notebook
from tenfold.errors import TenfoldError

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"
# what the course promises on two cores; a slow machine is told, not failed
SECONDS = 60


def main() -> int:
    """Run them, print the seconds of each and of all, and return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.run_all")
    parser.add_argument("names", nargs="*", help="beginnings of names (default: all)")
    parser.add_argument("--seed", type=int, default=1, help="moves every seed (default: 1)")
    parser.add_argument("--threads", type=int, default=2, help="of each kernel (default: 2)")
    parser.add_argument("--forwards", action="store_true", help="01 first, not last")
    options = parser.parse_args()
    files = sorted(NOTEBOOKS.glob("*.ipynb"), reverse=not options.forwards)
    files = [one for one in files if one.name.startswith(tuple(options.names or [""]))]
    total, failed = 0.0, []
    for file in files:
        seconds, faults = run(file, seed=options.seed, threads=options.threads)
        total += seconds
        failed += faults
        slow = f", more than {SECONDS} s" if seconds > SECONDS else ""
        print(f"{file.name}  {seconds:.1f} s{slow}", *faults, sep="\n", flush=True)
    print(f"{len(files)} notebooks in {total:.0f} s, {len(failed)} faults")
    return 1 if failed else 0


def run(file: Path, *, seed: int, threads: int) -> tuple[float, list[str]]:
    """The seconds of one notebook, and what is not as it should be."""
    before = nbformat.read(file, as_version=4)
    now = nbformat.read(file, as_version=4)
    try:
        seconds = run_notebook(now, name=file.name, beside=NOTEBOOKS, seed=seed, threads=threads)
    except TenfoldError as error:
        return 0.0, [str(error)]
    pairs = zip(before.cells, now.cells)
    return seconds, [
        f"{file.name}, cell {one.id}: it printed {list(texts(one))} and now {list(texts(other))}"
        for one, other in pairs
        if "nbval-check-output" in one.metadata.get("tags", [])
        and list(texts(one)) != list(texts(other))
    ]


def texts(cell: Any) -> Iterator[str]:
    """What a cell printed and shows as text."""
    for output in cell.outputs:
        yield output.get("text", "") or output.get("data", {}).get("text/plain", "")


if __name__ == "__main__":
    sys.exit(main())
