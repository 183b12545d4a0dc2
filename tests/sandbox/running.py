"""The sandbox as a process of its own, for every suite that needs marketplaces."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from tests.ports import free_ports

SRC = Path(__file__).parents[2] / "src"
SYSTEMS = ("lazada", "shopee", "tiktok", "sqlaccount")
CHANNELS = SYSTEMS[:3]
_SETTINGS = ("/faults", "/limits", "/latency", "/strict")


@dataclass
class RunningSandbox:
    """A running sandbox and its control."""

    base_port: int
    process: subprocess.Popen[bytes]
    control: httpx.Client
    identities: dict[str, Any] = field(default_factory=dict)
    is_calm: bool = False

    def __post_init__(self) -> None:
        self.control.event_hooks["request"].append(self._notice)

    def get(self, path: str) -> Any:
        """What the control answers."""
        return self.control.get(path).raise_for_status().json()

    def post(self, path: str, /, **body: Any) -> Any:
        """Have the control change something."""
        return self.control.post(path, json=body).raise_for_status().json()

    def orders(self, count: int, shop: str = "lazada-my", **more: Any) -> list[str]:
        """Make orders; their ids."""
        channel = channel_of(shop)
        made = self.post("/orders", channel=channel, shop=shop, count=count, **more)
        return list(made["order_ids"])

    def event(self, order_id: str, event: str, channel: str = "lazada") -> None:
        """Let something happen to an order."""
        self.post(f"/orders/{channel}/{order_id}/event", event=event)

    def truth(self, shop: str = "lazada-my") -> dict[str, dict[str, Any]]:
        """Every order of a shop as it really is, by id."""
        rows = self.get(f"/orders?channel={channel_of(shop)}&shop={shop}")["orders"]
        return {row["order_id"]: row for row in rows}

    def shop(self, name: str) -> dict[str, Any]:
        """What the identities say of a shop; ``shop_id`` is its id as text, whatever the channel calls it."""
        shops = self.identities[channel_of(name)]["shops"]
        found = dict(next(one for one in shops if one["shop"] == name))
        shop_id = found.get("seller_id") or found.get("shop_id") or found.get("id")
        return {**found, "shop_id": str(shop_id)}

    def ledger(self, effect: str, after: int = 0) -> list[dict[str, Any]]:
        """What calls did, of one kind."""
        rows = self.get(f"/ledger?after_seq={after}")["calls"]
        return [row for row in rows if row["effect"] == effect]

    def calm(self, *, duplicates: str) -> None:
        """Have no fault, no limit and no latency. Calls nobody where nothing was set since the last time."""
        if self.is_calm:
            return
        self.control.delete("/faults").raise_for_status()
        self.unlimited()
        for system in SYSTEMS:
            self.post("/latency", system=system, ms=0)
            self.post("/strict", system=system, duplicates=duplicates)
        self.is_calm = True

    def unlimited(self) -> None:
        """Lift every limit, and make asynchronous steps instant."""
        for channel in CHANNELS:
            self.post("/limits", system=channel, per_app=0, per_shop=0)
            self.post("/latency", system=channel, async_ms=0)
        self.post("/limits", system="sqlaccount", per_app=0, in_flight=0)

    def _notice(self, request: httpx.Request) -> None:
        if request.method != "GET" and request.url.path.startswith(_SETTINGS):
            self.is_calm = False

    def close(self) -> None:
        """End it."""
        self.control.close()
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=20)


def channel_of(shop: str) -> str:
    """The channel of a shop's short name."""
    return shop.partition("-")[0]


def start_sandbox(*, data: Path | None = None, orders: int = 0, seed: int = 7) -> RunningSandbox:
    """Start a sandbox on five free ports and wait until it serves."""
    for _ in range(20):
        base = free_ports(5)[0]
        command = [sys.executable, "-m", "crossdock_sandbox", "--base-port", str(base), "--seed", str(seed),
                   "--orders", str(orders), *(["--data", str(data)] if data else [])]  # fmt: skip
        process = subprocess.Popen(
            command,
            env={**os.environ, "PYTHONPATH": str(SRC)},
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        if _comes_up(process):
            control = httpx.Client(base_url=f"http://127.0.0.1:{base}", timeout=60, trust_env=False)
            running = RunningSandbox(base, process, control)
            running.identities = running.get("/identities")
            return running
    raise RuntimeError("No five free ports in a row were found.")


def _comes_up(process: subprocess.Popen[bytes]) -> bool:
    """Whether this very process serves: whoever answers at its port may be another."""
    assert process.stdout is not None
    with process.stdout as told:
        if any(line.startswith(b"The sandbox is ready") for line in told):
            return True
    process.wait()
    return False
