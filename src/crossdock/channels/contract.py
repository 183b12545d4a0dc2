"""What Crossdock asks of a marketplace.

A channel is a folder beside this file whose ``channel.py`` has ``CHANNEL``, an object of the type
``Channel``; ``registry`` finds it. It holds no state of ours: whoever calls hands it a ``Shop``.
Methods raise ``channels.errors`` only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from crossdock.channels.answers import CancelAnswer, Form, ReturnAnswer, ReturnsPage
from crossdock.channels.catalogue import ListingPage
from crossdock.channels.permissions import Permission
from crossdock.channels.shipping import HowToShip, WaysToShip
from crossdock.rules.facts import OrderFacts, ReturnFacts, ReturnMove, Settlement, Stage


@dataclass(frozen=True, slots=True)
class App:
    """Our registration at a channel: a setting of the installation, never of a company."""

    key: str
    secret: str = field(repr=False)
    base_urls: Mapping[str, str] = field(default_factory=dict)
    """Region → base URL where it differs from the real one; "auth" and "authorize" for those hosts."""
    trusted_hosts: frozenset[str] = frozenset()
    """Host names that may be called though they are private (the operator lists them)."""
    more: Mapping[str, str] = field(default_factory=dict, repr=False)
    """What ``Channel.app_settings`` asks for, by name; what is not set is not in it."""


@dataclass(frozen=True, slots=True)
class AppSetting:
    """One more thing that the operator can or must set for a channel: ``CROSSDOCK_<CHANNEL>_<NAME>``."""

    name: str
    """Lower case, such as ``service_id``."""
    meaning: str
    required: bool = False


def _no_pace() -> None:
    """Calls may be made as they come."""


def _nobody_notes(permission: Permission, words: str) -> None:
    """Nobody keeps what is permitted."""


@dataclass(frozen=True, slots=True)
class Shop:
    """One linked shop, with all that a call needs."""

    app: App
    shop_id: str
    region: str
    access_token: str = field(repr=False)
    key: str = field(default="", repr=False)
    """What calls name the shop by, where that is not its id (TikTok Shop's cipher)."""
    await_turn: Callable[[], None] = field(default=_no_pace, repr=False, compare=False)
    """Called by the channel before EVERY request that counts against its limits. Waits for a turn;
    raises Throttled when that would take too long."""
    note_permission: Callable[[Permission, str], None] = field(
        default=_nobody_notes, repr=False, compare=False
    )
    """Called after every request that was answered (``channels.permissions``): with the channel's words
    where it was not permitted, with "" where it was."""


@dataclass(frozen=True, slots=True)
class Grant:
    """What a code exchange or a refresh gives: tokens and how long they live."""

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    access_expires_at: datetime
    refresh_expires_at: datetime | None
    shops: tuple[GrantedShop, ...] = ()
    """The shops that this grant opens (a Shopee main account or TikTok seller can open several).
    Filled by an exchange; a refresh may leave it empty, or tell a shop's new ``ends_at``."""
    holder: str = ""
    """Not "": all shops of this holder share this one pair of tokens for good (TikTok Shop's
    seller), so that a refresh for one of them is a refresh for all. "": each shop goes its own way
    from the first refresh on."""


@dataclass(frozen=True, slots=True)
class GrantedShop:
    """A shop that a grant opens."""

    shop_id: str
    region: str
    name: str = ""
    key: str = field(default="", repr=False)
    """See ``Shop.key``."""
    ends_at: datetime | None = None
    """When the seller's consent for this shop ends, where the channel tells it apart from the end of
    the refresh token (Shopee renews that with every refresh)."""


@dataclass(frozen=True, slots=True)
class Glimpse:
    """An order seen in a list: enough to know that it exists and may have changed.

    ``facts`` is there where the list itself tells something worth storing before its items are
    read (``lines`` is empty then), or everything (TikTok Shop).
    """

    order_id: str
    facts: OrderFacts | None = None
    raw: bytes = field(default=b"", repr=False)
    """The channel's JSON of the order as the list tells it; handed to ``fetch`` to spare a call."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list of changed orders, and where to go on (None: no more)."""

    glimpses: tuple[Glimpse, ...]
    next: str | None
    """An opaque cursor of the channel's, good for going on after a restart with the same window."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """What reading some orders gave. Ids that the channel did not answer for are in ``missing``."""

    orders: tuple[OrderFacts, ...]
    raw: Mapping[str, bytes]
    """Channel order id → the JSON that the facts were read from."""
    missing: tuple[str, ...] = ()
    refused: Mapping[str, str] = field(default_factory=dict)
    """Channel order id → why the channel did not tell it, for those that it refused one by one. What
    could be read in part only is in ``orders``, and says so itself (``OrderFacts.problems``)."""


@dataclass(frozen=True, slots=True)
class Told:
    """What the channel answered about one order of a batch call.

    ``ok`` true: done. ``already`` true: it had been done before. Otherwise ``words`` say why not.
    ``again`` true: the channel says that the same call may be repeated.
    ``done`` / ``left``: line or package ids that worked, and that did not (a part may have worked).
    """

    order_id: str
    ok: bool
    already: bool = False
    words: str = ""
    code: str = ""
    again: bool = False
    done: tuple[str, ...] = ()
    left: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Parcel:
    """What a call about packages is given: the order with the packages or lines that are meant."""

    order_id: str
    package_ids: tuple[str, ...] = ()
    line_ids: tuple[str, ...] = ()
    how: HowToShip | None = None
    """For shipping, where the channel lets the seller choose; None: nothing was chosen."""


@dataclass(frozen=True, slots=True)
class Label:
    """The AWB of one package as the channel gave it: a PDF, if all is well (``papers.judging`` looks)."""

    order_id: str
    package_id: str
    pdf: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class NoLabel:
    """Why there is no AWB: ``again`` true if the channel is still making it."""

    order_id: str
    words: str
    again: bool


class EventKind(StrEnum):
    """What a webhook is about."""

    ORDER = "order"
    RETURN = "return"
    DEAUTHORIZED = "deauthorized"
    """The seller, or time, ended our authorisation: worth asking at once."""


@dataclass(frozen=True, slots=True)
class Event:
    """A webhook, believed for *that* something happened to these orders, never for *what*."""

    event_id: str
    """The channel's own id of the message, or the hash of the raw body."""
    shop_id: str
    region: str
    """"" where the message does not tell it."""
    kind: EventKind
    order_ids: tuple[str, ...] = ()
    return_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Limits:
    """How fast and how much. Calls per second are our own pace: no channel publishes firm limits."""

    per_app: float
    """0: the channel has no limit an app."""
    per_shop: float
    in_flight: int
    """How many calls of one store may be in the air at once."""
    pack_orders: int
    """Most orders in one pack call (1 where the channel packs locally)."""
    ship_packages: int
    fetch_orders: int
    window_days: int
    """Longest window of a list by time, in days."""


@dataclass(frozen=True, slots=True)
class Can:
    """What a channel has a call for. What it cannot do is a mark of ours, or is never offered."""

    pack: bool
    """False: packing is a local mark (Shopee, TikTok Shop)."""
    deliver: bool
    """False: "delivered by the seller" is a local mark (Shopee)."""
    repack: bool
    choose_how_to_ship: bool
    """Whether shipping may need a choice: pick-up, drop-off, the seller's own courier."""
    cancel: bool
    reject_cancellation: bool
    fail_delivery: bool = False
    """Whether it can be told that a parcel of the seller's own fleet will not be delivered."""


@dataclass(frozen=True, slots=True)
class Regions:
    """Where a store can be linked: a country, or wherever the channel has an authorise page of its own."""

    code: str
    name: str


class Channel(Protocol):
    """A marketplace."""

    name: str
    """``lazada``: the folder's name, used in addresses and the database."""
    title: str
    """``Lazada``: as people write it."""
    regions: tuple[Regions, ...]
    limits: Limits
    words: Mapping[str, Stage]
    """Every status word that the channel is known to use → our stage."""
    can: Can
    app_settings: tuple[AppSetting, ...]
    """What the operator sets besides the app's key and secret."""

    def authorize_url(self, app: App, *, region: str, redirect_uri: str, state: str) -> str:
        """The page where a seller lets us in."""
        ...

    def exchange(self, app: App, *, region: str, query: Mapping[str, str]) -> Grant:
        """Turn what the authorise page sent back into tokens and the shops that they open.

        ``region`` is what the person chose for linking; the shops' own regions are in the answer.
        Raises Refused.
        """
        ...

    def refresh(self, app: App, *, region: str, shop_id: str, refresh_token: str) -> Grant:
        """New tokens for old. Raises TokenDead when the seller must authorise again."""
        ...

    def shop_name(self, shop: Shop) -> str:
        """The shop's own name: also the best test of a connection."""
        ...

    def changed(
        self,
        shop: Shop,
        *,
        since: datetime,
        until: datetime,
        cursor: str | None,
        by_creation: bool = False,
    ) -> Page:
        """One page of the orders updated (or created) in the window, oldest first.

        The window may be at most ``limits.window_days`` long. An order that moves while being
        paged may be seen twice, never missed.
        """
        ...

    def fetch(
        self, shop: Shop, order_ids: Sequence[str], seen: Mapping[str, bytes] | None = None
    ) -> Fetched:
        """Read at most ``limits.fetch_orders`` orders with lines and packages.

        ``seen``: raw JSON from a list or an earlier fetch. A channel that tells an order's head and
        its items in two calls (Lazada) takes the head from here and asks for the items only.
        """
        ...

    def pack(self, shop: Shop, parcels: Sequence[Parcel]) -> tuple[Told, ...]:
        """Pack; at most ``limits.pack_orders``. Raises Unclear when the answer never came."""
        ...

    def ship(self, shop: Shop, parcels: Sequence[Parcel]) -> tuple[Told, ...]:
        """Tell the channel that packages are ready to ship; at most ``limits.ship_packages`` packages."""
        ...

    def labels(self, shop: Shop, parcel: Parcel) -> tuple[Label, ...] | NoLabel:
        """The AWBs of one order's packages, one PDF a package. Repeating it does no harm."""
        ...

    def deliver(self, shop: Shop, parcels: Sequence[Parcel]) -> tuple[Told, ...]:
        """Mark parcels that the seller delivers as delivered; at most ``limits.ship_packages``.
        Only where ``can.deliver``."""
        ...

    def fail_delivery(self, shop: Shop, parcels: Sequence[Parcel]) -> tuple[Told, ...]:
        """Tell that parcels that the seller delivers come back for good; at most
        ``limits.ship_packages``. Only where ``can.fail_delivery``."""
        ...

    def repack(self, shop: Shop, parcels: Sequence[Parcel]) -> tuple[Told, ...]:
        """Undo the packing of packages; at most ``limits.ship_packages``. Only where ``can.repack``."""
        ...

    def ways_to_ship(self, shop: Shop, parcel: Parcel) -> WaysToShip:
        """What is offered for one order that waits to be shipped. Only where ``can.choose_how_to_ship``."""
        ...

    def cancel_form(self, shop: Shop, parcel: Parcel) -> Form:
        """The reasons for which the seller can cancel this order now. Raises Refused when it cannot."""
        ...

    def cancel(self, shop: Shop, parcel: Parcel, *, reason: str, comment: str = "") -> Told:
        """Cancel an order as the seller (``parcel.line_ids``: these lines; () all). Only where
        ``can.cancel``."""
        ...

    def cancellation_form(self, shop: Shop, order_id: str, request_id: str) -> Form:
        """What a refusal of a buyer's cancellation needs. Only where ``can.reject_cancellation``."""
        ...

    def answer_cancellation(self, shop: Shop, answer: CancelAnswer) -> Told:
        """Accept or refuse a buyer's cancellation."""
        ...

    def returns(
        self, shop: Shop, *, since: datetime, until: datetime, cursor: str | None
    ) -> ReturnsPage:
        """One page of the returns updated in the window (at most ``limits.window_days`` long).
        A return that moves while being paged may be seen twice, never missed."""
        ...

    def returns_of(
        self, shop: Shop, order_id: str, return_ids: Sequence[str] = ()
    ) -> tuple[ReturnFacts, ...]:
        """The returns of one order; ``return_ids`` are those that are known already."""
        ...

    def return_form(self, shop: Shop, known: ReturnFacts, move: ReturnMove) -> Form:
        """What a move in a return needs."""
        ...

    def answer_return(self, shop: Shop, answer: ReturnAnswer) -> Told:
        """Make a move in a return. Evidence is uploaded by the same call."""
        ...

    def settlements(self, shop: Shop, order_ids: Sequence[str]) -> Mapping[str, Settlement]:
        """What the channel pays for these orders (at most ``limits.fetch_orders``), by order id;
        orders of which it tells nothing yet are left out."""
        ...

    def listings(self, shop: Shop, cursor: str | None) -> ListingPage:
        """One page of what the shop sells."""
        ...

    def event(
        self, app: App, *, headers: Mapping[str, str], body: bytes, url: str
    ) -> Iterator[Event]:
        """Verify and read a webhook. Header names are lower case; ``url`` is our registered address.
        Raises Refused on a wrong signature, Unreadable on a signed body that nobody promised."""
        ...
