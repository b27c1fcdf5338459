"""A fit on two processes: the numbers and the controls of one. One pool serves all tests."""

from __future__ import annotations

import threading
from typing import Any

import pytest
import torch
from factories import make_learner, make_pairs, same, tensors
from launch_world import Gradients, Slow, furthest, ranks_alive, still, until

from tenfold.data.batches import Batches
from tenfold.errors import ModelError, SettingError, TrainingError
from tenfold.techniques.cutmix import CutMix
from tenfold.techniques.early_stop import EarlyStop
from tenfold.techniques.ema import EMA
from tenfold.techniques.keep_best import KeepBest
from tenfold.train.events import Callback

# an elastic agent and gloo live in threads: what they warn of is theirs
pytestmark = pytest.mark.filterwarnings("default")


class Seen(Callback):
    """Remembers the items of every batch of this rank, and its random numbers."""

    def __init__(self) -> None:
        self.items: list[list[float]] = []
        self.drawn: list[float] = []

    def after_step(self, run: Any) -> None:
        own = run.inputs[:, 0].tolist() if run.train.weight else []
        self.items.append([item for one in run.group.all(own) for item in one])
        drawn = run.group.all(float(torch.rand(())))
        self.drawn += [] if len(set(drawn)) == len(drawn) else drawn


def test_averaged_weights_are_those_of_one_process_and_come_back_with_it() -> None:
    one, two = EMA(0.9), EMA(0.9)
    alone, both = still(optimizer="sgd"), still(optimizer="sgd")
    alone.fit(2, 0.1, callbacks=[one])
    both.launch(2).fit(2, 0.1, callbacks=[two])
    for _ in range(2):
        now, then = tensors(both.model), tensors(alone.model)
        assert all(torch.allclose(now[name], then[name], atol=2e-6) for name in now)
        one.swap(alone.model)
        two.swap(both.model)


class Rows(Callback):
    """Keeps the targets of every step of this rank."""

    def __init__(self) -> None:
        self.targets: list[torch.Tensor] = []

    def after_backward(self, run: Any) -> None:
        self.targets.append(run.targets)


def test_each_rank_cuts_boxes_for_its_own_share() -> None:
    torch.manual_seed(0)
    pictures = [(torch.rand(8, 1, 4, 4), torch.arange(8) % 2) for _ in range(4)]
    model = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(16, 2))
    learn, rows = make_learner((pictures, pictures), model), Rows()
    run = learn.launch(2).fit(1, 0.1, callbacks=[CutMix(), rows])
    assert run.state == "finished" and [tuple(r.shape) for r in rows.targets] == [(4, 2)] * 4
    assert all(torch.allclose(row.sum(1), torch.ones(4)) for row in rows.targets)


@pytest.mark.parametrize("norm", [False, True])
def test_gradients_and_losses_are_those_of_one_process(norm: bool) -> None:
    one, two, more = Gradients(), Gradients(), {"optimizer": "sgd", "norm": norm}
    alone, both = still(**more), still(**more)
    alone.fit(2, 0.1, callbacks=[one])
    run = both.launch(2, sync_batchnorm=norm).fit(2, 0.1, callbacks=[two])
    assert run.state == "finished" and both.run is run
    assert furthest(one.steps, two.steps) < 1e-6
    assert both.history.losses == pytest.approx(alone.history.losses, abs=1e-6)
    assert (both.history.rates == alone.history.rates).all()
    now, then = tensors(both.model), tensors(alone.model)
    assert all(torch.allclose(now[name], then[name], atol=2e-6) for name in now)
    assert type(both.model.net.early[1]) is type(alone.model.net.early[1])


def test_metrics_are_exactly_those_of_one_process_with_these_weights() -> None:
    def mean_of_all(predictions: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        return (predictions[:, 1] * targets).mean()

    learn = still(norm=True, metrics=["accuracy", "f1", mean_of_all])
    learn.launch(2).fit(2, 0.1)
    row = learn.history.rows[-1]
    outputs, targets = zip(*[(learn.model.eval()(x), y) for x, y in learn.data.valid])
    total = sum(learn.task.loss(o.detach(), y) * len(y) for o, y in zip(outputs, targets))
    assert row["valid_loss"] == float(total) / sum(map(len, targets))
    scores = learn.score(*learn.predictions())
    assert {name: row[name] for name in scores} == scores


def test_every_item_is_seen_once_an_epoch_and_ranks_draw_their_own_numbers() -> None:
    items = torch.arange(33.0)[:, None].repeat(1, 3)
    data = Batches(items, torch.zeros(33).long(), batch_size=8, shuffle=True)
    seen = Seen()
    still(data=(data, data), metrics=[]).launch(2).fit(2, 1e-3, callbacks=[seen])
    assert len(seen.items) == 2 * len(data) and not seen.drawn
    for epoch in (seen.items[: len(data)], seen.items[len(data) :]):
        assert sorted(item for batch in epoch for item in batch) == list(range(33))
    assert seen.items[: len(data)] != seen.items[len(data) :]


def test_a_second_launch_uses_the_same_processes() -> None:
    still().launch(2).fit(1)
    before = ranks_alive()
    learn = still()
    run = learn.launch(2).fit_one_cycle(1)
    assert ranks_alive() == before and len(before) == 2
    assert len(run.memories) == 2 and min(run.memories) > 1e6


def test_what_callbacks_did_and_remember_comes_back() -> None:
    keep, stop = KeepBest(), EarlyStop(patience=1)
    more = {"optimizer": "sgd", "callbacks": [keep, stop]}
    learn = still(**more)
    run = learn.launch(2).fit(30, 1.0)
    assert run.state == "stopped" and "did not improve" in run.message
    losses = learn.history.column("valid_loss")
    assert keep.epoch == 1 + losses.index(min(losses))
    assert learn.history.marks[-1][1] == f"weights of epoch {keep.epoch} put back"


def test_snapshots_of_cycles_are_of_the_learner_itself() -> None:
    learn = still()
    learn.launch(2).fit_sgdr(2, 0.1, snapshots=True)
    assert len(learn.snapshots) == 2
    now = tensors(learn.model)
    assert same(dict(learn.snapshots[-1].tensors), now)
    learn.snapshots[0].restore()  # into this model, not into a copy of it
    assert not same(tensors(learn.model), now)


def test_inside_a_with_every_fit_is_launched_and_afterwards_none() -> None:
    learn = still()
    with learn.launch(2):
        assert learn.fine_tune(1).memories
    assert not learn.fit(1).memories and len(learn.history) == 3


def test_a_rate_a_pause_and_a_stop_reach_every_rank_at_one_step() -> None:
    learn = still(callbacks=[Slow()], optimizer="sgd")
    asked: list[int] = []

    def steer() -> None:
        run = until(learn, lambda run: run.step > 3)
        run.set_rate(0.03)
        until(learn, lambda run: run.changes)
        run.pause()
        until(learn, lambda run: run.state == "paused")
        asked.append(run.step)
        run.resume()
        until(learn, lambda run: run.step > asked[0])
        run.stop()

    thread = threading.Thread(target=steer)
    thread.start()
    run = learn.launch(2).fit(1000, 0.1)
    thread.join()
    words = [words for _, words in learn.history.marks]
    assert run.state == "stopped" and words == ["rate 0.03", "paused", "resumed"]
    alone = still(optimizer="sgd")
    alone.fit(1000, 0.1, changes=run.changes, stop_at=run.step)
    assert alone.history.losses == pytest.approx(learn.history.losses, abs=1e-5)


def test_a_loss_that_is_no_number_ends_the_run_with_the_weights_from_before() -> None:
    learn = still(norm=True)
    before = tensors(learn.model)
    with pytest.raises(TrainingError, match="with a learning rate of") as found:
        learn.launch(2).fit(3, 1e30)
    assert same(tensors(learn.model), before)
    assert "Traceback" in str(found.value.__cause__) and not ranks_alive()


@pytest.mark.parametrize(("settings", "words"), [
    ({"processes": 0}, r"processes=0 was given; allowed is 1 and above"),
    ({"on": "slurm"}, r"on='slurm' was given; allowed is local and ray"),
    ({"restarts": -1}, r"restarts=-1 was given; allowed is 0 and above"),
])  # fmt: skip
def test_settings_out_of_range_are_refused(settings: dict[str, Any], words: str) -> None:
    with pytest.raises(SettingError, match=words):
        still().launch(**settings)


def test_what_cannot_be_launched_or_sent_is_said() -> None:
    with pytest.raises(AttributeError, match="lr_find cannot be launched; what can is fit, "):
        still().launch(2).lr_find()
    with pytest.raises(ModelError, match="cannot be sent to other processes"):
        still(data=(Locked(make_pairs()), None)).launch(2).fit(1)


class Locked(list):  # type: ignore[type-arg]
    def __init__(self, pairs: Any) -> None:
        super().__init__(pairs)
        self.lock = threading.Lock()
