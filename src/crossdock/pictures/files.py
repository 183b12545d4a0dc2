"""What pictures are kept as: ``pictures/<company>/``, two sizes of each."""

from __future__ import annotations

from collections.abc import Mapping

from crossdock import filing
from crossdock.pictures.models import LARGE, SMALL, Picture

_FOLDERS = 1000


def name_of(picture: Picture, size: int) -> str:
    """What the square of so many pixels is kept as, or would be."""
    return f"pictures/{picture.company_id}/{picture.pk % _FOLDERS:03}/{picture.pk}-{size}.webp"


def keep(picture: Picture, squares: Mapping[int, bytes]) -> None:
    """Keep a picture's squares (size → WebP)."""
    for size, body in squares.items():
        filing.keep(name_of(picture, size), body)


def remove(picture: Picture) -> None:
    """Delete a picture's files, as far as they are there."""
    for size in (SMALL, LARGE):
        filing.remove(name_of(picture, size))
