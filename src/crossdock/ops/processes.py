"""Starting processes that end with us, watching them, and ending them."""

from __future__ import annotations

import contextlib
import ctypes
import os
import pwd
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_PR_SET_PDEATHSIG = 1
_GLANCE = 0.05
_HURRIED = 1.0
"""How long something that runs to its end may take to obey, when we are asked to stop."""
_prctl: Callable[..., int] | None = ctypes.CDLL(None).prctl if sys.platform == "linux" else None


class StartFailed(Exception):
    """Something did not come up; the message says what, why, and what to do."""


class AskedToStop(Exception):
    """Somebody asked us to stop before the start was over."""


@dataclass(frozen=True, slots=True)
class Command:
    """What is run, as whom and where, and which signal asks it to stop."""

    arguments: tuple[str, ...]
    env: Mapping[str, str] = field(repr=False)
    user: pwd.struct_passwd | None = None
    """None: as ourselves."""
    folder: Path | None = None
    asks_to_stop: signal.Signals = signal.SIGTERM
    """Also sent by the kernel when we die, where the kernel can."""

    def spawn(self, out: Any) -> subprocess.Popen[bytes]:
        """Start it in a group of its own; what it prints goes to this file. Raises StartFailed.

        Call it from the main thread: the kernel's signal comes when the thread ends that started it.
        """
        as_user: dict[str, Any] = (
            {"user": self.user.pw_uid, "group": self.user.pw_gid, "extra_groups": []}
            if self.user
            else {}
        )
        try:
            return subprocess.Popen(
                self.arguments,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                env=dict(self.env),
                cwd=self.folder,
                start_new_session=True,
                preexec_fn=_dies_with(os.getpid(), self.asks_to_stop),
                **as_user,
            )
        except OSError as problem:
            raise StartFailed(f"{self.arguments[0]} cannot be run: {problem.strerror}.") from None


def python(*arguments: str, env: Mapping[str, str]) -> Command:
    """A command of this very Python."""
    return Command((sys.executable, *arguments), env)


def run_to_end(command: Command, asked: Callable[[], bool] = lambda: False) -> str:
    """Run something to its end; what it printed.

    Raises StartFailed with the end of what it printed, AskedToStop when we are asked to stop meanwhile.
    """
    with tempfile.TemporaryFile() as out:
        process = command.spawn(out)
        while process.poll() is None:
            if asked():
                end(process, signal.SIGTERM, _HURRIED)
                raise AskedToStop
            time.sleep(_GLANCE)
        out.seek(0)
        said = out.read().decode(errors="replace").strip()
    if process.returncode:
        raise StartFailed("\n".join(said.splitlines()[-12:]) or how_it_ended(process.returncode))
    return said


def end(process: subprocess.Popen[bytes], number: signal.Signals, seconds: float) -> None:
    """Ask a process and all that it started to stop; after so many seconds, make them."""
    if process.poll() is None:
        signal_group(process, number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(seconds)
    signal_group(process, signal.SIGKILL)
    process.wait()


def signal_group(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    """Send a signal to a process and all that it started."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, number)


def how_it_ended(code: int) -> str:
    """An exit code in words."""
    if code >= 0:
        return f"exit code {code}"
    known = -code in signal.Signals.__members__.values()
    return f"killed by {signal.Signals(-code).name if known else f'signal {-code}'}"


def command_line(pid: int) -> str:
    """The command line of a living process; empty when there is no such process, or when it is dead
    and only waits for its parent to notice."""
    try:
        if sys.platform != "linux":
            asked = ["ps", "-o", "command=", "-p", str(pid)]
            return subprocess.run(asked, capture_output=True, text=True, check=False).stdout
        folder = Path(f"/proc/{pid}")
        if folder.joinpath("stat").read_text().rpartition(")")[2].split()[0] in "ZX":
            return ""
        return os.fsdecode(folder.joinpath("cmdline").read_bytes())
    except OSError:
        return ""


def _dies_with(parent: int, number: signal.Signals) -> Callable[[], None] | None:
    """What a child does before it becomes its program: have the kernel end it when we are killed.

    None where the kernel cannot: there the next start ends what a killed one left.
    """
    if _prctl is None:
        return None
    prctl = _prctl

    def ask_the_kernel() -> None:
        prctl(_PR_SET_PDEATHSIG, number)
        if os.getppid() != parent:  # killed before the kernel knew
            os._exit(1)

    return ask_the_kernel
