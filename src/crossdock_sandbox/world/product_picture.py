"""What the products look like: plain drawings that are the same for the same SKU."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import lru_cache
from io import BytesIO

from PIL import Image, ImageDraw

from crossdock_sandbox.world.catalogue import PRODUCTS

SIZE = 256
"""Pixels of a side."""

Colour = tuple[int, int, int]
Draw = Callable[[ImageDraw.ImageDraw, Colour, Colour], None]

_FINE = 2
"""Drawn so many times larger, for smooth edges."""
_COLOURS: dict[str, Colour] = {
    "black": (52, 54, 60),
    "graphite": (78, 82, 90),
    "grey": (148, 152, 160),
    "white": (236, 236, 230),
    "blue": (52, 106, 190),
    "navy": (34, 52, 104),
    "green": (58, 138, 92),
    "sage": (142, 168, 136),
    "sand": (206, 182, 140),
    "natural": (222, 206, 174),
    "bamboo": (196, 164, 104),
    "beech": (206, 160, 112),
}


@lru_cache(maxsize=256)
def picture(sku: str) -> bytes:
    """The picture of a product as a PNG, also of one that the catalogue does not have."""
    mark = hashlib.sha256(sku.encode()).digest()
    ground = (214 + mark[0] % 36, 214 + mark[1] % 36, 214 + mark[2] % 36)
    colour = _colour(sku, mark)
    image = Image.new("RGB", (100 * _FINE * 2, 100 * _FINE * 2), ground)
    _shape(sku)(ImageDraw.Draw(image), colour, _darker(colour))
    made = BytesIO()
    image.resize((SIZE, SIZE), Image.Resampling.LANCZOS).save(made, "PNG", optimize=True)
    return made.getvalue()


def _colour(sku: str, mark: bytes) -> Colour:
    """The colour that its words name, else one that follows from the SKU."""
    product = PRODUCTS.get(sku)
    words = f"{product.variation} {product.name}".lower() if product else ""
    named = [rgb for word, rgb in _COLOURS.items() if word in words]
    return named[0] if named else (70 + mark[3] % 130, 70 + mark[4] % 110, 70 + mark[5] % 120)


def _darker(colour: Colour) -> Colour:
    red, green, blue = (value * 7 // 10 for value in colour)
    return red, green, blue


def _shape(sku: str) -> Draw:
    kinds = [part for part in sku.split("-") if part in _SHAPES]
    return _SHAPES[kinds[0]] if kinds else _parcel


def _box(left: float, top: float, right: float, bottom: float) -> tuple[float, ...]:
    """A box of a sheet of 100 × 100, in the pixels that are drawn."""
    return tuple(value * _FINE * 2 for value in (left, top, right, bottom))


def _bottle(draw: ImageDraw.ImageDraw, colour: Colour, dark: Colour) -> None:
    draw.rounded_rectangle(_box(42, 12, 58, 26), 6, fill=dark)
    draw.rounded_rectangle(_box(35, 24, 65, 90), 36, fill=colour)
    draw.rectangle(_box(35, 52, 65, 66), fill=dark)


def _mug(draw: ImageDraw.ImageDraw, colour: Colour, dark: Colour) -> None:
    draw.ellipse(_box(56, 38, 84, 68), outline=dark, width=24)
    draw.rounded_rectangle(_box(24, 28, 68, 80), 24, fill=colour)
    draw.ellipse(_box(24, 22, 68, 36), fill=dark)


def _carton(draw: ImageDraw.ImageDraw, colour: Colour, dark: Colour) -> None:
    draw.rounded_rectangle(_box(28, 20, 72, 84), 12, fill=colour)
    draw.rectangle(_box(28, 20, 72, 32), fill=dark)
    draw.ellipse(_box(40, 44, 60, 64), fill=dark)


def _cloth(draw: ImageDraw.ImageDraw, colour: Colour, dark: Colour) -> None:
    for place, fill in enumerate((dark, colour, dark, colour)):
        draw.rounded_rectangle(_box(18, 28 + place * 13, 82, 39 + place * 13), 20, fill=fill)


def _lamp(draw: ImageDraw.ImageDraw, colour: Colour, dark: Colour) -> None:
    draw.polygon([*_box(38, 18, 62, 18), *_box(76, 50, 24, 50)], fill=colour)
    draw.rectangle(_box(48, 50, 52, 82), fill=dark)
    draw.rounded_rectangle(_box(34, 80, 66, 87), 12, fill=dark)


def _bag(draw: ImageDraw.ImageDraw, colour: Colour, dark: Colour) -> None:
    draw.arc(_box(34, 14, 66, 62), 180, 360, fill=dark, width=16)
    draw.rounded_rectangle(_box(22, 36, 78, 86), 24, fill=colour)
    draw.rectangle(_box(22, 58, 78, 62), fill=dark)


def _ring(draw: ImageDraw.ImageDraw, colour: Colour, dark: Colour) -> None:
    draw.ellipse(_box(20, 20, 80, 80), outline=colour, width=32)
    draw.ellipse(_box(32, 32, 68, 68), outline=dark, width=16)


def _book(draw: ImageDraw.ImageDraw, colour: Colour, dark: Colour) -> None:
    draw.rounded_rectangle(_box(26, 16, 76, 86), 12, fill=colour)
    draw.rectangle(_box(26, 16, 34, 86), fill=dark)
    draw.rectangle(_box(44, 32, 66, 42), fill=dark)


def _sticks(draw: ImageDraw.ImageDraw, colour: Colour, dark: Colour) -> None:
    for place, fill in enumerate((colour, dark, colour)):
        draw.rounded_rectangle(_box(30 + place * 15, 14, 39 + place * 15, 86), 16, fill=fill)


def _parcel(draw: ImageDraw.ImageDraw, colour: Colour, dark: Colour) -> None:
    draw.rounded_rectangle(_box(20, 26, 80, 80), 12, fill=colour)
    draw.rectangle(_box(45, 26, 55, 80), fill=dark)


_SHAPES: dict[str, Draw] = {
    "BTL": _bottle,
    "MUG": _mug,
    "TEAPOT": _mug,
    "TEA": _carton,
    "SOAP": _carton,
    "TOWEL": _cloth,
    "SOCK": _cloth,
    "LAMP": _lamp,
    "FAN": _lamp,
    "BAG": _bag,
    "CAP": _bag,
    "CABLE": _ring,
    "BAND": _ring,
    "PAD": _book,
    "NOTE": _book,
    "TRAY": _book,
    "PEN": _sticks,
    "CHOP": _sticks,
    "MAT": _cloth,
    "CANDLE": _carton,
}
