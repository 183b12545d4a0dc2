"""What came as a label: a PDF that can be laid on paper, or something that must be said in words.

Found out before anything is bound, by really laying it on the paper alone: one bad label never spoils
those beside it.
"""

from __future__ import annotations

import re
import zlib
from io import BytesIO

import pikepdf
import structlog

from crossdock.papers.binding import lay
from crossdock.papers.fields import NotDrawable
from crossdock.papers.placing import OddPage, Sheet, fits, size_of

log = structlog.get_logger(__name__)

_LARGEST = 10 * 1024 * 1024
"""Bytes of a label: real ones have 20 to 500 kB."""
_LARGEST_UNPACKED = 64 * 1024 * 1024
"""Bytes that opening a label may unpack: a megabyte can hold a gigabyte."""
_MOST_PAGES = 50
_PDF_STARTS_WITHIN = 1024
_KINDS = (
    (
        b"PK\x03\x04",
        "is a ZIP file and not a PDF: choose the normal A6 air waybill, not thermal labels.",
    ),
    (b"\x89PNG", "is a picture and not a PDF."),
    (b"\xff\xd8\xff", "is a picture and not a PDF."),
    (b"GIF8", "is a picture and not a PDF."),
    (b"^XA", "is made for a thermal printer (ZPL) and not a PDF: choose PDF labels."),
    (b"<", "is a web page and not a PDF."),
    (b"{", "is a message for programs (JSON) and not a PDF."),
)
"""How files of other kinds begin, and what is said of them."""
_STREAM = re.compile(rb"(?<!end)stream\r?\n")
_HEAD = 2048
"""Bytes before a stream in which its dictionary is looked for."""
_READ_ON_OPENING = re.compile(rb"/(ObjStm|XRef)\b")


class BadLabel(Exception):
    """A label that cannot be printed; the text says what it is, as the end of a sentence."""


def judge(content: bytes, sheet: Sheet | None) -> bool:
    """Whether every page of a label lies on this paper whole (None: on its own). Raises BadLabel."""
    _check_kind(content)
    _check_size(content)
    try:
        with pikepdf.open(BytesIO(content)) as opened:
            _check_pages(opened, content)
            is_whole = sheet is None or all(fits(page, sheet) for page in opened.pages)
            with pikepdf.new() as alone:
                lay(alone, opened, sheet)
                alone.save(BytesIO())
            return is_whole
    except (BadLabel, OddPage) as problem:
        raise BadLabel(str(problem)) from problem
    except pikepdf.PasswordError as problem:
        raise BadLabel("is protected by a password.") from problem
    except NotDrawable as problem:
        words = "has a filled-in field in letters that cannot be drawn here."
        raise BadLabel(words) from problem
    except pikepdf.PdfError as problem:
        raise BadLabel(_DAMAGED) from problem
    except Exception as problem:
        log.exception("a label cannot be laid on paper")
        raise BadLabel("cannot be laid on paper.") from problem


_DAMAGED = "is damaged: it was cut off, or cannot be read."


def _check_kind(content: bytes) -> None:
    start = content[:_PDF_STARTS_WITHIN].lstrip(b"\xef\xbb\xbf \t\r\n\0")
    if not start:
        raise BadLabel("is empty: nothing came.")
    for mark, words in _KINDS:
        if start.startswith(mark):
            raise BadLabel(words)
    if b"%PDF-" not in start:
        raise BadLabel("is a file of another kind and not a PDF.")


def _check_size(content: bytes) -> None:
    if len(content) > _LARGEST:
        raise BadLabel(
            f"has {len(content) / 2**20:.0f} MB: more than {_LARGEST >> 20} is no label."
        )
    left = _LARGEST_UNPACKED
    for found in _STREAM.finditer(content):
        head = content[max(found.start() - _HEAD, 0) : found.start()].rpartition(b"obj")[2]
        if _READ_ON_OPENING.search(_names_in_full(head)):
            left -= _unpacked(content, found.end(), left + 1)
        if left < 0:
            raise BadLabel(f"unpacks to more than {_LARGEST_UNPACKED >> 20} MB: that is no label.")


def _names_in_full(head: bytes) -> bytes:
    """A dictionary's names without escapes: ``/Obj#53tm`` is ``/ObjStm``."""
    return re.sub(rb"#([0-9A-Fa-f]{2})", lambda found: bytes([int(found[1], 16)]), head)


def _unpacked(content: bytes, start: int, most: int) -> int:
    """How many bytes a packed stream holds, counted up to ``most``."""
    try:
        return len(zlib.decompressobj().decompress(content[start:], most))
    except zlib.error:
        return 0


def _check_pages(opened: pikepdf.Pdf, content: bytes) -> None:
    pages = len(opened.pages)
    if pages == 0:
        raise BadLabel("has no page.")
    if pages > _MOST_PAGES:
        raise BadLabel(f"has {pages:,} pages: more than {_MOST_PAGES} are no label.")
    for page in opened.pages:
        size_of(page)
    rest = content[max(content.rfind(b"%%EOF"), 0) :]
    is_cut = b"%%EOF" not in rest or b" obj" in rest
    if is_cut and opened.get_warnings():
        raise BadLabel(_DAMAGED)
