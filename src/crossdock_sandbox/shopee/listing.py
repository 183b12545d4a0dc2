"""What the shops have listed: items, and their models where there are several of a kind.

An item's variations are those products of the catalogue that share a name and differ by colour or
size. What differs by nothing of the kind has no model: its SKU stands on the item itself.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from crossdock_sandbox.world.catalogue import KNOWN, PRODUCTS, UNKNOWN, Product
from crossdock_sandbox.world.purchases import Line
from crossdock_sandbox.world.shops import Shop

_FIRST_ITEM, _FIRST_MODEL = 27_000_000_000, 187_000_000_000
"""Ids are wider than 32 bits, and narrow enough for the numbers of JSON in a browser."""
_VARIES_BY = ("Color family", "Size")
LISTED_AT = 1_760_000_000
"""Unix seconds at which everything was put on sale."""


def item_id(name: str) -> int:
    """Of a product's item."""
    return _FIRST_ITEM + int(hashlib.sha256(name.encode()).hexdigest()[:8], 16)


def has_model(sku: str) -> bool:
    """Whether what is sold under a SKU is a model of its item."""
    product = PRODUCTS.get(sku)
    return product is not None and product.variation.startswith(_VARIES_BY)


def model_id(sku: str) -> int:
    """Of what is sold under a SKU; 0: the item has no models."""
    return _FIRST_MODEL + PRODUCTS[sku].number if has_model(sku) else 0


def model_name(line: Line) -> str:
    """What the buyer chose, such as ``L,White``; "" where there is nothing to choose."""
    if not has_model(line.sku):
        return ""
    return ",".join(value for _, value in variation(PRODUCTS[line.sku]))


def variation(product: Product) -> list[tuple[str, str]]:
    """``Size:L, Color family:White`` as pairs."""
    pairs = (part.partition(":") for part in product.variation.split(","))
    return [(name.strip(), value.strip()) for name, _, value in pairs]


def skus(sku: str) -> dict[str, str]:
    """``item_sku`` and ``model_sku``: the seller's code stands at the model where there is one."""
    if has_model(sku):
        return {"item_sku": sku.partition("-")[0], "model_sku": sku}
    return {"item_sku": sku, "model_sku": ""}


def shelf(shop: Shop) -> dict[int, list[Product]]:
    """The products of a shop by item."""
    items: dict[int, list[Product]] = {}
    for product in _sold(shop):
        items.setdefault(item_id(product.name), []).append(product)
    return items


def _sold(shop: Shop) -> Iterable[Product]:
    return (*KNOWN, *UNKNOWN) if shop.sells_unknown else KNOWN
