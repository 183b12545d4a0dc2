"""Buyers' open cancellation requests: their ids, reasons and deadlines, which orders do not tell."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from crossdock.channels.contract import Shop
from crossdock.channels.reading import Reading, Row, rows, text
from crossdock.channels.tiktok.api import path_of, post

PENDING = "CANCELLATION_REQUEST_PENDING"
_BY_BUYER = "BUYER_CANCEL"
_PAGE = 50
"""TikTok Shop: cancellations/search gives at most 50 a page."""


@dataclass(frozen=True, slots=True)
class Request:
    """A buyer's request that waits for the seller."""

    cancel_id: str
    words: str
    deadline: datetime | None


def open_requests(shop: Shop, order_ids: Iterable[str]) -> Mapping[str, Request]:
    """Order id → its buyer's open request. Raises ``channels.errors``."""
    wanted = list(order_ids)
    found: dict[str, Request] = {}
    for start in range(0, len(wanted), _PAGE):
        for row in search(shop, wanted[start : start + _PAGE]):
            if text(row, "cancel_status") == PENDING and text(row, "cancel_type") == _BY_BUYER:
                found[text(row, "order_id")] = _request(row)
    return found


def search(shop: Shop, order_ids: Iterable[str]) -> list[Row]:
    """All cancellations of these orders, newest last."""
    body = {"order_ids": list(order_ids)}
    query = {"page_size": str(_PAGE), "sort_field": "create_time", "sort_order": "ASC"}
    found: list[Row] = []
    while True:
        told = post(
            shop, path_of("return_refund", "cancellations/search"), body, query, writes=False
        )
        found += rows(told, "cancellations")
        if not (token := text(told, "next_page_token")):
            return found
        query = {**query, "page_token": token}


def _request(row: Row) -> Request:
    reading = Reading()
    ends = [reading.time(action, "deadline") for action in rows(row, "seller_next_action_response")]
    return Request(
        cancel_id=text(row, "cancel_id"),
        words=text(row, "cancel_reason_text") or text(row, "cancel_reason"),
        deadline=min(filter(None, ends), default=None),
    )
