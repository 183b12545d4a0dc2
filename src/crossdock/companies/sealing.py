"""Secrets at rest: sealed with a key that lies outside the database; old keys still open."""

from __future__ import annotations

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings


class WrongKey(Exception):
    """Something was sealed with a key that this installation does not have."""


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
            "A stored token cannot be opened with the keys in keys.toml: put the file back that "
            "belongs to this database."
        ) from None


def _box() -> MultiFernet:
    return MultiFernet([Fernet(key) for key in settings.TOKEN_KEYS])
