"""One file over the net: with progress, going on where a download was cut off, and checked."""

from __future__ import annotations

import hashlib
import http.client
import os
import shutil
import urllib.error
import urllib.request
from contextlib import suppress
from pathlib import Path
from typing import Any

from tqdm import tqdm

from tenfold.errors import FileError

__all__ = ["download"]

_CHUNK = 1 << 18
_TRIES = 4  # in a row that bring nothing new
_WAIT = 30.0  # seconds without a byte


def download(url: str, target: Path, *, md5: str | None = None) -> Path:
    """Download `url` to the file `target`, whose folder is made when needed.

    What has come lies beside it as `.part`: after a break, or a Ctrl-C, the next call asks for the
    rest only, unless the file has changed at its publisher's. The target appears when it is whole
    and, with `md5`, has that checksum (hexadecimal). Raises FileError, with the reason.
    """
    if target.is_file() and (md5 is None or _md5(target) == md5):
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f"{target.name}.part")
    _complete(url, part)
    if md5 is not None and (found := _md5(part)) != md5:
        _forget(part)
        raise FileError(
            f"{url} came with the checksum {found}, and its publisher states {md5}; it was "
            "deleted: run this again, and if the same happens, the file was changed"
        )
    os.replace(part, target)
    _forget(part)
    return target


def _complete(url: str, part: Path) -> None:
    """Ask for what is missing until nothing is."""
    tries = 0
    while tries < _TRIES:
        before = _size(part)
        try:
            if _receive(url, part):
                return
            reason: object = "the connection ended early"
        except urllib.error.HTTPError as error:
            error.close()
            if error.code != 416:  # its range: what is here is longer than what is there
                raise FileError(f"{url} answers {error.code} {error.reason}; try later") from error
            reason = error
            _forget(part)
        except (OSError, http.client.HTTPException) as error:
            if _full(error):
                raise FileError(_no_room(part, 0)) from error
            reason = error
        tries = 0 if _size(part) > before else tries + 1
    raise FileError(
        f"{url} cannot be fetched ({reason}); what has come is kept, run this again to go on"
    )


def _receive(url: str, part: Path) -> bool:
    """Append to what is there, or start anew; whether the file is whole then."""
    have, tag = _size(part), part.with_name(f"{part.name}.tag")
    headers = {"User-Agent": "tenfold"}
    if have and tag.is_file():
        # only if the file is still the one that the first bytes came from
        headers |= {"Range": f"bytes={have}-", "If-Range": tag.read_text("utf-8")}
    request = urllib.request.Request(url, headers=headers)
    with urllib.request.urlopen(request, timeout=_WAIT) as answer:
        goes_on = answer.status == 206
        have = have if goes_on else 0
        length = answer.headers.get("Content-Length")
        whole = None if length is None else have + int(length)
        _check_room(part, (whole or 0) - have)
        version = answer.headers.get("ETag") or answer.headers.get("Last-Modified")
        if version and not version.startswith("W/"):
            tag.write_text(version, "utf-8")
        else:
            tag.unlink(missing_ok=True)
        name = part.name.removesuffix(".part")
        with (
            open(part, "ab" if goes_on else "wb") as file,
            tqdm(total=whole, initial=have, desc=name, unit="B", unit_scale=True) as bar,
        ):
            _copy(answer, file, bar)
    return whole is None or _size(part) == whole


def _copy(answer: Any, file: Any, bar: Any) -> None:
    while chunk := answer.read(_CHUNK):
        file.write(chunk)
        bar.update(len(chunk))


def _size(file: Path) -> int:
    return file.stat().st_size if file.is_file() else 0


def _md5(file: Path) -> str:
    with open(file, "rb") as content:
        return hashlib.file_digest(content, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()


def _forget(part: Path) -> None:
    for file in (part, part.with_name(f"{part.name}.tag")):
        with suppress(FileNotFoundError):
            file.unlink()


def _check_room(part: Path, needed: int) -> None:
    if shutil.disk_usage(part.parent).free < needed:
        raise FileError(_no_room(part, needed))


def _no_room(part: Path, needed: int) -> str:
    free = shutil.disk_usage(part.parent).free
    return (
        f"{part.parent} has {free / 2**20:,.0f} MB free and {max(needed, free) / 2**20:,.0f} MB or "
        "more are needed; set TENFOLD_CACHE to a larger disk"
    )


def _full(error: BaseException) -> bool:
    return isinstance(error, OSError) and error.errno == 28  # ENOSPC
