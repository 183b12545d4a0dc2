"""What a store that is linked again, or is to be unlinked, means for the attempts of its orders; and
what waited for something else to be connected again."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from crossdock.stores.linked import OpenWork
from crossdock.stores.models import Store
from crossdock.work.jobs import FAST, defer_drain, finish_batch
from crossdock.work.models import Attempt, State

_UNSENT = (State.QUEUED, State.WAITING)
_IN_AIR = (State.SENDING, State.ASKING)


def go_on(store: Store, days: int) -> None:
    """A store was linked: what waited for it goes on at once."""
    del days
    wake(_of(store))


def wake(attempts: QuerySet[Attempt]) -> None:
    """What waits among these attempts goes on at once."""
    with transaction.atomic():
        waiting = attempts.filter(state=State.WAITING)
        lanes = set(waiting.values_list("company_id", "lane_id"))
        waiting.update(state=State.QUEUED, due_at=timezone.now())
        for company_id, lane_id in sorted(lanes):
            defer_drain(company_id, lane_id, queue=FAST)


class EndOfAStore:
    """What must end before a store is unlinked (``stores.linked.Unlinking``)."""

    def open_work(self, store: Store) -> OpenWork:
        """How many attempts of the store's orders are open, and how far."""
        counted = _of(store).aggregate(
            unsent=Count("pk", filter=Q(state__in=_UNSENT)),
            in_air=Count("pk", filter=Q(state__in=_IN_AIR)),
            unclear=Count("pk", filter=Q(state=State.UNCLEAR)),
        )
        return OpenWork(**counted)

    def cancel_unsent(self, store: Store) -> int:
        """Cancel what was not sent, and close the batches that this completes."""
        with transaction.atomic():
            unsent = _of(store).filter(state__in=_UNSENT)
            batches = set(
                unsent.filter(batch__finished_at__isnull=True).values_list("batch_id", flat=True)
            )
            cancelled = unsent.update(
                state=State.CANCELLED,
                words=f"{store.name} is being unlinked: this was not sent.",
                settled_at=timezone.now(),
            )
            for batch_id in sorted(batch for batch in batches if batch is not None):
                finish_batch.defer(company_id=store.company_id, batch_id=batch_id)
        return cancelled


def _of(store: Store) -> QuerySet[Attempt]:
    """The attempts that call this store's channel; postings of its orders go elsewhere."""
    return Attempt.objects.filter(lane__name__startswith=f"store:{store.pk}:")
