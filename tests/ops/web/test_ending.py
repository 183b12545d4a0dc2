"""How serving ends, and where it listens."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from django.db import connection

from tests.ops.web.talking import OUTSIDE, PAGE, WEBHOOK, Desk, half, request, rest

SOURCE = Path(__file__).parents[3] / "src"
pytestmark = pytest.mark.long


@pytest.fixture(autouse=True)
def database(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Processes that a test starts use its database."""
    name = connection.settings_dict["NAME"]
    url = os.environ["DATABASE_URL"].replace("/crossdock?", f"/{name}?")
    monkeypatch.setenv("DATABASE_URL", url)


@contextmanager
def serving(tmp_path: Path, *options: str) -> Iterator[subprocess.Popen[str]]:
    """``crossdock web`` as a process of its own."""
    process = subprocess.Popen(
        [sys.executable, "-m", "crossdock.cli", "web", *options],
        env={**os.environ, "CROSSDOCK_DATA": str(tmp_path), "PYTHONPATH": os.pathsep.join([str(SOURCE), *sys.path])},
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def free_port(host: str = "127.0.0.1") -> int:
    with socket.socket() as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


def await_answer(url: str) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            if (
                httpx.get(
                    url, headers={"Host": "localhost"}, timeout=5, trust_env=False
                ).status_code
                == 200
            ):
                return
        except httpx.HTTPError:
            time.sleep(0.1)
    raise AssertionError(f"{url} does not answer")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_process_ends_soon_when_told_to_whoever_is_connected(
    number: signal.Signals, tmp_path: Path
) -> None:
    port = free_port()
    with serving(tmp_path, "--port", str(port)) as process:
        await_answer(f"http://127.0.0.1:{port}/healthz")
        idle = socket.create_connection(("127.0.0.1", port))
        half_sent = socket.create_connection(("127.0.0.1", port))
        half_sent.sendall(half(WEBHOOK))
        began = time.monotonic()
        process.send_signal(number)
        assert process.wait(10) == 0
        assert time.monotonic() - began < 2
        assert "Traceback" not in (process.stdout.read() if process.stdout else "")
    idle.close()
    half_sent.close()


def test_it_listens_where_it_is_told_to(tmp_path: Path) -> None:
    port = free_port("127.0.0.2")
    with serving(tmp_path, "--host", "127.0.0.2", "--port", str(port)):
        await_answer(f"http://127.0.0.2:{port}/healthz")
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port), timeout=2)


def test_where_nobody_can_listen_it_says_so_in_a_sentence(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with serving(tmp_path, "--port", str(port)) as process:
            said, _ = process.communicate(timeout=60)
    assert process.returncode == 1
    assert f"cannot be served at 127.0.0.1, port {port}" in said
    assert "Traceback" not in said


def in_service(desk: Desk) -> socket.socket:
    """A connection whose request is being served."""
    met = desk.connect()
    met.sendall(request("GET", OUTSIDE))
    while OUTSIDE not in desk.paths:
        time.sleep(0.01)
    return met


def test_what_runs_at_the_end_is_answered_and_nothing_new_is_taken(desk: Desk) -> None:
    with in_service(desk) as met:
        desk.stop()
        time.sleep(0.3)
        with pytest.raises(OSError):  # noqa: PT011 - refused or cut, as the moment has it
            desk.ask(PAGE)
        desk.go_on.set()
        assert rest(met).endswith(b"ok")
        assert desk.has_ended(5)
    assert desk.paths == [OUTSIDE]


def test_what_does_not_come_to_its_end_is_not_waited_for(desk: Desk) -> None:
    with in_service(desk):
        began = time.monotonic()
        desk.stop()
        assert desk.has_ended(5)
        assert time.monotonic() - began < 2
