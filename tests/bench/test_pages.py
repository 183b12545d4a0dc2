"""The bench's book is built and its pages show what they mean to show, with few queries."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.long


def test_a_small_book_is_built_and_every_page_answers_within_twelve_queries() -> None:
    command = [sys.executable, "-m", "bench.pages_of_one", "--orders", "4000", "--times", "1"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    pages = json.loads(done.stdout.splitlines()[-1])
    assert len(pages) >= 35
    assert {name: one["queries"] for name, one in pages.items() if one["queries"] > 12} == {}
    assert all(one["bytes"] > 100 for one in pages.values())
