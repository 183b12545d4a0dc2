"""Form fields and notes of a label become part of its page: what was typed into them must be on the print.

A page that is copied into another document leaves its form behind, and with it whatever a reader draws
only then: fields without an appearance of their own (``NeedAppearances``, PDF 32000-1, 12.7.2).
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import pikepdf
from pikepdf import Dictionary, Name

_ENCODING = "cp1252"
_MULTILINE = 1 << 12
_MARGIN = 2.0
_USUAL_SIZE = 10.0
_LEADING = 1.2
_WIDEST = 0.55
"""How wide a letter of Helvetica is on average, in its size: rather more than less."""


class NotDrawable(ValueError):
    """A filled-in field in letters that cannot be drawn here."""


def make_plain(opened: pikepdf.Pdf) -> None:
    """Draw the fields and notes of an open document into its pages. Raises NotDrawable."""
    if not any("/Annots" in page.obj for page in opened.pages):
        return
    if opened.acroform.exists:
        wants_new = opened.acroform.needs_appearances
        for page in opened.pages:
            for widget in opened.acroform.get_widget_annotations_for_page(page):
                _draw(opened, widget, wants_new=wants_new)
        opened.Root.AcroForm.NeedAppearances = False
    opened.flatten_annotations("all")


def _draw(opened: pikepdf.Pdf, widget: pikepdf.Annotation, *, wants_new: bool) -> None:
    """Give a text or choice field the appearance that its value asks for, where it has none."""
    field = opened.acroform.get_field_for_annotation(widget)
    value = field.value_as_string
    has_one = "/AP" in widget.obj
    if not (field.is_text or field.is_choice) or not value or (has_one and not wants_new):
        return
    if not _is_latin(value):
        if has_one:
            return
        raise NotDrawable
    if field.flags & _MULTILINE and field.is_text:
        widget.obj.AP = Dictionary(N=_several_lines(opened, field, widget))
    else:
        field.generate_appearance(widget)


def _is_latin(text: str) -> bool:
    try:
        text.encode(_ENCODING)
    except UnicodeEncodeError:
        return False
    return True


def _several_lines(
    opened: pikepdf.Pdf, field: pikepdf.AcroFormField, widget: pikepdf.Annotation
) -> pikepdf.Stream:
    left, bottom, right, top = (float(one) for one in widget.obj.Rect.as_list())
    width, height = abs(right - left), abs(top - bottom)
    style, size = _style(field.default_appearance)
    lines = list(_wrapped(field.value_as_string, (width - 2 * _MARGIN) / (size * _WIDEST)))
    drawn = "".join(f"({_escaped(line)}) Tj 0 -{size * _LEADING:.2f} Td\n" for line in lines)
    start = f"{_MARGIN} {height - _MARGIN - size:.2f} Td"
    content = f"/Tx BMC q BT {style} {start}\n{drawn}ET Q EMC".encode(_ENCODING)
    return pikepdf.Stream(
        opened,
        content,
        Type=Name.XObject,
        Subtype=Name.Form,
        BBox=[0, 0, Decimal(str(width)), Decimal(str(height))],
        Resources=opened.Root.AcroForm.get("/DR", Dictionary()),
    )


def _style(appearance: bytes | str) -> tuple[str, float]:
    """The default appearance with a size in it (0 leaves the size to the reader), and that size."""
    text = appearance.decode("latin-1") if isinstance(appearance, bytes) else str(appearance)
    words = text.split()
    if "Tf" not in words[2:]:
        return text, _USUAL_SIZE
    place = words.index("Tf") - 1
    try:
        size = float(words[place]) or _USUAL_SIZE
    except ValueError:
        size = _USUAL_SIZE
    words[place] = f"{size:g}"
    return " ".join(words), size


def _wrapped(text: str, letters: float) -> Iterator[str]:
    """The lines of a text, of so many letters at most where words allow it."""
    for paragraph in text.replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        line = ""
        for word in paragraph.split(" "):
            if line and len(line) + 1 + len(word) > letters:
                yield line
                line = word
            else:
                line = f"{line} {word}" if line else word
        yield line


def _escaped(line: str) -> str:
    return line.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
