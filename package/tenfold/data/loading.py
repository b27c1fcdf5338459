"""Picture files decoded once, on all cores, into one tensor."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from tenfold.data.decode import Unreadable, decoded, fitted

__all__ = ["decode_files"]

_PORTION = 16


def decode_files(files: list[Path], store: Tensor, *, progress: bool = True) -> dict[Path, str]:
    """Fill `store`, uint8 (N, 3, h, w), with the pictures of `files`, fitted to its size.

    Threads are enough: decoding and resizing let go of Python's lock. Returns the files that
    cannot be read, each with the reason; their rows of `store` are left as they are.
    """
    bad: dict[Path, str] = {}
    portions = [
        range(start, min(start + _PORTION, len(files))) for start in range(0, len(files), _PORTION)
    ]
    pool = ThreadPoolExecutor(max_workers=_cores(), thread_name_prefix="tenfold-decode")
    try:
        jobs = [pool.submit(_decode_portion, files, store, rows) for rows in portions]
        with _bar(len(files), progress) as bar:
            for job in as_completed(jobs):
                done, unreadable = job.result()
                bad.update(unreadable)
                bar.update(done)
    finally:
        pool.shutdown(cancel_futures=True)  # an interrupt does not wait for what is queued
    return {file: bad[file] for file in files if file in bad}


def _decode_portion(files: list[Path], store: Tensor, rows: range) -> tuple[int, dict[Path, str]]:
    height, width = store.shape[-2:]
    bad: dict[Path, str] = {}
    for row in rows:
        try:
            data = torch.from_numpy(np.fromfile(files[row], dtype=np.uint8))
            store[row] = fitted(decoded(data), (height, width))
        except (Unreadable, OSError) as reason:
            bad[files[row]] = str(reason) if isinstance(reason, Unreadable) else "not readable"
    return len(rows), bad


def _cores() -> int:
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # macOS and Windows
        return os.cpu_count() or 1


def _bar(total: int, progress: bool) -> Any:
    from tqdm.auto import tqdm

    return tqdm(
        total=total, desc="Reading pictures", unit="", delay=1, leave=False, disable=not progress
    )
