"""A visit to a channel's page: its state is signed, bound to the session, and comes back once."""

from __future__ import annotations

import hashlib
import secrets
import time
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass
from typing import Any

from django.core import signing

from crossdock.channels.registry import channel
from crossdock.companies.models import Company
from crossdock.stores.models import FIRST_DAYS, SpentState, Store
from crossdock.stores.registration import app_of, callback_url
from crossdock.ui.sent import key_of

FIRST_DAYS_OFFERED = (FIRST_DAYS, 7, 15, 30, 90)
"""How far back the first sync can be asked to reach."""

_SALT = "stores.link"
_MINUTES = 30
_SESSION = "link-nonces"
_ARRIVED = "link-arrived"
_ARRIVED_SECONDS = 600
"""Shopee's codes live for 10 minutes; nobody's for less."""


class BadVisit(Exception):
    """Somebody came back who was not sent, or for the second time; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Visit:
    """What we remember of a visit to the channel's page."""

    company: int
    channel: str
    region: str
    """The region that was chosen: of the authorise page, not of the shop."""
    days: int
    store: int = 0
    """The store that is to be linked again; 0: whatever the seller opens."""


def authorize_url(
    session: MutableMapping[str, Any],
    company: Company,
    *,
    channel_name: str,
    region: str,
    days: int = FIRST_DAYS,
    store: Store | None = None,
) -> str:
    """The channel's page for this company and region; the visit is bound to the session.

    Raises LookupError for an unknown channel or region, NotRegistered without an app key.
    """
    known = channel(channel_name)
    if region not in {one.code for one in known.regions}:
        raise LookupError(f"{known.title} has no region {region!r}.")
    app, nonce = app_of(channel_name), secrets.token_urlsafe(16)
    session[_SESSION] = [*session.get(_SESSION, [])[-9:], nonce]
    state = signing.dumps(
        [company.pk, channel_name, region, days, store.pk if store else 0, nonce], salt=_SALT
    )
    return known.authorize_url(
        app, region=region, redirect_uri=callback_url(channel_name), state=state
    )


def page_region(store: Store) -> str:
    """The region of the authorise page through which this store can be linked again."""
    codes = [one.code for one in channel(store.channel).regions]
    return next(
        (code for code in (store.authorize_region, store.region) if code in codes), codes[0]
    )


def days_of(form: Mapping[str, str]) -> int:
    """The days that a form asks for; the usual ones where it asks for none that are offered."""
    days = key_of(form, "days")
    return days if days in FIRST_DAYS_OFFERED else FIRST_DAYS


def opened_state(session: MutableMapping[str, Any], channel_name: str, text: str) -> Visit:
    """The visit whose state came back, which is used up by this. Raises BadVisit."""
    try:
        *told, nonce = signing.loads(text, salt=_SALT, max_age=_MINUTES * 60)
        visit = Visit(told[0], told[1], told[2], told[3], told[4])
    except signing.SignatureExpired:
        raise BadVisit(
            f"The visit to the marketplace took longer than {_MINUTES} minutes: start linking again."
        ) from None
    except (signing.BadSignature, ValueError, IndexError):
        raise BadVisit("This visit did not begin here: start linking again.") from None
    nonces = session.get(_SESSION, [])
    if nonce not in nonces and not SpentState.objects.filter(nonce=nonce).exists():
        raise BadVisit(
            "This visit began in another browser or another login: start linking again, here."
        )
    if visit.channel != channel_name:
        raise BadVisit("This visit went to another marketplace: start linking again.")
    _spend(nonce)
    session[_SESSION] = [one for one in nonces if one != nonce]
    return visit


def keep_arrival(
    session: MutableMapping[str, Any], channel_name: str, query: Mapping[str, str]
) -> None:
    """Keep what a visit brought that did not begin here, until its person says for which company."""
    session[_ARRIVED] = {"channel": channel_name, "query": dict(query), "at": time.time()}


def arrival(session: Mapping[str, Any], channel_name: str) -> dict[str, str] | None:
    """What was kept for this channel; None where nothing was, or where it is over."""
    kept = session.get(_ARRIVED)
    if not kept or kept["channel"] != channel_name or time.time() - kept["at"] > _ARRIVED_SECONDS:
        return None
    return dict(kept["query"])


def take_arrival(session: MutableMapping[str, Any], channel_name: str) -> dict[str, str]:
    """The same, used up by this. Raises BadVisit."""
    query = arrival(session, channel_name)
    session.pop(_ARRIVED, None)
    if query is None:
        raise BadVisit("What the marketplace sent is over: start linking again.")
    _spend(hashlib.sha256(repr(sorted(query.items())).encode()).hexdigest())
    return query


def _spend(nonce: str) -> None:
    """Use a visit up: of any number of processes that try at once, one can."""
    _, fresh = SpentState.objects.get_or_create(nonce=nonce)
    if not fresh:
        raise BadVisit("This visit was used already: start linking again.")
