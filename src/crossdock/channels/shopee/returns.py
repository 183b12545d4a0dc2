"""Reading returns: those that changed, and those of one order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from crossdock.channels.answers import ReturnsPage
from crossdock.channels.contract import Shop
from crossdock.channels.errors import NotFound, Refused, ends_token
from crossdock.channels.reading import Reading, Row, rows, text, words_of, yes
from crossdock.channels.shopee.api import answer_of, get
from crossdock.channels.shopee.escrows import escrow
from crossdock.channels.shopee.lines import parts_of
from crossdock.channels.shopee.orders import read_orders
from crossdock.channels.shopee.return_facts import is_open, return_facts
from crossdock.channels.shopee.slices import PAGE, Rows, read_on
from crossdock.rules.facts import ReturnFacts


def changed(shop: Shop, *, since: datetime, until: datetime, cursor: str | None) -> ReturnsPage:
    """Some of the returns updated in the window (at most 15 days); see ``slices``."""

    def read(start: int, stop: int, place: str) -> Rows:
        return _list(shop, start, stop, place)

    found, further = read_on(read, since=since, until=until, cursor=cursor)
    told = [_whole(shop, row) for row in found if text(row, "return_sn")]
    return ReturnsPage(_facts(shop, told), further)


def of_order(shop: Shop, order_sn: str, return_sns: Sequence[str]) -> tuple[ReturnFacts, ...]:
    """The returns of one order: those that are known, and those that its escrow names."""
    named = dict.fromkeys([*return_sns, *_named_by_escrow(shop, order_sn)])
    told = [found for return_sn in named if (found := _detail(shop, return_sn)) is not None]
    return _facts(shop, [row for row in told if text(row, "order_sn") == order_sn])


def _list(shop: Shop, start: int, stop: int, place: str) -> Rows:
    """One page of get_return_list.

    Whether pages are counted from 0 or from 1 is not sure: page 0 is asked first, and page 1 follows
    also where page 0 is empty or refused.
    """
    number = int(place or 0)
    try:
        told = answer_of(
            get(
                shop,
                "returns/get_return_list",
                {
                    "page_no": str(number),
                    "page_size": str(PAGE),
                    "update_time_from": str(start),
                    "update_time_to": str(stop),
                },
            )
        )
    except Refused as refusal:
        if number or type(refusal) is not Refused or not refusal.words.startswith("Wrong param"):
            raise
        told = {}
    found = rows(told, "return")
    if not number and not found:
        return _list(shop, start, stop, "1")
    return Rows(found, str(number + 1) if yes(told.get("more")) else "")


def _whole(shop: Shop, row: Row) -> Row:
    """A return with what only its detail tells, where it may still be the seller's move."""
    return (_detail(shop, text(row, "return_sn")) or row) if is_open(row) else row


def _detail(shop: Shop, return_sn: str) -> Row | None:
    """A return's detail; None where Shopee does not know it."""
    try:
        told = answer_of(get(shop, "returns/get_return_detail", {"return_sn": return_sn}))
    except NotFound:
        return None
    return told if text(told, "return_sn") else None


def _named_by_escrow(shop: Shop, order_sn: str) -> tuple[str, ...]:
    """The returns that an order's escrow names; () where the order has none yet."""
    try:
        return words_of(escrow(shop, order_sn), "return_order_sn_list")
    except Refused as refusal:
        if ends_token(refusal):
            raise
        return ()


def _facts(shop: Shop, told: Sequence[Row]) -> tuple[ReturnFacts, ...]:
    """The facts of returns, with the lines of ours that they are about."""
    if not told:
        return ()
    orders, _ = read_orders(
        shop, list(dict.fromkeys(text(row, "order_sn") for row in told)), "item_list,package_list"
    )
    by_sn = {text(order, "order_sn"): order for order in orders}
    return tuple(
        return_facts(row, _line_ids(by_sn.get(text(row, "order_sn"), {}), rows(row, "item")))
        for row in told
    )


def _line_ids(order: Row, items: Iterable[Row]) -> tuple[str, ...]:
    """The lines of an order that hold a return's items; () where none can be told: all."""
    keys = {(text(item, "item_id"), text(item, "model_id") or "0") for item in items}
    return tuple(
        part.line_id
        for part in parts_of(Reading(), order)
        if (text(part.item, "item_id"), text(part.item, "model_id") or "0") in keys
    )
