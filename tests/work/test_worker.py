"""The worker's two processes live and end together, outlive their database, and do not end without a word."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.db import connection
from procrastinate.contrib.django import app

from crossdock.work.jobs import FAST, SLOW
from tests.work.wire_between import Wire

pytestmark = [pytest.mark.long, pytest.mark.django_db(transaction=True)]


class Worker:
    """A worker process, and what it says."""

    def __init__(self, url: str, log: Path, **more: str) -> None:
        self.log = log
        with log.open("ab") as said:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "crossdock.cli", "worker", "--concurrency", "2"],
                env={**os.environ, "DATABASE_URL": url, "PYTHONPATH": os.pathsep.join(sys.path), **more},
                stdout=said, stderr=said, start_new_session=True,
            )  # fmt: skip

    def await_words(self, words: str, times: int = 1) -> None:
        """Wait until it said this so often."""
        _await(lambda: self.log.read_bytes().count(words.encode()) >= times, self.log)

    def end(self) -> None:
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


@pytest.fixture
def worker(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A worker of this test's database, with both its processes at work."""
    started = Worker(_url(), tmp_path / "worker.log")
    try:
        started.await_words("worker ready", 2)
        yield started.process
    finally:
        started.end()


@pytest.fixture
def wire() -> Iterator[Wire]:
    """A wire to this test's database."""
    wire = Wire(f"{connection.settings_dict['HOST']}/.s.PGSQL.5432")
    yield wire
    wire.close()


def test_asked_to_stop_both_end_in_order(worker: subprocess.Popen[bytes]) -> None:
    other = _other(worker)
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(timeout=40) == 0
    assert not _runs(other)


def test_where_one_is_killed_the_other_ends_at_once(worker: subprocess.Popen[bytes]) -> None:
    other = _other(worker)
    worker.kill()
    worker.wait()
    _await(lambda: not _runs(other))


def test_where_the_batches_end_by_themselves_the_worker_says_so(
    worker: subprocess.Popen[bytes],
) -> None:
    os.kill(_other(worker), signal.SIGKILL)
    assert worker.wait(timeout=40) == 75


def test_a_worker_that_finds_no_database_waits_for_it(tmp_path: Path, wire: Wire) -> None:
    started = Worker(_url(wire), tmp_path / "worker.log")
    try:
        started.await_words("the database is away", 2)
        wire.open()
        started.await_words("worker ready", 2)
        started.process.send_signal(signal.SIGTERM)
        assert started.process.wait(timeout=60) == 0
    finally:
        started.end()
    assert "Traceback" not in started.log.read_text()


def test_asked_to_stop_while_it_waits_for_the_database_it_ends_at_once(
    tmp_path: Path, wire: Wire
) -> None:
    started = Worker(_url(wire), tmp_path / "worker.log")
    try:
        started.await_words("the database is away", 2)
        started.process.send_signal(signal.SIGTERM)
        assert started.process.wait(timeout=60) == 0
    finally:
        started.end()


def test_a_worker_whose_database_keeps_silent_ends_and_says_that_it_could_not_go_on(
    tmp_path: Path, wire: Wire
) -> None:
    """A connection that is half open looks alive for hours."""
    wire.open()
    short = "stuck=3,heartbeat=0.5,stalled=3"
    started = Worker(_url(wire), tmp_path / "worker.log", CROSSDOCK_WORK_TIMES=short)
    try:
        started.await_words("worker ready", 2)
        with wire.still():
            assert started.process.wait(timeout=60) == 75
        assert "the worker is stuck" in started.log.read_text()
    finally:
        started.end()


def test_every_job_waits_on_a_queue_that_is_served() -> None:
    app.perform_import_paths()
    own = [task for name, task in app.tasks.items() if not name.startswith(("builtin", "procr"))]
    assert len(own) > 10
    assert {task.name: task.queue for task in own if task.queue not in (FAST, SLOW)} == {}


def _url(wire: Wire | None = None) -> str:
    """This test's database, by its socket or by a wire to it."""
    settings = connection.settings_dict
    host, port = ("127.0.0.1", wire.port) if wire else (settings["HOST"], settings["PORT"])
    return f"postgres://{settings['USER']}:{settings['PASSWORD']}@/{settings['NAME']}?host={host}&port={port}"


def _other(worker: subprocess.Popen[bytes]) -> int:
    """The number of the worker's second process."""
    children = Path(f"/proc/{worker.pid}/task/{worker.pid}/children").read_text().split()
    assert len(children) == 1
    return int(children[0])


def _runs(number: int) -> bool:
    try:
        state = Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def _await(holds: Callable[[], bool], log: Path | None = None) -> None:
    deadline = time.monotonic() + 120
    while not holds():
        if time.monotonic() > deadline:
            raise AssertionError(log.read_text() if log else "it never came")
        time.sleep(0.05)
