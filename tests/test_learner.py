from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from factories import At, make_learner, make_net, make_pairs, same, tensors
from torch import Tensor
from torch.utils.data import DataLoader, TensorDataset

from tenfold.errors import DataError, SettingError, TenfoldError
from tenfold.learner import Learner
from tenfold.train.optim import parameters_of
from tenfold.train.schedule import Cosine, OneCycle, sgdr
from tenfold.train.task import multi_label, number, single_label


def factors(learn: Learner, lr: float) -> list[float]:
    return (learn.history.rates[:, -1] / lr).tolist()


def test_a_fit_gives_a_finished_run_and_rows() -> None:
    learn = make_learner()
    run = learn.fit(2, 0.01)
    assert learn.run is run and (run.state, run.step) == ("finished", 8)
    assert learn.history.column("epoch") == [1, 2]


@pytest.mark.parametrize(
    ("call", "schedule"),
    [
        (lambda learn: learn.fit(2, 0.1, schedule="cosine"), Cosine()),
        (lambda learn: learn.fit(2, 0.1, schedule=Cosine(1, 0.5)), Cosine(1, 0.5)),
        (lambda learn: learn.fit_one_cycle(2, 0.1, rise=0.5, divide=10), OneCycle(0.5, 10.0)),
        (lambda learn: learn.fit_sgdr(3, 0.1, cycle_mult=2), sgdr(3, cycle_mult=2)),
        (lambda learn: learn.fit_sgdr(2, 0.1, cycle_len=2), sgdr(2, cycle_len=2)),
    ],
)
def test_every_way_to_fit_follows_its_schedule(call: Any, schedule: Any) -> None:
    learn = make_learner()
    call(learn)
    assert factors(learn, 0.1) == pytest.approx(schedule.factors(learn.history.steps).tolist())


def test_a_second_fit_goes_on_with_the_epochs_and_the_optimizer() -> None:
    learn = make_learner()
    learn.fit(1, 0.01)
    optimizer = learn._optimizer
    learn.fit(2, 0.01)
    assert learn.history.column("epoch") == [1, 2, 3] and learn._optimizer is optimizer
    assert {float(slots["step"]) for slots in optimizer.state.values()} == {12.0}


def test_fine_tuning_trains_the_head_and_then_everything_with_spread_rates() -> None:
    learn, body = make_learner(), []
    learn.callbacks.append(At("before_fit", lambda run: body.append(tensors(run.model.early))))
    run = learn.fine_tune(2, 0.02)
    assert len(learn.history) == 3 and same(body[0], tensors(make_net().early))
    peaks = learn.history.rates[4:].max(axis=0).tolist()
    assert peaks == pytest.approx([0.02 / 200, 0.001, 0.01], rel=1e-6)
    assert run.state == "finished" and all(p.requires_grad for p in learn.model.parameters())


def test_a_stop_in_the_first_part_of_fine_tuning_ends_all_of_it() -> None:
    learn = make_learner(callbacks=[At("after_step", lambda run: run.stop(), step=2)])
    assert learn.fine_tune(3).state == "stopped" and len(learn.history) == 1


def test_the_task_comes_from_the_data_where_it_says() -> None:
    data = SimpleNamespace(train=make_pairs(), valid=make_pairs(1), task=single_label(2))
    assert make_learner(data, task=None).task is data.task


def test_smoothing_is_put_into_the_task() -> None:
    learn = make_learner(smoothing=0.1)
    assert dict(learn.task.settings) == {"classes": 2, "smoothing": 0.1}


def test_freezing_unfreezing_and_what_the_learner_says_of_itself() -> None:
    learn = make_learner()
    learn.freeze()
    trains = [all(p.requires_grad for p in parameters_of(part)) for part in learn.model.groups()]
    assert trains == [False, False, True]
    assert repr(learn) == "Learner(Net, single label, 3 layer groups, 2 frozen, 0 epochs)"
    learn.unfreeze()
    assert "0 frozen" in repr(learn)


def test_a_learner_that_is_frozen_as_a_whole_says_what_to_call() -> None:
    learn = make_learner()
    learn.freeze_to(3)
    with pytest.raises(SettingError, match="every layer group is frozen; call unfreeze"):
        learn.fit(1)


def test_predictions_are_activated_and_in_order() -> None:
    learn = make_learner()
    predictions, targets = learn.predictions()
    inputs, expected = (torch.cat(part) for part in zip(*learn.data.valid, strict=True))
    learn.model.eval()
    assert torch.equal(predictions, torch.softmax(learn.model(inputs), 1).detach())
    assert torch.equal(targets, expected)


def test_the_score_of_predictions_equals_the_row_of_the_epoch() -> None:
    learn = make_learner()
    row = learn.fit(1, 0.01).row
    assert learn.score(*learn.predictions()) == {"accuracy": row["accuracy"]}


def test_a_set_without_validation_says_so() -> None:
    data = SimpleNamespace(train=make_pairs(), valid=None, task=single_label(2))
    learn = make_learner(data)
    assert "valid_loss" not in learn.fit(1, 0.01).row
    for call in (learn.predictions, learn.tta):
        with pytest.raises(
            DataError, match=r"there is no validation set; give data with one, as \("
        ):
            call()


def test_other_data_must_have_the_same_classes() -> None:
    def data(*classes: str) -> Any:
        return SimpleNamespace(train=make_pairs(), valid=make_pairs(), classes=list(classes))

    learn = make_learner(data("cat", "dog"))
    old = learn.data
    for classes, words in (("cat", "cow"), "cow and dog"), (("dog", "cat"), "the order"):
        with pytest.raises(DataError, match=f"other classes .what differs: {words}.; this model"):
            learn.set_data(data(*classes))
    assert learn.data is old
    learn.set_data(data("cat", "dog"))
    assert learn.data is not old


def test_gradients_are_clipped_where_asked() -> None:
    plain, clipped = (make_learner(optimizer="sgd", weight_decay=0) for _ in range(2))
    plain.fit(1, 0.1), clipped.fit(1, 0.1, clip=1e-4)
    start = make_net().head.weight
    assert (clipped.model.head.weight - start).abs().max() < 1e-3
    assert (plain.model.head.weight - start).abs().max() > 1e-3


def test_two_learners_with_one_seed_are_equal_bit_for_bit() -> None:
    first, second, other = make_learner(seed=1), make_learner(seed=1), make_learner(seed=2)
    for learn in (first, second, other):
        learn.fit(1, 0.01)
        learn.fit_one_cycle(1, 0.01)
    assert same(tensors(first.model), tensors(second.model))
    assert not same(tensors(first.model), tensors(other.model))


class Unsized:
    """Repeatable, without a length; draws from the global random numbers like a shuffler."""

    def __iter__(self) -> Any:
        for inputs, targets in make_pairs(3):
            yield inputs + 0.1 * torch.rand(()), targets


def test_data_without_a_length_is_counted_and_leaves_random_numbers_alone() -> None:
    state, learn = torch.get_rng_state(), make_learner((Unsized(), make_pairs(1)))
    learn.fit(2, 0.01)
    assert learn.history.column("step") == [3, 6]
    assert torch.equal(torch.get_rng_state(), state)


def test_numbers_and_several_labels_train_and_predict() -> None:
    labels = [(x, torch.stack([y, 1 - y], 1)) for x, y in make_pairs()]
    numbers = [(x.numpy().astype(np.float64), x.sum(1).numpy()) for x, _ in make_pairs()]
    first = make_learner((labels, labels), task=multi_label(2))
    second = make_learner((numbers, numbers), make_net(1), task=number())
    assert {"label_accuracy", "f1"} <= set(first.fit(1, 0.01).row)
    assert "rmse" in second.fit(1, 0.01).row and second.predictions()[0].shape == (32, 1)


def test_what_is_printed_is_the_table_unless_quiet(capsys: pytest.CaptureFixture[str]) -> None:
    Learner((make_pairs(), make_pairs(1)), make_net(), task=single_label(2), device="cpu").fit(1)
    assert "train_loss" in capsys.readouterr().out
    make_learner().fit(1)
    assert capsys.readouterr().out == ""


def test_the_history_is_kept_up_to_the_step_where_a_run_was_stopped() -> None:
    learn = make_learner()
    learn.fit(2, 0.01, callbacks=[At("after_step", lambda run: run.stop(), step=6)])
    assert learn.history.steps == 6 and learn.history.rows[1]["step"] == 6
    assert "valid_loss" not in learn.history.rows[1]


def test_a_failed_run_leaves_a_learner_that_trains_again() -> None:
    def fail(run: Any) -> None:
        raise TenfoldError("on purpose")

    learn = make_learner()
    with pytest.raises(TenfoldError, match="on purpose"):
        learn.fit(1, 0.01, callbacks=[At("after_step", fail, step=2)])
    assert learn.fit(1, 0.01).state == "finished"


def first_weights(learn: Learner) -> Tensor:
    return next(learn.model.parameters())


def test_inputs_that_are_batched_arrays_train_to_the_same_bits_as_tensors() -> None:
    arrays = [(x.numpy(), y.numpy()) for x, y in make_pairs()]
    plain, other = make_learner(), make_learner((arrays, make_pairs(2, seed=2)))
    plain.fit(1, 0.01), other.fit(1, 0.01)
    assert torch.equal(first_weights(plain), first_weights(other))


def test_a_loader_is_not_started_before_it_is_needed() -> None:
    generator = torch.Generator().manual_seed(1)
    items = TensorDataset(*(torch.cat(part) for part in zip(*make_pairs(), strict=True)))
    state = generator.get_state()
    make_learner((DataLoader(items, shuffle=True, generator=generator), make_pairs(1)))
    assert torch.equal(generator.get_state(), state)
