"""``crossdock web`` as a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

SOURCE = Path(__file__).parents[3] / "src"


@contextmanager
def serving(data: Path, *options: str, **settings: str) -> Iterator[subprocess.Popen[str]]:
    """Serve an installation whose data lie in this folder."""
    path = os.pathsep.join([str(SOURCE), *sys.path])
    process = subprocess.Popen(
        [sys.executable, "-m", "crossdock.cli", "web", *options],
        env={**os.environ, "CROSSDOCK_DATA": str(data), "PYTHONPATH": path, **settings},
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def await_answer(url: str) -> None:
    """Wait until this address answers 200."""
    sent = {"Host": "localhost"}
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            if httpx.get(url, headers=sent, timeout=5, trust_env=False).status_code == 200:
                return
        except httpx.HTTPError:
            time.sleep(0.1)
    raise AssertionError(f"{url} does not answer")
