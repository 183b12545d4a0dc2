"""The face: every path with its method, the authorise page, the label host."""

from __future__ import annotations

import html
import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode, urlsplit

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from crossdock_sandbox.effects import witness_refusal
from crossdock_sandbox.lazada import (
    cancelling,
    catalogue,
    documents,
    finance,
    fulfilment,
    legacy,
    reading,
    reverse_answers,
    reverse_reading,
    tokens,
    uploads,
)
from crossdock_sandbox.lazada.book import Book
from crossdock_sandbox.lazada.gateway import Call, Failure, admit, bad, good, parameters
from crossdock_sandbox.naming import named_by
from crossdock_sandbox.world.product_picture import picture
from crossdock_sandbox.world.shops import APPS

Answer = Callable[[Call], dict[str, Any]]
_CALLS: Mapping[str, tuple[str, Answer]] = {
    "/seller/get": ("GET", reading.seller),
    "/rc/warehouse/get": ("GET", reading.warehouses),
    "/orders/get": ("GET", reading.orders),
    "/order/get": ("GET", reading.order),
    "/order/items/get": ("GET", reading.items),
    "/orders/items/get": ("GET", reading.many_items),
    "/order/shipment/providers/get": ("GET POST", reading.providers),
    "/logistic/order/trace": ("GET POST", reading.trace),
    "/order/fulfill/pack": ("POST", fulfilment.pack),
    "/order/package/rts": ("POST", fulfilment.ready_to_ship),
    "/order/package/repack": ("GET POST", fulfilment.repack),
    "/order/package/sof/delivered": ("POST", fulfilment.delivered),
    "/order/package/sof/failed_delivery": ("POST", fulfilment.failed_delivery),
    "/order/package/sof/collect": ("POST", fulfilment.collected),
    "/order/package/sof/status/update": ("POST", fulfilment.update_status),
    "/order/digital/delivered": ("POST", fulfilment.digital),
    "/order/invoice_number/set": ("POST", fulfilment.set_invoice_number),
    "/order/package/document/get": ("GET POST", documents.document),
    "/order/reverse/cancel/validate": ("GET", cancelling.validate),
    "/order/reverse/cancel/create": ("GET", cancelling.create),
    "/order/reverse/cancel/seller/decide": ("GET", cancelling.decide),
    "/reverse/getreverseordersforseller": ("GET POST", reverse_reading.reverse_orders),
    "/order/reverse/return/detail/list": ("GET", reverse_reading.detail),
    "/order/reverse/return/history/list": ("GET", reverse_reading.history_list),
    "/order/reverse/reason/list": ("GET", reverse_reading.reason_list),
    "/order/reverse/return/update": ("GET", reverse_answers.update),
    "/order/reverse/onlyrefund/seller/decide": ("GET", reverse_answers.decide_refund),
    "/image/upload": ("POST", uploads.upload),
    "/finance/transaction/details/get": ("GET", finance.transactions),
    "/finance/payout/status/get": ("GET", finance.payouts),
    "/products/get": ("GET", catalogue.products),
    "/auth/token/create": ("GET POST", tokens.create),
    "/auth/token/refresh": ("GET POST", tokens.refresh),
    "/shipment/providers/get": ("GET", legacy.providers),
    "/order/pack": ("POST", legacy.pack),
    "/order/rts": ("POST", legacy.ready_to_ship),
    "/order/repack": ("POST", legacy.repack),
    "/order/sof/delivered": ("POST", legacy.delivered),
    "/order/sof/failed_delivery": ("POST", legacy.failed_delivery),
    "/order/cancel": ("POST", legacy.cancel),
    "/order/failure_reason/get": ("GET", legacy.failure_reasons),
    "/order/document/get": ("GET", legacy.document),
    "/order/document/awb/html/get": ("GET", legacy.awb_html),
    "/order/document/awb/pdf/get": ("GET", legacy.awb_pdf),
}
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


def build(book: Book) -> Starlette:
    """The ASGI application on Lazada's port."""

    async def api(request: Request) -> Response:
        values, files = await parameters(request)
        return _answer(book, request.method, str(request.url.path), values, files)

    async def authorize(request: Request) -> Response:
        if request.method == "POST":
            return _authorized(book, {k: str(v) for k, v in (await request.form()).items()})
        return _authorize_page(book, request.query_params)

    async def label(request: Request) -> Response:
        file, ends = book.files.get(request.path_params["key"], (b"", 0.0))
        if ends <= time.time():
            return PlainTextResponse("This address has expired.", status_code=403)
        return Response(file, media_type="application/pdf")

    async def image(request: Request) -> Response:
        return Response(picture(request.path_params["sku"]), media_type="image/png")

    async def uploaded(request: Request) -> Response:
        found = uploads.uploaded(book, request.path_params["name"].partition(".")[0])
        if found is None:
            return PlainTextResponse("No such picture.", status_code=404)
        return Response(found[0], media_type=found[1])

    return Starlette(
        routes=[
            Route("/oauth/authorize", authorize, methods=["GET", "POST"]),
            Route("/oss/proxy/{key}.pdf", label),
            Route("/pictures/{sku:path}.png", image),
            Route("/p/{name}", uploaded),
            Route("/{path:path}", api, methods=["GET", "POST", "PUT", "DELETE"]),
        ]
    )


def _answer(
    book: Book,
    method: str,
    full_path: str,
    values: Mapping[str, str],
    files: Mapping[str, bytes],
) -> Response:
    path = full_path.removeprefix("/rest")
    wants_token = path in _CALLS and not path.startswith("/auth/")
    try:
        call = admit(book, method, path, values, files, wants_token=wants_token)
        shop = call.shop.shop if call.shop else ""
        if ordered := book.stand.faults.refusal("lazada", path, shop):
            names = named_by(path, values.values())
            witness_refusal(book, shop, method, path, names, ordered.code)
            return bad(Failure(ordered.code, ordered.message), ordered.status)
        if path not in _CALLS:
            raise Failure("InvalidApiPath", "The specified API path is invalid")
        methods, answer = _CALLS[path]
        if method not in methods.split():
            raise Failure(
                "UnsupportedHTTPMethod", f"The HTTP method {method} is not supported here"
            )
        return good(answer(call))
    except Failure as failure:
        return bad(failure)


def _check_redirect(book: Book, client_id: str, redirect_uri: str) -> str:
    """Why people may not be sent there; "" when they may."""
    if client_id != APPS["lazada"].key:
        return "This app does not exist."
    registered = book.stand.registered.get("lazada", {}).get("redirect_uri")
    if registered:
        return "" if redirect_uri == registered else "redirect_uri is not the registered callback."
    host = urlsplit(redirect_uri).hostname
    return "" if host in _LOOPBACK else "redirect_uri is not the registered callback."


def _authorize_page(book: Book, query: Mapping[str, str]) -> Response:
    redirect = query.get("redirect_uri", "")
    refusal = _check_redirect(book, query.get("client_id", ""), redirect)
    if refusal or query.get("response_type") != "code":
        return HTMLResponse(_page(f"<p>{refusal or 'response_type must be code'}</p>"), 400)
    hidden = "".join(
        f'<input type="hidden" name="{name}" value="{html.escape(query.get(name, ""), quote=True)}">'
        for name in ("client_id", "redirect_uri", "state")
    )
    country = query.get("country", "").upper()
    choices = "".join(
        f'<label><input type="radio" name="shop" value="{shop.shop}"{" checked" if shop.region == country else ""}'
        f" required> {html.escape(shop.name)} <small>{shop.region}, seller {shop.seller_id}</small></label>"
        for shop in book.shops
    )
    return HTMLResponse(
        _page(
            f'<form method="post"><p>An app asks to see and change the orders of your shop.</p>{hidden}'
            f"<fieldset><legend>Your shop</legend>{choices}</fieldset>"
            '<button name="decision" value="yes">Authorize</button> '
            '<button name="decision" value="no" formnovalidate>Cancel</button></form>'
        )
    )


def _authorized(book: Book, form: Mapping[str, str]) -> Response:
    redirect = form.get("redirect_uri", "")
    refusal = _check_redirect(book, form.get("client_id", ""), redirect)
    if refusal:
        return HTMLResponse(_page(f"<p>{refusal}</p>"), 400)
    answer = {"state": form["state"]} if form.get("state") else {}
    shops = {shop.shop for shop in book.shops}
    if form.get("decision") == "yes" and form.get("shop") in shops:
        answer = {"code": book.grants.code(form["shop"]), **answer}
    else:
        answer = {"error": "access_denied", **answer}
    joint = "&" if urlsplit(redirect).query else "?"
    return RedirectResponse(f"{redirect}{joint}{urlencode(answer)}", 302)


def _page(content: str) -> str:
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        "<title>Lazada (sandbox): authorize</title><style>body{font:16px/1.5 system-ui;max-width:30rem;margin:4rem auto;"
        "padding:0 1rem}label{display:block;padding:.4rem 0}button{font:inherit;padding:.5rem 1.2rem;margin-top:1rem}"
        f"</style><h1>Lazada <small>sandbox</small></h1>{content}</html>"
    )
