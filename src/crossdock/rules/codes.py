"""What a scanned or typed code can be."""

from __future__ import annotations

import re

_LONGEST = 80
_BLANKS = re.compile(r"[\s\x00-\x1f\u200b-\u200f\ufeff]+")


def cleaned(code: str) -> str:
    """The code without blanks, control characters and a scanner's prefix or suffix of them."""
    return _BLANKS.sub("", code)[:_LONGEST]


_AIM = re.compile(r"^\][A-Za-z][0-9A-Za-z]")
"""What some scanners send first: the kind of barcode that they read (AIM, ISO/IEC 15424)."""
_SHIFTED_DIGITS = {
    "a French": frozenset("&é\"'(-è_çà"),
    "a Czech": frozenset("+ěščřžýáíé"),
}
"""What the keys of the digits type without Shift on keyboards of other countries."""


def readings(code: str) -> list[str]:
    """What a scanned code may mean, the likeliest first: as it came, without the mark of its kind, and
    in capitals where Caps Lock was on while a scanner typed."""
    as_it_came = cleaned(code)
    bare = _AIM.sub("", as_it_came)
    return list(dict.fromkeys(one for one in (as_it_came, bare, bare.upper(), bare.lower()) if one))


def other_keyboard(code: str) -> str:
    """What to tell somebody whose scanner is set to another keyboard than the computer; "" where the
    code does not look like that."""
    typed = set(cleaned(code))
    for country, digits in _SHIFTED_DIGITS.items():
        if len(typed & digits) >= 3:
            return (
                f"This looks like digits typed on {country} keyboard: set the scanner and the computer "
                "to the same keyboard layout."
            )
    return ""
