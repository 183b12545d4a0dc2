"""What the control asks of a channel, whichever it is, and of the books."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from crossdock_sandbox.grants import Grants
from crossdock_sandbox.sqlaccount import by_hand
from crossdock_sandbox.sqlaccount.documents import Refused
from crossdock_sandbox.sqlaccount.office import EFFECTS, Office
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


class NotDone(Exception):
    """Something cannot happen in the books; the text says what is allowed."""

    def __init__(self, text: str, status: int = 400) -> None:
        super().__init__(text)
        self.status = status


def happen_in_books(office: Office, body: Mapping[str, Any]) -> dict[str, Any]:
    """One thing happens in the books, by a person or to the database; what came of it. Raises NotDone."""
    if len(body) != 1 or (what := next(iter(body))) not in _HAPPENINGS:
        raise NotDone(f"give one of {', '.join(_HAPPENINGS)}")
    try:
        return {what: _HAPPENINGS[what](office, body[what])}
    except LookupError as missing:
        raise NotDone(str(missing.args[0]), 404) from None
    except Refused as refusal:
        raise NotDone(str(refusal), 409) from None


def _company(office: Office, told: Any) -> Any:
    if told is None:
        office.put_first_back()
    else:
        office.put_others(_text(told, "name"), _text(told, "register"))
    return told


def _edit(office: Office, told: Any) -> Any:
    kind, number = _document(told)
    fields = told.get("fields")
    if not isinstance(fields, dict) or not fields:
        raise NotDone("fields must be an object of the document's fields")
    return by_hand.edit(office, kind, number, fields)


def _renumber(office: Office, told: Any) -> Any:
    return by_hand.renumber(office, *_document(told), _text(told, "to"))


def _delete(office: Office, told: Any) -> Any:
    return by_hand.delete(office, *_document(told))


def _copy(office: Office, told: Any) -> Any:
    return by_hand.copy(office, *_document(told), _text(told, "to"))


_HAPPENINGS: dict[str, Callable[[Office, Any], Any]] = {
    "company": _company,
    "edit": _edit,
    "renumber": _renumber,
    "delete": _delete,
    "copy": _copy,
}


def _document(told: Any) -> tuple[str, str]:
    kind = told.get("kind") if isinstance(told, dict) else None
    if kind not in EFFECTS:
        raise NotDone(f"kind must be one of {', '.join(EFFECTS)}")
    return str(kind), _text(told, "document")


def _text(told: Any, name: str) -> str:
    value = told.get(name) if isinstance(told, dict) else None
    if not isinstance(value, str) or not value:
        raise NotDone(f"{name} must be a text")
    return value
