"""What happens above this room when orders were written.

The rooms above register themselves at start, since this one must not know them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from crossdock.rules.facts import OrderFacts
from crossdock.stores.models import Store

Look = Callable[[Store, Sequence[OrderFacts]], None]

_on_written: list[Look] = []


def when_written(look: Look) -> None:
    """Have this called with every order that is new or brought news, in the transaction that writes
    it: it must neither wait for anybody nor call anything outside."""
    if look not in _on_written:
        _on_written.append(look)


def tell_written(store: Store, orders: Sequence[OrderFacts]) -> None:
    """These orders of a store were written."""
    if orders:
        for look in _on_written:
            look(store, orders)
