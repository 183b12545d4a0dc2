"""What the contract's tests stand on: a channel, its shops in the sandbox, and how to bring orders on.

Everything goes through the contract and the sandbox's control, so that it is the same for every
channel.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any, TypeVar
from urllib.parse import parse_qsl, urljoin, urlsplit

import httpx

from crossdock.channels.contract import App, Channel, Label, NoLabel, Page, Parcel, Shop, Told
from crossdock.channels.shipping import HowToShip, Method
from crossdock.rules.facts import OrderFacts, Stage
from tests.sandbox.running import RunningSandbox

T = TypeVar("T")
CALLBACK = "http://localhost:8000/oauth/callback"
PATIENCE = 20.0
"""Seconds for what the channel does by itself: tracking numbers, labels."""


@dataclass
class Turns:
    """Counts how often a connector asked for its turn."""

    taken: int = 0

    def __call__(self) -> None:
        self.taken += 1


@dataclass
class OnStage:
    """A channel with one of its shops."""

    known: Channel
    app: App
    sandbox: RunningSandbox
    name: str
    """The shop's short name."""
    turns: Turns = field(default_factory=Turns)

    @property
    def system(self) -> str:
        """The channel's name at the control."""
        return self.known.name

    def shop(self) -> Shop:
        """The shop, with fresh tokens."""
        told = self.sandbox.shop(self.name)
        tokens = self.sandbox.post("/tokens", channel=self.system, shop=self.name)
        return Shop(
            self.app,
            told["shop_id"],
            told["region"],
            tokens["access_token"],
            key=told.get("cipher", ""),
            await_turn=self.turns,
        )

    def orders(self, count: int = 1, **more: Any) -> list[str]:
        """Orders that wait to be packed, or as ``more`` says; their ids."""
        return self.sandbox.orders(count, self.name, **more)

    def event(self, order_id: str, event: str) -> None:
        """Something happens to an order."""
        self.sandbox.event(order_id, event, self.system)

    def truth(self, order_id: str) -> dict[str, Any]:
        """The order as it really is."""
        return self.sandbox.truth(self.name)[order_id]

    def ledger(self, order_id: str, effect: str) -> list[dict[str, Any]]:
        """What calls did to an order."""
        rows = self.sandbox.get(f"/ledger?system={self.system}&order={order_id}")["calls"]
        return [row for row in rows if row["effect"] == effect]

    def calls(self) -> int:
        """How many calls the platform has had so far."""
        counted: dict[str, int] = self.sandbox.get("/stats")["calls"]
        return sum(n for name, n in counted.items() if name.startswith(f"{self.system} "))

    def fault(self, kind: str, **more: Any) -> None:
        """Order a fault."""
        self.sandbox.post("/faults", system=self.system, kind=kind, **more)

    def read(self, shop: Shop, order_id: str) -> OrderFacts:
        """One order as the channel tells it now."""
        fetched = self.known.fetch(shop, [order_id])
        assert [facts.order_id for facts in fetched.orders] == [order_id], fetched.refused
        assert fetched.orders[0].problems == ()
        return fetched.orders[0]

    def pages(self, shop: Shop, since: datetime, until: datetime, **more: Any) -> list[Page]:
        """All pages of a window."""
        pages, cursor = [], None
        for _ in range(200):
            page = self.known.changed(shop, since=since, until=until, cursor=cursor, **more)
            pages.append(page)
            cursor = page.next
            if cursor is None:
                return pages
        raise AssertionError("the list never ends")

    def packed(self, shop: Shop, order_id: str) -> OrderFacts:
        """The order, packed where the channel has a call for it."""
        facts = self.read(shop, order_id)
        if not self.known.can.pack:
            return facts
        lines = tuple(line.line_id for line in facts.live_lines)
        told = self.known.pack(shop, [Parcel(order_id, line_ids=lines)])
        assert [one.ok for one in told] == [True], told
        return self.read(shop, order_id)

    def shipped(self, shop: Shop, order_id: str) -> OrderFacts:
        """The order, arranged for its courier."""
        told = self.ship(shop, self.packed(shop, order_id))
        assert told.ok, told
        return self.until(shop, order_id, Stage.READY, Stage.SHIPPED)

    def ship(self, shop: Shop, facts: OrderFacts) -> Told:
        """Make the call that arranges shipment."""
        parcel = self.parcel(facts)
        if self.known.can.choose_how_to_ship:
            parcel = Parcel(
                parcel.order_id, parcel.package_ids, parcel.line_ids, self._how(shop, parcel)
            )
        return self.known.ship(shop, [parcel])[0]

    def parcel(self, facts: OrderFacts) -> Parcel:
        """All packages and live lines of an order."""
        packages = tuple(package.package_id for package in facts.packages)
        return Parcel(facts.order_id, packages, tuple(line.line_id for line in facts.live_lines))

    def labels(self, shop: Shop, facts: OrderFacts) -> tuple[Label, ...]:
        """The labels, once they are made."""
        deadline = time.monotonic() + PATIENCE
        while True:
            answer = self.known.labels(shop, self.parcel(facts))
            if not isinstance(answer, NoLabel):
                return answer
            assert answer.again, answer.words
            assert time.monotonic() < deadline, answer.words
            time.sleep(0.1)

    def until(self, shop: Shop, order_id: str, *stages: Stage) -> OrderFacts:
        """The order, once its first live line is at one of these stages."""
        deadline = time.monotonic() + PATIENCE
        while True:
            facts = self.read(shop, order_id)
            here = {line.stage for line in facts.lines}
            if here <= set(stages):
                return facts
            assert time.monotonic() < deadline, f"{order_id} is {here}, wanted {stages}"
            time.sleep(0.1)

    def _how(self, shop: Shop, parcel: Parcel) -> HowToShip | None:
        ways = self.known.ways_to_ship(shop, parcel)
        if not ways.methods:
            return None
        method = ways.methods[0]
        if method is Method.OWN_COURIER:
            courier = ways.couriers[0].courier_id if ways.couriers else ""
            return HowToShip(
                method, courier_id=courier, tracking_number=f"OWN{parcel.order_id}"[-20:]
            )
        branch = ways.branches[0].place_id if method is Method.DROPOFF and ways.branches else ""
        return HowToShip(method, branch_id=branch)


def recently() -> tuple[datetime, datetime]:
    """A window around now, for lists by update time."""
    now = datetime.now(UTC)
    return now - timedelta(days=4), now + timedelta(minutes=1)


def agree(url: str, shop: str) -> dict[str, str]:
    """Walk through an authorise page as a seller would; what comes back to us."""
    with httpx.Client(timeout=30, trust_env=False) as browser:
        page = browser.get(url).raise_for_status().text
        form = re.search(r"<form\b[^>]*>", page)
        assert form, page
        action = re.search(r'action="([^"]*)"', form[0])
        fields = {}
        for field_tag in re.findall(r"<input\b[^>]*>", page):
            pairs = dict(re.findall(r'(\w+)="([^"]*)"', field_tag))
            if pairs.get("type") == "hidden":
                fields[pairs["name"]] = unescape(pairs.get("value", ""))
        button = re.search(r'<button\b[^>]*name="(\w+)"[^>]*value="([^"]*)"', page)
        assert button, page
        target = urljoin(url, unescape(action[1]) if action else url)
        answer = browser.post(
            target, data={**fields, "shop": shop, button[1]: button[2]}, follow_redirects=False
        )
    assert answer.status_code in (302, 303), answer.text
    return dict(parse_qsl(urlsplit(answer.headers["location"]).query))


def eventually(ask: Callable[[], T], good: Callable[[T], bool]) -> T:
    """The first good answer."""
    deadline = time.monotonic() + PATIENCE
    while True:
        answer = ask()
        if good(answer):
            return answer
        assert time.monotonic() < deadline, answer
        time.sleep(0.1)


def ids(pages: Sequence[Page]) -> list[str]:
    """The order ids of a list."""
    return [glimpse.order_id for page in pages for glimpse in page.glimpses]
