"""Run a notebook without a page, from its first cell to its last."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from tenfold.course.progress import PROGRESS
from tenfold.errors import MissingPackageError, TrainingError

if TYPE_CHECKING:
    from nbformat import NotebookNode

__all__ = ["run_notebook"]

# A first cell that no notebook shows: every seed becomes another.
OTHER_SEEDS = """
def move_seeds(by):
    import random, numpy, torch
    from tenfold import samples
    of_torch, of_numpy, of_python = torch.manual_seed, numpy.random.seed, random.seed
    torch.manual_seed = lambda seed: of_torch(seed + by)
    numpy.random.seed = lambda seed=None: of_numpy(None if seed is None else seed + by)
    random.seed = lambda seed=None: of_python(None if seed is None else f"{{seed}} {{by}}")
    for name in samples.__all__:
        defaults = getattr(getattr(samples, name), "__kwdefaults__", None) or {{}}
        if "seed" in defaults:
            defaults["seed"] += by
    torch.manual_seed(0), numpy.random.seed(0), random.seed(0)

move_seeds({by})
del move_seeds
"""


def run_notebook(
    notebook: NotebookNode,
    *,
    name: str,
    beside: Path,
    seed: int = 0,
    threads: int | None = None,
    cell_seconds: int = 300,
) -> float:
    """Run all cells, leave their outputs in `notebook`, and return the seconds that it took.

    It runs in a temporary copy of the files that lie in the folder `beside`, so that nothing is
    left there. `seed` moves every seed: torch's, numpy's, Python's and the samples' own.
    `threads` is for torch. The seconds count from the kernel's start to the last cell's end.

    Raises TrainingError with the cell and its error when one fails or takes longer than
    `cell_seconds`.
    """
    try:
        from nbclient import NotebookClient
        from nbclient.exceptions import CellControlSignal, DeadKernelError
        from nbformat import v4
    except ImportError as error:
        raise MissingPackageError(
            'Notebooks are run by nbclient. Install it: pip install "tenfold[course]"'
        ) from error
    hidden = [v4.new_code_cell(OTHER_SEEDS.format(by=seed))] if seed else []
    notebook.cells[:0] = hidden
    started = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        _copy_files(beside, Path(folder))
        client = NotebookClient(
            notebook,
            timeout=cell_seconds,
            kernel_name="python3",
            resources={"metadata": {"path": folder}},
            store_widget_state=False,
            extra_arguments=["--log-level=ERROR"],
        )
        try:
            client.execute(env=_environment(threads))
        except (CellControlSignal, DeadKernelError) as error:
            raise TrainingError(f"{name} failed: {error}") from error
        finally:
            del notebook.cells[: len(hidden)]
    return time.perf_counter() - started


def _environment(threads: int | None) -> dict[str, str]:
    count = {} if threads is None else {"OMP_NUM_THREADS": str(threads)}
    return {**os.environ, "TENFOLD_SYNCHRONOUS": "1", **count}


def _copy_files(source: Path, folder: Path) -> None:
    """What a notebook may read from its folder: all but notebooks and a person's progress."""
    for file in source.iterdir() if source.is_dir() else ():
        if file.is_file() and file.suffix != ".ipynb" and file.name != PROGRESS:
            shutil.copyfile(file, folder / file.name)
