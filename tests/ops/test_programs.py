"""PostgreSQL's programs run where the checkout is closed to the server's user, or has an odd path."""

from __future__ import annotations

import os
import pwd
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from crossdock.ops import embedded, postgresql


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every user may enter."""
    folder = Path(tempfile.mkdtemp(prefix="crossdock-programs-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def wheel_in(folder: Path) -> Path:
    """The wheel's programs, as an environment in this folder has them."""
    wheel = postgresql.wheel_programs()
    room = wheel.parent.parent
    for part in (wheel.parent, room.with_name(f"{room.name}.libs")):
        shutil.copytree(part, folder / part.relative_to(room.parent), symlinks=True)
    return folder / wheel.relative_to(room.parent)


def user() -> pwd.struct_passwd | None:
    return embedded._unprivileged() if os.geteuid() == 0 else None


def test_a_copy_brings_its_libraries_and_every_user_may_run_it(open_folder: Path) -> None:
    closed = open_folder / "closed"
    closed.mkdir(mode=0o700)
    old = os.umask(0o077)
    try:
        theirs = postgresql.copied(wheel_in(closed), user(), open_folder / "copies")
    finally:
        os.umask(old)
    assert postgresql._trouble(theirs, user()) == ""


def test_a_copy_that_lacks_a_file_is_found_and_made_anew(open_folder: Path) -> None:
    wheel = postgresql.wheel_programs()
    theirs = postgresql.copied(wheel, user(), open_folder / "copies")
    (theirs / "initdb").unlink()
    (open_folder / "copies/draft-left-by-a-kill").mkdir()
    assert postgresql.copied(wheel, user(), open_folder / "copies") == theirs
    assert (theirs / "initdb").is_file()
    assert len([one for one in (open_folder / "copies").iterdir() if one.is_dir()]) == 1


def test_a_database_starts_from_an_odd_path_in_an_odd_folder(
    open_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    odd = open_folder / """a "b" $(touch ran) 'c' `touch ran`, [订单]"""
    odd.mkdir()
    wheel = wheel_in(odd)
    monkeypatch.setattr(postgresql, "wheel_programs", lambda: wheel)
    data = odd / "data"
    try:
        with psycopg.connect(embedded.start(data, fast=True).url()) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
    finally:
        embedded.destroy(data)
    assert list(open_folder.rglob("ran")) == []
