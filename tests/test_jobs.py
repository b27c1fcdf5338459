from __future__ import annotations

import gc
import sys
import threading
import weakref
from typing import Any

import pytest
import torch
from factories import At, make_learner, same, tensors

from tenfold.errors import SettingError, StateError, StoppedError
from tenfold.learner import Learner
from tenfold.live.jobs import Job, Jobs, current
from tenfold.train.run import Run

LONG = 20.0


@pytest.fixture
def jobs() -> Jobs:
    return Jobs()


def submit(jobs: Jobs, learner: Learner, work: Any, **more: Any) -> Job:
    return jobs.submit(work, lines=["%fit 2"], learner=learner, name="learn", **more)


def held(learner: Learner, *, event: str = "after_step", step: int = 2) -> threading.Event:
    """The learner's next fit pauses itself at a step; the event says that it is there."""
    there = threading.Event()
    pause = At(event, lambda run: (run.pause(), there.set()), step=step)
    learner.callbacks.append(pause)
    return there


def test_a_job_trains_in_a_thread_of_its_own_to_the_same_bits(jobs: Jobs) -> None:
    plain, learner, threads = make_learner(), make_learner(), []
    plain.fit(2, 0.1)
    learner.callbacks.append(At("before_fit", lambda run: threads.append(run.thread)))
    job = submit(jobs, learner, lambda: learner.fit(2, 0.1))
    assert job.wait(LONG) and job.state == "finished"
    assert isinstance(job.result, Run) and job.value() is job.result
    assert same(tensors(plain.model), tensors(learner.model))
    assert threads != [threading.get_ident()]


def test_jobs_go_one_after_the_other_and_leave_no_thread(jobs: Jobs) -> None:
    seen: list[Any] = []
    learners = [make_learner() for _ in range(4)]
    all_ = [submit(jobs, one, lambda: seen.append(current())) for one in learners]
    assert all(job.wait(LONG) for job in all_) and seen == all_
    assert current() is None and not jobs.unfinished()
    assert [job.number for job in jobs.all] == [1, 2, 3, 4]
    for thread in threading.enumerate():
        if thread.name == "tenfold-jobs":
            thread.join(LONG)
    assert "tenfold-jobs" not in {thread.name for thread in threading.enumerate()}


def test_a_learner_with_a_job_is_refused_everywhere_else(jobs: Jobs) -> None:
    learner = make_learner()
    there = held(learner)
    job = submit(jobs, learner, lambda: learner.fit(1, 0.1))
    assert there.wait(LONG)
    for act in (
        lambda: submit(jobs, learner, learner.lr_find),
        lambda: learner.fit(1),
        learner.freeze,
        learner.predictions,
        lambda: learner.plan(threads=1),
        lambda: learner.save("nowhere"),
    ):
        with pytest.raises(StateError, match=r"busy with job 1 \(%fit 2, training .*%wait.*%stop"):
            act()
    job.resume()
    assert job.wait(LONG) and learner.holder is None
    learner.fit(1)


def test_a_job_that_waits_for_its_turn_can_be_stopped_before_it_begins(jobs: Jobs) -> None:
    first, second, did = make_learner(), make_learner(), []
    there = held(first)
    running = submit(jobs, first, lambda: first.fit(1, 0.1))
    waiting = submit(jobs, second, lambda: did.append(1))
    assert there.wait(LONG) and waiting.state == "waiting"
    waiting.stop()
    running.stop()
    assert running.wait(LONG) and waiting.wait(LONG)
    assert (running.state, waiting.state, did) == ("stopped", "stopped", [])


def test_what_is_asked_before_the_run_begins_holds_for_it(jobs: Jobs) -> None:
    learner, begin = make_learner(), threading.Event()

    def work() -> Run:
        assert begin.wait(LONG)
        return learner.fit(2, 0.1)

    job = submit(jobs, learner, work)
    job.set_rate(0.02, group=1)
    job.pause()
    with pytest.raises(SettingError, match="group 7 was given; this run has groups 0 to 2"):
        job.set_rate(0.1, group=7)
    job.resume()
    begin.set()
    assert job.wait(LONG) and job.result.changes == [(0, 0.02, 1)]


def test_a_stop_reaches_a_job_between_its_runs(jobs: Jobs) -> None:
    learner = make_learner()
    learner.callbacks.append(At("after_fit", lambda run: job.stop("enough")))
    go = threading.Event()
    job = submit(jobs, learner, lambda: go.wait(LONG) and learner.fine_tune(3))
    go.set()
    assert job.wait(LONG) and job.state == "stopped"
    assert len(learner.history) == 1


def test_a_stopped_pass_has_no_result_and_says_so(jobs: Jobs) -> None:
    learner = make_learner()
    job = submit(jobs, learner, learner.predictions)
    job.stop()
    assert job.wait(LONG) and job.state == "stopped"

    def stopped() -> Any:
        run = learner.run
        learner.observers.append(stopper)
        try:
            return learner.predictions()
        finally:
            learner.observers.remove(stopper)
            assert learner.run is run

    stopper = At("before_fit", lambda control: control.stop())
    job = submit(jobs, learner, stopped)
    assert job.wait(LONG) and job.state == "stopped"
    with pytest.raises(StoppedError, match="stopped after batch 1 of 2, so there is no result"):
        job.value()


def test_a_rate_is_refused_where_nothing_trains(jobs: Jobs) -> None:
    learner = make_learner()
    job = submit(jobs, learner, lambda: None)
    assert job.wait(LONG)
    with pytest.raises(StateError, match=r"job 1 \(%fit 2\) does not train now"):
        job.set_rate(0.1)


def test_an_error_is_kept_raised_and_holds_no_tensor(jobs: Jobs) -> None:
    learner, alive = make_learner(), []

    def fail(run: Run) -> None:
        batch = torch.zeros(100)
        alive.extend([weakref.ref(batch), weakref.ref(run.inputs)])
        raise ValueError("no more")

    data = [(batch.clone(), targets) for batch, targets in learner.data.train]
    learner.data.train = Fresh(data)
    learner.callbacks.append(At("after_backward", fail, step=1))
    job = submit(jobs, learner, lambda: learner.fit(1, 0.1))
    assert job.wait(LONG) and job.state == "failed" and "no more" in job.standing
    gc.collect()
    assert [one() for one in alive] == [None, None]
    for _ in range(2):
        with pytest.raises(ValueError, match="no more") as caught:
            job.value()
    assert "fail" in [frame.name for frame in caught.traceback]


class Fresh:
    """Batches that nobody else keeps."""

    def __init__(self, pairs: list[Any]) -> None:
        self._pairs = pairs

    def __len__(self) -> int:
        return len(self._pairs)

    def __iter__(self) -> Any:
        return ((inputs.clone(), targets.clone()) for inputs, targets in self._pairs)


def test_a_result_that_nobody_asked_for_is_let_go(jobs: Jobs) -> None:
    learner = make_learner()
    job = submit(jobs, learner, lambda: learner.fit(1, 0.1), keep=False)
    assert job.wait(LONG) and job.state == "finished" and job.result is None
    assert job.learner is None


def test_only_the_last_jobs_are_listed_and_others_are_named(jobs: Jobs) -> None:
    learner = make_learner()
    for _ in range(25):
        assert submit(jobs, learner, lambda: None).wait(LONG)
    assert len(jobs.all) == 21 and jobs.find(25) is jobs.all[-1]
    with pytest.raises(StateError, match=r"job 2 was asked for; there is 5, 6, .*; %jobs lists"):
        jobs.find(2)


def test_threads_take_turns_more_often_while_a_job_runs(jobs: Jobs) -> None:
    before = sys.getswitchinterval()
    job = submit(jobs, make_learner(), sys.getswitchinterval)
    assert job.wait(LONG) and job.result < before
    for thread in threading.enumerate():
        if thread.name == "tenfold-jobs":
            thread.join(LONG)
    assert sys.getswitchinterval() == before
