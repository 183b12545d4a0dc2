"""Pictures that sellers upload."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

from crossdock_sandbox.lazada.book import Book
from crossdock_sandbox.lazada.gateway import Call, Failure

_LARGEST = 3 * 1024 * 1024
_SIGNS = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg"}
_ROOM = "lazada-pictures"


def upload(call: Call) -> dict[str, Any]:
    """/image/upload: PNG or JPEG, at most 3 MB, as the file parameter ``image``"""
    body = call.files.get("image", b"")
    if not body:
        raise Failure(
            "MissingParameter", 'The input parameter "image" that is mandatory is missing'
        )
    if len(body) > _LARGEST:
        raise Failure("303", "E303: The image is too large")
    kind = next((kind for sign, kind in _SIGNS.items() if body.startswith(sign)), "")
    if not kind:
        raise Failure("300", "E300: Upload Image Failed: UNSUPPORTED_IMAGE_FORMAT")
    key = hashlib.md5(body, usedforsecurity=False).hexdigest()
    kept = {"type": kind, "body": base64.b64encode(body).decode()}
    call.book.stand.shelf.put(_ROOM, key, kept)
    ending = "png" if kind == "image/png" else "jpg"
    url = f"{call.book.stand.url('lazada')}/p/{key}.{ending}"
    return {"data": {"image": {"hash_code": key, "url": url}}}


def uploaded(book: Book, key: str) -> tuple[bytes, str] | None:
    """An uploaded picture and its media type."""
    kept = book.stand.shelf.get(_ROOM, key)
    return (base64.b64decode(kept["body"]), kept["type"]) if kept else None
