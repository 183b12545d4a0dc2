"""What a power cut or a full disk left in the data folder is told in a sentence with what to do."""

from __future__ import annotations

import pwd
from pathlib import Path

import pytest

from crossdock.ops import embedded
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


@pytest.mark.parametrize("folder", ["nowhere", "a-file", "a-file/within"])
def test_down_says_where_there_is_no_data_folder(tmp_path: Path, folder: str) -> None:
    (tmp_path / "a-file").touch()
    told = run("down", "--data", str(tmp_path / folder), data=tmp_path)
    assert told.returncode == 1
    assert "There is no data folder" in told.stderr
    assert "Traceback" not in told.stderr
