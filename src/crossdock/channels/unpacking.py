"""The bytes of an answer: packed once with gzip or not at all, and never more than were bargained for.

They are counted while they are unpacked: three kilobytes can hold two gigabytes.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable

ACCEPTED = "gzip"
"""What our requests say that they take (``Accept-Encoding``)."""
_AS_GZIP = zlib.MAX_WBITS | 16


class TooMuch(Exception):
    """There is more than was bargained for."""


class NotUnpacked(Exception):
    """The answer is packed in a way that nobody asked for, or broken; the message says which."""


def unpacked(parts: Iterable[bytes], encoding: str, largest: int) -> bytes:
    """The whole of what comes in parts. ``encoding``: the answer's ``Content-Encoding``.

    Raises TooMuch or NotUnpacked.
    """
    names = [name for one in encoding.lower().split(",") if (name := one.strip()) != "identity"]
    if names in ([], [""]):
        return _joined(parts, largest)
    if names in (["gzip"], ["x-gzip"]):
        return _from_gzip(parts, largest)
    raise NotUnpacked(f"is packed as {encoding!r}")


def _joined(parts: Iterable[bytes], largest: int) -> bytes:
    whole = bytearray()
    for part in parts:
        whole += part
        if len(whole) > largest:
            raise TooMuch
    return bytes(whole)


def _from_gzip(parts: Iterable[bytes], largest: int) -> bytes:
    opened, whole, came = zlib.decompressobj(_AS_GZIP), bytearray(), 0
    for part in parts:
        came += len(part)
        try:
            whole += opened.decompress(part, largest - len(whole) + 1)
        except zlib.error as error:
            raise NotUnpacked(f"cannot be unpacked ({error})") from error
        if len(whole) > largest or came > largest:
            raise TooMuch
    if came and not opened.eof:
        raise NotUnpacked("cannot be unpacked (it ends in the middle)")
    return bytes(whole)
