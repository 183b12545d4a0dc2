"""A process that outgrows its memory ends after what runs; a job that wants too much at once fails alone."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys

import pytest
from django.db import connection

from crossdock.configuration import BadSetting, read
from crossdock.work import memory
from crossdock.work.serving import CANNOT_GO_ON

_GREEDY = """
from crossdock.work import memory
memory.refuse_more_than(200)
try:
    taken = bytearray(900 * 1024 * 1024)
except MemoryError:
    print("refused")
taken = bytearray(20 * 1024 * 1024)
print(memory.resident() >= 20, memory.has_outgrown(10), memory.has_outgrown(0))
"""


def test_a_job_that_wants_far_too_much_meets_an_error_and_the_process_goes_on() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _GREEDY], capture_output=True, text=True, check=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )  # fmt: skip
    assert done.stdout.split() == ["refused", "True", "True", "False"]


def test_it_is_told_to_stop_once_when_it_has_outgrown_its_limit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sizes, told = iter([80, 90, 120, 130]), []
    monkeypatch.setattr(memory, "resident", lambda: next(sizes))
    monkeypatch.setattr(memory, "_LOOK_EVERY", 0.0)
    asyncio.run(memory.end_when_outgrown(100, lambda: told.append("stop")))
    assert told == ["stop"]


def test_without_a_limit_nothing_is_outgrown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "resident", lambda: 10_000)
    assert not memory.has_outgrown(0)
    assert memory.has_outgrown(9_999)


_OUTGROWN = """
import sys
from crossdock.work import memory
memory.resident = lambda: 9_999
from crossdock.cli import main
main(["worker", "--concurrency", "2", *sys.argv[1:]])
"""


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("which", ["--batches", "--name=first"])
def test_a_worker_that_has_outgrown_its_limit_asks_to_be_started_again(which: str) -> None:
    there = connection.settings_dict
    url = f"postgres://{there['USER']}:{there['PASSWORD']}@/{there['NAME']}?host={there['HOST']}"
    first, open_end = os.pipe()
    worker = subprocess.Popen(
        [sys.executable, "-c", _OUTGROWN, which],
        env={**os.environ, "DATABASE_URL": url, "PYTHONPATH": os.pathsep.join(sys.path)},
        stdin=first, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    said, _ = worker.communicate(timeout=120)
    os.close(first)
    os.close(open_end)
    assert worker.returncode == CANNOT_GO_ON, said
    assert "has outgrown its memory" in said
    assert "Traceback" not in said


@pytest.mark.parametrize("megabytes", ["1", "255", "-5"])
def test_a_limit_that_no_worker_fits_into_is_refused_in_words(
    megabytes: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CROSSDOCK_WORKER_MEMORY", megabytes)
    with pytest.raises(BadSetting, match=f"{megabytes} is too little: a worker needs 256"):
        read()
