"""The Shopee Open Platform's port: no call is offered yet, and every path says so in Shopee's words."""

from __future__ import annotations

import secrets

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from crossdock_sandbox.purchase_book import PurchaseBook


def build(book: PurchaseBook) -> ASGIApp:
    """The ASGI application on Shopee's port."""

    async def face(scope: Scope, receive: Receive, send: Send) -> None:
        await Request(scope, receive).body()
        answer = JSONResponse(
            {
                "request_id": secrets.token_hex(16),
                "error": "error_param",
                "message": "Permission denied. This API is currently offline or the request path is incorrect.",
            },
            400,
        )
        await answer(scope, receive, send)

    return face
