"""Calling a store's channel: with a living token, in turn, and once more when the token turned out
to be over."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Protocol, TypeVar

from crossdock.channels.contract import Channel, Shop
from crossdock.channels.errors import (
    ChannelError,
    NotSent,
    Throttled,
    TokenDead,
    TokenExpired,
    Unclear,
    Unreadable,
)
from crossdock.channels.registry import channel
from crossdock.stores.models import Store
from crossdock.stores.permissions import note_permission
from crossdock.stores.tokens import bury, living, opened, renew

T = TypeVar("T")
_TOKENS = ("access_token_sealed", "refresh_token_sealed", "access_expires_at", "refresh_expires_at")


class Pace(Protocol):
    """Who gives turns to requests: a room above, which registers itself at start."""

    def turns(self, store: Store, taken: int, *, urgent: bool) -> Callable[[], None]:
        """What waits for the next turn; ``taken`` turns are in hand already. Raises Throttled."""
        ...

    def hear(self, store: Store, error: ChannelError) -> None:
        """A call came to nothing; where the channel asks for a pause, nobody calls for this store meanwhile."""
        ...


_paces: list[Pace] = []


def pace_with(pace: Pace) -> None:
    """Have every request for a store wait for its turn. Called once, at start."""
    _paces[:] = [pace]


def call(
    store: Store,
    ask: Callable[[Channel, Shop], T],
    *,
    turns_taken: int = 0,
    urgent: bool = False,
) -> T:
    """What ``ask`` gets from the channel for this store.

    Every request waits for a turn, but for the ``turns_taken`` that the caller holds already; those
    of an ``urgent`` call go before others. A
    token that the channel calls expired is refreshed and the call made once more: safe also for
    writing calls, since the gateway refuses the token before it looks at the request.
    Raises ``channels.errors``; after TokenDead the store says that it must be linked again, after
    NotPermitted which permission it lacks.
    """
    known = channel(store.channel)
    used = _ready(store, living)
    try:
        return _paced(known, used, ask, turns_taken, urgent)
    except TokenExpired:
        used = _ready(store, lambda known: renew(known, bytes(used.access_token_sealed)))
    try:
        return _paced(known, used, ask, 0, urgent)
    except TokenExpired as refusal:
        raise TokenDead(bury(used, refusal.words), code=refusal.code) from refusal


def _ready(store: Store, refresh: Callable[[Store], Store]) -> Store:
    """The store with a token to call with; the caller's own copy gets it too, for its next call.

    A refresh whose answer was lost says nothing of the call that waits for it: that was not sent.
    """
    try:
        fresh = refresh(store)
    except (Unclear, Unreadable) as lost:
        raise NotSent(lost.words, code=lost.code) from lost
    for field in _TOKENS:
        setattr(store, field, getattr(fresh, field))
    return fresh


def _paced(
    known: Channel, store: Store, ask: Callable[[Channel, Shop], T], taken: int, urgent: bool
) -> T:
    shop = replace(opened(store), note_permission=partial(note_permission, store))
    if _paces:
        shop = replace(shop, await_turn=_paces[0].turns(store, taken, urgent=urgent))
    try:
        return ask(known, shop)
    except ChannelError as error:
        if _paces and not (isinstance(error, Throttled) and error.is_ours):
            _paces[0].hear(store, error)
        if isinstance(error, TokenDead):
            raise TokenDead(bury(store, error.words), code=error.code) from error
        raise
