"""Pictures and proof of the seller in a return."""

from __future__ import annotations

import secrets
import time
from io import BytesIO
from typing import Any

from PIL import Image, UnidentifiedImageError
from starlette.datastructures import UploadFile

from crossdock_sandbox.shopee.failures import Failure, wrong
from crossdock_sandbox.shopee.gateway import Call
from crossdock_sandbox.shopee.return_answers import change
from crossdock_sandbox.shopee.returns import find
from crossdock_sandbox.stand import now
from crossdock_sandbox.world.purchases import Purchase, Refund

_LARGEST = 10 * 1024 * 1024
_KINDS = {"JPEG": "jpg", "PNG": "png"}
_KEPT_SECONDS = 30 * 86400


def convert_image(call: Call) -> dict[str, Any]:
    """/api/v2/returns/convert_image: one picture of at most 10 MB becomes an address

    The thumbnail is the picture itself.
    """
    find(call)
    part = call.given.values.get("upload_image", [None])[0] if call.asked.form else None
    if not isinstance(part, UploadFile):
        raise wrong("upload_image is a required field, as a file")
    file = part.file.read()
    if len(file) > _LARGEST:
        raise wrong("upload_image should be within 10MB")
    url = _kept(call, file, _kind(file))
    return {"url": url, "thumbnail": url}


def _kind(file: bytes) -> str:
    """A picture's extension."""
    try:
        kind = _KINDS.get(Image.open(BytesIO(file)).format or "")
    except (UnidentifiedImageError, OSError):
        kind = None
    if kind is None:
        raise wrong("upload_image should be a jpg, jpeg or png picture")
    return kind


def _kept(call: Call, file: bytes, ending: str) -> str:
    name = f"{secrets.token_hex(16)}.{ending}"
    call.book.files[name] = (file, time.time() + _KEPT_SECONDS)
    return f"{call.book.stand.url('shopee')}/file/{name}"


def upload_proof(call: Call) -> None:
    """/api/v2/returns/upload_proof: while a dispute is open, and before its deadline"""

    def deed(order: Purchase, refund: Refund) -> None:
        due = refund.more.get("proof_due", 0)
        if refund.state not in ("disputed", "judging") or not due:
            raise Failure("returnsn.illegal", "The return does not need any proof.")
        if due < time.time():
            raise Failure("proof.overdue", "The time to upload proof is over.")
        photos = [
            {"url": one.text("url"), "thumbnail": one.text("thumbnail", "")}
            for one in call.given.objects("photo")
        ]
        refund.more["proof"] = {
            "image": photos,
            "video": [],
            "description": call.given.text("description", ""),
        }
        refund.updated_at = now()
        order.touch(refund.updated_at)

    change(call, "upload_proof", deed)


def query_proof(call: Call) -> dict[str, Any]:
    """/api/v2/returns/query_proof"""
    _, refund = find(call, "returnsn.illegal")
    proof: dict[str, Any] | None = refund.more.get("proof")
    if proof is None:
        raise Failure("no.proof", "There is no proof of the seller.")
    return proof
