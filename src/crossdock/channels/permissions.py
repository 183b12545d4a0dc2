"""What a channel must permit us, and what an answer says about it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crossdock.channels.errors import NotPermitted

if TYPE_CHECKING:
    from crossdock.channels.contract import Shop


@dataclass(frozen=True, slots=True)
class Permission:
    """What a channel must allow us for one kind of call."""

    name: str
    """As the channel calls it, such as a scope."""
    stops: str
    """What does not work without it, in a clause: ``returns are neither read nor answered``."""
    grant: str
    """Where it is granted, in a sentence."""
    is_for_orders: bool = False
    """Without it no order comes in at all."""

    @property
    def lack(self) -> str:
        """What is to be said where it is missing."""
        return f"The permission {self.name} is missing: {self.stops}. {self.grant}"


@contextmanager
def permitted(shop: Shop, permission: Permission) -> Iterator[None]:
    """A request that needs this permission. A refusal for want of it is noted, and names it; an answer
    notes that we have it. Raises NotPermitted, and what the request raises."""
    try:
        yield
    except NotPermitted as refusal:
        shop.note_permission(permission, refusal.words)
        words = f"{permission.lack} ({refusal.words.rstrip('.')})"
        raise NotPermitted(words, code=refusal.code) from refusal
    shop.note_permission(permission, "")
