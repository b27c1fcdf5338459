from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from factories import At, make_pairs
from resume_world import Kill, equal, killed, learner, result
from test_precompute import make_vision_learner
from text_world import make_language_learner
from torch import Tensor
from torch.utils.data import DataLoader, Dataset, TensorDataset

from tenfold.learner import Learner
from tenfold.techniques.early_stop import EarlyStop
from tenfold.techniques.keep_best import KeepBest
from tenfold.techniques.mixup import Mixup

EVENTS = ["before_batch", "after_backward", "after_step", "before_validate", "after_epoch"]
LONG = 20.0


def sgdr(learn: Learner, **more: Any) -> Any:
    return learn.fit_sgdr(2, "1e-3:3e-2", cycle_mult=2, **more)


def one_cycle(learn: Learner, **more: Any) -> Any:
    return learn.fit_one_cycle(3, 0.05, **more)


def steered(learn: Learner, **more: Any) -> Any:
    changes = [(0, 0.02, None), (5, 0.1, None), (8, 0.01, 1)]
    return learn.fit(3, 0.05, schedule="cosine", clip=0.5, changes=changes, stop_at=21, **more)


def drawn(rng: random.Random) -> dict[str, Any]:
    """Settings of a learner, by chance."""
    return {"optimizer": rng.choice(["adamw", "adam", "sgd", "rmsprop"]), "seed": rng.randrange(99)}


@pytest.mark.parametrize("fit", [sgdr, one_cycle, steered])
@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_a_run_killed_anywhere_goes_on_bit_for_bit(
    fit: Any, precision: str, tmp_path: Path
) -> None:
    rng = random.Random(f"{fit.__name__} {precision}")
    for trial in range(3):
        settings = drawn(rng)

        def make(settings: dict[str, Any] = settings) -> Learner:
            made = learner(callbacks=[Mixup()], **settings)
            made.plan(precision=precision)
            return made

        kill, folder = Kill(rng.choice(EVENTS), rng.randrange(0, 20)), tmp_path / str(trial)
        whole, dead, again = make(), make(), make()
        fit(whole, callbacks=[KeepBest()])
        killed(dead, fit, folder, callbacks=[KeepBest(), kill])
        run = again.resume(folder, callbacks=[KeepBest()])
        assert equal(again, whole), (settings, kill._event, kill._step)
        assert run.changes == whole.run.changes and run.state == whole.run.state


def test_it_goes_on_from_the_batch_that_was_last_written(tmp_path: Path) -> None:
    killed(learner(), one_cycle, tmp_path, callbacks=[Kill("before_batch", 13)])
    place = learner().resume(tmp_path).place
    assert (place.epoch, place.step, place.batches) == (1, 13, 5)


def test_a_run_can_be_killed_again_and_again(tmp_path: Path) -> None:
    whole, last = learner(), learner()
    sgdr(whole, callbacks=[KeepBest()])
    killed(learner(), sgdr, tmp_path, callbacks=[KeepBest(), Kill("after_step", 3)])
    for event, step in [("before_validate", 8), ("after_backward", 17), ("after_epoch", 24)]:
        with pytest.raises(BaseException, match=r"^$"):
            learner().resume(tmp_path, callbacks=[KeepBest(), Kill(event, step)])
    last.resume(tmp_path, callbacks=[KeepBest()])
    assert equal(last, whole)


def test_a_second_fit_of_a_frozen_learner_goes_on_too(tmp_path: Path) -> None:
    def first(learn: Learner) -> Learner:
        learn.freeze_to(1)
        learn.fit(2, 0.01)
        return learn

    whole, dead, again = first(learner()), first(learner()), learner()
    one_cycle(whole)
    killed(dead, one_cycle, tmp_path, callbacks=[Kill("after_backward", 11)])
    again.resume(tmp_path)
    assert equal(again, whole)
    for learn in (again, whole):
        learn.fit(1, 0.01)
    assert equal(again, whole)


class Noisy(Dataset):
    """Items with noise from the global random numbers, as many data sets have."""

    def __len__(self) -> int:
        return 30

    def __getitem__(self, item: int) -> tuple[Tensor, int]:
        return torch.randn(3) + np.random.rand() + random.random(), item % 2


def own_generator() -> DataLoader:
    inputs, targets = (torch.cat(part) for part in zip(*make_pairs(4), strict=True))
    generator = torch.Generator().manual_seed(8)
    return DataLoader(
        TensorDataset(inputs, targets), batch_size=8, shuffle=True, generator=generator
    )


def noisy_items() -> DataLoader:
    return DataLoader(Noisy(), batch_size=6, shuffle=True)


@pytest.mark.parametrize("data", [own_generator, noisy_items, make_pairs])
@pytest.mark.parametrize("step", [3, 6])
def test_data_whose_order_comes_from_a_generator_go_on_too(
    data: Any, step: int, tmp_path: Path
) -> None:
    def make() -> Learner:
        return learner(data=(data(), make_pairs(2, seed=2)))

    whole, again = make(), make()
    one_cycle(whole)
    killed(make(), one_cycle, tmp_path, callbacks=[Kill("after_backward", step)])
    assert again.resume(tmp_path).place.batches
    assert equal(again, whole)


def test_what_a_language_model_carries_from_batch_to_batch_goes_on(tmp_path: Path) -> None:
    def final(learn: Learner) -> list[Any]:
        return [learn.history.losses.tolist(), learn.history.column("valid_loss")]

    whole, dead, again = (make_language_learner() for _ in range(3))
    one_cycle(whole)
    killed(dead, one_cycle, tmp_path, callbacks=[Kill("before_batch", 11)])
    assert again.resume(tmp_path).place.batches
    assert final(again) == final(whole)


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
@pytest.mark.parametrize("precompute", [False, True])
def test_pictures_go_on_with_stored_activations_and_without(
    precompute: bool, precision: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TENFOLD_CACHE", str(tmp_path / "cache"))

    def make() -> Learner:
        made = make_vision_learner(precompute=precompute)
        made.plan(precision=precision)
        return made

    whole, again = make(), make_vision_learner(precompute=not precompute)
    one_cycle(whole)
    killed(make(), one_cycle, tmp_path / "run", callbacks=[Kill("after_step", 5)])
    again.resume(tmp_path / "run")
    assert equal(again, whole) and again.precompute is precompute


def test_the_snapshots_of_cycles_come_back(tmp_path: Path) -> None:
    def fit(learn: Learner, **more: Any) -> Any:
        return sgdr(learn, snapshots=True, **more)

    whole, again = learner(), learner()
    fit(whole)
    killed(learner(), fit, tmp_path, callbacks=[Kill("after_backward", 12)])
    again.resume(tmp_path)
    assert len(again.snapshots) == 2
    assert torch.equal(again.snapshot_predictions()[0], whole.snapshot_predictions()[0])


def test_a_run_that_was_stopped_goes_on_from_that_batch(tmp_path: Path) -> None:
    whole, again = learner(), learner()
    one_cycle(whole)
    stop = At("after_step", lambda run: run.stop(), step=11)
    killed(learner(), one_cycle, tmp_path, callbacks=[stop])
    assert again.resume(tmp_path).place.step == 11
    assert equal(again, whole)


@pytest.mark.parametrize("event", ["before_validate", "after_epoch"])
def test_a_run_stopped_at_the_end_of_an_epoch_goes_on(event: str, tmp_path: Path) -> None:
    whole, again = learner(), learner()
    one_cycle(whole)
    killed(learner(), one_cycle, tmp_path, callbacks=[At(event, lambda run: run.stop(), step=8)])
    again.resume(tmp_path)
    assert equal(again, whole)


@pytest.mark.parametrize("step", [20, 24, 99])
def test_early_stopping_remembers_what_it_saw(step: int, tmp_path: Path) -> None:
    def fit(learn: Learner, *, callbacks: Any = (), **more: Any) -> Any:
        stop = EarlyStop("accuracy", patience=2, least=0.9)
        return learn.fit(9, 1e-3, callbacks=[stop, *callbacks], **more)

    whole, again = learner(), learner()
    fit(whole)
    killed(learner(), fit, tmp_path, callbacks=[Kill("before_batch", step)])
    run = again.resume(tmp_path, callbacks=[EarlyStop("accuracy", patience=2, least=0.9)])
    assert equal(again, whole) and len(again.history) == 3
    assert (run.state, run.message) == (whole.run.state, whole.run.message)


def test_a_run_that_had_finished_is_loaded(tmp_path: Path) -> None:
    whole, again = learner(), learner()
    one_cycle(whole, callbacks=[KeepBest()], checkpoint=tmp_path)
    run = again.resume(tmp_path, callbacks=[KeepBest()])
    assert run.state == "finished" and equal(again, whole)


def test_checkpoints_change_nothing(tmp_path: Path) -> None:
    plain, kept = learner(), learner()
    sgdr(plain)
    killed(kept, sgdr, tmp_path)
    assert equal(plain, kept)


def test_what_is_random_elsewhere_goes_on_as_before(tmp_path: Path) -> None:
    killed(learner(), one_cycle, tmp_path, callbacks=[Kill("after_step", 3)])
    random.seed(0), np.random.seed(0), torch.manual_seed(0)
    again = learner()
    again.resume(tmp_path)
    after = [random.random(), np.random.rand(), torch.rand(())]
    random.seed(0), np.random.seed(0), torch.manual_seed(0)
    assert after == [random.random(), np.random.rand(), torch.rand(())]
    assert result(again)
