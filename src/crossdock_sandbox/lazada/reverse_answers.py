"""What a seller answers to returns: agree, refuse, pay, dispute."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from crossdock_sandbox.lazada.gateway import Call, Failure
from crossdock_sandbox.lazada.reverse_reading import REFUSALS
from crossdock_sandbox.lazada.reverse_shapes import answered
from crossdock_sandbox.stand import now
from crossdock_sandbox.world import returning
from crossdock_sandbox.world import reversals as words
from crossdock_sandbox.world.orders import Order
from crossdock_sandbox.world.reversals import ONLY_REFUND, RETURN, Reverse, ReverseLine

_REFUSING = frozenset({"refuseReturn", "refuseRefund", "startDispute"})


def update(call: Call) -> dict[str, Any]:
    """/order/reverse/return/update"""
    action = call.text("action")
    effect = "reject_return" if action in _REFUSING else "accept_return"
    known = call.book.reverse(call.of_shop, call.text("reverse_order_id"))
    try:
        if action not in _ALLOWED:
            raise Failure("107", "E0107: invalid action")
        order, reverse, lines = _chosen(call, known)
        pictures = _check_refusal(call, action, lines)
        _check_state(reverse, RETURN, lines, _ALLOWED[action])
    except Failure as failure:
        _witness(call, known, effect, failure)
        raise
    _witness(call, known, effect, None)
    for line in lines:
        _DEEDS[action](line, now(), call.book.stand.later("lazada"), pictures)
    order.touch(now())
    call.book.save(order)
    return {"data": answered(order, reverse, lines)}


def decide_refund(call: Call) -> dict[str, Any]:
    """/order/reverse/onlyrefund/seller/decide: one line a call"""
    action = call.text("action")
    effect = "reject_return" if action in _REFUSING else "accept_return"
    known = call.book.reverse(call.of_shop, call.text("reverse_order_id"))
    try:
        if action not in ("agreeRefund", "startDispute"):
            raise Failure("107", "E0107: invalid action")
        order, reverse, lines = _chosen(call, known)
        if len(lines) != 1:
            raise Failure("133", "E0133: do not support batch operation")
        pictures = _check_dispute(call) if action == "startDispute" else []
        _check_state(reverse, ONLY_REFUND, lines, lambda line: line.status == words.INITIATED)
    except Failure as failure:
        _witness(call, known, effect, failure)
        raise
    _witness(call, known, effect, None)
    if action == "agreeRefund":
        returning.pay_back(lines[0], now(), "SELLER", call.book.stand.later("lazada"))
    else:
        returning.start_dispute(lines[0], now(), pictures)
    order.touch(now())
    call.book.save(order)
    return {"data": None}


def _chosen(
    call: Call, known: tuple[Order, Reverse] | None
) -> tuple[Order, Reverse, list[ReverseLine]]:
    """The request and its lines that are meant."""
    ids = call.structure("reverse_order_item_ids")
    if not call.text("reverse_order_id").isdigit():
        raise Failure("125", "E0125: invalid reverse id")
    if known is None:
        raise Failure("112", "E0112: no reverse order found")
    if not isinstance(ids, list) or not ids:
        raise Failure("100", "E0100: reverse order list is empty")
    order, reverse = known
    lines = [reverse.line(int(one)) if str(one).isdigit() else None for one in ids]
    found = [line for line in lines if line is not None]
    if len(found) == len(ids):
        return order, reverse, found
    strangers = [one for one, line in zip(ids, lines, strict=True) if line is None]
    if any(_of_another_seller(call, str(one)) for one in strangers):
        raise Failure("127", "E0127: invalid seller id for this reverse order line")
    raise Failure("126", "E0126: invalid reverse order lines")


def _of_another_seller(call: Call, line_id: str) -> bool:
    key = call.book.reverse_lines.get(int(line_id)) if line_id.isdigit() else None
    return key is not None and key[0] != call.of_shop


def _check_refusal(call: Call, action: str, lines: list[ReverseLine]) -> list[str]:
    """What a refusal needs; its pictures."""
    if action not in _REFUSING:
        return []
    if len(lines) > 1:
        raise Failure(
            "111",
            "E0111: do not support massive reverse order line operation if you want to refuse return or refund",
        )
    reason = call.values.get("reason_id", "")
    if not reason:
        raise Failure("108", "E0108: reason can't be empty if you want to refuse return or refund")
    if not reason.isdigit() or int(reason) not in REFUSALS:
        raise Failure("104", "E0104: reason is empty or invalid")
    if not call.values.get("comment", "").strip():
        raise Failure("109", "E0109: comment can't be empty if you want to refuse return or refund")
    pictures = _pictures(call, "image_info", "url")
    if action == "refuseRefund" and not pictures:
        raise Failure("110", "E0110: image can't be empty if you want to refuse refund")
    return pictures


def _check_dispute(call: Call) -> list[str]:
    if not call.values.get("comment", "").strip():
        raise Failure("109", "E0109: comment can't be empty if startDispute")
    pictures = _pictures(call, "image_info_list", "file_url")
    if not pictures:
        raise Failure("110", "E0110: image can't be empty if startDispute")
    return pictures


def _pictures(call: Call, name: str, key: str) -> list[str]:
    """The addresses of pictures, which must be addresses."""
    text = call.values.get(name, "")
    try:
        rows = json.loads(text) if text else []
    except ValueError:
        rows = None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise Failure("5", "E005: Invalid Request Format")
    found = [str(row.get(key, "")) for row in rows]
    if not all(one.startswith(("http://", "https://")) for one in found):
        raise Failure("5", "E005: Invalid Request Format")
    return found


def _check_state(
    reverse: Reverse, kind: str, lines: list[ReverseLine], allowed: Callable[[ReverseLine], bool]
) -> None:
    if reverse.kind != kind or not reverse.is_rtm or not all(map(allowed, lines)):
        raise Failure("114", "E0114: this reverse does not support this action")


def _witness(
    call: Call, known: tuple[Order, Reverse] | None, effect: str, failure: Failure | None
) -> None:
    order_id = known[0].order_id if known else ""
    call.witness(order_id, effect, accepted=failure is None, error=failure.code if failure else "")


def _asked(line: ReverseLine) -> bool:
    return line.status == words.INITIATED


def _looked_at(line: ReverseLine) -> bool:
    """Whether the seller has confirmed that the goods are there, and looks at them."""
    return line.status == words.INSPECTING


_ALLOWED: Mapping[str, Callable[[ReverseLine], bool]] = {
    "agreeReturn": _asked,
    "instantRefund": _asked,
    "refuseReturn": _asked,
    "confirmDelivery": lambda line: line.status == words.SENT_BACK,
    "agreeRefund": _looked_at,
    "refuseRefund": _looked_at,
}
"""Action → in which state of a line it is possible. How strictly the real one asks for
confirmDelivery before a decision is not documented: here it always comes first."""

_Deed = Callable[[ReverseLine, datetime, float, list[str]], None]
_DEEDS: Mapping[str, _Deed] = {
    "agreeReturn": lambda line, at, _done, _seen: returning.agree_to_return(line, at, "SELLER"),
    "instantRefund": lambda line, at, done, _seen: returning.pay_back(line, at, "SELLER", done),
    "refuseReturn": lambda line, at, _done, seen: line.move(
        words.REFUSED, at, "SELLER", pictures=seen
    ),
    "confirmDelivery": lambda line, at, _done, _seen: returning.confirm_delivery(line, at),
    "agreeRefund": lambda line, at, done, _seen: returning.pay_back(line, at, "SELLER", done),
    "refuseRefund": lambda line, at, _done, seen: line.move(
        words.NOT_PAID, at, "SELLER", pictures=seen
    ),
}
