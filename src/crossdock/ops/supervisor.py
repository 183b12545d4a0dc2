"""Running Crossdock's processes together: starting, waiting until they serve, stopping all."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

import httpx

_GRACE_SECONDS = 30.0
_PR_SET_PDEATHSIG = 1


class StartFailed(Exception):
    """A process did not come up; the message says which, and where its log is."""


@dataclass
class Supervisor:
    """Starts children in groups of their own, so that stopping one stops all that it started."""

    logs: Path
    children: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    stopping: bool = False

    def __enter__(self) -> Supervisor:
        self.logs.mkdir(parents=True, exist_ok=True)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._ask_to_stop)
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self, name: str, command: Sequence[str], env: Mapping[str, str]) -> None:
        """Start a child; what it prints goes to its log."""
        with (self.logs / f"{name}.log").open("ab") as log:
            self.children[name] = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=dict(env),
                start_new_session=True,
                preexec_fn=_die_with_parent if sys.platform == "linux" else None,
            )

    def run(self, name: str, command: Sequence[str], env: Mapping[str, str]) -> None:
        """Run something to its end. Raises StartFailed with the end of what it printed."""
        done = subprocess.run(command, env=dict(env), capture_output=True, check=False)
        if done.returncode:
            said = (done.stdout + done.stderr).decode(errors="replace").strip().splitlines()[-12:]
            raise StartFailed("\n".join([f"{name} failed:", *said]))

    def await_answer(self, name: str, url: str, seconds: float = 60.0) -> None:
        """Wait until a child serves this address. Raises StartFailed."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and not self.stopping:
            if self.children[name].poll() is not None:
                break
            with contextlib.suppress(httpx.HTTPError):
                if httpx.get(url, timeout=2, trust_env=False).status_code == 200:
                    return
            time.sleep(0.1)
        if not self.stopping:
            raise StartFailed(f"{name} did not come up:\n{self._tail(name)}")

    def watch(self) -> int:
        """Wait until asked to stop (0) or until a child ends by itself (1)."""
        while not self.stopping:
            for name, child in self.children.items():
                if child.poll() is not None:
                    print(f"{name} ended unexpectedly:\n{self._tail(name)}", file=sys.stderr)  # noqa: T201
                    return 1
            time.sleep(0.2)
        return 0

    def stop(self) -> None:
        """End every child and whatever it started; the last started goes first."""
        running = [child for child in reversed(self.children.values()) if child.poll() is None]
        for child in running:
            _signal_group(child, signal.SIGTERM)
        deadline = time.monotonic() + _GRACE_SECONDS
        for child in running:
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(max(deadline - time.monotonic(), 0.1))
        for child in self.children.values():
            _signal_group(child, signal.SIGKILL)

    def _ask_to_stop(self, _: int, __: FrameType | None) -> None:
        self.stopping = True

    def _tail(self, name: str) -> str:
        text = (self.logs / f"{name}.log").read_text(errors="replace")
        return "\n".join(text.splitlines()[-12:])


def free_or_exit(port: int, what: str, option: str) -> None:
    """Raises StartFailed when this loopback port is in use, naming the option that changes it."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            raise StartFailed(
                f"Port {port} for {what} is in use: choose another with {option}."
            ) from None


def python(*arguments: str) -> list[str]:
    """A command line of this very Python."""
    return [sys.executable, *arguments]


def _signal_group(child: subprocess.Popen[bytes], number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, number)


def _die_with_parent() -> None:
    """Have the kernel end us when the supervisor is killed."""
    prctl: Callable[..., int] = ctypes.CDLL(None).prctl
    prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
