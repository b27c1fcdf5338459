"""The habits a machine can hold. A budget is a question: an exception is a line with its reason."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from statistics import quantiles
from typing import Any

import tenfold

ROOT = Path(__file__).parents[1]
PACKAGE = sorted((ROOT / "package").rglob("*.py"))
PUBLIC = [
    file
    for file in PACKAGE
    if (file.stem == "__init__" or not file.stem.startswith("_"))
    and file.parent.name != "weights"  # the scripts that made them are run, not imported
]
TESTS = sorted((ROOT / "tests").rglob("*.py"))
TEXTS = [
    *PACKAGE,
    *TESTS,
    *sorted((ROOT / "notebooks").glob("*.ipynb")),
    *sorted(ROOT.glob("*.md")),
    *sorted((ROOT / "lessons").rglob("*.md")),
    *sorted((ROOT / "lessons").rglob("*.py")),
    *sorted((ROOT / "package").rglob("*.md")),
    *(ROOT / name for name in ("pyproject.toml", "Makefile", "environment.yml", ".ci/run")),
]

LONG_FILES: dict[str, str] = {
    "package/tenfold/learner.py": "one method for each technique, with its page of help",
    "package/tenfold/train/task.py": "the kinds of target are one family, read side by side",
    "package/tenfold/train/schedule.py": "the shapes are one family, read side by side",
}
LONG_FUNCTIONS: dict[str, str] = {}
MANY_POSITIONS: dict[str, str] = {
    "ImageData.from_arrays": "x_train, y_train, x_valid, y_valid: an order that everybody knows",
}

Function = ast.FunctionDef | ast.AsyncFunctionDef


def place(file: Path) -> str:
    return file.relative_to(ROOT).as_posix()


def trees(files: list[Path]) -> Iterator[tuple[str, ast.Module]]:
    for file in files:
        yield place(file), ast.parse(file.read_text("utf-8"))


def functions(files: list[Path]) -> Iterator[tuple[str, Function]]:
    for name, tree in trees(files):
        for node in ast.walk(tree):
            if isinstance(node, Function):
                yield f"{name}::{node.name}", node


def lines(node: Function) -> int:
    """Lines of logic: the docstring is budgeted apart from them."""
    first = node.body[0]
    documented = ast.get_docstring(node) is not None
    prose = (first.end_lineno or 0) - first.lineno + 1 if documented else 0
    return (node.end_lineno or 0) - node.lineno + 1 - prose


def public(tree: ast.Module) -> Iterator[tuple[str, ast.ClassDef | Function]]:
    """Public functions and classes, and the public methods that a class does not inherit."""
    for node in tree.body:
        if not isinstance(node, ast.ClassDef | Function) or node.name.startswith("_"):
            continue
        yield node.name, node
        if isinstance(node, ast.ClassDef) and not node.bases:
            for method in node.body:
                if isinstance(method, Function) and not hidden(method):
                    yield f"{node.name}.{method.name}", method


def hidden(method: Function) -> bool:
    setter = any(ast.unparse(mark).endswith(".setter") for mark in method.decorator_list)
    return setter or method.name.startswith("_")


def too_long(files: list[Path], *, most: int) -> list[str]:
    return [
        f"{name} has {lines(node)} lines, at most {most}"
        for name, node in functions(files)
        if lines(node) > most and name not in LONG_FUNCTIONS
    ]


def test_a_function_of_the_package_has_at_most_40_lines_and_most_have_20() -> None:
    assert not too_long(PACKAGE, most=40)
    assert quantiles([lines(node) for _, node in functions(PACKAGE)], n=10)[-1] <= 20


def test_a_test_has_at_most_25_lines() -> None:
    assert not too_long(sorted((ROOT / "tests").glob("*.py")), most=25)


def test_a_file_has_at_most_300_lines() -> None:
    count = {place(file): len(file.read_text("utf-8").splitlines()) for file in PACKAGE + TESTS}
    assert not {name: n for name, n in count.items() if n > 300 and name not in LONG_FILES}


def test_every_exception_in_the_lists_is_still_there() -> None:
    names = {name for name, _ in functions(PACKAGE + TESTS)} | set(map(place, PACKAGE + TESTS))
    assert names >= {*LONG_FILES, *LONG_FUNCTIONS}


def test_everything_public_is_documented() -> None:
    missing = [
        f"{file}::{name}"
        for file, tree in trees(PUBLIC)
        for name, node in public(tree)
        if not ast.get_docstring(node)
    ]
    assert not missing


def test_every_module_says_what_it_is_for() -> None:
    missing = [file for file, tree in trees(PACKAGE) if tree.body and not ast.get_docstring(tree)]
    assert not missing


def test_public_functions_are_annotated_throughout() -> None:
    missing = [
        f"{file}::{name}"
        for file, tree in trees(PUBLIC)
        for name, node in public(tree)
        if isinstance(node, Function) and not annotated(node)
    ]
    assert not missing


def annotated(node: Function) -> bool:
    arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
    named = [argument for argument in arguments if argument.arg not in ("self", "cls")]
    return node.returns is not None and all(argument.annotation for argument in named)


def front_door() -> Iterator[tuple[str, Any]]:
    """The functions that `tenfold` offers, and the methods of its classes."""
    for name in tenfold.__all__:
        thing = getattr(tenfold, name)
        if inspect.isfunction(thing):
            yield name, thing
        if inspect.isclass(thing):
            for method, call in [*inspect.getmembers(thing, inspect.isfunction), *made_by(thing)]:
                if not method.startswith("_") and call.__module__.startswith("tenfold."):
                    yield f"{name}.{method}", call


def made_by(thing: type) -> list[tuple[str, Any]]:
    """The other ways to make one: `ImageData.from_folder` and its like."""
    return inspect.getmembers(thing, inspect.ismethod)


def test_what_a_user_calls_takes_at_most_two_arguments_by_position() -> None:
    many = {name for name, call in front_door() if by_position(call) > 2}
    assert many == set(MANY_POSITIONS)


def by_position(call: Any) -> int:
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    parameters = inspect.signature(call).parameters.values()
    return sum(one.kind in kinds and one.name not in ("self", "cls") for one in parameters)


def test_no_callback_waits_for_the_device() -> None:
    waits = [
        f"{file}:{call.lineno}"
        for file, tree in trees(PACKAGE)
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef) and "Callback" in map(ast.unparse, [node, *node.bases])
        for call in ast.walk(node)
        if isinstance(call, ast.Attribute) and call.attr == "item"
    ]
    assert not waits


def test_nothing_is_left_for_later_and_no_path_of_one_machine_is_named() -> None:
    # put together here, so that this file does not match itself
    later = "|".join(("TO" + "DO", "FIX" + "ME", "X" * 3))
    machine = "|".join(f"/{home}/" for home in ("work", "root", r"home/\w+", r"Users/\w+"))
    found = [
        f"{place(file)}: {match[0]}"
        for file in TEXTS
        for match in re.finditer(rf"\b(?:{later})\b|(?<![\w.]){machine}", written(file))
    ]
    assert not found


def written(file: Path) -> str:
    """What people wrote in a file: the bytes of a notebook's pictures may spell anything."""
    return re.sub(r'"image/png": "[^"]*"', "", file.read_text("utf-8"))


def test_tests_wait_for_nothing_and_patch_nothing_of_ours() -> None:
    rule = re.compile(r"\bsleep" + r"\(|mock\.patch" + r"|setattr\(\s*[\"']?tenfold\b")
    found = {place(file): match[0] for file in TESTS if (match := rule.search(file.read_text()))}
    assert not found
