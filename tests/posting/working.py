"""Posting as a person and a worker do it."""

from __future__ import annotations

from crossdock.companies.models import Company
from crossdock.orders.models import Order
from crossdock.work.batch import start
from crossdock.work.lane import drain
from crossdock.work.models import Attempt, Lane
from tests.cast import Cast


def posted(
    cast: Cast, ids: list[str], key: str, *, company: Company | None = None
) -> list[Attempt]:
    """Post these orders (of Acme, else of the company whose scope is open) and work the lane until
    nothing moves."""
    chosen = Order.objects.filter(channel_order_id__in=ids).values_list("pk", flat=True)
    batch = start(company or cast.acme, cast.bo, "post", form_key=key, order_ids=list(chosen))
    for lane in Lane.objects.filter(name="sqlaccount"):
        drain(lane.pk)
    return list(Attempt.objects.filter(batch=batch).order_by("pk"))
