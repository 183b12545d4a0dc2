"""Lazada's ``reverse_status`` → whether a return has ended, and what the seller can do about it.

The words come from several sources, and no source tells the whole way of a return: what is unknown
counts as open and offers nothing.
"""

from __future__ import annotations

from collections.abc import Mapping

from crossdock.channels.lazada.reading import Row, text, yes
from crossdock.rules.facts import ReturnMove

ONLY_REFUND = "ONLY_REFUND"
ARRIVED = "RETURN_RTM_DELIVERED"
"""``ofc_status``: the goods were delivered to the seller."""

_ASKED = "REQUEST_INITIATE"
_ON_THE_WAY = frozenset({"SELLER_AGREE_RETURN", "BUYER_RETURN_ITEM", "REFUND_PENDING"})
_ENDED = frozenset(
    {
        "REQUEST_REJECT",
        "REQUEST_CANCEL",
        "REQUEST_COMPLETE",
        "CANCEL_SUCCESS",
        "REFUND_SUCCESS",
        "REFUND_REJECT",
    }
)
_ENDED_UNLESS_DISPUTED = frozenset({"SELLER_REJECT_RETURN", "SELLER_REJECT_REFUND"})
_PAID = frozenset(
    {"REFUND_AUTHORIZED", "REFUND_SUCCESS", "SELLER_AGREE_REFUND", "REQUEST_COMPLETE"}
)

SHOWS: Mapping[ReturnMove, frozenset[str]] = {
    ReturnMove.TAKE_BACK: frozenset({"SELLER_AGREE_RETURN", "BUYER_RETURN_ITEM"}),
    ReturnMove.REFUND: _PAID,
    ReturnMove.RECEIVED: _PAID,
    ReturnMove.REJECT: frozenset({"REQUEST_REJECT", "SELLER_REJECT_RETURN"}),
    ReturnMove.REFUSE_GOODS: frozenset({"REFUND_REJECT", "SELLER_REJECT_REFUND"}),
    ReturnMove.DISPUTE: frozenset({"CS_APPROVING"}),
}
"""Move → the words which show that it was made."""


def moves(kind: str, *, to_merchant: bool, line: Row) -> tuple[ReturnMove, ...]:
    """What the seller can do about a line now, the mildest first.

    Goods that go to Lazada's own warehouse (RTW) are Lazada's to decide about.
    """
    status = _status(line)
    if kind == ONLY_REFUND:
        return (ReturnMove.REFUND, ReturnMove.DISPUTE) if status == _ASKED else ()
    if not to_merchant:
        return ()
    if status == _ASKED:
        return (ReturnMove.TAKE_BACK, ReturnMove.REFUND, ReturnMove.REJECT)
    if status in _ON_THE_WAY and text(line, "ofc_status").upper() == ARRIVED:
        return (ReturnMove.RECEIVED, ReturnMove.REFUSE_GOODS)
    return ()


def is_open(line: Row) -> bool:
    """Whether a line has not come to an end yet."""
    status = _status(line)
    if status in _ENDED_UNLESS_DISPUTED:
        return yes(line.get("is_dispute"))
    return status not in _ENDED


def shows(line: Row, move: ReturnMove) -> bool:
    """Whether a move was made for a line."""
    return _status(line) in SHOWS.get(move, frozenset())


def _status(line: Row) -> str:
    return text(line, "reverse_status").upper()
