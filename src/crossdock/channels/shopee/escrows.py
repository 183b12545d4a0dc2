"""Reading escrows: what the buyer paid, which vouchers were whose, what the seller gets."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from crossdock.channels.contract import Shop
from crossdock.channels.errors import NotFound, NotPermitted, Refused, ends_token
from crossdock.channels.reading import Row, child, text
from crossdock.channels.shopee.api import answer_of, get, post

_AT_ONCE = 20
"""Orders a batch: Shopee takes 50 and advises 20."""


def escrows(shop: Shop, order_sns: Sequence[str]) -> tuple[dict[str, Row], dict[str, Refused]]:
    """Order → its escrow, and the refusals of those that have none. Raises ``channels.errors``."""
    found: dict[str, Row] = {}
    refused: dict[str, Refused] = {}
    for start in range(0, len(order_sns), _AT_ONCE):
        wanted = order_sns[start : start + _AT_ONCE]
        if len(wanted) > 1:
            found |= _batch(shop, wanted)
        for order_sn in wanted:
            if order_sn in found:
                continue
            try:
                found[order_sn] = escrow(shop, order_sn)
            except NotPermitted as refusal:
                without = [one for one in order_sns if one not in found]
                return found, {**dict.fromkeys(without, refusal), **refused}
            except Refused as refusal:
                if ends_token(refusal):
                    raise
                refused[order_sn] = refusal
    return found, refused


def escrow(shop: Shop, order_sn: str) -> Row:
    """One order's escrow. Raises NotFound where the order has none."""
    return answer_of(get(shop, "payment/get_escrow_detail", {"order_sn": order_sn}))


def _batch(shop: Shop, order_sns: Sequence[str]) -> dict[str, Row]:
    """What the batch call tells; {} where it is refused.

    The reference says GET, a client in the field posts JSON: the second is tried where the first is
    refused. What neither answers for is asked one by one.
    """
    name = "payment/get_escrow_detail_batch"
    calls: tuple[Callable[[], Mapping[str, Any]], ...] = (
        lambda: get(shop, name, {"order_sn_list": ",".join(order_sns)}),
        lambda: post(shop, name, {"order_sn_list": list(order_sns)}, writes=False),
    )
    for ask in calls:
        try:
            return _by_order(ask().get("response"))
        except NotFound:
            return {}
        except Refused as refusal:
            if ends_token(refusal):
                raise
    return {}


def _by_order(listed: Any) -> dict[str, Row]:
    """Order → escrow, from the array of the batch answer; what has no income is no escrow."""
    told = [row for row in listed if isinstance(row, dict)] if isinstance(listed, list) else []
    found = [child(row, "escrow_detail") or row for row in told]
    return {text(row, "order_sn"): row for row in found if child(row, "order_income")}
