"""What a shop sells at Lazada: a listing for every SKU of every product."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from crossdock.channels.catalogue import Listing, ListingPage
from crossdock.channels.contract import Shop
from crossdock.channels.lazada.api import call
from crossdock.channels.lazada.reading import Row, child, rows, text
from crossdock.channels.lazada.windows import Answered, Window, at, read_on, total_of

_PAGE = 50
_MOST = 10_000
"""Offsets reach no further: more products are read by the time when they were made."""

_OPENED = datetime(2012, 1, 1, tzinfo=UTC)
"""Lazada's first year: no product is older."""


def listings(shop: Shop, cursor: str | None) -> ListingPage:
    """One page of the shop's products, with whatever status."""

    def ask(window: Window) -> Answered[tuple[Row, ...]]:
        data = child(
            call(
                shop,
                "/products/get",
                {
                    "filter": "all",
                    "create_after": at(window.start).isoformat(),
                    "create_before": at(window.stop).isoformat(),
                    "limit": str(_PAGE),
                    "offset": str((window.page - 1) * _PAGE),
                },
            ),
            "data",
        )
        products = tuple(rows(data, "products"))
        total = total_of(data, "total_products", window.page, _PAGE, len(products))
        return Answered(products, len(products), total)

    found, further = read_on(cursor, _OPENED, datetime.now(UTC), ask, most=_MOST, page=_PAGE)
    return ListingPage(tuple(one for product in found for one in _of_product(product)), further)


def _of_product(product: Row) -> Iterator[Listing]:
    for sku in rows(product, "skus"):
        yield Listing(
            product_id=text(product, "item_id"),
            variation_id=text(sku, "SkuId"),
            sku=text(sku, "SellerSku"),
            name=text(child(product, "attributes"), "name")[:500],
            variation=_variation(sku.get("saleProp")),
            is_live=_is_live(product, sku),
        )


def _variation(properties: object) -> str:
    """``{"Size": "M", "Color family": "White"}`` → ``Size:M, Color family:White``, as orders tell it."""
    if not isinstance(properties, Mapping):
        return ""
    return ", ".join(f"{name}:{value}" for name, value in properties.items())[:300]


def _is_live(product: Row, sku: Row) -> bool:
    """Whether it can be bought: both words say so, where they say anything."""
    words = {text(product, "status").lower(), text(sku, "Status").lower()}
    return words <= {"active", "live", ""}
