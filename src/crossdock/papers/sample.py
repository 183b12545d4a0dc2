"""A made-up paper, to see how the company's own would look."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.utils import timezone

from crossdock.companies.models import Company
from crossdock.papers.barcodes import code128
from crossdock.papers.models import Kind, PaperSettings, Size
from crossdock.papers.picking import LIST_COLUMNS, columns, summary_of
from crossdock.papers.stamp import Stamp
from crossdock.rules.picking import UNKNOWN_LOCATION, Need

_ORDER = "260302ABCDE123"
_ITEMS = (
    ("MUG-RED-300", "Enamel mug with lid", "Red, 300 ml", "A-01-2", 2),
    ("CASE-15-BLK", "超薄手机壳 适用于 15 寸", "黑色", "B-04-1", 1),
    ("TEE-M-WHT", "เสื้อยืดผ้าฝ้าย คอกลม", "M", UNKNOWN_LOCATION, 3),
)


def sample(kind: Kind, company: Company, kept: PaperSettings) -> dict[str, Any]:
    """The data of a made-up paper of this kind, by these settings."""
    now = timezone.now()
    stamp = Stamp(
        company=company.name,
        number=f"{kind.mark}-0",
        size=kept.size,
        printed=f"{now.astimezone(company.zone):%Y-%m-%d %H:%M}",
        language=kept.language,
        sort=kept.sort,
        hidden=list(kept.hidden),
        logo=bytes(kept.logo),
        zone=company.zone,
    )
    made = {
        Kind.PICKING_SUMMARY: lambda: _summary(stamp),
        Kind.PICKING_LIST: lambda: _list(stamp, stamp.moment(now)),
        Kind.MANIFEST: lambda: _manifest(stamp),
    }
    return made[kind]()


def _summary(stamp: Stamp) -> dict[str, Any]:
    needs = [
        Need(sku, name, variation, "", place, quantity, [_ORDER])
        for sku, name, variation, place, quantity in _ITEMS
    ]
    return summary_of(needs, 1, stamp, Path())


def _list(stamp: Stamp, moment: str) -> dict[str, Any]:
    lines = [
        {"sku": sku, "name": name, "variation": variation, "location": place, "quantity": quantity}
        for sku, name, variation, place, quantity in _ITEMS
    ]
    one = {
        "order_id": _ORDER,
        "bars": list(code128(_ORDER)),
        "store": "Your store",
        "channel": "Shopee",
        "ship_by": moment,
        "created": moment,
        "courier": "SPX Express",
        "tracking": "SPXMY012345678901",
        "note": "Please wrap it as a gift 🎁",
        "part": "",
        "units": sum(quantity for *_, quantity in _ITEMS),
        "lines": lines,
    }
    return {**stamp.data, "columns": columns(LIST_COLUMNS, stamp.hidden, {}), "lists": [one]}


def _manifest(stamp: Stamp) -> dict[str, Any]:
    numbers = [f"SPXMY01234567890{place}" for place in range(1, 4)]
    parcels = [
        {
            "place": place,
            "order_id": f"{_ORDER}{place}",
            "store": "Your store",
            "tracking": number,
            "bars": list(code128(number)),
            "units": place,
        }
        for place, number in enumerate(numbers, start=1)
    ]
    return {
        **stamp.data,
        "size": Size.A4.value,
        "courier": "SPX Express",
        "store": "",
        "is_last": True,
        "first_page": 1,
        "parcel_count": len(parcels),
        "units": 6,
        "parcels": parcels,
        "left_out": [],
    }
