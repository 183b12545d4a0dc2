"""Settings and small files of the data folder that cannot be used: a sentence that names them, never a traceback."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from crossdock.configuration import BadSetting, Configuration, read
from crossdock.keys_file import new_key

KEYS = f'django_secret = "a secret"\ntoken_keys = ["{new_key()}"]\n'


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder, and an environment that says nothing else."""
    monkeypatch.setattr(os, "environ", {"CROSSDOCK_DATA": str(tmp_path), "HOME": str(tmp_path)})
    return tmp_path


def read_with(**settings: str) -> Configuration:
    os.environ.update(settings)
    return read()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CROSSDOCK_PUBLIC_URL", "http://["),
        ("CROSSDOCK_PUBLIC_URL", "https://desk.example.com:abc"),
        ("CROSSDOCK_PUBLIC_URL", "https://desk.example.com:99999"),
        ("CROSSDOCK_PUBLIC_URL", "https://a b"),
        ("CROSSDOCK_PUBLIC_URL", "https://desk.example.com/desk"),
        ("CROSSDOCK_PUBLIC_URL", "https://me:word@desk.example.com"),
        ("CROSSDOCK_PUBLIC_URL", "https://desk.example.com?from=here"),
        ("CROSSDOCK_PUBLIC_URL", "https://d\udcffsk.example.com"),
        ("DATABASE_URL", "postgresql://["),
        ("DATABASE_URL", "postgresql://127.0.0.1"),
        ("DATABASE_URL", "postgres:"),
        ("CROSSDOCK_SQLACCOUNT_PACE", "0"),
        ("CROSSDOCK_SQLACCOUNT_PACE", "-1"),
        ("CROSSDOCK_WORK_TIMES", "lease=nan"),
        ("CROSSDOCK_WORK_TIMES", "lease=-1"),
        ("CROSSDOCK_EMAIL_PORT", "99999"),
        ("CROSSDOCK_KEEP_FINISHED_DAYS", "99999999999999"),
        ("CROSSDOCK_FILES", "s3://bucket?endpoint=http://["),
    ],
)
def test_a_setting_that_cannot_be_used_is_named(data: Path, name: str, value: str) -> None:
    with pytest.raises(BadSetting, match="endpoint" if "endpoint" in value else name):
        read_with(**{name: value})


@pytest.mark.parametrize(
    "address",
    [
        "https://desk.example.com",
        "https://desk.example.com/",
        "http://192.168.1.5:8000",
        "http://[::1]:8000",
        "HTTPS://Desk.example.com",
        "http://desk_2",
        "https://bücher.example",
    ],
)
def test_an_address_of_host_and_port_is_taken(data: Path, address: str) -> None:
    assert read_with(CROSSDOCK_PUBLIC_URL=address).public_url == address.rstrip("/")


@pytest.mark.parametrize("line", [r'A = "\u0000"', '"A=B" = "x"', '"" = "x"', '"A B" = "x"'])
def test_a_line_of_the_settings_that_no_environment_takes_is_named(data: Path, line: str) -> None:
    (data / "settings.toml").write_text(line)
    with pytest.raises(BadSetting, match=r"settings\.toml sets"):
        read()


def test_settings_and_keys_that_windows_editors_saved_are_read(data: Path) -> None:
    (data / "settings.toml").write_text("CROSSDOCK_PORT = 8123\n", "utf-8-sig")
    (data / "keys.toml").write_text(KEYS, "utf-8-sig")
    config = read()
    assert config.web_port == 8123
    assert config.keys.django_secret == "a secret"


def test_keys_without_a_secret_are_damaged(data: Path) -> None:
    (data / "keys.toml").write_text(KEYS.replace("a secret", " "))
    with pytest.raises(BadSetting, match=r"keys\.toml is damaged"):
        read()


@pytest.mark.parametrize("left", [b"", b"\0\0\0\0", b'host = "/x', b"\xff"])
def test_an_address_of_the_database_that_was_cut_off_is_as_none(data: Path, left: bytes) -> None:
    """A full disk or a power cut leaves it so; the next start writes it anew."""
    (data / "database-address.toml").write_bytes(left)
    assert read().database["HOST"] == str(data / "database/socket")


@pytest.mark.parametrize("left", [b"", b"\0\0\0\0", b"\xff"])
def test_a_password_of_the_database_that_was_cut_off_is_named(data: Path, left: bytes) -> None:
    (data / "database-password").write_bytes(left)
    with pytest.raises(BadSetting, match="database-password is damaged"):
        read()


def test_a_database_may_be_named_by_a_service_of_libpq(data: Path) -> None:
    database = read_with(DATABASE_URL="postgresql:///?service=desk").database
    assert database["OPTIONS"]["service"] == "desk"
