"""What a shop sells, for mapping its SKUs to the books."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Listing:
    """One thing that can be ordered: a product's variation, or a product without any."""

    product_id: str
    variation_id: str
    """"" where the product has no variations."""
    sku: str
    """The seller's own; may be "" or repeated."""
    name: str
    variation: str = ""
    is_live: bool = True


@dataclass(frozen=True, slots=True)
class ListingPage:
    """One page of a shop's listings, and where to go on (None: no more)."""

    listings: tuple[Listing, ...]
    next: str | None
