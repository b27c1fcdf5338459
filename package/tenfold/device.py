"""Where the work runs and where files are kept: the device, its memory, the cache folder."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

# What needs torch imports it, so that `tenfold doctor` and `tenfold data` do without.
if TYPE_CHECKING:
    import torch

__all__ = ["cache_folder", "default_device", "free_memory"]


def default_device() -> torch.device:
    """The fastest device of this machine: CUDA, then Apple's MPS, then the CPU.

    >>> default_device().type in {"cuda", "mps", "cpu"}
    True
    """
    import torch

    if torch.cuda.is_available():
        return torch.device("cuda")
    if torch.backends.mps.is_available():
        return torch.device("mps")
    return torch.device("cpu")


def free_memory(device: torch.device) -> int:
    """Bytes that can still be used on `device`; for MPS and the CPU, of the main memory."""
    import torch

    if device.type == "cuda":
        return int(torch.cuda.mem_get_info(device)[0])
    try:
        return os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (ValueError, OSError, AttributeError):  # Windows and macOS do not say
        return 4 << 30


def cache_folder() -> Path:
    """The folder for what can be made again: decoded pictures, features, drawn samples.

    `TENFOLD_CACHE` moves it; it is made when it does not exist.
    """
    from platformdirs import user_cache_dir

    folder = Path(os.environ.get("TENFOLD_CACHE") or user_cache_dir("tenfold"))
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def writes() -> bool:
    """Whether this process writes files: of several that train together only rank 0 does.

    torchrun says in the environment which one this is.
    """
    return os.environ.get("RANK", "0") == "0"
