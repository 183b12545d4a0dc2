"""Where the database is: the embedded one in the data folder, or the server that DATABASE_URL names."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

_FOUND_DEAD_SOON = {
    "connect_timeout": "2",
    "keepalives_idle": "10",
    "keepalives_interval": "5",
    "keepalives_count": "3",
    "tcp_user_timeout": "10000",
    "gssencmode": "disable",
}
"""A database that is away must not hold a page; DATABASE_URL may say otherwise. Without gssencmode libpq
asks for Kerberos first, which does not survive on macOS."""

_WORDS = "DATABASE_URL must be such as postgresql://user:password@host/database."


class NoDatabase(Exception):
    """What is said of the database cannot be used; the message says why."""


def database_password_file(data_dir: Path) -> Path:
    """Where the embedded database's password is kept, beside its folder."""
    return data_dir / "database-password"


def database_home_file(data_dir: Path) -> Path:
    """Where the folder of an embedded database that lives elsewhere is named."""
    return data_dir / "database-home"


def embedded_socket_file(data_dir: Path) -> Path:
    """Where the running embedded database says in which folder its socket is, and on which port."""
    return data_dir / "database-address.toml"


def embedded(data_dir: Path) -> dict[str, Any]:
    """The embedded one, as Django is told. Raises NoDatabase, OSError."""
    address_file, password_file = embedded_socket_file(data_dir), database_password_file(data_dir)
    address = _last_address(address_file)
    return _database(
        name="crossdock",
        user="crossdock",
        password=_password(password_file),
        host=str(address.get("host") or data_dir / "database/socket"),  # never another server's
        port=str(address.get("port", "")),
        options={},
    )


def _last_address(file: Path) -> Mapping[str, Any]:
    """Where the embedded database said last that it is; nothing where that was cut off: its next start says it
    anew."""
    try:
        return tomllib.loads(file.read_text()) if file.is_file() else {}
    except ValueError:
        return {}


def _password(file: Path) -> str:
    if not file.is_file():
        return ""
    try:
        word = file.read_text().strip()
    except ValueError:
        word = ""
    if not word.isascii() or not word.isprintable() or not word:
        raise NoDatabase(
            f"{file} is damaged, and the database can't be opened without it: put the file back from a copy of the "
            "data folder."
        )
    return word


def elsewhere(address: str) -> dict[str, Any]:
    """The one at this address, as Django is told. Raises NoDatabase."""
    try:
        url = urlsplit(address)
    except ValueError:
        raise NoDatabase(_WORDS) from None
    if url.scheme not in ("postgres", "postgresql"):
        raise NoDatabase(
            "DATABASE_URL must begin with postgresql:// (Crossdock runs on PostgreSQL only)."
        )
    try:
        port = str(url.port or "")
    except ValueError:
        raise NoDatabase("The port in DATABASE_URL is no number from 1 to 65535.") from None
    query = {name: values[-1] for name, values in parse_qs(url.query).items()}
    if not url.path.strip("/") and "service" not in query:
        raise NoDatabase(_WORDS)
    return _database(
        name=unquote(url.path.lstrip("/")),
        user=unquote(url.username or ""),
        password=unquote(url.password or ""),
        host=query.pop("host", "") or url.hostname or "",
        port=query.pop("port", "") or port,
        options=query,
    )


def _database(
    *, name: str, user: str, password: str, host: str, port: str, options: Mapping[str, str]
) -> dict[str, Any]:
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": name,
        "USER": user,
        "PASSWORD": password,
        "HOST": host,
        "PORT": port,
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {**_FOUND_DEAD_SOON, **options},
    }
