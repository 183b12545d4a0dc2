"""Where the files of rows are kept: labels, papers, pictures, evidence, photos of deliveries.

Rooms keep and read them by name, through these functions alone; ``settings.STORAGES`` says whether they lie in
the data folder (``folder``) or in a bucket (``bucket``). A row that names a file is written after it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any, Protocol, cast

from django.core.files.base import ContentFile, File
from django.core.files.storage import storages


class StoreAway(OSError):
    """The place where files are kept does not answer, or refuses us; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A file that is kept."""

    name: str
    modified_at: datetime


class Store(Protocol):
    """What a place for files can do. Each may raise StoreAway, or what else an OSError is."""

    place: str
    """The bucket; "": the data folder."""

    def save(self, name: str, content: File[bytes]) -> str:
        """Keep this, whole or not at all, instead of what had the name."""

    def open(self, name: str, mode: str = "rb") -> File[Any]:
        """Raises FileNotFoundError."""

    def exists(self, name: str) -> bool:
        """Whether it is kept."""

    def delete(self, name: str) -> None:
        """Nothing happens where it is gone."""

    def remove_all(self, folder: str) -> None:
        """Delete all below a folder, and the folder."""

    def listed(self, folder: str) -> Iterator[Kept]:
        """All that is kept below a folder; "": all."""

    def near(self, names: Iterable[str], folder: Path) -> dict[str, Path]:
        """Name → where the file can be read as one of this machine: in its place, or copied into ``folder``.
        Those that are not kept are left out."""

    def missing(self, names: Iterable[str]) -> bool:
        """Whether any of these is not kept."""


def keep(name: str, body: bytes) -> str:
    """Keep this under its name; the name."""
    return _store().save(name, ContentFile(body))


def keep_file(name: str, file: Path) -> str:
    """Keep a copy of this file under a name; the name."""
    with file.open("rb") as opened_file:
        return _store().save(name, File(opened_file))


def read(name: str) -> bytes:
    """What is kept under a name. Raises FileNotFoundError."""
    with _store().open(name) as found:
        return cast(bytes, found.read())


def opened(name: str) -> IO[bytes]:
    """The same, to be read in pieces. Raises FileNotFoundError."""
    return cast(IO[bytes], _store().open(name))


def is_kept(name: str) -> bool:
    """Whether there is such a file."""
    return _store().exists(name)


def missing(names: Iterable[str]) -> bool:
    """Whether any of these is not kept."""
    return _store().missing(names)


def near(names: Iterable[str], folder: Path) -> dict[str, Path]:
    """Name → where it can be read as a file of this machine, in its place or copied into ``folder``; those
    that are not kept are left out."""
    return _store().near(names, folder)


def listed(folder: str = "") -> Iterator[Kept]:
    """All that is kept below a folder."""
    return _store().listed(folder)


def remove(name: str) -> None:
    """Delete it, where it is still there."""
    _store().delete(name)


def remove_all(folder: str) -> None:
    """Delete all below a folder, and the folder."""
    _store().remove_all(folder)


def place() -> str:
    """The bucket in which files are kept, such as ``s3://bucket/prefix``; "": the data folder."""
    return _store().place


def _store() -> Store:
    return cast(Store, storages["default"])
