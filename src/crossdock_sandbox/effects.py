"""What a call would have done to which orders, where it is refused before anything looks at it."""

from __future__ import annotations

import re
from typing import Protocol

from crossdock_sandbox.stand import Stand

_EFFECTS: dict[str, tuple[tuple[str, str, str], ...]] = {
    "lazada": (
        ("/(fulfill/)?pack", "", "pack"),
        ("/rts", "", "ship"),
        ("/sof/collect", "", "ship"),
        ("/repack", "", "repack"),
        ("/(sof|digital)/(failed_delivery|delivered)", "", "deliver"),
        ("/document/(awb/)?(get|html/get|pdf/get)", "", "label"),
        ("/reverse/cancel/create", "", "cancel"),
        ("/order/cancel", "", "cancel"),
        ("/cancel/seller/decide", "true", "accept_cancel"),
        ("/cancel/seller/decide", "", "reject_cancel"),
        ("/(return/update|onlyrefund/seller/decide)", "agreeReturn", "accept_return"),
        ("/(return/update|onlyrefund/seller/decide)", "agreeRefund", "accept_return"),
        ("/(return/update|onlyrefund/seller/decide)", "", "reject_return"),
    ),
    "shopee": (
        ("/(mass_|batch_)?ship_order", "", "ship"),
        ("/update_shipping_order", "", "ship"),
        ("/(create|download)_shipping_document", "", "label"),
        ("/cancel_order", "", "cancel"),
        ("/handle_buyer_cancellation", "ACCEPT", "accept_cancel"),
        ("/handle_buyer_cancellation", "", "reject_cancel"),
        ("/returns/(confirm|accept_offer)", "", "accept_return"),
        ("/returns/offer", "", "offer_return"),
        ("/returns/dispute", "", "reject_return"),
        ("/update_tracking_status", "", "deliver"),
    ),
    "tiktok": (
        ("/packages/([^/]+/)?ship", "", "ship"),
        ("/orders/[^/]+/packages", "", "ship"),
        ("/shipping_documents", "", "label"),
        ("/packages/deliver", "", "deliver"),
        ("/shipping_info/update", "", "renumber"),
        ("/cancellations", "", "cancel"),
        ("/cancellations/[^/]+/approve", "", "accept_cancel"),
        ("/cancellations/[^/]+/reject", "", "reject_cancel"),
        ("/returns/[^/]+/approve", "", "accept_return"),
        ("/returns/[^/]+/reject", "", "reject_return"),
    ),
}
"""By the end of a path, and a word that the call must hold where the path does not tell it: the effect."""


class Book(Protocol):
    """What is asked of a channel's memory."""

    channel: str
    stand: Stand

    def orders_named(self, shop: str, names: frozenset[str]) -> list[str]:
        """The orders of a shop that these ids name, or something of them."""
        ...


def witness_refusal(
    book: Book, shop: str, method: str, path: str, names: frozenset[str], code: str
) -> None:
    """Note a refused call in the ledger, if it could have changed something: a row for each order."""
    effect = _effect(book.channel, path, names)
    for order_id in (book.orders_named(shop, names) or [""]) if effect else ():
        book.stand.ledger.record(
            book.channel, method, path, order_id, effect, accepted=False, error=code
        )


def _effect(channel: str, path: str, names: frozenset[str]) -> str:
    for end, word, effect in _EFFECTS[channel]:
        if re.fullmatch(f".*{end}", path) and (not word or word in names):
            return effect
    return ""
