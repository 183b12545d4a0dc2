"""The PostgreSQL that comes with Crossdock, from a wheel, in the data folder.

The wheel's own Python layer trusts every local connection and widens folder modes, so that only
its programs are used here, each started by a list of arguments: no path goes through a shell. The
server demands a password, listens on a socket in a folder that only its user can enter, and never
runs as root: started by root, it runs as another user, and where that one can't reach the data
folder, the database lives under /var/lib/crossdock, in a folder that the data folder names.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import pwd
import re
import secrets
import shutil
import signal
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psycopg

from crossdock.database_setting import (
    database_home_file,
    database_password_file,
    embedded_socket_file,
)
from crossdock.ops import processes
from crossdock.ops.belonging import claims, note_owner, owner_of
from crossdock.ops.child import Child
from crossdock.ops.log_files import LogFiles
from crossdock.ops.postgresql import (
    SYSTEM_FOLDER,
    EmbeddedFailed,
    major,
    may_enter,
    private_folder,
    programs,
)
from crossdock.ops.processes import Command, StartFailed, run_to_end
from crossdock.rules.from_outside import whole

ROLE = DATABASE = "crossdock"
STILL_IN_USE = "still in use"
"""What a server says that starts while processes of a killed one are not all gone yet."""
_USERS = ("crossdock", "postgres", "nobody")
"""Under whom the server runs when we are root: the first that exists."""
_LONGEST_SOCKET_FOLDER = 80
"""In bytes. A socket's path may have 107 of them on Linux; its file name takes some."""
_RANDOM = re.compile(r"[0-9a-f]{12}")
_PLAIN = re.compile(r"[\w./-]+", re.ASCII)
"""Connection strings are lists by comma, and the server's setting is one too."""
START_SECONDS = 120.0
_STOP_SECONDS = 60.0
_GONE_SECONDS = 10.0
_ROOM = 150_000_000
"""Bytes that a new database takes, with its first log files."""
_started: dict[Path, tuple[Child, LogFiles]] = {}
"""Servers that ``start`` made this process's children."""


@dataclass(frozen=True, slots=True)
class Server:
    """An embedded server: how it is started, and reached."""

    programs: Path
    home: Path
    """Its own folder, with the cluster in it; nobody else can enter it."""
    socket: Path
    user: pwd.struct_passwd | None
    """None: we are not root, and the server runs as ourselves."""
    password_file: Path
    fast: bool = False

    @property
    def data(self) -> Path:
        """What PostgreSQL calls the data directory."""
        return self.home / "cluster"

    def url(self, database: str = DATABASE) -> str:
        """The address of one of its databases, as DATABASE_URL wants it."""
        password = self.password_file.read_text().strip()
        return f"postgresql://{ROLE}:{password}@/{database}?host={self.socket}&port=5432"

    def command(self) -> Command:
        """How it is started, this time: its folder of sockets is made again where something swept it away."""
        private_folder(self.socket, self.user)
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.socket),
            "unix_socket_permissions": "0700",
            "port": "5432",
            "max_connections": "100",
            "timezone": "UTC",
            "shared_buffers": "128MB",
            "log_startup_progress_interval": "2s",
            **({} if self.user else {"dynamic_shared_memory_type": "mmap"}),  # outlives a logout
            **(
                dict.fromkeys(("fsync", "synchronous_commit", "full_page_writes"), "off")
                if self.fast
                else {}
            ),
        }
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        arguments = (str(self.programs / "postgres"), "-D", str(self.data), *options)
        # SIGINT ends it fast; SIGTERM would wait for every client.
        return Command(arguments, self._environment(), self.user, Path("/"), signal.SIGINT)

    def pid(self) -> int | None:
        """The process that serves this cluster; None when none does, whatever its pid file says."""
        noted = self._noted_pid()
        return noted if noted and str(self.data) in processes.command_line(noted) else None

    def answers(self) -> bool | str:
        """Whether it takes connections; while it lives but does not take any yet, its words for why."""
        try:
            psycopg.connect(self.url("postgres"), connect_timeout=5).close()
        except psycopg.OperationalError as problem:
            said = str(problem)
            return (
                said.rpartition("FATAL:")[2].strip()
                if "starting up" in said or "not yet accept" in said
                else False
            )
        return True

    def _noted_pid(self) -> int | None:
        try:
            noted = (self.data / "postmaster.pid").read_text(errors="replace").splitlines()
        except FileNotFoundError:
            return None
        if not noted:
            raise EmbeddedFailed(
                f"{self.data}/postmaster.pid is empty: a start of the database was cut off. If no other "
                "PostgreSQL uses this folder, delete that file and start again."
            )
        if (number := whole(noted[0].strip())) is None:
            raise EmbeddedFailed(
                f"{self.data}/postmaster.pid is damaged, as a power cut leaves it. If no other PostgreSQL uses this "
                "folder, delete that file and start again."
            )
        return number

    def _environment(self) -> dict[str, str]:
        """A killed server's number may be another process's by now; the server is told to ignore that one."""
        noted = self._noted_pid()
        mistaken = {"PG_GRANDPARENT_PID": str(noted)} if noted and self.pid() is None else {}
        return {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C", "TZ": "UTC", **mistaken}


def start(data_dir: Path, *, fast: bool = False) -> Server:
    """Start the database in this data folder (made at first start) as our child, or go on with a running one.

    ``fast`` trades safety against power cuts for speed: for tests only. Raises EmbeddedFailed.
    """
    server = prepare(data_dir, fast=fast)
    if server.pid() is None:
        logs = LogFiles(data_dir)
        logs.start()
        child = Child("database", server.command, logs)
        _started[server.data] = child, logs
        child.start()
        child.await_ready(server.answers, seconds=START_SECONDS, again_on=STILL_IN_USE)
    make_database(server)
    return server


def prepare(
    data_dir: Path, *, fast: bool = False, asked: Callable[[], bool] = lambda: False
) -> Server:
    """The server of this data folder, with a cluster to start on: made, where there is none.

    Raises EmbeddedFailed; AskedToStop when we are asked to stop meanwhile.
    """
    data_dir.mkdir(parents=True, exist_ok=True)
    server = _server(data_dir, fast=fast)
    version = server.data / "PG_VERSION"
    if not version.exists():
        _make(server, asked)
    elif not server.password_file.is_file():
        raise EmbeddedFailed(
            f"{server.password_file} is missing, and the database in {server.home} can't be opened without "
            "it: put the file back from a backup."
        )
    elif (made_by := version.read_text().strip()) != (ours := major(server.programs)):
        raise EmbeddedFailed(
            f"The database in {server.home} was made by PostgreSQL {made_by}, and this version of Crossdock "
            f"brings {ours}: bring it over by dump and restore."
        )
    if server.home.parent == SYSTEM_FOLDER:
        note_owner(server.home, data_dir)
    embedded_socket_file(data_dir).write_text(f'host = "{server.socket}"\nport = 5432\n')
    return server


def has_one(data_dir: Path) -> bool:
    """Whether a database was ever made in this data folder."""
    return (data_dir / "database").is_dir() or database_home_file(data_dir).is_file()


def make_database(server: Server) -> None:
    """Make our database in a server that answers. Raises EmbeddedFailed."""
    try:
        with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
            known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
            if known.fetchone() is None:
                connection.execute(f"CREATE DATABASE {DATABASE}")
    except psycopg.Error as problem:
        raise EmbeddedFailed(f"The database started, but cannot be used: {problem}") from None


def stop(data_dir: Path) -> None:
    """Stop the database of this data folder, if it runs; open transactions are rolled back."""
    server = _server(data_dir)
    stop_server(server)
    tidy_up(data_dir, server)


def tidy_up(data_dir: Path, server: Server) -> None:
    """Remove what tells where the server was reached, and is of no use once it is stopped."""
    shutil.rmtree(server.socket, ignore_errors=True)
    embedded_socket_file(data_dir).unlink(missing_ok=True)


def stop_server(server: Server) -> None:
    """Stop whatever serves this cluster, ours or left behind by a killed supervisor."""
    if (ours := _started.pop(server.data, None)) is not None:
        child, logs = ours
        child.stop(_STOP_SECONDS)
        logs.close()
        return
    for number, seconds in ((signal.SIGINT, _STOP_SECONDS), (signal.SIGQUIT, _GONE_SECONDS)):
        deadline = time.monotonic() + seconds
        if pid := server.pid():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)
        while server.pid() is not None and time.monotonic() < deadline:
            time.sleep(0.05)


def destroy(data_dir: Path) -> None:
    """Stop the database of this data folder and delete it with all that is in it."""
    stop(data_dir)
    shutil.rmtree(_server(data_dir).home, ignore_errors=True)


def _server(data_dir: Path, *, fast: bool = False) -> Server:
    user = _unprivileged() if os.geteuid() == 0 else None
    home = _home_under_root(data_dir, user) if user else data_dir / "database"
    password_file = database_password_file(data_dir)
    return Server(programs(user), home, _socket(home), user, password_file, fast)


def _unprivileged() -> pwd.struct_passwd:
    for name in _USERS:
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise EmbeddedFailed(
        "PostgreSQL does not run as root, and no other user was found: set DATABASE_URL."
    )


def _home_under_root(data_dir: Path, user: pwd.struct_passwd) -> Path:
    """In the data folder where this user can reach it; else under /var/lib, by a name of its own.

    The name is random and kept in the data folder: a new data folder at an old path must not find
    the old one's database, and a moved one must find its own; a copy of one that is still there finds none.
    """
    inside, named = data_dir / "database", database_home_file(data_dir)
    if not named.is_file():
        if inside.is_dir() or may_enter(data_dir.resolve(), user):
            return inside
        _keep(named, secrets.token_hex(6))
    name = named.read_text(errors="replace").strip()
    if not _RANDOM.fullmatch(name):
        raise EmbeddedFailed(
            f"{named} is damaged: it names the folder of the database under {SYSTEM_FOLDER}. crossdock leftovers "
            f"lists these with the data folders that they belong to; write the name of yours into {named.name}, or "
            "delete that file where there is none."
        )
    home = SYSTEM_FOLDER / name
    other = owner_of(home)
    if other is not None and claims(other, home) and not other.samefile(data_dir):
        raise EmbeddedFailed(
            f"{data_dir} is a copy of {other}, and the database of both is {home}: only one may use it. For a second "
            "installation begin with an empty data folder, and crossdock restore a backup of the first one there."
        )
    return home


def _socket(home: Path) -> Path:
    socket = home / "socket"
    if len(os.fsencode(socket)) <= _LONGEST_SOCKET_FOLDER and _PLAIN.fullmatch(str(socket)):
        return socket
    mark = hashlib.sha256(os.fsencode(home.resolve())).hexdigest()[:12]
    temporary = tempfile.gettempdir()
    short = len(os.fsencode(temporary)) < _LONGEST_SOCKET_FOLDER // 2
    plain = temporary if short and _PLAIN.fullmatch(temporary) else "/tmp"  # noqa: S108 - checked when made
    return Path(plain) / f"crossdock-{os.getuid()}-{mark}"


def _make(server: Server, asked: Callable[[], bool]) -> None:
    """Make the cluster in a draft folder, so that a kill leaves no half-made one behind."""
    if not server.password_file.exists():
        _keep(server.password_file, secrets.token_urlsafe(32))
    _own_folder(server.home, server.user)
    if (free := shutil.disk_usage(server.home).free) < _ROOM:
        raise EmbeddedFailed(
            f"A new database takes {_ROOM // 1_000_000} MB, and where {server.home} lies only "
            f"{free // 1_000_000} MB are free."
        )
    for left in server.home.glob("draft-*"):
        shutil.rmtree(left, ignore_errors=True)
    draft, shared = (server.home / f"{name}-{os.getpid()}" for name in ("draft", "password"))
    shared.unlink(missing_ok=True)
    shared.touch(mode=0o600)
    try:
        shared.write_text(server.password_file.read_text())
        if server.user:
            os.chown(shared, server.user.pw_uid, server.user.pw_gid)
        initdb = (
            str(server.programs / "initdb"), "-D", str(draft), "-U", ROLE, "-A", "scram-sha-256",
            "--pwfile", str(shared), "-E", "UTF8", "--locale-provider=builtin", "--locale=C.UTF-8",
            "--no-instructions",
        )  # fmt: skip
        environment = {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C", "TZ": "UTC"}
        run_to_end(Command(initdb, environment, server.user, Path("/")), asked)
        draft.rename(server.data)
    except StartFailed as failure:
        raise EmbeddedFailed(f"The database could not be made: {failure}") from None
    finally:
        shared.unlink(missing_ok=True)
        shutil.rmtree(draft, ignore_errors=True)


def _keep(file: Path, word: str) -> None:
    """Write a word that must not be lost, for us alone: whole or not at all."""
    draft = file.with_name(f"{file.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
        out.write(word)
        out.flush()
        os.fsync(out.fileno())
    draft.rename(file)


def _own_folder(home: Path, user: pwd.struct_passwd | None) -> None:
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    if user:
        os.chown(home, user.pw_uid, user.pw_gid)
        if home.parent == SYSTEM_FOLDER:
            SYSTEM_FOLDER.chmod(0o755)  # whatever our umask
