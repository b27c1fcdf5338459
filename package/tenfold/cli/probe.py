"""What `tenfold doctor` asks another process: it imports packages, and a broken one breaks only it.

Run as `python -c SOURCE PART…`, also by the Python of another environment, so it needs nothing but
the standard library. Each part prints a line of JSON when it starts and one when it is done.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import time
from importlib import import_module
from typing import Any


def probe_torch() -> dict[str, Any]:
    """PyTorch, its processor and its accelerators; CUDA is asked for without being started."""
    os.environ["PYTORCH_NVML_BASED_CUDA_CHECK"] = "1"
    import torch

    torch.ones(2, 2) @ torch.ones(2, 2)
    cpu: Any = getattr(torch, "cpu", None)
    return {
        "version": torch.__version__,
        "threads": torch.get_num_threads(),
        "processor": torch.backends.cpu.get_cpu_capability(),
        "amx": bool(getattr(cpu, "_is_amx_tile_supported", bool)()),
        "bf16": bool(getattr(cpu, "_is_avx512_bf16_supported", bool)()),
        "cuda": torch.version.cuda or getattr(torch.version, "hip", None),
        "gpus": torch.cuda.device_count() if torch.cuda.is_available() else 0,
        "mps": torch.backends.mps.is_available(),
    }


def probe_torchvision() -> dict[str, Any]:
    """torchvision and its compiled part, which must have been built for this torch."""
    import torch
    import torchvision

    torchvision.ops.nms(torch.tensor([[0.0, 0.0, 1.0, 1.0]]), torch.ones(1), 0.5)
    return {"version": torchvision.__version__}


def probe_kernel() -> dict[str, Any]:
    """The command that the kernel `python3` starts."""
    from jupyter_client.kernelspec import KernelSpecManager

    spec = KernelSpecManager().get_kernel_spec("python3")
    return {"command": spec.argv[0]}


def probe_lab() -> dict[str, Any]:
    """JupyterLab's extensions, by name: version, and whether they are switched off."""
    from jupyter_core.paths import jupyter_config_path, jupyter_path

    found: dict[str, str] = {}
    for place in jupyter_path("labextensions"):
        for folder in _folders(place):
            with contextlib.suppress(OSError, ValueError):
                about = _json(os.path.join(folder, "package.json"))
                found.setdefault(about["name"], about["version"])
    files = [os.path.join(place, "labconfig") for place in jupyter_config_path()]
    files += [os.path.join(place, "settings") for place in jupyter_path("lab")]
    off = set()
    for file in files:
        with contextlib.suppress(OSError, ValueError):
            disabled = _json(os.path.join(file, "page_config.json")).get("disabledExtensions", {})
            off |= {name for name in disabled if not isinstance(disabled, dict) or disabled[name]}
    return {"found": found, "off": sorted(off)}


def _folders(place: str) -> list[str]:
    """Each extension's folder, those of an organisation too: @jupyter-widgets/…"""
    if not os.path.isdir(place):
        return []
    folders = []
    for name in sorted(os.listdir(place)):
        folder = os.path.join(place, name)
        inside = os.listdir(folder) if name.startswith("@") else []
        folders += [os.path.join(folder, one) for one in inside] or [folder]
    return folders


def _json(file: str) -> Any:
    with open(file, encoding="utf-8") as stream:
        return json.load(stream)


def main(parts: list[str]) -> None:
    """Probe each part: one of the functions above, else a package to import."""
    for part in parts:
        _say(part, "starts", True)
        started = time.perf_counter()
        try:
            known = globals().get(f"probe_{part}")
            facts = known() if known else {"file": getattr(import_module(part), "__file__", None)}
            _say(part, "facts", {**facts, "seconds": time.perf_counter() - started})
        except (Exception, SystemExit) as error:
            words = " ".join(str(error).split())
            _say(part, "error", f"{type(error).__name__}: {words}"[:300])


def _say(part: str, kind: str, what: object) -> None:
    # to a file of its own: what a package prints while it is imported goes elsewhere
    print(json.dumps({"part": part, kind: what}), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
