"""What an import costs: a fresh interpreter for every sample, in turns."""

from __future__ import annotations

import statistics
import subprocess
import sys
from collections.abc import Callable

from .harness import Table, Target, interleave, load_average, seconds, version

TORCH, OURS = "import torch", "import tenfold"
USED = "from tenfold import ImageData, Learner, vision_learner"
PEERS = {
    "fastai": "import fastai.vision.all",
    "lightning": "import lightning",
    "keras": "import os; os.environ['KERAS_BACKEND'] = 'torch'; import keras",
}
HEAVY = ("torchvision", "pandas", "matplotlib", "IPython")


def fresh(code: str) -> Callable[[], float]:
    """Seconds of a new interpreter that runs `code` and ends."""
    return lambda: seconds(lambda: subprocess.run([sys.executable, "-c", code], check=True))


def loaded(code: str) -> str:
    """The heavy packages that `code` loads."""
    ask = f"{code}; import sys; print(*[name for name in {HEAVY} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=True)
    return done.stdout.strip().replace(" ", ", ") or "none"


def measure(*, rounds: int = 7, with_peers: bool = True) -> Table:
    """Seconds by the clock, the start of the interpreter included."""
    before = load_average()
    codes = {"nothing": "pass", TORCH: TORCH, OURS: f"import torch; {OURS}", USED: USED}
    if with_peers:
        there = {name: code for name, code in PEERS.items() if version(name) != "not installed"}
        codes |= {code.rpartition("; ")[2]: code for code in there.values()}
    for code in codes.values():
        fresh(code)()  # compiles what is not compiled and fills the disk cache
    samples = interleave({name: fresh(code) for name, code in codes.items()}, rounds=rounds)
    table = Table(
        part="import",
        title="Imports in a fresh interpreter",
        unit="s",
        baseline=TORCH,
        samples=samples,
        columns={name: {"also loads": loaded(code)} for name, code in codes.items()},
        settings={"import tenfold": "with torch, which it leaves until it is needed"},
        load=(before, load_average()),
    )
    extra = statistics.median(a - b for a, b in zip(samples[OURS], samples[TORCH]))
    heavy = 0 if table.columns[OURS]["also loads"] == "none" else 1
    table.targets = [
        Target("seconds of import tenfold over import torch", extra, 0.3),
        Target(f"of {', '.join(HEAVY)}, loaded by import tenfold", heavy, 0),
    ]
    return table
