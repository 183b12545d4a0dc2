"""The keys of an installation: ``keys.toml`` in the data folder, 0600, never in a database or a backup."""

from __future__ import annotations

import hashlib
import os
import secrets
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path

from cryptography.fernet import Fernet


class DamagedKeys(Exception):
    """The file is there, and cannot be used; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Keys:
    """What must not lie in the database."""

    django_secret: str = field(repr=False)
    """Signs sessions and links."""
    token_keys: tuple[str, ...] = field(repr=False)
    """Fernet keys, newest first: all open, the first seals."""
    made: Mapping[str, date] = field(default_factory=dict)
    """Id of a key → the day on which it was made, where that was kept."""


def keys_file(data_dir: Path) -> Path:
    """Where an installation keeps its keys."""
    return data_dir / "keys.toml"


def id_of(key: str) -> str:
    """What a key may be called by in public: it says nothing of the key."""
    return hashlib.sha256(key.encode()).hexdigest()[:8]


def new_key() -> str:
    """A key that seals."""
    return Fernet.generate_key().decode()


def new_keys() -> Keys:
    """Keys of a new installation."""
    key = new_key()
    return Keys(secrets.token_urlsafe(50), (key,), {id_of(key): _today()})


def with_new_key(keys: Keys) -> Keys:
    """These keys with a new one before them, which seals from now on."""
    key = new_key()
    made = {**keys.made, id_of(key): _today()}
    return Keys(keys.django_secret, (key, *keys.token_keys), made)


def with_newest_only(keys: Keys) -> Keys:
    """These keys without those that only open what is old."""
    (newest, *_) = keys.token_keys
    kept = {one: day for one, day in keys.made.items() if one == id_of(newest)}
    return Keys(keys.django_secret, (newest,), kept)


def read_or_make(data_dir: Path) -> Keys:
    """The installation's keys; made, readable by nobody else, when there are none.

    Raises DamagedKeys, OSError.
    """
    file = keys_file(data_dir)
    if not file.exists():
        with _draft(file, new_keys()) as draft, suppress(FileExistsError):
            file.hardlink_to(draft)  # fails if another process was first, so that its keys stay
    return read(file)


def read(file: Path) -> Keys:
    """The keys in this file. Raises DamagedKeys, OSError."""
    try:
        kept = tomllib.loads(file.read_text("utf-8-sig"))
        token_keys = tuple(str(key) for key in kept["token_keys"])
        for key in token_keys:
            Fernet(key)
        made = {str(one): day for one, day in kept.get("made", {}).items()}
        secret = str(kept["django_secret"])
        if secret.strip() and token_keys and all(isinstance(day, date) for day in made.values()):
            return Keys(secret, token_keys, made)
    except (AttributeError, KeyError, TypeError, ValueError):
        pass
    raise DamagedKeys(
        f"{file} is damaged, and without it no secret in the database opens: put it back from where you keep "
        "your copy. If there is none, run crossdock keys lost."
    )


def replace(file: Path, keys: Keys) -> None:
    """Write these keys in place of those that are there: whole or not at all."""
    with _draft(file, keys) as draft:
        draft.replace(file)


def put_damaged_aside(data_dir: Path) -> str:
    """Make new keys where the file is damaged, and keep that one beside them; what was done."""
    file = keys_file(data_dir)
    with suppress(FileNotFoundError):
        try:
            read(file)
        except DamagedKeys:
            aside = file.with_suffix(f".damaged-{datetime.now(UTC):%Y%m%d%H%M%S}")
            file.rename(aside)
            replace(file, new_keys())
            return f"{file} was damaged: it is {aside} now, and new keys were made."
    return ""


class KeysAtHand:
    """The keys that open and seal, newest first, as the file says at this moment: a process that began
    before a key was made knows it as well."""

    def __init__(self, file: Path, keys: tuple[str, ...]) -> None:
        self._file, self._keys = file, keys
        self._seen = (0, 0, 0)

    def __iter__(self) -> Iterator[str]:
        if (looks := _looks(self._file)) != self._seen:
            with suppress(DamagedKeys, OSError):  # those that we know still open what they sealed
                self._keys, self._seen = read(self._file).token_keys, looks
        return iter(self._keys)


def _looks(file: Path) -> tuple[int, int, int]:
    """What changes with the file."""
    try:
        state = file.stat()
    except OSError:
        return (0, 0, 0)
    return (state.st_ino, state.st_mtime_ns, state.st_size)


@contextmanager
def _draft(file: Path, keys: Keys) -> Iterator[Path]:
    """These keys in a file beside the one that is meant; it is gone afterwards, unless it was renamed."""
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_suffix(f".{os.getpid()}")
    draft.unlink(missing_ok=True)
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w") as out:
            out.write(_as_toml(keys))
            out.flush()
            os.fsync(out.fileno())
        yield draft
    finally:
        draft.unlink(missing_ok=True)


def _as_toml(keys: Keys) -> str:
    made = "".join(f'"{one}" = {day.isoformat()}\n' for one, day in keys.made.items())
    listed = ", ".join(f'"{key}"' for key in keys.token_keys)
    return f'django_secret = "{keys.django_secret}"\ntoken_keys = [{listed}]\n\n[made]\n{made}'


def _today() -> date:
    return datetime.now(UTC).date()
