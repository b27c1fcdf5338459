"""The magics of the course: check an exercise, a hint, the solution, a guess."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from IPython.utils.capture import capture_output

from tenfold.course.bank import find_exercise
from tenfold.course.checking import Verdict, run_check
from tenfold.course.lesson import Exercise
from tenfold.course.progress import Progress
from tenfold.live.jobs import jobs
from tenfold.magics.call import Argument, Call, Magic, magic
from tenfold.magics.parser import MagicError
from tenfold.text import escape

__all__ = ["COURSE"]

NUMBER = Argument("number", "word", "the exercise, as in 3.1")
COLOURS = {"right": "#009E73", "wrong": "#D55E00", "raised": "#D55E00"}


class Said:
    """A few words on the page, with a bar at the side; code in a block of its own."""

    def __init__(self, words: str, *, colour: str = "#808080", code: str = "") -> None:
        self.words, self.colour, self.code = words, colour, code

    def __repr__(self) -> str:
        return "\n\n".join(filter(None, (self.words, self.code)))

    def _repr_html_(self) -> str:
        code = f"<pre>{escape(self.code)}</pre>" if self.code else ""
        return (
            f'<div role="status" style="border-left:4px solid {self.colour};padding:4px 12px">'
            f'<span style="white-space:pre-wrap">{escape(self.words)}</span>{code}</div>'
        )


@magic("check", NUMBER, example="%check 3.1", learner=False)
def check(call: Call) -> Verdict:
    """Check your answer to an exercise: right, wrong and why, or not attempted."""
    exercise, progress = _found(call)
    if jobs.unfinished():
        raise MagicError(
            "a job is not finished, and a check would disturb its random numbers; wait for it "
            "with %wait, or end it with %stop"
        )
    before = progress.exercise(exercise.number)
    with capture_output(stdout=False, stderr=False):  # pictures stay off the page
        verdict = run_check(exercise, call.shell.user_ns, seed=before["attempts"])
    if verdict.kind != "not attempted":
        progress.attempt(exercise.number, verdict.kind)
    call.show(Said(str(verdict), colour=COLOURS.get(verdict.kind, "#808080")))
    return verdict


@magic("hint", NUMBER, example="%hint 3.1", learner=False)
def hint(call: Call) -> str:
    """Show the next hint for an exercise, one at a time."""
    exercise, progress = _found(call)
    seen = progress.exercise(exercise.number)["hints"]
    place = min(seen, len(exercise.hints) - 1)
    progress.saw_hints(exercise.number, place + 1)
    words = f"Hint {place + 1} of {len(exercise.hints)}: {exercise.hints[place]}"
    if seen >= len(exercise.hints):
        words += f"\nThat was the last; %solution {exercise.number} shows a solution."
    call.show(Said(words))
    return words


@magic(
    "solution",
    NUMBER,
    Argument("--now", "flag", "also without an attempt", {"action": "store_true"}),
    example="%solution 3.1",
    learner=False,
)
def solution(call: Call) -> str:
    """Show a solution of an exercise, after an attempt of yours or with --now."""
    exercise, progress = _found(call)
    if not progress.exercise(exercise.number)["attempts"] and not call["now"]:
        raise MagicError(
            f"no attempt at {exercise.number} has been checked yet; try it and run "
            f"%check {exercise.number}, take a %hint {exercise.number}, or see it all the same "
            f"with %solution {exercise.number} --now"
        )
    progress.saw_solution(exercise.number)
    call.show(Said(f"A solution of {exercise.number}:", code=exercise.solutions[0]))
    return exercise.solutions[0]


def _found(call: Call) -> tuple[Exercise, Progress]:
    here = Path.cwd()
    return find_exercise(call["number"], here), Progress(here, told=call.say)


@magic(
    "guess",
    Argument("name", "word", "what is guessed, one word"),
    Argument("value", "path", "your guess, in any words", {"nargs": "*"}),
    Argument("--was", "path", "what it turned out to be, as {value} for a variable"),
    example="%guess accuracy 0.5",
    learner=False,
)
def guess(call: Call) -> str | None:
    """Record a guess, and later say how it compares: %guess accuracy --was {value}."""
    progress, name = Progress(Path.cwd(), told=call.say), call["name"]
    if call["value"]:
        mine = " ".join(map(_short, call["value"]))
        progress.guessed(name, mine)
        words = f"Your guess for {name}: {mine}."
    elif call["was"] is None:
        raise MagicError(f"a value is missing; write it as in %guess {name} 0.5")
    else:
        words = _compared(progress.guess(name), _short(call["was"]))
        progress.was(name, _short(call["was"]))
    call.say(words)
    return words


def _compared(guess: str | None, was: str) -> str:
    if guess is None:
        return f"You made no guess; it is {was}. Guess before you run it next time: it pays."
    return f"You guessed {guess}; it is {was}."


def _short(value: Any) -> str:
    if getattr(value, "ndim", None) == 0:
        value = value.item()  # one number of torch's or numpy's
    return f"{float(value):.3g}" if isinstance(value, float) else str(value)


COURSE: tuple[Magic, ...] = (check, hint, solution, guess)
