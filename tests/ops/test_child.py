"""What ends is started again, after pauses that grow while it does not hold; only asking stops it."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from crossdock.ops import child as children
from crossdock.ops.child import Child
from crossdock.ops.log_files import LogFiles
from crossdock.ops.processes import StartFailed, python

_SLEEPS = "import time; print('here', flush=True); time.sleep(600)"


@pytest.fixture
def logs(tmp_path: Path) -> Iterator[LogFiles]:
    kept = LogFiles(tmp_path / "logs")
    kept.start()
    yield kept
    kept.close()


@pytest.fixture
def make(logs: LogFiles) -> Iterator[Callable[[str], Child]]:
    """Starts a child that runs this code."""
    made = []

    def start(code: str) -> Child:
        child = Child("web", lambda: python("-c", code, env=os.environ), logs)
        made.append(child)
        child.start()
        return child

    yield start
    for child in made:
        child.kill()


def until_told(child: Child, words: str) -> str:
    """Watch it until it tells this."""
    deadline = time.monotonic() + 30
    while words not in (told := child.keep_running()):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    return told


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_what_is_killed_is_started_again_and_the_log_is_named(
    make: Callable[[str], Child], how: signal.Signals, tmp_path: Path
) -> None:
    child = make(_SLEEPS)
    assert child.process
    before = child.process.pid
    os.kill(before, how)
    told = until_told(child, "ended unexpectedly")
    assert f"killed by {how.name}" in told
    assert str(tmp_path / "logs/web.log") in told
    assert until_told(child, "was started again") == "web was started again."
    assert child.runs()
    assert child.process.pid != before


def test_also_what_ends_by_itself_without_an_error_is_started_again(
    make: Callable[[str], Child],
) -> None:
    child = make("pass")
    assert "exit code 0" in until_told(child, "ended unexpectedly")
    until_told(child, "was started again")


def test_pauses_grow_while_it_does_not_hold_and_begin_anew_once_it_did(
    make: Callable[[str], Child], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(children, "_FIRST_PAUSE", 0.01)
    monkeypatch.setattr(children, "_LONGEST_PAUSE", 0.05)
    child = make("raise SystemExit(3)")
    pauses = []
    for _ in range(5):
        told = until_told(child, "it is started again in")
        pauses.append(told.partition("started again in ")[2].partition(" s")[0])
        until_told(child, "was started again")
    assert pauses == ["0.01", "0.02", "0.04", "0.05", "0.05"]
    monkeypatch.setattr(children, "_HOLDS_SECONDS", 0.0)
    assert "in 0.01 s" in until_told(child, "it is started again in")


def test_what_it_left_behind_is_ended_before_it_is_started_again(
    make: Callable[[str], Child], tmp_path: Path
) -> None:
    """A grandchild would hold its port."""
    noted = tmp_path / "grandchild"
    code = (
        "import os, subprocess, sys; from pathlib import Path\n"
        f"noted = Path({str(noted)!r})\n"
        "one = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        "noted.write_text(str(one.pid)); os._exit(1)"
    )
    child = make(code)
    until_told(child, "ended unexpectedly")
    stat = Path(f"/proc/{noted.read_text()}/stat")
    deadline = time.monotonic() + 10
    while stat.exists() and stat.read_text().rpartition(")")[2].split()[0] != "Z":
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_what_was_asked_to_stop_is_not_started_again(make: Callable[[str], Child]) -> None:
    child = make(_SLEEPS)
    child.await_ready(lambda: child.said() == "here", seconds=30)
    child.ask_to_stop()
    child.stop(10)
    assert not child.runs()


def test_what_does_not_come_up_says_why_in_its_own_words(make: Callable[[str], Child]) -> None:
    child = make("print('the disk is full'); raise SystemExit(1)")
    with pytest.raises(StartFailed, match="web did not come up:\nthe disk is full"):
        child.await_ready(lambda: False, seconds=30)
