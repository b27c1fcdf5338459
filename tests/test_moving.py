from __future__ import annotations

import base64
import io
import re

import numpy as np
from PIL import Image

from tenfold.figures import new_figure
from tenfold.interpret.widths import compare_widths
from tenfold.moving import Moving, frames


def make_moving() -> Moving:
    figure, axes = new_figure(width=3, height=2)
    axes.set(xlim=(-1, 5), ylim=(-1, 5))  # what moves is drawn last, so over no spine
    line = axes.plot([], [])[0]
    shown = frames(
        figure, [line], steps=[1, 2, 4], put=lambda step: line.set_data([0, step], [0, step])
    )
    return Moving(figure, shown, words='a line "grows"', seconds=3.0)


def test_each_frame_is_drawn_as_the_figure_would_be() -> None:
    moving = make_moving()
    figure = moving.figure
    figure.set(dpi=150, facecolor="white")
    whole = io.BytesIO()
    figure.savefig(whole, format="png", dpi=150, facecolor="white")
    drawn = np.asarray(Image.open(whole).convert("RGB")).astype(int)
    last = np.asarray(moving.frames[-1]).astype(int)
    assert last.shape == drawn.shape == (300, 450, 3)
    assert np.abs(last - drawn).max() <= 8
    assert all(
        (np.asarray(a) != np.asarray(b)).any() for a, b in zip(moving.frames, moving.frames[1:])
    )


def test_the_figure_is_left_transparent_and_whole() -> None:
    figure = make_moving().figure
    assert figure.get_facecolor()[3] == 0 and figure.dpi == 100
    assert not any(line.get_animated() for line in figure.axes[0].lines)


def test_the_gif_plays_once_in_its_time_and_stays() -> None:
    gif = Image.open(io.BytesIO(make_moving().gif()))
    assert gif.n_frames == 3 and "loop" not in gif.info
    times = []
    for at in range(3):
        gif.seek(at)
        times.append(gif.info["duration"])
    assert sum(times) == 3000


def test_a_page_that_wants_no_motion_gets_the_figure_alone() -> None:
    data, _ = make_moving()._repr_mimebundle_()
    html = data["text/html"]
    assert data["text/plain"] == 'a line "grows"' and 'alt="a line &quot;grows&quot;"' in html
    calm = re.search(
        r'<source media="\(prefers-reduced-motion: reduce\)" '
        r'srcset="data:image/png;base64,([^"]*)">',
        html,
    )
    assert calm is not None
    still = Image.open(io.BytesIO(base64.b64decode(calm[1])))
    assert still.size == (600, 400) and not getattr(still, "is_animated", False)
    assert still.convert("RGBA").getpixel((0, 0))[3] == 0
    assert 'src="data:image/gif;base64,' in html and "<script" not in html


def test_the_ground_of_every_frame_is_white() -> None:
    moving = compare_widths("corner", [1, 2, 3]).moving()
    gif = Image.open(io.BytesIO(moving.gif()))
    for at in range(gif.n_frames):
        gif.seek(at)
        assert gif.convert("RGB").getpixel((0, 0)) == (255, 255, 255)
