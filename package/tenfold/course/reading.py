"""From the instructor's source notebook, Markdown or .ipynb, to a lesson.

Every mistake of a source is found and named at once, with what is allowed and the next step.
"""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from tenfold.course.lesson import Cell, Exercise, Lesson, WrongAnswer
from tenfold.errors import FileError, MissingPackageError
from tenfold.text import did_you_mean, listed

__all__ = ["find_sources", "read_lesson", "read_lessons"]

ENDINGS = (".md", ".ipynb")
PARTS = ("exercise", "solution", "check", "wrong", "hint")
PART = re.compile(r"([a-z]+)-(\d+)\.(\d+)")
OTHER_TAGS = (
    "for-exercises",
    "nbval-check-output",
    "nbval-ignore-output",
    "nbval-skip",
    "raises-exception",
)
FEWEST_WRONGS = 3
SAYS = re.compile(r"#\s*says:\s*(.+)")
HEADER = 'tenfold: {number: 3, title: "A title", minutes: 30, able: "do a thing"}'
FIELDS: dict[str, type] = {"number": int, "title": str, "minutes": int, "able": str}

Parts = Mapping[str, list[Cell]]


def find_sources(folder: Path, names: Iterable[str] = ()) -> list[Path]:
    """The lessons' files in a folder, in order; `names` chooses by the beginning of the name.

    Raises FileError for a folder without lessons and for a name that none of them begins with.
    """
    found = sorted(
        file
        for file in Path(folder).glob("*_*")
        if file.suffix in ENDINGS and file.name.split("_")[0].isdecimal()
    )
    if not found:
        raise FileError(
            f"There are no lessons in {folder}: a lesson is a file like 03_a_title.md. Name the "
            "folder that holds them."
        )
    wanted = [Path(name).name.removesuffix(".md").removesuffix(".ipynb") for name in names]
    for name in wanted:
        if not any(file.stem.startswith(name) for file in found):
            stems = [file.stem for file in found]
            raise FileError(
                f"There is no lesson {name!r} in {folder}; there is {listed(stems, most=20)}"
                f"{did_you_mean(name, stems)}"
            )
    return [file for file in found if not wanted or file.stem.startswith(tuple(wanted))]


def read_lessons(folder: Path, names: Iterable[str] = ()) -> list[Lesson]:
    """The lessons of a folder, in order; all, or those whose file names begin with `names`."""
    return [read_lesson(file) for file in find_sources(folder, names)]


def read_lesson(file: Path) -> Lesson:
    """Read one source; raises FileError that lists everything that is wrong with it."""
    header, cells = _cells(file)
    mistakes = _header_mistakes(header, file) + _tag_mistakes(cells, header.get("number"))
    parts: dict[str, dict[str, list[Cell]]] = defaultdict(lambda: defaultdict(list))
    titles: dict[str, str] = {}
    for above, cell in zip([Cell("raw", ""), *cells], cells):
        for kind, number in _parts_of(cell):
            parts[number][kind].append(cell)
            if kind == "exercise":
                titles[number] = _title(above, number)
    own = [number for number in parts if number.split(".")[0] == str(header.get("number"))]
    for number in own:
        mistakes += _part_mistakes(number, parts[number], title=titles.get(number, ""))
    mistakes += _order_mistakes(own)
    if mistakes:
        raise FileError(f"{file.name} cannot be built:\n- " + "\n- ".join(mistakes))
    return Lesson(
        slug=file.stem,
        number=header["number"],
        title=header["title"],
        minutes=header["minutes"],
        able=header["able"],
        cells=tuple(cell for cell in cells if _is_the_students(cell)),
        exercises=tuple(_exercise(number, titles[number], one) for number, one in parts.items()),
    )


def _cells(file: Path) -> tuple[dict[str, Any], list[Cell]]:
    """The header and the cells of a file."""
    try:
        import jupytext
        from jupytext.config import JupytextConfiguration
    except ImportError as error:
        raise MissingPackageError(
            'Lessons are read by jupytext. Install it: pip install "tenfold[course]"'
        ) from error
    # otherwise the header would be a raw cell
    config = JupytextConfiguration(root_level_metadata_as_raw_cell=False)
    try:
        notebook = jupytext.reads(
            file.read_text("utf-8"), fmt=file.suffix.removeprefix("."), config=config
        )
    except Exception as error:  # YAML and JSON parsers raise their own
        raise FileError(f"{file.name} is not a notebook that can be read: {error}") from error
    metadata = {**notebook.metadata, **notebook.metadata.get("jupytext", {}).get(ROOT, {})}
    header = metadata.get("tenfold")
    return dict(header) if isinstance(header, Mapping) else {}, [
        Cell(cell.cell_type, cell.source, tuple(cell.metadata.get("tags", ())))
        for cell in notebook.cells
    ]


ROOT = "root_level_metadata"


def _header_mistakes(header: Mapping[str, Any], file: Path) -> list[str]:
    if not header:
        return [f"there is no header; begin the file with a line between two ---: {HEADER}"]
    mistakes = [
        f"the header has {name}: {header.get(name)!r}; it needs "
        f"{'a whole number' if kind is int else 'words'}, as in {HEADER}"
        for name, kind in FIELDS.items()
        if not isinstance(header.get(name), kind) or not header[name]
    ]
    mistakes += [
        f"the header has {name!r}; allowed is {listed(FIELDS)}{did_you_mean(name, FIELDS)}"
        for name in header
        if name not in FIELDS
    ]
    number = header.get("number")
    if isinstance(number, int) and int(file.name.split("_")[0]) != number:
        mistakes.append(
            f"the header has number: {number} and the file's name begins with "
            f"{file.name.split('_')[0]}; make them the same"
        )
    return mistakes


def _parts_of(cell: Cell) -> list[tuple[str, str]]:
    """What a cell is in which exercise: ("hint", "3.1")."""
    found = [PART.fullmatch(tag) for tag in cell.tags]
    return [(one[1], f"{one[2]}.{one[3]}") for one in found if one and one[1] in PARTS]


def _is_the_students(cell: Cell) -> bool:
    return all(kind == "exercise" for kind, _ in _parts_of(cell))


def _tag_mistakes(cells: list[Cell], number: object) -> list[str]:
    mistakes = []
    for tag in (tag for cell in cells for tag in cell.tags if tag not in OTHER_TAGS):
        found = PART.fullmatch(tag)
        if found is None or found[1] not in PARTS:
            allowed = [*(f"{part}-{number}.1" for part in PARTS), *OTHER_TAGS]
            mistakes.append(
                f"the tag {tag!r} is unknown; allowed is {listed(allowed, most=20)}"
                f"{did_you_mean(tag, allowed)}"
            )
        elif found[2] != str(number):
            mistakes.append(
                f"the tag {tag!r} names lesson {found[2]}; this is lesson {number}, so write "
                f"{found[1]}-{number}.{found[3]}"
            )
    return mistakes


def _part_mistakes(number: str, parts: Parts, *, title: str) -> list[str]:
    """What one exercise lacks."""
    count = {kind: len(parts.get(kind, ())) for kind in PARTS}
    wrong_kind = [
        f"the {kind} of exercise {number} is a {cell.kind} cell; make it "
        f"{'Markdown' if kind == 'hint' else 'code'}"
        for kind, cells in parts.items()
        for cell in cells
        if (cell.kind == "markdown") != (kind == "hint")
    ]
    mistakes = [
        f"exercise {number} has {count[kind]} cells tagged {kind}-{number}; give it {wanted}"
        for kind, wanted, good in (
            ("exercise", "one, which the student starts from", count["exercise"] == 1),
            ("check", "one, with def check(…):", count["check"] == 1),
            ("solution", "one, and a second that is right but written differently", True),
            ("wrong", f"{FEWEST_WRONGS} typical wrong answers or more", True),
            ("hint", "one or more, in steps", count["hint"] > 0),
        )
        if not good or count[kind] < {"wrong": FEWEST_WRONGS, "solution": 2}.get(kind, 1)
    ]
    if mistakes or wrong_kind:
        return wrong_kind + mistakes
    if not title:
        mistakes.append(
            f"right above the cell exercise-{number} there is no Markdown cell with the line "
            f"'### Exercise {number}: a title'; write one, which asks for what is wanted"
        )
    return mistakes + _code_mistakes(number, parts)


def _code_mistakes(number: str, parts: Parts) -> list[str]:
    """What is wrong inside the cells of one exercise that has them all."""
    starter, check = parts["exercise"][0].source, parts["check"][0].source
    mistakes = [
        f"a wrong answer of exercise {number} begins with {cell.source.splitlines()[:1]}; begin "
        "it with '# says: part of the reason that the check gives'"
        for cell in parts["wrong"]
        if not SAYS.match(cell.source)
    ]
    for kind, code in (("exercise", starter), ("check", check)):
        try:
            ast.parse(code)
        except SyntaxError as error:
            return [*mistakes, f"the cell {kind}-{number} is not Python: {error}; write no magics"]
    names = Exercise(number, "", starter, check, ()).names
    wanted = parameters(check)
    if not names:
        mistakes.append(f"the cell exercise-{number} defines no name; write one, as in rate = ...")
    if wanted is None or not wanted:
        mistakes.append(f"the cell check-{number} has no def check(name):; write one")
    mistakes += [
        f"check-{number} asks for {name!r}; exercise-{number} defines {listed(names)}; use a name "
        f"that the student defines{did_you_mean(name, names)}"
        for name in wanted or ()
        if name not in names
    ]
    return mistakes


def parameters(check: str) -> list[str] | None:
    """The names that a check asks for; None where there is no `def check`."""
    for node in ast.parse(check).body:
        if isinstance(node, ast.FunctionDef) and node.name == "check":
            return [one.arg for one in (*node.args.args, *node.args.kwonlyargs)]
    return None


def _order_mistakes(numbers: list[str]) -> list[str]:
    places = sorted(int(number.split(".")[1]) for number in numbers)
    if places == list(range(1, len(places) + 1)):
        return []
    return [f"the exercises are {listed(numbers)}; number them from 1 without a gap"]


def _title(above: Cell, number: str) -> str:
    found = re.search(rf"^### Exercise {re.escape(number)}: *(\S.*)", above.source, re.MULTILINE)
    return found[1].strip() if found and above.kind == "markdown" else ""


def _exercise(number: str, title: str, parts: Parts) -> Exercise:
    return Exercise(
        number,
        title,
        starter=parts["exercise"][0].source,
        check=parts["check"][0].source,
        solutions=tuple(cell.source for cell in parts["solution"]),
        hints=tuple(cell.source for cell in parts["hint"]),
        wrongs=tuple(_wrong(cell.source) for cell in parts["wrong"]),
    )


def _wrong(code: str) -> WrongAnswer:
    says = SAYS.match(code)
    return WrongAnswer(says[1].strip() if says else "", code)
