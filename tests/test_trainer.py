from __future__ import annotations

import random
import signal
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch
from factories import At, Pairs, make_net, make_pairs, make_run, same, tensors
from torch import Tensor, nn
from torch.utils.data import DataLoader, TensorDataset

from tenfold.errors import DataError, ModelError, TrainingError
from tenfold.train.events import EVENTS
from tenfold.train.plan import Plan
from tenfold.train.run import Run
from tenfold.train.task import multi_label, number
from tenfold.train.trainer import fit

ANY_EVENT = [event for event in EVENTS if event != "on_tick"]


def raise_error(run: Run) -> None:
    raise ValueError("from a callback")


def raise_interrupt(run: Run) -> None:
    raise KeyboardInterrupt


def spoil_loss(run: Run) -> None:
    run.inputs = run.inputs * float("nan")


def test_two_runs_with_one_seed_are_equal_bit_for_bit() -> None:
    first = fit(make_run(optimizer="adamw", seed=3))
    torch.rand(5), np.random.rand(5), random.random()
    second = fit(make_run(optimizer="adamw", seed=3))
    assert same(tensors(first.model), tensors(second.model))
    assert np.array_equal(first.history.losses, second.history.losses)


def test_another_seed_gives_other_weights() -> None:
    first, second = fit(make_run(seed=0)), fit(make_run(seed=1))
    assert not same(tensors(first.model), tensors(second.model))


def test_the_global_random_numbers_are_left_alone() -> None:
    fit(make_run())
    after = [random.random(), np.random.rand(), torch.rand(())]
    random.seed(0), np.random.seed(0), torch.manual_seed(0)
    assert after == [random.random(), np.random.rand(), torch.rand(())]


def test_validation_equals_a_pass_by_hand_with_a_smaller_last_batch() -> None:
    run = make_run(epochs=1)
    run.valid = make_pairs(2, rest=3, seed=5)
    row = fit(run).history.rows[0]
    inputs, targets = (torch.cat(part) for part in zip(*run.valid, strict=True))
    outputs = run.model.eval()(inputs)
    assert row["valid_loss"] == pytest.approx(nn.functional.cross_entropy(outputs, targets).item())
    assert row["accuracy"] == pytest.approx((outputs.argmax(1) == targets).float().mean().item())


def test_a_run_without_validation_has_a_row_of_training() -> None:
    assert list(fit(make_run(valid=False)).history.rows[0]) == [
        "epoch",
        "train_loss",
        "seconds",
        "step",
    ]


@pytest.mark.parametrize("event", ANY_EVENT)
@pytest.mark.parametrize("action", [raise_error, raise_interrupt])
def test_after_an_error_at_any_event_modes_random_numbers_and_signals_are_back(
    event: str, action: Any
) -> None:
    model, handler = make_net(), signal.getsignal(signal.SIGINT)
    model.late.eval()
    run = make_run(model=model, callbacks=[At(event, action)])
    with torch.no_grad(), pytest.raises((ValueError, KeyboardInterrupt)):
        fit(run)
    assert [model.early.training, model.late.training] == [True, False]
    assert signal.getsignal(signal.SIGINT) is handler and torch.get_num_threads() == 1
    assert torch.initial_seed() == 0 and run.wait(0)
    assert all(parameter.grad is None for parameter in model.parameters())
    assert event == "after_fit" or (run.state == "failed" and isinstance(run.error, BaseException))


@pytest.mark.parametrize("event", ["before_fit", "before_batch", "after_step", "before_validate"])
def test_the_last_event_comes_however_the_run_ends(event: str) -> None:
    states: list[str] = []
    last = At("after_fit", lambda run: states.append(run.state))
    with pytest.raises(ValueError, match="from a callback"):
        fit(make_run(callbacks=[At(event, raise_error), last]))
    assert states == ["failed"]


def test_a_stop_in_after_epoch_ends_with_that_epoch() -> None:
    run = fit(make_run(callbacks=[At("after_epoch", lambda run: run.stop("enough"))]))
    assert (run.state, run.message, run.step) == ("stopped", "enough", 4)
    assert "valid_loss" in run.history.rows[0]


@pytest.mark.parametrize("optimizer", ["sgd", "adamw"])
@pytest.mark.parametrize("step", [0, 5, 7])
def test_a_loss_that_is_no_number_puts_the_last_good_epoch_back(optimizer: str, step: int) -> None:
    good = make_run(optimizer=optimizer, epochs=2)
    kept: list[Any] = []
    keep = At("before_epoch", lambda run: kept.append(snapshot(run)), step=step // 4 * 4)
    good.events = make_run(callbacks=[keep, At("before_batch", spoil_loss, step=step)]).events
    with pytest.raises(
        TrainingError, match=rf"became nan at step {step + 1} with a .* rate of 0\.1;"
    ):
        fit(good)
    assert good.state == "failed" and same(snapshot(good), kept[0])


def snapshot(run: Run) -> list[Any]:
    slots = [dict(slots) for slots in run.optimizer.state.values()]
    return [tensors(run.model), [{k: clone(v) for k, v in slot.items()} for slot in slots]]


def clone(value: Any) -> Any:
    return value.clone() if isinstance(value, Tensor) else value


def test_a_second_run_that_fails_names_its_own_step() -> None:
    run = make_run(callbacks=[At("before_batch", spoil_loss, step=1)])
    for step in (2, 4):
        again = make_run(callbacks=[At("before_batch", spoil_loss, step=step - 1)])
        again.history = run.history
        again.__post_init__()
        with pytest.raises(TrainingError, match=f"became nan at step {step} with"):
            fit(again)


def test_an_infinite_loss_is_refused_too() -> None:
    run = make_run(rate=1e30, task=number(), model=make_net(1), epochs=1)
    run.train = [(inputs, targets.float() * 1e15) for inputs, targets in make_pairs()]
    with pytest.raises(TrainingError, match=r"the loss became (inf|nan) at step"):
        fit(run)


class Unsized:
    """Repeatable, without a length, and not the same number of batches each time."""

    def __init__(self, *counts: int) -> None:
        self._counts = iter(counts)

    def __iter__(self) -> Iterator[Any]:
        return iter(make_pairs(next(self._counts)))


@pytest.mark.parametrize(
    ("counts", "steps"), [((4, 4), [4, 8]), ((3, 2), [3, 5]), ((9, 1), [4, 5])]
)
def test_data_that_is_longer_or_shorter_than_it_said_is_trained_on(
    counts: tuple[int, ...], steps: list[int]
) -> None:
    history = fit(make_run(train=Unsized(*counts), steps_per_epoch=4)).history
    assert history.column("step") == steps
    last = history.losses[steps[0] :].mean()
    assert history.column("train_loss")[1] == pytest.approx(float(last))


def test_data_that_gives_nothing_the_second_time_is_refused() -> None:
    with pytest.raises(DataError, match="gave no batch in epoch 2; it must be repeatable"):
        fit(make_run(train=Unsized(4, 0), steps_per_epoch=4))


def test_an_empty_validation_set_is_refused() -> None:
    run = make_run()
    run.valid = []
    with pytest.raises(DataError, match="the validation data gave no batch; it must be repeatable"):
        fit(run)


def as_arrays(pairs: Pairs) -> list[tuple[np.ndarray, np.ndarray]]:
    return [(inputs.numpy(), targets.numpy()) for inputs, targets in pairs]


def as_lists(pairs: Pairs) -> list[tuple[list[Any], list[int]]]:
    return [(inputs.tolist(), targets.tolist()) for inputs, targets in pairs]


def as_loader(pairs: Pairs) -> DataLoader:
    inputs, targets = (torch.cat(part) for part in zip(*pairs, strict=True))
    return DataLoader(TensorDataset(inputs, targets), batch_size=8, generator=torch.Generator())


@pytest.mark.parametrize("form", [as_arrays, as_lists, as_loader, tuple])
def test_every_form_of_plain_data_trains_to_the_same_bits(form: Any) -> None:
    expected = fit(make_run())
    assert same(tensors(fit(make_run(train=form(make_pairs()))).model), tensors(expected.model))


@pytest.mark.parametrize("kind", [np.int32, np.int16, np.uint8])
def test_double_inputs_and_small_whole_targets_of_numpy_are_taken(kind: Any) -> None:
    pairs = [(x.double().numpy(), y.numpy().astype(kind)) for x, y in make_pairs()]
    assert same(tensors(fit(make_run(train=pairs)).model), tensors(fit(make_run()).model))


class Two(nn.Module):
    """A net of two inputs."""

    def __init__(self) -> None:
        super().__init__()
        self.net = make_net()

    def forward(self, first: Tensor, second: Tensor) -> Tensor:
        return self.net(first + second)


@pytest.mark.parametrize("kind", [tuple, list])
def test_several_inputs_are_trained_on(kind: Any) -> None:
    pairs = [(kind([x, torch.zeros_like(x)]), y) for x, y in make_pairs()]
    run = make_run(model=Two(), train=pairs, valid=False)
    assert fit(run).state == "finished"


@pytest.mark.parametrize("precision", ["bfloat16"])
def test_mixed_precision_keeps_weights_and_losses_in_float32(precision: str) -> None:
    run = make_run()
    run.plan = Plan(threads=1, precision=precision)
    fit(run)
    assert {value.dtype for value in run.model.parameters()} == {torch.float32}
    assert np.isfinite(run.history.losses).all() and not torch.is_autocast_enabled("cpu")


def test_a_model_with_the_wrong_outputs_is_refused_before_any_step() -> None:
    run = make_run(model=make_net(3), optimizer="sgd")
    with pytest.raises(ModelError, match=r"gives 3 outputs for each item; single label .* needs 2"):
        fit(run)
    assert run.step == 0 and same(tensors(run.model), tensors(make_net(3)))


def test_a_softmax_in_the_model_is_refused() -> None:
    with pytest.raises(ModelError, match="already probabilities; cross-entropy takes raw outputs"):
        fit(make_run(model=nn.Sequential(make_net(), nn.Softmax(1))))


def test_several_labels_train_with_whole_numbers_as_targets() -> None:
    pairs = [(x, torch.stack([y, 1 - y], 1)) for x, y in make_pairs()]
    run = make_run(task=multi_label(2), train=pairs, valid=False)
    assert fit(run).state == "finished"


def test_gradients_from_before_the_run_are_not_added_to_its_first_step() -> None:
    clean, used = make_run(), make_run()
    for parameter in used.model.parameters():
        parameter.grad = torch.ones_like(parameter)
    assert same(tensors(fit(clean).model), tensors(fit(used).model))


def test_gradients_are_on_even_where_they_were_off() -> None:
    with torch.no_grad():
        assert same(tensors(fit(make_run()).model), tensors(fit(make_run()).model))
        assert not torch.is_grad_enabled()


def test_weights_that_the_last_step_ruined_are_put_back() -> None:
    run = make_run(epochs=1, train=make_pairs(1), rate=1e38)
    before = tensors(run.model)
    with pytest.raises(TrainingError, match="the weights became infinite or nan at step 1 with"):
        fit(run)
    assert same(before, tensors(run.model))
