"""The search: settings are suggested, tried and compared, and hopeless trials end early."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tenfold.data.batches import mixed
from tenfold.errors import (
    FileError,
    MissingPackageError,
    SettingError,
    StoppedError,
    TrainingError,
)
from tenfold.text import listed
from tenfold.train.metrics import lower_is_better
from tenfold.trials.ranges import Choice, Range, read_ranges, words_of
from tenfold.trials.result import Search, Tried
from tenfold.trials.trial import BY_HAND, Trial

__all__ = ["search"]

# trials that are never pruned, so that there is a median worth the name
FIRST = 5
_RANGES, _WHY = "tenfold.ranges", "tenfold.why"


def search(
    objective: Callable[[Trial], Any],
    ranges: Mapping[str, Any],
    *,
    trials: int = 20,
    column: str = "valid_loss",
    lower: bool | None = None,
    prune: bool = True,
    storage: str | Path | None = None,
    name: str = "search",
    seed: int = 0,
    quiet: bool = False,
    watch: Callable[[Search], bool | None] | None = None,
) -> Search:
    """Look for the settings with the best score; optuna suggests them (Akiba et al. 2019).

    `objective(trial)` trains with `trial["lr"]` and its like, and returns a learner, whose last
    `column` is the score, or a number. Give `callbacks=trial.callbacks` to its fits: hopeless
    trials then end early, unless `prune` is False, and stopping a fit ends the search with what
    there is. `ranges` has a range for each setting: `(1e-4, 1e-1, "log")`, `(0.0, 0.5)`, `(1, 8)`
    for whole numbers, or a list to choose from.

    `storage` is an SQLite file that keeps every trial under `name`: the same call goes on where
    it was, and `trials` counts those that are there. One process at a time may use it. `lower`
    says whether a lower score is better, where the name of the column does not. `watch(found)`
    is called as a trial begins, after each of its epochs and at its end; where it returns False
    then, the search ends.

    >>> found = search(lambda trial: (trial["x"] - 3) ** 2, {"x": (0.0, 10.0)}, quiet=True)
    >>> len(found), abs(found.best["x"] - 3) < 2
    (20, True)
    """
    asked = read_ranges(ranges)
    _check(objective, trials)
    down = lower_is_better(column) if lower is None else lower
    with _study(asked, storage=storage, name=name, lower=down, seed=seed) as study:

        def so_far() -> Search:
            return _found(study, asked, column=column, lower=down)

        def tell() -> bool:
            return watch is None or watch(so_far()) is not False

        found = so_far()
        while len(found) < trials:
            goes_on = _try(study, objective, asked, column=column, prune=prune, tell=tell)
            found = so_far()
            if goes_on and not quiet:
                print(_line(found, trials))
            if not goes_on or not tell():
                break
    return found


def _check(objective: Any, trials: Any) -> None:
    if isinstance(trials, bool) or not isinstance(trials, int) or trials < 1:
        raise SettingError(f"trials={trials!r} was given; allowed is 1 and above; try 20")
    if not callable(objective):
        raise SettingError(
            f"objective={objective!r:.40} was given; allowed is a function of a trial that returns "
            "a learner or a number"
        )


def _try(
    study: Any,
    objective: Callable[[Trial], Any],
    ranges: Mapping[str, Range | Choice],
    *,
    column: str,
    prune: bool,
    tell: Callable[[], bool],
) -> bool:
    """Run one trial; whether the search goes on. One that was cut short leaves no result."""
    from optuna.trial import TrialState

    asked = study.ask()
    settings = {name: one.suggest(asked, name) for name, one in ranges.items()}
    trial = Trial(asked, settings, column=column, prune=prune, tell=tell)
    try:
        tell()
        score, why, stopped = _outcome(objective, trial, column)
    except BaseException:
        study.tell(asked, state=TrialState.FAIL)
        raise
    if trial.pruning.pruned:
        study.tell(asked, state=TrialState.PRUNED)
    elif math.isfinite(score):
        study.tell(asked, score)
    else:
        if not stopped:  # a trial without a reason has no result, and is made up for later
            asked.set_user_attr(_WHY, why)
        study.tell(asked, state=TrialState.FAIL)
    return not stopped


def _outcome(
    objective: Callable[[Trial], Any], trial: Trial, column: str
) -> tuple[float, str, bool]:
    """The score of a trial, what to say when it is none, and whether a person ended it."""
    try:
        returned = objective(trial)
        if _was_stopped(trial, returned):
            return math.nan, "", True
        score = _score(returned, column)
        return score, f"the score was {score}", False
    except TrainingError as error:  # a rate that is too high is a result, and not the end
        return math.nan, str(error), trial.pruning.stopped
    except StoppedError:
        return math.nan, "", True
    except Exception:
        if trial.pruning.stopped:  # it may miss what the stopped fit would have left
            return math.nan, "", True
        raise


def _was_stopped(trial: Trial, returned: Any) -> bool:
    """Whether a person ended a fit of this trial."""
    last = getattr(returned, "run", None)
    words = getattr(last, "message", "") if getattr(last, "state", "") == "stopped" else ""
    return trial.pruning.stopped or words in BY_HAND


def _score(returned: Any, column: str) -> float:
    """The score out of what an objective returned."""
    history = getattr(returned, "history", None)
    if history is not None:
        values = [value for value in history.column(column) if value is not None]
        return float(values[-1]) if values else math.nan
    try:
        return float(returned)
    except (TypeError, ValueError):
        raise SettingError(
            f"the objective returned {returned!r:.40}; allowed is a learner or a number; end it "
            "with return learn"
        ) from None


@contextmanager
def _study(
    ranges: Mapping[str, Range | Choice],
    *,
    storage: str | Path | None,
    name: str,
    lower: bool,
    seed: int,
) -> Iterator[Any]:
    """The study of this name, a new one or the one in the file; its messages are silenced."""
    optuna = _optuna()
    before = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    place = None if storage is None else _opened(optuna, Path(storage))
    try:
        study = optuna.create_study(
            storage=place,
            study_name=name,
            load_if_exists=True,
            direction="minimize" if lower else "maximize",
            pruner=optuna.pruners.MedianPruner(n_startup_trials=FIRST),
        )
        _same(study, ranges, name=name, lower=lower)
        done = len(study.get_trials(deepcopy=False))
        # a search that goes on must not draw the same numbers again
        study.sampler = optuna.samplers.TPESampler(seed=mixed(seed, done) % 2**32)
        for left in study.get_trials(deepcopy=False, states=[optuna.trial.TrialState.RUNNING]):
            study.tell(left.number, state=optuna.trial.TrialState.FAIL)  # its process was killed
        yield study
    finally:
        optuna.logging.set_verbosity(before)
        if place is not None:
            place.remove_session()
            place.engine.dispose()


def _optuna() -> Any:
    try:
        import optuna
    except ImportError:
        raise MissingPackageError(
            "a search needs optuna and scikit-learn, which are not installed; run "
            "`pip install tenfold[search]`"
        ) from None
    return optuna


def _opened(optuna: Any, file: Path) -> Any:
    file = file.expanduser().absolute()
    try:
        return optuna.storages.RDBStorage(f"sqlite:///{file.as_posix()}")
    except Exception as error:  # of a package that only optuna asks for
        raise FileError(
            f"{file} cannot be used as a storage ({str(error).splitlines()[0]}); give the name of "
            "an SQLite file, new or from a search before, in a folder that is there"
        ) from error


def _same(study: Any, ranges: Mapping[str, Range | Choice], *, name: str, lower: bool) -> None:
    """Refuse to go on with a search that was another one."""
    asked: dict[str, Any] = {
        "lower": lower,
        "ranges": {key: one.state() for key, one in ranges.items()},
    }
    kept = study.user_attrs.get(_RANGES)
    if kept is None:
        study.set_user_attr(_RANGES, asked)
    elif kept != asked:
        differ = [key for key in {**kept["ranges"], **asked["ranges"]}
                  if kept["ranges"].get(key) != asked["ranges"].get(key)]  # fmt: skip
        what = f"ranges (what differs: {listed(differ)})" if differ else "meaning of a better score"
        raise SettingError(
            f"the storage has a search {name!r} with another {what}; give the same again, or "
            "another name"
        )


def _found(study: Any, ranges: Mapping[str, Range | Choice], *, column: str, lower: bool) -> Search:
    known = study.get_trials(deepcopy=False)
    trials = tuple(_tried(one) for one in known if _counts(one))
    running = next((_tried(one) for one in known if one.state.name == "RUNNING"), None)
    return Search(trials, dict(ranges), column=column, lower=lower, running=running)


def _counts(trial: Any) -> bool:
    """Whether a trial has a result: not one that runs, or was cut short by a person."""
    return trial.state.name in {"COMPLETE", "PRUNED"} or _WHY in trial.user_attrs


def _tried(trial: Any) -> Tried:
    scores = trial.intermediate_values
    states = {"COMPLETE": "finished", "PRUNED": "pruned", "RUNNING": "running"}
    state = states.get(trial.state.name, "failed")
    last = scores[max(scores)] if scores else math.nan
    return Tried(
        number=trial.number,
        settings=dict(trial.params),
        score={"finished": trial.value, "pruned": last}.get(state, math.nan),
        state=state,
        epochs=len(scores),
        seconds=trial.duration.total_seconds() if trial.duration is not None else 0.0,
        why=trial.user_attrs.get(_WHY, ""),
        curve=tuple(scores[epoch] for epoch in sorted(scores)),
    )


def _line(found: Search, trials: int) -> str:
    """How the last trial went, in words."""
    last = found.trials[-1]
    said = {
        "finished": f"{found.column} {last.score:.4f}",
        "pruned": f"pruned at {last.score:.4f}",
        "failed": f"failed: {last.why}",
    }[last.state]
    best = ", the best so far" if found.winner is last else ""
    return f"trial {len(found)} of {trials}: {said} with {words_of(last.settings)}{best}"
