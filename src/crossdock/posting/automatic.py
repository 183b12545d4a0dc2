"""Posting without a press of the button, where the company wishes it."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from crossdock.companies.models import Company
from crossdock.orders.models import Order
from crossdock.posting.models import PostWhen, SqlAccount
from crossdock.posting.post_order import POSTED_ALREADY
from crossdock.rules.facts import Tab
from crossdock.work.batch import start
from crossdock.work.models import OPEN, Attempt, Priority, State

_AT_ONCE = 500
_AGAIN_AFTER = timedelta(hours=12)
"""An order that was refused, or left out, is tried again by itself only so much later, or once what
could not be read of it was read; by hand at any time."""
_FROM = {
    PostWhen.SHIPPED: (Tab.SHIPPED, Tab.DELIVERED, Tab.COMPLETED),
    PostWhen.DELIVERED: (Tab.DELIVERED, Tab.COMPLETED),
    PostWhen.COMPLETED: (Tab.COMPLETED,),
}


def post_what_is_due(company: Company, books: SqlAccount) -> int:
    """Begin a run over the orders that are far enough; how many. Orders once posted that changed go
    with them, wherever they stand."""
    tabs = _FROM.get(PostWhen(books.post_when))
    if not tabs:
        return 0
    busy = Attempt.objects.filter(order=OuterRef("pk"), action="post", state__in=OPEN)
    now = timezone.now()
    lately = Attempt.objects.filter(
        Q(order__problems_at=None) | Q(settled_at__gt=F("order__problems_at")),
        order=OuterRef("pk"),
        action="post",
        settled_at__range=(now - _AGAIN_AFTER, now),
    ).exclude(Q(state=State.DONE) | Q(words=POSTED_ALREADY))
    due = (
        Order.objects.filter(archived=False, lines_known=True)
        .filter(Q(tab__in=[tab.value for tab in tabs]) | ~Q(posted_fingerprint=""))
        .exclude(Exists(busy))
        .exclude(Exists(lately))
    )
    ids = list(due.order_by("pk").values_list("pk", flat=True)[:_AT_ONCE])
    if ids:
        start(
            company, None, "post", order_ids=ids, priority=Priority.SCHEDULE,
            form_key=f"automatic-{ids[0]}-{len(ids)}-{timezone.now():%Y%m%d%H%M}",
        )  # fmt: skip
    return len(ids)
