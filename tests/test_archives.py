from __future__ import annotations

import gzip
import io
import os
import tarfile
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from test_fetch import tar

from tenfold.data.real.archives import gunzip, members, opened, unpack, unzip
from tenfold.errors import FileError

OUTSIDE = ["../out", "a/../../out", "/tmp/out", "..\\out", "C:\\out", "\\\\host\\share\\out"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "inside" / "folder"
    made.mkdir(parents=True)
    return made


def around(folder: Path) -> set[str]:
    """What lies outside of the folder."""
    top = folder.parents[1]
    return {str(one) for one in top.rglob("*") if not one.is_relative_to(folder)}


def special(**settings: Any) -> bytes:
    """An archive with one member that is no plain file."""
    whole = io.BytesIO()
    with tarfile.open(fileobj=whole, mode="w") as archive:
        member = tarfile.TarInfo(settings.pop("name", "link"))
        vars_of = {"type": tarfile.SYMTYPE, **settings}
        for name, value in vars_of.items():
            setattr(member, name, value)
        archive.addfile(member)
        second = tarfile.TarInfo("link/out")
        second.size = 3
        archive.addfile(second, io.BytesIO(b"bad"))
    return whole.getvalue()


HOSTILE: dict[str, Callable[[], bytes]] = {
    **{f"name {name}": lambda name=name: tar({"fine.txt": b"1", name: b"bad"}) for name in OUTSIDE},
    "a link outside": lambda: special(linkname="../../.."),
    "an absolute link": lambda: special(linkname="/etc"),
    "a hard link outside": lambda: special(type=tarfile.LNKTYPE, linkname="../../x"),
    "a device": lambda: special(type=tarfile.CHRTYPE, devmajor=1, devminor=3),
    "a pipe": lambda: special(type=tarfile.FIFOTYPE),
    "no archive": lambda: b"no archive",
    "nothing": lambda: b"",
    "cut short": lambda: tar({"fine.txt": os.urandom(9000)})[:4000],
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_archive_is_refused_and_writes_nothing_outside(kind: str, folder: Path) -> None:
    file = folder.parent / "archive"
    file.write_bytes(HOSTILE[kind]())
    before = around(folder)
    with pytest.raises(FileError, match=r"outside of its folder|cannot be unpacked") as caught:
        unpack(file, folder)
    assert around(folder) == before and "\n" not in str(caught.value)
    assert not any(one.is_symlink() for one in folder.rglob("*"))


def test_an_archive_of_too_many_or_too_large_files_is_refused(folder: Path) -> None:
    file = folder / "many.tar"
    file.write_bytes(tar({f"{number}": b"x" * 100 for number in range(50)}))
    with pytest.raises(FileError, match="holds more than 20 files or"):
        unpack(file, folder / "out", files=20)
    with pytest.raises(FileError, match=r"or one file that is too large; it is not what"):
        unpack(file, folder / "out", size=1000)
    with opened(file) as archive:
        assert len(list(members(archive))) == 50


def test_a_member_that_says_it_is_huge_is_refused_before_it_is_read(folder: Path) -> None:
    member = tarfile.TarInfo("bomb")
    member.size = 1 << 40
    file = folder / "bomb.tar"
    file.write_bytes(member.tobuf() + b"x" * 512)
    with pytest.raises(FileError, match="too large"):
        unpack(file, folder / "out")


def test_a_bomb_is_refused_within_bounded_memory(folder: Path) -> None:
    (folder / "bomb.gz").write_bytes(gzip.compress(b"\0" * (64 << 20)))
    with zipfile.ZipFile(folder / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb", b"\0" * (64 << 20))
    tracemalloc.start()
    with pytest.raises(FileError, match="unpacks to more than 1 MB"):
        gunzip(folder / "bomb.gz", most=1 << 20)
    with pytest.raises(FileError, match="unpacks to more than 1 MB"):
        unzip(folder / "bomb.zip", "bomb", most=1 << 20)
    assert tracemalloc.get_traced_memory()[1] < 8 << 20
    tracemalloc.stop()


def test_a_zip_without_the_file_or_damaged_is_refused(folder: Path) -> None:
    with zipfile.ZipFile(folder / "a.zip", "w") as archive:
        archive.writestr("a", b"content of a")
    assert unzip(folder / "a.zip", "a") == b"content of a"
    with pytest.raises(FileError, match=r"a\.zip cannot be unpacked .*no item named 'b'"):
        unzip(folder / "a.zip", "b")
    content = bytearray((folder / "a.zip").read_bytes())
    content[33] ^= 1
    (folder / "a.zip").write_bytes(content)
    with pytest.raises(FileError, match=r"cannot be unpacked \(Bad CRC-32"):
        unzip(folder / "a.zip", "a")
