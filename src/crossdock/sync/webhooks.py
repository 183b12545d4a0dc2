"""What channels tell us by themselves: believed for *that* something happened, never for *what*."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from crossdock.channels.contract import Event
from crossdock.channels.errors import Refused, Unreadable
from crossdock.channels.registry import channel
from crossdock.companies.scope import all_companies
from crossdock.stores.models import Store
from crossdock.stores.registration import NotRegistered, app_of, webhook_url
from crossdock.sync.jobs import look_at_order
from crossdock.sync.models import Counter, Message

_LARGEST = 1024 * 1024


@csrf_exempt
@require_POST
def webhook(request: HttpRequest, channel_name: str) -> HttpResponse:
    """Take a message: 200 once it is stored (or was before), 401 for a wrong signature, 413 over 1 MB."""
    if int(request.headers.get("content-length") or 0) > _LARGEST:
        return _counted("too large", HttpResponse(status=413))
    body = request.read(_LARGEST + 1)
    if len(body) > _LARGEST:
        return _counted("too large", HttpResponse(status=413))
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
        return _counted("wrong signature", HttpResponse(status=401))
    except Unreadable:
        return _counted("unreadable", HttpResponse(status=200))
    return _counted(_take(channel_name, events, body), HttpResponse(status=200))


def _take(channel_name: str, events: Iterable[Event], body: bytes) -> str:
    """Store each event once and have its orders looked at, in one transaction; what came of it."""
    result = "not about orders"
    with transaction.atomic():
        for event in events:
            store = _store(channel_name, event)
            if store is None:
                return "unknown shop"
            _, fresh = Message.objects.get_or_create(
                channel=channel_name, event_id=event.event_id, defaults={"body": body}
            )
            if not fresh:
                return "repeated"
            for order_id in event.order_ids:
                look_at_order.defer(
                    company_id=store.company_id, store_id=store.pk, order_id=order_id
                )
            result = "taken"
    return result


def _store(channel_name: str, event: Event) -> Store | None:
    with all_companies():
        found = Store.objects.filter(
            channel=channel_name, shop_id=event.shop_id, unlinked_at__isnull=True
        )
        if event.region:
            found = found.filter(region=event.region)
        return found.first()


def _counted(what: str, answer: HttpResponse) -> HttpResponse:
    Counter.objects.create(name=f"webhook {what}")
    return answer
