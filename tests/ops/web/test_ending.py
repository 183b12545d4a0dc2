"""How serving ends, and where it listens."""

from __future__ import annotations

import signal
import socket
import time
from pathlib import Path

import pytest

from tests.ops.web.serving import await_answer, serving
from tests.ops.web.talking import OUTSIDE, PAGE, WEBHOOK, Desk, half, request, rest
from tests.ports import free_port

pytestmark = [pytest.mark.long, pytest.mark.usefixtures("database_of_processes")]


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
    address = f"http://127.0.0.2:{port}"
    with serving(
        tmp_path, "--host", "127.0.0.2", "--port", str(port), CROSSDOCK_PUBLIC_URL=address
    ):
        await_answer(f"{address}/healthz")
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
