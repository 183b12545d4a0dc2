"""Where pictures lie: ``files/pictures/<company>/`` in the data folder, two sizes of each."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from django.conf import settings

from crossdock.pictures.models import LARGE, SMALL, Picture

_FOLDERS = 1000


def file_of(picture: Picture, size: int) -> Path:
    """Where the square of so many pixels lies, or would lie."""
    folder = Path(settings.MEDIA_ROOT) / "pictures" / str(picture.company_id)
    return folder / f"{picture.pk % _FOLDERS:03}" / f"{picture.pk}-{size}.webp"


def keep(picture: Picture, squares: Mapping[int, bytes]) -> None:
    """Write a picture's squares (size → WebP); a file is whole or not there."""
    for size, body in squares.items():
        file = file_of(picture, size)
        file.parent.mkdir(parents=True, exist_ok=True)
        draft = file.with_suffix(f".{os.getpid()}")
        draft.write_bytes(body)
        draft.replace(file)


def remove(picture: Picture) -> None:
    """Delete a picture's files, as far as they are there."""
    for size in (SMALL, LARGE):
        with suppress(FileNotFoundError):
            file_of(picture, size).unlink()
