"""Run the effects: `python -m lessons.effects [NAME…] [--seeds 5]`."""

from __future__ import annotations

import argparse

import torch
from lessons.effects import add_result, load, measure, names


def main() -> None:
    """Measure the named effects, or all, and write the results and the page after each."""
    parser = argparse.ArgumentParser(prog="python -m lessons.effects")
    parser.add_argument("names", nargs="*", metavar="NAME", help="which (default: all)")
    parser.add_argument("--seeds", type=int, default=5, help="how many (default: 5)")
    options = parser.parse_args()
    if options.seeds < 2:
        parser.error(f"--seeds {options.seeds}: a spread needs two or more")
    try:
        effects = [load(name) for name in options.names or names()]
    except ValueError as error:
        parser.error(str(error))
    torch.set_num_threads(1)  # the same numbers whatever the machine has
    for effect in effects:
        add_result(effect.name, measure(effect, range(options.seeds)))


if __name__ == "__main__":
    main()
