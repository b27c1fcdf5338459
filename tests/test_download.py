"""One file over the net, from a server of our own that breaks off, forgets and lies."""

from __future__ import annotations

import errno
import hashlib
import io
import threading
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tenfold.data.real.download import download
from tenfold.errors import FileError

CONTENT = np.random.default_rng(0).bytes(1_000_000)
MD5 = hashlib.md5(CONTENT).hexdigest()


class Shelf(BaseHTTPRequestHandler):
    """Gives CONTENT: `cuts` are the bytes after which an answer breaks off, one for each."""

    cuts: list[int]
    asked: list[str | None]
    ranges = True
    tag = '"one"'
    content = CONTENT

    def do_GET(self) -> None:
        wanted = self.headers.get("Range")
        self.asked.append(wanted)
        if "absent" in self.path:
            self.send_error(404)
            return
        same = self.headers.get("If-Range") == self.tag
        start = int(wanted[6:-1]) if wanted and same and self.ranges else 0
        if start > len(self.content):
            self.send_error(416)
            return
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(self.content) - start))
        self.send_header("ETag", self.tag)
        self.end_headers()
        end = start + self.cuts.pop(0) if self.cuts else len(self.content)
        with suppress(ConnectionError):  # who asks may turn away
            self.wfile.write(self.content[start:end])

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def shelf(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[type[Shelf], str]]:
    """A handler to set up, and the address of its file."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")

    class Own(Shelf):
        cuts: list[int] = []
        asked: list[str | None] = []

    with ThreadingHTTPServer(("127.0.0.1", 0), Own) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield Own, f"http://127.0.0.1:{server.server_port}/file.bin"
        server.shutdown()
        thread.join()


def test_a_file_comes_whole_and_nothing_lies_beside_it(shelf: Any, tmp_path: Path) -> None:
    file = download(shelf[1], tmp_path / "new" / "file.bin", md5=MD5)
    assert file.read_bytes() == CONTENT
    assert [path.name for path in file.parent.iterdir()] == ["file.bin"]


def test_what_was_cut_off_goes_on_where_it_was(shelf: Any, tmp_path: Path) -> None:
    shelf[0].cuts = [300_000, 200_000]
    assert download(shelf[1], tmp_path / "f", md5=MD5).read_bytes() == CONTENT
    assert shelf[0].asked == [None, "bytes=300000-", "bytes=500000-"]


def test_a_later_call_goes_on_too(shelf: Any, tmp_path: Path) -> None:
    shelf[0].cuts = [400_000, 0, 0, 0, 0]
    with pytest.raises(FileError, match=r"cannot be fetched .* what has come is kept, run this"):
        download(shelf[1], tmp_path / "f")
    assert (tmp_path / "f.part").stat().st_size == 400_000
    assert not (tmp_path / "f").exists()
    assert download(shelf[1], tmp_path / "f").read_bytes() == CONTENT
    assert set(shelf[0].asked[1:]) == {"bytes=400000-"}


@pytest.mark.parametrize("change", [{"ranges": False}, {"tag": '"two"'}])
def test_a_server_that_cannot_go_on_or_has_another_file_gives_all(
    shelf: Any, tmp_path: Path, change: dict[str, Any]
) -> None:
    shelf[0].cuts = [400_000, 0, 0, 0, 0]
    with pytest.raises(FileError):
        download(shelf[1], tmp_path / "f")
    for name, value in change.items():
        setattr(shelf[0], name, value)
    assert download(shelf[1], tmp_path / "f", md5=MD5).read_bytes() == CONTENT


def test_more_than_the_file_has_is_thrown_away(shelf: Any, tmp_path: Path) -> None:
    (tmp_path / "f.part").write_bytes(bytes(2_000_000))
    (tmp_path / "f.part.tag").write_text(shelf[0].tag)
    assert download(shelf[1], tmp_path / "f", md5=MD5).read_bytes() == CONTENT


def test_a_wrong_checksum_is_said_and_the_file_deleted(shelf: Any, tmp_path: Path) -> None:
    shelf[0].content = CONTENT[:-1] + b"!"
    with pytest.raises(FileError, match=rf"came with the checksum .* publisher states {MD5}"):
        download(shelf[1], tmp_path / "f", md5=MD5)
    assert not list(tmp_path.iterdir())


def test_what_is_there_is_not_asked_for_again(shelf: Any, tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(CONTENT)
    download(shelf[1], tmp_path / "f", md5=MD5)
    assert shelf[0].asked == []


def test_an_address_that_is_gone_is_said(shelf: Any, tmp_path: Path) -> None:
    with pytest.raises(FileError, match=r"absent answers 404 Not Found"):
        download(shelf[1].replace("file.bin", "absent"), tmp_path / "f")


def test_no_connection_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with pytest.raises(FileError, match=r"cannot be fetched \(.*refused"):
        download("http://127.0.0.1:9/f", tmp_path / "f")


def test_a_disk_that_is_too_small_is_said_beforehand(
    shelf: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = type("Usage", (), {"free": 1000})
    monkeypatch.setattr("shutil.disk_usage", lambda place: usage)
    with pytest.raises(FileError, match=r"has 0 MB free and 1 MB or more are needed; set TENFOLD_"):
        download(shelf[1], tmp_path / "f")


def test_a_disk_that_fills_up_is_said(
    shelf: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Full(io.BytesIO):
        def write(self, _: Any) -> int:
            raise OSError(errno.ENOSPC, "No space left on device")

    real = open

    def fake(file: Any, mode: str = "r", *more: Any) -> Any:
        return Full() if mode == "wb" else real(file, mode, *more)

    monkeypatch.setattr("builtins.open", fake)
    with pytest.raises(FileError, match="set TENFOLD_CACHE to a larger disk"):
        download(shelf[1], tmp_path / "f")
