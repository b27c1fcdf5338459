"""A panel in a real kernel: what its page asks for is done while a cell runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import ipykernel
import pytest
from kernel_world import SETUP, Notebook, shown

pytestmark = pytest.mark.filterwarnings("default")

PANEL = """
from tenfold.live.jobs import jobs
from tenfold.live.widgets.panel import Panel

def run_lines(lines, panel):
    return jobs.submit(lambda: learn.fit(10_000), lines=lines, learner=learn, in_cell=False)

panel = Panel(learn, run_lines=run_lines)
panel
"""

REPORT = """
from tenfold.live.panels.report import report_text
from tenfold.live.widgets.still import report_of

print(report_text(report_of(panel)))
"""


@pytest.fixture(scope="module")
def notebook() -> Iterator[Notebook]:
    notebook = Notebook(SETUP)
    try:
        yield notebook
    finally:
        notebook.close()


def subshell(notebook: Notebook) -> str:
    """A thread of the kernel's own for widgets, as JupyterLab asks for one."""
    client = notebook.client
    client.control_channel.send(client.session.msg("create_subshell_request", {}))
    return str(client.get_control_msg(timeout=30)["content"]["subshell_id"])


def send(notebook: Notebook, content: Any, *, model: str, subshell: str) -> None:
    client = notebook.client
    data = {"method": "custom", "content": content}
    message = client.session.msg("comm_msg", {"comm_id": model, "data": data})
    message["header"]["subshell_id"] = subshell
    client.shell_channel.send(message)


def wait_for(notebook: Notebook, wanted: Callable[[dict[str, Any]], Any]) -> Any:
    """What `wanted` finds in the messages that come."""
    return next(found for message in notebook.messages(30) if (found := wanted(message)))


def states(message: dict[str, Any]) -> list[str]:
    """The states of the runs in a message to the panel's page."""
    data = message["content"].get("data") if message["msg_type"] == "comm_msg" else None
    return [run["state"] for run in ((data or {}).get("content") or {}).get("runs", ())]


@pytest.mark.skipif(ipykernel.version_info < (7, 1), reason="ipykernel 6 has no subshells")
def test_a_stop_does_not_wait_for_the_cell_that_runs(notebook: Notebook) -> None:
    _, outputs = notebook.run(PANEL)
    views = [one.get("application/vnd.jupyter.widget-view+json") for one in shown(outputs)]
    (model,) = [view["model_id"] for view in views if view]
    page = {"model": model, "subshell": subshell(notebook)}
    lines = {"v": 1, "kind": "lines", "id": "a1", "lines": ["%fit 10000"]}
    send(notebook, lines, **page)
    assert wait_for(notebook, lambda message: "running" in states(message))
    notebook.client.execute("print(f'ended: {jobs.all[-1].wait(20)}')")
    assert wait_for(notebook, lambda message: message["msg_type"] == "execute_input")
    send(notebook, {"v": 1, "kind": "stop", "id": "a2", "run": 1}, **page)
    said = wait_for(notebook, lambda message: message["content"].get("text"))
    assert said.strip() == "ended: True"
    assert "stopped at step" in notebook.text(REPORT)
