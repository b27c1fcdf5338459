"""The table of epochs with its progress bar: what a fit shows while it runs, and leaves behind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tenfold.text import cell, counted, duration, escape

__all__ = ["Progress", "epochs_html", "epochs_text", "status_line"]

# variables of JupyterLab with a fallback for every other page: right on light and on dark
STYLE = (
    "color:var(--jp-ui-font-color1,inherit);"
    "font-family:var(--jp-ui-font-family,system-ui,sans-serif);"
    "font-size:var(--jp-ui-font-size1,13px)"
)
CELL = (
    "text-align:right;padding:2px 10px;font-variant-numeric:tabular-nums;"
    "border-bottom:1px solid var(--jp-border-color2,#80808060)"
)

# the page is sent the whole table at every redraw
MOST_ROWS = 50


@dataclass(frozen=True)
class Progress:
    """Where a fit stands, in plain numbers.

    `rows` holds one mapping for each epoch of this fit. `state` is that of the run: ready,
    running, paused, finished, stopped or failed. `phase` says what goes on inside an epoch.
    `weights` says which are in the model after a stop. `best` is the column whose `lowest` or
    highest value makes the best epoch. Without columns there is a bar and no table.
    """

    columns: Sequence[str]
    rows: Sequence[Mapping[str, Any]] = ()
    state: str = "running"
    phase: str = "training"
    epoch: int = 1
    epochs: int = 1
    step: int = 0
    steps: int = 1
    loss: float | None = None
    seconds: float = 0.0
    seconds_left: float | None = None
    message: str = ""
    weights: str = "the weights are those of the last batch"
    best: str = "valid_loss"
    lowest: bool = True

    @property
    def ended(self) -> bool:
        """Whether nothing more will come."""
        return self.state in {"finished", "stopped", "failed"}


def status_line(progress: Progress) -> str:
    """One line: where a fit is, or how it ended.

    >>> status_line(Progress(["epoch"], epoch=2, epochs=3, step=5, steps=9, seconds_left=65))
    'epoch 2 of 3 · training · step 5 of 9 · 1:05 left'
    """
    return _ending(progress) if progress.ended else _standing(progress)


def epochs_text(progress: Progress) -> str:
    """The table and the line below it, as text of fixed width."""
    table = _table(progress)
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    lines = [
        "  ".join(word.rjust(width) for word, width in zip(row, widths, strict=True))
        for row in table
    ]
    parts = [_left_out(progress), *(lines if len(lines) > 1 else []), status_line(progress)]
    return "\n".join(part for part in parts if part)


def epochs_html(progress: Progress) -> str:
    """The same as HTML: a bar while it runs, a still table once it has ended."""
    parts = ["" if progress.ended else _bar(progress), _html_table(progress)]
    if progress.ended:
        parts.append(f'<div style="padding:4px 10px">{escape(status_line(progress))}</div>')
    return f'<div class="tenfold-epochs" style="{STYLE}">{"".join(parts)}</div>'


def _standing(progress: Progress) -> str:
    phase = "paused" if progress.state == "paused" else progress.phase
    words = [
        *([f"epoch {progress.epoch:,} of {progress.epochs:,}"] if progress.columns else []),
        phase,
        f"step {progress.step:,} of {progress.steps:,}",
    ]
    if progress.loss is not None:
        words.append(f"loss {progress.loss:.4f}")
    if progress.seconds_left is not None:
        words.append(f"{duration(progress.seconds_left)} left")
    return " · ".join(words)


def _ending(progress: Progress) -> str:
    where = f"at step {progress.step:,} of {progress.steps:,}"
    took = f"in {duration(progress.seconds)}"
    if progress.state == "failed":
        words = [f"{progress.message or 'ended by an error'} {where}"]
    elif progress.state == "stopped":
        words = [f"{progress.message or 'stopped'} {where} {took}", progress.weights]
    elif progress.columns:
        words = [f"{len(progress.rows):,} epoch{'s' if len(progress.rows) != 1 else ''} {took}"]
    else:
        words = [f"{counted(progress.step, 'step')} {took}"]
    words = [word for word in words if word]
    best = _best(progress)
    if best is not None and len(progress.rows) > 1:
        row = progress.rows[best]
        value = cell(progress.best, row[progress.best])
        words.append(f"best epoch {row.get('epoch')} ({progress.best} {value})")
    return "; ".join(words)


def _best(progress: Progress) -> int | None:
    """The place of the row with the best value; NaN is never the best."""
    scores = {
        place: row[progress.best] if progress.lowest else -row[progress.best]
        for place, row in enumerate(progress.rows)
        if isinstance(row.get(progress.best), int | float)
        and row[progress.best] == row[progress.best]
    }
    return min(scores, key=scores.__getitem__) if scores else None


def _table(progress: Progress) -> list[list[str]]:
    """Header and the last rows as words."""
    rows = progress.rows[-MOST_ROWS:]
    words = [[cell(name, row.get(name)) for name in progress.columns] for row in rows]
    return [list(progress.columns), *words]


def _left_out(progress: Progress) -> str:
    """A sentence about the rows that are not shown."""
    over = len(progress.rows) - MOST_ROWS
    return f"the {over:,} epochs before are in learn.history" if over > 0 else ""


def _bar(progress: Progress) -> str:
    done = f"{progress.step} of {progress.steps} steps"
    return (
        '<div style="display:flex;align-items:center;gap:10px;padding:2px 10px">'
        f'<progress value="{progress.step}" max="{max(progress.steps, 1)}" '
        f'aria-label="training: {done}" '
        'style="width:18em;accent-color:var(--jp-brand-color1,#1976d2)"></progress>'
        f"<span>{escape(status_line(progress))}</span></div>"
    )


def _html_table(progress: Progress) -> str:
    head, *body = _table(progress)
    if not body:
        return ""
    best = _best(progress) if progress.ended and len(body) > 1 else None
    first = len(progress.rows) - len(body)
    names = "".join(f'<th scope="col" style="{CELL}">{escape(name)}</th>' for name in head)
    rows = "".join(_html_row(row, bold=place == best) for place, row in enumerate(body, first))
    note = f'<div style="padding:4px 10px">{_left_out(progress)}</div>' if first else ""
    return note + (
        '<table aria-label="epochs" style="border-collapse:collapse;margin:4px 0;'
        'color:inherit;font-size:inherit">'
        f"<thead><tr>{names}</tr></thead><tbody>{rows}</tbody></table>"
    )


def _html_row(words: list[str], *, bold: bool) -> str:
    style = CELL + (";font-weight:600" if bold else "")
    cells = "".join(f'<td style="{style}">{escape(word)}</td>' for word in words)
    return f"<tr>{cells}</tr>"
