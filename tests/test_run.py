from __future__ import annotations

import threading
from typing import Any

import pytest
from factories import At, make_net, make_run, same, tensors

from tenfold.errors import SettingError, StateError
from tenfold.train.run import Run
from tenfold.train.schedule import Constant, Cosine, Linear, sgdr
from tenfold.train.trainer import fit

# far above what any of these runs needs: a wait that is longer has hung
LONG = 20.0


def fit_in_thread(run: Run) -> threading.Thread:
    thread = threading.Thread(target=fit, args=(run,), daemon=True)
    thread.start()
    return thread


def rates(run: Run) -> list[list[float]]:
    return run.history.rates.tolist()


def test_a_run_is_as_long_as_its_epochs_or_its_limit() -> None:
    assert make_run(epochs=3).total_steps == 12
    assert make_run(epochs=3, limit=5).total_steps == 5
    assert make_run(epochs=1, limit=50).total_steps == 4


def test_the_limit_ends_a_run_in_the_middle_of_an_epoch() -> None:
    run = fit(make_run(epochs=2, limit=6, valid=False))
    assert (run.step, run.state, len(run.history)) == (6, "finished", 2)


def test_a_run_can_be_paused_and_goes_on_from_another_thread() -> None:
    paused = threading.Event()
    run = make_run(callbacks=[At("after_step", lambda run: (run.pause(), paused.set()), step=3)])
    thread = fit_in_thread(run)
    assert paused.wait(LONG) and not run.wait(timeout=0)
    assert run.step == 3
    run.resume()
    thread.join(LONG)
    assert (run.state, run.step) == ("finished", 8)
    assert (3, "paused") in run.history.marks


def test_a_pause_changes_no_bit() -> None:
    paused = threading.Event()
    pause = At("after_step", lambda run: (run.pause(), paused.set()), step=2)
    plain, run = fit(make_run()), make_run(callbacks=[pause])
    thread = fit_in_thread(run)
    assert paused.wait(LONG)
    run.resume()
    thread.join(LONG)
    assert same(tensors(run.model), tensors(plain.model))


def test_a_paused_run_can_be_stopped_from_another_thread() -> None:
    paused = threading.Event()
    run = make_run(callbacks=[At("after_step", lambda run: (run.pause(), paused.set()), step=3)])
    thread = fit_in_thread(run)
    assert paused.wait(LONG)
    run.stop("enough")
    thread.join(LONG)
    assert (run.state, run.message, run.step) == ("stopped", "enough", 3)


def test_a_rate_set_while_paused_holds_from_the_next_batch_on() -> None:
    paused = threading.Event()
    run = make_run(callbacks=[At("after_step", lambda run: (run.pause(), paused.set()), step=4)])
    thread = fit_in_thread(run)
    assert paused.wait(LONG)
    run.set_rate(0.02)
    run.resume()
    thread.join(LONG)
    assert rates(run) == [[0.1] * 3] * 4 + [[0.02] * 3] * 4
    assert (4, "rate 0.02") in run.history.marks


def test_the_optimizer_uses_the_rate_that_was_set() -> None:
    seen: list[list[float]] = []
    watch = At("before_validate", lambda run: seen.append(lrs(run)))
    fit(make_run(callbacks=[At("before_epoch", lambda run: run.set_rate(0.3)), watch], epochs=1))
    assert seen == [[0.3]]


def lrs(run: Run) -> list[float]:
    return [group["lr"] for group in run.optimizer.param_groups]


def test_the_rate_of_one_group_can_be_set() -> None:
    action = At("after_step", lambda run: run.set_rate(0.5, group=1), step=2)
    run = fit(make_run(callbacks=[action], epochs=1))
    assert rates(run) == [[0.1] * 3] * 2 + [[0.1, 0.5, 0.1]] * 2
    assert (2, "rate 0.5 for group 1") in run.history.marks


def test_the_rest_of_the_schedule_is_scaled_with_a_rate_that_was_set() -> None:
    action = At("after_step", lambda run: run.set_rate(1.0), step=2)
    run = fit(make_run(callbacks=[action], epochs=1, schedule=Linear(1.0, 0.25)))
    assert run.history.rates[:, 0].tolist() == pytest.approx([0.1, 0.075, 1.0, 0.5])


def test_a_new_rate_keeps_the_momenta() -> None:
    plain, run = (
        make_run(),
        make_run(callbacks=[At("after_step", lambda run: run.set_rate(0.1), step=3)]),
    )
    assert same(tensors(fit(plain).model), tensors(fit(run).model))


@pytest.mark.parametrize(
    ("lr", "group", "words"),
    [
        (0, None, "the learning rate 0 was given"),
        ("fast", None, "the learning rate 'fast' was given"),
        (0.1, 3, "group 3 was given; this run has groups 0 to 2"),
        (0.1, -1, "group -1 was given"),
    ],
)
def test_a_rate_that_cannot_be_set_is_refused_at_once(
    lr: Any, group: int | None, words: str
) -> None:
    with pytest.raises(SettingError, match=words):
        make_run().set_rate(lr, group=group)


def test_waiting_for_a_run_that_has_not_started_is_refused() -> None:
    with pytest.raises(StateError, match="has not started; nothing to wait for; call fit first"):
        make_run().wait()


def test_whoever_waits_sees_the_model_as_it_stays() -> None:
    held, go = threading.Event(), threading.Event()
    model = make_net().eval()
    run = make_run(
        model=model, callbacks=[At("after_fit", lambda run: (held.set(), go.wait(LONG)))]
    )
    thread = fit_in_thread(run)
    assert held.wait(LONG)
    assert not run.wait(timeout=0)
    go.set()
    assert run.wait(LONG) and not model.early.training
    thread.join(LONG)


def test_controls_can_be_used_while_an_interrupt_holds_the_same_thread() -> None:
    run = make_run()
    with run._lock:
        run.stop("from a signal handler")
    assert fit(run).state == "stopped"


def test_the_losses_and_rates_of_every_step_are_in_the_history() -> None:
    run = fit(make_run(schedule=Cosine(), rate="1e-3:1e-1"))
    assert run.history.losses.shape == (8,) and run.history.rates.shape == (8, 3)
    expected = [[rate * factor for rate in (1e-3, 1e-2, 1e-1)] for factor in Cosine().factors(8)]
    assert run.history.rates.tolist() == [pytest.approx(row) for row in expected]
    assert run.history.column("step") == [4, 8]


def test_the_training_loss_of_an_epoch_is_the_mean_of_its_steps() -> None:
    history = fit(make_run()).history
    means = history.losses.reshape(2, 4).mean(axis=1)
    assert history.column("train_loss") == pytest.approx(means.tolist())


def test_a_run_says_how_long_it_will_take() -> None:
    run = make_run(schedule=Constant())
    fit(run)
    assert run.seconds_left == 0


def test_a_finished_run_holds_no_batch() -> None:
    run = fit(make_run())
    assert run.inputs is run.targets is run.outputs is run.loss is None


def test_a_rate_set_where_the_schedule_is_at_nothing_is_the_next_peak() -> None:
    ask = At("after_step", lambda run: run.set_rate(1e-3), step=3)
    run = make_run(schedule=sgdr(2), callbacks=[ask])
    fit(run)
    assert run.history.rates[4, 0] == pytest.approx(1e-3)
