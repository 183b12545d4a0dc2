"""Shopee's gateway: partner, clock, sign, token, limits, in this order."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from starlette.datastructures import FormData

from crossdock_sandbox.shopee.authorizations import is_linked
from crossdock_sandbox.shopee.book import ShopeeBook
from crossdock_sandbox.shopee.failures import Failure, bad_request, denied, wrong
from crossdock_sandbox.shopee.fields import Fields
from crossdock_sandbox.world.shops import APPS, SHOPS, Shop

_TOLERANCE = 300
"""Seconds that a ``timestamp`` may be off; whether one ahead is refused is not known: here as far."""
PARTNER = APPS["shopee"]


@dataclass(frozen=True)
class Road:
    """One documented call."""

    method: str
    path: str
    answer: Callable[[Call], Any]
    """A payload, a ``Told``, a whole response, or something to await for one."""
    public: bool = False
    """Whether it is signed without a shop."""
    bare: bool = False
    """Whether its fields stand beside the envelope's, not in ``response``."""


@dataclass(frozen=True)
class Asked:
    """A request as it came in."""

    method: str
    path: str
    query: dict[str, list[str]]
    body: bytes
    form: FormData | None = None

    def one(self, name: str) -> str:
        """The first value of a query parameter; "" where it is not there."""
        return self.query.get(name, [""])[0]


@dataclass(frozen=True)
class Call:
    """A call that came through the gateway."""

    book: ShopeeBook
    asked: Asked
    given: Fields
    """Its own parameters: of the query, or of the body."""
    shop: Shop | None

    @property
    def seller(self) -> Shop:
        """The shop that it is about."""
        if self.shop is None:
            raise bad_request("There is no shop_id in query.")
        return self.shop

    @property
    def of_shop(self) -> str:
        """The short name of the shop that it is about."""
        return self.seller.shop

    def witness(self, order_sn: str, effect: str, error: str = "") -> None:
        """Note in the ledger what this call did to an order; ``error``: why it was refused."""
        self.book.stand.ledger.record(
            "shopee",
            self.asked.method,
            self.asked.path,
            order_sn,
            effect,
            accepted=not error,
            error=error,
        )


def sign(text: str) -> str:
    """The signature of a base string: the key is taken as the text that the console shows."""
    return hmac.new(PARTNER.secret.encode(), text.encode(), hashlib.sha256).hexdigest()


def admit(book: ShopeeBook, road: Road, asked: Asked) -> Call:
    """Let a call in. Raises Failure with the gateway's own code."""
    check_caller(book, asked, [] if road.public else ["access_token", "shop_id"])
    shop = None if road.public else _shop(book, asked)
    _check_pace(book, shop)
    return Call(book, asked, _own(asked), shop)


def check_caller(book: ShopeeBook, asked: Asked, also: list[str]) -> None:
    """Partner, clock and signature. ``also``: what is signed besides, and must be there."""
    for name in ("partner_id", "timestamp", "sign", *also):
        if not asked.one(name):
            raise bad_request(f"There is no {name} in query.")
    partner = asked.one("partner_id")
    if not partner.isdigit() or int(partner) > 2**32 - 1:
        raise bad_request(
            "Invalid partner_id; partner_id is invalid, should be an integer between 0 and 4294967295."
        )
    if partner != PARTNER.key:
        raise denied("invalid_partner_id", "The partner_id is invalid, please have a check.")
    _check_clock(asked.one("timestamp"))
    base = partner + asked.path + asked.one("timestamp") + "".join(asked.one(one) for one in also)
    # A client of others signs the push calls as if they were a shop's: taken where it says which.
    with_shop = base + asked.one("access_token") + asked.one("shop_id") if not also else base
    given = asked.one("sign").encode()
    if not any(hmac.compare_digest(sign(text).encode(), given) for text in (base, with_shop)):
        book.stand.rejected_signatures += 1
        raise denied("error_sign", "Wrong sign.")


def _check_clock(timestamp: str) -> None:
    if not timestamp.isdigit():
        raise bad_request("Invalid timestamp.")
    if time.time() - int(timestamp) > _TOLERANCE:
        raise bad_request("Timestamp is expired.")
    if int(timestamp) - time.time() > _TOLERANCE:
        raise bad_request("Invalid timestamp.")


def _shop(book: ShopeeBook, asked: Asked) -> Shop:
    """The shop of the call, whose token it carries."""
    shop = next(
        (one for one in SHOPS if one.channel == "shopee" and one.seller_id == asked.one("shop_id")),
        None,
    )
    if shop is None:
        raise denied("error_auth", "Invalid partner_id or shopid.")
    if not is_linked(book, shop.shop):
        raise denied("shop_no_linked", "Partner and shop has no linked.")
    grant = book.grants.by_access.get(asked.one("access_token"))
    if grant is not None and shop.shop not in grant.covers:
        raise denied("error_auth", "Invalid partner_id or shopid.")
    if book.grants.living(asked.one("access_token")) is None:
        raise denied("invalid_acceess_token", "Invalid access_token, please have a check.")
    return shop


def _check_pace(book: ShopeeBook, shop: Shop | None) -> None:
    limits = book.stand.limits
    one_too_many = limits.refuses("shopee", "per_app", "app")
    if shop is not None:
        one_too_many = limits.refuses("shopee", "per_shop", shop.shop) or one_too_many
    if one_too_many:
        book.stand.refused_rate_limit["shopee"] += 1
        raise Failure(
            "error_rate_limit", "Too many requests. You have reached the rate limit.", 429
        )


def _own(asked: Asked) -> Fields:
    if asked.method == "GET":
        return Fields(asked.query)
    if asked.form is not None:
        return Fields({name: [value] for name, value in asked.form.items()})
    if not asked.body.strip():
        return Fields({})
    try:
        body = json.loads(asked.body, parse_float=Decimal)
    except ValueError:
        raise wrong("the body is not JSON") from None
    if not isinstance(body, dict):
        raise wrong("the body should be a JSON object")
    return Fields(body)
