"""Access tokens: opened for a call, refreshed once however many meet an expired one.

A refresh token may work once only, so that a refresh takes the store's row lock, reads again,
writes down that it is under way, calls, and commits before anyone uses the result. A refresh that
is found begun but not ended (killed in between) leaves tokens that nobody knows: the store must be
linked again, and says so.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.db import connection
from django.utils import timezone

from crossdock.channels.contract import Grant, Shop
from crossdock.channels.errors import ChannelError, Refused, TokenDead
from crossdock.channels.registry import channel
from crossdock.companies.scope import company_scope
from crossdock.stores.models import Store
from crossdock.stores.registration import app_of
from crossdock.stores.sealing import open_sealed, seal

_EARLY = timedelta(minutes=30)
"""Lazada asks to refresh at least 30 minutes before the end."""

_LOCK_CLASS = 7101
"""Names our advisory locks of this kind; the second number is the store."""


def shop_of(store: Store) -> Shop:
    """What a call to this store's channel needs, with a token that will last the call.

    Raises as ``living``.
    """
    return opened(living(store))


def living(store: Store) -> Store:
    """The store with a token that will last: refreshed when its end is near.

    Raises TokenDead when the seller must link the store again; NotSent, Throttled or Unclear when
    a refresh that was due did not come through.
    """
    if store.needs_relink:
        raise TokenDead(store.token_dead_words)
    if _runs_out(store):
        return renew(store, bytes(store.access_token_sealed))
    return store


def opened(store: Store) -> Shop:
    """This store as the channel's calls want it, with the token that it holds now."""
    return Shop(
        app=app_of(store.channel),
        shop_id=store.shop_id,
        region=store.region,
        access_token=open_sealed(bytes(store.access_token_sealed)),
        key=store.shop_key,
    )


def renew(store: Store, met: bytes) -> Store:
    """Refresh the token that a call met as expired; ``met`` is that token, sealed.

    Of many callers with the same expired token one refreshes, the others wait for it.
    Raises as ``living``.
    """
    with company_scope(store.company_id), _one_at_a_time(store.pk):
        fresh = Store.objects.get(pk=store.pk)
        if fresh.needs_relink:
            raise TokenDead(fresh.token_dead_words)
        if bytes(fresh.access_token_sealed) != bytes(met):
            return fresh
        if fresh.refresh_started_at is not None:
            raise TokenDead(bury(fresh, "a refresh of its token was cut off"))
        return _refresh(fresh)


def _refresh(store: Store) -> Store:
    """Refresh and commit. The mark stays only if we are killed between the answer and the commit."""
    _mark(store, timezone.now())
    try:
        grant = channel(store.channel).refresh(
            app_of(store.channel),
            region=store.region,
            shop_id=store.shop_id,
            refresh_token=open_sealed(bytes(store.refresh_token_sealed)),
        )
    except Refused as refusal:
        raise TokenDead(bury(store, refusal.words), code=refusal.code) from refusal
    except ChannelError:
        # Nothing came, so that we still hold the old token: the next try tells whether it lives.
        _mark(store, None)
        raise
    keep(store, grant)
    store.save()
    return store


@contextmanager
def _one_at_a_time(store_id: int) -> Iterator[None]:
    """Hold this store's refresh lock: of the session, since the mark must be committed under it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s, %s)", [_LOCK_CLASS, store_id])
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [_LOCK_CLASS, store_id])


def _mark(store: Store, at: datetime | None) -> None:
    store.refresh_started_at = at
    store.save(update_fields=["refresh_started_at"])


def keep(store: Store, grant: Grant) -> None:
    """Store a grant's tokens: the store lives (again)."""
    store.access_token_sealed = seal(grant.access_token)
    store.refresh_token_sealed = seal(grant.refresh_token)
    store.access_expires_at = grant.access_expires_at
    store.refresh_expires_at = grant.refresh_expires_at
    store.refresh_started_at = None
    store.token_dead_words = ""


def bury(store: Store, words: str) -> str:
    """Note that only the seller can bring this store back; the note, with the reason in it."""
    note = f"The store must be linked again: {words}"
    with company_scope(store.company_id):
        Store.objects.filter(pk=store.pk).update(token_dead_words=note, refresh_started_at=None)
    store.token_dead_words = note
    return note


def _runs_out(store: Store) -> bool:
    return store.access_expires_at is not None and store.access_expires_at - timezone.now() < _EARLY
