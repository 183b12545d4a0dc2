"""What goes of orders that are long over, where the operator set a term for it (``CROSSDOCK_KEEP_FINISHED_DAYS``).

Their channel's raw JSON, what was sent with each attempt, and their scans. Never what keeps a deed from
being done twice (an attempt's order, action and outcome, a document's number and key, the order's own
marks), and never their history.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from crossdock.companies.scope import all_companies
from crossdock.orders.marks import mark_details_removed
from crossdock.orders.models import Order, RawOrder
from crossdock.posting.models import SqlAccount
from crossdock.rules.facts import ENDS, POSTABLE
from crossdock.scanning.models import Scan, VerificationScan
from crossdock.work.models import Attempt

_CHUNK = 500
"""Orders of one transaction: locked for some hundredths of a second."""

Place = tuple[datetime, int]
"""How far it is: an order's last change, and its key."""


def remove_details() -> int:
    """Remove the details of all orders that are long over, in chunks; of how many orders."""
    days = settings.KEEP_FINISHED_DAYS
    if not days:
        return 0
    before = timezone.now() - timedelta(days=days)
    gone = 0
    with all_companies():
        rows = long_over(before)
        place: Place | None = None
        while chunk := _next(rows, place):
            gone += _remove(rows, [pk for _, pk in chunk], before)
            place = chunk[-1]
    return gone


def long_over(before: datetime) -> QuerySet[Order]:
    """Orders with details that nobody has touched since ``before``, here or out there: at the end of
    their way, with nothing open, and the books, where there are any, hold what they bill."""
    has_details = Q(details_removed_at=None) | Q(details_removed_at__lt=F("updated_at"))
    rows = Order.objects.filter(has_details, tab__in=sorted(tab.value for tab in ENDS))
    books = SqlAccount.objects.filter(company=OuterRef("company"))
    lately = Attempt.objects.filter(order=OuterRef("pk")).filter(
        Q(settled_at=None) | Q(settled_at__gte=before)
    )
    is_to_be_posted = Q(tab__in=[tab.value for tab in POSTABLE], archived=False) & Exists(books)
    return (
        rows.filter(updated_at__lt=before, fetched_at__lt=before, return_open=False)
        .exclude(~Q(posted_fingerprint="") & Q(archived=False))
        .exclude(is_to_be_posted)
        .exclude(Exists(lately))
    )


def _next(rows: QuerySet[Order], place: Place | None) -> list[Place]:
    """The next orders, the longest untouched first: as the index has them."""
    if place is not None:
        changed_at, pk = place
        rows = rows.filter(Q(updated_at__gt=changed_at) | Q(updated_at=changed_at, pk__gt=pk))
    return list(rows.order_by("updated_at", "pk").values_list("updated_at", "pk")[:_CHUNK])


def _remove(rows: QuerySet[Order], chosen: list[int], before: datetime) -> int:
    """Remove what these orders have, where they are still long over; of how many. One that is in
    somebody's hands is left to the next night: nobody waits for us, nor we for anybody."""
    with transaction.atomic():
        locked = rows.filter(pk__in=chosen).select_for_update(of=("self",), skip_locked=True)
        ids = list(locked.order_by("pk").values_list("pk", flat=True))
        RawOrder.objects.filter(order__in=ids).delete()
        Scan.objects.filter(order__in=ids, at__lt=before).delete()
        VerificationScan.objects.filter(
            verification__order__in=ids, verification__ended_at__lt=before
        ).delete()
        settled = Attempt.objects.filter(order__in=ids, settled_at__lt=before)
        settled.exclude(sent={}, options={}).update(sent={}, options={})
        mark_details_removed(ids, timezone.now())
    return len(ids)
