"""What happens around every call of a face: counting, latency, faults, cut connections."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from crossdock_sandbox.stand import Stand


class DroppableProtocol(H11Protocol):
    """Lets the application see its connection, so that it can really be cut."""

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self.app_state = {**self.app_state, "transport": transport}


class Wrapped:
    """A face with everything that can go wrong around it.

