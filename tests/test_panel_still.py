from __future__ import annotations

import gc
import threading
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import comm
import pytest
from factories import make_learner
from ipywidgets.widgets.widget import _instances
from magics_world import make_shell
from pages import Desk
from panel_world import World
from test_wire import make

from tenfold.errors import MissingPackageError, StateError
from tenfold.live.jobs import jobs
from tenfold.live.widgets.panel import Panel
from tenfold.live.widgets.shell import Shell, built
from tenfold.live.widgets.still import Still, show


@pytest.fixture
def world() -> Iterator[World]:
    made = World()
    with made.desk:
        yield made
    made.panel.close()
    made.end_jobs()


# ---- what a page remembers -------------------------------------------------------------------


def test_a_page_writes_its_view_and_nothing_else(world: World) -> None:
    world.hear({"view": {"tab": "rate"}, "notice": "mine", "learner": {}}, method="update")
    assert world.panel.view == {"tab": "rate"}
    assert world.panel.notice == "" and world.panel.learner["name"] == "learn"
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    for odd in ({"view": 3}, {"view": {"tab": "x" * 9000}}, {"view": {"a": b"x"}}, [], None):
        world.hear(odd, method="update")
    world.panel.set_state({"view": {"tab": deep}})
    assert world.panel.view == {"tab": "rate"}


def test_a_command_is_handled_where_the_page_wants_it(world: World) -> None:
    world.panel.comm._reply_subshell_id = None  # as ipykernel 7.4 notes at every message
    world.panel.write(notice="hello")
    assert not hasattr(world.panel.comm, "_reply_subshell_id")


# ---- its end ---------------------------------------------------------------------------------


def test_a_hundred_panels_leave_nothing_behind() -> None:
    learn, desk = make_learner(), Desk()
    threads = set(threading.enumerate())
    before = set(comm.get_comm_manager().comms), set(_instances)
    gone = []
    for _ in range(100):
        panel = Panel(learn, monitor=desk.monitor, run_lines=lambda lines, panel: None)
        gone.append(weakref.ref(panel))
        panel.close()
        panel.close()
        panel.write(notice="nobody sees this")
    del panel
    gc.collect()
    assert (set(comm.get_comm_manager().comms), set(_instances)) == before
    assert not set(threading.enumerate()) - threads and not any(ref() for ref in gone)
    assert desk.monitor.publisher._views == [desk.view]


def test_a_page_can_close_its_panel(world: World) -> None:
    world.hear(make("close"))
    assert world.panel.closed and world.sent[-1][0] == "comm_close"
    with pytest.raises(StateError, match="this panel is closed; open another with %panel"):
        show(world.panel)
    world.panel._receive(world.panel, make("close"), [])


def test_an_open_panel_does_not_keep_its_learner_alive() -> None:
    world = World()
    gone = weakref.ref(world.learn)
    world.learn = None  # type: ignore[assignment]
    gc.collect()
    assert gone() is None and world.panel.last_run() is None
    world.panel.refresh()
    world.hear(make("lines", lines=["%fit 1"]))
    ((_, ok, words),) = world.answers()
    assert not ok and words.startswith("the learner of this panel is gone: learn was made anew")
    world.panel.close()


def test_without_the_built_files_there_is_no_panel() -> None:
    before = set(_instances)
    with pytest.raises(MissingPackageError, match=r"in the checkout run: pip install --editable"):
        Shell("nothing", words="")
    assert built("panel.js") and set(_instances) == before


# ---- what stays of it ------------------------------------------------------------------------


class Outputs:
    """Where a still report goes."""

    def __init__(self) -> None:
        self.shown: list[tuple[str, bool]] = []

    def __call__(self, bundle: dict[str, str], id: str, update: bool) -> None:
        assert bundle["text/html"].startswith('<div class="tenfold-still"')
        self.shown.append((bundle["text/plain"], update))


def test_the_still_report_follows_every_end(world: World) -> None:
    outputs = Outputs()
    Still(world.panel, None, publish=outputs)
    assert outputs.shown == [("Tenfold panel of learn: nothing has been trained yet", False)]
    world.work = lambda panel: world.learn.fit(2, 0.1)
    world.hear(make("lines", lines=["%fit 2 --lr 0.1"]))
    world.end_jobs()
    text, update = outputs.shown[-1]
    assert update and "2 epochs in" in text and "the same again:\n%fit 2 --lr 0.1" in text
    count = len(outputs.shown)
    world.panel.catch_up()
    assert len(outputs.shown) == count


def test_the_report_of_a_finder_is_over_its_rates(world: World) -> None:
    outputs = Outputs()
    world.learn.lr_find(steps=30, start=1e-4, end=1e-1)
    Still(world.panel, None, publish=outputs)
    assert "loss at rates from 1.0e-04 to 1.0e-01" in outputs.shown[0][0]


def test_a_cell_brings_the_panel_up_to_date_until_it_is_closed(
    world: World, tmp_path: Path
) -> None:
    shell, outputs = make_shell(tmp_path), Outputs()
    Still(world.panel, shell, publish=outputs)
    world.learn.freeze_to(1)
    shell.run_cell("1")
    assert world.panel.learner["groups"][0]["frozen"]
    world.panel.close()
    world.learn.unfreeze()
    shell.run_cell("2")
    assert world.panel.learner["groups"][0]["frozen"]


def test_a_copy_that_cannot_be_updated_stops_no_job(world: World, caplog: Any) -> None:
    class Broken:
        def update(self) -> None:
            raise RuntimeError("no page")

        def close(self) -> None:
            pass

    world.panel.keep(Broken())
    world.hear(make("lines", lines=["%fit 1"]))
    world.end_jobs()
    assert "the panel of learn could not be updated" in caplog.text
    assert jobs.all[-1].state == "finished"
