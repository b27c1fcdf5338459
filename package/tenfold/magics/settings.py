"""What `%config Tenfold` can set."""

from __future__ import annotations

import os

from traitlets import Bool, default
from traitlets.config import Configurable

__all__ = ["SYNCHRONOUS", "Tenfold"]

SYNCHRONOUS = "TENFOLD_SYNCHRONOUS"


class Tenfold(Configurable):
    """Settings of Tenfold's magics: `%config Tenfold.synchronous = True`."""

    synchronous = Bool(
        help="Wait for every job in the cell that starts it, also with --background. The "
        "environment variable TENFOLD_SYNCHRONOUS=1 sets it from the start, as for Run All in CI."
    ).tag(config=True)

    @default("synchronous")
    def _from_environment(self) -> bool:
        return os.environ.get(SYNCHRONOUS, "").lower() not in {"", "0", "false", "no"}
