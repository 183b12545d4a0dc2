"""What happens above this room when a store is linked, or somebody asks for its orders.

The rooms above register themselves at start, since this one must not know them.
"""

from __future__ import annotations

from collections.abc import Callable

from crossdock.stores.models import Store

_on_linked: list[Callable[[Store, int], None]] = []
_on_asked: list[Callable[[Store], None]] = []


def when_linked(deed: Callable[[Store, int], None]) -> None:
    """Have this called with every store that was linked, and the days that its first sync covers."""
    _on_linked.append(deed)


def when_asked(deed: Callable[[Store], None]) -> None:
    """Have this called when a person asks for a store's orders at once."""
    _on_asked.append(deed)


def tell_linked(store: Store, days: int) -> None:
    """A store was linked (again)."""
    for deed in _on_linked:
        deed(store, days)


def tell_asked(store: Store) -> None:
    """A person asks for a store's orders at once."""
    for deed in _on_asked:
        deed(store)
