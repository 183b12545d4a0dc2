"""The database that comes along: safe from others, found again, never mistaken for another's."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from crossdock.ops import embedded


@pytest.fixture
def data(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "data"
    yield folder
    embedded.destroy(folder)


def test_a_second_start_goes_on_with_the_same_data(data: Path) -> None:
    with psycopg.connect(embedded.start(data, fast=True).url(), autocommit=True) as connection:
        connection.execute("CREATE TABLE kept (word text)")
        connection.execute("INSERT INTO kept VALUES ('here')")
    embedded.stop(data)
    with psycopg.connect(embedded.start(data, fast=True).url()) as connection:
        assert connection.execute("SELECT word FROM kept").fetchone() == ("here",)


def test_nobody_gets_in_without_the_password(data: Path) -> None:
    server = embedded.start(data, fast=True)
    password = server.password_file.read_text()
    assert stat.S_IMODE(server.password_file.stat().st_mode) == 0o600
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(server.url().replace(password, "guess"))


def test_a_new_folder_at_an_old_path_begins_empty(data: Path) -> None:
    with psycopg.connect(embedded.start(data, fast=True).url(), autocommit=True) as connection:
        connection.execute("CREATE TABLE old (word text)")
    embedded.destroy(data)
    for left in data.iterdir():
        left.unlink()
    with psycopg.connect(embedded.start(data, fast=True).url()) as connection:
        found = connection.execute("SELECT to_regclass('old')").fetchone()
    assert found == (None,)


def test_a_missing_password_file_is_explained_and_nothing_is_overwritten(data: Path) -> None:
    server = embedded.start(data, fast=True)
    embedded.stop(data)
    kept = server.password_file.read_text()
    server.password_file.unlink()
    with pytest.raises(embedded.EmbeddedFailed, match="put the file back"):
        embedded.start(data, fast=True)
    server.password_file.touch(mode=0o600)
    server.password_file.write_text(kept)
    embedded.start(data, fast=True)


@pytest.mark.skipif(os.geteuid() != 0, reason="another user runs the server only under root")
def test_started_by_root_the_server_does_not_run_as_root(data: Path) -> None:
    server = embedded.start(data, fast=True)
    pid = int((server.data / "postmaster.pid").read_text().splitlines()[0])
    assert Path(f"/proc/{pid}").stat().st_uid != 0
