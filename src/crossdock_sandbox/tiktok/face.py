"""TikTok Shop's port: no call is offered yet, and every path says so in TikTok Shop's words."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from crossdock_sandbox.purchase_book import PurchaseBook


def build(book: PurchaseBook) -> ASGIApp:
    """The ASGI application on TikTok Shop's port."""

    async def face(scope: Scope, receive: Receive, send: Send) -> None:
        await Request(scope, receive).body()
        answer = JSONResponse(
            {
                "code": 36009009,
                "message": "Invalid path, no such API.",
                "request_id": datetime.now(UTC).strftime("%Y%m%d%H%M%S")
                + secrets.token_hex(10).upper(),
            },
            404,
        )
        await answer(scope, receive, send)

    return face
