"""The pages on which a seller lets an app in, or takes that back: the old signed links, the new ones."""

from __future__ import annotations

import html
from collections.abc import Mapping
from urllib.parse import urlencode, urlsplit

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from crossdock_sandbox.shopee import authorizations
from crossdock_sandbox.shopee.answers import bad
from crossdock_sandbox.shopee.book import ShopeeBook
from crossdock_sandbox.shopee.failures import Failure, bad_request, denied
from crossdock_sandbox.shopee.gateway import PARTNER, Asked, check_caller
from crossdock_sandbox.shopee.tokens import MAIN_ACCOUNT, shop_number

OLD, OLD_CANCEL = "/api/v2/shop/auth_partner", "/api/v2/shop/cancel_auth_partner"
NEW, NEW_CANCEL = "/auth", "/cancel_auth"
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_MAIN = "main"
_DAYS = (365, 180, 90, 30, 7)
_STYLE = (
    "body{font:16px/1.5 system-ui;max-width:30rem;margin:4rem auto;padding:0 1rem}"
    "label{display:block;padding:.4rem 0}button,select{font:inherit;padding:.5rem 1.2rem;margin-top:1rem}"
)


async def page(book: ShopeeBook, request: Request) -> Response:
    """GET shows the page, POST is what the seller decides on it."""
    path, query = request.url.path, request.query_params
    try:
        redirect = _redirect(book, request)
    except Failure as failure:
        return bad(failure)
    cancels = path in (OLD_CANCEL, NEW_CANCEL)
    if request.method != "POST":
        return _html(_form(book, cancels=cancels))
    form = {name: str(value) for name, value in (await request.form()).items()}
    if form.get("decision") != "yes":
        return _html("<p>Nothing was changed, and nothing was sent to the app.</p>")
    shops = _chosen(book, form.get("shop", ""))
    if not shops:
        return _html("<p>Choose a shop.</p>", 400)
    state = query.get("state", "") if path == NEW else ""
    if cancels:
        return _cancelled(book, redirect, shops)
    return _authorized(book, redirect, shops, _days(form), state)


def _redirect(book: ShopeeBook, request: Request) -> str:
    """Where the browser goes back to. Raises Failure for a link that nobody may follow."""
    path, query = request.url.path, request.query_params
    if path in (OLD, OLD_CANCEL):
        values = {name: [value] for name, value in query.items()}
        if request.method == "GET":
            check_caller(book, Asked("GET", path, values, b""), [])
        redirect = query.get("redirect", "")
    else:
        _check_new(path, query)
        redirect = query.get("redirect_uri", "") or query.get("redirect", "")
    if not redirect:
        raise bad_request("There is no redirect in query.")
    host = urlsplit(redirect).hostname
    registered = book.stand.registered.get("shopee", {}).get("redirect_uri")
    allowed = {urlsplit(registered).hostname} if registered else _LOOPBACK
    if host not in allowed:
        raise bad_request(
            "The domain of redirect_uri is not consistent with the Redirect URL Domain declared in console"
        )
    return redirect


def _check_new(path: str, query: Mapping[str, str]) -> None:
    if query.get("partner_id") != PARTNER.key:
        raise denied("error_auth", "partner_id is invalid.")
    if query.get("auth_type", "seller") != "seller":
        raise bad_request("Invalid auth_type.")
    if path == NEW and query.get("response_type") != "code":
        raise bad_request("Invalid response_type.")


def _chosen(book: ShopeeBook, choice: str) -> list[str]:
    names = [shop.shop for shop in book.shops]
    return names if choice == _MAIN else [one for one in names if one == choice]


def _days(form: Mapping[str, str]) -> int:
    days = form.get("days", "")
    return max(1, min(int(days), authorizations.LONGEST)) if days.isdigit() else _DAYS[0]


def _authorized(
    book: ShopeeBook, redirect: str, shops: list[str], days: int, state: str
) -> Response:
    for shop in shops:
        authorizations.authorize(book, shop, days)
    book.on_authorized(shops)
    who = (
        {"main_account_id": MAIN_ACCOUNT} if len(shops) > 1 else {"shop_id": shop_number(shops[0])}
    )
    return _back(redirect, {"code": book.grants.code(*shops), **who, **_echoed(state)})


def _cancelled(book: ShopeeBook, redirect: str, shops: list[str]) -> Response:
    for shop in shops:
        book.grants.revoke(shop)
    who = {} if len(shops) > 1 else {"shop_id": shop_number(shops[0])}
    return _back(redirect, who)


def _echoed(state: str) -> dict[str, str]:
    return {"state": state} if state else {}


def _back(redirect: str, values: Mapping[str, str | int]) -> Response:
    """A redirect keeps the query that it came with."""
    if not values:
        return RedirectResponse(redirect, 302)
    joint = "&" if urlsplit(redirect).query else "?"
    return RedirectResponse(f"{redirect}{joint}{urlencode(values)}", 302)


def _form(book: ShopeeBook, *, cancels: bool) -> str:
    choices = [
        (shop.shop, f"{html.escape(shop.name)} <small>{shop.region}, shop {shop.seller_id}</small>")
        for shop in book.shops
    ]
    choices.append((_MAIN, f"All shops <small>main account {MAIN_ACCOUNT}</small>"))
    radios = "".join(
        f'<label><input type="radio" name="shop" value="{value}" required> {text}</label>'
        for value, text in choices
    )
    options = "".join(f'<option value="{days}">{days} days</option>' for days in _DAYS)
    ask = "An app asks to see and change the orders of your shop."
    ends = "The app will not see your shop any more."
    verb = "Cancel the authorization" if cancels else "Confirm Authorization"
    length = "" if cancels else f'<label>For <select name="days">{options}</select></label>'
    return (
        f'<form method="post"><p>{ends if cancels else ask}</p>'
        f"<fieldset><legend>Your shop</legend>{radios}</fieldset>{length}"
        f'<button name="decision" value="yes">{verb}</button> '
        '<button name="decision" value="no" formnovalidate>Back</button></form>'
    )


def _html(content: str, status: int = 200) -> Response:
    return HTMLResponse(
        '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>Shopee (sandbox): authorize</title><style>{_STYLE}</style>"
        f"<h1>Shopee <small>sandbox</small></h1>{content}</html>",
        status,
    )
