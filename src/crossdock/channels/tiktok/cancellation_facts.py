"""Buyers' cancellation requests: their ids, reasons and deadlines, which orders do not tell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from crossdock.channels.contract import Shop
from crossdock.channels.reading import Reading, Row, rows, text
from crossdock.channels.tiktok.api import post
from crossdock.channels.tiktok.endpoints import CANCELLATIONS_SEARCH

_DECIDED_AT_ONCE = "CANCEL"
"""``cancel_type`` of what a seller, the system, or a buyer of a held order cancelled."""
_PAGE = 50
"""TikTok Shop: cancellations/search gives at most 50 a page."""
_MOST_PAGES = 20


@dataclass(frozen=True, slots=True)
class Request:
    """A buyer's request that waits for the seller."""

    cancel_id: str
    words: str
    deadline: datetime | None


def open_requests(shop: Shop, order_ids: Sequence[str]) -> Mapping[str, Request]:
    """Order id → its buyer's open request. Raises ``channels.errors``."""
    found: dict[str, Request] = {}
    for start in range(0, len(order_ids), _PAGE):
        for row in _search(shop, {"order_ids": list(order_ids[start : start + _PAGE])}):
            if is_open(row):
                found[text(row, "order_id")] = _request(row)
    return found


def cancellation(shop: Shop, cancel_id: str) -> Row:
    """One cancellation as it stands; {} where TikTok Shop does not tell it."""
    found = _search(shop, {"cancel_ids": [cancel_id]})
    return next((row for row in found if text(row, "cancel_id") == cancel_id), {})


def is_open(row: Row) -> bool:
    """Whether a buyer asks, and the seller has not answered."""
    waits = "PENDING" in text(row, "cancel_status")
    return waits and text(row, "cancel_type") != _DECIDED_AT_ONCE


def is_granted(row: Row) -> bool:
    """Whether it ended with the order cancelled: SUCCESS, and COMPLETE once the money is paid back."""
    return text(row, "cancel_status").endswith(("_SUCCESS", "_COMPLETE"))


def _search(shop: Shop, body: Mapping[str, Any]) -> list[Row]:
    """Cancellations, the newest last."""
    query = {"page_size": str(_PAGE), "sort_field": "create_time", "sort_order": "ASC"}
    found: list[Row] = []
    for _ in range(_MOST_PAGES):
        told = post(shop, CANCELLATIONS_SEARCH, body, query, writes=False)
        found += rows(told, "cancellations")
        if not (token := text(told, "next_page_token")):
            break
        query = {**query, "page_token": token}
    return found


def _request(row: Row) -> Request:
    reading = Reading()
    ends = [reading.time(action, "deadline") for action in rows(row, "seller_next_action_response")]
    return Request(
        cancel_id=text(row, "cancel_id"),
        words=text(row, "cancel_reason_text") or text(row, "cancel_reason"),
        deadline=min(filter(None, ends), default=None),
    )
