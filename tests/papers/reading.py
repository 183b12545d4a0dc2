"""Reading printed papers as somebody else's programs do: text by pdfium, barcodes by zxing."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pypdfium2
import zxingcpp
from PIL.Image import Image

LABEL_PRINTER_DPI = 203


def pages(file: Path) -> int:
    """How many pages a PDF has."""
    with pypdfium2.PdfDocument(file) as opened:
        return len(opened)


def text(file: Path) -> str:
    """All of a PDF's text in NFC, without white space and invisible places to break a line."""
    with pypdfium2.PdfDocument(file) as opened:
        read = "".join(page.get_textpage().get_text_bounded() for page in opened)
    return squeezed(read)


def squeezed(words: str) -> str:
    """Text as it is compared."""
    normal = unicodedata.normalize("NFC", words)
    return "".join(one for one in normal if not one.isspace() and one != "\u200b")


def pictures(file: Path, dpi: float = LABEL_PRINTER_DPI) -> list[Image]:
    """Every page as a printer of this resolution sees it."""
    with pypdfium2.PdfDocument(file) as opened:
        return [page.render(scale=dpi / 72).to_pil() for page in opened]


def barcodes(picture: Image) -> list[str]:
    """The Code 128 barcodes on a page, from the top."""
    found = zxingcpp.read_barcodes(picture, formats=zxingcpp.BarcodeFormat.Code128)
    return [one.text for one in sorted(found, key=lambda one: one.position.top_left.y)]
