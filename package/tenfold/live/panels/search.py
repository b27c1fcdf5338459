"""How a search stands: where it is, the curve of every trial, the best so far; text and HTML."""

from __future__ import annotations

import math
from collections.abc import Sequence

from tenfold.live.panels.epochs import STYLE
from tenfold.live.panels.report import place
from tenfold.text import counted, escape
from tenfold.trials.ranges import words_of
from tenfold.trials.result import Search, Tried

__all__ = ["curves_svg", "curves_words", "search_html", "search_line", "search_text"]

WIDTH, HEIGHT = 480, 150
LEFT, RIGHT, TOP, BOTTOM = 60, 470, 10, 125
# of more trials the last ones are drawn, and the best
MOST_CURVES = 60


def search_line(found: Search, trials: int) -> str:
    """Where a search is, or how it ended, in one line.

    >>> search_line(Search((), {}, running=Tried(0, {"lr": 0.1}, 0.5, curve=(0.7,))), 20)
    'trial 1 of 20 after 1 epoch'
    """
    if found.running is None:
        return found.summary
    epochs = len(found.running.curve)
    after = f" after {counted(epochs, 'epoch')}" if epochs else ""
    words = [f"trial {min(len(found) + 1, trials)} of {trials}{after}"]
    if found.winner is not None:
        words.append(f"best {found.column} {found.score:.4f}")
    pruned = sum(one.state == "pruned" for one in found.trials)
    return ", ".join([*words, *([f"{pruned} pruned"] if pruned else [])])


def search_text(found: Search, trials: int) -> str:
    """The same, with the table of the best trials."""
    return f"{search_line(found, trials)}\n{found!r}" if found.running else repr(found)


def search_html(found: Search, trials: int) -> str:
    """A bar while it goes on, the curves of its trials, and the table of the best."""
    parts = [curves_svg(found), found._repr_html_()]
    if found.running is not None:
        line = escape(search_line(found, trials))
        now = escape(f"now: {words_of(found.running.settings)}")
        parts.insert(0, f"<p>{line}; %stop ends the search, the same line goes on</p><p>{now}</p>")
    return f'<div class="tenfold-search" style="{STYLE}">{"".join(parts)}</div>'


def curves_words(found: Search) -> str:
    """The curves in words."""
    drawn = [one for one in (*found.trials, found.running) if one is not None and one.curve]
    words = f"{found.column} by epoch, a line for each of {counted(len(drawn), 'trial')}"
    if found.winner is not None:
        words += f"; the best, trial {found.winner.number}, ends at {found.score:.4g}"
    running = found.running
    if running is not None and running.curve:
        words += f"; trial {running.number} runs and is at {running.curve[-1]:.4g}"
    return words


def curves_svg(found: Search) -> str:
    """The scores by epoch: finished trials thin, pruned dashed, the best and the running thick."""
    drawn = [one for one in found.trials[-MOST_CURVES:] if finite(one.curve)]
    for special in (found.winner, found.running):
        if special is not None and finite(special.curve):
            drawn = [*(one for one in drawn if one is not special), special]
    longest = max((len(one.curve) for one in drawn), default=0)
    if longest < 2:
        return ""
    low, high = spread_of(drawn, lower=found.lower)
    lines = [line(one, found, longest=longest, low=low, high=high) for one in drawn]
    return (
        f'<svg role="img" aria-label="{escape(curves_words(found))}" '
        f'viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" '
        'style="max-width:100%" fill="currentColor" font-size="11" '
        'xmlns="http://www.w3.org/2000/svg">'
        f'<path d="M{LEFT} {TOP}V{BOTTOM}H{RIGHT}" fill="none" stroke="currentColor" '
        'stroke-opacity="0.4"/>'
        + "".join(lines)
        + label(LEFT - 5, TOP + 8, f"{high:.3g}", "end")
        + label(LEFT - 5, BOTTOM, f"{low:.3g}", "end")
        + label(LEFT, BOTTOM + 17, "epoch 1", "start")
        + label(RIGHT, BOTTOM + 17, f"epoch {longest}", "end")
        + "</svg>"
    )


def line(one: Tried, found: Search, *, longest: int, low: float, high: float) -> str:
    """The curve of one trial; a single epoch is a dot."""
    corners = [
        f"{place(epoch, 0, longest - 1, LEFT, RIGHT):.1f},"
        f"{place(min(score, high), low, high, BOTTOM, TOP):.1f}"
        for epoch, score in enumerate(one.curve)
        if math.isfinite(score)
    ]
    if one is found.running:
        look = 'stroke-width="2" stroke="var(--jp-warn-color1,#E69F00)"'
    elif one is found.winner:
        look = 'stroke-width="2" stroke="var(--jp-brand-color1,#0072B2)"'
    else:
        dashes = ' stroke-dasharray="3 3"' if one.state == "pruned" else ""
        look = f'stroke-width="1" stroke="currentColor" stroke-opacity="0.35"{dashes}'
    if len(corners) == 1:
        x, _, y = corners[0].partition(",")
        return f'<circle cx="{x}" cy="{y}" r="2.5" fill="none" {look}/>'
    return f'<polyline points="{" ".join(corners)}" fill="none" {look}/>'


def spread_of(drawn: Sequence[Tried], *, lower: bool) -> tuple[float, float]:
    """The lowest and the highest score shown: where a trial explodes, the rest stays readable."""
    scores = sorted(score for one in drawn for score in one.curve if math.isfinite(score))
    low, high = scores[0], scores[-1]
    middle = scores[len(scores) // 2]
    if lower and middle > low:
        high = min(high, low + 4 * (middle - low))
    return (low, high) if high > low else (low - 0.5, high + 0.5)


def finite(curve: Sequence[float]) -> bool:
    """Whether there is something to draw."""
    return any(map(math.isfinite, curve))


def label(x: float, y: float, words: str, anchor: str) -> str:
    """A word at an axis."""
    return f'<text x="{x}" y="{y}" text-anchor="{anchor}">{escape(words)}</text>'
