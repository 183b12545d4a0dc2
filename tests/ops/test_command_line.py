"""The ``crossdock`` command: help that a newcomer understands, and clear words when it can't start."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2] / "src"
COMMANDS = (
    "up", "web", "worker", "migrate", "first-owner", "create-owner", "people", "password", "demo", "down", "leftovers",
    "sync", "check", "backup", "restore", "confirm-only-one", "keys",
)  # fmt: skip


def run(*arguments: str, data: Path, **more: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "CROSSDOCK_DATA": str(data), "PYTHONPATH": str(SOURCE), **more}
    return subprocess.run(
        [sys.executable, "-m", "crossdock.cli", *arguments],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(command: str, tmp_path: Path) -> None:
    told = run(command, "--help", data=tmp_path)
    assert told.returncode == 0
    assert "Usage:" in told.stdout
    assert len(told.stdout.splitlines()) > 5


def test_the_menu_names_every_command(tmp_path: Path) -> None:
    told = run("--help", data=tmp_path)
    assert all(f"  {command} " in told.stdout for command in COMMANDS)


@pytest.mark.parametrize("place", [0, 2])
def test_a_port_in_use_is_named_before_anything_is_started(place: int, tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        told = run(
            "demo", "--port", "1", "--sandbox-port", str(port - place), "--data", str(tmp_path / "d"),
            data=tmp_path,
        )  # fmt: skip
    assert told.returncode == 1
    assert str(port) in told.stderr
    assert "SANDBOX_PORT=" in told.stderr
    assert "Traceback" not in told.stderr


def test_check_says_what_is_missing(tmp_path: Path) -> None:
    told = run(
        "check",
        data=tmp_path,
        DATABASE_URL="postgresql://nobody:x@127.0.0.1:9/none?connect_timeout=1",
    )
    assert told.returncode == 1
    assert "Traceback" not in told.stdout + told.stderr
    assert "database" in (told.stdout + told.stderr).lower()
