"""The worker's two processes live and end together."""

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

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def worker(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A worker of this test's database, with both its processes at work."""
    settings = connection.settings_dict
    url = "postgres://{USER}:{PASSWORD}@/{NAME}?host={HOST}&port={PORT}".format(**settings)
    log = tmp_path / "worker.log"
    with log.open("ab") as said:
        started = subprocess.Popen(
            [sys.executable, "-m", "crossdock.cli", "worker", "--concurrency", "2"],
            env={**os.environ, "DATABASE_URL": url, "PYTHONPATH": os.pathsep.join(sys.path)},
            stdout=said, stderr=said, start_new_session=True,
        )  # fmt: skip
    try:
        _await(lambda: log.read_bytes().count(b"worker ready") == 2, log)
        yield started
    finally:
        if started.poll() is None:
            os.killpg(started.pid, signal.SIGKILL)
            started.wait()


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
    assert worker.wait(timeout=40) == 1


def test_every_job_waits_on_a_queue_that_is_served() -> None:
    app.perform_import_paths()
    own = [task for name, task in app.tasks.items() if not name.startswith(("builtin", "procr"))]
    assert len(own) > 10
    assert {task.name: task.queue for task in own if task.queue not in (FAST, SLOW)} == {}


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
    deadline = time.monotonic() + 60
    while not holds():
        if time.monotonic() > deadline:
            raise AssertionError(log.read_text() if log else "it never came")
        time.sleep(0.05)
