"""Pictures that support an answer: looked at by their content, kept as they were sent.

They are kept under ``evidence/<company>/<key>/`` until ``ops.retention`` takes them
away, a month after the answer has an outcome.
"""

from __future__ import annotations

import re
import secrets
import struct
from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath

from crossdock import filing
from crossdock.channels.answers import Evidence
from crossdock.channels.errors import NotSent, Refused

LARGEST = 5 * 1024 * 1024
_PNG = b"\x89PNG\r\n\x1a\n"
_NAME = re.compile(r"evidence/\d+/[0-9a-f]{32}/\d\.(png|jpg)")
_TYPES = {"png": "image/png", "jpg": "image/jpeg"}


class NotEvidence(Exception):
    """A file that cannot be sent as evidence; the message says why."""


def kind_of(body: bytes) -> str:
    """``png`` or ``jpg``, by the content alone; "" for anything else, or for a cut file."""
    if body.startswith(_PNG) and body[12:16] == b"IHDR" and len(body) > 57:
        width, height = struct.unpack(">II", body[16:24])
        return "png" if width and height and b"IEND" in body[-16:] else ""
    if body.startswith(b"\xff\xd8\xff") and body.rstrip(b"\0").endswith(b"\xff\xd9"):
        return "jpg"
    return ""


def look_at(name: str, body: bytes) -> str:
    """The picture's kind. Raises NotEvidence."""
    if len(body) > LARGEST:
        raise NotEvidence(f"{name} is larger than 5 MB.")
    kind = kind_of(body)
    if not kind:
        raise NotEvidence(f"{name} is neither a PNG nor a JPEG picture.")
    return kind


def keep(company_id: int, bodies: Iterable[bytes]) -> tuple[str, ...]:
    """Keep these pictures, which were looked at; their names, for ``FilledForm.images``."""
    folder = f"evidence/{company_id}/{secrets.token_hex(16)}"
    return tuple(
        filing.keep(f"{folder}/{place}.{kind_of(body)}", body) for place, body in enumerate(bodies)
    )


def read(names: Sequence[str]) -> tuple[Evidence, ...]:
    """The kept pictures, to be sent. Raises Refused when one is gone, NotSent where they cannot be read now."""
    return tuple(_read(name) for name in names)


def _read(name: str) -> Evidence:
    if not _NAME.fullmatch(name):
        raise Refused("The evidence has no name of ours.")
    try:
        body = filing.read(name)
    except FileNotFoundError:
        raise Refused("The evidence is no longer kept: answer again with new pictures.") from None
    except OSError as problem:
        raise NotSent(f"The evidence cannot be read at the moment: {problem}") from None
    file = PurePosixPath(name)
    return Evidence(f"evidence-{file.name}", _TYPES[file.suffix[1:]], body)
