"""What happens above this room when a store is linked, asked for or unlinked, and what it offers there.

The rooms above register themselves at start, since this one must not know them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from crossdock.companies.rights import Deed
from crossdock.stores.models import Store


@dataclass(frozen=True, slots=True)
class OpenWork:
    """What is under way at a store's channel."""

    unsent: int = 0
    """Nothing of these was sent: they can be cancelled."""
    in_air: int = 0
    """These were sent, or are being asked about: only waiting ends them."""
    unclear: int = 0
    """What came of these could not be found out: without tokens it never will be."""

    def __add__(self, other: OpenWork) -> OpenWork:
        return OpenWork(
            self.unsent + other.unsent,
            self.in_air + other.in_air,
            self.unclear + other.unclear,
        )


class Unlinking(Protocol):
    """What must end before a store is unlinked."""

    def open_work(self, store: Store) -> OpenWork:
        """What is under way for this store."""
        ...

    def cancel_unsent(self, store: Store) -> int:
        """Cancel what was not sent; how many. Safe to repeat."""
        ...


@dataclass(frozen=True, slots=True)
class Offer:
    """A page above this room that a store's card leads to."""

    title: str
    icon: str
    url_name: str
    """Of an address inside a company; the store's pk is given as ``?store=``."""
    deed: Deed


@dataclass(frozen=True, slots=True)
class Remark:
    """What a room above has to say about how a store fares."""

    words: str
    tone: str = ""
    """``warn`` or ``bad`` where somebody should look."""


Describe = Callable[[Sequence[Store]], Mapping[int, Sequence[Remark]]]

_on_linked: list[Callable[[Store, int], None]] = []
_on_asked: list[Callable[[Store], None]] = []
_on_reach: list[Callable[[Store, int], None]] = []
_on_unlinking: list[Unlinking] = []
_on_describing: list[Describe] = []
_offers: list[Offer] = []


def when_linked(deed: Callable[[Store, int], None]) -> None:
    """Have this called with every store that was linked, and the days that its first sync covers."""
    _on_linked.append(deed)


def when_asked(deed: Callable[[Store], None]) -> None:
    """Have this called when a person asks for a store's orders at once."""
    _on_asked.append(deed)


def when_reaching_back(deed: Callable[[Store, int], None]) -> None:
    """Have this called when a person wants the orders of so many days in the book."""
    _on_reach.append(deed)


def when_unlinking(work: Unlinking) -> None:
    """Have this asked before a store is unlinked."""
    _on_unlinking.append(work)


def when_described(deed: Describe) -> None:
    """Have this asked what else is to be said of stores; pk → remarks, for those that have any."""
    _on_describing.append(deed)


def offer(page: Offer) -> None:
    """Have every store's card lead to this page."""
    if page not in _offers:
        _offers.append(page)


def tell_linked(store: Store, days: int) -> None:
    """A store was linked (again)."""
    for deed in _on_linked:
        deed(store, days)


def tell_asked(store: Store) -> None:
    """A person asks for a store's orders at once."""
    for deed in _on_asked:
        deed(store)


def tell_reach(store: Store, days: int) -> None:
    """A person wants the orders of so many days in the book."""
    for deed in _on_reach:
        deed(store, days)


def open_work(store: Store) -> OpenWork:
    """What is under way for this store in the rooms above."""
    return sum((work.open_work(store) for work in _on_unlinking), OpenWork())


def cancel_unsent(store: Store) -> int:
    """Cancel what was not sent for this store; how many."""
    return sum(work.cancel_unsent(store) for work in _on_unlinking)


def remarks_on(stores: Sequence[Store]) -> dict[int, list[Remark]]:
    """What the rooms above say of these stores, by pk."""
    found: dict[int, list[Remark]] = {store.pk: [] for store in stores}
    for deed in _on_describing:
        for store_id, remarks in deed(stores).items():
            found[store_id] += remarks
    return found


def offers() -> tuple[Offer, ...]:
    """The pages that a store's card leads to."""
    return tuple(_offers)
