"""The magics that write and read files, beside IPython's own %load and %save."""

from __future__ import annotations

from pathlib import Path

from tenfold.magics.call import Argument, Call, Magic, magic
from tenfold.magics.parser import MagicError, split

__all__ = ["SAVING"]

OPTIONS = ("--learner", "--help")
WHERE = Argument("path", "path", "the file, or $name for a variable that holds its path")


def means_code(line: str, has_learner: bool) -> bool:
    """Whether a line of %load or %save means IPython's magic of that name, which is for code.

    It does when there is no learner, or when it has what only IPython's takes: other options,
    a second word, a Python file, an address.
    """
    try:
        words, _ = split(line)
    except MagicError:
        return not has_learner
    if any(word.split("=")[0] in OPTIONS for word in words):
        return False
    plain = [word for word in words if not word.startswith("-")]
    options = len(plain) < len(words)
    code = any(word.endswith((".py", ".ipynb")) or "://" in word for word in plain)
    return not has_learner or options or code or len(plain) > 1


@magic("save", WHERE, example="%save stage1.tenfold", prefer_old=means_code)
def save(call: Call) -> Path:
    """Save the training state: weights, optimizer, history. Loading it runs no code.

    Thresholds of %tune_thresholds and the temperature of %calibration --apply go with it.

    Without a learner, and for lines of IPython's own %save (a range of lines), this is
    IPython's %save.
    """
    return told(call, call.idle_learner.save(call["path"]), what="saved the training state")


@magic("load", WHERE, example="%load stage1.tenfold", prefer_old=means_code)
def load(call: Call) -> None:
    """Load what %save wrote into a learner with the same model; all of it or nothing.

    Without a learner, and for Python files and addresses, this is IPython's %load.
    """
    learner = call.learner
    learner.load(call["path"])
    call.say(f"loaded {call['path']}: {len(learner.history)} epochs trained so far")


@magic("export", WHERE, example="%export plants.tenfold")
def export(call: Call) -> Path:
    """Write what prediction needs and nothing else; tenfold.load(path) reads it."""
    return told(call, call.idle_learner.export(call["path"]), what="exported the predictor")


def told(call: Call, path: Path, *, what: str) -> Path:
    """Say what was written where; the path is the result."""
    call.say(f"{what} to {path} ({path.stat().st_size / 1e6:.1f} MB)")
    return path


SAVING: tuple[Magic, ...] = (save, load, export)
