"""Optimizers on one picture, and on a learner: what is drawn, said, and left alone."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import torch
from factories import At, make_learner, make_pairs, same, tensors
from test_precompute import make_vision_learner

import tenfold
from tenfold.errors import SettingError, StateError, StoppedError, TrainingError
from tenfold.interpret.optimizer_runs import OptimizerRun, OptimizerRuns
from tenfold.interpret.optimizers import compare_optimizers
from tenfold.train.state import tensors_of


@pytest.fixture(scope="module")
def found() -> Any:
    return compare_optimizers("saddle", steps=40)


def test_the_picture_has_a_path_a_loss_and_step_sizes_for_each(found: Any) -> None:
    figure = found.plot()
    ground, losses, sizes = figure.axes
    assert [text.get_text() for text in figure.legends[0].texts] == [w.name for w in found.walks]
    for at, walk in enumerate(found.walks):
        drawn = losses.lines[at].get_xydata()
        assert drawn.shape == (41, 2) and sizes.lines[at].get_xydata().shape == (40, 2)
        assert np.allclose(sizes.lines[at].get_ydata(), walk.sizes)
    paths = [line for line in ground.lines if len(line.get_xdata()) == 41]
    assert all(np.allclose(p.get_xydata(), w.points) for p, w in zip(paths, found.walks))


def test_the_table_and_the_words_say_the_same_numbers(found: Any) -> None:
    head, *rows = found.table
    assert head[0] == "" and [row[0] for row in rows] == [walk.name for walk in found.walks]
    assert rows[0][1] == f"{found.walks[0].lr:g}" and rows[0][2] in found.words
    assert "a saddle" in found.words and "40 steps on saddle" in repr(found)
    assert "<caption>40 steps on saddle" in found._repr_html_()


def test_it_moves_step_by_step_and_ends_as_the_picture(found: Any) -> None:
    moving = found.moving()
    assert 20 < len(moving.frames) <= 40
    first, last = (np.asarray(moving.frames[at]) for at in (0, -1))
    assert (first != last).any()
    assert moving.words == found.words


def test_a_surface_of_ones_own_and_a_walk_into_nothing_are_drawn() -> None:
    own = tenfold.Surface(
        "hill", "a hill", lambda x, y: x**2 - y, (0.5, 0.0), (), -9.0, (-1.0, 1.0), (-1.0, 9.0)
    )
    compare_optimizers(own, ["sgd"], steps=5).plot()
    away = compare_optimizers("rosenbrock", ["sgd"], steps=30, lr=1.0)
    assert not np.isfinite(away.walks[0].losses[-1])
    away.moving()


# ---- on a learner ----------------------------------------------------------------------------


def everything(learn: Any) -> Any:
    state = learn._optimizer.state if learn._optimizer else {}
    return [
        {name: value.clone() for name, value in tensors_of(learn.model).items()},
        [dict(slots) for slots in state.values()],
        [module.training for module in learn.model.modules()],
        len(learn.history),
        torch.get_rng_state(),
        torch.is_grad_enabled(),
        [len(m._forward_hooks) + len(m._forward_pre_hooks) for m in learn.model.modules()],
    ]


def test_the_learner_stays_as_it_is_and_copies_start_alike() -> None:
    learn = make_learner()
    learn.fit(1, 0.05)
    run, before = learn.run, everything(learn)
    found = learn.compare_optimizers(2, ["sgd", "adamw"], lr=0.05)
    assert same(everything(learn), before) and learn.run is run
    assert found.runs[0].losses[0] == found.runs[1].losses[0]


def test_copies_train_on_the_batches_that_would_come_next() -> None:
    learn = make_vision_learner()
    learn.fit(1, 0.01)
    (one,) = learn.compare_optimizers(1, ["sgd"], lr=0.01).runs
    learn.fit(1, 0.01)
    first, then = learn.history.losses[:: len(one.losses)]
    assert one.losses[0] == then != first


@pytest.mark.parametrize("name", ["momentum", "adamw"])
def test_each_does_what_a_learner_with_that_optimizer_does(name: str) -> None:
    from tenfold.interpret.walks import COMPARED

    (one,) = make_learner().compare_optimizers(2, [name], lr=0.05).runs
    alone = make_learner(optimizer=COMPARED[name])
    alone.fit(2, 0.05)
    assert (one.losses == alone.history.losses).all()
    assert one.row["valid_loss"] == alone.history.rows[-1]["valid_loss"]


def test_a_rate_that_is_not_given_is_found() -> None:
    data = (make_pairs(12), make_pairs(4, seed=2))
    found = make_learner(data).compare_optimizers(1, ["sgd", "adam"])
    assert all(one.lr is not None and one.lr > 0 for one in found.runs)
    head, *rows = found.table
    assert head[:3] == ["", "rate", "train_loss"] and len(rows) == 2


def test_an_optimizer_whose_loss_is_no_number_has_no_scores() -> None:
    found = make_learner().compare_optimizers(1, ["sgd", "adam"], lr={"sgd": 1e30, "adam": 0.01})
    assert found.runs[0].row == {} and found.runs[1].row["valid_loss"] > 0
    assert found.table[1][2] == "–" and "adam" in found.words
    assert "; without scores: sgd: the loss" in found.summary and not found.runs[1].why
    found.plot()


def test_optimizers_of_which_none_finds_a_rate_are_refused_with_the_reason() -> None:
    learn = make_learner()
    for parameter in learn.model.parameters():
        parameter.data.zero_()  # every unit is dead, so no rate moves the loss
    words = (
        "not one step was trained with sgd and adam; .* suggests no rate.*; or give a rate, as lr"
    )
    with pytest.raises(TrainingError, match=words):
        learn.compare_optimizers(1, ["sgd", "adam"])


def test_the_legend_names_those_that_have_a_curve() -> None:
    runs = (
        OptimizerRun("sgd", None, np.array([]), why="no rate"),
        OptimizerRun("adam", 0.1, np.array([2.0, 1.0])),
    )
    legend = OptimizerRuns(runs, 1).plot().axes[0].get_legend()
    assert [one.get_text() for one in legend.get_texts()] == ["adam"]


def test_a_head_on_stored_activations_is_compared_on_them() -> None:
    learn = make_vision_learner(precompute=True)
    before = tensors(learn.model)
    found = learn.compare_optimizers(1, ["sgd"], lr=0.01)
    assert found.runs[0].row["epoch"] == 1
    assert same(tensors(learn.model), before) and learn.precompute


def test_a_stop_ends_it_with_what_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    learn = make_learner()
    stops: list[Any] = []

    def stop(run: Any) -> None:
        stops.append(learn.run is run)
        if len(stops) == 9:  # four steps of the first optimizer, one of the second
            learn.run.stop()

    watch = Every(stop)
    monkeypatch.setattr(type(learn), "observers", [watch])
    found = learn.compare_optimizers(2, ["sgd", "adam", "adamw"], lr=0.01)
    assert all(stops) and [one.name for one in found.runs] == ["sgd"]
    stops[:] = [True] * 8
    with pytest.raises(StoppedError, match="stopped before one optimizer was done, so there is"):
        learn.compare_optimizers(2, ["sgd"], lr=0.01)


class Every(At):
    """Calls its action after every step."""

    def __init__(self, action: Any) -> None:
        super().__init__("after_step", action)

    def after_step(self, run: Any) -> None:
        self._action(run)


def test_smooth_losses_are_the_mean_of_those_so_far_by_weight() -> None:
    losses = np.array([3.0, 1.0, 2.0])
    weights = 0.9 ** np.arange(3)[::-1]
    smooth = OptimizerRun("sgd", 0.1, losses).smooth
    assert smooth[-1] == pytest.approx(float((weights * losses).sum() / weights.sum()))
    assert smooth[0] == pytest.approx(3.0)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"epochs": 0}, "epochs=0 was given; allowed is 1 and above"),
        ({"names": ["lion"]}, "the optimizer 'lion' was given; those compared are sgd"),
        ({"lr": math.inf}, "the learning rate inf was given for sgd"),
    ],
)
def test_what_cannot_be_compared_is_refused(settings: Any, words: str) -> None:
    with pytest.raises(SettingError, match=words):
        make_learner().compare_optimizers(**settings)


def test_a_learner_that_trains_is_not_compared() -> None:
    learn = make_learner()
    compare = At("after_step", lambda run: learn.compare_optimizers(1))
    with pytest.raises(StateError, match="this learner is training"):
        learn.fit(1, 0.01, callbacks=[compare])
