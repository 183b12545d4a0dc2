"""A sales document as SQL Account's reports print it."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

REPORTS = frozenset({"Sales Invoice 8 (SST 1)", "Sales Invoice 1", "Sales Credit Note 1"})
"""The reports that this company has."""
_TOP, _LEFT, _LEADING, _BOTTOM = 790, 50, 16, 60


def printed(document: Mapping[str, Any], company: str) -> bytes:
    """A document with its rows as a PDF."""
    made = io.BytesIO()
    page = Canvas(made, pagesize=A4, invariant=True)
    place = _heading(page, document, company)
    for row in document["sdsdocdetail"]:
        if place < _BOTTOM:
            page.showPage()
            place = _TOP
        page.drawString(_LEFT, place, f"{row.get('qty', '')}  {row.get('itemcode', '')}")
        page.drawRightString(540, place, str(row.get("amount", "")))
        place -= _LEADING
    page.drawString(_LEFT, place, "Total")
    page.drawRightString(540, place, str(document["docamt"]))
    page.save()
    return made.getvalue()


def _heading(page: Canvas, document: Mapping[str, Any], company: str) -> int:
    page.setTitle(str(document["docno"]))
    for place, text in enumerate(
        (
            company,
            f"Invoice {document['docno']}",
            f"Date {document['docdate']}",
            f"Customer {document['code']}",
        )
    ):
        page.drawString(_LEFT, _TOP - place * _LEADING, text)
    return _TOP - 5 * _LEADING
