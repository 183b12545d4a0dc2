"""Letting a shop go: its orders stay, what is open ends first, its tokens are wiped.

Nothing new begins from the first moment on. What was not sent is cancelled; what is in the air is
awaited by a job, so that no effect at the channel is left unknown for want of a token.
"""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from crossdock.stores.linked import OpenWork, cancel_unsent, open_work
from crossdock.stores.models import Store


def begin_unlinking(store: Store) -> OpenWork:
    """Stop everything for this store; what must still be awaited (``in_air``)."""
    now = timezone.now()
    Store.objects.filter(pk=store.pk, unlinked_at__isnull=True).update(
        unlinking_at=now, paused_at=now
    )
    cancel_unsent(store)
    return open_work(store)


def finish_unlinking(store_id: int) -> bool:
    """Unlink a store whose work has ended; False while something is in the air.

    A store that was linked again meanwhile is left alone.
    """
    store = Store.objects.filter(pk=store_id, unlinking_at__isnull=False).first()
    if store is None:
        return True
    cancel_unsent(store)
    if open_work(store).in_air:
        return False
    with transaction.atomic():
        kept = Store.objects.select_for_update().get(pk=store_id)
        if kept.unlinking_at is not None:
            _let_go(kept)
    return True


def _let_go(store: Store) -> None:
    fields = {
        "unlinked_at": timezone.now(),
        "unlinking_at": None,
        "access_token_sealed": b"",
        "refresh_token_sealed": b"",
        "access_expires_at": None,
        "refresh_expires_at": None,
        "end_granted_at": None,
        "consent_ends_at": None,
        "refresh_started_at": None,
        "token_dead_words": "",
        "token_holder": "",
        "token_warned": "",
        "shop_key": "",
        "sync_error": "",
    }
    for name, value in fields.items():
        setattr(store, name, value)
    store.save(update_fields=list(fields))
