"""Returns at TikTok Shop: those that changed, and those of one order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from crossdock.channels.answers import ReturnsPage
from crossdock.channels.contract import Shop
from crossdock.channels.errors import Refused, Unreadable
from crossdock.channels.reading import Row, rows, text
from crossdock.channels.tiktok.api import get, post
from crossdock.channels.tiktok.endpoints import RETURN_RECORDS, RETURNS_SEARCH
from crossdock.channels.tiktok.paging import Window, page
from crossdock.channels.tiktok.refusals import refusal_of
from crossdock.channels.tiktok.return_facts import return_facts
from crossdock.rules.facts import ReturnFacts

_PAGE = 50
"""TikTok Shop: returns/search gives 10 to 50 a page."""
_MOST_PAGES = 20


def changed(shop: Shop, *, since: datetime, until: datetime, cursor: str | None) -> ReturnsPage:
    """One page of the returns updated in the window, oldest first."""
    window = Window.at("update_time", since, until, cursor)
    told = page(shop, RETURNS_SEARCH, window, _PAGE)
    found, token = rows(told, "return_orders"), text(told, "next_page_token")
    if not found and token:
        raise Unreadable("TikTok Shop counts returns and lists none.")
    return ReturnsPage(tuple(_facts(shop, found)), window.after(found, token))


def of_order(shop: Shop, order_id: str, known: Sequence[str]) -> tuple[ReturnFacts, ...]:
    """The returns of one order, and those known ones (return ids) that are not listed under it."""
    found = _search(shop, {"order_ids": [order_id]})
    missing = sorted(set(known) - {text(row, "return_id") for row in found})
    if missing:
        others = _search(shop, {"return_ids": missing})
        found += [row for row in others if text(row, "order_id") == order_id]
    return tuple(_facts(shop, found))


def _search(shop: Shop, body: Mapping[str, Any]) -> list[Row]:
    found: list[Row] = []
    query = {"page_size": str(_PAGE), "sort_field": "create_time", "sort_order": "ASC"}
    for _ in range(_MOST_PAGES):
        told = post(shop, RETURNS_SEARCH, body, query, writes=False)
        found += rows(told, "return_orders")
        if not (token := text(told, "next_page_token")):
            break
        query = {**query, "page_token": token}
    return found


def _facts(shop: Shop, found: Sequence[Row]) -> Iterator[ReturnFacts]:
    """Those that can be read; one without ids stands in nobody's way."""
    for row in found:
        if text(row, "return_id") and text(row, "order_id"):
            yield return_facts(row, _records(shop, text(row, "return_id")))


def _records(shop: Shop, return_id: str) -> Sequence[Any]:
    """What happened to a return; () where TikTok Shop does not tell it."""
    told = refusal_of(lambda: get(shop, RETURN_RECORDS.format(return_id)))
    return () if isinstance(told, Refused) else rows(told, "records")
