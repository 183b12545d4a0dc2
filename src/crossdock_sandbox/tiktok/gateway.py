"""TikTok Shop's gateway: app key, clock, sign, token, scope, cipher, in this order; the envelope."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from starlette.datastructures import FormData
from starlette.responses import JSONResponse

from crossdock_sandbox.grants import Grant
from crossdock_sandbox.purchase_book import PurchaseBook
from crossdock_sandbox.tiktok.failures import Failure, invalid
from crossdock_sandbox.tiktok.fields import Fields
from crossdock_sandbox.world.shops import APPS, SHOPS, Shop

_OLDEST, _AHEAD = 300, 30
"""Seconds that a ``timestamp`` may be behind and ahead."""


@dataclass(frozen=True)
class Road:
    """One documented call. Placeholders of ``path`` stand in braces; ``{v}`` is the version."""

    method: str
    path: str
    versions: str
    answer: Callable[[Call], dict[str, Any]]
    scope: str = ""
    """What the seller must have allowed; "": nothing in particular."""
    cipher: bool = True
    """Whether a shop must be named; else naming one is refused."""
    multipart: bool = False


@dataclass(frozen=True)
class Asked:
    """A request as it came in."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...]
    """Decoded values."""
    body: bytes
    form: FormData | None
    content_type: str
    token: str

    def one(self, name: str) -> str:
        """The first value of a query parameter; "" where it is not there."""
        return next((value for key, value in self.query if key == name), "")


@dataclass(frozen=True)
class Call:
    """A call that came through the gateway."""

    book: PurchaseBook
    grant: Grant
    shop: Shop | None
    asked: Asked
    version: str
    ids: Mapping[str, str]
    """What stood in the path's placeholders."""
    query: Fields
    body: Fields

    @property
    def of_shop(self) -> str:
        """The short name of the shop whose cipher was sent."""
        return self.seller.shop

    @property
    def seller(self) -> Shop:
        """The shop whose cipher was sent."""
        if self.shop is None:
            raise Failure(106013, "The shop_cipher is missing.", 400)
        return self.shop

    def listed(self, name: str) -> list[str]:
        """A list in the query: one comma-joined value, or the key repeated."""
        values = [value for key, value in self.asked.query if key == name]
        return [part.strip() for value in values for part in value.split(",") if part.strip()]

    def witness(self, order_id: str, effect: str, error: str = "") -> None:
        """Note in the ledger what this call did to an order; ``error``: why it was refused."""
        self.book.stand.ledger.record(
            "tiktok",
            self.asked.method,
            self.asked.path,
            order_id,
            effect,
            accepted=not error,
            error=error,
        )


def sign(path: str, query: Iterable[tuple[str, str]], body: bytes, secret: str) -> str:
    """The signature that the gateway expects. ``body``: the exact bytes, or none for multipart."""
    pairs = sorted((pair for pair in query if pair[0] not in ("sign", "access_token")), key=_name)
    text = path + "".join(f"{key}{value}" for key, value in pairs)
    message = secret.encode() + text.encode() + body + secret.encode()
    return hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()


def _name(pair: tuple[str, str]) -> bytes:
    return pair[0].encode()


def admit(
    book: PurchaseBook, road: Road, version: str, ids: Mapping[str, str], asked: Asked
) -> Call:
    """Let a call in. Raises Failure with the gateway's own code."""
    if asked.one("app_key") != APPS["tiktok"].key:
        raise invalid("The app_key is invalid.")
    _check_clock(asked.one("timestamp"))
    _check_sign(book, road, asked)
    grant = _grant(book, asked.token)
    _check_pace(book, asked, grant)
    if road.scope and grant.scopes is not None and road.scope not in grant.scopes:
        raise Failure(105005, f"Access denied: the scope {road.scope} is not granted.", 403)
    shop = _shop(asked.one("shop_cipher"), grant, road)
    if road.multipart and asked.form is None:
        raise Failure(36009023, "The content-type must be multipart/form-data.", 400)
    return Call(
        book, grant, shop, asked, version, ids, Fields(dict(asked.query)), Fields(_body(asked))
    )


def _check_clock(timestamp: str) -> None:
    if not timestamp.lstrip("-").isdigit():
        raise invalid("The timestamp is invalid.")
    behind = time.time() - int(timestamp)
    if timestamp.startswith("-"):
        raise invalid("The timestamp is negative.")
    if behind > _OLDEST:
        raise invalid("Expired timestamp: older than 5 minutes.")
    if behind < -_AHEAD:
        raise invalid("Invalid timestamp: more than 30 seconds ahead.")


def _check_sign(book: PurchaseBook, road: Road, asked: Asked) -> None:
    given = asked.one("sign")
    if not given:
        raise invalid("The sign is missing.")
    multipart = road.multipart and asked.content_type.startswith("multipart/form-data")
    body = b"" if multipart else asked.body
    expected = sign(asked.path, asked.query, body, APPS["tiktok"].secret)
    if not hmac.compare_digest(expected.encode(), given.encode()):
        book.stand.rejected_signatures += 1
        raise Failure(106001, "Invalid sign: the signature does not match.", 401)


def _grant(book: PurchaseBook, token: str) -> Grant:
    known = book.grants.by_access.get(token)
    if known is None:
        raise Failure(36009004, "The x-tts-access-token is invalid.", 401)
    if book.grants.living(token) is None:
        raise Failure(105002, "Expired credentials: the access token is expired.", 401)
    return known


def _check_pace(book: PurchaseBook, asked: Asked, grant: Grant) -> None:
    cipher = asked.one("shop_cipher")
    who = next((shop.shop for shop in SHOPS if cipher and shop.cipher == cipher), grant.shop)
    limits = book.stand.limits
    if limits.refuses("tiktok", "per_app", "app") or limits.refuses("tiktok", "per_shop", who):
        book.stand.refused_rate_limit["tiktok"] += 1
        raise Failure(36009002, "Too many requests.", 429)


def _shop(cipher: str, grant: Grant, road: Road) -> Shop | None:
    if not road.cipher:
        if cipher:
            raise invalid("The shop_cipher is not required for this API.")
        return None
    if not cipher:
        raise Failure(106013, "The shop_cipher is missing.", 400)
    for shop in SHOPS:
        if shop.channel == "tiktok" and shop.cipher == cipher and shop.shop in grant.covers:
            return shop
    raise Failure(101000, "The access token and the shop_cipher do not belong together.", 403)


def _body(asked: Asked) -> dict[str, Any]:
    """The JSON body; nothing at all counts as ``{}``."""
    if asked.form is not None or asked.method == "GET" or not asked.body:
        return {}
    try:
        body = json.loads(asked.body)
    except ValueError:
        body = None
    if not isinstance(body, dict) or not asked.content_type.startswith("application/json"):
        raise Failure(36009022, "The request body is not a JSON object.", 400)
    return body


def good(data: Mapping[str, Any], message: str = "Success") -> JSONResponse:
    """The envelope of a success."""
    return JSONResponse(
        {"code": 0, "message": message, "request_id": _request_id(), "data": dict(data)}
    )


def bad(failure: Failure) -> JSONResponse:
    """The envelope of an error."""
    envelope = {
        "code": failure.code,
        "message": failure.message,
        "request_id": _request_id(),
        "data": None,
    }
    headers = {"Retry-After": "1"} if failure.status == 429 else {}
    return JSONResponse(envelope, failure.status, headers)


def _request_id() -> str:
    return f"{datetime.now(UTC):%Y%m%d%H%M%S}{secrets.token_hex(10).upper()}"
