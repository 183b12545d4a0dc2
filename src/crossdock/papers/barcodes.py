"""Code 128 barcodes, as the widths of their bars: drawn by whoever lays out a page."""

from __future__ import annotations

import itertools
from functools import lru_cache
from typing import Any

import zxingcpp


class NotABarcode(ValueError):
    """A text that Code 128 cannot hold; the message says which."""


@lru_cache(maxsize=4096)
def code128(text: str) -> tuple[int, ...]:
    """The widths of bars and spaces in modules, a bar first, without quiet zones.

    Raises NotABarcode for an empty text and for letters outside of ASCII.
    """
    if not text or not text.isascii() or not text.isprintable():
        raise NotABarcode(f"{text!r} cannot be written as a Code 128 barcode.")
    made = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.Code128)
    drawn: Any = made.to_image(scale=1, add_hrt=False, add_quiet_zones=False)
    pixels = memoryview(drawn)
    width = pixels.shape[1] if pixels.shape else 0
    row = pixels.tobytes()[:width]
    return tuple(len(list(run)) for _, run in itertools.groupby(row))
