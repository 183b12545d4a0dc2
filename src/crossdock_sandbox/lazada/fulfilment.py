"""The calls that move packages: pack, ready to ship, repack, delivered by the seller."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from crossdock_sandbox.lazada.gateway import Call, Failure
from crossdock_sandbox.stand import now
from crossdock_sandbox.world.making import PROVIDERS, put_in_package
from crossdock_sandbox.world.orders import Item, Order, Package

MOST = 20
WITH_SELLER = ("ready_to_ship_pending", "ready_to_ship", "shipped")
"""Statuses in which the seller's own parcels are on their way."""

_FOR_SELLER = "Seller own fleet"

Outcome = tuple[str, str]
"""(code, message); code "0" is success."""
OK: Outcome = ("0", "success")


def pack(call: Call) -> dict[str, Any]:
    """/order/fulfill/pack: items that may be packed get packages, one per warehouse"""
    request = call.structure("packReq")
    wanted = rows_of(request, "pack_order_list")
    if request.get("delivery_type") != "dropship":
        return failed("700004", "PARAM_ILLEGAL: delivery_type must be dropship")
    if request.get("shipping_allocate_type") not in ("TFS", "NTFS"):
        return failed("700004", "PARAM_ILLEGAL: shipping_allocate_type must be TFS or NTFS")
    if len(wanted) > MOST:
        return failed("700022", "The batch is too big")
    return done({"pack_order_list": [_pack_order(call, one) for one in wanted]})


def _pack_order(call: Call, wanted: dict[str, Any]) -> dict[str, Any]:
    order_id = str(wanted.get("order_id", ""))
    ids = [int(one) for one in wanted.get("order_item_list", []) if str(one).isdigit()]
    order = call.book.order(call.of_shop, order_id)
    if order is None:
        call.witness(order_id, "pack", accepted=False, error="700021")
        rows = [_item_row(one, None, ("700021", "Order not found")) for one in ids]
        return {"order_id": int(order_id or 0), "order_item_list": rows}
    again = call.book.stand.takes_duplicates("lazada")
    items = [item for item in order.items if item.item_id in ids]
    outcomes = {item.item_id: may_pack(order, item, again=again) for item in items}
    good = [item for item in items if outcomes[item.item_id] == OK]
    error = next((code for code, _ in outcomes.values() if code != "0"), "" if items else "700025")
    call.witness(order_id, "pack", accepted=bool(good), error="" if good else error)
    if good:
        put_together(call, order, good)
    by_id = {item.item_id: item for item in items}
    return {
        "order_id": int(order_id),
        "order_item_list": [
            _item_row(one, by_id.get(one), outcomes.get(one, ("700025", "Item not found")))
            for one in ids
        ],
    }


def may_pack(order: Order, item: Item, *, again: bool) -> Outcome:
    """Whether an item may be packed; ``again``: even if it was."""
    if order.is_asked(item):
        return "700026", "The item waits for an answer to a cancellation request"
    if item.status in ("pending", "repacked") or (
        again and item.status in ("packed", "ready_to_ship_pending")
    ):
        return OK
    return "700026", f"Item status {item.status} is not allowed to pack"


def put_together(call: Call, order: Order, items: list[Item]) -> None:
    """Pack items: a package for each warehouse."""
    for warehouse in sorted({item.warehouse for item in items}):
        _new_package(call, order, [item for item in items if item.warehouse == warehouse])
    order.move(items, "packed", now())
    call.book.save(order)


def _new_package(call: Call, order: Order, items: list[Item]) -> None:
    stand = call.book.stand
    for package in {item.package_id for item in items if item.package_id}:
        order.packages[package].void = True
    provider = _FOR_SELLER if items[0].sof else stand.chance.choice(PROVIDERS)
    put_in_package(order, items, call.book.numbers, provider, label_at=stand.later("lazada"))


def _item_row(item_id: int, item: Item | None, outcome: Outcome) -> dict[str, Any]:
    code, message = outcome
    row: dict[str, Any] = {
        "order_item_id": item_id,
        "msg": message,
        "item_err_code": code,
        "tracking_number": None,
        "shipment_provider": None,
        "package_id": None,
        "retry": False,
    }
    if code == "0" and item:
        row |= {
            "tracking_number": item.tracking,
            "shipment_provider": item.provider,
            "package_id": item.package_id,
        }
    return row


def ready_to_ship(call: Call) -> dict[str, Any]:
    """/order/package/rts"""

    def move(order: Order, package: Package, items: list[Item]) -> Outcome:
        del package
        again = call.book.stand.takes_duplicates("lazada")
        here = {item.status for item in items}
        late = {"ready_to_ship_pending", "ready_to_ship"}
        asked = any(order.is_asked(item) or item.cancel_pending for item in items)
        if asked or not (here == {"packed"} or (again and here and here <= late)):
            return (
                "700000",
                f"Package status {','.join(sorted(here)) or 'cancelled'} does not allow it",
            )
        if here == {"packed"}:
            call_courier(call, order, items)
        return OK

    return _each_package(call, "readyToShipReq", "ship", move)


def call_courier(call: Call, order: Order, items: list[Item]) -> None:
    """Items are ready; their couriers answer a little later."""
    order.move(items, "ready_to_ship_pending", now())
    for package_id in {item.package_id for item in items}:
        order.packages[package_id].ready_at = call.book.stand.later("lazada")
    call.book.save(order)


def repack(call: Call) -> dict[str, Any]:
    """/order/package/repack: the package dies, its items are to be packed again"""

    def move(order: Order, package: Package, items: list[Item]) -> Outcome:
        if {item.status for item in items} != {"packed"}:
            return "700000", "Package status does not allow it"
        undo(order, package, items)
        return OK

    return _each_package(call, "rePackReq", "repack", move)


def undo(order: Order, package: Package, items: list[Item]) -> None:
    """A package dies; its items are to be packed again."""
    package.void = True
    for item in items:
        item.package_id = item.tracking = item.provider = ""
    order.move(items, "repacked", now())


def delivered(call: Call) -> dict[str, Any]:
    """/order/package/sof/delivered"""
    return _each_package(call, "dbsDeliveryReq", "deliver", _by_seller("delivered"))


def failed_delivery(call: Call) -> dict[str, Any]:
    """/order/package/sof/failed_delivery"""
    return _each_package(call, "dbsFailedDeliveryReq", "deliver", _by_seller("failed_delivery"))


def collected(call: Call) -> dict[str, Any]:
    """/order/package/sof/collect: the seller's own parcel went out"""
    return _each_package(call, "dbsCollectReq", "ship", _by_seller("shipped"))


def update_status(call: Call) -> dict[str, Any]:
    """/order/package/sof/status/update: the seller's own courier tells where a parcel is"""
    package_id, tracking = call.text("tag"), call.text("trackingNumber")
    call.text("source")
    order = call.book.holder(call.of_shop, package_id)
    try:
        known = isinstance(json.loads(call.text("trackInfo")), dict | list)
    except ValueError:
        known = False
    items = order.of_package(order.packages[package_id]) if order else []
    good = known and bool(items) and all(item.sof for item in items)
    call.witness(
        order.order_id if order else "", "ship", accepted=good, error="" if good else "700009"
    )
    if order is None or not good:
        error = {"displayMessage": "This parcel is not delivered by the seller"}
        return {"success": False, "module": {"result": False}, "errorCode": error}
    order.packages[package_id].tracking = tracking
    for item in items:
        item.tracking = tracking
    order.touch(now())
    call.book.save(order)
    return {"success": True, "module": {"result": True}, "errorCode": None}


def set_invoice_number(call: Call) -> dict[str, Any]:
    """/order/invoice_number/set"""
    item_id, number = call.text("order_item_id"), call.text("invoice_number")
    found = call.book.of_item(call.of_shop, item_id)
    if found is None:
        raise Failure("20", f'E020: "{item_id}" Invalid Order Item ID(s)')
    order, item = found
    if not item.package_id:
        raise Failure("34", "E034: Order Item must be packed")
    item.invoice_number = number
    order.touch(now())
    call.book.save(order)
    return {"data": {"order_item_id": item.item_id, "invoice_number": number}}


def _by_seller(status: str) -> Callable[[Order, Package, list[Item]], Outcome]:
    def move(order: Order, package: Package, items: list[Item]) -> Outcome:
        del package
        if not all(item.sof for item in items):
            return "700009", "Not delivered by the seller"
        if not all(item.status in WITH_SELLER for item in items):
            return "700000", "Package status does not allow it"
        order.move(items, status, now())
        return OK

    return move


def _each_package(
    call: Call, name: str, effect: str, move: Callable[[Order, Package, list[Item]], Outcome]
) -> dict[str, Any]:
    packages = [str(one.get("package_id", "")) for one in rows_of(call.structure(name), "packages")]
    if len(packages) > MOST:
        return failed("700022", "The batch is too big")
    rows = [_one_package(call, one, move) for one in packages]
    _witness(call, effect, rows)
    return done({"packages": rows})


def _one_package(
    call: Call, package_id: str, move: Callable[[Order, Package, list[Item]], Outcome]
) -> dict[str, Any]:
    order = call.book.holder(call.of_shop, package_id)
    if order is None:
        code, message = "600001", "Package not found"
    elif order.packages[package_id].void:
        code, message = "600002", "Package already cancelled"
    else:
        package = order.packages[package_id]
        code, message = move(order, package, order.of_package(package))
    if order and code == "0":
        call.book.save(order)
    return {"package_id": package_id, "msg": message, "item_err_code": code, "retry": False}


def _witness(call: Call, effect: str, rows: list[dict[str, Any]]) -> None:
    """A row an order, however many of its packages the call is about."""
    codes: dict[str, list[str]] = {}
    for row in rows:
        order = call.book.holder(call.of_shop, row["package_id"])
        codes.setdefault(order.order_id if order else "", []).append(row["item_err_code"])
    for order_id, of_order in codes.items():
        accepted = "0" in of_order
        call.witness(order_id, effect, accepted=accepted, error="" if accepted else of_order[0])


def digital(call: Call) -> dict[str, Any]:
    """/order/digital/delivered: nothing here is digital"""
    rows = []
    for one in rows_of(call.structure("digitalDeliveryReq"), "orders"):
        call.witness(str(one.get("order_id", "")), "deliver", accepted=False, error="700020")
        items = [{"order_item_id": item, "msg": "Item not digital", "item_err_code": "700020", "retry": False}
                 for item in one.get("order_item_list", [])]  # fmt: skip
        rows.append({"order_id": one.get("order_id"), "order_item_list": items})
    return done({"orders": rows})


def rows_of(request: Any, name: str) -> list[dict[str, Any]]:
    """The objects in a list of a request."""
    rows = request.get(name) if isinstance(request, dict) else None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise Failure("5", "E005: Invalid Request Format")
    return rows


def done(data: dict[str, Any]) -> dict[str, Any]:
    """A success around this data."""
    return {"result": {"success": True, "data": data, "error_code": None, "error_msg": None}}


def failed(code: str, message: str) -> dict[str, Any]:
    """A refusal of the whole call."""
    return {"result": {"success": False, "data": None, "error_code": code, "error_msg": message}}
