"""What channels tell us by themselves: believed for *that* something happened, never for *what*.

Every message is counted under what came of it. The answer is an empty body: some channels take
anything else for a failure.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import structlog
from django.db import connection, transaction
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from crossdock.channels.contract import Event, EventKind
from crossdock.channels.errors import Refused, Unreadable
from crossdock.channels.registry import channel
from crossdock.companies.scope import all_companies, company_scope
from crossdock.rules.from_outside import is_id, whole
from crossdock.stores.models import Store
from crossdock.stores.registration import NotRegistered, app_of, webhook_url
from crossdock.sync import named
from crossdock.sync.begin import begin_regular
from crossdock.sync.jobs import defer_look, defer_named, defer_pull, defer_verify
from crossdock.sync.models import Counter, Part
from crossdock.work.jobs import FAST

log = structlog.get_logger(__name__)

_LARGEST = 1024 * 1024
_LONGEST_EVENT_ID = 128
_MINUTE = 60.0
_UNLESS_IT_CAME = """
INSERT INTO sync_message (channel, event_id, received_at, body) VALUES (%s, %s, %s, %s)
ON CONFLICT (channel, event_id) DO NOTHING
"""
"""An insert that is meant to fail would be an ERROR in PostgreSQL's log, and marketplaces send twice."""
_rows_of_this_minute: dict[str, tuple[int, float]] = {}


class TooLarge(Exception):
    """The message is larger than any channel's."""


@csrf_exempt
@require_POST
def webhook(request: HttpRequest, channel_name: str) -> HttpResponse:
    """Take a message: 200 once it is stored (or was before), 401 for a wrong signature, 413 over 1 MB."""
    try:
        body = _body(request)
    except TooLarge:
        return _answer(413, "too large")
    headers = {name.lower(): value for name, value in request.headers.items()}
    try:
        events = list(
            channel(channel_name).event(
                app_of(channel_name), headers=headers, body=body, url=webhook_url(channel_name)
            )
        )
    except (LookupError, NotRegistered):
        return HttpResponse(status=404)
    except Refused:
        return _answer(401, "wrong signature")
    except Unreadable:
        return _answer(200, "unreadable")
    except Exception:
        log.exception("a message could not be read", channel=channel_name)
        return _answer(200, "unreadable")
    with transaction.atomic():
        _take(channel_name, events, body)
    return HttpResponse(status=200)


def _body(request: HttpRequest) -> bytes:
    """The raw body, whether its length was announced or it came in chunks. Raises TooLarge."""
    told = request.headers.get("content-length", "")
    if (whole(told) or 0) > _LARGEST:
        raise TooLarge
    # Without a length Django reads nothing: the server has put the chunks together behind its back.
    source: Any = request if told else request.META.get("wsgi.input", request)
    parts, left = [], _LARGEST + 1
    while left > 0 and (part := source.read(left)):
        parts.append(part)
        left -= len(part)
    if left <= 0:
        raise TooLarge
    return b"".join(parts)


def _take(channel_name: str, events: Sequence[Event], body: bytes) -> None:
    """Store the message once, and have what it is about looked at; count what came of it."""
    if not events:
        _count("not about orders")
    if not all(map(_can_be_kept, events)):
        _count("unreadable")
        return
    taken: dict[str, bool] = {}
    for event in events:
        stores = _stores(channel_name, event)
        if not stores:
            _count("unknown shop")
            continue
        if event.event_id not in taken:
            taken[event.event_id] = _store(channel_name, event.event_id, body)
        for store in stores:
            if not taken[event.event_id]:
                _count("repeated", store)
            elif store.paused_at:
                _count("paused store", store)  # its next pull covers the pause
            else:
                _follow(store, event)
                _count("taken", store)


def _can_be_kept(event: Event) -> bool:
    """Whether its ids can be those of a message, an order and a return."""
    ids = (*event.order_ids, *event.return_ids)
    return 0 < len(event.event_id) <= _LONGEST_EVENT_ID and all(map(is_id, ids))


def _store(channel_name: str, event_id: str, body: bytes) -> bool:
    """Keep a message; False when it came before, be it at this very moment."""
    with connection.cursor() as cursor:
        cursor.execute(_UNLESS_IT_CAME, [channel_name, event_id, timezone.now(), body])
        return bool(cursor.rowcount)


def _stores(channel_name: str, event: Event) -> list[Store]:
    """The linked stores that an event is about: several where it does not tell the region."""
    with all_companies():
        found = Store.objects.filter(
            channel=channel_name, shop_id=event.shop_id, unlinked_at__isnull=True
        )
        return list(found.filter(region=event.region) if event.region else found)


def _follow(store: Store, event: Event) -> None:
    """Have the channel asked about what happened, in the transaction that keeps the message."""
    with company_scope(store.company_id):
        if event.kind is EventKind.DEAUTHORIZED:
            defer_verify(store)
            return
        is_return = event.kind is EventKind.RETURN
        if event.order_ids and not is_return:
            named.note(store, event.order_ids)
            defer_named(store)
            return
        for order_id in event.order_ids:
            defer_look(store, order_id, return_ids=event.return_ids)
        if is_return and not event.order_ids:
            pull = begin_regular(store, Part.RETURNS)
            if pull is not None:
                defer_pull(pull, queue=FAST)


def _count(what: str, store: Store | None = None) -> None:
    """Count what came of a message: a row each where it led to a store. Of the others a stranger can send any
    number: a process keeps one row a minute for a kind of them, and adds to it."""
    name = f"webhook {what}"
    if store is not None:
        Counter.objects.create(name=name, store=store)
        return
    pk, began = _rows_of_this_minute.get(name, (0, 0.0))
    row = Counter.objects.filter(pk=pk, name=name, store=None)
    if time.monotonic() - began < _MINUTE and row.update(number=F("number") + 1):
        return
    _rows_of_this_minute[name] = (Counter.objects.create(name=name).pk, time.monotonic())


def _answer(status: int, what: str) -> HttpResponse:
    _count(what)
    return HttpResponse(status=status)
