"""Barcodes read from a camera's picture, where the browser cannot."""

from __future__ import annotations

from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from tests.cast import Cast
from tests.scanning.drawn import barcode_picture

pytestmark = pytest.mark.django_db
ADDRESS = "/c/acme/scan/picture/"


def sent(client: Client, body: bytes) -> tuple[int, dict[str, object]]:
    answer = client.post(ADDRESS, {"picture": SimpleUploadedFile("p.jpg", body, "image/jpeg")})
    return answer.status_code, answer.json()


def jpeg(picture: Image.Image) -> bytes:
    kept = BytesIO()
    picture.save(kept, "JPEG", quality=80)
    return kept.getvalue()


def test_the_barcode_of_a_picture_is_told(cast: Cast, client: Client) -> None:
    client.force_login(cast.pat)
    assert sent(client, jpeg(barcode_picture("260302ABCDE123"))) == (200, {"codes": ["260302ABCDE123"]})  # fmt: skip
    turned = barcode_picture("576098712345678901").rotate(7, fillcolor=255)
    assert sent(client, jpeg(turned)) == (200, {"codes": ["576098712345678901"]})


def test_a_picture_of_nothing_tells_nothing(cast: Cast, client: Client) -> None:
    client.force_login(cast.pat)
    assert sent(client, jpeg(Image.new("L", (640, 480), 200))) == (200, {"codes": []})


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"GIF89a", "This is no JPEG picture."),
        (jpeg(Image.new("L", (2000, 1500))), "A picture may have 2 megapixels at most."),
    ],
)
def test_what_cannot_be_looked_at_is_refused(
    cast: Cast, client: Client, body: bytes, words: str
) -> None:
    client.force_login(cast.pat)
    assert sent(client, body) == (400, {"words": words})


def test_a_picture_that_is_too_large_is_not_opened(cast: Cast, client: Client) -> None:
    client.force_login(cast.pat)
    assert sent(client, b"\xff\xd8" + bytes(1_000_001))[0] == 413
    assert client.post(ADDRESS).status_code == 400
