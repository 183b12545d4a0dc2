"""``crossdock up`` in short: everything is killed at once. ``test_stays_up`` has the whole of it (make prove)."""

from __future__ import annotations

import os
import signal
from pathlib import Path

from crossdock.ops import embedded
from tests.ops.installation import Installation, wait_until


def test_whatever_is_killed_comes_back_by_itself_and_only_asking_stops_it(tmp_path: Path) -> None:
    up = Installation(tmp_path / "up")
    try:
        up.start()
        before = up.children()
        assert before.keys() == {"web", "worker", "database"}
        for number in before.values():
            os.kill(number, signal.SIGKILL)
        wait_until(
            lambda: (
                up.children().keys() == before.keys()
                and not set(up.children().values()) & set(before.values())
            ),
            up.told,
        )
        wait_until(up.serves, up.told)
        wait_until((up.data / "logs/worker-1.log").is_file, up.told)
        assert up.stop() == 0, up.told()
        wait_until(lambda: up.left() == [], lambda: str(up.left()))
    finally:
        if up.runs():
            up.stop(signal.SIGKILL)
        embedded.destroy(up.data)
