"""`tenfold course build|check|status`: what an instructor needs."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

__all__ = ["add_course"]

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[Any]


def add_course(commands: Commands) -> None:
    """Teach the parser `tenfold course` and its three commands."""
    course = commands.add_parser("course", help="build the notebooks, check them, see who is where")
    three = course.add_subparsers(metavar="COMMAND", required=True)
    _add_build(three)
    _add_check(three)
    status = three.add_parser("status", help="how many exercises are right, of each student")
    status.add_argument(
        "folder",
        nargs="?",
        default=Path(),
        type=Path,
        metavar="DIR",
        help="a student's folder, or one that holds the students' folders (default: this one)",
    )
    status.set_defaults(call=_status)


def _add_build(three: Commands) -> None:
    build = three.add_parser("build", help="make the student's notebooks from the lessons")
    _add_lessons(build)
    build.add_argument(
        "target",
        nargs="?",
        default=Path("notebooks"),
        type=Path,
        metavar="NOTEBOOKS",
        help="folder of the notebooks and exercises.json (default: notebooks)",
    )
    _add_names(build)
    build.add_argument("--execute", action="store_true", help="run them, and keep the outputs")
    build.set_defaults(call=_build)


def _add_check(three: Commands) -> None:
    check = three.add_parser(
        "check", help="give every exercise its solution, nothing, and its wrong answers"
    )
    _add_lessons(check)
    _add_names(check)
    check.set_defaults(call=_check)


def _add_lessons(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "source",
        nargs="?",
        default=Path("lessons"),
        type=Path,
        metavar="LESSONS",
        help="folder of the lessons (default: lessons)",
    )


def _add_names(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "names",
        nargs="*",
        metavar="NAME",
        help="only these: the beginning of their file names, as 03",
    )


def _build(options: argparse.Namespace) -> int:
    from tenfold.course.build import build_course

    build_course(options.source, options.target, names=options.names, execute=options.execute)
    return 0


def _check(options: argparse.Namespace) -> int:
    from tenfold.course.proving import check_course

    check_course(options.source, names=options.names)
    return 0


def _status(options: argparse.Namespace) -> int:
    from tenfold.course.status import course_status, status_table

    print(status_table(course_status(options.folder)))
    return 0
