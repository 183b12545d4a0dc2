"""One supervisor for one data folder: who holds it is written in it, and the lock goes with the process."""

from __future__ import annotations

import fcntl
import json
import os
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from crossdock.ops.processes import StartFailed


@dataclass(frozen=True, slots=True)
class Holder:
    """A supervisor that runs on a data folder."""

    pid: int
    port: int
    command: str


@contextmanager
def hold(data_dir: Path, command: str, port: int) -> Iterator[bool]:
    """Hold the data folder; whether the one before us ended without tidying up.

    Raises StartFailed, naming the other, where another supervisor holds it.
    """
    data_dir.mkdir(parents=True, exist_ok=True)
    with _file(data_dir).open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StartFailed(_held(data_dir)) from None
        lock.seek(0)
        left_behind = bool(lock.read().strip())
        lock.truncate(0)
        lock.write(f"pid = {os.getpid()}\nport = {port}\ncommand = {json.dumps(command)}\n")
        lock.flush()
        yield left_behind
        lock.truncate(0)


def holder(data_dir: Path) -> Holder | None:
    """Who holds this data folder now; None when nobody does."""
    try:
        with _file(data_dir).open() as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                told = tomllib.loads(lock.read())
                return Holder(int(told["pid"]), int(told["port"]), str(told["command"]))
    except (FileNotFoundError, KeyError, tomllib.TOMLDecodeError):
        return None
    return None


def _file(data_dir: Path) -> Path:
    return data_dir / "held-by.toml"


def _held(data_dir: Path) -> str:
    other = holder(data_dir)
    who = (
        f"`crossdock {other.command}` (process {other.pid}, http://localhost:{other.port})"
        if other
        else "another process"
    )
    return (
        f"{data_dir} is in use by {who}: stop that one (Ctrl-C there, or crossdock down), or choose another "
        "folder."
    )
