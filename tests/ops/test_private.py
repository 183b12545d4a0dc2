"""What Crossdock writes can be read by nobody else on the machine."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from crossdock.ops.private import close_to_others
from crossdock.ops.processes import python
from crossdock.ops.supervisor import Supervisor

SOURCE = Path(__file__).parents[2] / "src"


def open_to_others(folder: Path) -> list[str]:
    """What in a folder others may read, change or enter, that folder included."""
    every = [folder, *folder.rglob("*")]
    return [str(one) for one in every if stat.S_IMODE(one.lstat().st_mode) & 0o077]


@pytest.fixture
def careless() -> Iterator[None]:
    """A process that lets others read what it writes, as they usually begin."""
    before = os.umask(0o022)
    yield
    os.umask(before)


@pytest.fixture
def data(tmp_path: Path, careless: None) -> Path:
    """A data folder as earlier versions left it."""
    for name in (
        "files/awb/1/7.pdf",
        "files/evidence/1/ab/0.png",
        "logs/web.log",
        "sandbox/s.sqlite",
    ):
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"a buyer's name")
    return tmp_path


def test_what_was_open_to_others_is_closed_and_stays_ours(data: Path) -> None:
    assert open_to_others(data / "files")
    close_to_others(data)
    for name in ("files", "logs", "sandbox"):
        assert open_to_others(data / name) == []
    file, folder = data / "files/awb/1/7.pdf", data / "files/awb"
    assert [stat.S_IMODE(one.stat().st_mode) for one in (file, folder)] == [0o600, 0o700]
    assert file.read_bytes() == b"a buyer's name"


def test_closing_that_was_cut_off_is_gone_on_with(data: Path) -> None:
    close_to_others(data)
    (data / "files").chmod(0o755)
    (data / "files/awb/1/7.pdf").chmod(0o644)
    close_to_others(data)
    assert open_to_others(data / "files") == []


def test_a_link_is_never_followed_out_of_the_data_folder(data: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside.txt"
    outside.write_text("somebody's")
    outside.chmod(0o644)
    (data / "files/link").symlink_to(outside)
    close_to_others(data)
    assert stat.S_IMODE(outside.stat().st_mode) == 0o644


@pytest.mark.parametrize(
    "begins",
    [
        "from crossdock import wsgi",
        "from click.testing import CliRunner; from crossdock.cli import main; CliRunner().invoke(main, ['check'])",
    ],
)
def test_web_and_commands_write_for_us_alone(begins: str, tmp_path: Path, careless: None) -> None:
    code = f"{begins}\nimport os; print(oct(os.umask(0)))"
    environment = {
        **os.environ,
        "CROSSDOCK_DATA": str(tmp_path),
        "PYTHONPATH": str(SOURCE),
        "DATABASE_URL": "postgresql://nobody:x@127.0.0.1:9/none?connect_timeout=1",
    }
    told = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False
    )
    assert told.stdout.strip().endswith("0o77"), told.stderr[-500:]


def test_logs_of_what_is_supervised_are_ours_alone(tmp_path: Path, careless: None) -> None:
    with Supervisor(tmp_path / "logs") as supervisor:
        supervisor.start("one", lambda: python("-c", "print('a line')", env=os.environ))
        process = supervisor.children["one"].process
        assert process is not None
        process.wait()
    assert (tmp_path / "logs/one.log").read_text() == "a line\n"
    assert open_to_others(tmp_path / "logs") == []
