"""Labels as they should not be: what marketplaces were seen to give, and what they might."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, String


def blank(**of_page: Any) -> pikepdf.Pdf:
    """A label with a black corner; ``of_page``: entries of the page's own dictionary."""
    made = pikepdf.new()
    page = made.add_blank_page(page_size=(297.6, 419.5))
    page.contents_add(b"0 g 20 20 60 60 re f")
    for name, value in of_page.items():
        page.obj[Name(f"/{name}")] = value
    return made


def saved(made: pikepdf.Pdf, **how: Any) -> bytes:
    """A document as a file."""
    out = BytesIO()
    made.save(out, **how)
    return out.getvalue()


def with_field(value: str, *, flags: int = 0, size: int = 12, need: bool = True) -> bytes:
    """A label whose number was typed into a form field, without an appearance of its own."""
    made = blank()
    font = made.make_indirect(
        Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica, Encoding=Name.WinAnsiEncoding)
    )  # fmt: skip
    widget = made.make_indirect(
        Dictionary(
            Type=Name.Annot, Subtype=Name.Widget, FT=Name.Tx, T=String("number"), V=String(value), Ff=flags,
            DA=String(f"/Helv {size} Tf 0 g"), Rect=Array([20, 250, 270, 330]),
        )
    )  # fmt: skip
    made.pages[0].obj.Annots = Array([widget])
    made.Root.AcroForm = Dictionary(
        Fields=Array([widget]), NeedAppearances=need, DR=Dictionary(Font=Dictionary(Helv=font))
    )
    return saved(made)


def _locked() -> bytes:
    return saved(blank(), encryption=pikepdf.Encryption(owner="own", user="usr", R=6))


def _bomb() -> bytes:
    """200 kB that unpack to 200 MB as soon as the file is opened."""
    packed = zlib.compress(bytes(200 * 2**20), 9)
    head = f"<</Type/ObjStm/N 1/First 4/Filter/FlateDecode/Length {len(packed)}>>"
    stream = b"9 0 obj\n" + head.encode() + b"\nstream\n" + packed + b"\nendstream\nendobj\n"
    good = saved(blank())
    return b"%PDF-1.5\n" + stream + good.partition(b"\n")[2]


def _many_pages() -> bytes:
    made = pikepdf.new()
    for _ in range(60):
        made.add_blank_page()
    return saved(made)


BAD: dict[str, tuple[Callable[[], bytes], str]] = {
    "locked": (_locked, "is protected by a password."),
    "web page": (lambda: b"<!doctype html><html>Busy</html>", "is a web page and not a PDF."),
    "nothing": (lambda: b"", "is empty: nothing came."),
    "text": (lambda: b"Sorry.", "is a file of another kind and not a PDF."),
    "message": (lambda: b'\n{"error": "busy"}', "and not a PDF."),
    "picture": (lambda: b"\x89PNG\r\n\x1a\n", "is a picture and not a PDF."),
    "zpl": (lambda: b"^XA^FO50,50^XZ", "is made for a thermal printer (ZPL) and not a PDF"),
    "head alone": (lambda: b"%PDF-1.4\n", "is damaged: it was cut off, or cannot be read."),
    "cut": (lambda: (one := saved(blank()))[: len(one) * 2 // 3], "is damaged: it was cut off"),
    "no page": (lambda: saved(pikepdf.new()), "has no page."),
    "many pages": (_many_pages, "has 60 pages: more than 50 are no label."),
    "large": (lambda: saved(blank()) + bytes(11 * 2**20), "has 11 MB: more than 10 is no label."),
    "bomb": (_bomb, "unpacks to more than 64 MB: that is no label."),
    "unit 0": (lambda: saved(blank(UserUnit=0)), "without a size that paper can have."),
    "unit a text": (lambda: saved(blank(UserUnit=String("two"))), "whose unit is no number."),
    "turned by a name": (lambda: saved(blank(Rotate=Name.Ninety)), "whose turn is no number."),
    "turned askew": (lambda: saved(blank(Rotate=45)), "is turned askew."),
    "foreign letters": (lambda: with_field("包裹"), "in letters that cannot be drawn here."),
}
"""Kind → the file, and what is said of it."""
