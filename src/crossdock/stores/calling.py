"""Calling a store's channel: with a living token, in turn, and once more when the token turned out
to be over."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Protocol, TypeVar

from crossdock.channels.contract import Channel, Shop
from crossdock.channels.errors import Throttled, TokenDead, TokenExpired
from crossdock.channels.registry import channel
from crossdock.stores.models import Store
from crossdock.stores.tokens import bury, living, opened, renew

T = TypeVar("T")


class Pace(Protocol):
    """Who gives turns to requests: a room above, which registers itself at start."""

    def turns(self, store: Store, taken: int) -> Callable[[], None]:
        """What waits for the next turn; ``taken`` turns are in hand already. Raises Throttled."""
        ...

    def hold(self, store: Store, seconds: float) -> None:
        """The channel asks for a pause: nobody calls for this store meanwhile."""
        ...


_paces: list[Pace] = []


def pace_with(pace: Pace) -> None:
    """Have every request for a store wait for its turn. Called once, at start."""
    _paces[:] = [pace]


def call(store: Store, ask: Callable[[Channel, Shop], T], *, turns_taken: int = 0) -> T:
    """What ``ask`` gets from the channel for this store.

    Every request waits for a turn, but for the ``turns_taken`` that the caller holds already. A
    token that the channel calls expired is refreshed and the call made once more: safe also for
    writing calls, since the gateway refuses the token before it looks at the request.
    Raises ``channels.errors``.
    """
    known = channel(store.channel)
    used = living(store)
    try:
        return _paced(known, used, ask, turns_taken)
    except TokenExpired:
        fresh = renew(used, bytes(used.access_token_sealed))
    try:
        return _paced(known, fresh, ask, 0)
    except TokenExpired as refusal:
        raise TokenDead(bury(fresh, refusal.words), code=refusal.code) from refusal


def _paced(known: Channel, store: Store, ask: Callable[[Channel, Shop], T], taken: int) -> T:
    shop = opened(store)
    if not _paces:
        return ask(known, shop)
    try:
        return ask(known, replace(shop, await_turn=_paces[0].turns(store, taken)))
    except Throttled as refusal:
        if not refusal.is_ours:
            _paces[0].hold(store, refusal.wait)
        raise
