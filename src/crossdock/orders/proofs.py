"""Photos of deliveries, kept under ``deliveries/<company>/``."""

from __future__ import annotations

import re
import secrets

from crossdock import filing

_NAME = re.compile(r"deliveries/\d+/[0-9a-f]{32}\.webp")


def keep(company_id: int, body: bytes) -> str:
    """Keep a WebP picture; its name, for ``DeliveryTry.photo``."""
    return filing.keep(f"deliveries/{company_id}/{secrets.token_hex(16)}.webp", body)


def read(name: str) -> bytes:
    """A kept picture. Raises FileNotFoundError."""
    if not _NAME.fullmatch(name):
        raise FileNotFoundError(name)
    return filing.read(name)


def remove(name: str) -> None:
    """Delete a kept picture, where it is still there."""
    if _NAME.fullmatch(name):
        filing.remove(name)
