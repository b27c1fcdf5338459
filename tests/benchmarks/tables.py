"""Results on disk: one JSON for each machine, and one page of Markdown tables made from them."""

from __future__ import annotations

import json
import statistics
from pathlib import Path
from typing import Any

from .harness import QUIET_LOAD, Table, machine, name_of_machine

RESULTS = Path(__file__).parent / "results"


def store(table: Table, folder: Path = RESULTS) -> Path:
    """Put one part into the JSON of this machine and write the page anew."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{name_of_machine()}.json"
    kept = json.loads(file.read_text("utf-8")) if file.exists() else {"parts": {}}
    kept["parts"][table.part] = {**table.record(), "machine": machine()}
    file.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n", "utf-8")
    page(folder)
    return file


def page(folder: Path) -> None:
    """`results.md` out of every JSON in the folder."""
    words = ["# Benchmarks", "", "`make bench` writes this page. Losers stay in the tables.", ""]
    for file in sorted(folder.glob("*.json")):
        words += [f"## {file.stem}", ""]
        for part in json.loads(file.read_text("utf-8"))["parts"].values():
            words += [*section(part), ""]
    (folder / "results.md").write_text("\n".join(words).rstrip() + "\n", "utf-8")


def section(part: dict[str, Any]) -> list[str]:
    """The Markdown lines of one part."""
    extra = list(dict.fromkeys(key for row in part["columns"].values() for key in row))
    head = ["", f"median {part['unit']}", "min", "max", f"× {part['baseline']}", *extra]
    lines = [f"### {part['title']}", "", line(head), line(["---", *["---:"] * (len(head) - 1)])]
    base = part["samples"][part["baseline"]]
    for name, samples in part["samples"].items():
        ratio = statistics.median(a / b for a, b in zip(samples, base))
        figures = [number(of(samples)) for of in (statistics.median, min, max)]
        others = [part["columns"].get(name, {}).get(key, "") for key in extra]
        lines.append(line([name, *figures, f"{ratio:.2f}", *others]))
    return [*lines, "", *targets(part), *about(part)]


def targets(part: dict[str, Any]) -> list[str]:
    """A line for every target: what it should be and what it is."""
    return [
        f"- {'met' if one['met'] else '**missed**'}: {one['words']}: {one['value']:.3g}, wanted at "
        f"{'least' if one['at_least'] else 'most'} {one['limit']:g}"
        for one in part["targets"]
    ]


def about(part: dict[str, Any]) -> list[str]:
    """Settings, versions and load: what a reader needs to judge the figures."""
    setup = ", ".join(f"{key} {value}" for key, value in part["settings"].items())
    box = part["machine"]
    versions = ", ".join(f"{name} {version}" for name, version in box["versions"].items())
    before, after = part["load"]
    busy = " (**the machine was not quiet**)" if before > QUIET_LOAD else ""
    return [
        "",
        f"{setup}. {len(part['samples'][part['baseline']])} rounds. Load {before:.2f} before and "
        f"{after:.2f} after{busy}. {box['processor']}, {box['cores']} cores "
        f"({', '.join(box['flags'])}), {part['threads']} threads. Python {box['python']}, "
        f"{versions}.",
    ]


def line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def number(value: float) -> str:
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"
