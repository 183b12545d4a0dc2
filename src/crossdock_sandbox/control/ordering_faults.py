"""Faults as they are ordered: what each kind takes, and what is wrong with an order."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from typing import Any

from crossdock_sandbox.control.books import ChannelBook
from crossdock_sandbox.control.given import Bad, file, number, one_of, only, text
from crossdock_sandbox.faults import KINDS, Answer, Fault, OrderedLabel, Refusal
from crossdock_sandbox.stand import CHANNELS, SYSTEMS
from crossdock_sandbox.world.shops import shop_named

_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
_ALWAYS = ("system", "kind", "times")
_ANSWER = ("path", "method", "order", "status", "headers", "body", "body_base64")
_LABEL = ("order", "shop", "package", "file_base64", "seconds")
_REFUSE = ("path", "shop", "status", "code", "message")
_TOLD_BY_THE_BODY = ("content-length", "transfer-encoding")
_MOST = 10**6

Body = Mapping[str, Any]
Books = Mapping[str, ChannelBook]


def ordered_fault(body: Body, books: Books) -> Fault:
    """The fault that a request orders. Raises Bad."""
    system, kind = one_of(body, "system", SYSTEMS), one_of(body, "kind", KINDS)
    if kind in _OF_ITS_OWN:
        return _OF_ITS_OWN[kind](system, body, books)
    probability = body.get("probability")
    if probability is not None and not (
        isinstance(probability, int | float) and 0 < probability <= 1
    ):
        raise Bad("probability must be above 0 and at most 1")
    once = "times" in body or probability is None
    return Fault(
        system=system,
        kind=kind,
        path=_path(body),
        times=number(body, "times", 1, 1, _MOST) if once else None,
        probability=probability,
        delay_ms=float(number(body, "delay_ms", 1000, 0, 600_000)),
    )


def _answer(system: str, body: Body, _: Books) -> Fault:
    """That answer as it is given, instead of the real one."""
    only(body, (*_ALWAYS, *_ANSWER), "answer")
    content, kind = _content(body)
    headers = _headers(body)
    if content and not any(name.lower() == "content-type" for name, _ in headers):
        headers = (("content-type", kind), *headers)
    status = number(body, "status", 200, 200, 599)
    return Fault(
        system=system,
        kind="answer",
        path=_path(body),
        times=_times(body),
        method=one_of(body, "method", _METHODS) if "method" in body else "",
        order=text(body, "order", ""),
        answer=Answer(status, headers, content),
    )


def _content(body: Body) -> tuple[bytes, str]:
    """(body, its media type): a text as it is, anything else as JSON, or a file."""
    if "body" in body and "body_base64" in body:
        raise Bad("give body or body_base64, not both")
    if "body_base64" in body:
        content = file(body, "body_base64")
        return content, media_type(content)
    if "body" not in body:
        return b"", ""
    given = body["body"]
    if not isinstance(given, str):
        return json.dumps(given, ensure_ascii=False).encode(), "application/json"
    return given.encode(), media_type(given.encode())


def media_type(content: bytes) -> str:
    """What a body seems to be."""
    start = content.lstrip()[:5]
    if start.startswith(b"%PDF"):
        return "application/pdf"
    if start.startswith((b"{", b"[")):
        return "application/json"
    if start.startswith(b"<"):
        return "text/html; charset=utf-8"
    return "application/zip" if start.startswith(b"PK\x03\x04") else "application/octet-stream"


def _headers(body: Body) -> tuple[tuple[str, str], ...]:
    given = body.get("headers", {})
    if not isinstance(given, dict) or not all(isinstance(one, str | int) for one in given.values()):
        raise Bad('headers must be an object of texts, such as {"Retry-After": "30"}')
    for name, value in given.items():
        if name.lower() in _TOLD_BY_THE_BODY:
            raise Bad(f"headers must not hold {name}: the body tells it")
        if not name.isascii() or not f"{name}{value}".isprintable():
            raise Bad(f"headers must be printable ASCII: {name}")
    return tuple((name, str(value)) for name, value in given.items())


def _label(system: str, body: Body, books: Books) -> Fault:
    """That file is the label, or it is still being made."""
    only(body, (*_ALWAYS, *_LABEL), "label")
    if system not in CHANNELS:
        raise Bad(f"label: system must be one of {', '.join(CHANNELS)}")
    if ("file_base64" in body) == ("seconds" in body):
        raise Bad("give file_base64 (what the label is) or seconds (how long it is being made)")
    order, shop, package = text(body, "order"), _shop(system, body), text(body, "package", "")
    _check_order(books[system], order, shop, package)
    if "seconds" in body:
        label = OrderedLabel(None, time.time() + number(body, "seconds", 0, 1, 7 * 86400))
    else:
        label = OrderedLabel(file(body, "file_base64"))
    return Fault(
        system=system,
        kind="label",
        times=_times(body),
        order=order,
        shop=shop,
        package=package,
        label=label,
    )


def _check_order(book: ChannelBook, order: str, shop: str, package: str) -> None:
    found = [told for _, told in book.told(shop) if told["order_id"] == order]
    if not found:
        raise Bad(f"{shop or book.channel} has no order {order}", 404)
    known = [one["package_id"] for told in found for one in told["packages"]]
    if package and package not in known:
        raise Bad(f"package must be one of order {order}: {', '.join(known) or 'it has none yet'}")


def _refuse(system: str, body: Body, _: Books) -> Fault:
    """The platform's own envelope with this refusal."""
    only(body, (*_ALWAYS, *_REFUSE), "refuse")
    code, message = text(body, "code"), text(body, "message")
    if system == "tiktok" and not code.lstrip("-").isdigit():
        raise Bad("code must be a number: TikTok Shop's codes are")
    status = number(body, "status", 200, 200, 599) if "status" in body else None
    return Fault(
        system=system,
        kind="refuse",
        path=_path(body),
        times=_times(body),
        shop=_shop(system, body),
        refusal=Refusal(code, message, status),
    )


def _times(body: Body) -> int | None:
    """How often it strikes; None: until the faults are lifted."""
    return None if body.get("times") is None else number(body, "times", 1, 1, _MOST)


def _path(body: Body) -> str:
    return text(body, "path", "").removeprefix("/rest")


def _shop(system: str, body: Body) -> str:
    shop = text(body, "shop", "")
    if not shop:
        return ""
    if system not in CHANNELS:
        raise Bad(f"shop: {system} has no shops; system must be one of {', '.join(CHANNELS)}")
    try:
        return shop_named(system, shop).shop
    except LookupError as error:
        raise Bad(str(error)) from None


_OF_ITS_OWN: Mapping[str, Callable[[str, Body, Books], Fault]] = {
    "answer": _answer,
    "label": _label,
    "refuse": _refuse,
}
