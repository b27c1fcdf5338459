"""Pictures of the lessons: each a function from numbers to a figure with words.

An idea is built in the notebook itself; here is only the drawing that would be too long there.
A function makes its figure with `new_figure`, in the one quiet style, and returns
`Picture(figure, words=…)`: the words stand for the picture where it does not show, and say what
there is to see in it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import fmean
from typing import Any

import torch

from tenfold.course.rate_pictures import layer_groups, rate_curves, sweep
from tenfold.figures import COLOURS, GREY, Picture, new_figure, quiet
from tenfold.text import counted, listed
from tenfold.train.state import kept_modes

__all__ = [
    "COLOURS",
    "GREY",
    "Picture",
    "answers",
    "curves",
    "landscape",
    "layer_groups",
    "new_figure",
    "next_words",
    "rate_curves",
    "sheet",
    "strip",
    "sweep",
    "traces",
]


def strip(rows: Mapping[str, Sequence[float]], *, label: str, mean: bool = True) -> Picture:
    """A row of dots for each name: runs from several seeds, predictions of several looks.

    The numbers of a row are drawn as dots, one above the other where they would cover each other,
    and with `mean` the mean of several as a bar. `label` names what is measured, with its unit.

    >>> strip({"plain": [0.5, 0.6], "with more": [0.7, 0.8]}, label="accuracy")
    accuracy, a dot for each: plain 0.5 to 0.6, mean 0.55; with more 0.7 to 0.8, mean 0.75
    """
    figure, axes = new_figure(width=6, height=0.9 + 0.45 * len(rows))
    for place, values in enumerate(rows.values()):
        numbers = list(map(float, values))
        height = min(0.3, 0.01 * len(numbers))
        spread = [height * ((7 * one) % 11 / 5 - 1) for one in range(len(numbers))]
        colour = COLOURS[place % len(COLOURS)]
        size, alpha = (16, 0.6) if len(numbers) > 20 else (36, 0.9)
        heights = [place + one for one in spread]
        axes.scatter(numbers, heights, s=size, alpha=alpha, color=colour)
        if mean and len(numbers) > 1:
            axes.plot([fmean(numbers)] * 2, [place - 0.36, place + 0.36], color=colour, lw=2.5)
    axes.set_yticks(range(len(rows)), list(rows), color=GREY)
    axes.set(xlabel=label, ylim=(len(rows) - 0.4, -0.6))
    told = (f"{name} {_range(values, mean=mean)}" for name, values in rows.items())
    return Picture(figure, words=f"{label}, a dot for each: {'; '.join(told)}")


def _range(values: Sequence[float], *, mean: bool) -> str:
    numbers = list(map(float, values))
    words = f"{min(numbers):.3g} to {max(numbers):.3g}"
    return f"{words}, mean {fmean(numbers):.3g}" if mean else words


def curves(
    x: Sequence[float], lines: Mapping[str, Sequence[float]], *, xlabel: str, ylabel: str
) -> Picture:
    """One line for each name over the same `x`.

    >>> curves([1, 2], {"plain": [0.5, 0.6]}, xlabel="views", ylabel="accuracy")
    accuracy over views 1 to 2: plain from 0.5 to 0.6
    """
    figure, axes = new_figure(width=6, height=3)
    for name, values in lines.items():
        axes.plot(x, values, "o-", markersize=3, linewidth=1.6, label=name)
    axes.set(xlabel=xlabel, ylabel=ylabel)
    if len(lines) > 1:  # above the axes: inside, lines of any shape are in the way
        axes.legend(
            frameon=False, labelcolor=GREY, loc="lower left", bbox_to_anchor=(0, 1), ncols=2
        )
    ends = (f"{name} from {values[0]:.3g} to {values[-1]:.3g}" for name, values in lines.items())
    return Picture(figure, words=f"{ylabel} over {xlabel} {x[0]:g} to {x[-1]:g}: {'; '.join(ends)}")


def sheet(pictures: Sequence[Any], titles: Sequence[str]) -> Picture:
    """Pictures (3, h, w), uint8 or from 0 to 1, side by side with a title each.

    All are drawn at one size, pixel for pixel, so that a small one looks as coarse as it is.

    >>> import torch
    >>> sheet([torch.rand(3, 8, 8), torch.rand(3, 4, 4)], ["8 pixels", "4 pixels"])
    2 pictures: 8 pixels and 4 pixels
    """
    across = min(len(pictures), 5)
    down = -(-len(pictures) // across)
    figure, first = new_figure(width=1.25 * across, height=1.45 * down)
    first.remove()
    for place, (picture, title) in enumerate(zip(pictures, titles, strict=True), 1):
        axes = figure.add_subplot(down, across, place)
        axes.imshow(picture.permute(1, 2, 0).numpy(), interpolation="nearest")
        axes.set_title(title, color=GREY, fontsize=9)
        axes.axis("off")
    return Picture(figure, words=f"{counted(len(pictures), 'picture')}: {listed(titles)}")


def answers(picture: Any, rows: Mapping[str, Any], *, most: int = 4) -> Picture:
    """A picture (3, h, w) and, in a row for each name, maps (n, h, w) of what layers say to it.

    Each map is drawn from its own darkest to its own brightest value; the first `most` of a row.

    >>> import torch
    >>> answers(torch.rand(3, 8, 8), {"early": torch.rand(2, 4, 4), "late": torch.rand(2, 1, 1)})
    a picture of 8 x 8 pixels and the answers of early (2 maps of 4 x 4), late (2 maps of 1 x 1)
    """
    across = 1 + min(most, max(len(maps) for maps in rows.values()))
    figure, first = new_figure(width=1.3 * across, height=1.4 * len(rows))
    first.remove()
    for down, (name, maps) in enumerate(rows.items()):
        shown = [picture.permute(1, 2, 0), *maps[:most]] if down == 0 else [None, *maps[:most]]
        for place, one in enumerate(shown, 1):
            axes = figure.add_subplot(len(rows), across, down * across + place)
            axes.axis("off")
            if one is not None:
                axes.imshow(one.detach().numpy(), cmap="gray", interpolation="nearest")
            if place == 2:
                axes.set_title(name, color=GREY, fontsize=9, loc="left")
    sizes = (
        f"{name} ({counted(len(maps[:most]), 'map')} of {maps.shape[1]} x {maps.shape[2]})"
        for name, maps in rows.items()
    )
    side = f"{picture.shape[1]} x {picture.shape[2]}"
    words = f"a picture of {side} pixels and the answers of {', '.join(sizes)}"
    return Picture(figure, words=words)


def traces(
    rows: Mapping[str, Sequence[float]],
    *,
    xlabel: str,
    ylabel: str,
    x: Any = None,
    log: bool = False,
) -> Picture:
    """A thin line for each name: rates or distances step by step, a function over `x`.

    Without `x` each line counts its own steps from 1. `log` makes the upright axis logarithmic.

    >>> traces({"held": [0.1, 0.1], "lowered": [0.1, 0.0]}, xlabel="step", ylabel="rate")
    rate over step: held from 0.1 to 0.1 (2 points); lowered from 0.1 to 0 (2 points)
    """
    figure, axes = new_figure(width=6, height=2.8)
    lines = {name: list(map(float, values)) for name, values in rows.items()}
    for name, values in lines.items():
        places = range(1, len(values) + 1) if x is None else list(map(float, x))
        axes.plot(places, values, linewidth=1.6, label=name)
    axes.set(xlabel=xlabel, ylabel=ylabel)
    if log:
        axes.set_yscale("log")
    # above the axes: nowhere inside is free when the lines are waves
    place: Any = {"loc": "lower left", "bbox_to_anchor": (0, 1), "ncols": 4}
    axes.legend(frameon=False, labelcolor=GREY, fontsize=9, **place)
    told = (
        f"{name} from {values[0] + 0:.3g} to {values[-1] + 0:.3g} ({counted(len(values), 'point')})"
        for name, values in lines.items()
    )
    return Picture(figure, words=f"{ylabel} over {xlabel}: {'; '.join(told)}")


def landscape(loss: Any, rows: Mapping[str, Any], *, span: tuple[float, float]) -> Picture:
    """A loss of one weight over `span`, once for each name, with the walkers of that row on it.

    `loss` maps weights (n,) to losses (n,); each row has the weights of some walkers. The titles
    and the words give the walkers' mean loss.

    >>> import torch
    >>> landscape(torch.square, {"start": torch.tensor([1.0, 3.0])}, span=(-3, 3))
    a loss over one weight from -3 to 3, with walkers on it: start, 2 walkers, mean loss 5
    """
    import torch

    figure, first = new_figure(width=min(8.4, 2.8 * len(rows) + 0.4), height=2.5)
    first.remove()
    line = torch.linspace(*span, 600)
    told = []
    for place, (name, walkers) in enumerate(rows.items(), 1):
        axes = figure.add_subplot(1, len(rows), place)
        quiet(axes)
        axes.plot(line, loss(line), linewidth=1.2, color=GREY)
        axes.scatter(walkers, loss(walkers), s=14, alpha=0.35, color=COLOURS[0], zorder=3)
        mean = f"mean loss {float(loss(walkers).mean()):.3g}"
        axes.set_title(f"{name}\n{mean}", color=GREY, fontsize=9)
        axes.set(xlabel="weight", ylabel="loss" if place == 1 else "")
        told.append(f"{name}, {counted(len(walkers), 'walker')}, {mean}")
    where = f"a loss over one weight from {span[0]:g} to {span[1]:g}, with walkers on it"
    return Picture(figure, words=f"{where}: {'; '.join(told)}")


def next_words(learn: Any, beginning: str, *, most: int = 8) -> Picture:
    """The words that a language model finds likeliest after `beginning`, a bar for each.

    >>> from tenfold import TextData, language_model_learner
    >>> data = TextData.from_texts(["the cat sat", "the dog sat"] * 20, batch_size=4)
    >>> next_words(language_model_learner(data, pretrained=False, quiet=True), "the", most=1)
    the words after "the": ...
    """
    with torch.no_grad(), kept_modes(learn.model):
        learn.model.eval()
        words = torch.as_tensor(learn.data.encoder.rows([beginning])[0])[None]
        outputs = learn.model(words.to(next(learn.model.parameters()).device))
        chances, numbers = outputs[0].float().softmax(0).topk(most)
    likely = [learn.data.vocab[number] for number in numbers.tolist()]
    shares = [100 * chance for chance in chances.tolist()]
    figure, axes = new_figure(width=6, height=0.8 + 0.24 * most)
    axes.barh(range(most), shares, color=COLOURS[0])
    axes.set_yticks(range(most), likely, color=GREY)
    axes.invert_yaxis()
    axes.set(xlabel=f"chance to follow “{beginning}”, %")
    told = (f"{word} {share:.0f} %" for word, share in zip(likely, shares))
    return Picture(figure, words=f'the words after "{beginning}": {", ".join(told)}')
