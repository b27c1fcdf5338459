from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fuzz_world import CHANGES, WHOLE, peak, tensors_of, tried
from resume_world import learner
from text_world import make_text_learner

import tenfold
from tenfold.errors import FileError
from tenfold.train.checkpoint import read_file, write_file
from tenfold.train.run_folder import RunFolder

ROOT = Path(tenfold.__file__).parent
TRIES = 150
Read = Callable[[Path], Any]


def read_export(file: Path) -> Any:
    predictor = tenfold.load(file)
    return [tensors_of(predictor.model), predictor.classes, predictor.task.name]


def read_training(file: Path) -> Any:
    again = learner()
    again.load(file)
    return [tensors_of(again.model), again.history.losses.tolist(), again.history.rows]


def read_checkpoint(file: Path) -> Any:
    _, tensors, words = RunFolder(file.parent).newest()
    return [tensors, words]


def made(folder: Path) -> dict[Read, tuple[bytes, Path]]:
    """One file of each kind, whole, with how it is read."""
    text, numbers = make_text_learner(), learner()
    numbers.fit(1, 0.05, checkpoint=folder / "run")
    checkpoint = RunFolder(folder / "run").files()[-1]
    files = {
        read_export: text.export(folder / "export"),
        read_training: numbers.save(folder / "training"),
        read_checkpoint: checkpoint,
    }
    for old in RunFolder(folder / "run").files()[:-1]:
        old.unlink()
    for read, file in files.items():
        WHOLE[read] = read(file)
    return {read: (file.read_bytes(), file) for read, file in files.items()}


def faults(folder: Path, tries: int, *, seed: int) -> tuple[list[str], Counter[str], int]:
    """What is wrong with how changed files are taken, how they were changed, and the memory."""
    rng, seen, wrong = random.Random(seed), Counter[str](), list[str]()
    kinds = list(made(folder).items())
    before = peak()
    for number in range(tries):
        read, (content, file) = kinds[number % len(kinds)]
        change, told = tried(content, file, read, rng=rng)
        seen[f"{read.__name__}, {change}"] += 1
        wrong += [f"{read.__name__}, {told}"] if told else []
    return wrong, seen, peak() - before


def test_a_changed_file_is_refused_by_one_clear_line(tmp_path: Path) -> None:
    wrong, seen, memory = faults(tmp_path, TRIES, seed=0)
    assert wrong == [] and len(seen) == 3 * len(CHANGES)
    assert memory < 100 << 20


# reading other people's weights is torchvision's and timm's; nothing else of these is called
PICKLE = re.compile(
    r"\b(?:pickle|cPickle|dill|joblib|marshal|shelve)\.(?:load|loads|Unpickler|open)\b"
    r"|\btorch\.(?:load|save)\b|read_pickle|allow_pickle\s*=\s*True|weights_only\s*=\s*False"
    r"|\bcloudpickle\b"
)


def test_nothing_on_a_users_path_unpickles() -> None:
    found = [
        f"{file.relative_to(ROOT)}: {match[0]}"
        for file in ROOT.rglob("*.py")
        for match in PICKLE.finditer(file.read_text("utf-8"))
        # what a session sends to the processes that it has begun, and no file
        if file != ROOT / "parallel" / "parcel.py"
    ]
    assert not found


def test_a_file_that_describes_a_giant_takes_no_memory_for_it(tmp_path: Path) -> None:
    file = make_text_learner().export(tmp_path / "export")
    tensors, header = read_file(file, kind="predictor")
    header["spec"] = giant(header["spec"])
    write_file(file, tensors, kind="predictor", header=header)
    before = peak()
    with pytest.raises(FileError, match="holds the weights of another model"):
        tenfold.load(file)
    assert peak() - before < 100 << 20


def giant(spec: Any) -> Any:
    """A description with every size a million times larger."""
    if isinstance(spec, dict):
        return {
            key: value * 10**6 if key in ("words", "hidden") and value > 1 else giant(value)
            for key, value in spec.items()
        }
    return spec
