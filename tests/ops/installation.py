"""``crossdock up`` as an operator runs it, for tests that kill its parts."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from crossdock.ops import embedded
from tests.ports import free_port

SOURCE = Path(__file__).parents[2] / "src"
PATIENT = 240.0
"""Seconds that a busy machine may take for what takes one or two, or twenty for a first start."""


class Installation:
    """A data folder, and the supervisor that runs on it."""

    def __init__(self, data: Path) -> None:
        self.data, self.port = data, free_port()
        self.out = data.with_name(f"{data.name}.out")
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, *more: str) -> None:
        """Start it, and wait until it is ready. Its database does without safety against power cuts."""
        settings = embedded.prepare(self.data).data / "postgresql.auto.conf"
        settings.write_text("fsync = off\nsynchronous_commit = off\n")
        with self.out.open("wb") as out:
            self.process = subprocess.Popen(
                [*crossdock("up"), "--port", str(self.port), *more],
                env=environment(self.data), stdout=out, stderr=out, start_new_session=True,
            )  # fmt: skip
        wait_until(lambda: b"is ready" in self.out.read_bytes() or not self.runs(), self.told)
        assert self.runs(), self.told()

    def runs(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def told(self) -> str:
        """What the supervisor printed."""
        return self.out.read_text(errors="replace")

    def stop(self, number: signal.Signals = signal.SIGINT) -> int:
        """Ask it to stop; its exit code."""
        assert self.process is not None
        self.process.send_signal(number)
        return self.process.wait(PATIENT)

    def get(self, path: str = "/accounts/login/", **headers: str) -> httpx.Response:
        """A page, as a browser asks for it. The login page asks the database who is there."""
        url = f"http://127.0.0.1:{self.port}{path}"
        sent = {"Accept": "text/html", "Cookie": f"sessionid={'a' * 32}", **headers}
        return httpx.get(url, headers=sent, trust_env=False, timeout=30)

    def serves(self) -> bool:
        """Whether pages that need the database are served."""
        try:
            return self.get().status_code == httpx.codes.OK
        except httpx.HTTPError:
            return False

    def children(self) -> dict[str, int]:
        """The processes that the supervisor started, by the word that tells them apart."""
        assert self.process is not None
        words = {"\0web\0": "web", "--name": "worker", "postgres": "database"}
        found = {}
        for number in _children_of(self.process.pid):
            line = Path(f"/proc/{number}/cmdline").read_bytes().decode()
            found |= {name: number for word, name in words.items() if word in line}
        return found

    def database_url(self) -> str:
        """Where its database is reached."""
        return embedded.prepare(self.data).url()

    def left(self) -> list[str]:
        """Command lines of processes that still know the data folder."""
        found = []
        for entry in Path("/proc").glob("[0-9]*/environ"):
            try:
                line = entry.with_name("cmdline").read_text().replace("\0", " ")
                knows = str(self.data).encode() in entry.read_bytes() or str(self.data) in line
                if knows and entry.parent.name != str(os.getpid()):
                    found.append(line)
            except OSError:
                continue
        return found

    @contextmanager
    def unwatched(self) -> Iterator[None]:
        """The supervisor sleeps: what ends now stays away."""
        assert self.process is not None
        self.process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self.process.send_signal(signal.SIGCONT)


def crossdock(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "crossdock.cli", *arguments]


def environment(data: Path, **more: str) -> dict[str, str]:
    """An operator's environment: nothing of the tests' own installation."""
    ours = re.compile("CROSSDOCK_|DATABASE_URL|DJANGO_")
    kept = {name: value for name, value in os.environ.items() if not ours.match(name)}
    return {**kept, "CROSSDOCK_DATA": str(data), "PYTHONPATH": str(SOURCE), **more}


def wait_until(
    holds: Callable[[], bool], told: Callable[[], str] = lambda: "", seconds: float = PATIENT
) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"it never came: {told()}"
        time.sleep(0.05)


def _children_of(pid: int) -> list[int]:
    found = []
    for thread in Path(f"/proc/{pid}/task").iterdir():
        found += [int(number) for number in thread.joinpath("children").read_text().split()]
    return found
