"""Where a file lies that is kept in the data folder."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings


def place_of(name: str | None) -> Path:
    """The file of this name; for None, one that is nowhere."""
    return Path(settings.MEDIA_ROOT) / (name or "none")
