"""Access tokens: opened for a call, refreshed once however many meet an expired one.

A refresh token may work once only, so that a refresh takes the lock of its pair of tokens, reads
again, writes down that it is under way, calls, and commits before anyone uses the result. A refresh
that is found begun but not ended (killed in between) leaves tokens that nobody knows: the store must
be linked again, and says so.

Stores of one holder share one pair (``contract.Grant.holder``), also across companies: a refresh for
one of them is a refresh for all, under one lock.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from crossdock.channels.contract import Grant, Shop
from crossdock.channels.errors import ChannelError, TokenDead, TokenExpired
from crossdock.channels.patience import unhurried
from crossdock.channels.registry import channel
from crossdock.companies.only_one import refuse_while_copy
from crossdock.companies.scope import all_companies, company_scope
from crossdock.companies.sealing import open_sealed, seal
from crossdock.stores.alone import one_at_a_time
from crossdock.stores.models import Store
from crossdock.stores.registration import app_of

_EARLY = timedelta(minutes=30)
"""Lazada asks to refresh at least 30 minutes before the end."""

_MOVED = timedelta(minutes=10)
"""An end that is told as "seconds from now" wavers by less than this without having been moved."""

DEAD = "The store must be linked again: "
NOT_LINKED = "This store is not linked any more."
_CUT_OFF = "a refresh of its token was cut off"


def shop_of(store: Store) -> Shop:
    """What a call to this store's channel needs, with a token that will last the call.

    Raises as ``living``.
    """
    return opened(living(store))


def living(store: Store) -> Store:
    """The store with a token that will last: refreshed when its end is near.

    Raises TokenDead when the seller must link the store again; any other of ``channels.errors`` when
    a refresh that was due did not come through.
    """
    if store.unlinked_at is not None:
        raise TokenDead(NOT_LINKED)
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
    refuse_while_copy()
    pair = pair_lock(store.channel, store.region, store.shop_id, store.token_holder)
    with company_scope(store.company_id), one_at_a_time(pair):
        fresh = Store.objects.get(pk=store.pk)
        if fresh.unlinked_at is not None:
            raise TokenDead(NOT_LINKED)
        if fresh.needs_relink:
            raise TokenDead(fresh.token_dead_words)
        if open_sealed(bytes(fresh.access_token_sealed)) != open_sealed(met):
            return fresh
        if fresh.refresh_started_at is not None:
            raise TokenDead(_bury_pair(fresh, _CUT_OFF))
        return _refresh(fresh)


def pair_lock(channel_name: str, region: str, shop_id: str, holder: str) -> str:
    """The name of the lock under which a pair of tokens changes: the holder's, or the shop's own."""
    return f"{channel_name}:holder:{holder}" if holder else f"{channel_name}:{region}:{shop_id}"


def _refresh(store: Store) -> Store:
    """Refresh and commit. The mark stays only if we end between the answer and the commit.

    The marketplace alone says that an authorisation has ended: our clock may be wrong.
    """
    _write(store, refresh_started_at=timezone.now())
    try:
        with unhurried():
            grant = channel(store.channel).refresh(
                app_of(store.channel),
                region=store.region,
                shop_id=store.shop_id,
                refresh_token=open_sealed(bytes(store.refresh_token_sealed)),
            )
    except (TokenDead, TokenExpired) as refusal:
        raise TokenDead(_bury_pair(store, refusal.words), code=refusal.code) from refusal
    except ChannelError:
        # The old token is all that we hold. If its answer was lost it may be used up: the next try
        # tells. Another refusal (a wrong app secret, say) is not the seller's to mend.
        _write(store, refresh_started_at=None)
        raise
    _write(store, **tokens_of(grant, store))
    for shop in grant.shops:
        if shop.shop_id == store.shop_id and shop.ends_at is not None:
            _row(store).update(consent_ends_at=shop.ends_at)
    store.refresh_from_db()
    return store


def tokens_of(grant: Grant, before: Store | None = None) -> dict[str, Any]:
    """A grant's tokens, sealed, as the fields of a store: it lives (again).

    ``before`` tells whether the authorisation's end was moved.
    """
    fields: dict[str, Any] = {
        "access_token_sealed": seal(grant.access_token),
        "refresh_token_sealed": seal(grant.refresh_token),
        "access_expires_at": grant.access_expires_at,
        "refresh_expires_at": grant.refresh_expires_at,
        "refresh_started_at": None,
        "token_dead_words": "",
    }
    known = before.refresh_expires_at if before else None
    end = grant.refresh_expires_at
    if end is not None and (known is None or end - known > _MOVED):
        fields["end_granted_at"] = timezone.now()
    return fields


def bury(store: Store, words: str) -> str:
    """Note that only the seller can bring this store back; the note, with the reason in it.

    Nothing is noted where the store has been given other tokens meanwhile.
    """
    return _note_death(
        _row(store).filter(access_token_sealed=bytes(store.access_token_sealed)), store, words
    )


def _bury_pair(store: Store, words: str) -> str:
    """The same for every store that holds this very pair of tokens."""
    with all_companies():
        return _note_death(
            sharing(store).filter(refresh_token_sealed=bytes(store.refresh_token_sealed)),
            store,
            words,
        )


def _note_death(rows: QuerySet[Store], store: Store, words: str) -> str:
    note = DEAD + words
    rows.update(token_dead_words=note, refresh_started_at=None)
    store.token_dead_words = note
    return note


def _write(store: Store, **fields: Any) -> None:
    with all_companies():
        sharing(store).update(**fields)


def sharing(store: Store) -> QuerySet[Store]:
    """The stores that hold this store's pair of tokens; those of other companies only inside
    ``all_companies()``."""
    if not store.token_holder:
        return _row(store)
    return Store.objects.filter(
        channel=store.channel, token_holder=store.token_holder, unlinked_at__isnull=True
    )


def _row(store: Store) -> QuerySet[Store]:
    with company_scope(store.company_id):
        return Store.objects.filter(pk=store.pk)


def _runs_out(store: Store) -> bool:
    return store.access_expires_at is not None and store.access_expires_at - timezone.now() < _EARLY
