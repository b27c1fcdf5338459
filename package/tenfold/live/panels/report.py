"""What a panel leaves in a saved notebook: the last run and what was looked at, still."""

from __future__ import annotations

import base64
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tenfold.figures import COLOURS, GREY
from tenfold.live.panels.epochs import STYLE, Progress, epochs_html, epochs_text
from tenfold.live.panels.looked import batch_tables, prose, strip_html, tables
from tenfold.tables import html_table, text_table
from tenfold.text import counted, escape, listed

__all__ = ["Report", "as_image", "curve_svg", "report_html", "report_text"]

Points = Sequence[tuple[float, float]]

WIDTH, HEIGHT = 480, 150
LEFT, RIGHT, TOP, BOTTOM = 60, 470, 10, 125
MOST_POINTS = 240
MOST_MARKS = 12


@dataclass(frozen=True)
class Report:
    """What a panel shows of the learner called `name`, in plain values.

    `run` is its last run as a message has it, with every row and mark; `points` are the losses
    of that run: (step, loss), or (rate, loss) of a rate finder. `results` is the panel's trait,
    `batch` what its Data tab shows, `strip` the PNG of a picture before and after.
    """

    name: str
    run: Mapping[str, Any] | None = None
    points: Points = ()
    results: Mapping[str, Any] = field(default_factory=dict)
    batch: Mapping[str, Any] | None = None
    strip: bytes = b""


def report_text(report: Report) -> str:
    """The report as text of fixed width."""
    parts = [headline(report)]
    run = report.run
    if run is not None:
        progress = progress_of(run)
        parts += [curve_words(report), epochs_text(progress), *sentences(run)]
        if run["repeat"]:
            parts.append(f"the same again:\n{run['repeat']}")
    for caption, rows in [*batch_tables(report.batch), *tables(report.results)]:
        table = f"\n{text_table(rows, words=prose(rows))}" if rows else ""
        parts.append(f"\n{caption}{table}")
    return "\n".join(part for part in parts if part)


def report_html(report: Report) -> str:
    """The report as HTML, which a living panel hides."""
    parts = [f"<p>{escape(headline(report))}</p>"]
    run = report.run
    if run is not None:
        words = curve_words(report)
        svg = curve_svg(report.points, rates=run["kind"] == "lr_find", words=words)
        parts += [as_image(svg, words=words)] if svg else []
        parts += [epochs_html(progress_of(run))]
        parts += [f"<p>{escape(sentence)}</p>" for sentence in sentences(run)]
        if run["repeat"]:
            parts.append(f"<p>the same again:</p><pre>{escape(run['repeat'])}</pre>")
    for caption, rows in [*batch_tables(report.batch), *tables(report.results)]:
        table = html_table(rows, caption=caption, words=prose(rows)) if rows else ""
        parts.append(table or f"<p>{escape(caption)}</p>")
    parts.append(strip_html(report.results.get("before_after"), report.strip))
    return f'<div class="tenfold-still" style="{STYLE}">{"".join(parts)}</div>'


# ---- the run ---------------------------------------------------------------------------------


def headline(report: Report) -> str:
    """What this is about.

    >>> headline(Report("learn"))
    'Tenfold panel of learn: nothing has been trained yet'
    """
    if report.run is None:
        return f"Tenfold panel of {report.name}: nothing has been trained yet"
    line = "; ".join(str(report.run["line"]).splitlines())
    return f"Tenfold panel of {report.name}" + (f": {line}" if line else "")


def progress_of(run: Mapping[str, Any]) -> Progress:
    """A run as the table of epochs takes it; which epoch was best is said apart."""
    fits = run["kind"] == "fit"
    return Progress(
        columns=run["columns"] if fits else (),
        rows=run["rows"] if fits else (),
        state=run["state"],
        phase=run["phase"],
        epoch=run["epoch"],
        epochs=run["epochs"],
        step=run["step"],
        steps=run["steps"],
        loss=run["loss"],
        seconds=run["seconds"],
        seconds_left=run["seconds_left"],
        message=run["error"] or run["message"],
        weights="the weights are those of the last batch" if fits else "",
        best="",
    )


def sentences(run: Mapping[str, Any]) -> list[str]:
    """What the table does not say: the best epoch, what was done on the way, the suggestions."""
    said = []
    if run["best"] is not None and len(run["rows"]) > 1:
        said.append(f"best epoch: {run['best']}")
    if run["marks"]:
        marks = (f"{words} (step {step:,})" for step, words in run["marks"])
        said.append(f"on the way: {listed(marks, most=MOST_MARKS)}")
    if run["suggestions"]:
        rates = (f"{name} {rate:.2e}" for name, rate in run["suggestions"].items())
        said.append(f"suggested rates: {listed(rates)}")
    return said


# ---- the curve -------------------------------------------------------------------------------


def curve_words(report: Report) -> str:
    """The curve in words; nothing without one."""
    points = finite(report.points)
    if report.run is None or len(points) < 2:
        return ""
    losses = [loss for _, loss in points]
    ends = f"from {losses[0]:.4g} to {losses[-1]:.4g}, lowest {min(losses):.4g}"
    if report.run["kind"] == "lr_find":
        return f"loss at rates from {points[0][0]:.1e} to {points[-1][0]:.1e}: {ends}"
    return f"training loss over {counted(round(points[-1][0]), 'step')}: {ends}"


def as_image(svg: str, *, words: str) -> str:
    """The drawing as a picture: of a notebook that it does not trust, JupyterLab keeps pictures
    and takes drawings apart.
    """
    data = base64.b64encode(svg.encode()).decode()
    return (
        f'<img alt="{escape(words)}" width="{WIDTH}" height="{HEIGHT}" style="max-width:100%" '
        f'src="data:image/svg+xml;base64,{data}"/>'
    )


def curve_svg(points: Points, *, words: str, rates: bool = False) -> str:
    """A small picture of losses over steps, or over `rates` on a logarithmic axis.

    >>> curve_svg([(1, 2.0), (2, 1.0)], words="a curve").count("polyline")
    1
    """
    points = finite(points)
    if len(points) < 2:
        return ""
    ends = (points[0][0], points[-1][0])
    low, high = loss_range([loss for _, loss in points], rates=rates)
    across = [math.log(x) for x, _ in points] if rates else [x for x, _ in points]
    corners = " ".join(
        f"{place(x, across[0], across[-1], LEFT, RIGHT):.1f},"
        f"{place(min(loss, high), low, high, BOTTOM, TOP):.1f}"
        for x, (_, loss) in thinned(list(zip(across, points)))
    )
    names = [f"{end:.0e}" for end in ends] if rates else [f"step {end:,.0f}" for end in ends]
    return (
        f'<svg role="img" aria-label="{escape(words)}" viewBox="0 0 {WIDTH} {HEIGHT}" '
        f'width="{WIDTH}" height="{HEIGHT}" style="max-width:100%" fill="{GREY}" '
        'font-size="11" font-family="sans-serif" xmlns="http://www.w3.org/2000/svg">'
        f'<path d="M{LEFT} {TOP}V{BOTTOM}H{RIGHT}" fill="none" stroke="{GREY}" '
        'stroke-opacity="0.6"/>'
        f'<polyline points="{corners}" fill="none" stroke-width="1.5" '
        f'stroke="{COLOURS[0]}"/>'
        + label(LEFT - 5, TOP + 8, f"{high:.3g}", "end")
        + label(LEFT - 5, BOTTOM, f"{low:.3g}", "end")
        + label(LEFT, BOTTOM + 17, names[0], "start")
        + label(RIGHT, BOTTOM + 17, names[1], "end")
        + "</svg>"
    )


def label(x: float, y: float, words: str, anchor: str) -> str:
    """A word at an axis."""
    return f'<text x="{x}" y="{y}" text-anchor="{anchor}">{escape(words)}</text>'


def finite(points: Points) -> Points:
    """The points that can be drawn."""
    return [(x, loss) for x, loss in points if math.isfinite(x) and math.isfinite(loss)]


def loss_range(losses: Sequence[float], *, rates: bool) -> tuple[float, float]:
    """The lowest and the highest loss shown: where the loss explodes, the rest stays readable.

    >>> loss_range([2.0, 1.0, 900.0], rates=True), loss_range([1.0, 1.0], rates=False)
    ((1.0, 3.0), (0.5, 1.5))
    """
    low, high = min(losses), max(losses)
    if rates:
        high = min(high, low + 2 * (losses[0] - low)) if losses[0] > low else high
    return (low, high) if high > low else (low - 0.5, high + 0.5)


def place(value: float, low: float, high: float, begin: float, end: float) -> float:
    """Where a value lies between `begin` and `end`.

    >>> place(5, 0, 10, 100, 200)
    150.0
    """
    share = (value - low) / (high - low) if high != low else 0.5
    return begin + share * (end - begin)


def thinned(points: list[Any]) -> list[Any]:
    """At most about `MOST_POINTS` of the points, the first and the last among them."""
    stride = -(-len(points) // MOST_POINTS)
    return [*points[:-1:stride], points[-1]]
