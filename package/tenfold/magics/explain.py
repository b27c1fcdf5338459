"""Help at the cursor: what Shift-Tab shows anywhere on the line of a magic of ours."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from inspect import isawaitable
from textwrap import fill, indent
from typing import Any

from tenfold.magics.call import Magic
from tenfold.magics.complete import LINE
from tenfold.magics.parser import MagicParser

__all__ = ["answer_inspections", "explain", "explained"]

WIDTH = 72


def explain(magics: Mapping[str, Magic], code: str, cursor: int) -> str | None:
    """The help of what is at the cursor: of a magic, or of one option; None elsewhere.

    >>> from tenfold.magics.extension import MAGICS
    >>> print(explain(MAGICS, "r = %fit 3 --clip 1", 13))
    %fit --clip NUMBER
      the largest norm of the gradient; no limit without it
    """
    start, end = code.rfind("\n", 0, cursor) + 1, code.find("\n", cursor)
    line = code[start:] if end < 0 else code[start:end]
    found = LINE.match(line + " ")
    if found is None or found[1] not in magics or cursor - start < found.start(1) - 1:
        return None
    parser = magics[found[1]].parser()
    for word in re.finditer(r"--[\w-]+", line):
        if word.start() <= cursor - start <= word.end() and word[0] in parser.options():
            return _of_option(parser, word[0])
    return parser.format_help()


def explained(magics: Mapping[str, Magic]) -> str:
    """The help of all magics as JSON, for a page whose kernel cannot be asked."""
    pages = {
        name: {
            "summary": one.summary,
            "help": one.parser().format_help(),
            "options": {
                option: _of_option(one.parser(), option) for option in one.parser().options()
            },
        }
        for name, one in magics.items()
    }
    return json.dumps(pages, indent=1, ensure_ascii=False) + "\n"


def answer_inspections(shell: Any, magics: Mapping[str, Magic]) -> Callable[[], None]:
    """Let a shell's kernel explain our magics anywhere on their lines; returns the undoing.

    IPython looks at the one name under the cursor, and so takes `--cycle-len` for `len`.
    """
    kernel = shell.kernel
    before = kernel.do_inspect

    async def do_inspect(code: str, cursor_pos: int, *more: Any, **options: Any) -> Any:
        text = explain(magics, code, cursor_pos)
        if text is None:
            found = before(code, cursor_pos, *more, **options)
            return await found if isawaitable(found) else found
        return {"status": "ok", "found": True, "data": {"text/plain": text}, "metadata": {}}

    def undo() -> None:
        if kernel.do_inspect is do_inspect:
            kernel.do_inspect = before

    kernel.do_inspect = do_inspect
    return undo


def _of_option(parser: MagicParser, name: str) -> str:
    """One option's help, as the magic's help words it."""
    action = parser.options()[name]
    value = str(action.metavar or "|".join(map(str, action.choices or ())))
    usage = " ".join(filter(None, (parser.prog, name, value)))
    return f"{usage}\n{indent(fill(action.help or '', WIDTH), '  ')}"
