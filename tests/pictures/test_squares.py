"""A picture from anywhere becomes a small square of our own, or is refused."""

from __future__ import annotations

import struct
import tracemalloc
import zlib
from io import BytesIO

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from crossdock.pictures.models import LARGE, SMALL
from crossdock.pictures.squares import NotAPicture, squares
from tests.pictures.drawn import drawn, opened

RED = (200, 20, 20)


def near(pixel: object, colour: tuple[int, int, int]) -> bool:
    return all(abs(a - b) < 16 for a, b in zip(pixel, colour, strict=True))  # type: ignore[call-overload]


def centre_and_edge(body: bytes, size: int = LARGE) -> tuple[object, object]:
    with opened(body) as square:
        assert (square.format, square.size, square.mode) == ("WEBP", (size, size), "RGB")
        return square.getpixel((size // 2, size // 2)), square.getpixel((size // 2, 2))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF"])
@pytest.mark.parametrize("size", [SMALL, LARGE])
def test_a_wide_picture_stands_whole_on_a_white_square(kind: str, size: int) -> None:
    made = squares(drawn(kind, (300, 100), RED))[size]
    centre, edge = centre_and_edge(made, size)
    assert near(centre, RED)
    assert near(edge, (255, 255, 255))


@pytest.mark.parametrize(
    ("kind", "mode", "colour"),
    [("PNG", "L", 0), ("PNG", "P", 0), ("PNG", "1", 0), ("JPEG", "CMYK", (0, 0, 0, 255)), ("PNG", "I;16", 0)],
)  # fmt: skip
def test_every_kind_of_pixel_is_drawn(kind: str, mode: str, colour: object) -> None:
    centre, _ = centre_and_edge(squares(drawn(kind, (100, 100), colour, mode))[LARGE])
    assert near(centre, (0, 0, 0))


def test_what_is_transparent_is_white() -> None:
    centre, _ = centre_and_edge(squares(drawn("PNG", (100, 100), (0, 0, 0, 0), "RGBA"))[LARGE])
    assert near(centre, (255, 255, 255))


def test_a_list_costs_little() -> None:
    noise = Image.effect_noise((16, 16), 90).resize((800, 800), Image.Resampling.BICUBIC)
    body = BytesIO()
    noise.convert("RGB").save(body, "JPEG")
    made = squares(body.getvalue())
    assert len(made[SMALL]) < 2_000
    assert len(made[LARGE]) < 25_000


def test_a_picture_is_turned_as_its_camera_says_and_its_metadata_is_gone() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by 90°
    exif[0x010E] = "taken at Jalan Ampang"
    turned = squares(drawn("JPEG", (300, 100), RED, exif=exif))[LARGE]
    with opened(turned) as square:
        assert near(square.getpixel((LARGE // 2, 2)), RED), "it stands upright now"
        assert near(square.getpixel((2, LARGE // 2)), (255, 255, 255))
        assert dict(square.getexif()) == {}
    info = PngInfo()
    info.add_text("Comment", "taken at Jalan Ampang")
    for made in squares(drawn("PNG", (50, 50), RED, pnginfo=info)).values():
        assert b"Ampang" not in made
        assert "Ampang" not in str(opened(made).info)


def test_of_a_moving_picture_the_first_frame_is_shown() -> None:
    frames = [Image.new("RGB", (60, 60), colour) for colour in (RED, "blue", "green")]
    body = BytesIO()
    frames[0].save(body, "GIF", save_all=True, append_images=frames[1:])
    with opened(squares(body.getvalue())[SMALL]) as square:
        assert getattr(square, "n_frames", 1) == 1
        assert near(square.getpixel((SMALL // 2, SMALL // 2)), RED)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>No such picture</html>",
        b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
        b"\x89PNG\r\n\x1a\n" + b"\0" * 100,
        b"\xff\xd8\xff" + b"\0" * 100,
        b"GIF89a",
        b"RIFF\x10\0\0\0WEBPVP8 ",
        drawn("JPEG", (300, 300), RED)[:700],
        drawn("PNG", (300, 300), RED)[:-30],
        drawn("TIFF", (30, 30), RED),
        drawn("BMP", (30, 30), RED),
    ],
)
def test_what_is_no_whole_picture_of_a_known_kind_is_refused(body: bytes) -> None:
    with pytest.raises(NotAPicture):
        squares(body)


def test_a_bomb_of_pixels_is_refused_before_it_takes_any_memory() -> None:
    def chunk(kind: bytes, body: bytes) -> bytes:
        tail = struct.pack(">I", zlib.crc32(kind + body))
        return struct.pack(">I", len(body)) + kind + body + tail

    header = struct.pack(">IIBBBBB", 30_000, 30_000, 8, 2, 0, 0, 0)
    pixels = zlib.compress(b"\0" * 30_000 * 300)
    bomb = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels)
    tracemalloc.start()
    with pytest.raises(NotAPicture, match="pixels"):
        squares(bomb + chunk(b"IEND", b""))
    assert tracemalloc.get_traced_memory()[1] < 5_000_000
    tracemalloc.stop()
    with pytest.raises(NotAPicture, match="too many"):
        squares(drawn("GIF", (5_100, 5_000), 0, "P"))
