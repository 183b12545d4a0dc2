"""Pictures made for tests."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from django.utils import timezone
from PIL import Image

from crossdock.companies.models import Company
from crossdock.companies.scope import company_scope
from crossdock.pictures.files import keep
from crossdock.pictures.models import Picture
from crossdock.pictures.squares import squares
from crossdock.pictures.wanting import hash_of, host_of

URL = "https://img.example/mug.jpg"


def drawn(
    kind: str = "PNG", size: tuple[int, int] = (120, 80), color: Any = "navy", mode: str = "RGB", **more: Any
) -> bytes:  # fmt: skip
    """A picture of one colour, as a file."""
    made = BytesIO()
    Image.new(mode, size, color).save(made, kind, **more)
    return made.getvalue()


def opened(body: bytes) -> Image.Image:
    """The picture in a file."""
    return Image.open(BytesIO(body))


def kept_picture(company: Company, url: str = URL, body: bytes | None = None) -> Picture:
    """A picture that a worker has fetched."""
    now = timezone.now()
    with company_scope(company):
        made = Picture.objects.create(
            company=company, url=url, url_hash=hash_of(url), host=host_of(url), seen_at=now,
            fetched_at=now,
        )  # fmt: skip
    keep(made, squares(body or drawn()))
    return made
