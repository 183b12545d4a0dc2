"""What a TikTok Shop sells."""

from __future__ import annotations

from collections.abc import Iterator

from crossdock.channels.catalogue import Listing, ListingPage
from crossdock.channels.contract import Shop
from crossdock.channels.reading import Row, child, rows, text
from crossdock.channels.tiktok.api import post
from crossdock.channels.tiktok.endpoints import PRODUCTS_SEARCH

_PAGE = 100
_LIVE = "ACTIVATE"


def listings(shop: Shop, cursor: str | None) -> ListingPage:
    """One page of the shop's SKUs."""
    query = {"page_size": str(_PAGE), **({"page_token": cursor} if cursor else {})}
    told = post(shop, PRODUCTS_SEARCH, {}, query, writes=False)
    found = tuple(one for row in rows(told, "products") for one in _skus(row))
    return ListingPage(found, text(told, "next_page_token") or None)


def _skus(product: Row) -> Iterator[Listing]:
    """A product's SKUs. What a variation is called is told by the product's detail alone."""
    live = text(product, "status") in (_LIVE, "")
    for sku in rows(product, "skus"):
        state = text(child(sku, "status_info"), "status")
        yield Listing(
            product_id=text(product, "id"),
            variation_id=text(sku, "id"),
            sku=text(sku, "seller_sku"),
            name=text(product, "title"),
            is_live=live and state in ("NORMAL", ""),
        )
