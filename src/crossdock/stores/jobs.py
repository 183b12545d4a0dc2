"""The jobs of this room: the token calendar, and unlinking what still had something in the air."""

from __future__ import annotations

from typing import Any

import structlog
from django.db import transaction
from procrastinate.contrib.django import app

from crossdock.channels.errors import ChannelError, TokenDead
from crossdock.companies.only_one import Patiently
from crossdock.companies.scope import all_companies, company_scope
from crossdock.stores.calendar import Stage, ending_soon
from crossdock.stores.models import Store
from crossdock.stores.tokens import living
from crossdock.stores.unlink import finish_unlinking
from crossdock.stores.warn import send, tell_if_due

log = structlog.get_logger(__name__)

_QUEUE = "slow"
_LOOK_AGAIN_MS = 2000
_MAIL_AGAIN = Patiently(max_attempts=8, exponential_wait=4)


@app.periodic(cron="*/5 * * * *")
@app.task(name="stores.calendar", queue=_QUEUE, queueing_lock="stores.calendar")
def look_at_the_calendar(timestamp: int) -> None:
    """Every five minutes: who must be told that an authorisation ends, or has ended."""
    del timestamp
    with all_companies():
        warned = Store.objects.filter(unlinked_at__isnull=True).exclude(token_warned="")
        stores = list((ending_soon() | warned).order_by("pk"))
    for store in stores:
        with company_scope(store.company_id), transaction.atomic():
            for person_id, stage in tell_if_due(store):
                write_to_owner.defer(
                    company_id=store.company_id,
                    store_id=store.pk,
                    person_id=person_id,
                    stage=stage.value,
                )


@app.task(name="stores.write", queue=_QUEUE, retry=_MAIL_AGAIN)
def write_to_owner(company_id: int, store_id: int, person_id: int, stage: str) -> None:
    """Write one letter to one owner."""
    with company_scope(company_id):
        send(Store.objects.get(pk=store_id), Stage(stage), person_id)


@app.periodic(cron="11 */6 * * *")
@app.task(name="stores.keep_alive", queue=_QUEUE, queueing_lock="stores.keep_alive")
def keep_alive(timestamp: int) -> None:
    """A few times a day: have the tokens renewed that nobody calls with (a paused store's), since a
    refresh token that is not used ends after a time."""
    del timestamp
    with all_companies():
        stores = list(Store.objects.filter(unlinked_at__isnull=True, token_dead_words=""))
    for store in stores:
        renew_token.defer(company_id=store.company_id, store_id=store.pk)


@app.task(name="stores.renew", queue=_QUEUE)
def renew_token(company_id: int, store_id: int) -> None:
    """Renew a store's token if it runs out."""
    with company_scope(company_id):
        store = Store.objects.get(pk=store_id)
        if store.unlinked_at is not None or store.needs_relink:
            return
        try:
            living(store)
        except TokenDead:
            log.warning("a store must be linked again", store=store_id)
        except ChannelError as error:
            log.info("a token was not renewed; the next call tries", words=error.words)


@app.task(name="stores.unlink", queue=_QUEUE)
def finish(company_id: int, store_id: int) -> None:
    """Unlink a store once nothing of it is in the air any more."""
    with company_scope(company_id):
        if not finish_unlinking(store_id):
            defer_finish(company_id, store_id)


def defer_finish(company_id: int, store_id: int) -> None:
    """Have unlinking looked at again in a moment."""
    options: dict[str, Any] = {"schedule_in": {"milliseconds": _LOOK_AGAIN_MS}}
    finish.configure(**options).defer(company_id=company_id, store_id=store_id)
