from __future__ import annotations

import subprocess
import sys

from matplotlib.colors import to_rgba

from tenfold.figures import COLOURS, GREY, new_figure


def test_a_figure_has_the_size_asked_for_and_no_ground() -> None:
    figure, axes = new_figure(width=5, height=2)
    assert figure.get_size_inches().tolist() == [5, 2]
    assert figure.get_facecolor()[3] == axes.get_facecolor()[3] == 0


def test_lines_take_the_colours_in_order_and_words_are_grey() -> None:
    _, axes = new_figure()
    drawn = [axes.plot([0, 1])[0].get_color() for _ in COLOURS]
    assert drawn == list(COLOURS)
    assert to_rgba(axes.xaxis.label.get_color()) == to_rgba(GREY)


def test_only_two_spines_are_drawn() -> None:
    _, axes = new_figure()
    assert [name for name, spine in axes.spines.items() if spine.get_visible()] == [
        "left",
        "bottom",
    ]


def test_a_figure_leaves_pyplot_alone() -> None:
    code = "from tenfold.figures import new_figure; import sys; new_figure(); "
    code += "assert 'matplotlib.pyplot' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
