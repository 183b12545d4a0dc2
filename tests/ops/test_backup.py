"""A backup is whole or not there, holds database and files of one moment, and never the keys."""

from __future__ import annotations

import errno
import fcntl
import os
import signal
import subprocess
import sys
import tarfile
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO, Any

import pytest
from django.db import connection

from crossdock.companies.models import Company
from crossdock.keys_file import id_of, keys_file
from crossdock.ops import archive, backup, daily_backup, pg_tools
from crossdock.ops.archive import NoBackup, read_about
from crossdock.ops.backup import (
    KEPT,
    BackupFailed,
    backups_folder,
    is_due,
    kept_in,
    make,
    make_at,
    make_daily,
)
from crossdock.ops.daily_backup import keep_backups
from crossdock.ops.pg_tools import Tools, ToolsMissing, tools_of_at_least
from crossdock.ops.processes import Command
from tests.ops.another_database import installation, new_database
from tests.ops.installation import wait_until
from tests.ops.test_restore import restored

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def data(tmp_path: Path, settings: Any) -> Path:
    """A data folder with a label in it."""
    settings.DATA_DIR, settings.MEDIA_ROOT = tmp_path / "data", tmp_path / "data/files"
    label = settings.MEDIA_ROOT / "awb/7/label.pdf"
    label.parent.mkdir(parents=True)
    label.write_bytes(b"%PDF- a label")
    return Path(settings.DATA_DIR)


def names_in(file: Path) -> list[str]:
    with tarfile.open(file) as tar:
        return tar.getnames()


def test_a_backup_holds_the_database_and_the_files_and_is_nobody_elses(data: Path) -> None:
    made = make_at(None, data)
    assert made.parent == data / "backups"
    assert names_in(made) == [
        "crossdock-backup.toml", "database.dump", "files/awb/7/label.pdf", "whole.toml",
    ]  # fmt: skip
    assert made.stat().st_mode & 0o777 == 0o600
    assert made.parent.stat().st_mode & 0o777 == 0o700
    assert read_about(made).made_at <= datetime.now(UTC)


def test_no_key_is_ever_in_it(data: Path, settings: Any) -> None:
    """Dumps are packed, so that what is in clear in the file must be all that is."""
    keys_file(data).write_text("token_keys = []")
    made = make_at(None, data)
    assert not any("keys.toml" in name for name in names_in(made))
    written = made.read_bytes()
    for key in (*settings.TOKEN_KEYS, settings.SECRET_KEY):
        assert key.encode() not in written
    assert read_about(made).keys == tuple(id_of(key) for key in settings.TOKEN_KEYS)


def test_a_file_or_a_folder_can_be_named_and_nothing_is_written_over(
    data: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "disk"
    folder.mkdir()
    assert make_at(str(folder), data).parent == folder
    assert make_at(f"{tmp_path}/made/", data).parent == tmp_path / "made"
    file = make_at(f"{tmp_path}/new/mine.tar", data)
    before = file.read_bytes()
    with pytest.raises(BackupFailed, match="there already"):
        make(file)
    assert file.read_bytes() == before


def test_what_is_committed_while_it_is_made_is_in_it_whole_or_not_at_all(
    data: Path, tmp_path: Path, settings: Any
) -> None:
    """Each company is written with its twin: no backup has one without the other."""
    stop = threading.Event()

    def write() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            names = (f"a{number}", f"b{number}")
            Company.objects.bulk_create([Company(name=name, slug=name) for name in names])
        connection.close()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        wait_until(lambda: Company.objects.count() >= 20, seconds=20)
        made = make_at(None, data)
    finally:
        stop.set()
        writer.join()
    after = Company.objects.count()
    with new_database() as name, installation(name, tmp_path / "elsewhere", settings):
        restored(made)
        slugs = set(Company.objects.values_list("slug", flat=True))
    assert 20 <= len(slugs) <= after
    assert {slug[1:] for slug in slugs if slug[0] == "a"} == {
        slug[1:] for slug in slugs if slug[0] == "b"
    }


def test_a_file_that_goes_while_the_backup_is_made_is_left_out(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = data / "files/gone.pdf"
    listed = list(backup._files())
    monkeypatch.setattr(backup, "_files", lambda: iter([(gone, "files/gone.pdf"), *listed]))
    assert "files/awb/7/label.pdf" in names_in(make_at(None, data))


def test_a_full_disk_is_told_in_a_sentence_and_leaves_nothing(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(source: IO[bytes], target: IO[bytes]) -> None:
        target.write(source.read(100))
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(backup, "copy_stream", full)
    with pytest.raises(BackupFailed, match=r"No space left on device\. Make room"):
        make_at(None, data)
    assert list(backups_folder(data).iterdir()) == []


def test_a_dump_that_fails_is_no_backup(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Never an empty dump that nobody hears of."""
    (tmp_path / "pg_dump").write_text("#!/bin/sh\necho 'server version mismatch' >&2\nexit 1\n")
    (tmp_path / "pg_dump").chmod(0o755)
    monkeypatch.setattr(backup, "tools_of_at_least", lambda *_: Tools(tmp_path))
    with pytest.raises(BackupFailed, match="server version mismatch"):
        make_at(None, data)
    assert kept_in(backups_folder(data)) == []


def test_one_that_was_killed_does_not_count_and_is_removed_by_the_next(data: Path) -> None:
    folder = backups_folder(data)
    folder.mkdir(mode=0o700)
    left = folder / "crossdock-daily-2026-01-01.tar.part"
    left.write_bytes(b"half")
    assert is_due(data)
    made = make_at(None, data)
    assert list(folder.iterdir()) == [made]


def test_a_kill_in_the_middle_leaves_what_does_not_count(data: Path, tmp_path: Path) -> None:
    """A real process, killed while it writes."""
    code = (
        "import os, sys, time\nfrom pathlib import Path\nimport django\ndjango.setup()\n"
        "from crossdock.ops import backup\n"
        "backup.copy_stream = lambda source, target: (target.write(b'half'), target.flush(),"
        " print('writing', flush=True), time.sleep(60))\n"
        f"backup.make(Path({str(backups_folder(data) / 'crossdock-x.tar')!r}))\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(Path(archive.__file__).parents[2])}
    process = subprocess.Popen(
        [sys.executable, "-c", code], env=environment, stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stdout.readline().strip() == b"writing"
    (draft,) = backups_folder(data).iterdir()
    made = make_at(None, data)
    assert draft.exists(), "what another process writes stays"
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    assert kept_in(backups_folder(data))[0].path == made
    again = make_at(None, data)
    assert set(backups_folder(data).iterdir()) == {made, again}


def test_two_that_write_the_same_file_do_not_spoil_each_other(data: Path, tmp_path: Path) -> None:
    draft = tmp_path / "mine.tar.part"
    with draft.open("wb") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        other.write(b"theirs")
        other.flush()
        with pytest.raises(BackupFailed, match="written by another process"):
            make(tmp_path / "mine.tar")
    assert draft.read_bytes() == b"theirs"


def test_one_is_due_when_the_newest_is_a_day_old_whatever_the_hour(data: Path) -> None:
    assert is_due(data)
    made = make_daily(data)
    assert not is_due(data)
    aged(made, timedelta(hours=23))
    assert not is_due(data)
    aged(made, timedelta(hours=25))
    assert is_due(data)
    aged(made, -timedelta(days=40))
    assert is_due(data), "stamped by a clock that was ahead"


def test_seven_of_those_made_by_themselves_stay_and_all_that_a_person_made(data: Path) -> None:
    folder = backups_folder(data)
    by_hand = make_at(None, data)
    aged(by_hand, timedelta(days=100))
    for day in range(KEPT + 2, 0, -1):
        old = folder / f"crossdock-daily-{day}.tar"
        old.write_bytes(b"old")
        aged(old, timedelta(days=day))
    newest = make_daily(data)
    names = {one.path.name for one in kept_in(folder)}
    assert names == {newest.name, by_hand.name} | {
        f"crossdock-daily-{day}.tar" for day in range(1, KEPT)
    }


def test_up_looks_at_once_and_every_hour_and_tells_what_went_wrong(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The hour is short here. The first time all is well, then the disk is full."""
    count = tmp_path / "looks"
    script = (
        f"echo look >> {count}; [ $(wc -l < {count}) -lt 2 ] && exit 0;"
        " echo 'Traceback'; echo 'Error: the disk is full.'; exit 1"
    )
    given: list[tuple[str, ...]] = []

    def python(*arguments: str, env: Mapping[str, str]) -> Command:
        given.append(arguments)
        return Command(("/bin/sh", "-c", script), env)

    monkeypatch.setattr(daily_backup, "python", python)
    with looking_often(monkeypatch):
        told = told_when(capsys, lambda told: "Error: the disk is full." in told)
    assert given[0][-2:] == ("backup", "--when-due")
    assert "Traceback" not in told


def test_a_place_of_too_long_a_name_is_told(tmp_path: Path) -> None:
    with pytest.raises(BackupFailed, match="File name too long"):
        backup.make_at(str(tmp_path / ("a" * 300)), tmp_path)


def test_a_look_that_cannot_begin_is_told_and_is_not_the_last(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    missing = Command(("/nowhere/python",), os.environ)
    monkeypatch.setattr(daily_backup, "python", lambda *_, **__: missing)
    words = "No backup was made: /nowhere/python cannot be run"
    with looking_often(monkeypatch) as thread:
        told_when(capsys, lambda told: told.count(words) >= 2 or not thread.is_alive())
        assert thread.is_alive()


@contextmanager
def looking_often(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Thread]:
    """What ``up`` does for its backups, where an hour is a moment; its thread ends with the block."""
    monkeypatch.setattr(daily_backup, "_EVERY", 0.05)
    monkeypatch.setattr(daily_backup, "_GLANCE", 0.02)
    stop = threading.Event()
    thread = keep_backups(stop.is_set)
    try:
        yield thread
    finally:
        stop.set()
        thread.join(20)
        assert not thread.is_alive()


def told_when(capsys: pytest.CaptureFixture[str], is_enough: Callable[[str], bool]) -> str:
    """What was printed as an error, as soon as that is enough."""
    told = ""

    def came() -> bool:
        nonlocal told
        told += capsys.readouterr().err
        return is_enough(told)

    wait_until(came, seconds=20)
    return told


def test_a_backup_under_way_ends_with_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    begun = tmp_path / "begun"
    command = Command(("/bin/sh", "-c", f"touch {begun}; sleep 60"), os.environ)
    monkeypatch.setattr(daily_backup, "python", lambda *_, **__: command)
    stop = threading.Event()
    thread = keep_backups(stop.is_set)
    wait_until(begun.exists, seconds=20)
    stop.set()
    thread.join(20)
    assert not thread.is_alive()


def test_programs_of_an_older_postgresql_are_not_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [Tools(Path("/old")), Tools(Path("/new")), Tools(Path("/newest"))]
    majors = {"/old": 15, "/new": 17, "/newest": 18}
    monkeypatch.setattr(Tools, "major", property(lambda tools: majors[str(tools.folder)]))
    monkeypatch.setattr(pg_tools, "_found", lambda: iter(found))
    assert str(tools_of_at_least(15, "").folder) == "/old"
    assert str(tools_of_at_least(16, "").folder) == "/new"
    with pytest.raises(
        ToolsMissing, match=r"PostgreSQL 19 or newer \(the newest here is 18"
    ) as told:
        tools_of_at_least(19, "A backup of this database")
    assert "postgresql-client-19" in str(told.value)


def test_what_is_no_backup_or_was_cut_off_is_told(data: Path, tmp_path: Path) -> None:
    made = make_at(None, data)
    whole = made.read_bytes()
    for name, content in {
        "empty": b"",
        "text": b"hello" * 1000,
        "cut": whole[: len(whole) // 2],
        "cut at the end": whole[: whole.rindex(b"whole.toml")],
    }.items():
        bad = tmp_path / name
        bad.write_bytes(content)
        with pytest.raises(NoBackup, match=r"no backup|not whole"):
            read_about(bad)
    with pytest.raises(NoBackup, match="There is no"):
        read_about(tmp_path / "nowhere")


def aged(file: Path, age: timedelta) -> None:
    moment = (datetime.now(UTC) - age).timestamp()
    os.utime(file, (moment, moment))
