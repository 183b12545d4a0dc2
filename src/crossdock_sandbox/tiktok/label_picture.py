"""A label as a picture, for those who cannot print a PDF."""

from __future__ import annotations

from io import BytesIO

from PIL import Image, ImageDraw, ImageFont
from reportlab.graphics.barcode import code128
from reportlab.lib.units import mm

from crossdock_sandbox.label import Label

_WIDTH, _HEIGHT = 840, 1184
"""A6 at 203 dots an inch."""
_DOT = 3
"""Dots of a barcode's narrowest bar."""


def label_png(label: Label) -> bytes:
    """A6 in black and white, with a Code 128 of the tracking number."""
    image = Image.new("1", (_WIDTH, _HEIGHT), 1)
    draw = ImageDraw.Draw(image)
    draw.rectangle((24, 24, _WIDTH - 24, _HEIGHT - 24), outline=0, width=4)
    texts = (
        (60, 50, 44, label.courier),
        (60, 470, 36, label.tracking),
        (60, 560, 28, f"Order {label.order_id}"),
        (60, 610, 28, f"Package {label.package_id}"),
        (60, 680, 28, f"To: {label.recipient}"),
        (60, 730, 28, label.place[:58]),
    )
    for x, y, size, text in texts:
        draw.text((x, y), _latin(text), fill=0, font=ImageFont.load_default(size))
    _draw_bars(draw, label.tracking)
    out = BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def _draw_bars(draw: ImageDraw.ImageDraw, text: str) -> None:
    barcode = code128.Code128(text, barWidth=mm, quiet=False)
    barcode.validate()
    barcode.encode()
    barcode.decompose()
    widths = [int(mark) for mark in _widths(barcode.decomposed)]
    x = (_WIDTH - sum(widths) * _DOT) // 2
    for place, width in enumerate(widths):
        if place % 2 == 0:
            draw.rectangle((x, 160, x + width * _DOT - 1, 440), fill=0)
        x += width * _DOT


def _widths(decomposed: str) -> str:
    """Bars and spaces in turn. reportlab writes bars as A to D, spaces as a to d."""
    return "".join(str("abcd".index(mark.lower()) + 1) for mark in decomposed)


def _latin(text: str) -> str:
    return text.encode("latin-1", "replace").decode("latin-1")
