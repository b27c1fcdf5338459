"""The process between the kernel and the ranks: torchrun's elastic agent.

`python -m tenfold.parallel.agent` is started by the pool. It starts the ranks, and starts all
of them anew when one has died.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
import uuid

from torch.distributed.elastic.multiprocessing import DefaultLogsSpecs, Std
from torch.distributed.elastic.multiprocessing.errors import ChildFailedError
from torch.distributed.launcher.api import LaunchConfig, elastic_launch

from tenfold.parallel.channel import VARIABLE

__all__ = ["main"]

# seconds between two looks at the ranks
_LOOK = 0.1
# and two looks at the kernel
_ORPHAN = 1.0


def main() -> int:
    """Keep the ranks running until they end by themselves; 1 when they have died too often."""
    told = json.loads(os.environ[VARIABLE])
    threading.Thread(target=end_with, args=(os.getppid(),), daemon=True).start()
    config = LaunchConfig(
        min_nodes=1,
        max_nodes=1,
        nproc_per_node=told["processes"],
        run_id=uuid.uuid4().hex,
        rdzv_backend="c10d",
        rdzv_endpoint="localhost:0",
        local_addr="localhost",
        max_restarts=told["restarts"],
        monitor_interval=_LOOK,
        logs_specs=DefaultLogsSpecs(log_dir=told["folder"], redirects=Std.ALL),
    )
    try:
        elastic_launch(config, sys.executable)("-m", "tenfold.parallel.worker")
    except ChildFailedError:
        return 1  # the kernel has seen which rank it was
    return 0


def end_with(kernel: int) -> None:
    """End when the kernel that started this process is gone; the ranks notice it by themselves."""
    while os.getppid() == kernel:
        time.sleep(_ORPHAN)
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    sys.exit(main())
