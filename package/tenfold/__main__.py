"""`python -m tenfold`: the `tenfold` command, as `torchrun -m tenfold run train.py` calls it."""

import sys

from tenfold.cli import main

if __name__ == "__main__":
    sys.exit(main())
