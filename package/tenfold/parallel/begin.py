"""The first lines of a rank: it greets the kernel before it loads torch, which takes a second."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from tenfold.parallel.channel import Channel

__all__ = ["main"]


def main() -> None:
    """Serve the kernel that the file named on the command line tells of; its last word."""
    try:
        told = json.loads(Path(sys.argv[-1]).read_text())
        channel = Channel.to_kernel(told)
    except OSError:
        return  # the kernel is gone
    attempt = int(os.environ.get("TORCHELASTIC_RESTART_COUNT", "0"))
    channel.send("came", int(os.environ["RANK"]), os.getpid(), attempt)
    # torch warns on every rank that each parameter is used, as nearly always
    os.environ.setdefault("TORCH_CPP_LOG_LEVEL", "ERROR")
    from tenfold.parallel.worker import serve

    serve(channel, kind=told["kind"], threads=told["threads"])
    os._exit(0)  # at once: there is nothing to put away
