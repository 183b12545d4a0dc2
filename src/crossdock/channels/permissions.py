"""What an answer says about our permission for that kind of call."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from crossdock.channels.contract import Permission, Shop
from crossdock.channels.errors import NotPermitted


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
