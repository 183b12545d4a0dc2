"""Barcodes in a camera's picture, for browsers that cannot read them by themselves."""

from __future__ import annotations

from io import BytesIO

import zxingcpp
from django.http import JsonResponse
from django.views.decorators.http import require_POST
from PIL import Image, UnidentifiedImageError

from crossdock.companies.entrance import needs
from crossdock.companies.rights import Deed
from crossdock.companies.types import CompanyRequest
from crossdock.ui.sent_size import takes_files

_LARGEST = 1_000_000
_MOST_PIXELS = 2_000_000
_FORMATS = zxingcpp.BarcodeFormats(
    [
        zxingcpp.BarcodeFormat.Code128,
        zxingcpp.BarcodeFormat.Code39,
        zxingcpp.BarcodeFormat.QRCode,
        zxingcpp.BarcodeFormat.EAN13,
    ]
)


class NotAPicture(ValueError):
    """What was sent is no picture that can be looked at; the message says why."""


def codes_in(body: bytes) -> list[str]:
    """The texts of the barcodes in a JPEG picture, in no order. Raises NotAPicture."""
    if len(body) > _LARGEST:
        raise NotAPicture("A picture may have 1 MB at most.")
    try:
        with Image.open(BytesIO(body), formats=("JPEG",)) as picture:
            if picture.width * picture.height > _MOST_PIXELS:
                raise NotAPicture("A picture may have 2 megapixels at most.")
            grey = picture.convert("L")
    except (UnidentifiedImageError, OSError, Image.DecompressionBombError):
        raise NotAPicture("This is no JPEG picture.") from None
    return [found.text for found in zxingcpp.read_barcodes(grey, formats=_FORMATS) if found.text]


@require_POST
@needs(Deed.FULFIL)
@takes_files(megabytes=6)
def read_picture(request: CompanyRequest) -> JsonResponse:
    """The barcodes in a picture (``picture``, JPEG): nothing is kept, nothing is done."""
    given = request.FILES.get("picture")
    if given is None:
        return JsonResponse({"words": "There is no picture."}, status=400)
    if (given.size or 0) > _LARGEST:
        return JsonResponse({"words": "A picture may have 1 MB at most."}, status=413)
    try:
        return JsonResponse({"codes": codes_in(given.read())})
    except NotAPicture as problem:
        return JsonResponse({"words": str(problem)}, status=400)
