"""AWB labels as couriers' systems make them: A6, one page a package, a Code 128 of the number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO

from reportlab.graphics.barcode import code128
from reportlab.lib.pagesizes import A5, A6
from reportlab.lib.units import inch, mm
from reportlab.pdfgen.canvas import Canvas

_PAPERS = {"A6": A6, "A5": A5}
_DOT = inch / 203
"""Of a label printer."""


@dataclass(frozen=True, slots=True)
class Label:
    """What is printed on one label."""

    courier: str
    tracking: str
    order_id: str
    package_id: str
    recipient: str
    place: str
    lines: tuple[str, ...] = ()
    """The item list, where it is asked for."""


def label_pdf(labels: Sequence[Label], paper: str = "A6") -> bytes:
    """One PDF, a page for each label: 105 × 148 mm, or at the top left of A5."""
    out = BytesIO()
    size = _PAPERS[paper]
    canvas = Canvas(out, pagesize=size, pageCompression=1)
    canvas.setTitle("Air waybill")
    for label in labels:
        canvas.translate(0, size[1] - A6[1])
        _draw(canvas, label)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def _draw(canvas: Canvas, label: Label) -> None:
    width, height = A6
    margin = 6 * mm
    canvas.setLineWidth(0.8)
    canvas.rect(margin, margin, width - 2 * margin, height - 2 * margin)
    canvas.setFont("Helvetica-Bold", 15)
    canvas.drawString(margin + 3 * mm, height - margin - 9 * mm, _latin(label.courier)[:32])
    canvas.line(margin, height - margin - 13 * mm, width - margin, height - margin - 13 * mm)
    barcode = _barcode(label.tracking, width - 2 * margin)
    barcode.drawOn(canvas, (width - barcode.width) / 2, height - margin - 42 * mm)
    canvas.setFont("Courier-Bold", 12)
    canvas.drawCentredString(width / 2, height - margin - 48 * mm, label.tracking)
    canvas.line(margin, height - margin - 52 * mm, width - margin, height - margin - 52 * mm)
    canvas.setFont("Helvetica", 9)
    texts = (
        f"Order {label.order_id}", f"Package {label.package_id}", "",
        f"To: {_latin(label.recipient)}", _latin(label.place), "", *map(_latin, label.lines),
    )  # fmt: skip
    for number, text in enumerate(texts[:16]):
        canvas.drawString(margin + 3 * mm, height - margin - 58 * mm - number * 4.6 * mm, text[:58])


def _barcode(number: str, room: float) -> code128.Code128:
    """The widest that fits into the room (in points), else the narrowest. Its bars are whole dots of a label
    printer: where the same width was two or three dots by turns, one number in four hundred could not be read."""
    wide, narrow = (
        code128.Code128(number, barHeight=24 * mm, barWidth=dots * _DOT, quiet=True)
        for dots in (3, 2)
    )
    return wide if wide.width <= room else narrow


def _latin(text: str) -> str:
    """What the label printer's own font can show; the rest is masked anyway."""
    return text.encode("latin-1", "replace").decode("latin-1")
