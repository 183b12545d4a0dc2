"""Pictures and files that a seller uploads: as proof of delivery, or as evidence in a return."""

from __future__ import annotations

import secrets
import time
from io import BytesIO
from typing import Any

from PIL import Image, UnidentifiedImageError
from starlette.datastructures import UploadFile

from crossdock_sandbox.tiktok.failures import Failure, invalid
from crossdock_sandbox.tiktok.gateway import Call

_MEGABYTE = 1024 * 1024
_PICTURES = {"JPEG": "jpg", "PNG": "png"}
_SECONDS = 30 * 24 * 3600
_USE_CASES = (
    "MAIN_IMAGE", "ATTRIBUTE_IMAGE", "DESCRIPTION_IMAGE", "CERTIFICATION_IMAGE", "SIZE_CHART_IMAGE",
)  # fmt: skip


def proof_picture(call: Call) -> dict[str, Any]:
    """/fulfillment/202309/images/upload: JPG or PNG up to 5 MB"""
    file = _data(call, 5)
    kind, width, height = _picture(file)
    return {"url": _kept(call, file, kind), "height": height, "width": width}


def proof_file(call: Call) -> dict[str, Any]:
    """/fulfillment/202309/files/upload: a PDF up to 10 MB, and its name"""
    file = _data(call, 10)
    name = call.asked.form.get("name") if call.asked.form else None
    if not isinstance(name, str) or "." not in name:
        raise invalid("Invalid parameter: name is required, with an extension")
    if not file.startswith(b"%PDF-"):
        raise invalid("Invalid parameter: data must be a PDF")
    return {"url": _kept(call, file, "pdf"), "name": name}


def product_picture(call: Call) -> dict[str, Any]:
    """/product/202309/images/upload: also where evidence gets its ``image_id``, the uri"""
    file = _data(call, 10)
    use_case = call.asked.form.get("use_case") if call.asked.form else None
    if use_case is not None and use_case not in _USE_CASES:
        raise invalid(f"Invalid parameter: use_case must be one of {', '.join(_USE_CASES)}")
    kind, width, height = _picture(file)
    url = _kept(call, file, kind)
    uri = f"tos-sandbox/{url.rpartition('/')[2].partition('.')[0]}"
    call.book.stand.shelf.put("tiktok-images", uri, url)
    return {
        "uri": uri,
        "url": url,
        "height": height,
        "width": width,
        "use_case": use_case or "MAIN_IMAGE",
    }


def is_uploaded(call: Call, uri: str) -> bool:
    """Whether an ``image_id`` is one that an upload gave."""
    return call.book.stand.shelf.get("tiktok-images", uri) is not None


def _data(call: Call, most: int) -> bytes:
    part = call.asked.form.get("data") if call.asked.form else None
    if not isinstance(part, UploadFile):
        raise invalid("Invalid parameter: the part data is required, as a file")
    file = part.file.read()
    if len(file) > most * _MEGABYTE:
        raise Failure(36009021, f"The file is larger than {most} MB.", 400)
    return file


def _picture(file: bytes) -> tuple[str, int, int]:
    """(extension, width, height)."""
    try:
        image = Image.open(BytesIO(file))
    except UnidentifiedImageError:
        image = None
    if image is None or image.format not in _PICTURES:
        raise invalid("Invalid parameter: data must be a JPG or PNG picture")
    return _PICTURES[image.format], image.width, image.height


def _kept(call: Call, file: bytes, ending: str) -> str:
    name = f"{secrets.token_hex(16)}.{ending}"
    call.book.files[name] = (file, time.time() + _SECONDS)
    return f"{call.book.stand.url('tiktok')}/documents/{name}"
