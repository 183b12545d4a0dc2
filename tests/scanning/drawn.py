"""Pictures as a camera takes them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import zxingcpp
from PIL import Image

SIZE = (640, 480)


def barcode_picture(code: str) -> Image.Image:
    """A Code 128 barcode on a grey table."""
    made = zxingcpp.create_barcode(code, zxingcpp.BarcodeFormat.Code128)
    drawn: Any = made.to_image(scale=2, add_quiet_zones=True)
    pixels = memoryview(drawn)
    bars = Image.frombytes("L", (pixels.shape[1], pixels.shape[0]), pixels.tobytes())
    picture = Image.new("L", SIZE, 215)
    bars = bars.resize((min(bars.width, 560), 160), Image.Resampling.NEAREST)
    picture.paste(bars, ((SIZE[0] - bars.width) // 2, 150))
    return picture


def film(picture: Image.Image, file: Path) -> None:
    """A film of one picture, as Chromium takes it for a camera (YUV4MPEG2)."""
    width, height = picture.size
    colours = bytes([128]) * (width * height // 2)
    with file.open("wb") as out:
        out.write(f"YUV4MPEG2 W{width} H{height} F10:1 Ip A1:1 C420jpeg\n".encode())
        for _ in range(5):
            out.write(b"FRAME\n" + picture.tobytes() + colours)
