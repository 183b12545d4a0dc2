"""The guide for adding a channel, followed to the letter: one folder, and nothing else is touched."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
GUIDE = ROOT / "docs/adding-a-channel.md"
_FILE = re.compile(r"^## `([\w.]+)`\n.*?^```\w+\n(.*?)^```", re.MULTILINE | re.DOTALL)


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A copy of the source, with the guide's files in a folder of their own."""
    copy = tmp_path / "src"
    ignore = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "src/crossdock", copy / "crossdock", ignore=ignore)
    (copy / "crossdock_sandbox").symlink_to(ROOT / "src/crossdock_sandbox")
    folder = copy / "crossdock/channels/bazaar"
    folder.mkdir()
    for name, text in _FILE.findall(GUIDE.read_text()):
        (folder / name).write_text(text)
    return copy


def run(house: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": f"{house}:{ROOT}"},
        capture_output=True,
        text=True,
        timeout=300,
    )


def suite(house: Path, *more: str) -> subprocess.CompletedProcess[str]:
    return run(
        house,
        *("-m", "pytest", "tests/contract", "-q", "-k", "bazaar", "-rs"),
        *("-o", f"pythonpath={house} {ROOT}", "-p", "no:xdist", *more),
    )


def test_a_folder_made_by_the_guide_is_linked_and_taken_on_by_the_suite(house: Path) -> None:
    done = suite(house)
    assert done.returncode == 0, done.stdout
    assert "failed" not in done.stdout
    shape = (ROOT / "tests/contract/test_shape.py").read_text()
    assert int(re.findall(r"(\d+) passed", done.stdout)[-1]) >= shape.count("(known: Channel")
    assert "The sandbox does not play Bazaar yet" in done.stdout


@pytest.mark.long
def test_the_suite_names_what_a_folder_lacks(house: Path) -> None:
    file = house / "crossdock/channels/bazaar/channel.py"
    file.write_text(file.read_text().replace("def answer_return(", "def reply_to_return("))
    done = suite(house, "tests/contract/test_shape.py")
    assert done.returncode == 1
    assert "Bazaar lacks answer_return" in done.stdout


def test_the_guides_code_is_as_tidy_as_the_house(house: Path) -> None:
    folder = house / "crossdock/channels/bazaar"
    done = run(ROOT / "src", "-m", "ruff", "check", "--config", "pyproject.toml", str(folder))
    assert done.returncode == 0, done.stdout
