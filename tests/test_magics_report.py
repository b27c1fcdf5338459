from __future__ import annotations

from typing import Any

import pytest
from magics_world import make_learner

from tenfold.errors import TrainingError
from tenfold.magics.report import KernelReport
from tenfold.techniques.keep_best import KeepBest
from tenfold.train.events import Callback
from tenfold.train.run import Run


class Page:
    """Remembers what was shown: (bundle, id, whether it replaced an earlier one)."""

    def __init__(self) -> None:
        self.shown: list[tuple[dict[str, str], str, bool]] = []

    def __call__(self, bundle: dict[str, str], id: str, update: bool) -> None:
        self.shown.append((bundle, id, update))

    @property
    def last(self) -> str:
        return self.shown[-1][0]["text/plain"]


class StopAt(Callback):
    """Stops a run as an interrupt does."""

    def __init__(self, step: int, message: str = "interrupted") -> None:
        self.step, self.message = step, message

    def after_step(self, run: Run) -> None:
        if run.step == self.step:
            run.stop(self.message)


@pytest.fixture
def page() -> Page:
    return Page()


def reporting(page: Page, **settings: Any) -> Any:
    learner = make_learner(quiet=False, **settings)
    learner.reporter = KernelReport(publish=page)
    return learner


def test_a_fit_is_one_output_that_ends_as_a_still_table(page: Page) -> None:
    reporting(page).fit(3)
    assert [update for _, _, update in page.shown][:1] == [False]
    assert all(update for _, _, update in page.shown[1:])
    assert len({id for _, id, _ in page.shown}) == 1
    assert "3 epochs in" in page.last and "accuracy" in page.last
    assert "<progress" not in page.shown[-1][0]["text/html"]


def test_a_second_fit_is_a_second_output_with_its_own_epochs(page: Page) -> None:
    learner = reporting(page)
    learner.fit(1)
    learner.fit(2)
    assert len({id for _, id, _ in page.shown}) == 2
    assert [line.split()[0] for line in page.last.splitlines()[1:-1]] == ["2", "3"]


def test_a_fast_fit_does_not_flood_the_page(page: Page) -> None:
    run = reporting(page).fit(50)
    seconds = sum(row["seconds"] for row in run.history.rows)
    assert len(page.shown) <= 2 + 5 * (seconds + 1)


def test_a_stopped_fit_says_so(page: Page) -> None:
    reporting(page).fit(5, callbacks=[StopAt(3)])
    assert "interrupted at step 3 of 10" in page.last
    assert "the weights are those of the last batch" in page.last


def test_weights_that_were_put_back_are_not_called_those_of_the_last_batch(page: Page) -> None:
    reporting(page).fit(5, callbacks=[StopAt(3), KeepBest("accuracy")])
    assert "interrupted at step 3 of 10" in page.last and "last batch" not in page.last


def test_a_failed_fit_leaves_a_table_that_says_where(page: Page) -> None:
    with pytest.raises(TrainingError):
        reporting(page, optimizer="sgd").fit(3, 1e30)
    assert "ended by an error at step" in page.last


def test_a_fit_without_validation_has_no_columns_for_it(page: Page) -> None:
    learner = reporting(page)
    learner.data.valid = None
    learner.fit(2)
    assert "valid_loss" not in page.last and "best epoch 2 (train_loss" in page.last


def test_the_bar_alone_ends_as_a_line(page: Page) -> None:
    learner = make_learner()
    learner.callbacks.append(KernelReport(table=False, publish=page))
    learner.lr_find(steps=20)
    assert page.last.startswith("20 steps in") and "epoch" not in page.last
