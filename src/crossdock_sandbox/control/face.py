"""The control port: JSON over HTTP, loopback only, no authentication."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from importlib.resources import files
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from crossdock_sandbox.control.books import ChannelBook, NotDone, happen_in_books
from crossdock_sandbox.control.given import Bad, number, one_of, text
from crossdock_sandbox.control.ordering_faults import ordered_fault
from crossdock_sandbox.control.telling import identities
from crossdock_sandbox.delivery import Delivery
from crossdock_sandbox.sqlaccount.office import Office
from crossdock_sandbox.stand import CHANNELS, SYSTEMS, Stand, now
from crossdock_sandbox.world.events import EVENTS
from crossdock_sandbox.world.orders import NotPossible
from crossdock_sandbox.world.shops import SHOPS, Shop, shop_named

_HOSTS = frozenset({"localhost", "127.0.0.1"})
_MOST_ORDERS = 100_000


class Control:
    """What the control port does."""

    def __init__(self, stand: Stand, books: Mapping[str, ChannelBook], delivery: Delivery) -> None:
        self.stand, self.books, self.delivery = stand, books, delivery

    def page(self) -> str:
        """The page for people, which knows every channel's status words."""
        channels = {
            name: {"words": book.words, "usual": book.default_word}
            for name, book in self.books.items()
        }
        known = json.dumps({"events": EVENTS, "channels": channels})
        page = files("crossdock_sandbox.control").joinpath("page.html").read_text("utf-8")
        return page.replace('id="known">{}<', f'id="known">{known}<')

    def health(self, _: Request, __: Any) -> Any:
        """Every port is served once this one is."""
        return {"status": "ok"}

    def identities(self, _: Request, __: Any) -> Any:
        """The apps, shops and keys."""
        return identities(self.stand)

    def tokens(self, _: Request, body: Any) -> Any:
        """A pair of tokens, as the exchange would give; ends none already given."""
        book, shop = self._shop(body)
        grant = book.grants.grant(shop.shop)
        return {
            "access_token": grant.access,
            "refresh_token": grant.refresh,
            "expires_in": round(book.grants.lifetimes.access),
        }

    def revoke(self, _: Request, body: Any) -> Any:
        """End all tokens of a shop."""
        book, shop = self._shop(body)
        return {"revoked": book.grants.revoke(shop.shop)}

    def make_orders(self, _: Request, body: Any) -> Any:
        """Make orders; their ids."""
        book, shop = self._shop(body)
        ids = _order_ids(body, book, shop)
        count = len(ids) if ids is not None else number(body, "count", 1, 1, _MOST_ORDERS)
        present = now()
        if "created_at" in body:
            created = [_past(body["created_at"], present)] * count
        else:
            created = [_staggered(present, place, count) for place in range(count)]
        combined = text(body, "combine_with", "")
        # A combined order stands where the other does, unless a status is named.
        usual = "" if combined else book.default_word
        status = one_of(body, "status", book.words) if "status" in body else usual
        lines = number(body, "lines", 1, 1, 1000) if "lines" in body else None
        try:
            made = book.make_orders(
                shop,
                ids if ids is not None else [""] * count,
                created=created,
                status=status,
                lines=lines,
                self_delivery=bool(body.get("self_delivery", False)),
                sku=str(body.get("sku") or ""),
                fields=_fields(body),
                combine_with=combined,
            )
        except NotPossible as refusal:
            raise Bad(str(refusal), 409) from None
        return {"order_ids": made}

    def orders(self, request: Request, _: Any) -> Any:
        """The truth about the orders."""
        query = request.query_params
        channel, shop, status = (query.get(name, "") for name in ("channel", "shop", "status"))
        if channel and channel not in CHANNELS:
            raise Bad(f"channel must be one of {', '.join(CHANNELS)}")
        known = [one.shop for one in SHOPS if channel in ("", one.channel)]
        if shop and shop not in known:
            raise Bad(f"shop must be one of {', '.join(known)}")
        books = [book for name, book in self.books.items() if channel in ("", name)]
        return {
            "orders": [
                told
                for book in books
                for words, told in book.told(shop)
                if not status or status in words
            ]
        }

    def event(self, request: Request, body: Any) -> Any:
        """One thing happens to an order (in the shop that is named, where two shops share its id)."""
        channel, order_id = request.path_params["channel"], request.path_params["order_id"]
        if channel not in CHANNELS:
            raise Bad(f"channel must be one of {', '.join(CHANNELS)}", 404)
        event = one_of(body, "event", EVENTS)
        try:
            status = self.books[channel].happen(order_id, event, body.get("shop"))
        except NotPossible as refusal:
            raise Bad(str(refusal), 409) from None
        if status is None:
            raise Bad(f"{channel} has no order {order_id}", 404)
        return {"order_id": order_id, "status": status}

    def advance(self, _: Request, body: Any) -> Any:
        """What couriers, buyers and deadlines would do in so many hours, now."""
        hours = body.get("hours")
        if (
            isinstance(hours, bool)
            or not isinstance(hours, int | float)
            or not 0 < hours <= 24 * 365
        ):
            raise Bad("hours must be a number above 0 and at most 8760")
        for book in self.books.values():
            book.pass_time(float(hours))
        return {"advanced": hours}

    def apps(self, _: Request, body: Any) -> Any:
        """Register where a channel sends people and messages; null forgets an address."""
        channel = one_of(body, "channel", CHANNELS)
        addresses = {name: body[name] for name in ("redirect_uri", "webhook_url") if name in body}
        for name, address in addresses.items():
            if address is not None and not str(address).startswith(("http://", "https://")):
                raise Bad(f"{name} must be an http or https address, or null for none")
        self.stand.register(channel, addresses)
        return {"channel": channel, **self.stand.registered.get(channel, {})}

    def sent_webhooks(self, request: Request, _: Any) -> Any:
        """What was sent, when, and the answers."""
        channel = request.query_params.get("channel", "")
        if channel and channel not in CHANNELS:
            raise Bad(f"channel must be one of {', '.join(CHANNELS)}")
        return {
            "webhooks": [one for one in self.delivery.listed() if channel in ("", one["channel"])]
        }

    def webhook_again(self, request: Request, _: Any) -> Any:
        """Send one once more."""
        webhook = request.path_params["number"]
        if not self.delivery.again(webhook):
            raise Bad(f"no webhook has the id {webhook}", 404)
        return {"again": webhook}

    def strict(self, _: Request, body: Any) -> Any:
        """Whether blind repetition is refused or done again; what ``lastmodified`` means."""
        system = one_of(body, "system", SYSTEMS)
        if "lastmodified" in body and system == "sqlaccount":
            self.stand.lastmodified_means = one_of(body, "lastmodified", ("since", "equal"), None)
        if "duplicates" in body or "lastmodified" not in body:
            self.stand.duplicates[system] = one_of(body, "duplicates", ("refuse", "take"), None)
        return {"system": system, "duplicates": self.stand.duplicates[system]}

    def stock(self, _: Request, body: Any) -> Any:
        """Have the books hold so many stock items besides the shops' goods."""
        self.stand.more_stock = number(body, "count", self.stand.more_stock, 0, 10**6)
        return {"count": self.stand.more_stock}

    def add_fault(self, _: Request, body: Any) -> Any:
        """Order a fault."""
        self.stand.faults.add(ordered_fault(body, self.books))
        return {"faults": self.stand.faults.listed()}

    def clear_faults(self, _: Request, __: Any) -> Any:
        """Lift all faults."""
        self.stand.faults.clear()
        return {"faults": []}

    def latency(self, _: Request, body: Any) -> Any:
        """How long answers, and asynchronous steps, take."""
        system = one_of(body, "system", SYSTEMS)
        if "ms" not in body and "async_ms" not in body:
            raise Bad("give ms (of every answer), async_ms (of asynchronous steps), or both")
        if "ms" in body:
            self.stand.latency_ms[system] = number(body, "ms", 0, 0, 600_000)
        if "async_ms" in body:
            self.stand.async_ms[system] = number(body, "async_ms", 0, 0, 3_600_000)
        return {
            "system": system,
            "ms": self.stand.latency_ms[system],
            "async_ms": self.stand.async_ms[system],
        }

    def limits(self, _: Request, body: Any) -> Any:
        """Change call limits; 0 lifts one."""
        system = one_of(body, "system", SYSTEMS)
        names = [name for name in ("per_app", "per_shop", "in_flight") if name in body]
        if not names:
            raise Bad("give per_app, per_shop or in_flight; 0 lifts a limit")
        self.stand.limits.set(system, **{name: number(body, name, 0, 0, 10**6) for name in names})
        return {"system": system, **self.stand.limits.rates[system]}

    def ledger(self, request: Request, _: Any) -> Any:
        """The witness."""
        query = request.query_params
        after = query.get("after_seq", "0")
        if not after.isdigit() or query.get("system", "") not in ("", *SYSTEMS):
            raise Bad(f"after_seq must be a number, system one of {', '.join(SYSTEMS)}")
        rows = self.stand.ledger.rows(
            system=query.get("system", ""), order=query.get("order", ""), after_seq=int(after)
        )
        return {"calls": rows}

    def stats(self, _: Request, __: Any) -> Any:
        """Calls by system, method and path; what was refused."""
        return {
            "calls": dict(self.stand.calls),
            "rejected_signatures": self.stand.rejected_signatures,
            "refused_rate_limit": {
                system: self.stand.refused_rate_limit[system] for system in SYSTEMS
            },
        }

    def _shop(self, body: Any) -> tuple[ChannelBook, Shop]:
        channel = one_of(body, "channel", CHANNELS)
        try:
            return self.books[channel], shop_named(channel, str(body.get("shop") or ""))
        except LookupError as error:
            raise Bad(str(error)) from None


def build(control: Control, office: Office) -> Starlette:
    """The ASGI application on the base port."""

    async def page(request: Request) -> Response:
        try:
            _check_host(request)
            return HTMLResponse(control.page())
        except Bad as bad:
            return JSONResponse({"error": str(bad)}, bad.status)

    def get(path: str, deed: Callable[[Request, Any], Any]) -> Route:
        return Route(path, _endpoint(deed), methods=["GET"])

    def change(path: str, deed: Callable[[Request, Any], Any], method: str = "POST") -> Route:
        return Route(path, _endpoint(deed), methods=[method])

    return Starlette(
        routes=[
            Route("/", page, methods=["GET"]),
            get("/health", control.health),
            get("/identities", control.identities),
            change("/tokens", control.tokens),
            change("/tokens", control.revoke, "DELETE"),
            change("/orders", control.make_orders),
            get("/orders", control.orders),
            change("/orders/{channel}/{order_id}/event", control.event),
            change("/advance", control.advance),
            change("/apps", control.apps),
            get("/webhooks", control.sent_webhooks),
            change("/webhooks/{number:int}/again", control.webhook_again),
            change("/strict", control.strict),
            change("/stock", control.stock),
            change("/books", lambda _, body: happen_in_books(office, body)),
            change("/faults", control.add_fault),
            change("/faults", control.clear_faults, "DELETE"),
            change("/latency", control.latency),
            change("/limits", control.limits),
            get("/ledger", control.ledger),
            get("/stats", control.stats),
        ]
    )


def _endpoint(deed: Callable[[Request, Any], Any]) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        try:
            _check_host(request)
            raw = await request.body()
            return JSONResponse(deed(request, _body(request, raw)))
        except (Bad, NotDone) as bad:
            return JSONResponse({"error": str(bad)}, bad.status)

    return endpoint


def _check_host(request: Request) -> None:
    if (request.url.hostname or "") not in _HOSTS:
        raise Bad("the control answers to localhost and 127.0.0.1 only", 403)


def _body(request: Request, raw: bytes) -> Any:
    if request.method == "GET":
        return {}
    bodiless = not raw and (request.method == "DELETE" or request.url.path.endswith("/again"))
    if (
        request.headers.get("content-type", "").partition(";")[0].strip() != "application/json"
        and raw
    ):
        raise Bad("changes need Content-Type: application/json", 415)
    if bodiless:
        return {}
    if not raw and not request.headers.get("content-type", "").startswith("application/json"):
        raise Bad("changes need Content-Type: application/json", 415)
    try:
        body = json.loads(raw or b"{}")
    except ValueError:
        raise Bad("the body is not JSON") from None
    if not isinstance(body, dict):
        raise Bad("the body must be a JSON object")
    return body


def _order_ids(body: Mapping[str, Any], book: ChannelBook, shop: Shop) -> list[str] | None:
    """The ids that the new orders must have; None where the caller forces none."""
    ids = body.get("order_ids")
    if ids is None:
        return None
    if not isinstance(ids, list) or not ids or not all(book.is_order_id(str(one)) for one in ids):
        raise Bad(f"order_ids must be a list of {book.channel}'s order ids")
    wanted = [str(one) for one in ids]
    if taken := [one for one in wanted if book.has(shop.shop, one)]:
        raise Bad(f"{shop.shop} has orders with these ids already: {', '.join(taken)}", 409)
    return wanted


def _fields(body: Mapping[str, Any]) -> dict[str, Any]:
    """Fields of the channel's answer that are to be otherwise, by name or dotted path."""
    fields = body.get("fields", {})
    if not isinstance(fields, dict) or not all(all(name.split(".")) for name in fields):
        raise Bad(
            'fields must be an object of names or dotted paths, such as {"payment.total_amount": null}'
        )
    return fields


def _past(text: Any, present: datetime) -> datetime:
    if text is None:
        return present
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError:
        raise Bad("created_at must be ISO 8601, such as 2026-03-02T10:15:42Z") from None
    moment = moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC).replace(microsecond=0)
    if moment > present:
        raise Bad("created_at must not be in the future")
    return moment


def _staggered(present: datetime, place: int, count: int) -> datetime:
    """Many orders made at once came in over the last hour, as they would: not in one second."""
    spread = 3600.0 if count > 200 else 0.0
    return datetime.fromtimestamp(
        int(present.timestamp() - spread * (count - 1 - place) / max(count, 1)), UTC
    )
