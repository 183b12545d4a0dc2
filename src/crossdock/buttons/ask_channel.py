"""Asking a channel while a person waits: what an answer needs, and how parcels can be shipped.

Reading only; whatever is sent is a worker's. The failure is told in the channel's own words.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from crossdock.buttons.turns import await_turn, limits_of
from crossdock.channels.contract import Channel, Shop
from crossdock.channels.errors import ChannelError, Throttled
from crossdock.channels.patience import WHILE_A_PERSON_WAITS, within
from crossdock.channels.registry import channel
from crossdock.stores.calling import call as call_store
from crossdock.stores.models import Store

T = TypeVar("T")

_TURN_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class Heard(Generic[T]):
    """What a channel told: an answer, or why there is none."""

    answer: T | None = None
    words: str = ""


def ask_channel(store: Store, ask: Callable[[Channel, Shop], T]) -> Heard[T]:
    """Ask for this store, with the next turn that is free and little patience."""
    known = channel(store.channel)
    limits = limits_of(known, store.region, store.shop_id)
    try:
        with within(WHILE_A_PERSON_WAITS):
            await_turn(limits, _TURN_SECONDS, urgent=True)
            return Heard(call_store(store, ask, turns_taken=1))
    except Throttled as error:
        words = f"too many calls at this moment ({error.words})"
    except ChannelError as error:
        words = error.words
    return Heard(words=f"{known.title}: {words}")
