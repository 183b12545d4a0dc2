"""Versions: one number, told in the changes, each released one with its commit."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path

from crossdock import __version__

ROOT = Path(__file__).parents[2]
CHANGES = re.findall(r"^## (\d+\.\d+\.\d+)", (ROOT / "CHANGELOG.md").read_text(), re.M)
RELEASES: dict[str, str] = tomllib.loads((ROOT / "releases.toml").read_text())


def test_the_newest_heading_of_the_changes_is_this_version() -> None:
    assert CHANGES[0] == __version__


def test_every_earlier_version_names_its_commit() -> None:
    assert list(RELEASES) == CHANGES[1:]
    assert all(re.fullmatch(r"[0-9a-f]{40}", commit) for commit in RELEASES.values())
    if git("rev-parse", "--is-shallow-repository") == "false":
        assert {git("cat-file", "-t", commit) for commit in RELEASES.values()} == {"commit"}


def git(*words: str) -> str:
    asked = subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=False)
    return asked.stdout.strip()
