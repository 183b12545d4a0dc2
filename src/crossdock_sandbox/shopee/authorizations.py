"""Which shops have let the app in, since when and until when."""

from __future__ import annotations

import time
from typing import Any

from crossdock_sandbox.purchase_book import PurchaseBook

DAY = 86400
LONGEST = 365
"""Days that a seller can choose at most."""
_ROOM = "shopee-authorizations"


def authorize(book: PurchaseBook, shop: str, days: int = LONGEST) -> None:
    """A seller lets the app in for so many days from now."""
    present = int(time.time())
    ends = present + days * DAY
    book.stand.shelf.put(_ROOM, shop, {"auth_time": present, "expire_time": ends})


def forget(book: PurchaseBook, shop: str) -> None:
    """The app is not allowed in any more."""
    book.stand.shelf.drop(_ROOM, shop)


def authorization(book: PurchaseBook, shop: str) -> dict[str, Any]:
    """``auth_time`` and ``expire_time`` of a shop that is linked. Unix seconds."""
    kept: dict[str, Any] | None = book.stand.shelf.get(_ROOM, shop)
    if kept is None:
        authorize(book, shop)  # its tokens were made by hand
        kept = book.stand.shelf.get(_ROOM, shop)
    return kept or {}


def is_linked(book: PurchaseBook, shop: str) -> bool:
    """Whether a shop's authorization lives: it has tokens, and its time is not over."""
    if not any(shop in grant.covers for grant in book.grants.by_access.values()):
        return False
    if is_over(book, shop):
        book.grants.revoke(shop)
        return False
    return True


def is_over(book: PurchaseBook, shop: str) -> bool:
    """Whether the time of a shop's authorization is over."""
    return int(authorization(book, shop)["expire_time"]) <= time.time()


def pass_time(book: PurchaseBook, seconds: float) -> None:
    """Bring every end nearer."""
    for shop, kept in list(book.stand.shelf.all(_ROOM)):
        kept["expire_time"] -= int(seconds)
        book.stand.shelf.put(_ROOM, shop, kept)
        is_linked(book, shop)
