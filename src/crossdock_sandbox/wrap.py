"""What happens around every call of a face: counting, latency, faults, cut connections."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from crossdock_sandbox.stand import Stand

_VERSION = 6
"""Digits in a path that are the version of an API (``202309``), not a record's key."""
TOO_MANY = (
    b"<html>\r\n<head><title>429 Too Many Requests</title></head>\r\n<body>nginx</body>\r\n</html>"
)


class DroppableProtocol(H11Protocol):
    """Lets the application see its connection, so that it can really be cut."""

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self.app_state = {**self.app_state, "transport": transport}


class Wrapped:
    """A face with everything that can go wrong around it."""

    def __init__(
        self, stand: Stand, system: str, face: ASGIApp, on_expire: Callable[[], None] = lambda: None
    ) -> None:
        self.stand, self.system, self.face, self.on_expire = stand, system, face, on_expire
        self.in_flight = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.face(scope, receive, send)
            return
        path = str(scope["path"]).removeprefix("/rest")
        self.stand.calls[f"{self.system} {scope['method']} {counted_path(path)}"] += 1
        most = self.stand.limits.in_flight(self.system)
        if most and self.in_flight >= most:
            self.stand.refused_rate_limit[self.system] += 1
            await _answer(send, 429, "text/html", TOO_MANY)
            return
        self.in_flight += 1
        try:
            await self._with_faults(scope, receive, send, path)
        finally:
            self.in_flight -= 1

    async def _with_faults(self, scope: Scope, receive: Receive, send: Send, path: str) -> None:
        if latency := self.stand.latency_ms[self.system]:
            await asyncio.sleep(latency / 1000)
        fault = self.stand.faults.strike(self.system, path)
        kind = fault.kind if fault else ""
        if fault and kind == "slow":
            await asyncio.sleep(fault.delay_ms / 1000)
        if kind == "drop_before":
            scope["state"]["transport"].abort()
        elif kind == "error_500":
            await _answer(
                send, 500, "text/html", b"<html><h1>500 Internal Server Error</h1></html>"
            )
        elif kind == "error_429":
            self.stand.refused_rate_limit[self.system] += 1
            await _answer(send, 429, "text/html", TOO_MANY)
        elif kind == "drop_after":
            self.stand.ledger.take_fresh()
            await self.face(scope, receive, _swallow)
            self.stand.ledger.unanswered(self.stand.ledger.take_fresh())
            scope["state"]["transport"].abort()
        elif kind == "malformed":
            await self.face(scope, receive, _swallow)
            await _answer(send, 200, "application/json", b'{"code": "0", "data": {"orders": [')
        else:
            if kind == "expire_token":
                self.on_expire()
            await self.face(scope, receive, send)


def counted_path(path: str) -> str:
    """The path as it is counted: keys of single records are one and the same."""
    parts = ["{key}" if one.isdigit() and len(one) > _VERSION else one for one in path.split("/")]
    if len(parts) > 2 and parts[-1].isdigit():
        parts[-1] = "{key}"
    return "/".join(parts)


async def _swallow(message: Message) -> None:
    """Throw the answer away: the work is done, nobody will hear of it."""
    del message


async def _answer(send: Send, status: int, kind: str, body: bytes) -> None:
    headers = [(b"content-type", kind.encode()), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
