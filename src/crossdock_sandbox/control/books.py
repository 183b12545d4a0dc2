"""What the control asks of a channel, whichever it is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from crossdock_sandbox.grants import Grants
from crossdock_sandbox.world.shops import Shop


class ChannelBook(Protocol):
    """A channel's memory."""

    channel: str
    grants: Grants

    @property
    def words(self) -> tuple[str, ...]:
        """The status words in which orders can be made."""
        ...

    @property
    def default_word(self) -> str:
        """The status in which orders are made unless another is named."""
        ...

    def seed(self, count: int) -> None:
        """The orders that are there at the first start."""
        ...

    def make_orders(
        self,
        shop: Shop,
        ids: Sequence[str],
        *,
        created: Sequence[datetime],
        status: str,
        lines: int | None,
        self_delivery: bool,
        sku: str,
        fields: Mapping[str, Any] | None = None,
        combine_with: str = "",
    ) -> list[str]:
        """Make orders with these ids ("": the next one); their ids. Raises NotPossible.

        ``fields``: what the channel tells of them otherwise. ``combine_with``: the order whose parcel
        they travel in ("": their own); then a ``status`` of "" is that order's.
        """
        ...

    def has(self, shop: str, order_id: str) -> bool:
        """Whether a shop has an order of this id."""
        ...

    def is_order_id(self, text: str) -> bool:
        """Whether it looks like one of the channel's order ids."""
        ...

    def known_as(self, order_id: str) -> set[str]:
        """Every id by which calls name an order of this id, or something of it."""
        ...

    def told(self, shop: str = "") -> Iterator[tuple[tuple[str, ...], dict[str, Any]]]:
        """The truth: every order's status words, and its JSON."""
        ...

    def happen(self, order_id: str, event: str, shop: str | None) -> str | None:
        """One thing happens; the status afterwards, None where there is no such order.

        Raises NotPossible.
        """
        ...

    def pass_time(self, hours: float) -> None:
        """What couriers, buyers and deadlines do in so many hours, done now."""
        ...
