"""Delivers push messages: sometimes twice or late, again when there was no 200, a few at a time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

import httpx

from crossdock_sandbox.faults import Faults

_RETRIES = (1.0, 5.0, 30.0)
"""Seconds until a message without a 200 is sent again; the real ones wait much longer."""
_TWICE, _LATE = 0.1, 0.1
_AT_ONCE = 8
"""Messages in flight: more would only slow down the answers to calls."""


Taken = Callable[[int, bytes], bool]
"""Whether an answer, by its status and body, says that a message was received."""


def _with_200(status: int, body: bytes) -> bool:
    del body
    return status == 200


@dataclass
class Sent:
    """A message, and what came of it."""

    id: int
    channel: str
    order_id: str
    url: str
    body: str
    headers: dict[str, str]
    sent_at: list[float] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)


class Delivery:
    """Every message that was ever to be sent, and the couriers that send them."""

    def __init__(self, faults: Faults, retries: tuple[float, ...] = _RETRIES) -> None:
        self.faults, self.retries = faults, retries
        self.sent: list[Sent] = []
        self.taken: dict[int, Taken] = {}
        """What counts as received, by message."""
        self.received: set[int] = set()
        self.given_up: set[int] = set()
        """Messages that were tried for the last time."""
        self.due: asyncio.Queue[tuple[Sent, tuple[float, ...]]] | None = None
        self.couriers: list[asyncio.Task[None]] = []

    def send(
        self,
        channel: str,
        order_id: str,
        url: str,
        body: str,
        headers: dict[str, str],
        *,
        taken: Taken = _with_200,
    ) -> None:
        """Send a message soon; by chance, or by a fault, late or twice."""
        message = Sent(len(self.sent) + 1, channel, order_id, url, body, headers)
        self.sent.append(message)
        self.taken[message.id] = taken
        chance = self.faults.chance
        late = 2.0 if chance.random() < _LATE else 0.0
        self._schedule(message, 0.05 + chance.random() * 0.3 + late, self.retries)
        doubled = self.faults.strike(channel, "", only="duplicate_webhook")
        if doubled or chance.random() < _TWICE:
            self._schedule(message, 0.2 + chance.random(), ())

    def again(self, number: int) -> bool:
        """Send one once more; False when there is none of this number."""
        if not 0 < number <= len(self.sent):
            return False
        self._schedule(self.sent[number - 1], 0.0, ())
        return True

    def lost(self, channel: str) -> list[Sent]:
        """A channel's messages that nobody received, and that are not tried again; oldest first."""
        gone = self.given_up - self.received
        return [one for one in self.sent if one.channel == channel and one.id in gone]

    def listed(self) -> list[dict[str, Any]]:
        """What was sent, when, and the answers."""
        return [asdict(message) for message in self.sent]

    def _schedule(self, message: Sent, wait: float, retries: tuple[float, ...]) -> None:
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            return  # made before the servers run: nobody listens yet
        if self.due is None:
            self.due = asyncio.Queue()
            self.couriers = [loop.create_task(self._carry(self.due)) for _ in range(_AT_ONCE)]
        loop.call_later(wait, self.due.put_nowait, (message, retries))

    async def _carry(self, due: asyncio.Queue[tuple[Sent, tuple[float, ...]]]) -> None:
        async with httpx.AsyncClient(timeout=5, trust_env=False) as client:
            while True:
                message, retries = await due.get()
                received = await _post(client, message, self.taken[message.id])
                if received:
                    self.received.add(message.id)
                elif retries:
                    self._schedule(message, retries[0], retries[1:])
                elif len(message.sent_at) > len(self.retries):
                    self.given_up.add(message.id)


async def _post(client: httpx.AsyncClient, message: Sent, taken: Taken) -> bool:
    message.sent_at.append(time.time())
    headers = {"Content-Type": "application/json", **message.headers}
    try:
        answer = await client.post(message.url, content=message.body.encode(), headers=headers)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        message.answers.append(type(error).__name__)
        return False
    message.answers.append(str(answer.status_code))
    return taken(answer.status_code, answer.content)
