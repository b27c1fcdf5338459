"""`python -m tenfold.cli`: the `tenfold` command, where its script is not on the path."""

import sys

from tenfold.cli import main

if __name__ == "__main__":
    sys.exit(main())
