"""Calling a store's channel: with a living token, and once more when it turned out to be over."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from crossdock.channels.contract import Channel, Shop
from crossdock.channels.errors import TokenDead, TokenExpired
from crossdock.channels.registry import channel
from crossdock.stores.models import Store
from crossdock.stores.tokens import bury, living, opened, renew

T = TypeVar("T")


def call(store: Store, ask: Callable[[Channel, Shop], T]) -> T:
    """What ``ask`` gets from the channel for this store.

    A token that the channel calls expired is refreshed and the call made once more: safe also for
    writing calls, since the gateway refuses the token before it looks at the request.
    Raises ``channels.errors``.
    """
    known = channel(store.channel)
    used = living(store)
    try:
        return ask(known, opened(used))
    except TokenExpired:
        fresh = renew(used, bytes(used.access_token_sealed))
    try:
        return ask(known, opened(fresh))
    except TokenExpired as refusal:
        raise TokenDead(bury(fresh, refusal.words), code=refusal.code) from refusal
