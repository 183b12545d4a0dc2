"""E-mail addresses, as they are stored, compared and written to: in one form only."""

from __future__ import annotations

import unicodedata
from contextlib import suppress

from django import forms

LONGEST = 254


def address_of(written: str) -> str:
    """An address in the one form that is kept: what looks alike to a mail server is the same here.

    Small letters, compatible characters folded (the Kelvin sign is a k), the domain as the name
    system has it. Letters go to exactly this form, so that no look-alike stands for somebody else.
    """
    text = unicodedata.normalize("NFKC", written).strip().lower()
    name, at, domain = text.rpartition("@")
    with suppress(UnicodeError):  # no domain at all: the form's validator says so
        domain = domain.encode("idna").decode()
    return f"{name}{at}{domain}"


class AddressField(forms.EmailField):
    """An address that somebody types."""

    def __init__(self, *, label: str = "E-mail") -> None:
        super().__init__(label=label, max_length=LONGEST)

    def to_python(self, value: object) -> str:
        return address_of(super().to_python(value) or "")
