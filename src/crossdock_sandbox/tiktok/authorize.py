"""The page on which a seller lets an app in, at both of its addresses."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from urllib.parse import urlencode, urlsplit

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from crossdock_sandbox.purchase_book import PurchaseBook
from crossdock_sandbox.tiktok.tokens import SCOPES
from crossdock_sandbox.world.shops import APPS, TIKTOK_SERVICE_ID

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_ALL = "all"


async def authorize(book: PurchaseBook, request: Request) -> Response:
    """/open/authorize and the older /oauth/authorize

    The redirect is fixed in the app's settings: a ``redirect_uri`` in the query counts only where
    none is registered, and only on loopback.
    """
    query = request.query_params
    refusal = _stranger(request.url.path, query)
    if refusal:
        return _refused(refusal)
    redirect = _redirect(book, query.get("redirect_uri", ""))
    if not redirect:
        return _refused(
            "The app has no redirect URL. Register one: POST /apps on the sandbox's control, with "
            "channel tiktok and redirect_uri."
        )
    if request.method == "POST":
        form = await request.form()
        without = [str(one) for one in form.getlist("without")]
        decision, shop = str(form.get("decision", "")), str(form.get("shop", ""))
        return _decided(book, redirect, query.get("state", ""), decision, shop, without)
    return _page(_form(book))


def _stranger(path: str, query: Mapping[str, str]) -> str:
    """Why the app is not known; "" when it is."""
    if path == "/open/authorize":
        known = query.get("service_id") == TIKTOK_SERVICE_ID
        return "" if known else "This service does not exist."
    return "" if query.get("app_key") == APPS["tiktok"].key else "This app does not exist."


def _redirect(book: PurchaseBook, asked: str) -> str:
    registered = book.stand.registered.get("tiktok", {}).get("redirect_uri")
    if registered:
        return registered
    return asked if urlsplit(asked).hostname in _LOOPBACK else ""


def _decided(
    book: PurchaseBook,
    redirect: str,
    state: str,
    decision: str,
    shop: str,
    without: Sequence[str],
) -> Response:
    if decision != "yes":
        return _page("<p>You did not authorize the app. Nothing was sent to it.</p>")
    names = [one.shop for one in book.shops]
    chosen = names if shop == _ALL else [one for one in names if one == shop]
    if not chosen:
        return _refused(f"Choose a shop: one of {', '.join(names)}, or {_ALL}.")
    scopes = [scope for scope in SCOPES if scope not in without] if without else None
    region = next(one.region for one in book.shops if one.shop == chosen[0])
    answer = {
        "app_key": APPS["tiktok"].key,
        "code": book.grants.code(*chosen, scopes=scopes),
        "locale": "en",
        "shop_region": region,
        **({"state": state} if state else {}),
    }
    joint = "&" if urlsplit(redirect).query else "?"
    return RedirectResponse(f"{redirect}{joint}{urlencode(answer)}", 302)


def _form(book: PurchaseBook) -> str:
    choices = [
        (shop.shop, f"{html.escape(shop.name)} <small>{shop.region}, shop {shop.seller_id}</small>")
        for shop in book.shops
    ]
    choices.append((_ALL, "All shops <small>one seller in several countries</small>"))
    radios = "".join(
        f'<label><input type="radio" name="shop" value="{value}" required> {text}</label>'
        for value, text in choices
    )
    withheld = "".join(
        f'<label><input type="checkbox" name="without" value="{scope}"> {scope}</label>'
        for scope in SCOPES
    )
    return (
        '<form method="post"><p>An app asks to see and change the orders of your shop.</p>'
        f"<fieldset><legend>Your shop</legend>{radios}</fieldset>"
        f"<details><summary>Permissions that you do not give</summary>{withheld}</details>"
        '<button name="decision" value="yes">Authorize</button> '
        '<button name="decision" value="no" formnovalidate>Cancel</button></form>'
    )


def _refused(text: str) -> Response:
    return _page(f"<p>{html.escape(text)}</p>", 400)


def _page(content: str, status: int = 200) -> Response:
    return HTMLResponse(
        '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        "<title>TikTok Shop (sandbox): authorize</title><style>body{font:16px/1.5 system-ui;max-width:30rem;"
        "margin:4rem auto;padding:0 1rem}label{display:block;padding:.4rem 0}details{margin-top:1rem}"
        "button{font:inherit;padding:.5rem 1.2rem;margin-top:1rem}</style>"
        f"<h1>TikTok Shop <small>sandbox</small></h1>{content}</html>",
        status,
    )
