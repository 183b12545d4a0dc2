"""Photos of deliveries, in the data folder under ``deliveries/<company>/``."""

from __future__ import annotations

import re
import secrets
from contextlib import suppress
from pathlib import Path

from django.conf import settings

_NAME = re.compile(r"deliveries/\d+/[0-9a-f]{32}\.webp")


def keep(company_id: int, body: bytes) -> str:
    """Keep a WebP picture; its name, for ``DeliveryTry.photo``."""
    name = f"deliveries/{company_id}/{secrets.token_hex(16)}.webp"
    file = Path(settings.MEDIA_ROOT) / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(body)
    return name


def read(name: str) -> bytes:
    """A kept picture. Raises FileNotFoundError."""
    if not _NAME.fullmatch(name):
        raise FileNotFoundError(name)
    return (Path(settings.MEDIA_ROOT) / name).read_bytes()


def remove(name: str) -> None:
    """Delete a kept picture, where it is still there."""
    if _NAME.fullmatch(name):
        with suppress(FileNotFoundError):
            (Path(settings.MEDIA_ROOT) / name).unlink()
