"""Whoever started ``crossdock up`` may leave it alone: only asking stops it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from crossdock.ops.processes import how_it_ended
from tests.ops.installation import SOURCE, wait_until

_SUPERVISES = """
import os, sys
from pathlib import Path
from crossdock.ops.processes import python
from crossdock.ops.supervisor import Supervisor

SLEEPS = "import os, sys, time; open(sys.argv[1], 'a').write(f'{os.getpid()}\\\\n'); time.sleep(600)"
with Supervisor(Path(sys.argv[1]) / "logs") as supervisor:
    supervisor.start("web", lambda: python("-c", SLEEPS, sys.argv[2], env=os.environ))
    supervisor.watch()
"""

Start = Callable[..., "subprocess.Popen[bytes]"]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts a supervisor of one child, which prints to this."""
    begun = []

    def begin(out: int, *, before: Callable[[], object] | None = None) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            [sys.executable, "-c", _SUPERVISES, str(tmp_path), str(tmp_path / "pids")],
            env={**os.environ, "PYTHONPATH": str(SOURCE)}, stdout=out, stderr=out, preexec_fn=before,
            start_new_session=True,
        )  # fmt: skip
        begun.append(process)
        wait_until(lambda: len(children(tmp_path)) == 1)
        return process

    yield begin
    for process in begun:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


def children(folder: Path) -> list[int]:
    """The children so far, in the order of their starts."""
    file = folder / "pids"
    return [int(line) for line in file.read_text().splitlines()] if file.exists() else []


def test_where_nobody_reads_what_it_prints_any_more_it_goes_on(
    start: Start, tmp_path: Path
) -> None:
    read, write = os.pipe()
    supervisor = start(write)
    os.close(write)
    os.close(read)
    for times in (1, 2):
        os.kill(children(tmp_path)[-1], signal.SIGKILL)
        wait_until(lambda more=times: len(children(tmp_path)) > more or not _runs(supervisor))
    assert _runs(supervisor)
    supervisor.send_signal(signal.SIGTERM)
    assert supervisor.wait(60) == 0


def test_where_what_it_prints_finds_no_room_it_goes_on(start: Start, tmp_path: Path) -> None:
    full = os.open("/dev/full", os.O_WRONLY)
    supervisor = start(full)
    os.close(full)
    os.kill(children(tmp_path)[-1], signal.SIGKILL)
    wait_until(lambda: len(children(tmp_path)) > 1 or not _runs(supervisor))
    assert _runs(supervisor)


def test_with_nohup_it_outlives_the_terminal(start: Start, tmp_path: Path) -> None:
    supervisor = start(
        subprocess.DEVNULL, before=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN)
    )
    supervisor.send_signal(signal.SIGHUP)
    os.kill(children(tmp_path)[-1], signal.SIGKILL)
    wait_until(lambda: len(children(tmp_path)) > 1 or not _runs(supervisor))
    assert _runs(supervisor)


def test_a_closed_terminal_stops_it_otherwise(start: Start) -> None:
    supervisor = start(subprocess.DEVNULL)
    supervisor.send_signal(signal.SIGHUP)
    assert supervisor.wait(60) == 0


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (3, "exit code 3"),
        (-9, "killed by SIGKILL"),
        (-40, "killed by signal 40"),
    ],
)
def test_whatever_ended_a_process_can_be_told(code: int, words: str) -> None:
    assert how_it_ended(code) == words


def _runs(process: subprocess.Popen[bytes]) -> bool:
    return process.poll() is None
