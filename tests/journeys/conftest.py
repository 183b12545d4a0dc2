"""The demo as a newcomer starts it, and a real Chromium to use it with."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import BrowserContext, BrowserType, Page

from tests.ports import free_port, free_ports

PASSWORD = "crossdock-demo"
CHROMIUM = "/usr/bin/chromium"
_FAILED = pytest.StashKey[bool]()
_ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


@dataclass(frozen=True)
class Demo:
    """A running demo."""

    url: str
    control: httpx.Client
    data: Path

    def sandbox(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """Ask the sandbox's control; what it answers."""
        answer = self.control.request(method, path, json=body)
        answer.raise_for_status()
        return answer.json()


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """``crossdock demo`` with its own data, on free ports; ended by Ctrl-C."""
    port, base = free_port(), free_ports(5)[0]
    data = tmp_path_factory.mktemp("demo")
    clean = ("CROSSDOCK_", "DATABASE_URL", "DJANGO_")
    env = {name: value for name, value in os.environ.items() if not name.startswith(clean)}
    process = subprocess.Popen(
        [sys.executable, "-m", "crossdock.cli", "demo", "--port", str(port), "--sandbox-port", str(base),
         "--data", str(data)],
        stdout=subprocess.PIPE, text=True, env={**env, "PYTHONPATH": os.pathsep.join(sys.path)},
        start_new_session=True,
    )  # fmt: skip
    assert process.stdout is not None
    said = []
    for line in process.stdout:
        said.append(line)
        if "Log in as" in line:
            break
    assert f"Crossdock is ready: http://localhost:{port}" in "".join(said)
    with httpx.Client(base_url=f"http://127.0.0.1:{base}", timeout=30, trust_env=False) as control:
        yield Demo(f"http://localhost:{port}", control, data)
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=60) == 0
    assert _left_behind(data) == []


@dataclass(frozen=True)
class Chromium:
    """The system's Chromium. Of a journey that fails, what its windows showed is kept in test-results."""

    new_context: Callable[..., BrowserContext]
    browser_type: BrowserType

    def new_page(self) -> Page:
        """A window of its own."""
        return self.new_context().new_page()


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Which browser, and how it is started; what the command line says goes first."""
    return {"executable_path": CHROMIUM, "args": _ARGUMENTS, **browser_type_launch_args}


@pytest.fixture
def chromium(new_context: Callable[..., BrowserContext], browser_type: BrowserType) -> Chromium:
    """Windows of the system's Chromium."""
    return Chromium(new_context, browser_type)


@pytest.fixture
def desktop(chromium: Chromium) -> Page:
    """A page on a desk."""
    return chromium.new_context(viewport={"width": 1440, "height": 900}).new_page()


@pytest.fixture
def phone(chromium: Chromium) -> Page:
    """A page on a phone."""
    context = chromium.new_context(viewport={"width": 390, "height": 844}, has_touch=True)
    return context.new_page()


@pytest.fixture(autouse=True)
def what_the_servers_said(
    request: pytest.FixtureRequest, demo: Demo, output_path: str
) -> Iterator[None]:
    """Of a journey that fails, what the demo's processes printed meanwhile is kept beside its pictures."""
    began = {file: file.stat().st_size for file in (demo.data / "logs").glob("*.log")}
    yield
    if request.node.stash.get(_FAILED, False):
        Path(output_path).mkdir(parents=True, exist_ok=True)
        for file in (demo.data / "logs").glob("*.log"):
            with file.open("rb") as log:
                log.seek(began.get(file, 0) if file.stat().st_size >= began.get(file, 0) else 0)
                Path(output_path, file.name).write_bytes(log.read())


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Note which journeys failed."""
    report = yield
    if report.failed:
        item.stash[_FAILED] = True
    return report


def log_in(page: Page, demo: Demo, who: str) -> None:
    """Log in as one of the demo's people, ending on the orders page."""
    page.goto(f"{demo.url}/")
    page.get_by_label("E-mail").fill(f"{who}@demo.test")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url("**/orders/**")


def go_to_tab(page: Page, name: str) -> None:
    """Open a tab of the orders page."""
    page.get_by_role("link", name=re.compile(rf"^{name}\b")).first.click()
    page.wait_for_load_state()


def _left_behind(data: Path) -> list[str]:
    """Command lines of processes that still know this data folder."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/environ"):
        try:
            if str(data).encode() in entry.read_bytes() and entry.parent.name != str(os.getpid()):
                found.append(entry.parent.joinpath("cmdline").read_text())
        except OSError:
            continue
    return found
