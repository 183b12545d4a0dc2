"""Splitting of orders: refused, as this shop has no permission for it."""

from __future__ import annotations

from crossdock_sandbox.shopee.failures import Failure
from crossdock_sandbox.shopee.gateway import Call
from crossdock_sandbox.shopee.orders import find


def split(call: Call) -> None:
    """/api/v2/order/split_order"""
    _refuse(call, "split", Failure("order.order_cannot_split", "The order can not be split."))


def unsplit(call: Call) -> None:
    """/api/v2/order/unsplit_order"""
    _refuse(
        call,
        "unsplit",
        Failure("order.order_cannot_undo_split", "The order is not split."),
    )


def _refuse(call: Call, effect: str, refusal: Failure) -> None:
    order_sn = call.given.text("order_sn")
    try:
        find(call, order_sn)
        if effect == "split":
            call.given.objects("package_list", 5)
        raise refusal
    except Failure as failure:
        call.witness(order_sn, effect, failure.error)
        raise
