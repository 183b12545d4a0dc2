"""`make` in a fresh checkout: any path, any interruption, any failure. A stand-in plays Python's part."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ODD = """Aufträge 订单, [x] (1) $(touch ran) `touch ran` "q" 'p' #h & ; %"""
PYTHON = r"""#!/bin/bash
case "$*" in
  *version_info*) [ -z "$OLD" ] ;;
  *python_version*) echo "is 3.10.4" ;;
  *"-m venv --without-pip"*) ;;
  *"-m venv"*) mkdir -p "$3/bin"; cp "$0" "$3/bin/python"; [ -n "$NO_PIP" ] || touch "$3/has-pip" ;;
  *"-m pip --version"*) [ -e "$(dirname "$0")/../has-pip" ] ;;
  *"-m pip install"*)
    echo "$*" >>"$CALLS"; echo "Collecting django (from -r app.txt)"; [[ -z "$AWAIT" || "$*" != *app.txt* ]] || cat "$AWAIT" >/dev/null
    [ -z "$FAILS" ] || { echo "ERROR: no such package" >&2; exit 1; } ;;
  *crossdock.cli*) printf '%s\n' "$@" >"$CALLS" ;;
esac
"""


class Checkout:
    """A checkout in which nothing was made yet."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "requirements").mkdir(parents=True)
        for name in ("Makefile", "requirements/install.sh"):
            shutil.copy(ROOT / name, folder / name)
        (folder / "requirements/demo.txt").write_text("starlette==1.10")
        self.require("django==5.2")
        self.calls = folder.parent / "calls"
        self.python = folder.parent / "python3.11"
        self.python.write_text(PYTHON)
        self.python.chmod(0o755)

    def require(self, text: str) -> None:
        """Write the list of packages, as a pull does."""
        (self.folder / "requirements/app.txt").write_text(text)

    def make(self, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["make", *words], cwd=self.folder, env=self.environment(**more),
            capture_output=True, text=True, timeout=60,
        )  # fmt: skip

    def environment(self, **more: str) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
        kept.pop("DATA", None)
        return {**kept, "PYTHON": str(self.python), "CALLS": str(self.calls), **more}

    def called(self) -> list[str]:
        """What the last demo was called with, or the installations so far."""
        return self.calls.read_text().splitlines() if self.calls.exists() else []


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path / "crossdock")


def test_an_odd_path_reaches_the_command_whole_and_runs_nothing(tmp_path: Path) -> None:
    odd = Checkout(tmp_path / ODD)
    done = odd.make("demo", "PORT=8001")
    assert done.returncode == 0, done.stderr
    told = odd.called()
    assert told[told.index("--data") + 1] == str(odd.folder / "data")
    assert told[told.index("--port") + 1] == "8001"
    assert list(odd.folder.rglob("ran")) == []


def test_an_odd_data_folder_reaches_the_command_whole_and_runs_nothing(
    checkout: Checkout, tmp_path: Path
) -> None:
    data = str(tmp_path / ODD)
    done = checkout.make("demo", DATA=data)
    assert done.returncode == 0, done.stderr
    told = checkout.called()
    assert told[told.index("--data") + 1] == data
    assert list(checkout.folder.rglob("ran")) == []


def test_a_half_made_environment_is_made_anew(checkout: Checkout) -> None:
    (checkout.folder / ".venv/bin").mkdir(parents=True)
    shutil.copy(checkout.python, checkout.folder / ".venv/bin/python")
    done = checkout.make("app")
    assert done.returncode == 0, done.stderr
    assert (checkout.folder / ".venv/has-pip").exists()


def test_an_environment_that_cannot_be_made_is_told_and_leaves_none(checkout: Checkout) -> None:
    done = checkout.make("demo", NO_PIP="1")
    assert done.returncode != 0
    assert "apt install python3-venv" in done.stderr
    assert not (checkout.folder / ".venv").exists()
    assert checkout.make("demo").returncode == 0, "once it is mended, the same command goes on"


def test_a_failed_install_is_never_taken_for_done(checkout: Checkout) -> None:
    assert checkout.make("app").returncode == 0
    checkout.require("django==6.0")
    failed = checkout.make("demo", FAILS="1")
    assert failed.returncode != 0
    assert "no such package" in failed.stderr
    assert "crossdock.cli" not in "".join(checkout.called()), "the new code on the old packages"
    before = len(checkout.called())
    assert checkout.make("app").returncode == 0
    assert len(checkout.called()) == before + 1, "it is tried again"
    assert checkout.make("app").returncode == 0
    assert len(checkout.called()) == before + 1, "what is installed is not installed again"


def test_progress_is_seen_while_it_installs(checkout: Checkout, tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    os.mkfifo(gate)
    running = subprocess.Popen(
        ["make", "app"], cwd=checkout.folder, env=checkout.environment(AWAIT=str(gate)),
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert running.stdout is not None
    seen = []
    while "Collecting django\n" not in seen:
        seen.append(running.stdout.readline())
        assert seen[-1], seen
    assert running.poll() is None, "the line came before the end"
    gate.write_text("go on")
    running.communicate(timeout=30)
    assert running.returncode == 0


def test_a_python_that_is_too_old_is_told_in_a_sentence(checkout: Checkout) -> None:
    done = checkout.make("demo", OLD="1")
    assert done.returncode != 0
    assert f"needs Python 3.11 or newer, and {checkout.python} is 3.10.4" in done.stderr


def test_a_python_that_is_not_there_is_told_in_a_sentence(checkout: Checkout) -> None:
    done = checkout.make("demo", PYTHON="/nowhere/python3")
    assert done.returncode != 0
    assert "/nowhere/python3 was not found" in done.stderr


def test_a_path_that_no_environment_can_take_is_told_in_a_sentence(tmp_path: Path) -> None:
    done = Checkout(tmp_path / "with:colon").make("demo")
    assert done.returncode != 0
    assert "colon" in done.stderr
    assert "Traceback" not in done.stderr
