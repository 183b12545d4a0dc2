"""Tokens for codes, and new tokens for old: unsigned GET calls with everything in the query."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Mapping
from typing import Any

from crossdock_sandbox.grants import Grant
from crossdock_sandbox.purchase_book import PurchaseBook
from crossdock_sandbox.tiktok.failures import Failure, invalid
from crossdock_sandbox.world.shops import APPS, shop_named

SCOPES = (
    "seller.authorization.info", "seller.shop.info", "seller.order.info", "seller.fulfillment.basic",
    "seller.fulfillment.package.write", "seller.delivery.status.write", "seller.logistics",
    "seller.return_refund.basic", "seller.finance.info", "seller.product.basic", "seller.product.write",
)  # fmt: skip
"""Everything that the app asks for."""

Exchange = Callable[[PurchaseBook, Mapping[str, str]], dict[str, Any]]


def get(book: PurchaseBook, query: Mapping[str, str]) -> dict[str, Any]:
    """/api/v2/token/get: tokens for a code of the authorize page"""
    _check_app(query, "authorized_code")
    code = book.grants.redeem(query.get("auth_code", ""))
    if code is None:
        raise Failure(36004004, "The auth_code is invalid, used or expired.")
    several = list(code.shops) if len(code.shops) > 1 else None
    return _told(book.grants.grant(code.shops[0], shops=several, scopes=code.scopes))


def refresh(book: PurchaseBook, query: Mapping[str, str]) -> dict[str, Any]:
    """/api/v2/token/refresh: a new pair; the authorization ends when it would have ended

    Whether the refresh token changes is not known: it does here, and the old one lives on, so that
    a client that loses an answer can ask again.
    """
    _check_app(query, "refresh_token")
    old = book.grants.of_refresh(query.get("refresh_token", ""))
    if old is None:
        raise _refused(book, Failure(36004005, "No such authorization."))
    if old.refresh_ends <= time.time():
        raise _refused(book, Failure(36004001, "The refresh token is expired."))
    _witness(book)
    fresh = book.grants.grant(old.shop, old.refresh_ends, shops=old.shops, scopes=old.scopes)
    return _told(fresh)


def _refused(book: PurchaseBook, failure: Failure) -> Failure:
    _witness(book, str(failure.code))
    return failure


def _witness(book: PurchaseBook, error: str = "") -> None:
    book.stand.ledger.record(
        "tiktok",
        "GET",
        "/api/v2/token/refresh",
        "",
        "refresh",
        accepted=not error,
        error=error,
    )


def _check_app(query: Mapping[str, str], grant_type: str) -> None:
    if query.get("app_key") != APPS["tiktok"].key:
        raise invalid("The app_key is invalid.")
    if query.get("app_secret") != APPS["tiktok"].secret:
        raise invalid("The app_secret is invalid.")
    if query.get("grant_type") != grant_type:
        raise invalid(f"The grant_type must be {grant_type}.")


def _told(grant: Grant) -> dict[str, Any]:
    shop = shop_named("tiktok", grant.shop)
    return {
        "access_token": grant.access,
        "access_token_expire_in": int(grant.access_ends),
        "refresh_token": grant.refresh,
        "refresh_token_expire_in": int(grant.refresh_ends),
        "open_id": _open_id(grant),
        "seller_name": shop.name,
        "seller_base_region": shop.region,
        "user_type": 0,
        "granted_scopes": list(SCOPES if grant.scopes is None else grant.scopes),
    }


def _open_id(grant: Grant) -> str:
    """The authorizing seller: one for each set of shops."""
    return hashlib.sha256(",".join(sorted(grant.covers)).encode()).hexdigest()[:32]
