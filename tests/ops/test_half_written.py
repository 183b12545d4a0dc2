"""What a power cut or a full disk left in the data folder is told in a sentence with what to do."""

from __future__ import annotations

import pwd
import shutil
from pathlib import Path

import pytest

from crossdock.ops import embedded
from crossdock.ops.belonging import note_owner
from crossdock.ops.embedded import EmbeddedFailed, Server
from tests.ops.test_command_line import run


@pytest.mark.parametrize("left", [b"", b"\0\0\0\0", b"\xff\xfe", b"twelve\n", b"\n\n"])
def test_a_damaged_pid_file_of_the_database_is_named(tmp_path: Path, left: bytes) -> None:
    server = Server(tmp_path, tmp_path, tmp_path / "socket", None, tmp_path / "database-password")
    server.data.mkdir()
    (server.data / "postmaster.pid").write_bytes(left)
    with pytest.raises(
        EmbeddedFailed, match=r"postmaster\.pid is (empty|damaged).*delete that file"
    ):
        server.pid()


@pytest.mark.parametrize("left", [b"", b"\0\0\0", b"..", b"/etc", b"\xff"])
def test_a_damaged_name_of_the_databases_folder_leads_nowhere(tmp_path: Path, left: bytes) -> None:
    """An empty one would lead to the folder of everybody's databases."""
    (tmp_path / "database-home").write_bytes(left)
    with pytest.raises(EmbeddedFailed, match="database-home is damaged"):
        embedded._home_under_root(tmp_path, pwd.getpwuid(0))


def test_a_copied_data_folder_never_takes_the_database_of_the_one_that_is_still_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As root, where the database lies elsewhere: a second start would stop the first one's, and use it."""
    monkeypatch.setattr(embedded, "SYSTEM_FOLDER", tmp_path / "elsewhere")
    first, copy, moved, link = (tmp_path / name for name in ("first", "copy", "moved", "link"))
    home = tmp_path / "elsewhere/0123456789ab"
    for folder in (first, home):
        folder.mkdir(parents=True)
    (first / "database-home").write_text(home.name)
    note_owner(home, first)
    shutil.copytree(first, copy)
    link.symlink_to(first)
    root = pwd.getpwuid(0)
    with pytest.raises(EmbeddedFailed, match=f"{copy} is a copy of {first}"):
        embedded._home_under_root(copy, root)
    assert embedded._home_under_root(first, root) == home
    assert embedded._home_under_root(link, root) == home
    first.rename(moved)
    assert embedded._home_under_root(moved, root) == home


@pytest.mark.parametrize("folder", ["nowhere", "a-file", "a-file/within"])
def test_down_says_where_there_is_no_data_folder(tmp_path: Path, folder: str) -> None:
    (tmp_path / "a-file").touch()
    told = run("down", "--data", str(tmp_path / folder), data=tmp_path)
    assert told.returncode == 1
    assert "There is no data folder" in told.stderr
    assert "Traceback" not in told.stderr
