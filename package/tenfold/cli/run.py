"""`tenfold run`: notebooks from the first cell to the last, without a page; or a script."""

from __future__ import annotations

import argparse
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tenfold.cli.lab import course_folder
from tenfold.cli.runner import Outcome, run_notebook
from tenfold.errors import FileError
from tenfold.tables import text_table
from tenfold.text import counted, did_you_mean, listed

if TYPE_CHECKING:
    from nbformat import NotebookNode

__all__ = ["add_run", "find_notebook", "summary"]

_SLOWEST = 3  # cells that the summary names


def add_run(commands: argparse._SubParsersAction[Any]) -> None:
    """Teach the parser `tenfold run`."""
    run = commands.add_parser(
        "run",
        help="run notebooks without a page, and say what failed; or a script, also on many GPUs",
        epilog="The notebooks themselves are not changed. Training in the background is waited "
        "for, as with TENFOLD_SYNCHRONOUS=1. A script gets the words behind it; with torchrun "
        "--nproc-per-node 2 -m tenfold run train.py its fits go over two processes.",
    )
    run.add_argument(
        "notebooks",
        nargs="+",
        metavar="NOTEBOOK",
        help="a file, or the number of a lesson of the course, as 05; or one Python file",
    )
    run.add_argument(
        "--timeout",
        type=_seconds,
        default=600,
        metavar="SECONDS",
        help="the longest that one cell may take (default: 600; 0: no limit)",
    )
    run.add_argument(
        "--kernel", metavar="NAME", help="the kernel (default: that of the notebook, else python3)"
    )
    run.add_argument(
        "--save",
        type=Path,
        metavar="PATH",
        help="write the notebook with its outputs there: a file, or a folder for several",
    )
    run.add_argument(
        "--sync-batchnorm",
        action="store_true",
        help="a script under torchrun: statistics of a batch norm over all processes",
    )
    run.set_defaults(call=_run)


def script_in(words: list[str]) -> int:
    """Where the Python file stands among the words of a command; 0 when there is none."""
    return next((place for place, word in enumerate(words) if word.endswith(".py")), 0)


def _seconds(word: str) -> int:
    if word.isdecimal():
        return int(word)
    raise argparse.ArgumentTypeError(f"{word!r} is not a whole number of seconds")


def find_notebook(word: str, *, folder: Path | None = None) -> Path:
    """The notebook that a word on the command line means: a file, or a lesson's number.

    A number is looked for in `folder`, else the working directory, then in the course that came
    with the package. Raises FileError when there is none.
    """
    file = Path(word).expanduser()
    if file.is_file():
        return file
    here = Path() if folder is None else folder
    if not word.isdecimal():
        known = sorted(path.name for path in here.glob("*.ipynb"))
        raise FileError(
            f"{word} is not a file{did_you_mean(word, known)}; give a notebook, or the number of a "
            "lesson: tenfold run 05"
        )
    for place in (here, course_folder()):
        for found in sorted(place.glob(f"{int(word):02}_*.ipynb")):
            return found
    raise FileError(
        f"there is no lesson {int(word):02}; the course has "
        f"{listed(path.stem for path in sorted(course_folder().glob('*.ipynb')))}"
    )


def _run(options: argparse.Namespace) -> int:
    if script_in(options.notebooks) or options.notebooks[0].endswith(".py"):
        return _run_script(options)
    files = [find_notebook(word) for word in options.notebooks]
    targets = _targets(files, options.save)
    outcomes = []
    for file, target in zip(files, targets, strict=True):
        print(file, flush=True)
        outcome, notebook = _run_in_place(file, options)
        if target is not None and not outcome.stopped:
            _save(notebook, target)
        outcomes.append(outcome)
        if outcome.stopped:
            break
    print(f"\n{summary(outcomes)}", flush=True)
    if outcomes[-1].stopped:
        return 130
    return int(any(outcome.failure for outcome in outcomes))


def _run_script(options: argparse.Namespace) -> int:
    # torch warns on every rank that each parameter is used, as nearly always
    os.environ.setdefault("TORCH_CPP_LOG_LEVEL", "ERROR")
    from tenfold.parallel.script import run_script

    if len(options.notebooks) > 1:
        raise FileError(
            f"{options.notebooks[-1]} was given among {counted(len(options.notebooks), 'file')}; a "
            "script runs alone; what stands behind it are its own words"
        )
    file = find_notebook(options.notebooks[0])
    return run_script(file, options.more, sync_batchnorm=options.sync_batchnorm)


def _run_in_place(file: Path, options: argparse.Namespace) -> tuple[Outcome, NotebookNode]:
    """In the notebook's own folder, as JupyterLab does; the installed course is left as it is."""
    if file.resolve().parent != course_folder().resolve():
        return run_notebook(file, timeout=options.timeout, kernel=options.kernel)
    with tempfile.TemporaryDirectory() as folder:
        return run_notebook(
            file, timeout=options.timeout, kernel=options.kernel, folder=Path(folder)
        )


def _targets(files: list[Path], save: Path | None) -> list[Path | None]:
    """Where each notebook is written: nowhere, to the file that was named, or into the folder."""
    if save is None:
        return [None] * len(files)
    if save.suffix == ".ipynb" and not save.is_dir():
        if len(files) > 1:
            raise FileError(
                f"--save {save} is one file for {counted(len(files), 'notebook')}; name a folder"
            )
        return [save]
    return [save / file.name for file in files]


def _save(notebook: NotebookNode, target: Path) -> None:
    """Write under another name first, so that an interrupt leaves no half a notebook."""
    import nbformat

    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(f".{target.name}.partial")
    nbformat.write(notebook, partial)
    partial.replace(target)
    print(f"written to {target}", flush=True)


def summary(outcomes: list[Outcome]) -> str:
    """What the runs came to: a line for each notebook, the slowest cells, what failed."""
    rows = [["notebook", "cells", "seconds", "result"]]
    for one in outcomes:
        rows.append([one.name, f"{one.ran}/{one.cells}", f"{one.seconds:.1f}", one.result])
    parts = [text_table(rows)]
    times = [(seconds, one.name, cell) for one in outcomes for cell, seconds in one.times.items()]
    slowest = [row for row in sorted(times, reverse=True)[:_SLOWEST] if row[0] >= 1]
    if slowest:
        words = (f"{name} cell {cell} ({seconds:.1f} s)" for seconds, name, cell in slowest)
        parts.append(f"slowest: {', '.join(words)}")
    parts += [f"{one.name}: {one.failure}" for one in outcomes if one.failure]
    return "\n".join(parts)
