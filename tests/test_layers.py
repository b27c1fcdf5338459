"""The floors of the package: imports point down, never up, never sideways between rooms."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "package" / "tenfold"

# Lowest first. Each line holds rooms that may not import each other; a floor of the design that
# has an order inside is written as several lines.
FLOORS = [
    {"errors"},
    {"text", "figures", "device"},
    {"tables", "moving"},
    {"train", "models"},
    {"data"},
    {"techniques", "interpret"},
    {"predictor", "trials"},
    {"looks"},
    {"learner"},
    {"gan_learners", "learners", "picture_learners", "text_learners"},
    {"articles"},
    {"live", "course", "parallel"},
    {"magics", "cli"},
    {"__init__", "__main__"},
]
# Run by hand, never imported: it trains with what is above it.
SCRIPTS = {"tenfold.models.weights.pretrain_nano_lm"}
LEVEL = {room: level for level, rooms in enumerate(FLOORS) for room in rooms}

# What a room keeps away from although it is installed, and why it can: it only makes text.
KEEPS_AWAY = {
    "tenfold.live.panels": {"torch", "IPython", "ipywidgets", "anywidget"},
    "tenfold.course": {"IPython", "ipywidgets", "anywidget"},
}


def name_of(file: Path) -> str:
    return ".".join(("tenfold", *file.relative_to(PACKAGE).with_suffix("").parts))


MODULES = {name_of(file): file for file in sorted(PACKAGE.rglob("*.py"))}
PACKAGES = {name.removesuffix(".__init__") for name in MODULES} | {"tenfold"}


def room(module: str) -> str:
    return module.split(".")[1] if "." in module else "__init__"


def for_types_only(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)


def statements(node: ast.AST, *, types: bool) -> Iterator[ast.AST]:
    """Every node of a file, those in functions too; those under TYPE_CHECKING when asked for."""
    for child in ast.iter_child_nodes(node):
        if types or not for_types_only(child):
            yield child
            yield from statements(child, types=types)


def imports(module: str, *, types: bool = True) -> Iterator[str]:
    """The modules that a file imports; `from package import module` counts as the module."""
    for node in statements(ast.parse(MODULES[module].read_text("utf-8")), types=types):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            start = ".".join(module.split(".")[: -node.level]) if node.level else ""
            source = ".".join(part for part in (start, node.module) if part)
            for alias in node.names:
                inside = f"{source}.{alias.name}"
                yield inside if inside in PACKAGES else source


def ours(module: str, *, types: bool = True) -> set[str]:
    return {name for name in imports(module, types=types) if name.split(".")[0] == "tenfold"}


def test_every_module_has_its_place_in_the_table() -> None:
    strangers = {name for name in MODULES if room(name) not in LEVEL}
    assert not strangers, f"Put these in FLOORS of {Path(__file__).name}: {sorted(strangers)}"


def test_imports_point_down_and_never_sideways_between_rooms() -> None:
    wrong = [
        f"{module} imports {target}"
        for module in MODULES.keys() - SCRIPTS
        for target in ours(module)
        if room(target) != room(module)
        and LEVEL.get(room(target), 99) >= LEVEL.get(room(module), 99)
    ]
    assert not wrong, "\n".join(wrong)


def test_no_module_imports_the_front_door() -> None:
    wrong = [name for name in MODULES if "tenfold" in ours(name) and name != "tenfold.__init__"]
    assert not wrong, f"Import from the module that defines the name, not from tenfold: {wrong}"


def test_inside_a_room_imports_make_no_circle() -> None:
    graph = {name.removesuffix(".__init__"): ours(name, types=False) for name in MODULES}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(f"A circle of imports: {' -> '.join(error.args[1])}")


@pytest.mark.parametrize("place", KEEPS_AWAY)
def test_a_room_that_makes_text_stays_free_of_the_notebook(place: str) -> None:
    found = {
        f"{module} imports {target}"
        for module in MODULES
        if f"{module}.".startswith(f"{place}.")
        for target in imports(module)
        if target.split(".")[0] in KEEPS_AWAY[place]
    }
    assert not found


def test_importing_tenfold_loads_nothing_heavy_but_torch() -> None:
    heavy = ["torchvision", "pandas", "matplotlib", "IPython", "ipywidgets", "torchmetrics"]
    code = f"import sys, tenfold; print(*[name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
