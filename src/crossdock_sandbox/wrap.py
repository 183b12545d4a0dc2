"""What happens around every call of a face: counting, latency, faults, cut connections."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from crossdock_sandbox.faults import Answer, Fault
from crossdock_sandbox.naming import named_in
from crossdock_sandbox.stand import Stand

_VERSION = 6
"""Digits in a path that are the version of an API (``202309``), not a record's key."""
_BODILESS = (204, 304)
"""Statuses with which HTTP allows no body."""
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
        self,
        stand: Stand,
        system: str,
        face: ASGIApp,
        known_as: Callable[[str], set[str]],
        on_expire: Callable[[], None] = lambda: None,
    ) -> None:
        self.stand, self.system, self.face, self.on_expire = stand, system, face, on_expire
        self.known_as = known_as
        """Every id by which the system knows an order, or something of it."""
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
        fault, receive = await self._struck(scope, receive, path)
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
        elif fault and fault.answer:
            await _give(send, fault.answer)
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

    async def _struck(
        self, scope: Scope, receive: Receive, path: str
    ) -> tuple[Fault | None, Receive]:
        """The fault that strikes a call; and its body to receive, which may have been looked at."""
        method, named = scope["method"], frozenset[str]()
        if self.stand.faults.ask_for_orders(self.system):
            request = Request(scope, receive)
            body, kind = await request.body(), request.headers.get("content-type", "")
            named = named_in(path, scope["query_string"], kind, body)
            receive = _again(body)
        return (
            self.stand.faults.strike(
                self.system,
                path,
                method=method,
                names=lambda order: not named.isdisjoint({order, *self.known_as(order)}),
            ),
            receive,
        )


def _again(body: bytes) -> Receive:
    """A body that was read, to be received once more."""
    messages = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> Message:
        return messages.pop() if messages else {"type": "http.disconnect"}

    return receive


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
    await _give(send, Answer(status, (("content-type", kind),), body))


async def _give(send: Send, answer: Answer) -> None:
    headers = [(name.encode(), value.encode()) for name, value in answer.headers]
    if answer.status not in _BODILESS:
        headers.append((b"content-length", str(len(answer.body)).encode()))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body})
