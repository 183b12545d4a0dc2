"""Secrets at rest: sealed with a key that lies outside the database; old keys still open.

Every place where sealed secrets are kept is registered here by its room, so that all of them can be
sealed anew, and none is forgotten when keys are lost.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import Protocol

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.apps import apps
from django.conf import settings
from django.db import models

from crossdock.companies.scope import all_companies


class WrongKey(Exception):
    """Something was sealed with a key that this installation does not have."""


class Sealed(Protocol):
    """A place where sealed secrets are kept."""

    @property
    def what(self) -> str:
        """``tokens of stores``: as people read it."""
        ...

    def values(self) -> Iterator[bytes]:
        """Every sealed secret that is kept there, of all companies; one that several rows share once."""
        ...

    def replace(self, old: bytes, new: bytes) -> None:
        """Keep this one in place of that, wherever that is still kept."""
        ...

    def give_up(self, lost: Collection[bytes]) -> Iterator[str]:
        """Drop what no key opens any more, and tell in a sentence each whom that affects and what they do."""
        ...


GiveUp = Callable[["models.QuerySet[models.Model]"], Iterator[str]]


@dataclass(frozen=True, slots=True)
class SealedField:
    """A field of a model."""

    what: str
    model: str
    """Such as ``stores.Store``."""
    field: str
    dropped: GiveUp
    """Given the rows whose secret is lost, with the field still in it: writes what that means for them."""

    def values(self) -> Iterator[bytes]:
        with all_companies():
            kept = self._rows().exclude(**{self.field: b""}).values_list(self.field, flat=True)
            yield from {bytes(value) for value in kept}

    def replace(self, old: bytes, new: bytes) -> None:
        with all_companies():
            self._rows().filter(**{self.field: old}).update(**{self.field: new})

    def give_up(self, lost: Collection[bytes]) -> Iterator[str]:
        with all_companies():
            yield from self.dropped(self._rows().filter(**{f"{self.field}__in": list(lost)}))

    def _rows(self) -> models.QuerySet[models.Model]:
        rows: models.QuerySet[models.Model] = apps.get_model(self.model)._default_manager.all()
        return rows


_places: list[Sealed] = []


def register(place: Sealed) -> None:
    """Make a place known. Called once, at start, by its room."""
    if all(known.what != place.what for known in _places):
        _places.append(place)


def places() -> tuple[Sealed, ...]:
    """Every place where sealed secrets are kept."""
    return tuple(_places)


def seal(secret: str) -> bytes:
    """The secret, encrypted with the newest key; "" stays empty."""
    return _box().encrypt(secret.encode()) if secret else b""


def open_sealed(sealed: bytes) -> str:
    """The secret again. Raises WrongKey when no key at hand opens it."""
    if not sealed:
        return ""
    try:
        return _box().decrypt(bytes(sealed)).decode()
    except InvalidToken:
        raise WrongKey(
            "A stored token cannot be opened with the keys in keys.toml: put the file back that belongs to this "
            "database, or, where it is lost for good, run crossdock keys lost."
        ) from None


def opens(sealed: bytes) -> bool:
    """Whether a key at hand opens it."""
    return sealing_key(sealed) is not None


def sealing_key(sealed: bytes) -> str | None:
    """The key at hand that opens it; None where none does."""
    for key in settings.TOKEN_KEYS:
        try:
            Fernet(key).decrypt(bytes(sealed))
        except InvalidToken:
            continue
        return str(key)
    return None


def sealed_anew(sealed: bytes) -> bytes:
    """The same secret under the newest key. Raises WrongKey."""
    return seal(open_sealed(sealed))


def _box() -> MultiFernet:
    return MultiFernet([Fernet(key) for key in settings.TOKEN_KEYS])
