"""Whatever its number, the barcode of a label can be read as a label printer prints it."""

from __future__ import annotations

from pathlib import Path

import pytest

from crossdock_sandbox.label import Label, label_pdf
from tests.papers.reading import barcodes, pictures

_UNREADABLE_ONCE = "JNTMY0000000122"
"""No bar of it was a whole number of dots wide."""
_LONG = ("SPXMY04H7X2B8Z", "LZMY-A1Z9Y8X7B6C5D4", "NLMYMP0012A34B56C78D90")


@pytest.mark.parametrize("number", [_UNREADABLE_ONCE, *_LONG])
def test_the_barcode_of_a_label_can_be_read_at_a_label_printers_resolution(
    tmp_path: Path, number: str
) -> None:
    label = Label("J&T", number, "577001000112000336", "1153001", "T***", "Johor")
    file = tmp_path / "label.pdf"
    file.write_bytes(label_pdf([label]))
    (page,) = pictures(file)
    assert barcodes(page) == [number]
