"""What every face stands on: state, ledger, faults, limits, statistics.

A face is a module with ``build(stand) -> ASGI app``. Everything runs in one event loop and no
handler awaits between reading and writing, so that every call is atomic.
"""

from __future__ import annotations

import json
import random
import sqlite3
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from crossdock_sandbox.faults import Faults
from crossdock_sandbox.ledger import Ledger
from crossdock_sandbox.limits import Limits

SYSTEMS = ("lazada", "shopee", "tiktok", "sqlaccount")
CHANNELS = SYSTEMS[:3]


def now() -> datetime:
    """The present moment, to the second: nothing here is dated more finely."""
    return datetime.now(UTC).replace(microsecond=0)


class Shelf:
    """Things kept by room and key as JSON text, in one SQLite file; written through at once."""

    def __init__(self, path: Path | None) -> None:
        self.db = sqlite3.connect(path or ":memory:", isolation_level=None, check_same_thread=False)
        self.db.execute("PRAGMA journal_mode=WAL")
        self.db.execute("PRAGMA synchronous=NORMAL")
        self.db.execute(
            "CREATE TABLE IF NOT EXISTS shelf (room TEXT, key TEXT, body TEXT, PRIMARY KEY (room, key))"
        )

    def put(self, room: str, key: str, thing: Any) -> None:
        """Keep a thing."""
        body = json.dumps(thing, ensure_ascii=False)
        self.db.execute("INSERT OR REPLACE INTO shelf VALUES (?, ?, ?)", (room, key, body))

    def drop(self, room: str, key: str) -> None:
        """Forget a thing."""
        self.db.execute("DELETE FROM shelf WHERE room = ? AND key = ?", (room, key))

    def all(self, room: str) -> Iterator[tuple[str, Any]]:
        """Everything of a room, by key."""
        for key, body in self.db.execute(
            "SELECT key, body FROM shelf WHERE room = ? ORDER BY key", (room,)
        ):
            yield key, json.loads(body)

    def get(self, room: str, key: str, default: Any = None) -> Any:
        """One thing."""
        row = self.db.execute(
            "SELECT body FROM shelf WHERE room = ? AND key = ?", (room, key)
        ).fetchone()
        return json.loads(row[0]) if row else default

    def begin(self) -> None:
        """Begin a transaction over many things."""
        self.db.execute("BEGIN")

    def commit(self) -> None:
        """End it."""
        self.db.execute("COMMIT")


@dataclass
class Stand:
    """The machinery that all faces share."""

    base_port: int
    seed: int = 7
    data: Path | None = None
    shelf: Shelf = field(init=False)
    ledger: Ledger = field(init=False)
    faults: Faults = field(init=False)
    limits: Limits = field(init=False)
    chance: random.Random = field(init=False)
    calls: Counter[str] = field(default_factory=Counter)
    rejected_signatures: int = 0
    refused_rate_limit: Counter[str] = field(default_factory=Counter)
    latency_ms: dict[str, float] = field(default_factory=lambda: dict.fromkeys(SYSTEMS, 0.0))
    async_ms: dict[str, float] = field(default_factory=lambda: dict.fromkeys(SYSTEMS, 2000.0))
    duplicates: dict[str, str] = field(default_factory=lambda: dict.fromkeys(SYSTEMS, "refuse"))
    lastmodified_means: str = "since"
    """What SQL Account's filter by ``lastmodified`` finds: rows changed since then, or "equal" ones."""
    more_stock: int = 0
    """Stock items that the books hold besides the shops' goods."""
    registered: dict[str, dict[str, str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.data:
            self.data.mkdir(parents=True, exist_ok=True)
        self.shelf = Shelf(self.data / "sandbox.sqlite" if self.data else None)
        self.ledger = Ledger(self.shelf.db)
        self.chance = random.Random(self.seed)  # noqa: S311 - believable, not secret
        self.faults = Faults(random.Random(self.seed + 1))  # noqa: S311
        self.limits = Limits()
        self.registered = self.shelf.get("settings", "apps", {})

    def port(self, system: str) -> int:
        """The port of a system's face."""
        return self.base_port + 1 + SYSTEMS.index(system)

    def url(self, system: str) -> str:
        """The address of a system's face, without a path."""
        return f"http://127.0.0.1:{self.port(system)}"

    def takes_duplicates(self, system: str) -> bool:
        """Whether a blindly repeated write is done again."""
        return self.duplicates[system] == "take"

    def register(self, channel: str, addresses: dict[str, str | None]) -> None:
        """Keep where a channel sends people and messages; None forgets an address."""
        known: dict[str, str | None] = {**self.registered.get(channel, {}), **addresses}
        self.registered[channel] = {name: one for name, one in known.items() if one is not None}
        self.shelf.put("settings", "apps", self.registered)

    def later(self, system: str) -> float:
        """The moment (Unix seconds) at which an asynchronous step that begins now is done."""
        return time.time() + self.async_ms[system] / 1000
