"""Where the goods of a SKU lie and what stands on them, as the books tell it."""

from __future__ import annotations

from collections.abc import Collection

from crossdock.orders.stock import Stock, Stocks
from crossdock.posting.models import BooksCode, SkuCode, StoreCodes


def read_stock(store_ids: Collection[int], skus: Collection[str]) -> Stocks:
    """(store pk, SKU) → the goods, for every mapped SKU of these, in four queries.

    The location is the store's own in the books (without one the goods lie at an unknown place) with the
    stock item's shelf where it has one. A bundle has no barcode of its own: its SKU is what is scanned.
    """
    codes = list(SkuCode.objects.filter(sku__in=skus).prefetch_related("parts"))
    wanted = {code.item_code for code in codes}
    by_code = {
        item.code: item
        for item in BooksCode.objects.filter(kind=BooksCode.Kind.ITEM, code__in=wanted)
    }
    places = dict(
        StoreCodes.objects.filter(store__in=store_ids).values_list("store_id", "location")
    )
    return {
        (store, code.sku): _stock(code, by_code.get(code.item_code), places.get(store, ""))
        for code in codes
        for store in store_ids
    }


def _stock(code: SkuCode, item: BooksCode | None, place: str) -> Stock:
    if code.parts.all() or item is None:
        return Stock(place)
    return Stock(
        " · ".join(filter(None, (place, item.shelf))), frozenset({item.code, *item.barcodes})
    )
