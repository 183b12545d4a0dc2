"""Telling TikTok Shop that packages are ready, and that the seller has delivered them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from crossdock.channels.contract import Parcel, Shop, Told
from crossdock.channels.errors import Refused
from crossdock.channels.reading import Row, child, rows, text
from crossdock.channels.shipping import Courier, HowToShip, Method, WaysToShip
from crossdock.channels.tiktok.api import get, path_of, post
from crossdock.channels.tiktok.refusals import ALREADY_SHIPPED, error_of, refusal_of, told_no

_BY_SELLER = "SELLER"
_DELIVERED = frozenset({"21011027"})


def ship(shop: Shop, parcels: Sequence[Parcel]) -> tuple[Told, ...]:
    """Arrange shipment. Parcels that TikTok ships go in one call; a parcel of the seller's own
    courier goes alone, with its number. Raises ``channels.errors``."""
    own = [parcel for parcel in parcels if _is_own(parcel.how)]
    rest = [parcel for parcel in parcels if not _is_own(parcel.how)]
    told = {parcel.order_id: _ship_own(shop, parcel) for parcel in own}
    if rest:
        body = [{"id": package_id} for parcel in rest for package_id in parcel.package_ids]
        told |= _by_package(shop, "packages/ship", body, rest, ALREADY_SHIPPED)
    return tuple(told[parcel.order_id] for parcel in parcels)


def deliver(shop: Shop, parcels: Sequence[Parcel]) -> tuple[Told, ...]:
    """Mark packages of the seller's own fleet as delivered."""
    body = [
        {"id": package_id, "delivery_type": "DELIVERY_SUCCESS"}
        for parcel in parcels
        for package_id in parcel.package_ids
    ]
    told = _by_package(shop, "packages/deliver", body, parcels, _DELIVERED)
    return tuple(told[parcel.order_id] for parcel in parcels)


def ways_to_ship(shop: Shop, parcel: Parcel) -> WaysToShip:
    """What is offered for an order: the seller's own couriers, or nothing to choose.

    Where TikTok ships, how a parcel is handed over is a setting of the warehouse in Seller Center: a
    handover method that is sent is ignored (Southeast Asia, since October 2024).
    """
    order = _order(shop, parcel.order_id)
    option, name = text(order, "delivery_option_id"), text(order, "delivery_option_name")
    if text(order, "shipping_type") != _BY_SELLER:
        return WaysToShip(option, name, ())
    path = path_of("logistics", f"delivery_options/{option}/shipping_providers")
    couriers = tuple(
        Courier(text(row, "id"), text(row, "name"))
        for row in rows(get(shop, path), "shipping_providers")
    )
    return WaysToShip(
        option, name, (Method.OWN_COURIER,), couriers=couriers, wants_tracking_number=True
    )


def _is_own(how: HowToShip | None) -> bool:
    return how is not None and how.method is Method.OWN_COURIER


def _order(shop: Shop, order_id: str) -> Row:
    found = rows(get(shop, path_of("order", "orders"), {"ids": order_id}), "orders")
    if not found:
        raise Refused(f"TikTok Shop does not know order {order_id}.")
    return found[0]


def _ship_own(shop: Shop, parcel: Parcel) -> Told:
    """Ship the packages of an order with the seller's own courier, one call each."""
    how = parcel.how
    if how is None or not how.tracking_number or not how.courier_id:
        words = "Enter the courier and its tracking number: the seller ships this order."
        return Told(parcel.order_id, ok=False, words=words)
    body = {
        "self_shipment": {
            "tracking_number": how.tracking_number,
            "shipping_provider_id": how.courier_id,
        }
    }
    done: list[str] = []
    refused: dict[str, Refused] = {}
    for package_id in parcel.package_ids:
        path = path_of("fulfillment", f"packages/{package_id}/ship")
        answer = refusal_of(lambda path=path: post(shop, path, body, writes=True))  # type: ignore[misc]
        if isinstance(answer, Refused):
            refused[package_id] = answer
        else:
            done.append(package_id)
    return _joined(parcel, done, refused, ALREADY_SHIPPED)


def _by_package(
    shop: Shop,
    name: str,
    packages: Sequence[dict[str, Any]],
    parcels: Sequence[Parcel],
    already: frozenset[str],
) -> dict[str, Told]:
    """A call about many packages: what it came to for each order."""
    answer = refusal_of(
        lambda: post(shop, path_of("fulfillment", name), {"packages": list(packages)}, writes=True)
    )
    if isinstance(answer, Refused):
        refused = {str(one["id"]): answer for one in packages}
    else:
        refused = dict(_errors(row) for row in rows(answer, "errors"))
    return {
        parcel.order_id: _joined(
            parcel,
            [one for one in parcel.package_ids if one not in refused],
            {one: refused[one] for one in parcel.package_ids if one in refused},
            already,
        )
        for parcel in parcels
    }


def _errors(row: Row) -> tuple[str, Refused]:
    """The package that an element of ``errors`` is about, and its refusal."""
    code, message = text(row, "code"), text(row, "message")
    error = error_of(code, message, writes=True, pause=1.0)
    refusal = error if isinstance(error, Refused) else Refused(error.words, code=code)
    return text(child(row, "detail"), "package_id"), refusal


def _joined(
    parcel: Parcel, done: Sequence[str], refused: dict[str, Refused], already: frozenset[str]
) -> Told:
    """What the packages of one order came to together."""
    if not parcel.package_ids:
        return Told(parcel.order_id, ok=False, words="TikTok Shop has made no package yet.")
    if not refused:
        return Told(parcel.order_id, ok=True, done=tuple(done))
    first = next(iter(refused.values()))
    told = told_no(parcel.order_id, first, already=already)
    before = [one for one, refusal in refused.items() if refusal.code in already]
    left = [one for one in refused if one not in before]
    return Told(
        parcel.order_id,
        ok=False,
        already=not done and not left,
        words=told.words if not left else refused[left[0]].words,
        code=told.code if not left else refused[left[0]].code,
        again=told.again and not done,
        done=(*done, *before) if left else tuple(done),
        left=tuple(left),
    )
