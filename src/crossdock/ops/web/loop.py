"""Waiting for whoever can be read or written, at a cost that does not grow with those who merely stay.

waitress asks every connection anew each time that anything happens: a thousand idle ones took 4 ms of every
request. Here only those are asked for whom something has changed.
"""

from __future__ import annotations

import selectors
from contextlib import suppress
from typing import Any

from waitress import wasyncore


class Loop:
    """The connections of one server. ``changed`` may be called from any thread, the rest from one."""

    def __init__(self) -> None:
        self._selector = selectors.DefaultSelector()
        self._changed: set[Any] = set()

    def changed(self, one: Any) -> None:
        """Have this one asked again whether it wants to read or write."""
        self._changed.add(one)

    def gone(self, number: int) -> None:
        """Forget a connection by its number, before another has it."""
        with suppress(KeyError):
            self._selector.unregister(number)

    def turn(self, seconds: float) -> None:
        """Let whoever can read and write; wait for them so long at most."""
        while self._changed:
            self._watch(self._changed.pop())
        for key, events in self._selector.select(seconds):
            if events & selectors.EVENT_READ:
                wasyncore.read(key.data)
            if events & selectors.EVENT_WRITE and key.data._fileno == key.fd:
                wasyncore.write(key.data)
            self._changed.add(key.data)

    def close(self) -> None:
        """Forget them all."""
        self._selector.close()

    def _watch(self, one: Any) -> None:
        if one._fileno is None:
            return
        wanted = (selectors.EVENT_READ if one.readable() else 0) | (
            selectors.EVENT_WRITE if one.writable() and not one.accepting else 0
        )
        known = self._selector.get_map().get(one._fileno)
        if known is None and wanted:
            self._selector.register(one._fileno, wanted, one)
        elif known is not None and not wanted:
            self._selector.unregister(one._fileno)
        elif known is not None and known.events != wanted:
            self._selector.modify(one._fileno, wanted, one)
