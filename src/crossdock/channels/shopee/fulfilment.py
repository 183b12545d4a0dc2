"""Telling Shopee that packages are ready: ship_order, or update_shipping_order after a missed pick-up.

What tells whether it was done is read first, so that no package is shipped twice.
"""

from __future__ import annotations

from collections.abc import Callable

from crossdock.channels.contract import Parcel, Shop, Told
from crossdock.channels.errors import Refused, ends_token
from crossdock.channels.shipping import HowToShip, Method
from crossdock.channels.shopee.api import post
from crossdock.channels.shopee.packages import Package, packages_of
from crossdock.channels.shopee.refusals import bare
from crossdock.channels.shopee.statuses import is_dead
from crossdock.channels.shopee.ways import leaves_open, offer, said, the_only_way

_RETRY = "LOGISTICS_PICKUP_RETRY"
_DONE = frozenset({"LOGISTICS_REQUEST_CREATED", "LOGISTICS_PICKUP_DONE", "LOGISTICS_DELIVERY_DONE"})
_ALREADY = frozenset({"package_already_shipped"})
_ALREADY_WORDS = "has been shipped"
_AGAIN_WORDS = "being allocated, please wait"


def ship(shop: Shop, parcel: Parcel) -> Told:
    """Arrange the shipment of an order's packages, one call each.

    Raises ``channels.errors``: Unclear when an answer never came (what was done is then told by
    the packages themselves).
    """
    packages = refused_or(lambda: packages_of(shop, parcel))
    if isinstance(packages, Refused):
        return Told(parcel.order_id, ok=False, words=packages.words, code=packages.code)
    done, already, refusals = [], [], {}
    for package in packages:
        if package.is_arranged or package.status in _DONE:
            already.append(package.number)
            continue
        refusal = _arrange(shop, package, parcel.how)
        if refusal is None:
            done.append(package.number)
        elif _says_already(refusal):
            already.append(package.number)
        else:
            refusals[package.number] = refusal
    return _told(parcel.order_id, done, already, refusals)


def refused_or(ask: Callable[[], tuple[Package, ...]]) -> tuple[Package, ...] | Refused:
    """What a call gives, or Shopee's no. What is no answer (a dead token, a pause) is raised."""
    try:
        return ask()
    except Refused as refusal:
        if ends_token(refusal):
            raise
        return refusal


def _arrange(shop: Shop, package: Package, how: HowToShip | None) -> Refused | None:
    """Make the call for one package; None when it was taken."""
    try:
        if is_dead(package.status):
            raise Refused(f"Package {package.number} is {package.status}.")
        if package.status == _RETRY:
            _again(shop, package, how)
        else:
            _first(shop, package, how)
    except Refused as refusal:
        if ends_token(refusal):
            raise
        return refusal
    return None


def _first(shop: Shop, package: Package, how: HowToShip | None) -> None:
    offered = offer(shop, package) if leaves_open(how) else None
    if how is None:
        how = the_only_way(offered or offer(shop, package))
    post(shop, "logistics/ship_order", {**package.names, **said(how, offered)}, writes=True)


def _again(shop: Shop, package: Package, how: HowToShip | None) -> None:
    """The courier did not collect: another slot, at the address of the rule where there is one."""
    pickup = how if how and how.method is Method.PICKUP else HowToShip(Method.PICKUP)
    body = {**package.names, **said(pickup, offer(shop, package))}
    post(shop, "logistics/update_shipping_order", body, writes=True)


def _told(order_sn: str, done: list[str], already: list[str], refusals: dict[str, Refused]) -> Told:
    """What the packages of an order came to together."""
    if not refusals:
        return Told(order_sn, ok=bool(done), already=not done, done=(*done, *already))
    first = next(iter(refusals.values()))
    return Told(
        order_sn,
        ok=False,
        words=first.words,
        code=first.code,
        again=all(_AGAIN_WORDS in one.words for one in refusals.values()),
        done=(*done, *already),
        left=tuple(refusals),
    )


def _says_already(refusal: Refused) -> bool:
    return bare(refusal.code) in _ALREADY or _ALREADY_WORDS in refusal.words.lower()
