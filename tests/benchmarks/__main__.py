"""`python -m tests.benchmarks [part …]`: measure, print the tables, write them to results/."""

from __future__ import annotations

import argparse
import importlib
import inspect
import os

import torch

from .harness import machine
from .tables import section, store

PARTS = (
    "step",
    "import",
    "nursery",
    "labels",
    "techniques",
    "grad_cam",
    "epochs",
    "vision",
    "camvid",
    "precompute",
    "panel",
    "panel_tiny",
    "lab_runs",
    "ratings",
    "rows",
    "tabular",
    "tables_quality",
    "joins",
    "pieces",
    "text",
    "imdb",
    "landscape",
    "launch",
    "gan",
    "gan_few",
    "restoration",
)


def main(arguments: list[str] | None = None) -> None:
    """Run the parts asked for, or all."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="part", help=f"{', '.join(PARTS)}; all without")
    parser.add_argument("--rounds", type=int, help="how often everybody takes a turn")
    parser.add_argument(
        "--seeds",
        type=int,
        help="how many seeds; for nursery, labels, grad_cam, vision, camvid, precompute, ratings, "
        "imdb, gan, gan_few, restoration",
    )
    parser.add_argument(
        "--pictures",
        type=int,
        help="vision, epochs, precompute: how many, best a multiple of 640: fastai drops what "
        "does not fill a batch",
    )
    parser.add_argument(
        "--sizes", type=int, nargs="+", choices=(500, 2000), help="imdb: how many labelled reviews"
    )
    parser.add_argument("--no-peers", dest="with_peers", action="store_false", default=None)
    given = vars(parser.parse_args(arguments))
    parts = given.pop("parts") or list(PARTS)
    if unknown := set(parts) - set(PARTS):
        parser.error(f"{', '.join(unknown)}: there is no such part; there are {', '.join(PARTS)}")
    for part in parts:
        run(part, {name: value for name, value in given.items() if value is not None})


def run(part: str, given: dict[str, object]) -> None:
    """Measure one part with those of the settings that it knows."""
    # "import" is a word of Python, so its file has another name
    module = importlib.import_module(f".{'imports' if part == 'import' else part}", __package__)
    torch.set_num_threads(os.cpu_count() or 1)  # a part that wants another number sets it
    known = inspect.signature(module.measure).parameters
    measured = module.measure(**{name: value for name, value in given.items() if name in known})
    for table in measured if isinstance(measured, list) else [measured]:
        file = store(table)
        print("\n".join(section({**table.record(), "machine": machine()})), f"\n→ {file}")


if __name__ == "__main__":
    main()
