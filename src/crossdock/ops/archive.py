"""A backup's file: a tar whose parts are written and read as they come, however large they are.

First what tells about it, then the database, then the files, at last a note that says that it is whole:
one that was cut off on its way somewhere has no such note.
"""

from __future__ import annotations

import tarfile
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import IO

from crossdock.ops.processes import StartFailed

ABOUT, DATABASE, FILES, END = "crossdock-backup.toml", "database.dump", "files", "whole.toml"
FORMAT = 1
"""Raised when an older Crossdock could not read it."""
_PIECE = 1024 * 1024
_BLOCK = tarfile.BLOCKSIZE


class NoBackup(StartFailed):
    """The file is no backup, or not a whole one; the message says so."""


@dataclass(frozen=True, slots=True)
class About:
    """What a backup tells of itself."""

    crossdock: str
    made_at: datetime
    """All that was committed before this moment is in it."""
    postgresql: int
    """Major version of the programs that wrote it: to read it takes none older."""
    migrations: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    """Ids of the keys that open its secrets; the keys themselves are not in it."""
    files_at: str = ""
    """The bucket in which the files are, which are not copied then; "": they are in the backup."""
    format: int = FORMAT


@dataclass(slots=True)
class Writing:
    """A backup that is being written."""

    out: IO[bytes]
    parts: int = 0
    _ended: bool = field(default=False, repr=False)

    def add(self, name: str, copy: Callable[[IO[bytes]], None], *, modified: float) -> None:
        """Add a part whose length nobody knows before ``copy`` has written it."""
        head = tarfile.TarInfo(name)
        head.mode, head.mtime = 0o600, int(modified)
        before = _head(head)
        at = self.out.tell()
        self.out.write(before)
        began = self.out.tell()
        copy(self.out)
        head.size = self.out.tell() - began
        self.out.write(bytes(-head.size % _BLOCK))
        ends = self.out.tell()
        self.out.seek(at)
        self.out.write(_head(head))
        self.out.seek(ends)
        self.parts += 1

    def end(self) -> None:
        """Note that it is whole."""
        note = f"parts = {self.parts}\n".encode()
        self.add(END, lambda out: _write(out, note), modified=0)
        self.out.write(bytes(2 * _BLOCK))


def about_as_toml(about: About) -> bytes:
    """What a backup tells of itself, as it stands in it."""
    lines = []
    for name, value in asdict(about).items():
        if isinstance(value, tuple):
            told = "[" + ", ".join(f'"{one}"' for one in value) + "]"
        elif isinstance(value, datetime):
            told = value.isoformat()
        else:
            told = f'"{value}"' if isinstance(value, str) else str(value)
        lines.append(f"{name} = {told}\n")
    return "".join(lines).encode()


def read_about(file: Path) -> About:
    """What this backup tells of itself, after a look at all its parts. Raises NoBackup."""
    about: About | None = None
    for count, (member, part) in enumerate(parts(file)):
        if count == 0:
            about = _about(file, member, part)
        elif member.name == END and about and _toml(file, part).get("parts") == count:
            return about
    raise NoBackup(f"{file} is not whole: it was cut off when it was copied, or is still being so.")


def parts(file: Path) -> Iterator[tuple[tarfile.TarInfo, IO[bytes]]]:
    """The parts of a backup, each to be read while it is at hand. Raises NoBackup."""
    try:
        with tarfile.open(file, "r:") as tar:
            for member in tar:
                # A link may lead anywhere.
                part = tar.extractfile(member) if member.isreg() else None
                if part is not None:
                    yield member, part
                tar.members.clear()  # type: ignore[attr-defined] # it would keep them all in memory
    except FileNotFoundError:
        raise NoBackup(f"There is no {file}.") from None
    except (tarfile.TarError, EOFError, ValueError, OverflowError):
        raise NoBackup(f"{file} is no backup of Crossdock, or not a whole one.") from None
    except OSError as problem:
        raise NoBackup(f"{file} cannot be read: {problem.strerror}.") from None


def safe_place(root: Path, name: str) -> Path | None:
    """Where a part of ``files/`` belongs; None for what is none, or would lie elsewhere."""
    path = PurePosixPath(name)
    inside = path.parts[1:]
    if path.is_absolute() or path.parts[:1] != (FILES,) or not inside or ".." in inside:
        return None
    return root.joinpath(*inside)


def copy_stream(source: IO[bytes], target: IO[bytes]) -> None:
    """Copy to the end, piece by piece."""
    while piece := source.read(_PIECE):
        target.write(piece)


def _head(member: tarfile.TarInfo) -> bytes:
    return member.tobuf(tarfile.GNU_FORMAT, "utf-8", "surrogateescape")


def _write(out: IO[bytes], note: bytes) -> None:
    out.write(note)


def _about(file: Path, member: tarfile.TarInfo, part: IO[bytes]) -> About:
    if member.name != ABOUT:
        raise NoBackup(f"{file} is no backup of Crossdock.")
    told = _toml(file, part)
    try:
        return About(
            crossdock=str(told["crossdock"]),
            made_at=_moment(told["made_at"]),
            postgresql=int(str(told["postgresql"])),
            migrations=_texts(told["migrations"]),
            keys=_texts(told["keys"]),
            files_at=str(told.get("files_at", "")),
            format=int(str(told["format"])),
        )
    except (KeyError, TypeError, ValueError):
        raise NoBackup(
            f"{file} tells of itself in a way that this Crossdock does not know."
        ) from None


def _toml(file: Path, part: IO[bytes]) -> Mapping[str, object]:
    try:
        return tomllib.loads(part.read(_PIECE).decode())
    except (ValueError, tarfile.TarError):
        raise NoBackup(f"{file} is no backup of Crossdock, or not a whole one.") from None


def _moment(value: object) -> datetime:
    if not isinstance(value, datetime) or value.tzinfo is None:
        raise ValueError
    return value


def _texts(value: object) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise TypeError
    return tuple(map(str, value))
