"""The long proofs of ``make prove``, in short: a worker is killed with a call in flight."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.long
def test_a_killed_worker_leaves_nothing_undone_and_nothing_done_twice() -> None:
    command = [sys.executable, "-m", "bench.prove", "--kinds", "pack", "post", "--faults", "kill"]
    environment = {key: value for key, value in os.environ.items() if key != "DATABASE_URL"}
    done = subprocess.run(
        [*command, "--rounds", "1", "--orders", "40"],
        cwd=ROOT,
        env={**environment, "PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Every promise held." in done.stdout
