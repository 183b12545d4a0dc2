"""What a store's channel does not permit us: noted when a call is refused for it, gone once one of the
kind works again. The token lives meanwhile, and everything else goes on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import structlog
from django.db import transaction
from django.utils import timezone

from crossdock.channels.permissions import Permission
from crossdock.companies.scope import company_scope
from crossdock.stores.models import Store

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Missing:
    """A permission that a store lacks."""

    name: str
    lack: str
    """What it is, what does not work without it and where it is granted, in sentences."""
    words: str
    """The channel's own, of the last refusal."""
    since: datetime
    is_for_orders: bool
    """No order comes in without it."""


def missing_of(store: Store) -> list[Missing]:
    """What the store lacks, what stops orders first."""
    found = [
        Missing(
            name,
            told["lack"],
            told["words"],
            datetime.fromisoformat(told["since"]),
            told["is_for_orders"],
        )
        for name, told in store.missing_permissions.items()
    ]
    return sorted(found, key=lambda one: (not one.is_for_orders, one.since))


def note_permission(store: Store, permission: Permission, words: str) -> None:
    """Keep what an answer of the channel says: ``words`` of a refusal, "" of a call that worked."""
    known = store.missing_permissions.get(permission.name)
    if (known["words"] if known else "") == words:
        return
    with company_scope(store.company_id), transaction.atomic():
        row = Store.objects.select_for_update().get(pk=store.pk)
        missing = row.missing_permissions
        before = missing.pop(permission.name, None)
        if words:
            missing[permission.name] = {
                "lack": permission.lack,
                "words": words,
                "since": before["since"] if before else timezone.now().isoformat(),
                "is_for_orders": permission.is_for_orders,
            }
        row.save(update_fields=["missing_permissions"])
    store.missing_permissions = missing
    if words and not before:
        log.warning("a permission is missing", store=store.pk, permission=permission.name)
