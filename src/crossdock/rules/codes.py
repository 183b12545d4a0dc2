"""What a scanned or typed code can be."""

from __future__ import annotations

import re

_LONGEST = 80
_BLANKS = re.compile(r"[\s\x00-\x1f\u200b-\u200f\ufeff]+")


def cleaned(code: str) -> str:
    """The code without blanks, control characters and a scanner's prefix or suffix of them."""
    return _BLANKS.sub("", code)[:_LONGEST]
