"""The magics that steer jobs: list, wait, pause, resume, stop, set the rate, say where it is."""

from __future__ import annotations

from typing import Any

from tenfold.errors import StateError
from tenfold.live.jobs import Job, jobs
from tenfold.live.panels.epochs import epochs_text
from tenfold.magics.call import Argument, Call, Magic, magic
from tenfold.magics.parser import MagicError
from tenfold.magics.report import Shown, progress_of
from tenfold.magics.work import finished, wait_for
from tenfold.tables import html_table, text_table
from tenfold.train.run import Run

__all__ = ["STEERING"]

JOB = Argument("--job", "count", "the job by its number; without it, the one that runs")


class JobList:
    """The jobs with their numbers, learners, lines and states, as text and as a table."""

    def __init__(self, listed: list[Job]) -> None:
        rows = [[str(job.number), job.learner_name, job.title, job.standing] for job in listed]
        self._table = [["job", "learner", "line", "state"], *rows]

    def __repr__(self) -> str:
        if len(self._table) == 1:
            return "there are no jobs yet; %fit 3 --background starts one"
        return text_table(self._table, words=True)

    def _repr_html_(self) -> str | None:
        return html_table(self._table, caption="jobs") if len(self._table) > 1 else None


def wanted(call: Call) -> Job:
    """The job named on the line, else the one that runs or comes first."""
    if call["job"] is not None:
        return jobs.find(call["job"])
    unfinished = jobs.unfinished()
    if not unfinished:
        raise MagicError("no job runs; %jobs lists those that have ended")
    return unfinished[0]


def going(call: Call) -> Job:
    """The same, and it must not have ended."""
    job = wanted(call)
    if job.ended:
        raise StateError(f"job {job.number} has {job.state}; %jobs lists those that go on")
    return job


@magic("jobs", example="%jobs", learner=False)
def list_jobs(call: Call) -> list[Job]:
    """List the jobs: what runs, what waits for its turn, and what has ended lately."""
    if not call.used:
        call.show(JobList(jobs.all))
    return jobs.all


@magic("wait", JOB, example="%wait", learner=False)
def wait(call: Call) -> Any:
    """Wait until every job has ended, or one of them; raises the error that ended it.

    An interrupt stops the job that is waited for at its next batch, a second one raises. The
    value is the job's, if its own line assigned it.
    """
    if call["job"] is not None:
        return finished(jobs.find(call["job"]))
    value = None
    for job in [one for one in jobs.all if not one.reported]:
        value = finished(job)
    return value


@magic("pause", JOB, example="%pause", learner=False)
def pause(call: Call) -> None:
    """Let a job wait before its next batch, until %resume or %stop."""
    job = going(call)
    job.pause()
    call.say(f"{job} pauses at its next batch; %resume goes on")


@magic("resume", JOB, example="%resume", learner=False)
def resume(call: Call) -> None:
    """Let a paused job go on."""
    job = going(call)
    job.resume()
    call.say(f"{job} goes on")


@magic("stop", JOB, example="%stop", learner=False)
def stop(call: Call) -> None:
    """End a job after its present batch; the weights are those of that batch."""
    job = going(call)
    control = job.control
    job.stop()
    wait_for(job)
    at = f" at step {control.step} of {control.total_steps}" if control is not None else ""
    call.say(f"job {job.number} ({job.title}) {job.state}{at}")


@magic(
    "rate",
    Argument("lr", "number", "the learning rate from the next batch on"),
    Argument("--group", "count", "one layer group, from 0; all of them without it"),
    JOB,
    example="%rate --group 2 1e-4",
    learner=False,
)
def rate(call: Call) -> None:
    """Change the learning rate of the run of a job; the rest of its schedule is scaled with it."""
    job = going(call)
    job.set_rate(call["lr"], group=call["group"])
    where = "" if call["group"] is None else f" in group {call['group']}"
    call.say(f"the rate is {call['lr']:g}{where} from the next batch on")


@magic("status", JOB, example="%status", learner=False)
def status(call: Call) -> None:
    """Say where a job is, with the epochs of its run so far."""
    if not jobs.all:
        raise MagicError("there are no jobs yet; %fit 3 --background starts one")
    last = call["job"] is None and not jobs.unfinished()
    job = jobs.all[-1] if last else wanted(call)
    call.say(f"job {job.number} ({job.title}): {job.standing}")
    run = job.control
    if isinstance(run, Run):
        call.say(epochs_text(progress_of(run, Shown(run.first_row, run.first_step), table=True)))


STEERING: tuple[Magic, ...] = (list_jobs, wait, pause, resume, stop, rate, status)
