"""Turns for requests to outside systems: who waits for one, and how long; what a store's calls count
against."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from crossdock.channels.contract import Channel
from crossdock.channels.errors import ChannelError, Throttled
from crossdock.channels.patience import seconds_left
from crossdock.channels.registry import channel
from crossdock.stores.models import Store
from crossdock.work import figures, pace

_PATIENCE = 1.0
"""Seconds that a job waits for the first turn of a call: longer waits are for its next run."""
_LATER_PATIENCE = 5.0
"""Seconds for the turns after it: what a call has begun to read should not be thrown away."""


@dataclass(frozen=True, slots=True)
class StorePace:
    """Gives turns to every request for a store (see ``stores.calling``)."""

    def turns(self, store: Store, taken: int, *, urgent: bool) -> Callable[[], None]:
        """What waits for the store's next turn; the first ``taken`` are in hand already."""
        limits = limits_of(channel(store.channel), store.region, store.shop_id)
        count = 0

        def await_next() -> None:
            nonlocal count
            count += 1
            if count > taken:
                patience = _PATIENCE if count == 1 else _LATER_PATIENCE
                await_turn(limits, patience, urgent=urgent)
            figures.count(figures.CALLS, store.channel)

        return await_next

    def hear(self, store: Store, error: ChannelError) -> None:
        """Count a call that came to nothing; where the channel asks for a pause, let nobody call for this
        store for so long, a minute at most."""
        figures.count(figures.ERRORS, store.channel, type(error).__name__)
        if isinstance(error, Throttled):
            pace.hold(_shop_key(store.channel, store.region, store.shop_id), error.wait)


def limits_of(channel: Channel, region: str, shop_id: str) -> tuple[tuple[str, float], ...]:
    """What a call for one shop counts against: the app's limit, where there is one, and the shop's."""
    of_app = ((f"{channel.name}:app", channel.limits.per_app),) if channel.limits.per_app else ()
    return (*of_app, (_shop_key(channel.name, region, shop_id), channel.limits.per_shop))


def await_turn(
    limits: Sequence[tuple[str, float]], patience: float = _PATIENCE, *, urgent: bool = False
) -> None:
    """Take a turn, waiting for it at most ``patience`` seconds, and not beyond the time that the calls
    at hand have together. Raises Throttled when it takes longer."""
    until = time.monotonic() + min(patience, seconds_left())
    while pause := pace.take(limits, urgent=urgent):
        if time.monotonic() + pause > until:
            raise Throttled("Waiting for a turn.", wait=pause, is_ours=True)
        time.sleep(pause)


def _shop_key(channel_name: str, region: str, shop_id: str) -> str:
    return f"{channel_name}:shop:{region}:{shop_id}"
