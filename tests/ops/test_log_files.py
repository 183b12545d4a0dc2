"""Logs: nothing that a process says is lost or torn, files stay small, and a full disk stops nobody."""

from __future__ import annotations

import re
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from crossdock.ops.log_files import LogFiles, RotatingFile

_COUNTS = "import sys\nfor n in range({}): print(f'line {{n:06}} of {}')\n"


@pytest.fixture
def logs(tmp_path: Path) -> Iterator[LogFiles]:
    kept = LogFiles(tmp_path / "logs", largest=4_000, kept=3)
    kept.start()
    yield kept
    kept.close()


def run(logs: LogFiles, name: str, code: str) -> subprocess.Popen[bytes]:
    with logs.pipe(name) as pipe:
        return subprocess.Popen([sys.executable, "-c", code], stdout=pipe, stderr=pipe)


def all_said(folder: Path, name: str) -> list[str]:
    files = [folder / f"{name}.log.{number}" for number in range(9, 0, -1)] + [
        folder / f"{name}.log"
    ]
    return "".join(file.read_text() for file in files if file.exists()).splitlines()


def eventually(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_what_processes_say_is_kept_line_by_line_each_in_its_own_files(
    logs: LogFiles, tmp_path: Path
) -> None:
    for process in [run(logs, name, _COUNTS.format(300, name)) for name in ("web", "worker-1")]:
        process.wait(30)
    logs.close()
    for name in ("web", "worker-1"):
        said = all_said(tmp_path / "logs", name)
        assert said == [f"line {n:06} of {name}" for n in range(300)], name


def test_files_are_put_aside_whole_lines_each_and_the_oldest_go(
    logs: LogFiles, tmp_path: Path
) -> None:
    run(logs, "web", _COUNTS.format(3_000, "web")).wait(30)
    logs.close()
    files = sorted((tmp_path / "logs").iterdir())
    assert [file.name for file in files] == ["web.log", "web.log.1", "web.log.2", "web.log.3"]
    assert all(file.stat().st_size <= 4_000 for file in files)
    assert all(re.fullmatch(r"(line \d{6} of web\n)+", file.read_text()) for file in files)
    assert all_said(tmp_path / "logs", "web")[-1] == "line 002999 of web"


def test_a_process_that_is_started_again_goes_on_in_its_file(
    logs: LogFiles, tmp_path: Path
) -> None:
    for word in ("first", "second"):
        run(logs, "web", f"print({word!r})").wait(30)
    logs.close()
    assert all_said(tmp_path / "logs", "web") == ["first", "second"]


def test_what_was_said_last_is_told(logs: LogFiles) -> None:
    run(logs, "web", _COUNTS.format(50, "web")).wait(30)
    eventually(lambda: logs.tail("web", 2) == "line 000048 of web\nline 000049 of web")
    assert logs.tail("nobody") == ""


def test_what_an_ended_process_said_last_is_told_whole_and_nothing_of_the_run_before(
    logs: LogFiles,
) -> None:
    for word in ("before", "now"):
        run(logs, "web", f"print('{word} ' * 9_000); print('{word}')").wait(30)
        assert logs.tail("web", 1, ended=True) == word
    assert "before" not in logs.tail("web", 12)


def test_one_line_without_end_stays_within_its_files(logs: LogFiles, tmp_path: Path) -> None:
    run(logs, "web", "print('x' * 500_000)").wait(30)
    logs.close()
    sizes = [file.stat().st_size for file in (tmp_path / "logs").iterdir()]
    assert max(sizes) <= 4_000
    assert len(sizes) == 4


def test_whoever_holds_a_pipe_open_does_not_hold_up_the_end(logs: LogFiles) -> None:
    process = run(logs, "web", "import time; print('here', flush=True); time.sleep(60)")
    eventually(lambda: logs.tail("web") == "here")
    began = time.monotonic()
    logs.close()
    assert time.monotonic() - began < 5
    process.kill()
    process.wait()


def test_a_full_disk_loses_lines_says_how_many_and_stops_nobody(tmp_path: Path) -> None:
    path = tmp_path / "web.log"
    file = RotatingFile(path, 4_000, 1)
    path.mkdir()
    file.write(b"lost\n")
    assert list(file.last) == ["lost"]
    path.rmdir()
    file.write(b"after\n")
    file.close()
    assert path.read_text() == "… 5 bytes could not be written here.\nafter\n"


def test_nobody_else_on_the_machine_can_read_them(logs: LogFiles, tmp_path: Path) -> None:
    run(logs, "web", "print('x')").wait(30)
    logs.close()
    assert stat.S_IMODE((tmp_path / "logs/web.log").stat().st_mode) == 0o600
