"""A JupyterLab of its own, and a notebook in it as a person at a browser has it."""

from __future__ import annotations

import importlib.util
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import Request, urlopen

import nbformat
from playwright.sync_api import ConsoleMessage, Locator, Page

# nothing that asks a server elsewhere, or a person
SETTINGS = {
    "@jupyterlab/apputils-extension:notification": {
        "checkForUpdates": False,
        "fetchNews": "false",
    },
    "@jupyterlab/docmanager-extension:plugin": {"autosave": False},
}
PRIVATE = ("CONFIG_DIR", "DATA_DIR", "RUNTIME_DIR")
ROOT = Path(__file__).parents[2]
LANGUAGE = "@jupyterlab/translation-extension:plugin"
NOTEBOOK = "jupyterapp.shell.currentWidget.content"
LONG = 60.0


class Lab:
    """A server in a folder, which keeps the user's settings, workspaces and caches out of it.

    It has the extension of this checkout, and begins with no notebook.
    """

    def __init__(self, folder: Path, *, threads: int = 1) -> None:
        self.notebooks = folder / "notebooks"
        self.notebooks.mkdir()
        self.token, self.log = secrets.token_hex(16), folder / "server.log"
        overrides = folder / "jupyter_config_dir" / "labconfig" / "default_setting_overrides.json"
        overrides.parent.mkdir(parents=True)
        overrides.write_text(json.dumps(SETTINGS))
        self.address = f"http://127.0.0.1:{free_port()}"
        own = {"OMP_NUM_THREADS": str(threads), "JUPYTER_PATH": str(extension(folder))}
        self.environment = os.environ | private(folder) | own
        with self.log.open("w") as log:
            self.server = subprocess.Popen(
                [sys.executable, "-m", "jupyterlab", *self._flags()],
                cwd=folder,
                env=self.environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        wait_until(self._answers, f"JupyterLab did not start; its log is {self.log}")

    def write(self, name: str, *cells: str) -> str:
        """Put a notebook there; the path of its page."""
        notebook = nbformat.v4.new_notebook(cells=list(map(nbformat.v4.new_code_cell, cells)))
        notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
        nbformat.write(notebook, self.notebooks / f"{name}.ipynb")
        return self.page(name, f"tree/{name}.ipynb")

    def page(self, workspace: str, place: str = "") -> str:
        """The address of a page with nothing open, or with what is named as `tree/file`."""
        return f"{self.address}/lab/workspaces/{workspace}/{place}?token={self.token}"

    @contextmanager
    def settings(self, plugin: str, **values: object) -> Iterator[None]:
        """Settings of a plugin for the pages that are loaded meanwhile."""
        self._set(plugin, values)
        try:
            yield
        finally:
            self._set(plugin, {})

    def setting(self, plugin: str) -> Any:
        """What the user has set of a plugin."""
        return json.loads(json.load(self._ask(f"lab/api/settings/{plugin}"))["raw"])

    @contextmanager
    def disabled(self, *plugins: str) -> Iterator[None]:
        """Plugins, or a whole extension, that are switched off for the pages loaded meanwhile."""
        config = self.notebooks.parent / "jupyter_config_dir" / "labconfig" / "page_config.json"
        config.write_text(json.dumps({"disabledExtensions": dict.fromkeys(plugins, True)}))
        try:
            yield
        finally:
            config.unlink()

    def end_kernels(self) -> None:
        """As Shut Down All Kernels does."""
        for kernel in json.load(self._ask("api/kernels")):
            self._ask(f"api/kernels/{kernel['id']}", method="DELETE")

    def close(self) -> None:
        """End the server, which ends its kernels."""
        self.server.terminate()
        try:
            self.server.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(self.server.pid, signal.SIGKILL)
            self.server.wait()

    def _flags(self) -> list[str]:
        return [
            "--no-browser",
            "--allow-root",
            "--ip=127.0.0.1",
            f"--port={self.address.rpartition(':')[2]}",
            f"--IdentityProvider.token={self.token}",
            f"--ServerApp.root_dir={self.notebooks}",
            "--LabApp.extension_manager=readonly",
            "--LabApp.expose_app_in_browser=True",
        ]

    def _set(self, plugin: str, values: dict[str, object]) -> None:
        raw = json.dumps({"raw": json.dumps(values)}).encode()
        self._ask(f"lab/api/settings/{plugin}", method="PUT", body=raw)

    def _ask(self, path: str, *, method: str = "GET", body: bytes | None = None) -> Any:
        key = {"Authorization": f"token {self.token}"}
        asked = Request(f"{self.address}/{path}", headers=key, method=method, data=body)
        return urlopen(asked, timeout=20)

    def _answers(self) -> bool:
        assert self.server.poll() is None, self.log.read_text()
        try:
            return bool(self._ask("api/status"))
        except URLError:
            return False


class LabPage:
    """JupyterLab in a page, and what its console complained of."""

    def __init__(self, page: Page, address: str) -> None:
        self.page, self.complaints = page, list[str]()
        page.set_default_timeout(20_000)
        page.on("console", self._on_console)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.goto(address)
        self.ready()

    def ready(self) -> None:
        """Wait until all that is open has been restored."""
        self.page.wait_for_function(
            "() => globalThis.jupyterapp && !document.getElementById('jupyterlab-splash')",
            timeout=LONG * 1000,
        )
        self.page.evaluate("() => jupyterapp.restored")

    def execute(self, command: str, **arguments: Any) -> None:
        """Run a command of JupyterLab's."""
        self.page.evaluate(
            "async ([command, given]) => { await jupyterapp.commands.execute(command, given); }",
            [command, arguments],
        )

    def menu(self, name: str) -> Locator:
        """Open a menu of the menu bar."""
        self.page.get_by_role("menuitem", name=name, exact=True).click()
        return self.page.locator(".lm-MenuBar-menu")

    def reload(self) -> None:
        """Load the page again."""
        self.page.reload()
        self.ready()

    def theme(self, name: str) -> None:
        """`Light`, `Dark`, or `Dark High Contrast`."""
        before = self.page.locator("body").get_attribute("data-jp-theme-name")
        if before != f"JupyterLab {name}":
            self.page.evaluate(
                "name => jupyterapp.commands.execute('apputils:change-theme', {theme: name})",
                f"JupyterLab {name}",
            )
            self.page.locator(f"body[data-jp-theme-name='JupyterLab {name}']").wait_for(
                state="attached"
            )
            self.page.locator("#jupyterlab-splash").wait_for(state="detached")

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(f"{message.text} ({message.location.get('url')})")


class LabNotebook(LabPage):
    """One notebook in a page; cells are counted from 0."""

    def ready(self) -> None:
        """Wait until the notebook is open and its kernel answers."""
        self.page.wait_for_function(
            """() => {
                const panel = globalThis.jupyterapp?.shell.currentWidget;
                const kernel = panel?.sessionContext?.session?.kernel;
                return !document.getElementById('jupyterlab-splash')
                    && panel?.content?.model && kernel?.connectionStatus === 'connected'
                    && ['idle', 'busy'].includes(kernel.status);
            }""",
            timeout=LONG * 1000,
        )

    def run(self, cell: int) -> str:
        """Run a cell to its end; what it printed, and the error that it ended in."""
        self.page.evaluate(
            f"""async () => {{
                {NOTEBOOK}.activeCellIndex = {cell};
                await jupyterapp.commands.execute('notebook:run-cell');
            }}"""
        )
        outputs = self.page.evaluate(f"{NOTEBOOK}.model.cells.get({cell}).outputs.toJSON()")
        return "".join(one.get("text", one.get("evalue", "")) for one in outputs).strip()

    def ask(self, code: str) -> str:
        """Run code in a new cell at the end; what it printed."""
        cell = {"cell_type": "code", "source": code, "metadata": {"trusted": True}}
        last = self.page.evaluate(
            f"""cell => {{
                const notebook = {NOTEBOOK}.model.sharedModel;
                notebook.insertCell(notebook.cells.length, cell);
                return notebook.cells.length - 1;
            }}""",
            cell,
        )
        return self.run(last)

    def source(self, cell: int) -> str:
        """What is written in a cell."""
        return str(self.page.evaluate(f"{NOTEBOOK}.model.cells.get({cell}).sharedModel.source"))

    def reload(self) -> None:
        """Save the notebook and load the page again; the kernel goes on."""
        self.page.evaluate("jupyterapp.commands.execute('docmanager:save')")
        super().reload()


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def private(folder: Path) -> dict[str, str]:
    """Every place that Jupyter, IPython and Tenfold write to, below the folder."""
    places = [f"JUPYTER_{name}" for name in PRIVATE]
    places += ["JUPYTERLAB_SETTINGS_DIR", "JUPYTERLAB_WORKSPACES_DIR", "IPYTHONDIR"]
    places += ["TENFOLD_CACHE", "MPLCONFIGDIR"]
    return {name: str(folder / name.lower()) for name in places}


def extension(folder: Path) -> Path:
    """A place for JupyterLab to look in, with the extension of this checkout, built if need be."""
    spec = importlib.util.spec_from_file_location("hatch_build", ROOT / "hatch_build.py")
    assert spec is not None and spec.loader is not None
    hook = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(hook)
    hook.build_page(ROOT)
    there = folder / "jupyter_path" / "labextensions" / "tenfold"
    there.mkdir(parents=True)
    for part in (*(ROOT / hook.LABEXTENSION).iterdir(), ROOT / "extension" / "install.json"):
        (there / part.name).symlink_to(part)
    (there / "course").symlink_to(ROOT / "notebooks")
    return folder / "jupyter_path"


def wait_until(holds: Callable[[], object], words: str, *, seconds: float = LONG) -> None:
    """Ask again and again until it holds."""
    end, pause = time.monotonic() + seconds, threading.Event()
    while not holds():
        assert time.monotonic() < end, words
        pause.wait(0.1)


def shot(page: Page, name: str, *, of: Locator | None = None) -> None:
    """A picture of the page, or of a part, in the folder TENFOLD_SCREENSHOTS when it is set."""
    folder = os.environ.get("TENFOLD_SCREENSHOTS")
    if folder:
        (of or page).screenshot(path=Path(folder) / f"{name}.png")
