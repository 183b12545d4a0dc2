"""The face: the gateway's paths, the auth host's, the authorize pages, documents and pictures."""

from __future__ import annotations

import time

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from crossdock_sandbox.effects import witness_refusal
from crossdock_sandbox.faults import Refusal
from crossdock_sandbox.naming import named_by
from crossdock_sandbox.purchase_book import PurchaseBook
from crossdock_sandbox.tiktok import tokens
from crossdock_sandbox.tiktok.authorize import authorize
from crossdock_sandbox.tiktok.calls import find
from crossdock_sandbox.tiktok.failures import Failure
from crossdock_sandbox.tiktok.gateway import Asked, Call, admit, bad, good
from crossdock_sandbox.world.product_picture import picture

_STATUSES = {
    105001: 401, 105002: 401, 105005: 403, 106001: 401, 106013: 400, 101000: 403,
    36009002: 429, 36009003: 500, 36009004: 400,
}  # fmt: skip
"""HTTP statuses of the gateway's own codes; business errors come with 200."""
_TYPES = {"pdf": "application/pdf", "png": "image/png", "jpg": "image/jpeg"}


def build(book: PurchaseBook) -> Starlette:
    """The ASGI application on TikTok Shop's port: API host and auth host in one."""

    async def api(request: Request) -> Response:
        return _answer(book, await _asked(request))

    async def page(request: Request) -> Response:
        return await authorize(book, request)

    def exchange(way: tokens.Exchange) -> Route:
        async def endpoint(request: Request) -> Response:
            try:
                if request.method != "GET":
                    raise Failure(36009010, "Invalid HTTP method for this path.", 405)
                if ordered := book.stand.faults.refusal("tiktok", request.url.path):
                    raise _failure(ordered)
                return good(way(book, request.query_params), "success")
            except Failure as failure:
                return bad(failure)

        return Route(f"/api/v2/token/{way.__name__}", endpoint, methods=["GET", "POST"])

    async def document(request: Request) -> Response:
        name = request.path_params["name"]
        file, ends = book.files.get(name, (b"", 0.0))
        if ends <= time.time():
            return PlainTextResponse("This address has expired.", status_code=403)
        return Response(file, media_type=_TYPES[name.rpartition(".")[2]])

    async def image(request: Request) -> Response:
        return Response(picture(request.path_params["sku"]), media_type="image/png")

    async def drop_off(_: Request) -> Response:
        return PlainTextResponse("Drop-off points: any.")

    return Starlette(
        routes=[
            Route("/open/authorize", page, methods=["GET", "POST"]),
            Route("/oauth/authorize", page, methods=["GET", "POST"]),
            exchange(tokens.get),
            exchange(tokens.refresh),
            Route("/documents/{name}", document),
            Route("/pictures/{sku:path}.png", image),
            Route("/drop-off-points", drop_off),
            Route("/{path:path}", api, methods=["GET", "POST", "PUT", "DELETE"]),
        ]
    )


async def _asked(request: Request) -> Asked:
    kind = request.headers.get("content-type", "").strip().lower()
    body = await request.body()
    return Asked(
        method=request.method,
        path=request.url.path,
        query=tuple((key, value) for key, value in request.query_params.multi_items()),
        body=body,
        form=await request.form() if kind.startswith("multipart/form-data") else None,
        content_type=kind,
        token=request.headers.get("x-tts-access-token", ""),
    )


def _answer(book: PurchaseBook, asked: Asked) -> Response:
    try:
        road, version, ids = find(asked.method, asked.path)
        call = admit(book, road, version, ids, asked)
        _check_ordered(book, call)
        return good(road.answer(call))
    except Failure as failure:
        return bad(failure)


def _check_ordered(book: PurchaseBook, call: Call) -> None:
    """Raises the refusal that was ordered for this call, if there is one."""
    asked, shop = call.asked, call.shop.shop if call.shop else ""
    if ordered := book.stand.faults.refusal("tiktok", asked.path, shop):
        values = [value for _, value in asked.query]
        names = named_by(asked.path, [*values, asked.body.decode("utf-8", "replace")])
        witness_refusal(book, shop, asked.method, asked.path, names, ordered.code)
        raise _failure(ordered)


def _failure(ordered: Refusal) -> Failure:
    code = int(ordered.code)
    return Failure(code, ordered.message, ordered.status or _STATUSES.get(code, 200))
