"""`tenfold data list|get|path`: the real data sets, and what the samples keep."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from tenfold.data.real.catalogue import SETS, data_homes, downloads, find, named, need
from tenfold.device import cache_folder
from tenfold.errors import TenfoldError
from tenfold.tables import text_table

__all__ = ["add_data", "megabytes", "set_table", "size_of"]


def add_data(commands: argparse._SubParsersAction[Any]) -> None:
    """Teach the parser `tenfold data` and its three commands."""
    data = commands.add_parser("data", help="the real data sets: which, where, and how to get them")
    three = data.add_subparsers(metavar="COMMAND", required=True)
    listing = three.add_parser("list", help="what there is, and what of it is on this machine")
    listing.set_defaults(call=_list)
    get = three.add_parser("get", help="download a set; a download that was cut off goes on")
    get.add_argument("names", nargs="+", metavar="NAME", help="a set, as tenfold data list says")
    get.set_defaults(call=_get)
    path = three.add_parser("path", help="print where a set is, and nothing else")
    path.add_argument(
        "name", nargs="?", metavar="NAME", help="a set (default: the folder of the downloads)"
    )
    path.set_defaults(call=_path)


def _list(options: argparse.Namespace) -> int:
    print(set_table())
    print()
    print("licences: " + "; ".join(f"{one.name}: {one.licence}" for one in SETS.values()))
    homes = [str(home) for home in data_homes()]
    print(f"searched: {', then '.join(homes)}")
    cache = cache_folder()
    real = size_of(downloads()) if downloads().is_dir() else 0
    kept = size_of(cache) - real
    print(
        f"kept of the samples and of decoded pictures: {megabytes(kept)} in {cache}; "
        "it can be deleted, and is made again when needed"
    )
    return 0


def set_table() -> str:
    """Every set: its name, what it is, and where it lies or how to get it."""
    rows = [["name", "what", "where"]]
    for name, one in SETS.items():
        found = find(name)
        if found is not None:
            where = f"{found} ({megabytes(size_of(found))})"
        elif one.by_hand:
            where = f"absent; tenfold data get {name} says how"
        else:
            where = f"absent; tenfold data get {name} ({one.download})"
        rows.append([name, one.what, where])
    return text_table(rows, words=True)


def size_of(path: Path) -> int:
    """Bytes of a file, or of all files below a folder."""
    if path.is_file():
        return path.stat().st_size
    return sum(file.stat().st_size for file in path.rglob("*") if file.is_file())


def megabytes(size: int) -> str:
    """Bytes in words.

    >>> megabytes(31_400_000), megabytes(12)
    ('31 MB', '0 MB')
    """
    return f"{size / 1e6:,.0f} MB"


def _get(options: argparse.Namespace) -> int:
    from tenfold.data.real.fetch import fetch

    for name in options.names:
        named(name)  # a misspelt name is said before anything is downloaded
    failed = []
    for name in options.names:
        found = find(name)
        if found is not None:
            print(f"{name} is there already: {found}")
            continue
        try:
            place, check = fetch(name)
        except TenfoldError as error:
            failed.append(str(error))
            continue
        print(f"{name} is in {place}: {check}. Licence: {named(name).licence}.")
        print(f"Use it: from tenfold import real; data = real.{name}()")
    if failed:
        raise TenfoldError("\n".join(failed))
    return 0


def _path(options: argparse.Namespace) -> int:
    print(downloads() if options.name is None else need(options.name))
    return 0
