"""`tenfold doctor`: what is installed and what is wrong, with the line that mends each fault.

What can be read is read; what must be imported is imported by processes of their own, all at
once and under a time limit. So a broken package cannot break the doctor.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

from tenfold.cli.checks import check_course, check_data, check_packages, check_weights
from tenfold.cli.findings import Finding, fault, note, pip
from tenfold.text import counted

__all__ = ["add_doctor", "ask", "device_findings", "examine", "lab_findings"]

_LIMIT = 60.0  # seconds: a healthy import takes two or three, a busy machine ten times that
_SOURCE = Path(__file__).with_name("probe.py")
_WIDGETS = {"anywidget": "anywidget", "@jupyter-widgets/jupyterlab-manager": "ipywidgets"}
_PLAIN = ("numpy", "pandas", "matplotlib", "PIL", "safetensors")
_KERNEL = ("ipykernel", "IPython", "ipywidgets", "anywidget", "kernel")

Answers = dict[str, dict[str, Any]]


def add_doctor(commands: argparse._SubParsersAction[Any]) -> None:
    """Teach the parser `tenfold doctor`."""
    doctor = commands.add_parser(
        "doctor",
        help="say what is installed and what is wrong",
        epilog="The status is 0 when nothing is at fault, and 1 when something is.",
    )
    doctor.set_defaults(call=_doctor)


def _doctor(options: argparse.Namespace) -> int:
    findings = []
    for title, found in examine():
        print(title)
        for finding in found:
            print(finding, flush=True)
            findings.append(finding)
    faults = sum(finding.state == "FAULT" for finding in findings)
    if faults:
        print(f"\n{counted(faults, 'fault')}; the line under each mends it")
    else:
        print("\nhealthy")
    return int(faults > 0)


def examine(limit: float = _LIMIT) -> Iterator[tuple[str, Iterable[Finding]]]:
    """Every group of findings, with its title. `limit` is in seconds, for what must be imported."""
    with ThreadPoolExecutor() as pool:
        torch = pool.submit(ask, ("torch", "torchvision"), limit=limit)
        kernel = pool.submit(ask, _KERNEL, limit=limit)
        plain = pool.submit(ask, _PLAIN, limit=limit)
        lab = pool.submit(_ask_lab, limit=limit)
        cards = pool.submit(_graphics_cards)
        yield "packages", told(check_packages)
        answers = plain.result() | kernel.result() | torch.result()
        yield "imports", import_findings(answers)
        yield "device", device_findings(answers.get("torch", {}).get("facts"), cards.result())
        yield "JupyterLab", [*kernel_findings(answers["kernel"]), *lab_findings(*lab.result())]
        yield "data", told(check_data)
        yield "course", [*told(check_weights), *told(check_course)]


def told(check: Callable[[], Iterable[Finding]]) -> list[Finding]:
    """The findings of a check; one that itself fails says so, and the others go on."""
    found: list[Finding] = []
    try:
        for finding in check():
            found.append(finding)
    except Exception as error:
        words = f"{check.__name__} could not look: {type(error).__name__}: {error}"
        found.append(fault(words, pip("--force-reinstall", "tenfold")))
    return found


def ask(parts: Iterable[str], *, python: str = sys.executable, limit: float = _LIMIT) -> Answers:
    """What a process of its own finds out about each part: its "facts", or its "error"."""
    command = [python, "-c", _SOURCE.read_text("utf-8"), *parts]
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=limit, check=False
        )
        output, end = done.stdout, _end(done.returncode)
    except subprocess.TimeoutExpired as error:
        output, end = error.stdout or b"", f"it took more than {limit:.0f} s"
    except OSError as error:
        output, end = b"", f"{python} does not start ({error})"
    answers: Answers = {part: {} for part in parts}
    for line in output.decode("utf-8", errors="replace").splitlines():
        try:
            answer = json.loads(line)
            answers[answer.pop("part")] |= answer
        except (ValueError, KeyError, TypeError, AttributeError):
            continue  # something that a package prints when it is imported
    for answer in answers.values():
        if "facts" not in answer and "error" not in answer:
            # what ended the process is the fault of the part that it was at
            answer["error"], end = end, "not reached"
    return answers


def _end(status: int) -> str:
    if status < 0:
        return f"its process was killed by {signal.Signals(-status).name}"
    return f"its process ended with the status {status}"


_PIP_NAMES = {"PIL": "pillow", "IPython": "ipython"}


def import_findings(answers: Answers) -> Iterator[Finding]:
    """Which packages can be imported; `answers` are those of `ask`."""
    good = []
    for part, answer in answers.items():
        error = answer.get("error")
        if part == "kernel" or error == "not reached":
            continue
        if error is None:
            good.append(part)
            continue
        name = _PIP_NAMES.get(part, part)
        if not _is_installed(name):
            continue  # said among the packages
        # both, for most often they do not belong together
        both = ["torch", "torchvision"] if name.startswith("torch") else [name]
        mend = pip("--upgrade", "--force-reinstall", *both)
        yield fault(f"{part} cannot be imported: {error}", mend)
    if good:
        yield Finding("ok", ", ".join(good))


def _is_installed(name: str) -> bool:
    try:
        distribution(name)
    except PackageNotFoundError:
        return False
    return True


def device_findings(torch: dict[str, Any] | None, cards: list[str]) -> Iterator[Finding]:
    """What trains: the processor by torch's facts, and the graphics cards the driver lists."""
    if torch is None:
        yield note("not known: torch cannot be imported")
        return
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    bf16 = "bf16 is fast (AMX)" if torch["amx"] else "bf16" if torch["bf16"] else "no fast bf16"
    threads = counted(torch["threads"], "thread")
    yield Finding("ok", f"CPU: {threads} on {counted(cores or 1, 'core')}, "
                        f"{torch['processor']}, {bf16}")  # fmt: skip
    if torch["mps"]:
        yield Finding("ok", "Apple's graphics (MPS) is used")
    if torch["gpus"]:
        yield Finding("ok", f"CUDA {torch['cuda']}: {', '.join(cards) or torch['gpus']}")
    elif cards and not torch["cuda"]:
        yield note(
            f"{', '.join(cards)} is not used: this torch is built for the CPU only",
            "pytorch.org/get-started has the line that installs torch for your CUDA",
        )
    elif cards:
        yield fault(
            f"{', '.join(cards)} is not seen by torch (CUDA {torch['cuda']})",
            "nvidia-smi   (shows the driver; it may be too old for this torch, or "
            "CUDA_VISIBLE_DEVICES may hide the card)",
        )
    elif not torch["mps"]:
        yield Finding("ok", "no graphics card; the course does not need one")


def _graphics_cards() -> list[str]:
    """The cards that the driver of NVIDIA lists, without waking CUDA."""
    tool = shutil.which("nvidia-smi")
    if tool is None:
        return []
    query = [tool, "--query-gpu=name,memory.total", "--format=csv,noheader"]
    try:
        done = subprocess.run(query, capture_output=True, text=True, timeout=5, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return []
    return done.stdout.splitlines() if done.returncode == 0 else []


def kernel_findings(answer: dict[str, Any]) -> Iterator[Finding]:
    """Whether the kernel that Jupyter starts is this Python."""
    if "error" in answer:
        mend = f"{pip('--force-reinstall', 'ipykernel')}"
        yield fault(f"there is no kernel python3: {answer['error']}", mend)
        return
    command = answer["facts"]["command"]
    own = os.path.dirname(command) in ("", os.path.dirname(sys.executable))
    if own:
        yield Finding("ok", "the kernel python3 is this Python")
    elif not os.path.exists(command):
        yield fault(
            f"the kernel python3 starts {command}, which is not there",
            f"{sys.executable} -m ipykernel install --sys-prefix",
        )
    else:
        yield note(
            f"the kernel python3 starts {command}, another Python",
            f"{sys.executable} -m ipykernel install --sys-prefix; export JUPYTER_PREFER_ENV_PATH=1",
        )


def _ask_lab(*, limit: float) -> tuple[str, dict[str, Any]]:
    """The Python that JupyterLab runs on, here or elsewhere, and its extensions."""
    from importlib.util import find_spec

    if find_spec("jupyterlab") is not None:
        return sys.executable, ask(["lab"], limit=limit)["lab"]
    script = shutil.which("jupyter-lab")
    if script is None:
        return "", {}
    python = str(Path(script).with_name("python"))
    return python, ask(["lab"], python=python, limit=limit)["lab"]


def lab_findings(python: str, answer: dict[str, Any]) -> Iterator[Finding]:
    """Whether the server's JupyterLab can show widgets; `python` is the one it runs on, or ""."""
    if not python:
        yield note("no JupyterLab here; other notebooks show widgets by their own means")
        return
    if "error" in answer:
        yield note(f"JupyterLab's extensions cannot be listed: {answer['error']}")
        return
    found, off = answer["facts"]["found"], answer["facts"]["off"]
    where = "" if python == sys.executable else f" (JupyterLab runs on {python})"
    for extension, package in _WIDGETS.items():
        if extension not in found:
            yield fault(
                f"JupyterLab lacks the extension {extension}, so no panel shows{where}",
                pip("--force-reinstall", package, python=python),
            )
        elif extension in off:
            yield fault(
                f"the extension {extension} is switched off",
                f"{python} -m jupyter labextension enable {extension}",
            )
        else:
            yield Finding("ok", f"extension {extension} {found[extension]}{where}")
    if "tenfold" in found:
        yield Finding("ok", f"extension tenfold {found['tenfold']}")
