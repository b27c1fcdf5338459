"""The world of the course's tests: a lesson that can be spoilt in any place, and exercises."""

from __future__ import annotations

from pathlib import Path

from tenfold.course.lesson import Exercise, Lesson
from tenfold.course.reading import read_lesson

HEADER = '---\ntenfold: {number: 3, title: "Halves", minutes: 20, able: "halve"}\n---\n'
CHECK = """import torch

def check(half):
    x = torch.randn(5)
    if not torch.allclose(torch.as_tensor(half(x)), x / 2):
        raise Wrong(f"half({x[0]:.2f}) is {half(x)[0]:.2f}, not {x[0] / 2:.2f}")
    return "Half of anything is right."
"""
PARTS = {
    "ask": "### Exercise 3.1: Half\n\nWrite a function that halves.",
    "exercise": "def half(x): ...",
    "check": CHECK,
    "solution": "def half(x):\n    return x / 2",
    "solution ": "half = lambda x: 0.5 * x",
    "wrong": "# says: , not\ndef half(x):\n    return x / 3",
    "wrong ": "# says: , not\ndef half(x):\n    print('right')\n    return x",
    "wrong  ": "# says: , not\ndef half(x):\n    return 2 * x",
    "hint": "Divide.",
    "hint ": "By two.",
}
ABOVE = """
# 03 · Halves

Halves are everywhere.

```python
%load_ext tenfold
import torch
```

```python tags=["nbval-check-output"]
print(torch.ones(2).sum())
```
"""


def source(*, header: str = HEADER, above: str = ABOVE, **parts: str) -> str:
    """The Markdown of a lesson; a part given as "" is left out, others take a part's place."""
    text = header + above
    for key, code in {**PARTS, **parts}.items():
        kind = key.strip()
        if not code:
            continue
        if kind == "ask":
            text += f"\n{code}\n"
        elif kind == "hint":
            text += f'\n<!-- #region tags=["hint-3.1"] -->\n{code}\n<!-- #endregion -->\n'
        else:
            text += f'\n```python tags=["{kind}-3.1"]\n{code}\n```\n'
    return text


def write_source(folder: Path, text: str = "", *, name: str = "03_halves.md") -> Path:
    """A lesson's file."""
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text or source(), "utf-8")
    return file


def make_lesson(folder: Path, text: str = "") -> Lesson:
    """The lesson that such a file holds."""
    return read_lesson(write_source(folder, text))


def make_exercise(check: str = CHECK, starter: str = "def half(x): ...") -> Exercise:
    """An exercise with this check."""
    return Exercise(
        "3.1", "Half", starter, check, ("def half(x):\n    return x / 2",), ("Divide.",)
    )
