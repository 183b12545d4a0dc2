"""Pack, ready to ship, repack and deliver at Lazada: shape-B answers with a code per item.

``code`` "0" and ``success`` true do not mean that every package worked: each item has its own code.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from crossdock.channels.contract import Parcel, Shop, Told
from crossdock.channels.errors import ChannelError, NotFound, Refused, Unclear
from crossdock.channels.lazada.api import call, dumps
from crossdock.channels.lazada.orders import items_of
from crossdock.channels.lazada.reading import Row, child, rows, text
from crossdock.channels.lazada.statuses import stage_of
from crossdock.rules.facts import Stage

_AGAIN = frozenset({"6", "1003", "40011", "700024", "700031"})
_MAYBE_DONE = frozenset({"700000", "700026"})
"""The state does not allow it: perhaps because it was done before."""

_PACKED = frozenset(
    {Stage.PACKED, Stage.READY, Stage.SHIPPED, Stage.DELIVERED, Stage.COMPLETED, Stage.RETURNED}
)
_SHIPPED = _PACKED - {Stage.PACKED}
_FAILED = frozenset({Stage.FAILED})
_DELIVERED = frozenset({Stage.DELIVERED, Stage.COMPLETED, Stage.RETURNED})


def pack(shop: Shop, parcels: Sequence[Parcel]) -> tuple[Told, ...]:
    """Pack these lines of these orders (at most 20 orders). Allots provider, package and tracking."""
    request = {
        "pack_order_list": [
            {
                "order_id": int(parcel.order_id),
                "order_item_list": [int(line) for line in parcel.line_ids],
            }
            for parcel in parcels
        ],
        "delivery_type": "dropship",
        "shipping_allocate_type": "TFS",
    }
    result = result_of(call(shop, "/order/fulfill/pack", {"packReq": dumps(request)}))
    told = {
        text(order, "order_id"): _told(
            text(order, "order_id"), rows(order, "order_item_list"), "order_item_id"
        )
        for order in rows(result, "pack_order_list")
    }
    answered = tuple(told.get(parcel.order_id) or _unanswered(parcel) for parcel in parcels)
    return _seen_again(shop, answered, "order_item_id", _PACKED.__contains__)


def ship(shop: Shop, parcels: Sequence[Parcel]) -> tuple[Told, ...]:
    """Tell Lazada that these packages are ready to ship (at most 20)."""
    told = _about_packages(shop, "/order/package/rts", "readyToShipReq", parcels)
    return _seen_again(shop, told, "package_id", _SHIPPED.__contains__)


def deliver(shop: Shop, parcels: Sequence[Parcel]) -> tuple[Told, ...]:
    """Mark packages that the seller delivers as delivered (at most 20)."""
    told = _about_packages(shop, "/order/package/sof/delivered", "dbsDeliveryReq", parcels)
    return _seen_again(shop, told, "package_id", _DELIVERED.__contains__)


def fail_delivery(shop: Shop, parcels: Sequence[Parcel]) -> tuple[Told, ...]:
    """Tell that packages that the seller delivers come back (at most 20): final, says Lazada."""
    told = _about_packages(
        shop, "/order/package/sof/failed_delivery", "dbsFailedDeliveryReq", parcels
    )
    return _seen_again(shop, told, "package_id", _FAILED.__contains__)


def repack(shop: Shop, parcels: Sequence[Parcel]) -> tuple[Told, ...]:
    """Undo the packing of these packages (at most 20): their items are to be packed again."""
    told = _about_packages(shop, "/order/package/repack", "rePackReq", parcels)
    return tuple(_undone_before(one) if one.left and not one.done else one for one in told)


def _undone_before(told: Told) -> Told:
    """A package that is cancelled already (600002) is not packed any more."""
    if told.code != "600002":
        return told
    return Told(told.order_id, ok=False, already=True, words=told.words, code=told.code)


def result_of(answer: Mapping[str, Any]) -> Row:
    """The ``data`` of a shape-B answer. Raises what its own error stands for."""
    result = answer.get("result")
    if not isinstance(result, Mapping):
        raise Unclear("Lazada answered without a result.")
    if str(result.get("success")).lower() == "false":
        code = text(result, "error_code") or text(result, "errorCode")
        words = text(result, "error_msg") or text(result, "errorMsg") or "refused without a word"
        raise _refusal(code, f"{words} ({code})" if code else words)
    return child(result, "data")


def _refusal(code: str, words: str) -> ChannelError:
    if code in _AGAIN:
        return Unclear(words, code=code)
    if code in ("600001", "700021", "700025"):
        return NotFound(words, code=code)
    return Refused(words, code=code)


def _about_packages(
    shop: Shop, path: str, name: str, parcels: Sequence[Parcel]
) -> tuple[Told, ...]:
    packages = [{"package_id": package} for parcel in parcels for package in parcel.package_ids]
    result = result_of(call(shop, path, {name: dumps({"packages": packages})}))
    of_package = {text(row, "package_id"): row for row in rows(result, "packages")}
    return tuple(
        _told(
            parcel.order_id,
            [of_package[package] for package in parcel.package_ids if package in of_package],
            "package_id",
        )
        if any(package in of_package for package in parcel.package_ids)
        else _unanswered(parcel)
        for parcel in parcels
    )


def _told(order_id: str, answered: Sequence[Row], key: str) -> Told:
    """What the codes of an order's items (or packages) say together."""
    codes = {text(row, key): text(row, "item_err_code") or "0" for row in answered}
    done = tuple(part for part, code in codes.items() if code == "0")
    left = tuple(part for part, code in codes.items() if code != "0")
    if not left:
        return Told(order_id, ok=True, done=done)
    first = next(row for row in answered if text(row, key) == left[0])
    again = {codes[part] for part in left} <= _AGAIN
    return Told(
        order_id,
        ok=False,
        words=f"{text(first, 'msg') or 'refused without a word'} ({codes[left[0]]})",
        code=codes[left[0]],
        again=again or any(text(row, "retry").lower() == "true" for row in answered),
        done=done,
        left=left,
    )


def _unanswered(parcel: Parcel) -> Told:
    raise Unclear(f"Lazada's answer does not mention order {parcel.order_id}.")


def _seen_again(
    shop: Shop, told: tuple[Told, ...], key: str, is_done: Callable[[Stage], bool]
) -> tuple[Told, ...]:
    """The answers, with what the state did not allow read again: perhaps it had been done before.

    Where that cannot be read, it stays a refusal.
    """
    doubtful = [one.order_id for one in told if one.left and one.code in _MAYBE_DONE]
    if not doubtful:
        return told
    try:
        items = items_of(shop, doubtful)
    except ChannelError:
        return told
    return tuple(
        _with_stages(one, _stages(items[one.order_id], key), is_done)
        if one.order_id in doubtful and one.order_id in items
        else one
        for one in told
    )


def _stages(items: Sequence[Any], key: str) -> dict[str, list[Stage]]:
    """Item or package id → where its items stand."""
    found: dict[str, list[Stage]] = {}
    for item in items:
        if isinstance(item, Mapping):
            stage = stage_of(text(item, "status"))
            found.setdefault(text(item, key), []).append(stage)
    return found


def _with_stages(
    told: Told, stages: Mapping[str, list[Stage]], is_done: Callable[[Stage], bool]
) -> Told:
    before = tuple(part for part in told.left if part in stages and all(map(is_done, stages[part])))
    left = tuple(part for part in told.left if part not in before)
    if left:
        return Told(
            told.order_id,
            ok=False,
            words=told.words,
            code=told.code,
            again=told.again,
            done=told.done + before,
            left=left,
        )
    if told.done:
        return Told(told.order_id, ok=True, done=told.done + before)
    return Told(told.order_id, ok=False, already=True, words=told.words, code=told.code)
