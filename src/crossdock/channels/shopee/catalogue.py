"""What the shop sells: items, and their models where they have any."""

from __future__ import annotations

from collections.abc import Sequence

from crossdock.channels.catalogue import Listing, ListingPage
from crossdock.channels.contract import Shop
from crossdock.channels.errors import Unreadable
from crossdock.channels.reading import Reading, Row, rows, text, yes
from crossdock.channels.shopee.api import answer_of, get

_ITEMS = 20
"""Items a page: each that has models costs a call of its own."""
_SHOWN = ("NORMAL", "UNLIST", "BANNED", "REVIEWING")
"""Deleted items are left out: nothing can be ordered of them."""


def listings(shop: Shop, cursor: str | None) -> ListingPage:
    """One page of the shop's items. The cursor is Shopee's offset."""
    listed = answer_of(
        get(
            shop,
            "product/get_item_list",
            [
                ("offset", cursor or "0"),
                ("page_size", str(_ITEMS)),
                *(("item_status", status) for status in _SHOWN),
            ],
        )
    )
    items = _items(shop, [text(row, "item_id") for row in rows(listed, "item")])
    found = [listing for item in items for listing in _listings_of(shop, item)]
    return ListingPage(
        tuple(found), _next(listed, cursor) if yes(listed.get("has_next_page")) else None
    )


def _items(shop: Shop, item_ids: Sequence[str]) -> Sequence[Row]:
    if not item_ids:
        return ()
    told = get(shop, "product/get_item_base_info", {"item_id_list": ",".join(item_ids)})
    return rows(answer_of(told), "item_list")


def _listings_of(shop: Shop, item: Row) -> list[Listing]:
    item_id, item_sku = text(item, "item_id"), text(item, "item_sku")
    name, is_live = text(item, "item_name"), text(item, "item_status") == "NORMAL"
    if not yes(item.get("has_model")):
        return [Listing(item_id, "", item_sku, name, is_live=is_live)]
    told = answer_of(get(shop, "product/get_model_list", {"item_id": item_id}))
    return [
        Listing(
            product_id=item_id,
            variation_id=text(model, "model_id"),
            sku=text(model, "model_sku") or item_sku,
            name=name,
            variation=_variation(told, model),
            is_live=is_live,
        )
        for model in rows(told, "model")
    ]


def _variation(told: Row, model: Row) -> str:
    """A model's options, such as "Red, Large"."""
    places, tiers = model.get("tier_index"), rows(told, "tier_variation")
    if not isinstance(places, list):
        return ""
    names = []
    for place, tier in zip(places, tiers, strict=False):
        options = rows(tier, "option_list")
        if isinstance(place, int) and 0 <= place < len(options):
            names.append(text(options[place], "option"))
    return ", ".join(filter(None, names))


def _next(listed: Row, cursor: str | None) -> str:
    """Where the next page begins. Raises Unreadable when that is not further on: it would never end."""
    here, further = int(cursor or 0), Reading().whole(listed, "next_offset")
    if further <= here:
        raise Unreadable("Shopee's list of items does not go on.")
    return str(further)
