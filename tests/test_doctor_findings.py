"""The parts of `tenfold doctor`: versions, devices, kernels, extensions, damaged weights."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from packaging.specifiers import SpecifierSet

from tenfold.cli import checks, doctor
from tenfold.cli.findings import Finding, fits, pip
from tenfold.cli.probe import probe_lab

VERSIONS = ["6.30", "7.0", "7.0.1", "7.1.0", "2.8.0+cu126", "10.1", "0.9.13"]
WANTED = [
    ">=6.30,!=7.0.*",
    ">=2.8",
    "==7.0",
    "==7.*",
    "<=7.0",
    "<7.0.1",
    ">7",
    "~=7.0",
    "~=7.0.0",
    "",
]

CPU = {"version": "2.15", "threads": 2, "processor": "AVX2", "amx": False, "bf16": False,
       "cuda": None, "gpus": 0, "mps": False}  # fmt: skip


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("wanted", WANTED)
def test_versions_are_judged_as_pip_judges_them(version: str, wanted: str) -> None:
    assert fits(version, wanted) == SpecifierSet(wanted).contains(version, prereleases=True)


def test_a_line_for_the_shell_is_quoted() -> None:
    assert pip("a>=1", python="/my env/python") == "'/my env/python' -m pip install 'a>=1'"


def states(findings: Iterable[Finding]) -> list[str]:
    return [f"{one.state}: {one.words}" for one in findings]


@pytest.mark.parametrize(
    ("facts", "cards", "words"),
    [
        ({"amx": True}, [], "bf16 is fast (AMX)"),
        ({}, [], "ok: no graphics card; the course does not need one"),
        ({"mps": True}, [], "ok: Apple's graphics (MPS) is used"),
        ({"cuda": "12.8", "gpus": 1}, ["H200, 143771 MiB"], "ok: CUDA 12.8: H200, 143771 MiB"),
        ({}, ["H200"], "note: H200 is not used: this torch is built for the CPU only"),
        ({"cuda": "12.8"}, ["H200"], "FAULT: H200 is not seen by torch (CUDA 12.8)"),
    ],
)
def test_what_trains(facts: dict[str, Any], cards: list[str], words: str) -> None:
    assert words in "\n".join(states(doctor.device_findings(CPU | facts, cards)))


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("python", "ok: the kernel python3 is this Python"),
        ("/no/such/python", "FAULT: the kernel python3 starts /no/such/python, which is not there"),
        ("/bin/sh", "note: the kernel python3 starts /bin/sh, another Python"),
    ],
)
def test_the_kernel_that_jupyter_starts(command: str, words: str) -> None:
    assert states(doctor.kernel_findings({"facts": {"command": command}})) == [words]


def test_no_kernel_at_all() -> None:
    (found,) = doctor.kernel_findings({"error": "NoSuchKernel: python3"})
    assert found.state == "FAULT" and "pip install --force-reinstall ipykernel" in found.mend


def test_extensions_are_asked_for_where_jupyterlab_runs() -> None:
    manager = "@jupyter-widgets/jupyterlab-manager"
    answer = {"facts": {"found": {manager: "5.0", "tenfold": "0.1"}, "off": [manager]}}
    lacks, off, own = doctor.lab_findings("/other/bin/python", answer)
    assert "lacks the extension anywidget" in lacks.words and "/other/bin/python" in lacks.words
    assert lacks.mend == "/other/bin/python -m pip install --force-reinstall anywidget"
    assert off.words == f"the extension {manager} is switched off"
    assert off.mend.endswith(f"labextension enable {manager}")
    assert own == Finding("ok", "extension tenfold 0.1")


def test_without_jupyterlab_nothing_is_at_fault() -> None:
    assert [one.state for one in doctor.lab_findings("", {})] == ["note"]
    assert [one.state for one in doctor.lab_findings("python", {"error": "x"})] == ["note"]


def test_extensions_are_read_from_their_folders(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("plain", "@org/one"):
        (tmp_path / "labextensions" / name).mkdir(parents=True)
        about = tmp_path / "labextensions" / name / "package.json"
        about.write_text(f'{{"name": "{name}", "version": "1.2"}}')
    (tmp_path / "labextensions" / "empty").mkdir()
    (tmp_path / "config" / "labconfig").mkdir(parents=True)
    page = tmp_path / "config" / "labconfig" / "page_config.json"
    page.write_text('{"disabledExtensions": {"plain": true, "@org/one": false}}')
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(tmp_path / "config"))
    found = probe_lab()
    assert found["found"]["plain"] == found["found"]["@org/one"] == "1.2"
    assert "plain" in found["off"] and "@org/one" not in found["off"]


def weights(*, said: int, there: int) -> bytes:
    """A safetensors file of one tensor of `said` bytes, of which `there` are there."""
    header = json.dumps({"a": {"dtype": "U8", "shape": [said], "data_offsets": [0, said]}})
    return len(header).to_bytes(8, "little") + header.encode() + bytes(there)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (weights(said=8, there=8), ""),
        (weights(said=8, there=5), "cut off"),
        (b"version https://git-lfs.github.com/spec/v1\n", "damaged"),
        ((2).to_bytes(8, "little") + b"{]", "damaged"),
        (b"", "damaged"),
    ],
)
def test_weights_are_judged_by_their_header(content: bytes, words: str, tmp_path: Path) -> None:
    file = tmp_path / "nano.safetensors"
    assert checks.not_whole(file) == "missing"
    file.write_bytes(content)
    assert checks.not_whole(file) == words


def test_a_check_that_fails_itself_is_a_fault_and_the_next_one_runs() -> None:
    def check_stars() -> Iterable[Finding]:
        yield Finding("ok", "the moon")
        raise OSError("clouds")

    found = doctor.told(check_stars)
    assert states(found) == ["ok: the moon", "FAULT: check_stars could not look: OSError: clouds"]
