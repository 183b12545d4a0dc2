"""The face: the gateway's paths, the authorize pages, pictures and uploaded files."""

from __future__ import annotations

import inspect
import time

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from crossdock_sandbox.effects import witness_refusal
from crossdock_sandbox.naming import named_by
from crossdock_sandbox.shopee import authorize
from crossdock_sandbox.shopee.answers import bad, good
from crossdock_sandbox.shopee.book import ShopeeBook
from crossdock_sandbox.shopee.calls import find
from crossdock_sandbox.shopee.failures import Failure
from crossdock_sandbox.shopee.gateway import Asked, Call, admit
from crossdock_sandbox.world.product_picture import picture

_PAGES = (authorize.OLD, authorize.OLD_CANCEL, authorize.NEW, authorize.NEW_CANCEL)
_TYPES = {"png": "image/png", "jpg": "image/jpeg"}


def build(book: ShopeeBook) -> Starlette:
    """The ASGI application on Shopee's port: API host and authorization portal in one."""

    async def api(request: Request) -> Response:
        return await _answer(book, await _asked(request))

    async def page(request: Request) -> Response:
        return await authorize.page(book, request)

    async def image(request: Request) -> Response:
        return Response(picture(request.path_params["sku"]), media_type="image/png")

    async def file(request: Request) -> Response:
        name = request.path_params["name"]
        content, ends = book.files.get(name, (b"", 0.0))
        if ends <= time.time():
            return PlainTextResponse("No such file.", status_code=404)
        return Response(content, media_type=_TYPES[name.rpartition(".")[2]])

    return Starlette(
        routes=[
            *(Route(path, page, methods=["GET", "POST"]) for path in _PAGES),
            Route("/pictures/{sku:path}.png", image),
            Route("/file/{name}", file),
            Route("/{path:path}", api, methods=["GET", "POST", "PUT", "DELETE"]),
        ]
    )


async def _asked(request: Request) -> Asked:
    kind = request.headers.get("content-type", "").strip().lower()
    query: dict[str, list[str]] = {}
    for name, value in request.query_params.multi_items():
        query.setdefault(name, []).append(value)
    return Asked(
        method=request.method,
        path=request.url.path,
        query=query,
        body=await request.body(),
        form=await request.form() if kind.startswith("multipart/form-data") else None,
    )


async def _answer(book: ShopeeBook, asked: Asked) -> Response:
    try:
        road = find(asked.method, asked.path)
        call = admit(book, road, asked)
        _check_ordered(book, call)
        told = road.answer(call)
        if inspect.isawaitable(told):
            told = await told
    except Failure as failure:
        return bad(failure)
    return told if isinstance(told, Response) else good(told, bare=road.bare)


def _check_ordered(book: ShopeeBook, call: Call) -> None:
    """Raises the refusal that was ordered for this call, if there is one."""
    asked, shop = call.asked, call.shop.shop if call.shop else ""
    if ordered := book.stand.faults.refusal("shopee", asked.path, shop):
        values = [one for values in asked.query.values() for one in values]
        names = named_by(asked.path, [*values, asked.body.decode("utf-8", "replace")])
        witness_refusal(book, shop, asked.method, asked.path, names, ordered.code)
        raise Failure(ordered.code, ordered.message, ordered.status or 200)
