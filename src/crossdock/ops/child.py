"""A process that is kept running: started, awaited, started again when it ends, stopped."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Callable

from crossdock.ops.log_files import LogFiles
from crossdock.ops.processes import (
    AskedToStop,
    Command,
    StartFailed,
    end,
    how_it_ended,
    signal_group,
)

_FIRST_PAUSE = 0.5
_LONGEST_PAUSE = 30.0
_HOLDS_SECONDS = 30.0
"""What ran for so long did come up: when it ends, it is started again at once."""
_AGAIN_SECONDS = 10.0
_TELL_SECONDS = 5.0
_GLANCE = 0.05


class Child:
    """A process that is to run until somebody asks it to stop; what it prints is kept."""

    def __init__(self, name: str, command: Callable[[], Command], logs: LogFiles) -> None:
        self.name = name
        self._logs, self._command = logs, command
        """Asked at every start: what is left of the last one may matter."""
        self.process: subprocess.Popen[bytes] | None = None
        self._asks_to_stop = signal.SIGTERM
        self._began = 0.0
        self._pause = 0.0
        self._again_at: float | None = None

    def start(self) -> None:
        """Start it. Raises StartFailed, OSError."""
        command = self._command()
        with self._logs.pipe(self.name) as out:
            self.process = command.spawn(out)
        self._asks_to_stop = command.asks_to_stop
        self._began = time.monotonic()

    def runs(self) -> bool:
        """Whether it lives."""
        return self.process is not None and self.process.poll() is None

    def await_ready(
        self,
        ready: Callable[[], bool | str],
        *,
        seconds: float,
        asked: Callable[[], bool] = lambda: False,
        say: Callable[[str], None] = lambda _: None,
        again_on: str = "",
    ) -> None:
        """Wait until it is ready. Words instead of a no are a sign of life, which renews the patience.

        Where it ends and its log has the words ``again_on``, it is started again for a while.
        Raises StartFailed with the end of its log, AskedToStop.
        """
        began = heard = told = time.monotonic()
        while True:
            now = time.monotonic()
            if asked():
                raise AskedToStop
            if not self.runs():
                if not again_on or again_on not in self.said() or now - began > _AGAIN_SECONDS:
                    raise StartFailed(f"{self.name} did not come up:\n{self.said()}")
                time.sleep(_FIRST_PAUSE)
                self.start()
            if (state := ready()) is True:
                return
            if state:
                heard = now
            elif now - heard > seconds:
                raise StartFailed(f"{self.name} does not answer:\n{self.said()}")
            if now - told > _TELL_SECONDS:
                say(f"Still starting {self.name} …{f' {state}' if state else ''}")
                told = now
            time.sleep(_GLANCE)

    def keep_running(self) -> str:
        """Start it again when it has ended, after a pause that grows while it does not hold; what to tell."""
        now = time.monotonic()
        if self.runs():
            return ""
        if self._again_at is None:
            how = how_it_ended(self.process.returncode) if self.process else "not started"
            return self._begin_again_later(f"{self.name} ended unexpectedly ({how})")
        if now < self._again_at:
            return ""
        self._again_at = None
        try:
            self.start()
        except (StartFailed, OSError) as problem:
            return self._begin_again_later(f"{self.name} cannot be started ({problem})")
        return f"{self.name} was started again."

    def _begin_again_later(self, why: str) -> str:
        now = time.monotonic()
        held = now - self._began > _HOLDS_SECONDS
        self._pause = (
            _FIRST_PAUSE if held else min(max(self._pause * 2, _FIRST_PAUSE), _LONGEST_PAUSE)
        )
        self._again_at = now + self._pause
        if self.process is not None:
            signal_group(
                self.process, signal.SIGKILL
            )  # what it left behind holds its port, or its database
        return f"{why}; it is started again in {self._pause:g} s. Its log: {self._logs.path(self.name)}"

    def ask_to_stop(self) -> None:
        """Ask it, and all that it started, to stop."""
        if self.process is not None:
            signal_group(self.process, self._asks_to_stop)

    def stop(self, seconds: float) -> None:
        """Ask it to stop, and after so many seconds make it."""
        if self.process is not None:
            end(self.process, self._asks_to_stop, seconds)

    def kill(self) -> None:
        """End it, and all that it started, at once."""
        if self.process is not None:
            signal_group(self.process, signal.SIGKILL)
            self.process.wait()

    def said(self) -> str:
        """The end of what it printed since its last start."""
        return self._logs.tail(self.name, ended=not self.runs())
