from __future__ import annotations

import gc
import weakref
from typing import Any

import pytest
import torch
from factories import At, Pairs, make_net, make_pairs, make_run, same, tensors
from resume_world import Kill, equal, killed, learner
from text_world import make_language_learner
from torch import Tensor, nn

from tenfold.errors import TenfoldWarning, TrainingError
from tenfold.techniques.mixup import Mixup
from tenfold.train.memory import out_of_memory
from tenfold.train.plan import Plan
from tenfold.train.run import Run
from tenfold.train.task import Task, multi_label, number, single_label
from tenfold.train.trainer import fit


class Small(nn.Module):
    """A net that has memory for so many items, and no batch norm or dropout."""

    def __init__(self, most: int, *, outputs: int = 2, error: Any = None) -> None:
        super().__init__()
        with torch.random.fork_rng():
            torch.manual_seed(0)
            self.net = nn.Sequential(nn.Linear(3, 16), nn.Tanh(), nn.Linear(16, outputs))
        self.most, self.error, self.held = most, error or torch.OutOfMemoryError("CUDA oom"), None

    def forward(self, inputs: Tensor) -> Tensor:
        activations = self.net[1](self.net[0](inputs))
        if len(inputs) > self.most and self.training:
            self.held = weakref.ref(activations)
            raise self.error
        return self.net[2](activations)


def gradients(run: Run) -> list[Tensor]:
    """Those of the first step."""
    found: list[Tensor] = []
    keep = At("after_backward", lambda run: found.extend(p.grad.clone() for p in _trained(run)))
    run.events = make_run(callbacks=[*run.callbacks, keep]).events
    run.limit, run.epochs = 1, 1
    fit(run)
    return found


def _trained(run: Run) -> list[nn.Parameter]:
    return list(run.model.parameters())


def targets_for(task: Task, pairs: Pairs) -> Pairs:
    if task.name == "multi label":
        return [(x, torch.stack([y, 1 - y], 1)) for x, y in pairs]
    return [(x, x.sum(1)) for x, y in pairs] if task.name == "number" else pairs


@pytest.mark.parametrize("task", [single_label(2), multi_label(2), number()], ids=lambda t: t.name)
@pytest.mark.parametrize("size", [8, 13])
@pytest.mark.parametrize("most", [7, 4, 1])
def test_the_gradients_of_pieces_are_those_of_the_whole_batch(
    task: Task, size: int, most: int
) -> None:
    outputs = 1 if task.name == "number" else 2
    pairs = targets_for(task, make_pairs(1, size=size))
    settings = {"task": task, "train": pairs, "valid": False}
    whole = gradients(make_run(model=Small(99, outputs=outputs), **settings))
    with pytest.warns(TenfoldWarning, match=f"out of memory with batches of {size}: from step 1"):
        found = gradients(make_run(model=Small(most, outputs=outputs), **settings))
    for mine, theirs in zip(found, whole, strict=True):
        assert torch.allclose(mine, theirs, rtol=0, atol=1e-6)


def test_blended_targets_are_split_with_their_items() -> None:
    whole = gradients(make_run(model=Small(99), callbacks=[Mixup()]))
    with pytest.warns(TenfoldWarning, match="out of memory"):
        found = gradients(make_run(model=Small(3), callbacks=[Mixup()]))
    assert all(torch.allclose(a, b, rtol=0, atol=1e-6) for a, b in zip(found, whole, strict=True))


def test_the_user_is_told_once_and_the_losses_are_those_of_the_batch() -> None:
    whole = fit(make_run(model=Small(99)))
    with pytest.warns(TenfoldWarning, match="step is that of the whole batch$") as told:
        run = fit(make_run(model=Small(4)))
    assert len(told) == 1 and run.pieces == 2 and run.history.marks == [(0, "batches in 2 pieces")]
    assert torch.allclose(torch.tensor(run.history.losses), torch.tensor(whole.history.losses))


def test_what_batch_norm_and_dropout_do_otherwise_is_said() -> None:
    model = make_net()
    plain = model.late.forward

    def short(inputs: Tensor) -> Tensor:
        if len(inputs) > 4 and model.training:
            raise MemoryError
        return plain(inputs)

    model.late.forward = short  # type: ignore[method-assign]
    with pytest.warns(TenfoldWarning, match="batch norm sees pieces and dropout draws other"):
        fit(make_run(model=model))


def test_activations_of_the_try_that_failed_are_freed_before_the_next() -> None:
    model = Small(4)
    gc.disable()
    try:
        with pytest.warns(TenfoldWarning, match="out of memory"):
            fit(make_run(model=model, epochs=1))
    finally:
        gc.enable()
    assert model.held is not None and model.held() is None


def test_a_batch_that_does_not_fit_in_any_pieces_ends_the_run_with_advice() -> None:
    run = make_run(model=Small(0))
    before = tensors(run.model)
    with (
        pytest.warns(TenfoldWarning, match="out of memory"),
        pytest.raises(TrainingError, match=r"for a step of 8 items, not even in 8 pieces \(CUDA"),
    ):
        fit(run)
    assert same(tensors(run.model), before)


def test_streams_of_words_cannot_be_split() -> None:
    learn = make_language_learner()
    learn.plan(precision="float32", threads=1)

    def fail(*_: Any) -> Any:
        raise torch.OutOfMemoryError("CUDA oom")

    learn.model.decoder.forward = fail
    with pytest.raises(TrainingError, match="no memory for a step of 1 items, not even in 1"):
        learn.fit(1)


@pytest.mark.parametrize(
    "error",
    [
        RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried to"),
        RuntimeError("MPS backend out of memory (MPS allocated: 9 GB)"),
        MemoryError(),
    ],
)
def test_every_way_to_say_it_is_known(error: Exception) -> None:
    assert out_of_memory(error)
    with pytest.warns(TenfoldWarning, match="out of memory"):
        assert fit(make_run(model=Small(4, error=error))).pieces == 2


def test_other_errors_of_a_model_are_its_own() -> None:
    with pytest.raises(RuntimeError, match="shapes"):
        fit(make_run(model=Small(4, error=RuntimeError("shapes"))))


def test_a_run_in_pieces_that_is_killed_goes_on_in_pieces(tmp_path: Any) -> None:
    def make() -> Any:
        return learner(model=Small(4))

    def begin(learn: Any, **more: Any) -> Any:
        return learn.fit(2, 0.05, **more)

    whole, again = make(), make()
    with pytest.warns(TenfoldWarning, match="out of memory"):
        begin(whole)
    with pytest.warns(TenfoldWarning, match="out of memory"):
        killed(make(), begin, tmp_path, callbacks=[Kill("after_backward", 11)])
    run = again.resume(tmp_path)
    assert run.pieces == 2 and equal(again, whole)


def test_mixed_precision_is_split_too() -> None:
    run = make_run(model=Small(4))
    run.plan = Plan(threads=1, precision="bfloat16")
    with pytest.warns(TenfoldWarning, match="out of memory"):
        assert fit(run).state == "finished"
