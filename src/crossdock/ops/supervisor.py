"""Keeping Crossdock's processes running together: what ends is started again, and only asking stops it."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import FrameType

from crossdock.ops.child import Child
from crossdock.ops.log_files import LogFiles
from crossdock.ops.private import close_to_others
from crossdock.ops.processes import Command, StartFailed, run_to_end
from crossdock.ops.telling import tell

_GRACE_SECONDS = 30.0
_DATABASE_GRACE_SECONDS = 60.0
_LOOK_SECONDS = 0.2


class Supervisor:
    """Starts children, starts them again, stops them; the database, which all the others need, last."""

    def __init__(self, logs: Path) -> None:
        self.logs = LogFiles(logs)
        self._data = logs.parent
        self.children: dict[str, Child] = {}
        self.asked = 0
        """How often somebody asked us to stop."""
        self.afterwards = ExitStack()
        """What is left to do when all children have ended."""

    def __enter__(self) -> Supervisor:
        self.logs.start()
        close_to_others(self._data)
        for number in (signal.SIGINT, signal.SIGTERM, *_closed_terminal()):
            signal.signal(number, self._ask_to_stop)
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        self.logs.close()
        self.afterwards.close()

    def stopping(self) -> bool:
        """Whether somebody asked us to stop."""
        return self.asked > 0

    def run(self, name: str, command: Command) -> str:
        """Run something to its end; what it printed. Raises StartFailed, AskedToStop."""
        try:
            return run_to_end(command, self.stopping)
        except StartFailed as failure:
            raise StartFailed(f"{name} failed:\n{failure}") from None

    def start(
        self,
        name: str,
        command: Callable[[], Command],
        ready: Callable[[], bool | str] | None = None,
        *,
        seconds: float = 60.0,
        again_on: str = "",
    ) -> None:
        """Start a child, and wait until it is ready where that can be asked. Raises StartFailed, AskedToStop."""
        child = self.children[name] = Child(name, command, self.logs)
        child.start()
        if ready is not None:
            self.await_ready(name, ready, seconds=seconds, again_on=again_on)

    def await_ready(
        self, name: str, ready: Callable[[], bool | str], *, seconds: float, again_on: str = ""
    ) -> None:
        """Wait until a child is ready. Raises StartFailed, AskedToStop."""
        self.children[name].await_ready(
            ready, seconds=seconds, asked=self.stopping, say=tell, again_on=again_on
        )

    def watch(self) -> None:
        """Keep all children running until somebody asks us to stop."""
        while not self.stopping():
            for child in self.children.values():
                if told := child.keep_running():
                    tell(told, err=True)
            time.sleep(_LOOK_SECONDS)

    def stop(self, *, last: str = "database") -> None:
        """End every child and whatever it started. Asked once more, we no longer wait for them."""
        self._end([one for name, one in self.children.items() if name != last], _GRACE_SECONDS)
        self._end(
            [one for name, one in self.children.items() if name == last], _DATABASE_GRACE_SECONDS
        )

    def _end(self, children: Sequence[Child], seconds: float) -> None:
        asked, deadline = self.asked, time.monotonic() + seconds
        running = [child for child in children if child.runs()]
        for child in running:
            child.ask_to_stop()
        while (
            any(child.runs() for child in running)
            and time.monotonic() < deadline
            and self.asked <= max(asked, 1)
        ):
            time.sleep(0.02)
        for child in children:
            child.kill()

    def _ask_to_stop(self, _: int, __: FrameType | None) -> None:
        self.asked += 1


def _closed_terminal() -> list[signal.Signals]:
    """The signal of a closed terminal; none where whoever started us (nohup) has it ignored."""
    ignored = signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    return [] if ignored else [signal.SIGHUP]
