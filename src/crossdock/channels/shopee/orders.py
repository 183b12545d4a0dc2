"""Reading orders from Shopee: lists of changed ones, and orders with items, packages and escrow."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from crossdock.channels.contract import Fetched, Glimpse, Page, Shop
from crossdock.channels.errors import NotFound, NotPermitted, Refused, Unreadable, ends_token
from crossdock.channels.reading import Row, as_json, rows, text, yes
from crossdock.channels.shopee.api import answer_of, get
from crossdock.channels.shopee.batches import apart
from crossdock.channels.shopee.couriers import own_couriers
from crossdock.channels.shopee.escrows import escrows
from crossdock.channels.shopee.packages import details
from crossdock.channels.shopee.slices import PAGE, Rows, read_on
from crossdock.channels.shopee.translate import (
    has_escrow,
    may_have_escrow,
    order_facts,
    order_sn_of,
)
from crossdock.rules.facts import Problem, Touches

_MOST_ORDERS = 50
_OPTIONAL = (
    "buyer_cancel_reason,cancel_by,cancel_reason,estimated_shipping_fee,fulfillment_flag,item_list,"
    "package_list,pay_time,payment_method,pickup_done_time,recipient_address,"
    "return_request_due_date,shipping_carrier,split_up,total_amount"
)
"""What is not named here is absent from the answer."""
_NO_PLACE = "?"
"""Stands for a page after which Shopee says there is more, without saying where."""


def changed(
    shop: Shop, *, since: datetime, until: datetime, cursor: str | None, by_creation: bool
) -> Page:
    """Some of the orders updated (or created) in the window; see ``slices``.

    Shopee v2: get_order_list tells the number of an order and nothing that could be kept before
    the order is read.
    """
    field = "create_time" if by_creation else "update_time"

    def read(start: int, stop: int, place: str) -> Rows:
        return _list(shop, field, start, stop, place)

    found, further = read_on(read, since=since, until=until, cursor=cursor)
    return Page(tuple(Glimpse(sn) for row in found if (sn := text(row, "order_sn"))), further)


def fetch(shop: Shop, order_sns: Sequence[str]) -> Fetched:
    """Orders with items, packages and escrow: at most 50.

    Shopee v2: get_order_detail and get_package_detail take 50 a call. The escrow is asked for
    orders that are alive: it alone tells the seller's vouchers and what bundles cost. Whether it is told before the buyer has
    paid is UNCONFIRMED: a refusal is no fault then.
    """
    listed, refused = read_orders(shop, order_sns, _OPTIONAL)
    around = _around(shop, listed)
    found, raw = [], {}
    for order in listed:
        order_sn, escrow = order_sn_of(order), around.escrows.get(text(order, "order_sn"))
        facts = order_facts(order, around.packages, escrow, around.own_couriers)
        found.append(replace(facts, problems=(*facts.problems, *around.kept_back(order))))
        raw[order_sn] = _raw(order, around.packages, escrow)
    missing = tuple(order_sn for order_sn in order_sns if order_sn not in raw)
    others = {one: no.words for one, no in refused.items() if not isinstance(no, NotFound)}
    return Fetched(tuple(found), raw, missing, others)


@dataclass(frozen=True, slots=True)
class _Around:
    """What Shopee tells of orders by other calls, and what it did not."""

    packages: Mapping[str, Row]
    unread: Mapping[str, Refused]
    escrows: Mapping[str, Row]
    without: Mapping[str, Refused]
    own_couriers: frozenset[str]
    channels_refused: str

    def kept_back(self, order: Row) -> list[Problem]:
        """What is missing of an order that is paid and lives. The order itself tells its goods and
        where its packages stand."""
        if text(order, "order_status") in ("CANCELLED", "PENDING"):
            return []
        order_sn, numbers = text(order, "order_sn"), _package_numbers([order])
        missing = [
            Problem(Touches.NOTHING, f"package {number}: {self._why_unread(number)}")
            for number in numbers
            if number not in self.packages
        ]
        if order_sn in self.without and has_escrow(order):
            words = f"no escrow, so that vouchers are not known: {self.without[order_sn].words}"
            missing.append(Problem(Touches.MONEY, words))
        if self.channels_refused and numbers:
            words = f"whether the seller delivers it is not known: {self.channels_refused}"
            missing.append(Problem(Touches.NOTHING, words))
        return missing

    def _why_unread(self, number: str) -> str:
        return self.unread[number].words if number in self.unread else "nothing is told of it"


def _around(shop: Shop, listed: Sequence[Row]) -> _Around:
    packages, unread = _packages(shop, _package_numbers(listed))
    alive = [text(order, "order_sn") for order in listed if may_have_escrow(order)]
    money, without = escrows(shop, alive)
    own, refused = _own_couriers(shop, _logistics(listed, packages))
    return _Around(packages, unread, money, without, own, refused)


def _packages(
    shop: Shop, numbers: Sequence[str]
) -> tuple[Mapping[str, Row], Mapping[str, Refused]]:
    """The packages' details, and why some are not known: orders arrive without them too."""
    try:
        return details(shop, numbers)
    except NotPermitted as refusal:
        return {}, dict.fromkeys(numbers, refusal)


def _own_couriers(shop: Shop, met: frozenset[str]) -> tuple[frozenset[str], str]:
    """The seller's own couriers, and why they are not known: orders arrive without them too."""
    try:
        return (own_couriers(shop, met) if met else frozenset()), ""
    except Refused as refusal:
        if ends_token(refusal):
            raise
        return frozenset(), refusal.words


def read_orders(
    shop: Shop, order_sns: Sequence[str], optional: str
) -> tuple[list[Row], dict[str, Refused]]:
    """Orders as get_order_detail tells them, each once, and the refusals of those it does not know.

    Raises ``channels.errors``; also where every single one was refused for another reason than
    that it is unknown.
    """
    wanted = list(dict.fromkeys(order_sns))
    found: list[Row] = []
    refused: dict[str, Refused] = {}
    for start in range(0, len(wanted), _MOST_ORDERS):
        listed, more = apart(
            lambda part: _details(shop, part, optional), wanted[start : start + _MOST_ORDERS]
        )
        found += listed
        refused |= more
    others = [one for one in refused.values() if not isinstance(one, NotFound)]
    if others and not found:
        raise others[0]
    return list({text(order, "order_sn"): order for order in found}.values()), refused


def read_order(shop: Shop, order_sn: str, optional: str) -> Row:
    """One order. Raises NotFound."""
    found, refused = read_orders(shop, [order_sn], optional)
    if not found:
        raise refused.get(order_sn) or NotFound(f"Shopee does not know order {order_sn}.")
    return found[0]


def _details(shop: Shop, order_sns: Sequence[str], optional: str) -> Sequence[Row]:
    told = get(
        shop,
        "order/get_order_detail",
        {
            "order_sn_list": ",".join(order_sns),
            "response_optional_fields": optional,
            "request_order_status_pending": "true",
        },
    )
    return [row for row in rows(answer_of(told), "order_list") if text(row, "order_sn")]


def _list(shop: Shop, field: str, start: int, stop: int, place: str) -> Rows:
    if place == _NO_PLACE:
        raise Unreadable("Shopee's list of orders says that there is more, but not where.")
    values = {
        "time_range_field": field,
        "time_from": str(start),
        "time_to": str(stop),
        "page_size": str(PAGE),
        "response_optional_fields": "order_status",
        "request_order_status_pending": "true",
    }
    told = answer_of(
        get(shop, "order/get_order_list", values | ({"cursor": place} if place else {}))
    )
    more = text(told, "next_cursor") or _NO_PLACE if yes(told.get("more")) else ""
    return Rows(rows(told, "order_list"), more)


def _package_numbers(orders: Iterable[Row]) -> list[str]:
    """The packages of orders that can have left the checkout."""
    return [
        number
        for order in orders
        if text(order, "order_status") != "UNPAID"
        for package in rows(order, "package_list")
        if (number := text(package, "package_number"))
    ]


def _logistics(orders: Iterable[Row], packages: Mapping[str, Row]) -> frozenset[str]:
    every = [*packages.values(), *(row for order in orders for row in rows(order, "package_list"))]
    return frozenset(text(row, "logistics_channel_id") for row in every) - {""}


def _raw(order: Row, packages: Mapping[str, Row], escrow: Row | None) -> bytes:
    """The channel's JSON of an order, for keeping."""
    of_order = [packages[number] for number in _package_numbers([order]) if number in packages]
    return as_json({"order": order, "packages": of_order, "escrow": escrow})
