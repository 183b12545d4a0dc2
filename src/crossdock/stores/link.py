"""Linking a shop: to the channel's own page and back, with a state that is signed and used once."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass
from typing import Any

from django.core import signing
from django.db import IntegrityError, transaction
from django.utils import timezone

from crossdock.channels.contract import Grant, GrantedShop, Shop
from crossdock.channels.errors import ChannelError
from crossdock.channels.registry import channel
from crossdock.companies.models import Company
from crossdock.stores.models import Store
from crossdock.stores.registration import app_of, callback_url
from crossdock.stores.tokens import keep

_SALT = "stores.link"
_MINUTES = 30
_SESSION = "link-nonces"


class NotLinked(Exception):
    """The shop was not linked; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class State:
    """What we remember of a visit to the channel's page."""

    company: int
    channel: str
    region: str
    days: int


def authorize_url(
    session: MutableMapping[str, Any],
    company: Company,
    *,
    channel_name: str,
    region: str,
    days: int,
) -> str:
    """The channel's page for this company and region; the state is bound to the session.

    Raises LookupError for an unknown channel or region, NotRegistered without an app key.
    """
    known = channel(channel_name)
    if region not in {one.code for one in known.regions}:
        raise LookupError(f"{known.title} has no region {region!r}.")
    nonce = secrets.token_urlsafe(16)
    session[_SESSION] = [*session.get(_SESSION, [])[-9:], nonce]
    state = signing.dumps([company.pk, channel_name, region, days, nonce], salt=_SALT)
    return known.authorize_url(
        app_of(channel_name), region=region, redirect_uri=callback_url(channel_name), state=state
    )


def opened_state(session: MutableMapping[str, Any], channel_name: str, text: str) -> State:
    """The state that came back, used up. Raises NotLinked when it is not ours, or used before."""
    try:
        company, name, region, days, nonce = signing.loads(text, salt=_SALT, max_age=_MINUTES * 60)
    except (signing.BadSignature, ValueError):
        raise NotLinked(
            "This visit did not begin here, or took too long: start linking again."
        ) from None
    nonces = session.get(_SESSION, [])
    if nonce not in nonces or name != channel_name:
        raise NotLinked("This link was used already: start linking again.")
    session[_SESSION] = [one for one in nonces if one != nonce]
    return State(company, name, region, days)


def link(
    company: Company, *, channel_name: str, region: str, query: Mapping[str, str]
) -> list[Store]:
    """Turn what came back from the channel into linked stores; linking one again renews its tokens.

    Raises NotLinked with the channel's words, or when a shop belongs to somebody else here.
    """
    known, app = channel(channel_name), app_of(channel_name)
    try:
        grant = known.exchange(app, region=region, query=query)
        shops = [one for one in grant.shops if one.region == region] or list(grant.shops)
        if not shops:
            raise NotLinked(f"{known.title} did not say which shop this is: try again.")
        named = [
            (one, known.shop_name(Shop(app, one.shop_id, one.region, grant.access_token)))
            for one in shops
        ]
    except ChannelError as error:
        raise NotLinked(f"{known.title} says: {error.words}") from error
    return [_link_one(company, channel_name, one, name, grant) for one, name in named]


def _link_one(
    company: Company, channel_name: str, shop: GrantedShop, name: str, grant: Grant
) -> Store:
    store = (
        Store.objects.filter(channel=channel_name, region=shop.region, shop_id=shop.shop_id)
        .order_by("unlinked_at", "-pk")
        .first()
    )
    if store is None:
        store = Store(
            company=company, channel=channel_name, region=shop.region, shop_id=shop.shop_id
        )
    store.name = store.name or name or f"{channel_name} {shop.shop_id}"
    store.unlinked_at, store.linked_at = None, timezone.now()
    store.sync_error = ""
    keep(store, grant)
    try:
        with transaction.atomic():
            store.save()
    except IntegrityError:
        raise NotLinked(
            f"The shop {name} is linked in this installation already. Unlink it there first."
        ) from None
    return store
